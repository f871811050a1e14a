//! What a person's role, or a third-party tool's scope, allows; who may hold a post; how often a password may be wrong.

pub mod lock_out;
pub mod post_holdings;

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// What a person does in the service. One user has one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Role {
    /// Budgets, ledger, grants, year end.
    FinanceOfficer,
    /// Business support to the panel: agendas, minutes and sheets; keeps children, packages and providers up to date.
    PanelSupport,
    /// Social worker or intervention worker.
    Practitioner,
    /// Team, partnership or service unit manager.
    Manager,
    /// Head of service.
    HeadOfService,
    /// Assistant director or director.
    AssistantDirector,
    /// Reads everything, changes nothing.
    Auditor,
    /// Opens log-ins; sees no child's record and no money.
    Administrator,
}

/// One thing a caller may do. Also the words of an API client's scope.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
    ToSchema
)]
pub enum Permission {
    /// Financial years, budget lines, providers and the profile: what others stand on.
    #[serde(rename = "reference:read")]
    #[strum(serialize = "reference:read")]
    ReferenceRead,
    /// Add providers.
    #[serde(rename = "providers:write")]
    #[strum(serialize = "providers:write")]
    ProvidersWrite,
    /// Budget movements.
    #[serde(rename = "budgets:read")]
    #[strum(serialize = "budgets:read")]
    BudgetsRead,
    /// Open financial years, add budget lines; set, vire, adjust and reverse budgets.
    #[serde(rename = "budgets:write")]
    #[strum(serialize = "budgets:write")]
    BudgetsWrite,
    /// Children's records: personal data, every read audited.
    #[serde(rename = "children:read")]
    #[strum(serialize = "children:read")]
    ChildrenRead,
    /// Register children.
    #[serde(rename = "children:write")]
    #[strum(serialize = "children:write")]
    ChildrenWrite,
    /// Packages and their lines.
    #[serde(rename = "packages:read")]
    #[strum(serialize = "packages:read")]
    PackagesRead,
    /// Record, end and reverse packages and lines.
    #[serde(rename = "packages:write")]
    #[strum(serialize = "packages:write")]
    PackagesWrite,
    /// Who holds which post.
    #[serde(rename = "posts:read")]
    #[strum(serialize = "posts:read")]
    PostsRead,
    /// Put people in posts and take them out.
    #[serde(rename = "posts:write")]
    #[strum(serialize = "posts:write")]
    PostsWrite,
    /// Assessments.
    #[serde(rename = "assessments:read")]
    #[strum(serialize = "assessments:read")]
    AssessmentsRead,
    /// Record assessments and their steps, all but the authorisation.
    #[serde(rename = "assessments:write")]
    #[strum(serialize = "assessments:write")]
    AssessmentsWrite,
    /// Authorise an assessment that somebody else made.
    #[serde(rename = "assessments:authorise")]
    #[strum(serialize = "assessments:authorise")]
    AssessmentsAuthorise,
    /// Requests, their paperwork and decisions: personal data, every read audited.
    #[serde(rename = "requests:read")]
    #[strum(serialize = "requests:read")]
    RequestsRead,
    /// Write, submit and withdraw requests; record appeals, and that actions are done.
    #[serde(rename = "requests:write")]
    #[strum(serialize = "requests:write")]
    RequestsWrite,
    /// Panels, their members and agendas.
    #[serde(rename = "panels:read")]
    #[strum(serialize = "panels:read")]
    PanelsRead,
    /// Make the calendar, book requests, record members, attendance, interests and notes.
    #[serde(rename = "panels:write")]
    #[strum(serialize = "panels:write")]
    PanelsWrite,
    /// Decide, ratify and authorise, as far as the caller's post goes; record appeals' outcomes and case management decisions.
    #[serde(rename = "decisions:write")]
    #[strum(serialize = "decisions:write")]
    DecisionsWrite,
    /// Grants and activity returns.
    #[serde(rename = "grants:read")]
    #[strum(serialize = "grants:read")]
    GrantsRead,
    /// Record and reverse grants and activity returns.
    #[serde(rename = "grants:write")]
    #[strum(serialize = "grants:write")]
    GrantsWrite,
    /// Direct payment accounts, their returns and audits: personal data, every read audited.
    #[serde(rename = "direct_payments:read")]
    #[strum(serialize = "direct_payments:read")]
    DirectPaymentsRead,
    /// Open accounts, record what they need, export pay files, record returns, audits and repayments.
    #[serde(rename = "direct_payments:write")]
    #[strum(serialize = "direct_payments:write")]
    DirectPaymentsWrite,
    /// Health's share of package lines, and the invoices for it.
    #[serde(rename = "joint_funding:read")]
    #[strum(serialize = "joint_funding:read")]
    JointFundingRead,
    /// Record health's share, invoice it, record credit notes, receipts and disputes.
    #[serde(rename = "joint_funding:write")]
    #[strum(serialize = "joint_funding:write")]
    JointFundingWrite,
    /// Nights away, booked and stayed: personal data, every read audited.
    #[serde(rename = "nights:read")]
    #[strum(serialize = "nights:read")]
    NightsRead,
    /// Book nights, record what was stayed, acknowledge that a limit is passed as far as the caller's post goes.
    #[serde(rename = "nights:write")]
    #[strum(serialize = "nights:write")]
    NightsWrite,
    /// Ledger files and entries.
    #[serde(rename = "ledger:read")]
    #[strum(serialize = "ledger:read")]
    LedgerRead,
    /// Import ledger files; reverse and recode entries.
    #[serde(rename = "ledger:write")]
    #[strum(serialize = "ledger:write")]
    LedgerWrite,
    /// Published reports, which hold no child's record.
    #[serde(rename = "reports:read")]
    #[strum(serialize = "reports:read")]
    ReportsRead,
    /// The audit trail.
    #[serde(rename = "audit:read")]
    #[strum(serialize = "audit:read")]
    AuditRead,
    /// Users and API clients.
    #[serde(rename = "access:read")]
    #[strum(serialize = "access:read")]
    AccessRead,
    /// Add and disable users and API clients.
    #[serde(rename = "access:write")]
    #[strum(serialize = "access:write")]
    AccessWrite,
}

/// What a finance officer may do.
const FINANCE_OFFICER: &[Permission] = &[
    Permission::ReferenceRead,
    Permission::ProvidersWrite,
    Permission::BudgetsRead,
    Permission::BudgetsWrite,
    Permission::ChildrenRead,
    Permission::PackagesRead,
    Permission::PackagesWrite,
    Permission::PostsRead,
    Permission::RequestsRead,
    Permission::PanelsRead,
    Permission::GrantsRead,
    Permission::GrantsWrite,
    Permission::DirectPaymentsRead,
    Permission::DirectPaymentsWrite,
    Permission::JointFundingRead,
    Permission::JointFundingWrite,
    Permission::NightsRead,
    Permission::LedgerRead,
    Permission::LedgerWrite,
    Permission::ReportsRead,
];

/// What the panel's business support may do.
const PANEL_SUPPORT: &[Permission] = &[
    Permission::ReferenceRead,
    Permission::ProvidersWrite,
    Permission::BudgetsRead,
    Permission::ChildrenRead,
    Permission::ChildrenWrite,
    Permission::PackagesRead,
    Permission::PackagesWrite,
    Permission::PostsRead,
    Permission::AssessmentsRead,
    Permission::RequestsRead,
    Permission::RequestsWrite,
    Permission::PanelsRead,
    Permission::PanelsWrite,
    Permission::GrantsRead,
    Permission::DirectPaymentsRead,
    Permission::NightsRead,
    Permission::NightsWrite,
    Permission::ReportsRead,
];

/// What a practitioner may do.
const PRACTITIONER: &[Permission] = &[
    Permission::ReferenceRead,
    Permission::ChildrenRead,
    Permission::ChildrenWrite,
    Permission::PackagesRead,
    Permission::PostsRead,
    Permission::AssessmentsRead,
    Permission::AssessmentsWrite,
    Permission::RequestsRead,
    Permission::RequestsWrite,
    Permission::PanelsRead,
    Permission::DirectPaymentsRead,
    Permission::NightsRead,
    Permission::NightsWrite,
];

/// What a manager, a head of service and an assistant director may do.
const MANAGERS: &[Permission] = &[
    Permission::ReferenceRead,
    Permission::BudgetsRead,
    Permission::ChildrenRead,
    Permission::PackagesRead,
    Permission::PostsRead,
    Permission::AssessmentsRead,
    Permission::AssessmentsWrite,
    Permission::AssessmentsAuthorise,
    Permission::RequestsRead,
    Permission::RequestsWrite,
    Permission::PanelsRead,
    Permission::DecisionsWrite,
    Permission::GrantsRead,
    Permission::DirectPaymentsRead,
    Permission::JointFundingRead,
    Permission::NightsRead,
    Permission::NightsWrite,
    Permission::LedgerRead,
    Permission::ReportsRead,
];

/// What an auditor may do.
const AUDITOR: &[Permission] = &[
    Permission::ReferenceRead,
    Permission::BudgetsRead,
    Permission::ChildrenRead,
    Permission::PackagesRead,
    Permission::PostsRead,
    Permission::AssessmentsRead,
    Permission::RequestsRead,
    Permission::PanelsRead,
    Permission::GrantsRead,
    Permission::DirectPaymentsRead,
    Permission::JointFundingRead,
    Permission::NightsRead,
    Permission::LedgerRead,
    Permission::ReportsRead,
    Permission::AuditRead,
    Permission::AccessRead,
];

/// What an administrator may do.
const ADMINISTRATOR: &[Permission] = &[
    Permission::ReferenceRead,
    Permission::PostsRead,
    Permission::PostsWrite,
    Permission::AuditRead,
    Permission::AccessRead,
    Permission::AccessWrite,
];

impl Role {
    /// What the role allows.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Role::FinanceOfficer => FINANCE_OFFICER,
            Role::PanelSupport => PANEL_SUPPORT,
            Role::Practitioner => PRACTITIONER,
            Role::Manager | Role::HeadOfService | Role::AssistantDirector => MANAGERS,
            Role::Auditor => AUDITOR,
            Role::Administrator => ADMINISTRATOR,
        }
    }
}

word_column!(Role, Permission);

#[cfg(test)]
mod tests {
    use super::*;

    /// What each role allows, word for word: whoever gives a role one permission more writes it here too, and says so.
    #[test]
    fn every_role_allows_exactly_this() {
        let allowed = [
            (
                Role::FinanceOfficer,
                "reference:read providers:write budgets:read budgets:write children:read packages:read packages:write posts:read \
                 requests:read panels:read grants:read grants:write direct_payments:read direct_payments:write joint_funding:read \
                 joint_funding:write nights:read ledger:read ledger:write reports:read",
            ),
            (
                Role::PanelSupport,
                "reference:read providers:write budgets:read children:read children:write packages:read packages:write posts:read \
                 assessments:read requests:read requests:write panels:read panels:write grants:read direct_payments:read nights:read \
                 nights:write reports:read",
            ),
            (
                Role::Practitioner,
                "reference:read children:read children:write packages:read posts:read assessments:read assessments:write \
                 requests:read requests:write panels:read direct_payments:read nights:read nights:write",
            ),
            (
                Role::Manager,
                "reference:read budgets:read children:read packages:read posts:read assessments:read assessments:write \
                 assessments:authorise requests:read requests:write panels:read decisions:write grants:read direct_payments:read \
                 joint_funding:read nights:read nights:write ledger:read reports:read",
            ),
            (
                Role::HeadOfService,
                "reference:read budgets:read children:read packages:read posts:read assessments:read assessments:write \
                 assessments:authorise requests:read requests:write panels:read decisions:write grants:read direct_payments:read \
                 joint_funding:read nights:read nights:write ledger:read reports:read",
            ),
            (
                Role::AssistantDirector,
                "reference:read budgets:read children:read packages:read posts:read assessments:read assessments:write \
                 assessments:authorise requests:read requests:write panels:read decisions:write grants:read direct_payments:read \
                 joint_funding:read nights:read nights:write ledger:read reports:read",
            ),
            (
                Role::Auditor,
                "reference:read budgets:read children:read packages:read posts:read assessments:read requests:read panels:read \
                 grants:read direct_payments:read joint_funding:read nights:read ledger:read reports:read audit:read access:read",
            ),
            (Role::Administrator, "reference:read posts:read posts:write audit:read access:read access:write"),
        ];
        assert_eq!(allowed.map(|(role, _)| role), Role::VARIANTS, "each role once");
        for (role, words) in allowed {
            assert_eq!(role.permissions().iter().map(Permission::as_str).collect::<Vec<_>>().join(" "), words, "{role}");
        }
    }

    #[test]
    fn an_auditor_changes_nothing_and_an_administrator_sees_no_child() {
        assert!(Role::Auditor.permissions().iter().all(|p| p.as_str().ends_with(":read")));
        let administrator = Role::Administrator.permissions();
        assert!(!administrator.contains(&Permission::ChildrenRead) && !administrator.contains(&Permission::PackagesRead));
    }

    #[test]
    fn whoever_authorises_an_assessment_looks_at_it_on_the_way_and_whoever_decides_records_what_follows() {
        for role in Role::VARIANTS {
            let may = |permission| role.permissions().contains(&permission);
            assert!(!may(Permission::AssessmentsAuthorise) || may(Permission::AssessmentsWrite), "{role}");
            assert!(!may(Permission::DecisionsWrite) || may(Permission::RequestsWrite), "{role}");
        }
    }

    #[test]
    fn only_an_administrator_opens_log_ins_and_fills_posts_and_decides_nothing() {
        for role in Role::VARIANTS.iter().filter(|role| **role != Role::Administrator) {
            assert!(!role.permissions().contains(&Permission::AccessWrite), "{role}");
            assert!(!role.permissions().contains(&Permission::PostsWrite), "{role}");
        }
        assert!(!Role::Administrator.permissions().contains(&Permission::DecisionsWrite));
    }
}
