//! The words of commissioning: the steps from an approval to a package in force, and how a provider's governance stands.

use crate::column::word_column;
use chrono::NaiveDate;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// A step from an approval to a package in force. Which of them are asked for, and of what support, is in the profile.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
    ToSchema,
    AsExpression,
    FromSqlRow,
)]
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

/// How an item of a provider's governance was found.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
    ToSchema,
    AsExpression,
    FromSqlRow,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum GovernanceStatus {
    /// In place.
    Green,
    /// Not in place.
    Red,
}

/// How an item of a provider's governance stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GovernanceState {
    /// In place.
    Green,
    /// Found not to be in place.
    Red,
    /// In place once, and over.
    Expired,
    /// Nothing is on record.
    Missing,
}

word_column!(CommissioningStep, GovernanceStatus);

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
    pub fn is_known_from(self) -> Option<&'static str> {
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

/// What is on record of an item of a provider's governance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GovernanceFinding {
    /// How it was found.
    pub status: GovernanceStatus,
    /// The first day it holds.
    pub valid_from: NaiveDate,
    /// The first day it no longer holds; none, no end is known.
    pub expires_on: Option<NaiveDate>,
}

impl GovernanceState {
    /// How an item stands on a day, by everything on record of it, the oldest record first: of what has begun by then, the record
    /// made last counts. What is still to come takes nothing away from what holds until then.
    pub fn on(day: NaiveDate, findings: &[GovernanceFinding]) -> Self {
        match findings.iter().rfind(|finding| finding.valid_from <= day) {
            None => GovernanceState::Missing,
            Some(GovernanceFinding { status: GovernanceStatus::Red, .. }) => GovernanceState::Red,
            Some(GovernanceFinding { expires_on: Some(end), .. }) if *end <= day => GovernanceState::Expired,
            Some(_) => GovernanceState::Green,
        }
    }

    /// The rating of a provider with items in these states: green when every one of them is.
    pub fn rating(states: impl IntoIterator<Item = GovernanceState>) -> GovernanceStatus {
        let is_green = states.into_iter().all(|state| state == GovernanceState::Green);
        if is_green { GovernanceStatus::Green } else { GovernanceStatus::Red }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn finding(status: GovernanceStatus, from: &str, to: Option<&str>) -> GovernanceFinding {
        GovernanceFinding { status, valid_from: day(from), expires_on: to.map(day) }
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
        assert_eq!(GovernanceStatus::VARIANTS.iter().map(GovernanceStatus::as_str).collect::<Vec<_>>(), ["green", "red"]);
        for (sql, name) in [
            (include_str!("../../migrations/sqlite/0011_commissioning/up.sql"), "sqlite"),
            (include_str!("../../migrations/postgres/0011_commissioning/up.sql"), "postgres"),
        ] {
            for step in CommissioningStep::VARIANTS.iter().filter(|step| step.is_known_from().is_none()) {
                assert!(sql.contains(&format!("'{step}'")), "{step} is not in {name}");
            }
        }
    }

    #[test]
    fn a_step_about_a_provider_is_of_a_line() {
        for step in CommissioningStep::VARIANTS.iter().filter(|step| step.names_a_provider()) {
            assert!(step.is_of_a_line() && step.is_known_from().is_none(), "{step}");
        }
    }

    #[test]
    fn an_item_is_red_on_the_very_day_it_expires_and_not_the_day_before() {
        let year = [finding(GovernanceStatus::Green, "2024-02-29", Some("2025-02-28"))];
        for (on, state) in [
            ("2024-02-28", GovernanceState::Missing),
            ("2024-02-29", GovernanceState::Green),
            ("2025-02-27", GovernanceState::Green),
            ("2025-02-28", GovernanceState::Expired),
            ("2099-01-01", GovernanceState::Expired),
        ] {
            assert_eq!(GovernanceState::on(day(on), &year), state, "{on}");
        }
        assert_eq!(GovernanceState::on(day("2024-01-01"), &[]), GovernanceState::Missing);
    }

    #[test]
    fn the_record_made_last_counts_once_it_has_begun() {
        let (green, red) = (GovernanceStatus::Green, GovernanceStatus::Red);
        // Renewed ahead of time, then found wanting, then put right for the same days.
        let all = [
            finding(green, "2024-01-01", Some("2024-07-01")),
            finding(green, "2024-07-01", Some("2025-07-01")),
            finding(red, "2024-09-01", None),
            finding(green, "2024-09-10", Some("2025-07-01")),
        ];
        for (on, state) in [
            ("2024-06-30", GovernanceState::Green),
            ("2024-07-01", GovernanceState::Green),
            ("2024-09-01", GovernanceState::Red),
            ("2024-09-09", GovernanceState::Red),
            ("2024-09-10", GovernanceState::Green),
            ("2025-07-01", GovernanceState::Expired),
        ] {
            assert_eq!(GovernanceState::on(day(on), &all), state, "{on}");
        }
    }

    #[test]
    fn one_item_that_is_not_green_makes_the_provider_red_and_no_item_at_all_does_not() {
        use GovernanceState as G;
        assert_eq!(GovernanceState::rating([]), GovernanceStatus::Green);
        assert_eq!(GovernanceState::rating([G::Green, G::Green]), GovernanceStatus::Green);
        for other in [G::Red, G::Expired, G::Missing] {
            assert_eq!(GovernanceState::rating([G::Green, other]), GovernanceStatus::Red);
        }
    }
}
