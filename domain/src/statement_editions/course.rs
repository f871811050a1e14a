//! How far an edition has come, told from what was recorded of it and in which order.

use super::EditionState;
use crate::{Code, FieldError, Refusal};
use chrono::{Months, NaiveDate};

/// What was last recorded of an edition, each by the number of its write; none, nothing was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Course {
    /// A section's text, or what changed.
    pub text: Option<i64>,
    /// A requirement, what is disclosed, a consultation taken back, what the public is told of a provider, or another edition that went out.
    pub choice: Option<i64>,
    /// A consultation that was not taken back.
    pub consultation: Option<i64>,
    /// An approval.
    pub approval: Option<i64>,
    /// The publication.
    pub publication: Option<i64>,
    /// The withdrawal.
    pub withdrawal: Option<i64>,
}

impl Course {
    /// The state. A consultation is on the text before it, and an approval is of everything before it: what changes later takes them back.
    pub fn state(&self) -> EditionState {
        if self.publication.is_some() {
            EditionState::Published
        } else if self.withdrawal.is_some() {
            EditionState::Withdrawn
        } else if self.consultation.is_none() || self.text > self.consultation {
            EditionState::Draft
        } else if self.approval.is_none() || self.choice.max(self.consultation) > self.approval {
            EditionState::Consulted
        } else {
            EditionState::Approved
        }
    }

    /// What somebody who reads the edition has read: the number of the last write that changed it. `began` is that of its first.
    pub fn revision(&self, began: i64) -> i64 {
        [self.text, self.choice, self.consultation].into_iter().flatten().max().unwrap_or(began).max(began)
    }

    /// Refuses the approval of another revision than the last: whoever gives it has not read what they would approve.
    pub fn refuse_unread(&self, began: i64, read: i64) -> Result<(), Refusal> {
        let revision = self.revision(began);
        if revision == read {
            return Ok(());
        }
        let detail = format!("The edition is at revision {revision}, and you read {read}. Read it again, and approve that.");
        Err(Refusal::new(Code::StateConflict, detail))
    }

    /// Refuses a change of what is published or withdrawn.
    pub fn refuse_closed(&self) -> Result<(), Refusal> {
        let detail = match self.state() {
            EditionState::Published => "This edition is published and never changes. Make a new edition that corrects it.",
            EditionState::Withdrawn => "This edition is withdrawn. Begin another edition of the year.",
            EditionState::Draft | EditionState::Consulted | EditionState::Approved => return Ok(()),
        };
        Err(Refusal::new(Code::StateConflict, detail))
    }

    /// Refuses an approval of what was not consulted on, or is approved already. `prints` says whether the approval that counts is of what the
    /// edition would print.
    pub fn refuse_approval(&self, prints: Prints) -> Result<(), Refusal> {
        let refuse = |why: &str| Err(Refusal::new(Code::StateConflict, why));
        match self.state() {
            EditionState::Consulted => Ok(()),
            EditionState::Draft if self.consultation.is_some() => {
                refuse("The text changed since it was consulted on. Record what families were told of the change.")
            }
            EditionState::Draft => refuse("Nobody was consulted on this edition. Record the consultation first."),
            EditionState::Approved if prints == Prints::WhatWasApproved => refuse("This edition is approved as it stands."),
            EditionState::Approved => Ok(()),
            EditionState::Published => refuse("This edition is published."),
            EditionState::Withdrawn => refuse(WITHDRAWN),
        }
    }

    /// What an edition still wants before it goes out, besides what the Regulations require.
    pub fn missing(&self) -> Vec<FieldError> {
        let consultation = match self.consultation {
            None => "nobody was consulted on the edition: record the consultation",
            Some(_) => "the text changed since it was consulted on: record what families were told of the change",
        };
        let approval = "a post that the profile names has not approved the edition as it stands";
        let (consultation, approval) =
            (FieldError::new("/consultations", "not_consulted", consultation), FieldError::new("/approval", "not_approved", approval));
        match self.state() {
            EditionState::Draft => vec![consultation, approval],
            EditionState::Consulted => vec![approval],
            EditionState::Approved | EditionState::Published | EditionState::Withdrawn => Vec::new(),
        }
    }

    /// Refuses to publish what nobody approved, or is out.
    pub fn refuse_publication(&self) -> Result<(), Refusal> {
        let refuse = |why: &str| Err(Refusal::new(Code::StateConflict, why));
        match self.state() {
            EditionState::Approved => Ok(()),
            EditionState::Draft => refuse("This edition is a draft: it is consulted on and approved before it is published."),
            EditionState::Consulted if self.approval.is_some() => {
                refuse("Something changed since the edition was approved. It is approved again before it is published.")
            }
            EditionState::Consulted => refuse("Nobody approved this edition. A post that the profile names approves it first."),
            EditionState::Published => refuse("This edition is published already."),
            EditionState::Withdrawn => refuse(WITHDRAWN),
        }
    }
}

const WITHDRAWN: &str = "This edition is withdrawn.";

/// Whether an edition would print what its last approval was of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prints {
    /// It would.
    WhatWasApproved,
    /// Something else: another text, another entry, other figures; or nothing was approved.
    SomethingElse,
}

/// Refuses a tool the documents of a draft: its small counts are approved by nobody yet.
pub fn refuse_draft(is_tool: bool) -> Result<(), Refusal> {
    if is_tool {
        return Err(Refusal::new(Code::NotAllowed, "A draft's documents are for people until the edition is published: log in."));
    }
    Ok(())
}

/// The day by which a statement published on a day is looked at again: a year later.
pub fn review_due_on(published_on: NaiveDate) -> NaiveDate {
    published_on + Months::new(12)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, choice, consultation, approval, publication, each by its number; 0, there is none.
    fn course([text, choice, consultation, approval, publication]: [i64; 5]) -> Course {
        let at = |seq: i64| (seq > 0).then_some(seq);
        Course {
            text: at(text),
            choice: at(choice),
            consultation: at(consultation),
            approval: at(approval),
            publication: at(publication),
            withdrawal: None,
        }
    }

    #[test]
    fn a_later_change_takes_a_consultation_or_an_approval_back() {
        use EditionState::{Approved, Consulted, Draft, Published};
        for (recorded, state) in [
            ([0, 0, 0, 0, 0], Draft),
            ([1, 2, 0, 0, 0], Draft),
            ([1, 0, 2, 0, 0], Consulted),
            ([0, 0, 2, 0, 0], Consulted),
            ([3, 0, 2, 0, 0], Draft),
            ([1, 3, 2, 0, 0], Consulted),
            ([1, 2, 3, 4, 0], Approved),
            // A choice after the approval wants another approval, and no other consultation.
            ([1, 5, 3, 4, 0], Consulted),
            // So does another consultation.
            ([1, 2, 5, 4, 0], Consulted),
            ([5, 2, 3, 4, 0], Draft),
            ([5, 2, 6, 4, 0], Consulted),
            ([1, 2, 3, 4, 5], Published),
        ] {
            assert_eq!(course(recorded).state(), state, "{recorded:?}");
        }
    }

    #[test]
    fn a_withdrawn_edition_changes_no_more() {
        let withdrawn = Course { withdrawal: Some(9), ..course([1, 2, 3, 4, 0]) };
        assert_eq!(withdrawn.state(), EditionState::Withdrawn);
        assert!(withdrawn.refuse_closed().is_err() && withdrawn.refuse_publication().is_err());
        assert!(withdrawn.refuse_approval(Prints::SomethingElse).is_err() && withdrawn.missing().is_empty());
    }

    #[test]
    fn what_is_missing_is_told_by_how_far_it_has_come() {
        for (recorded, told) in [
            ([1, 0, 0, 0, 0], "not_consulted not_approved"),
            ([3, 0, 2, 0, 0], "not_consulted not_approved"),
            ([1, 0, 2, 0, 0], "not_approved"),
            ([1, 4, 2, 3, 0], "not_approved"),
            ([1, 0, 2, 3, 0], ""),
            ([1, 0, 2, 3, 4], ""),
        ] {
            let found: Vec<_> = course(recorded).missing().into_iter().map(|error| error.code).collect();
            assert_eq!(found.join(" "), told, "{recorded:?}");
        }
    }

    #[test]
    fn what_is_approved_is_approved_again_only_where_it_would_print_something_else() {
        let approved = course([1, 0, 2, 3, 0]);
        assert!(approved.refuse_approval(Prints::WhatWasApproved).is_err());
        assert!(approved.refuse_approval(Prints::SomethingElse).is_ok());
        assert!(course([1, 0, 0, 0, 0]).refuse_approval(Prints::SomethingElse).is_err());
    }

    #[test]
    fn each_step_wants_the_one_before_it() {
        for (recorded, changes, approves, publishes) in [
            ([1, 0, 0, 0, 0], true, false, false),
            ([1, 0, 2, 0, 0], true, true, false),
            ([3, 0, 2, 0, 0], true, false, false),
            ([1, 0, 2, 3, 0], true, false, true),
            ([1, 4, 2, 3, 0], true, true, false),
            ([1, 0, 2, 3, 4], false, false, false),
        ] {
            let course = course(recorded);
            let allowed = (
                course.refuse_closed().is_ok(),
                course.refuse_approval(Prints::WhatWasApproved).is_ok(),
                course.refuse_publication().is_ok(),
            );
            assert_eq!(allowed, (changes, approves, publishes), "{recorded:?}");
        }
    }

    #[test]
    fn what_is_approved_is_what_was_read() {
        for (recorded, revision) in [([0, 0, 0, 0, 0], 1), ([3, 0, 0, 0, 0], 3), ([3, 7, 5, 9, 0], 7), ([3, 4, 5, 9, 11], 5)] {
            let course = course(recorded);
            assert_eq!(course.revision(1), revision, "{recorded:?}");
            assert!(course.refuse_unread(1, revision).is_ok() && course.refuse_unread(1, revision + 1).is_err());
        }
    }

    #[test]
    fn a_draft_is_for_people() {
        assert!(refuse_draft(false).is_ok());
        assert_eq!(refuse_draft(true).map_err(|refusal| refusal.code), Err(Code::NotAllowed));
    }

    #[test]
    fn a_review_is_due_a_year_later() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        for (published, due) in [("2024-06-03", "2025-06-03"), ("2024-02-29", "2025-02-28")] {
            assert_eq!(review_due_on(day(published)), day(due));
        }
    }
}
