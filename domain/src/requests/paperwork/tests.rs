use super::*;
use crate::assessments::Progress;
use crate::profile::{AssessmentDemand, AssessmentKinds, Number, PaperworkDemand, Rule};
use AssessmentKind::{ChildAndFamily, EarlyHelp};
use PaperworkPart::{LocalOffer, Outcomes};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Takes child and family assessments of the last twelve months; asks for outcomes; overnight support needs such an assessment.
fn profile() -> Profile {
    let mut profile = Profile::bundled("tameside").expect("sound");
    let clause = || "Annex A".to_owned();
    profile.panel.assessments = Some(AssessmentKinds { kinds: vec![ChildAndFamily], clause: clause() });
    profile.panel.assessment_current_months = Some(Number { value: 12, clause: clause() });
    profile.panel.new_assessment_each_request = None;
    profile.panel.paperwork = vec![PaperworkDemand { part: Outcomes, clause: clause() }];
    profile.delegation.demands = vec![AssessmentDemand {
        budget_lines: vec!["overnight".to_owned()],
        units: vec![Unit::Night],
        assessments: vec![ChildAndFamily],
        panel_only: true,
        clause: clause(),
    }];
    profile
}

fn assessment(kind: AssessmentKind, completed: &str, authorised: &str) -> AssessmentFacts {
    let progress = Progress {
        completed_on: Some(day(completed)),
        authorised_on: Some(day(authorised)),
        authorised_by: Some("a manager".to_owned()),
        has_consent: true,
    };
    AssessmentFacts { kind, progress }
}

fn complete() -> PaperworkFacts<'static> {
    let assessment = assessment(ChildAndFamily, "2024-02-19", "2024-02-21");
    PaperworkFacts {
        authorised_assessments: vec![assessment.clone()],
        assessment_carries: None,
        assessment: Some(assessment),
        has_presenter: true,
        has_coster: true,
        parts: vec![Outcomes, LocalOffer],
        lines: vec![("outreach", Unit::Hour)],
    }
}

/// What complete paperwork lacks on the 3rd of June 2024 after a change.
fn lacks(change: impl FnOnce(&mut PaperworkFacts<'_>)) -> Vec<String> {
    lacks_by(&profile(), "2024-06-03", change)
}

fn lacks_by(profile: &Profile, on: &str, change: impl FnOnce(&mut PaperworkFacts<'_>)) -> Vec<String> {
    let mut paperwork = complete();
    change(&mut paperwork);
    let missing = missing_for_agenda(profile, &paperwork, day(on));
    missing.into_iter().map(|gap| format!("{} {} ({})", gap.pointer, gap.detail, gap.clause.unwrap_or_default())).collect()
}

fn of_assessment(change: impl FnOnce(&mut AssessmentFacts)) -> Vec<String> {
    lacks(|paperwork| paperwork.assessment.iter_mut().take(1).zip([change]).for_each(|(assessment, change)| change(assessment)))
}

#[test]
fn complete_paperwork_lacks_nothing() {
    assert_eq!(lacks(|_| {}), Vec::<String>::new());
}

#[test]
fn each_part_that_is_asked_for_is_missed() {
    let cases = [
        (lacks(|paperwork| paperwork.assessment = None), "/assessment_id an assessment is missing ()"),
        (lacks(|paperwork| paperwork.has_presenter = false), "/presenter_id the presenter is missing ()"),
        (lacks(|paperwork| paperwork.has_coster = false), "/coster_id the person who costed the lines is missing ()"),
        (lacks(|paperwork| paperwork.lines.clear()), "/lines a costed line is missing ()"),
        (
            lacks(|paperwork| paperwork.parts = vec![LocalOffer]),
            "/outcomes the part on what the support is to achieve is missing (Annex A)",
        ),
        (
            lacks(|paperwork| paperwork.parts = vec![Outcomes]),
            "/local_offer_used the part on the local offer, used or out of reach, is missing ()",
        ),
    ];
    for (lacks, expected) in cases {
        assert_eq!(lacks, [expected]);
    }
    let nothing = lacks(|paperwork| {
        *paperwork = PaperworkFacts {
            assessment: None,
            authorised_assessments: Vec::new(),
            assessment_carries: None,
            has_presenter: false,
            has_coster: false,
            parts: Vec::new(),
            lines: Vec::new(),
        }
    });
    assert_eq!(nothing.len(), 6, "everything is told at once");
}

#[test]
fn the_assessment_is_of_a_kind_taken_authorised_and_consented_to() {
    let cases = [
        (
            of_assessment(|assessment| assessment.kind = EarlyHelp),
            "/assessment_id the assessment is `early_help`; the panel takes child_and_family (Annex A)",
        ),
        (
            of_assessment(|assessment| assessment.progress.authorised_on = None),
            "/assessment_id the assessment is not authorised by a manager ()",
        ),
        (
            of_assessment(|assessment| assessment.progress = Progress { has_consent: true, ..Progress::default() }),
            "/assessment_id the assessment is not completed and authorised ()",
        ),
        (of_assessment(|assessment| assessment.progress.has_consent = false), "/assessment_id the family's consent is not recorded ()"),
    ];
    for (lacks, expected) in cases {
        assert_eq!(lacks, [expected]);
    }
}

#[test]
fn the_assessment_is_current_on_the_day_and_until_the_next() {
    let until = "/assessment_id the assessment was completed on 2024-02-19 and was current up to and including 2025-02-19 (Annex A)";
    for (on, expected) in [("2025-02-19", vec![]), ("2025-02-20", vec![until.to_owned()])] {
        assert_eq!(lacks_by(&profile(), on, |_| {}), expected, "{on}");
    }
    let mut without_months = profile();
    without_months.panel.assessment_current_months = None;
    assert_eq!(lacks_by(&without_months, "2034-02-19", |_| {}), Vec::<String>::new(), "where no months are said, until the next");
    let next = |kind| {
        move |paperwork: &mut PaperworkFacts<'_>| {
            paperwork.authorised_assessments.push(assessment(kind, "2024-05-01", "2024-05-08"));
        }
    };
    let expected =
        "/assessment_id a later assessment was authorised on 2024-05-08; the request rests on one that was completed on 2024-02-19 ()";
    assert_eq!(lacks(next(ChildAndFamily)), [expected]);
    assert_eq!(lacks(next(EarlyHelp)), Vec::<String>::new(), "of a kind that the panel does not take");
    let mut of_any_kind = profile();
    of_any_kind.panel.assessments = None;
    assert_eq!(lacks_by(&of_any_kind, "2024-06-03", next(EarlyHelp)), [expected], "the panel takes any kind");
}

#[test]
fn an_assessment_carries_one_request_where_the_profile_says_so() {
    let carries = |paperwork: &mut PaperworkFacts<'_>| paperwork.assessment_carries = Some("RQ-1".to_owned());
    let mut profile = profile();
    for (rule, expected) in [
        (None, vec![]),
        (
            Some("Annex A"),
            vec!["/assessment_id the assessment carries request RQ-1; another request rests on a new one (Annex A)".to_owned()],
        ),
    ] {
        profile.panel.new_assessment_each_request = rule.map(|clause| Rule { clause: clause.to_owned() });
        assert_eq!(lacks_by(&profile, "2024-06-03", carries), expected);
        assert_eq!(lacks_by(&profile, "2024-06-03", |_| {}), Vec::<String>::new());
    }
}

#[test]
fn support_that_demands_an_assessment_is_asked_for_with_it() {
    let mut profile = profile();
    profile.panel.assessments = None;
    let expected = "/assessment_id a line asks for support that only an assessment of kind child_and_family may lead to (Annex A)";
    let cases = [
        ("neither", EarlyHelp, ("outreach", Unit::Hour), false),
        ("by its unit", EarlyHelp, ("outreach", Unit::Night), true),
        ("by its budget line", EarlyHelp, ("overnight", Unit::Hour), true),
        ("with the assessment", ChildAndFamily, ("overnight", Unit::Night), false),
    ];
    for (name, kind, line, is_missed) in cases {
        let found = lacks_by(&profile, "2024-06-03", |paperwork| {
            paperwork.assessment = Some(assessment(kind, "2024-02-19", "2024-02-21"));
            paperwork.lines.push(line);
        });
        assert_eq!(found, if is_missed { vec![expected.to_owned()] } else { vec![] }, "{name}");
    }
}

#[test]
fn what_is_missing_is_refused_with_the_clause_that_asks_for_it() {
    assert_eq!(refuse_missing(Vec::new()), Ok(()));
    let refusal = refuse_missing(vec![lacking("outcomes", "the part on what the support is to achieve", Some("Annex A".to_owned()))]);
    let refusal = refusal.expect_err("something is missing");
    assert_eq!(refusal.code, Code::NotReady);
    assert_eq!(
        refusal.errors,
        [FieldError::new("/outcomes", "missing", "the part on what the support is to achieve is missing (Annex A)")]
    );
}

#[test]
fn what_paperwork_names_is_on_record() {
    let all = PaperworkReferences { child_has_assessment: true, has_presenter: true, has_coster: true };
    let cases = [
        (all, ""),
        (PaperworkReferences { child_has_assessment: false, ..all }, "/paperwork/assessment_id"),
        (PaperworkReferences { has_presenter: false, ..all }, "/paperwork/presenter_id"),
        (PaperworkReferences { has_coster: false, ..all }, "/paperwork/coster_id"),
    ];
    for (references, expected) in cases {
        let pointers: Vec<_> = reference_mistakes("/paperwork", references).into_iter().map(|error| error.pointer).collect();
        assert_eq!(pointers.join(", "), expected);
    }
}
