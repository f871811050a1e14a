//! What a request still lacks before it can go on an agenda: all of it, each with where it is asked for.

use super::lines::RequestLine;
use super::paperwork::RequestRevision;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::assessments::{self, Standing};
use chrono::{Months, NaiveDate};
use db::AnyConnection;
use domain::Profile;
use domain::panel::PaperworkPart;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Missing {
    /// The field of the paperwork, as a JSON pointer.
    #[schema(example = "/unmet_need")]
    pub pointer: String,
    /// What is missing, in words.
    pub detail: String,
    /// Where it is asked for; null where every authority asks for it.
    pub clause: Option<String>,
}

/// Everything the request lacks: an authorised current assessment, consent, who presents and costed it, costed lines, the local-offer
/// answer, and what the profile asks for besides.
pub fn missing_for_agenda(
    connection: &mut AnyConnection,
    profile: &Profile,
    paperwork: &RequestRevision,
    lines: &[RequestLine],
    on: NaiveDate,
) -> Result<Vec<Missing>, Problem> {
    let mut missing = Vec::new();
    let assessment = match &paperwork.assessment_id {
        Some(id) => assessments::standing(connection, id)?,
        None => None,
    };
    match &assessment {
        None => missing.push(lacking("assessment_id", "an assessment", None)),
        Some(assessment) => {
            assessment_gaps(profile, assessment, lines, on, &mut missing);
            missing.extend(later_assessment(connection, profile, assessment, on)?);
        }
    }
    if paperwork.presenter_id.is_none() {
        missing.push(lacking("presenter_id", "who presents it", None));
    }
    if paperwork.coster_id.is_none() {
        missing.push(lacking("coster_id", "who costed it", None));
    }
    if lines.is_empty() {
        missing.push(lacking("lines", "a costed line", None));
    }
    let asked = profile.panel.paperwork.iter().map(|demand| (demand.part, Some(demand.clause.clone())));
    let local_offer_asked = profile.panel.paperwork.iter().any(|demand| demand.part == PaperworkPart::LocalOffer);
    let always = (!local_offer_asked).then_some((PaperworkPart::LocalOffer, None));
    for (part, clause) in asked.chain(always).filter(|(part, _)| !paperwork.has(*part)) {
        let (field, what) = wording(part);
        missing.push(lacking(field, what, clause));
    }
    Ok(missing)
}

/// Refuses to go on while something is missing.
pub fn refuse_missing(missing: Vec<Missing>) -> Result<(), Problem> {
    if missing.is_empty() {
        return Ok(());
    }
    let errors = missing.into_iter().map(|gap| {
        let clause = gap.clause.map(|clause| format!(" ({clause})")).unwrap_or_default();
        FieldError::new(&gap.pointer, "missing", format!("{}{clause}", gap.detail))
    });
    let problem = Problem::with_errors(Code::NotReady, errors.collect());
    Err(problem.detailed("The paperwork is not complete; `errors` lists everything that is missing."))
}

fn assessment_gaps(profile: &Profile, assessment: &Standing, lines: &[RequestLine], on: NaiveDate, missing: &mut Vec<Missing>) {
    let mut gap = |detail: String, clause: Option<&String>| {
        missing.push(Missing { pointer: "/assessment_id".to_owned(), detail, clause: clause.cloned() });
    };
    let kind = assessment.assessment.kind;
    let panel = &profile.panel;
    if let Some(accepted) = panel.assessments.as_ref().filter(|accepted| !accepted.kinds.contains(&kind)) {
        let kinds: Vec<_> = accepted.kinds.iter().map(|kind| kind.as_str()).collect();
        gap(format!("the assessment is `{kind}`; the panel takes {}", kinds.join(" or ")), Some(&accepted.clause));
    }
    match assessment.authorised_on {
        None if assessment.completed_on.is_none() => gap("the assessment is not completed and authorised".to_owned(), None),
        None => gap("the assessment is not authorised by a manager".to_owned(), None),
        Some(_) => {}
    }
    if let (Some(completed), Some(months)) = (assessment.completed_on, &panel.assessment_current_months) {
        let until = completed + Months::new(u32::from(months.value));
        if until <= on {
            gap(format!("the assessment was completed on {completed} and was current until {until}"), Some(&months.clause));
        }
    }
    if !assessment.has_consent {
        gap("the family's consent is not recorded".to_owned(), None);
    }
    for demand in &profile.delegation.demands {
        let is_asked = lines.iter().any(|line| demand.is_for(&line.budget_line, line.unit));
        if is_asked && !demand.assessments.contains(&kind) {
            let kinds: Vec<_> = demand.assessments.iter().map(|kind| kind.as_str()).collect();
            gap(
                format!("a line asks for support that only an assessment of kind {} may lead to", kinds.join(" or ")),
                Some(&demand.clause),
            );
        }
    }
}

/// An assessment is current until the next: one that was completed later, and authorised by the day looked at, takes its place. One
/// of a kind that the panel does not take cannot.
fn later_assessment(
    connection: &mut AnyConnection,
    profile: &Profile,
    assessment: &Standing,
    on: NaiveDate,
) -> Result<Option<Missing>, Problem> {
    let Some(completed) = assessment.completed_on else { return Ok(None) };
    let is_taken = |kind| profile.panel.assessments.as_ref().is_none_or(|accepted| accepted.kinds.contains(&kind));
    let others = assessments::authorised_of_child(connection, &assessment.assessment.child_id)?;
    let later = others.iter().filter(|other| is_taken(other.assessment.kind));
    let later = later.filter(|other| other.completed_on.is_some_and(|day| day > completed));
    let authorised_on = later.filter_map(|other| other.authorised_on).filter(|day| *day <= on).max();
    Ok(authorised_on.map(|day| Missing {
        pointer: "/assessment_id".to_owned(),
        detail: format!("a later assessment was authorised on {day}; the request rests on one that was completed on {completed}"),
        clause: None,
    }))
}

fn lacking(field: &str, what: &str, clause: Option<String>) -> Missing {
    Missing { pointer: format!("/{field}"), detail: format!("{what} is missing"), clause }
}

fn wording(part: PaperworkPart) -> (&'static str, &'static str) {
    match part {
        PaperworkPart::Strengths => ("strengths", "what is going well"),
        PaperworkPart::Worries => ("worries", "what people are worried about"),
        PaperworkPart::UnmetNeed => ("unmet_need", "the need that the panel is asked to meet"),
        PaperworkPart::Outcomes => ("outcomes", "what the support is to achieve"),
        PaperworkPart::OutcomeMeasures => ("outcome_measures", "how success will be measured"),
        PaperworkPart::InPlace => ("in_place", "what support is in place"),
        PaperworkPart::Impact => ("impact", "what difference the support in place makes"),
        PaperworkPart::LocalOffer => ("local_offer_used", "what of the local offer is used, or the barrier to it,"),
    }
}
