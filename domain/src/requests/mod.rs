//! The states of a request, and the one table of what may be done to it in each.
//!
//! The API's refusals, its description and the diagram in docs/guide-panel.md all follow from [`TRANSITIONS`].

pub mod assessed;
pub mod lines;
pub mod paperwork;
pub mod parts;
mod steps;

pub use steps::{LastStep, Slot, not_possible};

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum RequestState {
    /// Its paperwork is being written.
    Draft,
    /// Its paperwork is complete; it waits for a place on an agenda.
    Submitted,
    /// It has a slot at a panel.
    Booked,
    /// The panel will look at it again.
    Deferred,
    /// A deputy chaired; the decision waits for the post that ratifies.
    AwaitingRatification,
    /// The total is above the chair's authority; the decision waits for the post that has it.
    AwaitingAuthority,
    /// Agreed as asked, with authority.
    Approved,
    /// Agreed with changed lines, with authority.
    ApprovedInPart,
    /// Refused, with a reason.
    Declined,
    /// The local offer can meet the need.
    Signposted,
    /// The family asked for the decision to be looked at by others.
    UnderAppeal,
    /// The family or the worker took it back, also after an approval that was not taken up.
    Withdrawn,
}

/// What may be done to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum RequestAction {
    /// Write its paperwork and lines anew.
    Revise,
    /// Declare the paperwork complete.
    Submit,
    /// Give it a slot at a panel.
    Book,
    /// Take it off an agenda.
    Release,
    /// Agree a small package without a panel, where the profile allows it.
    AgreeWithoutPanel,
    /// Record the panel's decision.
    Decide,
    /// Confirm or decline what a deputy chair decided. A refusal that is not confirmed is heard again.
    Ratify,
    /// Authorise or decline what is above the chair's authority.
    Authorise,
    /// Receive an appeal.
    Appeal,
    /// Record the appeal's outcome.
    DecideAppeal,
    /// Take it back.
    Withdraw,
}

word_column!(RequestState, RequestAction);

/// What an action makes of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The state it starts from.
    pub from: RequestState,
    /// What is done.
    pub action: RequestAction,
    /// The states it may lead to.
    pub to: &'static [RequestState],
}

/// Every legal transition. What is not here is refused.
pub const TRANSITIONS: &[Transition] = {
    use RequestAction as A;
    use RequestState as S;
    const fn row(from: RequestState, action: RequestAction, to: &'static [RequestState]) -> Transition {
        Transition { from, action, to }
    }
    &[
        row(S::Draft, A::Revise, &[S::Draft]),
        row(S::Draft, A::Submit, &[S::Submitted]),
        row(S::Draft, A::Withdraw, &[S::Withdrawn]),
        row(S::Submitted, A::Revise, &[S::Draft]),
        row(S::Submitted, A::Book, &[S::Booked]),
        row(S::Submitted, A::AgreeWithoutPanel, &[S::Approved]),
        row(S::Submitted, A::Withdraw, &[S::Withdrawn]),
        row(S::Booked, A::Release, &[S::Submitted]),
        row(
            S::Booked,
            A::Decide,
            &[S::Approved, S::ApprovedInPart, S::Deferred, S::Declined, S::Signposted, S::AwaitingRatification, S::AwaitingAuthority],
        ),
        row(S::Booked, A::Withdraw, &[S::Withdrawn]),
        row(S::Deferred, A::Revise, &[S::Draft]),
        row(S::Deferred, A::Book, &[S::Booked]),
        row(S::Deferred, A::Withdraw, &[S::Withdrawn]),
        row(
            S::AwaitingRatification,
            A::Ratify,
            &[S::Approved, S::ApprovedInPart, S::Deferred, S::Declined, S::Signposted, S::AwaitingAuthority, S::Submitted],
        ),
        row(S::AwaitingRatification, A::Withdraw, &[S::Withdrawn]),
        row(S::AwaitingAuthority, A::Authorise, &[S::Approved, S::ApprovedInPart, S::Declined]),
        row(S::AwaitingAuthority, A::Withdraw, &[S::Withdrawn]),
        row(S::Approved, A::Withdraw, &[S::Withdrawn]),
        row(S::ApprovedInPart, A::Appeal, &[S::UnderAppeal]),
        row(S::ApprovedInPart, A::Withdraw, &[S::Withdrawn]),
        row(S::Declined, A::Appeal, &[S::UnderAppeal]),
        row(S::Signposted, A::Appeal, &[S::UnderAppeal]),
        row(S::UnderAppeal, A::DecideAppeal, &[S::ApprovedInPart, S::Declined, S::Signposted, S::Submitted]),
    ]
};

impl RequestState {
    /// What may be done in this state, in the table's order.
    pub fn allowed_actions(self) -> Vec<RequestAction> {
        TRANSITIONS.iter().filter(|row| row.from == self).map(|row| row.action).collect()
    }

    /// Where an action leads from here; none where it is not legal.
    pub fn after(self, action: RequestAction) -> Option<&'static [RequestState]> {
        TRANSITIONS.iter().find(|row| row.from == self && row.action == action).map(|row| row.to)
    }

    /// Whether it has been asked for and not yet been decided for good: its lines count in the child's total care package, so
    /// that one need split over two requests meets the limit that the whole of it meets.
    pub fn is_undecided(self) -> bool {
        use RequestState as S;
        matches!(self, S::Submitted | S::Booked | S::Deferred | S::AwaitingRatification | S::AwaitingAuthority)
    }

    /// Whether a panel may still hear it, so that what its paperwork lacks is worth telling.
    pub fn can_be_heard(self) -> bool {
        use RequestState as S;
        matches!(self, S::Draft | S::Submitted | S::Booked | S::Deferred)
    }

    /// Whether its last decision's lines count in place of the lines asked for.
    pub fn counts_as_decided(self) -> bool {
        use RequestState as S;
        matches!(self, S::AwaitingRatification | S::AwaitingAuthority | S::Approved | S::ApprovedInPart | S::UnderAppeal)
    }
}

/// The table as a Mermaid state diagram.
pub fn diagram() -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> draft\n");
    for row in TRANSITIONS {
        for to in row.to {
            // Writing to a String does not fail.
            let _ = writeln!(text, "    {} --> {to}: {}", row.from, row.action);
        }
    }
    text
}

/// The table in words, a line a state.
pub fn description() -> String {
    let mut text = String::new();
    for state in RequestState::VARIANTS {
        let actions: Vec<_> = state
            .allowed_actions()
            .into_iter()
            .map(|action| {
                let to: Vec<_> = state.after(action).unwrap_or_default().iter().map(|to| format!("`{to}`")).collect();
                format!("`{action}` (to {})", to.join(", "))
            })
            .collect();
        let actions = if actions.is_empty() { "nothing more".to_owned() } else { actions.join("; ") };
        let _ = writeln!(text, "- `{state}`: {actions}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_guide_to_the_panel_shows_the_table() {
        assert!(include_str!("../../../docs/guide-panel.md").contains(&diagram()), "put this into docs/guide-panel.md:\n{}", diagram());
    }

    #[test]
    fn a_state_and_an_action_stand_in_one_row() {
        let keys: BTreeSet<_> = TRANSITIONS.iter().map(|row| (row.from, row.action)).collect();
        assert_eq!(keys.len(), TRANSITIONS.len());
    }

    #[test]
    fn every_state_can_be_reached_and_every_action_is_of_use() {
        let mut reached = BTreeSet::from([RequestState::Draft]);
        for _ in RequestState::VARIANTS {
            let next: Vec<_> = TRANSITIONS.iter().filter(|row| reached.contains(&row.from)).flat_map(|row| row.to).copied().collect();
            reached.extend(next);
        }
        assert_eq!(reached.len(), RequestState::VARIANTS.len());
        for action in RequestAction::VARIANTS {
            assert!(TRANSITIONS.iter().any(|row| row.action == *action), "{action}");
        }
    }

    #[test]
    fn a_state_says_whether_a_request_may_be_heard_and_whose_lines_count() {
        use RequestState as S;
        let cases = [
            (S::Draft, true, false, false),
            (S::Submitted, true, true, false),
            (S::Booked, true, true, false),
            (S::Deferred, true, true, false),
            (S::AwaitingRatification, false, true, true),
            (S::AwaitingAuthority, false, true, true),
            (S::Approved, false, false, true),
            (S::ApprovedInPart, false, false, true),
            (S::Declined, false, false, false),
            (S::Signposted, false, false, false),
            (S::UnderAppeal, false, false, true),
            (S::Withdrawn, false, false, false),
        ];
        assert_eq!(cases.map(|(state, ..)| state).as_slice(), RequestState::VARIANTS);
        for (state, can_be_heard, is_undecided, counts_as_decided) in cases {
            assert_eq!(
                (state.can_be_heard(), state.is_undecided(), state.counts_as_decided()),
                (can_be_heard, is_undecided, counts_as_decided),
                "{state}"
            );
        }
    }

    #[test]
    fn approval_is_reached_only_by_deciding_with_authority() {
        use RequestAction as A;
        for row in TRANSITIONS.iter().filter(|row| row.to.contains(&RequestState::Approved)) {
            assert!(matches!(row.action, A::Decide | A::Ratify | A::Authorise | A::AgreeWithoutPanel), "{row:?}");
        }
    }
}
