//! Which step an account may take, and what a step says.

use super::{AccountDays, PaidElsewhere, StepKind, Stretch, check_past_day, check_text, check_year};
use crate::profile::DirectPaymentPolicy;
use crate::{Code, FieldError, Frequency, LineState, Refusal};
use chrono::NaiveDate;

/// A step that is to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewStep<'a> {
    /// What happened.
    pub kind: StepKind,
    /// When; of a pause, a resumption or a closure the first day it is about.
    pub on: NaiveDate,
    /// The first day on which it no longer holds.
    pub until: Option<NaiveDate>,
    /// Whether it names a bank account.
    pub has_bank_reference: bool,
    /// Whether it names a payee.
    pub has_payee_reference: bool,
    /// Whether it names a one-off line.
    pub has_line: bool,
    /// In words.
    pub reason: Option<&'a str>,
}

impl NewStep<'_> {
    /// Fields that are missing, or are another step's, and days that cannot be.
    pub fn mistakes(&self, today: NaiveDate) -> Vec<FieldError> {
        use StepKind as K;
        let mut errors = Vec::new();
        if matches!(self.kind, K::Pause | K::Resume | K::Close) {
            check_year(&mut errors, "/taken_on", self.on);
        } else {
            check_past_day(&mut errors, "/taken_on", self.on, today);
        }
        let (is_bank, is_set_up) = (self.kind == K::BankAccountRecorded, self.kind == K::SetUpPayment);
        for (pointer, is_given, is_needed, is_taken) in [
            ("/bank_reference", self.has_bank_reference, is_bank, is_bank),
            ("/payee_reference", self.has_payee_reference, is_bank, is_bank),
            ("/line_id", self.has_line, is_set_up, is_set_up),
            ("/until_on", self.until.is_some(), false, matches!(self.kind, K::DbsSeen | K::Pause)),
            ("/reason", self.reason.is_some(), matches!(self.kind, K::Pause | K::Close), true),
        ] {
            if is_needed && !is_given {
                errors.push(FieldError::new(pointer, "required", format!("the step `{}` needs it", self.kind)));
            }
            if is_given && !is_taken {
                errors.push(FieldError::new(pointer, "not_of_this_step", format!("the step `{}` does not take it", self.kind)));
            }
        }
        if let Some(until) = self.until {
            check_year(&mut errors, "/until_on", until);
            if until <= self.on {
                errors.push(FieldError::new("/until_on", "before_start", "it is the first day after, so it is later than the step"));
            }
        }
        if let Some(reason) = self.reason {
            check_text(&mut errors, "/reason", reason);
        }
        errors
    }

    /// A pause or a closure before the account's first day.
    pub fn start_mistakes(&self, starts_on: NaiveDate) -> Option<FieldError> {
        let is_early = matches!(self.kind, StepKind::Pause | StepKind::Close) && self.on < starts_on;
        is_early.then(|| FieldError::new("/taken_on", "before_start", format!("the account starts on {starts_on}")))
    }
}

/// What of a package line decides whether it is paid as a set-up payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetUpLine<'a> {
    /// The child it is for.
    pub child_id: &'a str,
    /// The budget line it is on.
    pub budget_line: &'a str,
    /// How often it is bought.
    pub frequency: Frequency,
    /// How it stands.
    pub state: LineState,
    /// Whether it carries on another line.
    pub carries_on: bool,
}

/// A set-up payment is for a one-off line of the account's child, on the budget line of direct payments.
pub fn set_up_line_mistakes(policy: &DirectPaymentPolicy, child_id: &str, line: Option<&SetUpLine<'_>>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |code: &str, detail: &str| errors.push(FieldError::new("/line_id", code, detail));
    match line.filter(|line| line.child_id == child_id && line.state != LineState::Reversed) {
        None => refuse("unknown_reference", "the account's child has no package line with this id"),
        Some(line) => {
            if policy.budget_line.as_ref().is_none_or(|paying| paying.code != line.budget_line) {
                refuse("other_budget_line", "the line is not on the budget line of direct payments");
            }
            if line.frequency != Frequency::OneOff || line.carries_on {
                refuse("not_one_off", "a set-up payment needs a one-off line that continues no other");
            }
        }
    }
    errors
}

impl AccountDays {
    /// Refuses a step that the account's earlier steps do not allow.
    pub fn refuse_step(&self, step: &NewStep<'_>, elsewhere: &PaidElsewhere, today: NaiveDate) -> Result<(), Refusal> {
        let conflict = |detail: String| Err(Refusal::new(Code::StateConflict, detail));
        if let Some(closed) = self.closed_on {
            return conflict(format!("The account is closed from {closed} on; reverse that step to open it again."));
        }
        match step.kind {
            StepKind::Pause => self.refuse_pause(Stretch { from: step.on, to: step.until }, today),
            StepKind::Resume if !self.pauses.iter().any(|pause| pause.holds(step.on)) => {
                conflict(format!("The account is not paused on {}.", step.on))
            }
            StepKind::SetUpPayment => elsewhere.refuse(),
            _ => Ok(()),
        }
    }

    fn refuse_pause(&self, pause: Stretch, today: NaiveDate) -> Result<(), Refusal> {
        if let Some(other) = self.pauses.iter().find(|other| other.overlaps(&pause)) {
            return Err(Refusal::new(Code::PeriodOverlaps, format!("The account is paused from {} already.", other.from)));
        }
        match self.unfinished_pause(today).filter(|_| is_unfinished(&pause, today)) {
            None => Ok(()),
            // One at a time keeps lists exact: they know the pause that is not over.
            Some(other) => {
                let detail = format!("The pause from {} is not over; record another when it is.", other.from);
                Err(Refusal::new(Code::StateConflict, detail))
            }
        }
    }

    /// Refuses what would leave two pauses side by side. A pause whose resumption is taken back goes on: perhaps into the next, or to come
    /// beside one that is to come.
    pub fn refuse_two_pauses(&self, today: NaiveDate) -> Result<(), Refusal> {
        let is_unfinished = |pause: &Stretch| is_unfinished(pause, today);
        match self.pauses.windows(2).find(|pair| pair[0].overlaps(&pair[1]) || pair.iter().all(is_unfinished)) {
            None => Ok(()),
            Some(pair) => {
                let detail = format!(
                    "This would leave two pauses on the account, one from {} and one from {}. Reverse the other pause first.",
                    pair[0].from, pair[1].from
                );
                Err(Refusal::new(Code::PeriodOverlaps, detail))
            }
        }
    }
}

fn is_unfinished(pause: &Stretch, today: NaiveDate) -> bool {
    pause.to.is_none_or(|to| to > today)
}

/// Refuses to take back a pause that a later resumption ended; `resumptions` are those that stand, by id and day.
pub fn refuse_resumed_pause<'a>(pause: Stretch, resumptions: impl IntoIterator<Item = (&'a str, NaiveDate)>) -> Result<(), Refusal> {
    match resumptions.into_iter().find(|(_, on)| pause.holds(*on)) {
        None => Ok(()),
        Some((id, on)) => {
            let detail = format!("The resumption of {on} ended this pause: reverse it first, step {id}.");
            Err(Refusal::new(Code::StateConflict, detail))
        }
    }
}

#[cfg(test)]
mod tests;
