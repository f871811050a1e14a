//! Who made the parts of a request. Whom its paperwork names as assessor, coster or presenter made that part by their own log-in, or says by
//! it that they did: to name a colleague who did nothing does nobody's part.

use super::RequestState;
use crate::refusal::Missing;
use crate::{Code, FieldError, Refusal};

/// The parts that paperwork names somebody for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The assessment that it rests on.
    Assessment,
    /// The costing.
    Costing,
    /// Bringing it to the panel.
    Presentation,
}

/// Whom paperwork names for a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedFor<'n> {
    /// The part.
    pub part: Part,
    /// The user.
    pub user_id: &'n str,
    /// Whether they recorded it themselves, or said by their own log-in that it is theirs.
    pub is_their_own: bool,
}

/// The parts of which whoever is named for them has not said a word.
pub fn unconfirmed(named: &[NamedFor<'_>]) -> Vec<Missing> {
    let missing = named.iter().filter(|one| !one.is_their_own).map(|one| {
        let (field, who) = match one.part {
            Part::Assessment => ("assessment_id", "whoever is named as having made the assessment"),
            Part::Costing => ("coster_id", "whoever is named as having costed it"),
            Part::Presentation => ("presenter_id", "whoever is named as presenting it"),
        };
        let detail = format!("{who} did not record it: they confirm it by their own log-in, at POST /v1/requests/{{id}}/own-parts");
        Missing { pointer: format!("/{field}"), detail, clause: None }
    });
    missing.collect()
}

/// What decides whether somebody may say that what paperwork names them for is theirs.
#[derive(Debug, Clone, Copy)]
pub struct WouldConfirm<'w> {
    /// Where the request stands.
    pub state: RequestState,
    /// The revision of its paperwork that counts.
    pub revision: i64,
    /// Whom that names.
    pub named: &'w [NamedFor<'w>],
    /// Whether they said so of that revision before.
    pub is_confirmed: bool,
}

impl WouldConfirm<'_> {
    /// Refuses what may not be confirmed: a revision that is not the last, by somebody whom it does not name, twice, or too late.
    pub fn refuse(&self, caller: &str, revision: i64) -> Result<(), Refusal> {
        if !self.state.can_be_heard() {
            return Err(Refusal::new(Code::StateConflict, format!("The request is `{}`: its paperwork is decided on.", self.state)));
        }
        if revision != self.revision {
            let detail = format!("the paperwork is in revision {}: read that, and confirm it", self.revision);
            return Err(Refusal::invalid(vec![FieldError::new("/revision", "not_the_last", detail)]));
        }
        if !self.named.iter().any(|one| one.user_id == caller) {
            let detail = "The paperwork names you neither as assessor, nor as coster, nor as presenter.";
            return Err(Refusal::new(Code::NotAllowed, detail));
        }
        if self.is_confirmed {
            return Err(Refusal::new(Code::StateConflict, "You confirmed this revision before."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(part: Part, user_id: &str, is_their_own: bool) -> NamedFor<'_> {
        NamedFor { part, user_id, is_their_own }
    }

    #[test]
    fn to_name_a_colleague_who_did_nothing_does_no_part() {
        let cases = [
            (vec![], vec![]),
            (vec![named(Part::Costing, "ann", true), named(Part::Presentation, "ann", true)], vec![]),
            (vec![named(Part::Costing, "ann", false), named(Part::Presentation, "ben", true)], vec!["/coster_id"]),
            (
                vec![named(Part::Assessment, "ann", false), named(Part::Costing, "ann", false), named(Part::Presentation, "ann", false)],
                vec!["/assessment_id", "/coster_id", "/presenter_id"],
            ),
        ];
        for (named, pointers) in cases {
            let missing = unconfirmed(&named);
            assert_eq!(missing.iter().map(|gap| gap.pointer.as_str()).collect::<Vec<_>>(), pointers, "{named:?}");
            assert!(missing.iter().all(|gap| gap.detail.contains("POST /v1/requests/{id}/own-parts")));
        }
    }

    #[test]
    fn whoever_is_named_confirms_the_last_revision_once_and_before_it_is_decided() {
        let people = [named(Part::Costing, "ann", false)];
        let would = WouldConfirm { state: RequestState::Submitted, revision: 2, named: &people, is_confirmed: false };
        for (name, would, caller, revision, code) in [
            ("named", would, "ann", 2, None),
            ("in a draft", WouldConfirm { state: RequestState::Draft, ..would }, "ann", 2, None),
            ("not named", would, "ben", 2, Some(Code::NotAllowed)),
            ("an earlier revision", would, "ann", 1, Some(Code::InvalidBody)),
            ("twice", WouldConfirm { is_confirmed: true, ..would }, "ann", 2, Some(Code::StateConflict)),
            ("decided", WouldConfirm { state: RequestState::Approved, ..would }, "ann", 2, Some(Code::StateConflict)),
        ] {
            assert_eq!(would.refuse(caller, revision).err().map(|refusal| refusal.code), code, "{name}");
        }
    }
}
