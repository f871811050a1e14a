//! What a person's role, or a third-party tool's scope, allows; who may hold a post; how often a password may be wrong.

pub mod access;
pub mod lock_out;
mod permissions;
pub mod post_holdings;
pub mod posts_over_money;
pub mod tools;

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
    /// Editions of the statement, drafts among them.
    #[serde(rename = "statement:read")]
    #[strum(serialize = "statement:read")]
    StatementRead,
    /// Write the statement, record consultations on it, and publish what is approved.
    #[serde(rename = "statement:write")]
    #[strum(serialize = "statement:write")]
    StatementWrite,
    /// Approve the statement, as far as the caller's post goes.
    #[serde(rename = "statement:approve")]
    #[strum(serialize = "statement:approve")]
    StatementApprove,
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

word_column!(Role, Permission);
