//! What support lacks in the child's assessments: a kind that the profile demands, and the update of one that is late.

use crate::assessments::{AssessmentFacts, is_current_on, last_current_day};
use crate::profile::{AssessmentUpdate, WhenLate};
use crate::refusal::Missing;
use crate::{Pence, Profile, Unit};
use chrono::NaiveDate;

/// Updates of assessments that are late for some support.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LateUpdates {
    /// Those for which support waits.
    pub refused: Vec<Missing>,
    /// Those that the reasoning says and nothing waits for.
    pub marked: Vec<Missing>,
}

fn gap(detail: String, clause: &str) -> Missing {
    Missing { pointer: "/assessment_id".to_owned(), detail, clause: Some(clause.to_owned()) }
}

/// The updates that are late on a day for these lines, each by its budget line and unit. `assessed` are the child's assessments. Of a child
/// who has none that is completed no update is late: what support needs at its start is demanded elsewhere.
pub fn late_updates(profile: &Profile, lines: &[(&str, Unit)], assessed: &[AssessmentFacts], on: NaiveDate) -> LateUpdates {
    let mut late = LateUpdates::default();
    let is_meant = |update: &&AssessmentUpdate| lines.iter().any(|(budget_line, unit)| update.is_for(budget_line, *unit));
    for update in profile.delegation.updates.iter().filter(is_meant) {
        let completed = |is_kind: &dyn Fn(&AssessmentFacts) -> bool| {
            assessed.iter().filter(|one| is_kind(one)).filter_map(|one| one.progress.completed_on).filter(|day| *day <= on).max()
        };
        // Where the child has no assessment of the named kinds, one of another kind counts.
        let last = completed(&|one| update.assessments.contains(&one.kind)).or_else(|| completed(&|_| true));
        let Some((last, due)) = last.map(|last| (last, last_current_day(last, update.months))).filter(|(_, due)| *due < on) else {
            continue;
        };
        let told = gap(format!("the assessment of {last} was to be brought up to date by {due}"), &update.clause);
        match update.when_late {
            WhenLate::Refuse => late.refused.push(told),
            WhenLate::Mark => late.marked.push(told),
        }
    }
    late
}

/// What support that no request asks for lacks on a day: an authorised and current assessment of each kind that is demanded for it, and each
/// update for which it waits. `authorised` are the child's authorised assessments.
pub fn lacking_for_support(profile: &Profile, lines: &[(&str, Unit)], authorised: &[AssessmentFacts], on: NaiveDate) -> Vec<Missing> {
    let months = profile.panel.assessment_current_months.as_ref().map(|months| months.value);
    let is_current = |one: &AssessmentFacts| {
        let completed = one.progress.completed_on.filter(|_| one.progress.authorised_on.is_some_and(|day| day <= on));
        completed.is_some_and(|day| is_current_on(day, months, on))
    };
    let mut missing = Vec::new();
    for demand in &profile.delegation.demands {
        let is_asked = lines.iter().any(|(budget_line, unit)| demand.is_for(budget_line, *unit));
        if is_asked && !authorised.iter().any(|one| demand.assessments.contains(&one.kind) && is_current(one)) {
            let kinds: Vec<&str> = demand.assessments.iter().map(|kind| kind.as_str()).collect();
            missing
                .push(gap(format!("the child has no current assessment of kind {}, which it needs", kinds.join(" or ")), &demand.clause));
        }
    }
    missing.extend(late_updates(profile, lines, authorised, on).refused);
    missing
}

/// How much more a child is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Increase {
    /// What the child's support costs in a full year without what is asked for.
    pub before: Pence,
    /// What it costs with it.
    pub after: Pence,
    /// The first day of the last of what the child has.
    pub begun_on: Option<NaiveDate>,
}

/// The assessment that a larger increase lacks: one that was brought up to date since what the child has began.
pub fn updated_assessment(profile: &Profile, increase: Increase, assessment: Option<&AssessmentFacts>) -> Option<Missing> {
    let above = profile.delegation.increases.as_ref()?.updated_assessment_above_percent.as_ref()?;
    let begun_on = increase.begun_on?;
    let more = i128::from(increase.after.0) - i128::from(increase.before.0);
    if increase.before <= Pence::ZERO || more * 100 <= i128::from(increase.before.0) * i128::from(above.value) {
        return None;
    }
    let completed = assessment.and_then(|one| one.progress.completed_on);
    if completed.is_some_and(|day| day > begun_on) {
        return None;
    }
    let detail =
        format!("what is asked for is more than {} % above what the child has since {begun_on}: the assessment is older", above.value);
    Some(gap(detail, &above.clause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessments::Progress;
    use crate::panel::AssessmentKind::{self, ChildAndFamily, EarlyHelp, Single};
    use crate::profile::{AssessmentDemand, Number};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn assessed(kind: AssessmentKind, completed: Option<&str>) -> AssessmentFacts {
        let completed_on = completed.map(day);
        AssessmentFacts { kind, progress: Progress { completed_on, authorised_on: completed_on, ..Progress::default() } }
    }

    const NIGHTS: [(&str, Unit); 1] = [("overnight_respite", Unit::Night)];

    #[test]
    fn overnight_support_waits_for_a_late_update_or_is_marked_as_the_profile_says() {
        let mut profile = Profile::bundled("kirklees").expect("sound");
        let on = "2025-02-20";
        let cases = [
            ("on the day that it is due", vec![assessed(ChildAndFamily, Some("2024-02-20"))], NIGHTS[0], false),
            ("a day late", vec![assessed(ChildAndFamily, Some("2024-02-19"))], NIGHTS[0], true),
            ("updated since", [Some("2023-02-19"), Some("2025-02-01")].map(|day| assessed(ChildAndFamily, day)).to_vec(), NIGHTS[0], false),
            (
                "by an assessment of another kind",
                vec![assessed(ChildAndFamily, Some("2023-02-19")), assessed(EarlyHelp, Some("2025-02-01"))],
                NIGHTS[0],
                true,
            ),
            ("of another kind alone, and old", vec![assessed(EarlyHelp, Some("2023-02-19"))], NIGHTS[0], true),
            ("not completed", vec![assessed(ChildAndFamily, None)], NIGHTS[0], false),
            ("completed later", vec![assessed(ChildAndFamily, Some("2025-02-21"))], NIGHTS[0], false),
            ("by day", vec![assessed(ChildAndFamily, Some("2023-02-19"))], ("home_care", Unit::Hour), false),
            ("by the unit", vec![assessed(ChildAndFamily, Some("2023-02-19"))], ("direct_payments", Unit::Night), true),
        ];
        for when_late in [WhenLate::Refuse, WhenLate::Mark] {
            profile.delegation.updates[0].when_late = when_late;
            for (name, assessed, line, is_late) in &cases {
                let late = late_updates(&profile, &[*line], assessed, day(on));
                let expected = if *is_late { 1 } else { 0 };
                let found = (late.refused.len(), late.marked.len());
                assert_eq!(found, if when_late == WhenLate::Refuse { (expected, 0) } else { (0, expected) }, "{name}");
                assert_eq!(lacking_for_support(&profile, &[*line], assessed, day(on)).len(), late.refused.len(), "{name}");
            }
        }
        let told = late_updates(&profile, &NIGHTS, &[assessed(ChildAndFamily, Some("2024-02-19"))], day(on)).marked.remove(0);
        assert_eq!(told.detail, "the assessment of 2024-02-19 was to be brought up to date by 2025-02-19");
        assert!(told.clause.is_some_and(|clause| clause.starts_with("7.1.1")));
    }

    #[test]
    fn a_larger_increase_needs_an_assessment_since_what_the_child_has_began() {
        let profile = Profile::bundled("warwickshire").expect("sound");
        let increase = |before, after| Increase { before: Pence(before), after: Pence(after), begun_on: Some(day("2024-02-01")) };
        for (name, increase, completed, is_missed) in [
            ("a tenth", increase(100_000, 110_000), "2024-01-15", false),
            ("a penny more", increase(100_000, 110_001), "2024-01-15", true),
            ("on the day it began", increase(100_000, 110_001), "2024-02-01", true),
            ("brought up to date since", increase(100_000, 110_001), "2024-02-02", false),
            ("the first support", increase(0, 110_001), "2024-01-15", false),
            ("less", increase(100_000, 1), "2024-01-15", false),
            ("what is still to begin", Increase { begun_on: None, ..increase(100_000, 200_000) }, "2024-01-15", false),
        ] {
            let found = updated_assessment(&profile, increase, Some(&assessed(Single, Some(completed))));
            assert_eq!(found.is_some(), is_missed, "{name}");
            assert!(found.iter().all(|gap| gap.clause.as_deref().is_some_and(|clause| clause.starts_with("7.3.3"))), "{name}");
        }
        assert!(updated_assessment(&profile, increase(100_000, 200_000), None).is_some());
        let silent = Profile::bundled("tameside").expect("sound");
        assert_eq!(updated_assessment(&silent, increase(100_000, 200_000), None), None);
    }

    #[test]
    fn support_that_no_request_asks_for_needs_the_demanded_assessment_too() {
        let mut profile = Profile::bundled("warwickshire").expect("sound");
        profile.panel.assessment_current_months = Some(Number { value: 12, clause: "Annex A".to_owned() });
        let demand: &mut AssessmentDemand = &mut profile.delegation.demands[0];
        demand.panel_only = false;
        let not_authorised =
            AssessmentFacts { progress: Progress { completed_on: Some(day("2024-05-01")), ..Progress::default() }, kind: Single };
        for (name, assessed, is_missed) in [
            ("none", vec![], true),
            ("of another kind", vec![assessed(ChildAndFamily, Some("2024-05-01"))], true),
            ("of the kind", vec![assessed(ChildAndFamily, Some("2024-05-01")), assessed(Single, Some("2024-05-01"))], false),
            ("no longer current", vec![assessed(Single, Some("2023-06-02"))], true),
            ("on its last day", vec![assessed(Single, Some("2023-06-03"))], false),
            ("not authorised", vec![not_authorised], true),
        ] {
            let missing = lacking_for_support(&profile, &NIGHTS, &assessed, day("2024-06-03"));
            assert_eq!(missing.len(), usize::from(is_missed), "{name}");
            assert!(missing.iter().all(|gap| gap.detail.contains("of kind single") && gap.clause.as_deref() == Some("7.3.3")), "{name}");
        }
        assert_eq!(lacking_for_support(&profile, &[("community_short_breaks", Unit::Hour)], &[], day("2024-06-03")), vec![]);
    }
}
