//! What a request still lacks before it can go on an agenda: all of it, each with where it is asked for.

use super::assessed::late_updates;
use crate::assessments::{AssessmentFacts, is_current_on, last_current_day, replaced_on};
use crate::panel::{AssessmentKind, PaperworkPart};
pub use crate::refusal::Missing;
use crate::{Code, FieldError, Profile, Refusal, Unit};
use chrono::NaiveDate;
use strum::VariantArray;

/// A request's paperwork, as far as it decides whether the request is ready.
#[derive(Debug, Clone)]
pub struct PaperworkFacts<'p> {
    /// The assessment it rests on.
    pub assessment: Option<AssessmentFacts>,
    /// The authorised assessments of the child, that one too.
    pub authorised_assessments: Vec<AssessmentFacts>,
    /// The reference of another request that the assessment carries.
    pub assessment_carries: Option<String>,
    /// Whether it says who presents it.
    pub has_presenter: bool,
    /// Whether it says who costed it.
    pub has_coster: bool,
    /// The parts that are filled in.
    pub parts: Vec<PaperworkPart>,
    /// The budget line and unit of each line asked for.
    pub lines: Vec<(&'p str, Unit)>,
}

/// The parts of the paperwork that are filled in.
pub fn filled_in(is_filled_in: impl Fn(PaperworkPart) -> bool) -> Vec<PaperworkPart> {
    PaperworkPart::VARIANTS.iter().copied().filter(|part| is_filled_in(*part)).collect()
}

/// Whether the assessment and the persons that paperwork names are on record. What it does not name is.
#[derive(Debug, Clone, Copy)]
pub struct PaperworkReferences {
    /// Whether the child has the assessment.
    pub child_has_assessment: bool,
    /// Whether there is such a presenter.
    pub has_presenter: bool,
    /// Whether there is such a coster.
    pub has_coster: bool,
}

/// What paperwork names that is not on record; pointers start with `at`.
pub fn reference_mistakes(at: &str, references: PaperworkReferences) -> Vec<FieldError> {
    let PaperworkReferences { child_has_assessment, has_presenter, has_coster } = references;
    let mistake = |field: &str, detail: &str| FieldError::new(&format!("{at}/{field}"), "unknown_reference", detail);
    [
        (child_has_assessment, mistake("assessment_id", "the child has no assessment with this id")),
        (has_presenter, mistake("presenter_id", "no user has this id")),
        (has_coster, mistake("coster_id", "no user has this id")),
    ]
    .into_iter()
    .filter_map(|(is_there, mistake)| (!is_there).then_some(mistake))
    .collect()
}

/// Everything the request lacks on a day: an authorised current assessment, consent, who presents and costed it, costed lines, the
/// local-offer answer, and what the profile asks for besides.
pub fn missing_for_agenda(profile: &Profile, paperwork: &PaperworkFacts<'_>, on: NaiveDate) -> Vec<Missing> {
    let mut missing = Vec::new();
    match &paperwork.assessment {
        None => missing.push(lacking("assessment_id", "an assessment", None)),
        Some(assessment) => {
            assessment_gaps(profile, assessment, paperwork, on, &mut missing);
            missing.extend(later_assessment(profile, assessment, paperwork, on));
            missing.extend(carried_before(profile, paperwork));
        }
    }
    let mut assessed = paperwork.authorised_assessments.clone();
    assessed.extend(paperwork.assessment.clone());
    missing.extend(late_updates(profile, &paperwork.lines, &assessed, on).refused);
    if !paperwork.has_presenter {
        missing.push(lacking("presenter_id", "the presenter", None));
    }
    if !paperwork.has_coster {
        missing.push(lacking("coster_id", "the person who costed the lines", None));
    }
    if paperwork.lines.is_empty() {
        missing.push(lacking("lines", "a costed line", None));
    }
    let asked = profile.panel.paperwork.iter().map(|demand| (demand.part, Some(demand.clause.clone())));
    let local_offer_asked = profile.panel.paperwork.iter().any(|demand| demand.part == PaperworkPart::LocalOffer);
    let always = (!local_offer_asked).then_some((PaperworkPart::LocalOffer, None));
    for (part, clause) in asked.chain(always).filter(|(part, _)| !paperwork.parts.contains(part)) {
        let (field, what) = wording(part);
        missing.push(lacking(field, what, clause));
    }
    missing
}

/// Refuses to go on while something is missing.
pub fn refuse_missing(missing: Vec<Missing>) -> Result<(), Refusal> {
    if missing.is_empty() {
        return Ok(());
    }
    let errors = missing.into_iter().map(|gap| {
        let clause = gap.clause.map(|clause| format!(" ({clause})")).unwrap_or_default();
        FieldError::new(&gap.pointer, "missing", format!("{}{clause}", gap.detail))
    });
    let refusal = Refusal::with_errors(Code::NotReady, errors.collect());
    Err(refusal.detailed("The paperwork is not complete; `errors` lists everything that is missing."))
}

fn assessment_gaps(
    profile: &Profile,
    assessment: &AssessmentFacts,
    paperwork: &PaperworkFacts<'_>,
    on: NaiveDate,
    missing: &mut Vec<Missing>,
) {
    let mut gap = |detail: String, clause: Option<&String>| {
        missing.push(Missing { pointer: "/assessment_id".to_owned(), detail, clause: clause.cloned() });
    };
    let AssessmentFacts { kind, progress } = assessment;
    let panel = &profile.panel;
    if let Some(accepted) = panel.assessments.as_ref().filter(|accepted| !accepted.kinds.contains(kind)) {
        gap(format!("the assessment is `{kind}`; the panel takes {}", either(&accepted.kinds)), Some(&accepted.clause));
    }
    match progress.authorised_on {
        None if progress.completed_on.is_none() => gap("the assessment is not completed and authorised".to_owned(), None),
        None => gap("the assessment is not authorised by a manager".to_owned(), None),
        Some(_) => {}
    }
    if let (Some(completed), Some(months)) = (progress.completed_on, &panel.assessment_current_months)
        && !is_current_on(completed, Some(months.value), on)
    {
        let last = last_current_day(completed, months.value);
        gap(format!("the assessment was completed on {completed} and was current up to and including {last}"), Some(&months.clause));
    }
    if !progress.has_consent {
        gap("the family's consent is not recorded".to_owned(), None);
    }
    for demand in &profile.delegation.demands {
        let is_asked = paperwork.lines.iter().any(|(budget_line, unit)| demand.is_for(budget_line, *unit));
        if is_asked && !demand.assessments.contains(kind) {
            let kinds = either(&demand.assessments);
            gap(format!("a line asks for support that only an assessment of kind {kinds} may lead to"), Some(&demand.clause));
        }
    }
}

fn either(kinds: &[AssessmentKind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" or ")
}

fn later_assessment(profile: &Profile, assessment: &AssessmentFacts, paperwork: &PaperworkFacts<'_>, on: NaiveDate) -> Option<Missing> {
    let completed = assessment.progress.completed_on?;
    let is_taken = |kind| profile.panel.assessments.as_ref().is_none_or(|accepted| accepted.kinds.contains(&kind));
    let day = replaced_on(completed, &paperwork.authorised_assessments, is_taken, on)?;
    Some(Missing {
        pointer: "/assessment_id".to_owned(),
        detail: format!("a later assessment was authorised on {day}; the request rests on one that was completed on {completed}"),
        clause: None,
    })
}

/// Where each request rests on a new assessment, one that carried another request.
fn carried_before(profile: &Profile, paperwork: &PaperworkFacts<'_>) -> Option<Missing> {
    let (rule, other) = profile.panel.new_assessment_each_request.as_ref().zip(paperwork.assessment_carries.as_ref())?;
    Some(Missing {
        pointer: "/assessment_id".to_owned(),
        detail: format!("the assessment carries request {other}; another request rests on a new one"),
        clause: Some(rule.clause.clone()),
    })
}

fn lacking(field: &str, what: &str, clause: Option<String>) -> Missing {
    Missing { pointer: format!("/{field}"), detail: format!("{what} is missing"), clause }
}

fn wording(part: PaperworkPart) -> (&'static str, &'static str) {
    match part {
        PaperworkPart::Strengths => ("strengths", "the part on what is going well"),
        PaperworkPart::Worries => ("worries", "the part on what people are worried about"),
        PaperworkPart::UnmetNeed => ("unmet_need", "the part on the need that the panel is asked to meet"),
        PaperworkPart::Outcomes => ("outcomes", "the part on what the support is to achieve"),
        PaperworkPart::OutcomeMeasures => ("outcome_measures", "the part on how success will be measured"),
        PaperworkPart::InPlace => ("in_place", "the part on what support is in place"),
        PaperworkPart::Impact => ("impact", "the part on what difference that support makes"),
        PaperworkPart::LocalOffer => ("local_offer_used", "the part on the local offer, used or out of reach,"),
    }
}

#[cfg(test)]
mod tests;
