//! What a person's role, or a third-party tool's scope, allows.

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// What a person does in the service. One user has one role.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
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
pub enum Role {
    /// Budgets, ledger, grants, year end.
    FinanceOfficer,
    /// Business support to the panel: keeps children, packages and providers up to date.
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
    /// Opens accounts; sees no child's record and no money.
    Administrator,
}

/// One thing a caller may do. Also the words of an API client's scope.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray, ToSchema,
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
    /// Grants and activity returns.
    #[serde(rename = "grants:read")]
    #[strum(serialize = "grants:read")]
    GrantsRead,
    /// Record and reverse grants and activity returns.
    #[serde(rename = "grants:write")]
    #[strum(serialize = "grants:write")]
    GrantsWrite,
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

impl Role {
    /// What the role allows.
    pub fn permissions(self) -> &'static [Permission] {
        use Permission::{
            AccessRead, AccessWrite, AuditRead, BudgetsRead, BudgetsWrite, ChildrenRead, ChildrenWrite, GrantsRead, GrantsWrite,
            LedgerRead, LedgerWrite, PackagesRead, PackagesWrite, ProvidersWrite, ReferenceRead, ReportsRead,
        };
        match self {
            Role::FinanceOfficer => &[
                ReferenceRead,
                ProvidersWrite,
                BudgetsRead,
                BudgetsWrite,
                ChildrenRead,
                PackagesRead,
                PackagesWrite,
                GrantsRead,
                GrantsWrite,
                LedgerRead,
                LedgerWrite,
                ReportsRead,
            ],
            Role::PanelSupport => &[
                ReferenceRead,
                ProvidersWrite,
                BudgetsRead,
                ChildrenRead,
                ChildrenWrite,
                PackagesRead,
                PackagesWrite,
                GrantsRead,
                ReportsRead,
            ],
            Role::Practitioner => &[ReferenceRead, ChildrenRead, ChildrenWrite, PackagesRead],
            Role::Manager | Role::HeadOfService | Role::AssistantDirector => {
                &[ReferenceRead, BudgetsRead, ChildrenRead, PackagesRead, GrantsRead, LedgerRead, ReportsRead]
            }
            Role::Auditor => {
                &[ReferenceRead, BudgetsRead, ChildrenRead, PackagesRead, GrantsRead, LedgerRead, ReportsRead, AuditRead, AccessRead]
            }
            Role::Administrator => &[ReferenceRead, AuditRead, AccessRead, AccessWrite],
        }
    }
}

word_column!(Role, Permission);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_changes_nothing_and_an_administrator_sees_no_child() {
        assert!(Role::Auditor.permissions().iter().all(|p| p.as_str().ends_with(":read")));
        let administrator = Role::Administrator.permissions();
        assert!(!administrator.contains(&Permission::ChildrenRead) && !administrator.contains(&Permission::PackagesRead));
    }

    #[test]
    fn only_an_administrator_opens_accounts() {
        for role in Role::VARIANTS.iter().filter(|role| **role != Role::Administrator) {
            assert!(!role.permissions().contains(&Permission::AccessWrite), "{role}");
        }
    }
}
