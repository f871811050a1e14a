//! The permissions of each role. Whoever gives a role one more says so here, in the list and in its test.

use super::{Permission, Role};

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
    Permission::StatementRead,
    Permission::StatementWrite,
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
    Permission::StatementRead,
    Permission::StatementWrite,
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
    Permission::StatementRead,
    Permission::StatementWrite,
    Permission::StatementApprove,
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
    Permission::StatementRead,
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

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray;

    /// What each role allows, word for word: whoever gives a role one permission more writes it here too, and says so.
    #[test]
    fn every_role_allows_exactly_this() {
        let allowed = [
            (
                Role::FinanceOfficer,
                "reference:read providers:write budgets:read budgets:write children:read packages:read packages:write posts:read \
                 requests:read panels:read grants:read grants:write direct_payments:read direct_payments:write joint_funding:read \
                 joint_funding:write nights:read ledger:read ledger:write reports:read statement:read \
                 statement:write",
            ),
            (
                Role::PanelSupport,
                "reference:read providers:write budgets:read children:read children:write packages:read packages:write posts:read \
                 assessments:read requests:read requests:write panels:read panels:write grants:read direct_payments:read nights:read \
                 nights:write reports:read statement:read statement:write",
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
                 joint_funding:read nights:read nights:write ledger:read reports:read statement:read statement:write \
                 statement:approve",
            ),
            (
                Role::HeadOfService,
                "reference:read budgets:read children:read packages:read posts:read assessments:read assessments:write \
                 assessments:authorise requests:read requests:write panels:read decisions:write grants:read direct_payments:read \
                 joint_funding:read nights:read nights:write ledger:read reports:read statement:read statement:write \
                 statement:approve",
            ),
            (
                Role::AssistantDirector,
                "reference:read budgets:read children:read packages:read posts:read assessments:read assessments:write \
                 assessments:authorise requests:read requests:write panels:read decisions:write grants:read direct_payments:read \
                 joint_funding:read nights:read nights:write ledger:read reports:read statement:read statement:write \
                 statement:approve",
            ),
            (
                Role::Auditor,
                "reference:read budgets:read children:read packages:read posts:read assessments:read requests:read panels:read \
                 grants:read direct_payments:read joint_funding:read nights:read ledger:read reports:read statement:read audit:read \
                 access:read",
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
