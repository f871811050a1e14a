//! A type for each permission, so that a handler's signature says who may call it.

use domain::Permission;

/// What a caller must be allowed.
pub trait Requires {
    /// The permission; none, any valid token will do.
    const PERMISSION: Option<Permission>;
}

/// Any valid token.
pub struct AnyCaller;
impl Requires for AnyCaller {
    const PERMISSION: Option<Permission> = None;
}

/// `reference:read`.
pub struct ReferenceRead;
impl Requires for ReferenceRead {
    const PERMISSION: Option<Permission> = Some(Permission::ReferenceRead);
}

/// `providers:write`.
pub struct ProvidersWrite;
impl Requires for ProvidersWrite {
    const PERMISSION: Option<Permission> = Some(Permission::ProvidersWrite);
}

/// `budgets:read`.
pub struct BudgetsRead;
impl Requires for BudgetsRead {
    const PERMISSION: Option<Permission> = Some(Permission::BudgetsRead);
}

/// `budgets:write`.
pub struct BudgetsWrite;
impl Requires for BudgetsWrite {
    const PERMISSION: Option<Permission> = Some(Permission::BudgetsWrite);
}

/// `children:read`.
pub struct ChildrenRead;
impl Requires for ChildrenRead {
    const PERMISSION: Option<Permission> = Some(Permission::ChildrenRead);
}

/// `children:write`.
pub struct ChildrenWrite;
impl Requires for ChildrenWrite {
    const PERMISSION: Option<Permission> = Some(Permission::ChildrenWrite);
}

/// `packages:read`.
pub struct PackagesRead;
impl Requires for PackagesRead {
    const PERMISSION: Option<Permission> = Some(Permission::PackagesRead);
}

/// `packages:write`.
pub struct PackagesWrite;
impl Requires for PackagesWrite {
    const PERMISSION: Option<Permission> = Some(Permission::PackagesWrite);
}

/// `grants:read`.
pub struct GrantsRead;
impl Requires for GrantsRead {
    const PERMISSION: Option<Permission> = Some(Permission::GrantsRead);
}

/// `grants:write`.
pub struct GrantsWrite;
impl Requires for GrantsWrite {
    const PERMISSION: Option<Permission> = Some(Permission::GrantsWrite);
}

/// `ledger:read`.
pub struct LedgerRead;
impl Requires for LedgerRead {
    const PERMISSION: Option<Permission> = Some(Permission::LedgerRead);
}

/// `ledger:write`.
pub struct LedgerWrite;
impl Requires for LedgerWrite {
    const PERMISSION: Option<Permission> = Some(Permission::LedgerWrite);
}

/// `reports:read`.
pub struct ReportsRead;
impl Requires for ReportsRead {
    const PERMISSION: Option<Permission> = Some(Permission::ReportsRead);
}

/// `statement:read`.
pub struct StatementRead;
impl Requires for StatementRead {
    const PERMISSION: Option<Permission> = Some(Permission::StatementRead);
}

/// `statement:write`.
pub struct StatementWrite;
impl Requires for StatementWrite {
    const PERMISSION: Option<Permission> = Some(Permission::StatementWrite);
}

/// `statement:approve`.
pub struct StatementApprove;
impl Requires for StatementApprove {
    const PERMISSION: Option<Permission> = Some(Permission::StatementApprove);
}

/// `audit:read`.
pub struct AuditRead;
impl Requires for AuditRead {
    const PERMISSION: Option<Permission> = Some(Permission::AuditRead);
}

/// `access:read`.
pub struct AccessRead;
impl Requires for AccessRead {
    const PERMISSION: Option<Permission> = Some(Permission::AccessRead);
}

/// `access:write`.
pub struct AccessWrite;
impl Requires for AccessWrite {
    const PERMISSION: Option<Permission> = Some(Permission::AccessWrite);
}

/// `posts:read`.
pub struct PostsRead;
impl Requires for PostsRead {
    const PERMISSION: Option<Permission> = Some(Permission::PostsRead);
}

/// `posts:write`.
pub struct PostsWrite;
impl Requires for PostsWrite {
    const PERMISSION: Option<Permission> = Some(Permission::PostsWrite);
}

/// `assessments:read`.
pub struct AssessmentsRead;
impl Requires for AssessmentsRead {
    const PERMISSION: Option<Permission> = Some(Permission::AssessmentsRead);
}

/// `assessments:write`.
pub struct AssessmentsWrite;
impl Requires for AssessmentsWrite {
    const PERMISSION: Option<Permission> = Some(Permission::AssessmentsWrite);
}

/// `assessments:authorise`.
pub struct AssessmentsAuthorise;
impl Requires for AssessmentsAuthorise {
    const PERMISSION: Option<Permission> = Some(Permission::AssessmentsAuthorise);
}

/// `requests:read`.
pub struct RequestsRead;
impl Requires for RequestsRead {
    const PERMISSION: Option<Permission> = Some(Permission::RequestsRead);
}

/// `requests:write`.
pub struct RequestsWrite;
impl Requires for RequestsWrite {
    const PERMISSION: Option<Permission> = Some(Permission::RequestsWrite);
}

/// `panels:read`.
pub struct PanelsRead;
impl Requires for PanelsRead {
    const PERMISSION: Option<Permission> = Some(Permission::PanelsRead);
}

/// `panels:write`.
pub struct PanelsWrite;
impl Requires for PanelsWrite {
    const PERMISSION: Option<Permission> = Some(Permission::PanelsWrite);
}

/// `decisions:write`.
pub struct DecisionsWrite;
impl Requires for DecisionsWrite {
    const PERMISSION: Option<Permission> = Some(Permission::DecisionsWrite);
}

/// `direct_payments:read`.
pub struct DirectPaymentsRead;
impl Requires for DirectPaymentsRead {
    const PERMISSION: Option<Permission> = Some(Permission::DirectPaymentsRead);
}

/// `direct_payments:write`.
pub struct DirectPaymentsWrite;
impl Requires for DirectPaymentsWrite {
    const PERMISSION: Option<Permission> = Some(Permission::DirectPaymentsWrite);
}

/// `joint_funding:read`.
pub struct JointFundingRead;
impl Requires for JointFundingRead {
    const PERMISSION: Option<Permission> = Some(Permission::JointFundingRead);
}

/// `joint_funding:write`.
pub struct JointFundingWrite;
impl Requires for JointFundingWrite {
    const PERMISSION: Option<Permission> = Some(Permission::JointFundingWrite);
}

/// `nights:read`.
pub struct NightsRead;
impl Requires for NightsRead {
    const PERMISSION: Option<Permission> = Some(Permission::NightsRead);
}

/// `nights:write`.
pub struct NightsWrite;
impl Requires for NightsWrite {
    const PERMISSION: Option<Permission> = Some(Permission::NightsWrite);
}
