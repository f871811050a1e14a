//! What is said of a step that the table of states does not allow.

use super::{RequestAction, RequestState};
use crate::{Code, Refusal};
use chrono::{NaiveDate, NaiveDateTime};

/// The step that brought a request to where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastStep {
    /// What was done.
    pub action: RequestAction,
    /// Who did it: a user's name; none, an API client.
    pub username: Option<String>,
    /// When, UTC.
    pub taken_at: NaiveDateTime,
}

/// A slot on a panel's agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Its number, from 1.
    pub number: i64,
    /// The day of the panel.
    pub held_on: NaiveDate,
}

/// The refusal of a step: where the request stands, who brought it there, the slot of one that is booked, and what can be done.
pub fn not_possible(state: RequestState, action: RequestAction, last: Option<&LastStep>, slot: Option<Slot>) -> Refusal {
    let since = last.map_or_else(String::new, |step| {
        let who = step.username.as_deref().unwrap_or("an API client");
        format!(" since {who} did `{}` at {}Z", step.action, step.taken_at.format("%Y-%m-%dT%H:%M:%S"))
    });
    let place = slot
        .filter(|_| state == RequestState::Booked)
        .map_or_else(String::new, |slot| format!(", for slot {} of the panel of {}", slot.number, slot.held_on));
    let allowed = state.allowed_actions();
    let instead: Vec<_> = allowed.iter().map(|action| format!("`{action}`")).collect();
    let instead = if instead.is_empty() { "nothing more".to_owned() } else { instead.join(", ") };
    let detail = format!("The request is `{state}`{since}{place}; `{action}` is not possible. What can be done now: {instead}.");
    Refusal::new(Code::StateConflict, detail).allowing(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_step_says_where_the_request_stands_and_what_can_be_done() {
        let taken_at = "2024-05-01T09:00:00".parse().expect("a time");
        let by = |action, username: Option<&str>| LastStep { action, username: username.map(str::to_owned), taken_at };
        let slot = Slot { number: 2, held_on: "2024-06-04".parse().expect("a day") };
        let cases = [
            (
                not_possible(RequestState::Withdrawn, RequestAction::Submit, Some(&by(RequestAction::Withdraw, Some("jo"))), None),
                "The request is `withdrawn` since jo did `withdraw` at 2024-05-01T09:00:00Z; `submit` is not possible. \
                 What can be done now: nothing more.",
            ),
            (
                not_possible(RequestState::Booked, RequestAction::Submit, Some(&by(RequestAction::Book, None)), Some(slot)),
                "The request is `booked` since an API client did `book` at 2024-05-01T09:00:00Z, for slot 2 of the panel of 2024-06-04; \
                 `submit` is not possible. What can be done now: `release`, `decide`, `withdraw`.",
            ),
            (
                not_possible(RequestState::Declined, RequestAction::Book, None, Some(slot)),
                "The request is `declined`; `book` is not possible. What can be done now: `appeal`.",
            ),
        ];
        for (refusal, expected) in cases {
            assert_eq!(refusal.detail, expected);
            assert_eq!(refusal.code, Code::StateConflict);
        }
        let refusal = not_possible(RequestState::Declined, RequestAction::Book, None, None);
        assert_eq!(refusal.allowed_actions, Some(vec![RequestAction::Appeal]));
    }
}
