//! Rights over money, and over what is decided, need two people: a log-in that holds them and that one administrator opened waits until another agrees.

use super::{Permission, Role};
use crate::{Code, Refusal};

impl Permission {
    /// Whether it moves money, agrees that money is spent, makes a part of what is decided or published, or gives others such rights. A part that somebody
    /// made is theirs alone because their log-in says so: one person does not open that log-in.
    pub fn is_over_money(self) -> bool {
        use Permission as P;
        matches!(
            self,
            P::BudgetsWrite
                | P::PackagesWrite
                | P::PostsWrite
                | P::AssessmentsWrite
                | P::AssessmentsAuthorise
                | P::RequestsWrite
                | P::PanelsWrite
                | P::DecisionsWrite
                | P::GrantsWrite
                | P::DirectPaymentsWrite
                | P::JointFundingWrite
                | P::LedgerWrite
                | P::StatementWrite
                | P::StatementApprove
                | P::AccessWrite
        )
    }
}

/// Whether a log-in waits for a second administrator: it is opened by a person, and holds rights over money. Whoever holds the machine opens
/// the first ones at the command line.
pub fn needs_another(opened_by_person: bool, permissions: &[Permission]) -> bool {
    opened_by_person && permissions.iter().any(|permission| permission.is_over_money())
}

/// Whether a user of that role does.
pub fn role_needs_another(opened_by_person: bool, role: Role) -> bool {
    needs_another(opened_by_person, role.permissions())
}

/// Refuses an agreement by whoever opened the log-in, or whose it is. `opened_by` is who did, while it waits.
pub fn refuse_agreement(opened_by: Option<&str>, subject_id: &str, caller: &str) -> Result<(), Refusal> {
    let Some(opened_by) = opened_by else {
        return Err(Refusal::new(Code::StateConflict, "This log-in waits for nobody's agreement."));
    };
    if caller == opened_by {
        return Err(Refusal::new(Code::NotAllowed, "You opened this log-in; another administrator agrees."));
    }
    if caller == subject_id {
        return Err(Refusal::new(Code::NotAllowed, "It is your own log-in; another administrator agrees."));
    }
    Ok(())
}

/// Whether the user who answers for a tool need not accept that any more: they added it themselves. `named` is whom it names.
pub fn is_accepted_from_the_start(named: Option<&str>, added_by: &str) -> bool {
    named == Some(added_by)
}

/// Refuses a tool whose owner has not accepted to answer for it: what it records would bar them without a word of theirs.
pub fn refuse_unaccepted(has_owner: bool, is_accepted: bool) -> Result<(), Refusal> {
    if !has_owner || is_accepted {
        return Ok(());
    }
    let detail = "This tool waits until the user who answers for it accepts that: they log in and POST /v1/me/api-clients/{id}/acceptance.";
    Err(Refusal::new(Code::NotAuthenticated, detail))
}

/// Refuses to accept a tool again.
pub fn refuse_accepted_twice(is_accepted: bool) -> Result<(), Refusal> {
    match is_accepted {
        true => Err(Refusal::new(Code::StateConflict, "You have accepted this tool already.")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray;

    #[test]
    fn whatever_writes_money_or_a_part_of_what_is_decided_or_gives_such_rights_is_over_money() {
        let over: Vec<&str> = Permission::VARIANTS.iter().filter(|one| one.is_over_money()).map(|one| one.as_str()).collect();
        let expected = [
            "budgets:write",
            "packages:write",
            "posts:write",
            "assessments:write",
            "assessments:authorise",
            "requests:write",
            "panels:write",
            "decisions:write",
            "grants:write",
            "direct_payments:write",
            "joint_funding:write",
            "ledger:write",
            "statement:write",
            "statement:approve",
            "access:write",
        ];
        assert_eq!(over, expected);
        let needing: Vec<Role> = Role::VARIANTS.iter().copied().filter(|role| role_needs_another(true, *role)).collect();
        assert_eq!(needing, Role::VARIANTS.iter().copied().filter(|role| *role != Role::Auditor).collect::<Vec<_>>());
        assert!(Role::VARIANTS.iter().all(|role| !role_needs_another(false, *role)), "whoever holds the machine opens the first");
    }

    #[test]
    fn a_tool_works_once_whoever_answers_for_it_accepted_that() {
        for (named, added_by, accepted_later, works) in [
            (None, "the command line", false, true),
            (Some("ada"), "ada", false, true),
            (Some("fin"), "ada", false, false),
            (Some("fin"), "ada", true, true),
            (Some("fin"), "the command line", false, false),
        ] {
            let is_accepted = accepted_later || is_accepted_from_the_start(named, added_by);
            assert_eq!(refuse_unaccepted(named.is_some(), is_accepted).is_ok(), works, "{named:?} by {added_by}");
        }
        assert_eq!(refuse_accepted_twice(true).map_err(|refusal| refusal.code), Err(Code::StateConflict));
        assert_eq!(refuse_accepted_twice(false), Ok(()));
    }

    #[test]
    fn another_administrator_agrees_and_nobody_else() {
        for (opened_by, subject, caller, code) in [
            (Some("ada"), "fin", "ben", None),
            (Some("ada"), "fin", "ada", Some(Code::NotAllowed)),
            (Some("ada"), "fin", "fin", Some(Code::NotAllowed)),
            (None, "fin", "ben", Some(Code::StateConflict)),
        ] {
            assert_eq!(refuse_agreement(opened_by, subject, caller).err().map(|refusal| refusal.code), code, "{caller}");
        }
    }
}
