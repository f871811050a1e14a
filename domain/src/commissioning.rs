//! The words and rules of commissioning: the steps from an approval to a package in force.

pub mod approval;
pub mod arrangement;
pub mod before_start;
pub mod drift;
pub mod purchase_orders;
pub mod steps;

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

pub use crate::providers::governance::{GovernanceFinding, GovernanceState, GovernanceStatus};

/// A step from an approval to a package in force. Which of them are asked for, and of what support, is in the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum CommissioningStep {
    /// The family heard the outcome.
    FamilyTold,
    /// Everybody concerned had the outcome in writing.
    OutcomeSent,
    /// The manager's case note is on the child's record. Known from the decision.
    CaseManagementDecision,
    /// The child's profile went out to the framework of providers.
    ProfileSent,
    /// A provider of the framework can take the support.
    ProviderFound,
    /// The provider was found to have the skills that the child needs.
    SkillsConfirmed,
    /// An information sharing agreement with the provider.
    InformationSharingAgreement,
    /// The placement agreement, signed by the provider and by a manager.
    PlacementAgreement,
    /// The placement agreement went to the officer for the service.
    AgreementSent,
    /// The provider was told that the contract governs the package.
    ContractTermsTold,
    /// All paperwork is on the child's record.
    PaperworkFiled,
    /// A package line carries out what was agreed. Known from the package.
    PackageRecorded,
    /// A purchase order was raised. Known from the order.
    PurchaseOrder,
}

word_column!(CommissioningStep);

impl CommissioningStep {
    /// Whether it is taken for each agreed line, since each may have a provider of its own; otherwise once for the request.
    pub fn is_of_a_line(self) -> bool {
        use CommissioningStep as S;
        match self {
            S::FamilyTold | S::OutcomeSent | S::CaseManagementDecision | S::PaperworkFiled => false,
            S::ProfileSent
            | S::ProviderFound
            | S::SkillsConfirmed
            | S::InformationSharingAgreement
            | S::PlacementAgreement
            | S::AgreementSent
            | S::ContractTermsTold
            | S::PackageRecorded
            | S::PurchaseOrder => true,
        }
    }

    /// Whether it is about one provider, who is then named.
    pub fn names_a_provider(self) -> bool {
        use CommissioningStep as S;
        matches!(
            self,
            S::ProviderFound
                | S::SkillsConfirmed
                | S::InformationSharingAgreement
                | S::PlacementAgreement
                | S::AgreementSent
                | S::ContractTermsTold
        )
    }

    /// The record that shows the step to be taken; none, the step is recorded itself.
    pub fn shown_by(self) -> Option<&'static str> {
        match self {
            CommissioningStep::CaseManagementDecision => Some("the case management decision"),
            CommissioningStep::PackageRecorded => Some("the package line"),
            CommissioningStep::PurchaseOrder => Some("the purchase order"),
            _ => None,
        }
    }

    /// Whether a package line, or what needs one, shows it: it cannot come before the line itself.
    pub fn follows_the_package_line(self) -> bool {
        matches!(self, CommissioningStep::PackageRecorded | CommissioningStep::PurchaseOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::approval::{Approval, ApprovedLine, Taken};
    use super::*;
    use crate::profile::{CommissioningPolicy, StepDemand};
    use chrono::NaiveDate;

    pub(super) fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// A step asked for, of all support, named as it is.
    pub(super) fn demand(step: CommissioningStep) -> StepDemand {
        StepDemand {
            step,
            name: step.to_string(),
            budget_lines: Vec::new(),
            before_start: false,
            after: Vec::new(),
            posts: Vec::new(),
            from: None,
            clause: "Here".to_owned(),
        }
    }

    pub(super) fn policy(steps: Vec<StepDemand>) -> CommissioningPolicy {
        CommissioningPolicy { steps, ..CommissioningPolicy::default() }
    }

    /// An approval of 10 June 2024 with these lines, which were agreed from 1 July.
    pub(super) fn approval(lines: &[&str]) -> Approval {
        let mut approval = Approval::new("d".to_owned(), day("2024-06-10"));
        approval.lines.extend(lines.iter().map(|id| ApprovedLine {
            id: (*id).to_owned(),
            service: "home_care".to_owned(),
            budget_line: "home_care".to_owned(),
            valid_from: day("2024-07-01"),
        }));
        approval
    }

    pub(super) fn taken(on: &str) -> Taken {
        Taken { record_id: None, on: day(on), by: "ann".to_owned(), provider_id: None }
    }

    #[test]
    fn the_words_are_those_of_the_database() {
        let words: Vec<_> = CommissioningStep::VARIANTS.iter().map(CommissioningStep::as_str).collect();
        assert_eq!(
            words,
            [
                "family_told",
                "outcome_sent",
                "case_management_decision",
                "profile_sent",
                "provider_found",
                "skills_confirmed",
                "information_sharing_agreement",
                "placement_agreement",
                "agreement_sent",
                "contract_terms_told",
                "paperwork_filed",
                "package_recorded",
                "purchase_order",
            ]
        );
        for (sql, name) in [
            (include_str!("../../migrations/sqlite/0011_commissioning/up.sql"), "sqlite"),
            (include_str!("../../migrations/postgres/0011_commissioning/up.sql"), "postgres"),
        ] {
            for step in CommissioningStep::VARIANTS.iter().filter(|step| step.shown_by().is_none()) {
                assert!(sql.contains(&format!("'{step}'")), "{step} is not in {name}");
            }
        }
    }

    #[test]
    fn a_step_about_a_provider_is_of_a_line() {
        for step in CommissioningStep::VARIANTS.iter().filter(|step| step.names_a_provider()) {
            assert!(step.is_of_a_line() && step.shown_by().is_none(), "{step}");
        }
    }
}
