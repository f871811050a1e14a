//! A new edition: one a year is under way at a time, and a correction names what it corrects.

use super::EditionState;
use crate::{Code, FieldError, Refusal};

/// What decides whether an edition of a year may be begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEditionFacts<'f> {
    /// The year's last edition that was not withdrawn, by its id, and how far it has come.
    pub last: Option<(&'f str, EditionState)>,
    /// The edition that the new one says it corrects.
    pub corrects: Option<&'f str>,
    /// Whether it says what changed.
    pub says_what_changed: bool,
}

impl NewEditionFacts<'_> {
    /// Nothing, or why it may not.
    pub fn refuse(&self) -> Result<(), Refusal> {
        let Some((last, state)) = self.last else {
            let mut errors = Vec::new();
            if self.corrects.is_some() {
                let detail = "the year has no published edition to correct; leave this out";
                errors.push(FieldError::new("/corrects_id", "nothing_to_correct", detail));
            }
            if self.says_what_changed {
                errors.push(FieldError::new("/what_changed", "not_allowed", "a year's first edition changes nothing; leave this out"));
            }
            return Refusal::unless_valid(errors);
        };
        if state != EditionState::Published {
            let detail = "The year has an edition that is not published yet. Go on with that one, or withdraw it.";
            return Err(Refusal::new(Code::StateConflict, detail));
        }
        let mut errors = Vec::new();
        if self.corrects != Some(last) {
            let detail = "the year has a published edition: name the last one, which this corrects";
            errors.push(FieldError::new("/corrects_id", "not_the_last", detail));
        }
        if !self.says_what_changed {
            errors.push(FieldError::new("/what_changed", "required", "a correction says what changed"));
        }
        Refusal::unless_valid(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use EditionState::{Approved, Consulted, Draft, Published};

    #[test]
    fn one_edition_a_year_is_under_way_and_a_correction_names_the_last() {
        let out = Some(("one", Published));
        for (last, corrects, says_what_changed, told) in [
            (None, None, false, vec![]),
            (None, Some("one"), false, vec!["/corrects_id"]),
            (None, None, true, vec!["/what_changed"]),
            (Some(("one", Draft)), None, false, vec!["state_conflict"]),
            (Some(("one", Consulted)), Some("one"), true, vec!["state_conflict"]),
            (Some(("one", Approved)), Some("one"), true, vec!["state_conflict"]),
            (out, Some("one"), true, vec![]),
            (out, Some("other"), true, vec!["/corrects_id"]),
            (out, None, false, vec!["/corrects_id", "/what_changed"]),
            (out, Some("one"), false, vec!["/what_changed"]),
        ] {
            let found = NewEditionFacts { last, corrects, says_what_changed }.refuse();
            let found = found.err().map(|refusal| match refusal.errors.is_empty() {
                true => vec![refusal.code.as_str().to_owned()],
                false => refusal.errors.into_iter().map(|error| error.pointer).collect(),
            });
            assert_eq!(found.unwrap_or_default(), told, "{last:?} {corrects:?} {says_what_changed}");
        }
    }
}
