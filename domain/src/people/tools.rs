//! What a tool may never do: whatever takes two people, a post, or a person who answers for it. A tool speaks with credentials of its own, so
//! that whoever holds them would be two people at once.

use crate::{Code, Refusal};

/// Why an operation is a person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonsOwn {
    /// It is decided, agreed or authorised in a post.
    Decision,
    /// A post knows that a limit of nights is passed.
    Acknowledgement,
    /// An assessment is authorised.
    Assessment,
    /// Somebody says something of themselves.
    Word,
    /// Somebody is put on a panel, or on its agenda: a quorum and what it decides rest on it.
    Panel,
    /// One of the two people who are needed for money that goes out.
    Money,
    /// A child leaves, or does not after all: payments stop, or go on.
    Leaving,
    /// What the authority says to the public: consulted on, measured by the law, approved, published, or told with small counts in it.
    Statement,
    /// Rights are given or taken away.
    Rights,
}

/// The operations of the API that a tool may never do, by their `operationId`.
pub const NEVER_BY_A_TOOL: &[(&str, PersonsOwn)] = &[
    ("decide_request", PersonsOwn::Decision),
    ("agree_request_without_panel", PersonsOwn::Decision),
    ("ratify_decision", PersonsOwn::Decision),
    ("authorise_decision", PersonsOwn::Decision),
    ("record_case_management_decision", PersonsOwn::Decision),
    ("decide_appeal", PersonsOwn::Decision),
    ("confirm_package_line", PersonsOwn::Decision),
    ("confirm_package_lines", PersonsOwn::Decision),
    ("agree_package_variation", PersonsOwn::Decision),
    ("refuse_package_variation", PersonsOwn::Decision),
    ("create_uprating", PersonsOwn::Decision),
    ("acknowledge_stay", PersonsOwn::Acknowledgement),
    ("authorise_assessment", PersonsOwn::Assessment),
    ("confirm_own_parts", PersonsOwn::Word),
    ("create_own_interest", PersonsOwn::Word),
    ("reverse_interest", PersonsOwn::Word),
    ("create_panel_member", PersonsOwn::Panel),
    ("create_panel_signature", PersonsOwn::Panel),
    ("create_panel_attendance", PersonsOwn::Panel),
    ("create_panel_booking", PersonsOwn::Panel),
    ("create_direct_payment_step", PersonsOwn::Money),
    ("reverse_direct_payment_step", PersonsOwn::Money),
    ("create_direct_payment_repayment", PersonsOwn::Money),
    ("reverse_direct_payment_repayment", PersonsOwn::Money),
    ("confirm_direct_payment_repayment", PersonsOwn::Money),
    ("create_direct_payment_bounce", PersonsOwn::Money),
    ("reverse_direct_payment_bounce", PersonsOwn::Money),
    ("create_direct_payment_export", PersonsOwn::Money),
    ("create_direct_payment_re_export", PersonsOwn::Money),
    ("create_child_leaving", PersonsOwn::Leaving),
    ("reverse_child_leaving", PersonsOwn::Leaving),
    ("create_statement_consultation", PersonsOwn::Statement),
    ("reverse_statement_consultation", PersonsOwn::Statement),
    ("create_statement_requirement", PersonsOwn::Statement),
    ("create_statement_disclosure", PersonsOwn::Statement),
    ("approve_statement_edition", PersonsOwn::Statement),
    ("publish_statement_edition", PersonsOwn::Statement),
    ("withdraw_statement_edition", PersonsOwn::Statement),
    ("create_user", PersonsOwn::Rights),
    ("agree_user", PersonsOwn::Rights),
    ("reset_password", PersonsOwn::Rights),
    ("disable_user", PersonsOwn::Rights),
    ("create_api_client", PersonsOwn::Rights),
    ("agree_api_client", PersonsOwn::Rights),
    ("accept_api_client", PersonsOwn::Rights),
    ("disable_api_client", PersonsOwn::Rights),
    ("create_post_holding", PersonsOwn::Rights),
    ("agree_post_holding", PersonsOwn::Rights),
    ("end_post_holding", PersonsOwn::Rights),
    ("reverse_post_holding", PersonsOwn::Rights),
];

/// Refuses a tool what is a person's own.
pub fn refuse_tool(operation: &str) -> Result<(), Refusal> {
    let Some((_, why)) = NEVER_BY_A_TOOL.iter().find(|(known, _)| *known == operation) else { return Ok(()) };
    Err(match why {
        PersonsOwn::Decision => Refusal::new(Code::NoAuthority, "A person decides: log in as the user who holds the post."),
        PersonsOwn::Acknowledgement => Refusal::new(Code::NoAuthority, "A person acknowledges that a limit is passed; a tool does not."),
        PersonsOwn::Assessment => {
            Refusal::new(Code::NotAllowed, "An assessment is authorised by a person; a tool cannot be answerable for it.")
        }
        PersonsOwn::Word => Refusal::new(Code::NotAllowed, "A person says so, logged in; a tool cannot say it for them."),
        PersonsOwn::Panel => Refusal::new(
            Code::NotAllowed,
            "A person says who sits on a panel, who signed and who was there, and what it hears: log in. A quorum rests on it.",
        ),
        PersonsOwn::Money => Refusal::new(Code::NoAuthority, "Two people are needed for money that goes out, and a tool is none: log in."),
        PersonsOwn::Leaving => Refusal::new(Code::NotAllowed, "A person says that a child leaves, or takes that back: log in."),
        PersonsOwn::Statement => Refusal::new(
            Code::NoAuthority,
            "The course of a statement is a person's to say, from its consultation to its publication or withdrawal: log in.",
        ),
        PersonsOwn::Rights => Refusal::new(Code::NoAuthority, "A person gives rights and takes them away: log in."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_tool_is_refused_each_of_them_and_nothing_else() {
        let known: BTreeSet<&str> = NEVER_BY_A_TOOL.iter().map(|(operation, _)| *operation).collect();
        assert_eq!(known.len(), NEVER_BY_A_TOOL.len(), "each once");
        for operation in known {
            let refused = refuse_tool(operation).expect_err("a person's own");
            assert!(matches!(refused.code, Code::NoAuthority | Code::NotAllowed), "{operation}");
        }
        for operation in ["create_request", "list_decisions", "create_ledger_import", "read_child_leaving", ""] {
            assert_eq!(refuse_tool(operation), Ok(()), "{operation}");
        }
    }
}
