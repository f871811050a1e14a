//! The steps of an assessment: where they leave it, and which may come next.

use crate::panel::{AssessmentKind, AssessmentStep};
use crate::{Code, FieldError, FinancialYear, Refusal};
use chrono::{Months, NaiveDate};
use std::collections::BTreeSet;

/// A step on record.
#[derive(Debug, Clone, Copy)]
pub struct TakenStep<'s> {
    /// 1, 2, 3 … in the order recorded.
    pub number: i64,
    /// What happened.
    pub step: AssessmentStep,
    /// The day it happened.
    pub taken_on: NaiveDate,
    /// Who recorded it.
    pub recorded_by: &'s str,
}

impl AssessmentStep {
    /// Whether whoever records it makes a part of the assessment. A manager's look at it, and a manager's authorisation, make none.
    pub fn makes_a_part(self) -> bool {
        !matches!(self, AssessmentStep::Checkpoint | AssessmentStep::Authorised)
    }
}

/// Whoever made an assessment, as far as its record shows.
#[derive(Debug, Clone, Copy)]
pub struct Made<'m> {
    /// The user who is named as having made it.
    pub assessor_id: &'m str,
    /// Who recorded it.
    pub recorded_by: &'m str,
    /// Its steps.
    pub steps: &'m [TakenStep<'m>],
}

impl Made<'_> {
    /// Everybody who recorded a part of it.
    pub fn hands(&self) -> BTreeSet<&str> {
        let of_steps = self.steps.iter().filter(|taken| taken.step.makes_a_part()).map(|taken| taken.recorded_by);
        of_steps.chain([self.recorded_by]).collect()
    }

    /// Whether the named assessor recorded it, or that it was finished: then it is theirs by their own log-in.
    pub fn is_assessors_own(&self) -> bool {
        let finished = self.steps.iter().any(|taken| taken.step == AssessmentStep::Completed && taken.recorded_by == self.assessor_id);
        finished || self.recorded_by == self.assessor_id
    }
}

/// What its steps make of an assessment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The day the assessor finished it.
    pub completed_on: Option<NaiveDate>,
    /// The day it was authorised.
    pub authorised_on: Option<NaiveDate>,
    /// The user who authorised it.
    pub authorised_by: Option<String>,
    /// Whether the panel may see it: the latest word on it was consent.
    pub has_consent: bool,
}

/// An assessment that a request may rest on, as far as the rules look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentFacts {
    /// How the needs were assessed.
    pub kind: AssessmentKind,
    /// What its steps make of it.
    pub progress: Progress,
}

/// Who records a step.
#[derive(Debug, Clone, Copy)]
pub struct Recorder<'r> {
    /// The user's or API client's id.
    pub id: &'r str,
    /// Whether it is an API client: a tool cannot be answerable.
    pub is_tool: bool,
    /// The tools that they answer for; of a tool, whoever answers for it. What one of them did, the other did.
    pub also: &'r [String],
}

impl Recorder<'_> {
    fn is(&self, id: &str) -> bool {
        self.id == id || self.also.iter().any(|other| other == id)
    }
}

impl Progress {
    /// The steps are in the order recorded.
    pub fn of(steps: &[TakenStep<'_>]) -> Self {
        let first = |wanted: AssessmentStep| steps.iter().find(|taken| taken.step == wanted);
        let authorised = first(AssessmentStep::Authorised);
        // A withdrawal is not undone by an earlier consent that is written down late.
        let consent = steps.iter().filter(|taken| is_consent(taken.step)).max_by_key(|taken| (taken.taken_on, taken.number));
        Progress {
            completed_on: first(AssessmentStep::Completed).map(|taken| taken.taken_on),
            authorised_on: authorised.map(|taken| taken.taken_on),
            authorised_by: authorised.map(|taken| taken.recorded_by.to_owned()),
            has_consent: consent.is_some_and(|taken| taken.step == AssessmentStep::ConsentGiven),
        }
    }
}

fn is_consent(step: AssessmentStep) -> bool {
    matches!(step, AssessmentStep::ConsentGiven | AssessmentStep::ConsentWithdrawn)
}

/// The last day on which a completed assessment is current: the day so many months later on which the next is due.
pub fn last_current_day(completed_on: NaiveDate, months: u16) -> NaiveDate {
    completed_on.checked_add_months(Months::new(u32::from(months))).unwrap_or(NaiveDate::MAX)
}

/// Whether an assessment that was completed on a day is still current on another; without a number of months it stays so.
pub fn is_current_on(completed_on: NaiveDate, months: Option<u16>, on: NaiveDate) -> bool {
    months.is_none_or(|months| on <= last_current_day(completed_on, months))
}

/// The day by which a later assessment took the place of one that was completed on a day; none, it has not. An assessment is current
/// until the next: one that was completed later, and authorised by the day looked at. One of a kind that the panel does not take
/// cannot take its place.
pub fn replaced_on(
    completed_on: NaiveDate,
    others: &[AssessmentFacts],
    is_taken: impl Fn(AssessmentKind) -> bool,
    on: NaiveDate,
) -> Option<NaiveDate> {
    let later = others.iter().filter(|other| is_taken(other.kind));
    let later = later.filter(|other| other.progress.completed_on.is_some_and(|day| day > completed_on));
    later.filter_map(|other| other.progress.authorised_on).filter(|day| *day <= on).max()
}

/// What is wrong with the day on which an assessment is said to have begun.
pub fn start_mistakes(started_on: NaiveDate, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if started_on > today {
        errors.push(FieldError::new("/started_on", "in_the_future", "an assessment is recorded once it has begun"));
    }
    if let Err(error) = FinancialYear::of(started_on) {
        errors.push(FieldError::new("/started_on", "out_of_range", error.to_string()));
    }
    errors
}

/// Refuses a step, other than an authorisation, that may not be taken on this day or by this person, or not after what went before.
pub fn refuse_step(
    assessor_id: &str,
    started_on: NaiveDate,
    progress: &Progress,
    step: AssessmentStep,
    taken_on: NaiveDate,
    recorder: Recorder<'_>,
    today: NaiveDate,
) -> Result<(), Refusal> {
    if step == AssessmentStep::Checkpoint && recorder.is(assessor_id) {
        let detail = "A checkpoint is a manager's look at the assessment. You make this one; somebody else records it.";
        return Err(Refusal::new(Code::NotAllowed, detail));
    }
    let mut errors = Vec::new();
    if step == AssessmentStep::Authorised {
        let detail = "an authorisation is recorded by whoever gives it, at POST /v1/assessments/{id}/authorisation";
        errors.push(FieldError::new("/step", "has_its_own_path", detail));
    }
    if taken_on < started_on {
        errors.push(FieldError::new("/taken_on", "before_start", format!("the assessment began on {started_on}")));
    }
    errors.extend(future_mistake("/taken_on", taken_on, today));
    Refusal::unless_valid(errors)?;
    if let Some(day) = progress.authorised_on.filter(|_| !is_consent(step)) {
        let detail = format!("This assessment was authorised on {day} and can no longer change. Start a new assessment.");
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    if let Some(day) = progress.completed_on.filter(|_| step == AssessmentStep::Completed) {
        return Err(Refusal::new(Code::StateConflict, format!("It was completed on {day}.")));
    }
    Ok(())
}

/// Refuses an authorisation by a tool, by the assessor or by whoever recorded a part of it, of what is not completed or was authorised
/// before, or on such a day.
pub fn refuse_authorisation(
    made: Made<'_>,
    progress: &Progress,
    authorised_on: NaiveDate,
    recorder: Recorder<'_>,
    today: NaiveDate,
) -> Result<(), Refusal> {
    if recorder.is_tool {
        return Err(Refusal::new(Code::NotAllowed, "An assessment is authorised by a person; a tool cannot be answerable for it."));
    }
    if recorder.is(made.assessor_id) {
        return Err(Refusal::new(Code::NotAllowed, "You made this assessment; somebody else authorises it."));
    }
    if made.hands().into_iter().any(|hand| recorder.is(hand)) {
        return Err(Refusal::new(Code::NotAllowed, "You recorded a part of this assessment; somebody else authorises it."));
    }
    if let Some(day) = progress.authorised_on {
        return Err(Refusal::new(Code::StateConflict, format!("It was authorised on {day}.")));
    }
    let Some(completed) = progress.completed_on else {
        return Err(Refusal::new(Code::StateConflict, "It is not completed; authorisation comes after."));
    };
    let mut errors: Vec<FieldError> = future_mistake("/authorised_on", authorised_on, today).into_iter().collect();
    if authorised_on < completed {
        errors.push(FieldError::new("/authorised_on", "before_completion", format!("the assessment was completed on {completed}")));
    }
    Refusal::unless_valid(errors)
}

fn future_mistake(pointer: &str, day: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    (day > today).then(|| FieldError::new(pointer, "in_the_future", format!("it is {today}; what has not happened is not recorded")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use AssessmentKind::{ChildAndFamily, EarlyHelp};
    use AssessmentStep::{Authorised, Checkpoint, Completed, ConsentGiven, ConsentWithdrawn};

    const ASSESSOR: &str = "the assessor";
    const MANAGER: Recorder<'_> = Recorder { id: "a manager", is_tool: false, also: &[] };

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn progress(completed: Option<&str>, authorised: Option<&str>) -> Progress {
        Progress { completed_on: completed.map(day), authorised_on: authorised.map(day), ..Progress::default() }
    }

    fn said(refusal: Result<(), Refusal>) -> String {
        match refusal {
            Ok(()) => "taken".to_owned(),
            Err(refusal) if refusal.errors.is_empty() => refusal.code.as_str().to_owned(),
            Err(refusal) => refusal.errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect::<Vec<_>>().join(", "),
        }
    }

    #[test]
    fn steps_leave_an_assessment_where_the_first_completion_and_the_latest_word_of_the_family_say() {
        type Case<'c> = (&'c str, &'c [(AssessmentStep, &'c str)], Progress);
        let cases: [Case<'_>; 6] = [
            ("nothing happened", &[], Progress::default()),
            ("a checkpoint completes nothing", &[(Checkpoint, "2024-01-20")], Progress::default()),
            ("completed", &[(Completed, "2024-02-19")], progress(Some("2024-02-19"), None)),
            (
                "authorised",
                &[(Completed, "2024-02-19"), (Authorised, "2024-02-21")],
                Progress { authorised_by: Some("2".to_owned()), ..progress(Some("2024-02-19"), Some("2024-02-21")) },
            ),
            (
                "a withdrawal stands against an earlier consent that is written down late",
                &[(ConsentWithdrawn, "2024-03-01"), (ConsentGiven, "2024-02-01")],
                Progress::default(),
            ),
            (
                "of one day the last written down counts",
                &[(ConsentWithdrawn, "2024-03-01"), (ConsentGiven, "2024-03-01")],
                Progress { has_consent: true, ..Progress::default() },
            ),
        ];
        for (name, steps, expected) in cases {
            let recorders: Vec<String> = (1..=steps.len()).map(|number| number.to_string()).collect();
            let taken: Vec<_> = (1..)
                .zip(steps)
                .zip(&recorders)
                .map(|((number, (step, on)), recorder)| TakenStep { number, step: *step, taken_on: day(on), recorded_by: recorder })
                .collect();
            assert_eq!(Progress::of(&taken), expected, "{name}");
        }
    }

    #[test]
    fn an_assessment_begins_by_today_in_a_year_on_record() {
        for (started, expected) in [
            ("2024-03-01", ""),
            ("2024-03-02", "in_the_future"),
            ("1989-12-31", "out_of_range"),
            ("2150-01-01", "in_the_future, out_of_range"),
        ] {
            let codes: Vec<_> = start_mistakes(day(started), day("2024-03-01")).into_iter().map(|error| error.code).collect();
            assert_eq!(codes.join(", "), expected, "{started}");
        }
    }

    #[test]
    fn a_step_is_taken_in_its_order_by_whoever_may_once_it_has_happened() {
        let assessor = Recorder { id: ASSESSOR, is_tool: false, also: &[] };
        let (begun, done) = (progress(None, None), progress(Some("2024-02-19"), None));
        let authorised = progress(Some("2024-02-19"), Some("2024-02-21"));
        let cases = [
            ("the first day", &begun, Completed, "2024-01-08", assessor, "taken"),
            ("before it began", &begun, Completed, "2024-01-07", assessor, "/taken_on before_start"),
            ("today", &begun, Completed, "2024-03-01", assessor, "taken"),
            ("tomorrow", &begun, Completed, "2024-03-02", assessor, "/taken_on in_the_future"),
            ("the assessor looks at it", &begun, Checkpoint, "2024-02-01", assessor, "not_allowed"),
            ("a manager looks at it", &begun, Checkpoint, "2024-02-01", MANAGER, "taken"),
            ("a checkpoint once it is completed", &done, Checkpoint, "2024-02-20", MANAGER, "taken"),
            ("completed twice", &done, Completed, "2024-02-20", assessor, "state_conflict"),
            ("consent once it is completed", &done, ConsentGiven, "2024-02-20", assessor, "taken"),
            ("authorised by this path", &done, Authorised, "2024-02-21", MANAGER, "/step has_its_own_path"),
            ("a checkpoint once it is authorised", &authorised, Checkpoint, "2024-02-22", MANAGER, "state_conflict"),
            ("completed once it is authorised", &authorised, Completed, "2024-02-22", assessor, "state_conflict"),
            ("consent once it is authorised", &authorised, ConsentGiven, "2024-02-22", assessor, "taken"),
            ("consent withdrawn once it is authorised", &authorised, ConsentWithdrawn, "2024-02-22", assessor, "taken"),
        ];
        for (name, progress, step, on, recorder, expected) in cases {
            let refusal = refuse_step(ASSESSOR, day("2024-01-08"), progress, step, day(on), recorder, day("2024-03-01"));
            assert_eq!(said(refusal), expected, "{name}");
        }
    }

    #[test]
    fn an_assessment_is_authorised_once_it_is_completed_by_a_person_who_did_not_make_it() {
        let done = progress(Some("2024-02-19"), None);
        let tools = ["a writer".to_owned()];
        let cases = [
            ("the day it was completed", &done, "2024-02-19", MANAGER, "taken"),
            ("the day before", &done, "2024-02-18", MANAGER, "/authorised_on before_completion"),
            ("today", &done, "2024-03-01", MANAGER, "taken"),
            ("tomorrow", &done, "2024-03-02", MANAGER, "/authorised_on in_the_future"),
            ("a tool", &done, "2024-02-21", Recorder { id: "a tool", is_tool: true, also: &[] }, "not_allowed"),
            ("the assessor", &done, "2024-02-21", Recorder { id: ASSESSOR, is_tool: false, also: &[] }, "not_allowed"),
            ("who recorded it", &done, "2024-02-21", Recorder { id: "a writer", is_tool: false, also: &[] }, "not_allowed"),
            ("who finished it", &done, "2024-02-21", Recorder { id: "a colleague", is_tool: false, also: &[] }, "not_allowed"),
            ("whose tool recorded it", &done, "2024-02-21", Recorder { id: "its owner", is_tool: false, also: &tools }, "not_allowed"),
            ("who recorded consent", &done, "2024-02-21", Recorder { id: "a clerk", is_tool: false, also: &[] }, "not_allowed"),
            ("not completed", &progress(None, None), "2024-02-21", MANAGER, "state_conflict"),
            ("twice", &progress(Some("2024-02-19"), Some("2024-02-21")), "2024-02-22", MANAGER, "state_conflict"),
        ];
        for (name, progress, on, recorder, expected) in cases {
            let steps = [taken(Completed, "a colleague"), taken(Checkpoint, "a manager"), taken(ConsentGiven, "a clerk")];
            let made = Made { assessor_id: ASSESSOR, recorded_by: "a writer", steps: &steps };
            assert_eq!(said(refuse_authorisation(made, progress, day(on), recorder, day("2024-03-01"))), expected, "{name}");
        }
    }

    fn taken(step: AssessmentStep, recorded_by: &str) -> TakenStep<'_> {
        TakenStep { number: 1, step, taken_on: day("2024-02-19"), recorded_by }
    }

    #[test]
    fn an_assessment_is_the_assessors_own_where_they_recorded_it_or_that_it_was_finished() {
        let cases = [
            ("recorded it", ASSESSOR, vec![taken(Completed, "a clerk")], true),
            ("finished it", "a clerk", vec![taken(Completed, ASSESSOR)], true),
            ("recorded another step", "a clerk", vec![taken(Completed, "a clerk"), taken(ConsentGiven, ASSESSOR)], false),
            ("did nothing", "a clerk", vec![taken(Completed, "a clerk")], false),
        ];
        for (name, recorded_by, steps, is_own) in cases {
            assert_eq!(Made { assessor_id: ASSESSOR, recorded_by, steps: &steps }.is_assessors_own(), is_own, "{name}");
        }
    }

    #[test]
    fn an_assessment_is_current_for_so_many_months_after_its_completion() {
        for (completed, months, expected) in
            [("2024-02-19", 12, "2025-02-19"), ("2024-08-31", 6, "2025-02-28"), ("2024-02-19", 0, "2024-02-19")]
        {
            assert_eq!(last_current_day(day(completed), months), day(expected), "{completed} and {months} months");
            let is_current = |on| is_current_on(day(completed), Some(months), on);
            assert!(is_current(day(expected)) && !is_current(day(expected) + chrono::Days::new(1)), "{expected}");
            assert!(is_current_on(day(completed), None, day("2098-12-31")), "without a number of months it stays current");
        }
    }

    #[test]
    fn a_later_assessment_takes_the_place_of_one_once_it_is_authorised() {
        let cases = [
            ("none", None, None),
            ("later", Some((ChildAndFamily, "2024-06-03", "2024-06-10")), Some("2024-06-10")),
            ("itself", Some((ChildAndFamily, "2024-02-19", "2024-02-21")), None),
            ("authorised on the day looked at", Some((ChildAndFamily, "2024-06-03", "2024-07-01")), Some("2024-07-01")),
            ("authorised the day after", Some((ChildAndFamily, "2024-06-03", "2024-07-02")), None),
            ("completed earlier and authorised later", Some((ChildAndFamily, "2024-02-18", "2024-06-10")), None),
            ("of a kind that the panel does not take", Some((EarlyHelp, "2024-06-03", "2024-06-10")), None),
        ];
        for (name, other, expected) in cases {
            let others: Vec<_> = other
                .map(|(kind, completed, authorised)| AssessmentFacts { kind, progress: progress(Some(completed), Some(authorised)) })
                .into_iter()
                .collect();
            let found = replaced_on(day("2024-02-19"), &others, |kind| kind == ChildAndFamily, day("2024-07-01"));
            assert_eq!(found, expected.map(day), "{name}");
        }
    }
}
