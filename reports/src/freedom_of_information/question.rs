//! The questions that the pack answers.

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, VariantArray, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FreedomOfInformationQuestion {
    /// Children with support in force on any day of the year, by band of age and budget line.
    Children,
    /// Children with support in force on the year's last day, or on the snapshot's, by budget line.
    ChildrenNow,
    /// Children whose families were paid in the year.
    DirectPaymentChildren,
    /// What they were paid for days of the year.
    DirectPaymentsPaid,
    /// What a week of the direct payments in force on that day costs.
    DirectPaymentsWeeklyTotal,
    /// The same for one child.
    DirectPaymentsWeeklyAverage,
    /// Children whose families were asked in the year to pay something back.
    RepaymentsAsked,
    /// What they were asked for.
    RepaymentsAskedTotal,
    /// Children whose families paid something back in the year.
    RepaymentsReceived,
    /// What came back.
    RepaymentsReceivedTotal,
    /// What was allocated, by unit.
    Allocated,
    /// What was used of it, by unit.
    Used,
    /// What was spent, by budget line.
    Spend,
    /// What the budget was, by budget line.
    Budget,
    /// The net expenditure of each section 251 line, by the budget lines that make it up.
    Section251,
    /// How much more that is than the year before: which budget line moved a section 251 line.
    Section251Change,
    /// What a whole year of the support costs that was in force on the year's last day, or on the snapshot's: the projection of the next year.
    NextYear,
    /// Children by ethnicity.
    Ethnicity,
    /// Families.
    Families,
    /// Services that the public is told of, by kind and band of age.
    Services,
    /// Places, by group of age.
    Places,
}

/// What an answer is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum InformationMeasure {
    /// How many children.
    Children,
    /// Money, in pence.
    Pence,
    /// Units, in thousandths.
    Thousandths,
    /// How many services.
    Services,
}

impl FreedomOfInformationQuestion {
    /// The question as it is asked.
    pub fn asked(self) -> &'static str {
        use FreedomOfInformationQuestion as Q;
        match self {
            Q::Children => "How many children had support in force on any day of the year, by age and service?",
            Q::ChildrenNow => "How many children have support on the year's last day, or now, by service?",
            Q::DirectPaymentChildren => "For how many children were direct payments paid in the year?",
            Q::DirectPaymentsPaid => "What was paid in direct payments for days of the year?",
            Q::DirectPaymentsWeeklyTotal => "What does a week of the direct payments cost, on the year's last day or now?",
            Q::DirectPaymentsWeeklyAverage => "What does that week cost for one child, on average?",
            Q::RepaymentsAsked => "Of how many children's families was repayment asked in the year?",
            Q::RepaymentsAskedTotal => "How much were they asked to repay?",
            Q::RepaymentsReceived => "How many children's families repaid something in the year?",
            Q::RepaymentsReceivedTotal => "How much came back?",
            Q::Allocated => "How many hours, nights and other units were allocated?",
            Q::Used => "How many of them were used?",
            Q::Spend => "What was spent on each service?",
            Q::Budget => "What was the budget of each service?",
            Q::Section251 => "What makes up each short-breaks line of the section 251 return?",
            Q::Section251Change => "What moved each line of the section 251 return since the year before?",
            Q::NextYear => "What is projected for the next year, if support stays as it was on the year's last day or is now?",
            Q::Ethnicity => "How many children had support, by ethnicity?",
            Q::Families => "How many families had support?",
            Q::Services => "How many services were on offer, by kind and age?",
            Q::Places => "How many places are there, by age?",
        }
    }

    /// Why there is no answer, where none is held at all.
    pub(super) fn not_held(self) -> Option<&'static str> {
        use FreedomOfInformationQuestion as Q;
        match self {
            Q::Ethnicity => Some("Not held: ethnicity is not recorded in this system."),
            Q::Families => Some("Not held: children are recorded, and not which of them are of one family."),
            Q::Places => Some("Not held: the places of a service are not recorded."),
            _ => None,
        }
    }

    /// The word in JSON and CSV.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
