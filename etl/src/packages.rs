//! The facts of packages by financial year: which lines are in force, what each child has at the year's end, and the birthdays that move
//! children on. A child's age is in the warehouse as a band, and always as at the year's last day, so that snapshots of two days that
//! follow one another tell no birthday.

use crate::calendar::Calendar;
use crate::error::Error;
use crate::extract::{Extract, KnownLine};
use crate::facts::{Named, each};
use crate::manifest::TableKind;
use crate::planned::full_year;
use crate::pseudonym::{Kind, Pseudonyms};
use chrono::{Days, NaiveDate};
use db::AnyConnection;
use db::schema::children;
use diesel::prelude::*;
use domain::children::ages::birthday;
use domain::profile::ReviewPolicy;
use domain::{Direction, FinancialYear, Pence, Profile};
use polars::prelude::{DataFrame, df};
use std::collections::BTreeMap;

/// Children's dates of birth by id: for bands and counts, and nothing else.
pub(crate) type Births = BTreeMap<String, NaiveDate>;

/// Reads the dates of birth of all children.
pub(crate) fn births(connection: &mut AnyConnection) -> Result<Births, Error> {
    let births: Vec<(String, NaiveDate)> = children::table.select((children::id, children::date_of_birth)).load(connection)?;
    Ok(births.into_iter().collect())
}

/// The facts, and the bands as a dimension.
pub(crate) fn build(extract: &Extract, profile: &Profile, calendar: &Calendar, pseudonyms: &Pseudonyms) -> Result<Vec<Named>, Error> {
    let support = Support::of(extract, profile, pseudonyms)?;
    let mut tiers = BTreeMap::new();
    let children = fact_child_years(&support, extract, profile, calendar, pseudonyms, &mut tiers)?;
    Ok(vec![
        ("dim_band", TableKind::Dimension, dim_band(profile, &tiers)?),
        ("fact_line_years", TableKind::Fact, fact_line_years(&support, calendar, pseudonyms)?),
        ("fact_child_years", TableKind::Fact, children),
        ("fact_transitions", TableKind::Fact, fact_transitions(&support, extract, &profile.annual_review, calendar)?),
    ])
}

/// A line that somebody with the authority agreed, and what a full year of it costs; on a line of income the cost is negative.
struct Agreed<'e> {
    line: &'e KnownLine,
    full_year: Pence,
    is_income: bool,
}

impl Agreed<'_> {
    fn is_in_force_on(&self, day: NaiveDate) -> bool {
        self.line.valid_from <= day && self.line.valid_to.is_none_or(|ends| ends > day)
    }

    /// On any day of the year.
    fn is_in_force_in(&self, year: &FinancialYear) -> bool {
        let first = self.line.valid_from.max(year.starts_on());
        first < year.next_starts_on() && self.line.valid_to.is_none_or(|ends| ends > first)
    }
}

/// Lines by child.
struct Support<'e>(BTreeMap<&'e str, Vec<Agreed<'e>>>);

impl<'e> Support<'e> {
    fn of(extract: &'e Extract, profile: &Profile, pseudonyms: &Pseudonyms) -> Result<Self, Error> {
        let unconfirmed = extract.commitments.unconfirmed();
        let mut by_child: BTreeMap<&str, Vec<Agreed<'_>>> = BTreeMap::new();
        for line in extract.lines.iter().filter(|line| !unconfirmed.contains(line.line_id.as_str())) {
            let cost = full_year(&profile.costing, line, &pseudonyms.of(Kind::Line, &line.line_id))?;
            let is_income = extract.budget_lines.iter().any(|one| one.code == line.budget_line && one.direction == Direction::Income);
            let full_year = if is_income { Pence(-cost.0) } else { cost };
            by_child.entry(line.child_id.as_str()).or_default().push(Agreed { line, full_year, is_income });
        }
        Ok(Support(by_child))
    }
}

/// The care package on a day: what a full year of all its lines costs, gross; none, no line is in force.
fn total_on(lines: &[Agreed<'_>], day: NaiveDate) -> Option<i64> {
    let in_force: Vec<i64> = lines.iter().filter(|one| !one.is_income && one.is_in_force_on(day)).map(|one| one.full_year.0).collect();
    (!in_force.is_empty()).then(|| in_force.iter().sum())
}

/// One row a line and financial year with a day of it.
fn fact_line_years(support: &Support<'_>, calendar: &Calendar, pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let lines = || support.0.values().flatten();
    let rows: Vec<(&Agreed<'_>, &FinancialYear)> =
        lines().flat_map(|one| calendar.years.iter().filter(|year| one.is_in_force_in(year)).map(move |year| (one, year))).collect();
    Ok(df!(
        "financial_year" => rows.iter().map(|(_, year)| year.as_str()).collect::<Vec<_>>(),
        "line_key" => each(&rows, |(one, _)| pseudonyms.of(Kind::Line, &one.line.line_id)),
        "arrangement_key" => each(&rows, |(one, _)| pseudonyms.of(Kind::Line, one.line.arrangement())),
        "child_key" => each(&rows, |(one, _)| pseudonyms.of(Kind::Child, &one.line.child_id)),
        "budget_line" => rows.iter().map(|(one, _)| one.line.budget_line.as_str()).collect::<Vec<_>>(),
        "service" => rows.iter().map(|(one, _)| one.line.service.as_str()).collect::<Vec<_>>(),
        "provider_key" => rows.iter().map(|(one, _)| one.line.provider_id.as_deref()).collect::<Vec<_>>(),
        // A number, since truth values are written differently from one engine to the next.
        "is_at_end" => each(&rows, |(one, year)| i64::from(one.is_in_force_on(year.ends_on()))),
        "full_year_pence" => each(&rows, |(one, _)| one.full_year.0),
    )?)
}

/// A band of a grouping, in its order.
struct BandRow {
    grouped_by: &'static str,
    code: String,
    label: String,
}

/// The labels of posts that are responsible for a total, by where their limit ranks and their code.
type Tiers = BTreeMap<(bool, i64, String), String>;

/// The code of those who are responsible for a total on a day; nobody, `nobody`.
fn tier(profile: &Profile, total: i64, day: NaiveDate, tiers: &mut Tiers) -> String {
    let limits = profile.tier(Pence(total), day);
    let Some(first) = limits.first() else {
        tiers.insert((true, i64::MAX, "nobody".to_owned()), "No post has the authority".to_owned());
        return "nobody".to_owned();
    };
    let name = |code: &str| profile.posts.iter().find(|post| post.code == code).map_or_else(|| code.to_owned(), |post| post.name.clone());
    let codes: Vec<_> = limits.iter().map(|limit| limit.post.as_str()).collect();
    let names: Vec<_> = codes.iter().map(|code| name(code)).collect();
    let code = codes.join(",");
    tiers.insert((first.any_amount, first.up_to_pence.map_or(0, |most| most.0), code.clone()), names.join(" or "));
    code
}

/// The amounts at which a cost band ends: every limit and every threshold that the profile names.
fn band_ends(profile: &Profile) -> Vec<i64> {
    let limits = profile.delegation.limits.iter().filter_map(|limit| limit.up_to_pence).filter(|most| *most > 0);
    let mut ends: Vec<i64> = limits.chain(profile.delegation.reporting_thresholds.iter().map(|threshold| threshold.above_pence)).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// The band of a total: the first end that covers it, its own amount included.
fn cost_band(ends: &[i64], total: i64) -> String {
    match (ends.iter().find(|end| total <= **end), ends.last()) {
        (Some(end), _) => format!("up_to_{end}"),
        (None, Some(last)) => format!("above_{last}"),
        (None, None) => "any_amount".to_owned(),
    }
}

fn cost_bands(ends: &[i64]) -> Vec<BandRow> {
    let row = |code: String, label: String| BandRow { grouped_by: "cost_band", code, label };
    let (Some(first), Some(last)) = (ends.first(), ends.last()) else {
        return vec![row("any_amount".to_owned(), "Any amount: the profile names no limit".to_owned())];
    };
    let between =
        ends.windows(2).map(|pair| row(format!("up_to_{}", pair[1]), format!("above {}, up to {}", Pence(pair[0]), Pence(pair[1]))));
    std::iter::once(row(format!("up_to_{first}"), format!("up to {}", Pence(*first))))
        .chain(between)
        .chain([row(format!("above_{last}"), format!("above {}", Pence(*last)))])
        .collect()
}

/// One row a band of a grouping, numbered in its order.
fn dim_band(profile: &Profile, tiers: &Tiers) -> Result<DataFrame, Error> {
    let ages = profile.annual_review.age_bands.all().into_iter();
    let ages = ages.map(|band| BandRow { grouped_by: "age_band", code: band.code, label: band.label });
    let tiers = tiers.iter().map(|((_, _, code), label)| BandRow { grouped_by: "tier", code: code.clone(), label: label.clone() });
    let mut bands: Vec<BandRow> = ages.chain(cost_bands(&band_ends(profile))).chain(tiers).collect();
    // The same posts at two limits, one after another, are one tier.
    let mut seen = std::collections::BTreeSet::new();
    bands.retain(|band| seen.insert((band.grouped_by, band.code.clone())));
    Ok(df!(
        "grouped_by" => bands.iter().map(|band| band.grouped_by).collect::<Vec<_>>(),
        "band" => bands.iter().map(|band| band.code.as_str()).collect::<Vec<_>>(),
        "label" => bands.iter().map(|band| band.label.as_str()).collect::<Vec<_>>(),
        "sort_order" => (1..).take(bands.len()).collect::<Vec<i64>>(),
    )?)
}

/// One row a child and financial year with a line in force on any day. Its age band is as at the year's last day, and so are its package's total,
/// cost band and tier, which are null where nothing is in force on that day.
fn fact_child_years(
    support: &Support<'_>,
    extract: &Extract,
    profile: &Profile,
    calendar: &Calendar,
    pseudonyms: &Pseudonyms,
    tiers: &mut Tiers,
) -> Result<DataFrame, Error> {
    let ends = band_ends(profile);
    let (mut years, mut keys, mut ages, mut totals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut cost_bands, mut tier_codes) = (Vec::new(), Vec::new());
    for (child, lines) in &support.0 {
        let key = pseudonyms.of(Kind::Child, child);
        for year in calendar.years.iter().filter(|year| lines.iter().any(|one| one.is_in_force_in(year))) {
            let (last, born) = (year.ends_on(), extract.births.get(*child));
            let total = total_on(lines, last);
            years.push(year.as_str());
            keys.push(key.clone());
            ages.push(born.and_then(|born| last.years_since(*born)).map(|age| profile.annual_review.age_bands.of(age).code));
            cost_bands.push(total.map(|total| cost_band(&ends, total)));
            tier_codes.push(total.map(|total| tier(profile, total, last, tiers)));
            totals.push(total);
        }
    }
    Ok(df!(
        "financial_year" => years,
        "child_key" => keys,
        "age_band" => ages,
        "cost_band" => cost_bands,
        "tier" => tier_codes,
        "total_pence" => totals,
    )?)
}

/// One row a financial year, birthday and when it falls: in the year, of children with support on any day of it; or in the next, of those with
/// support on the year's last day. Children are counted here and have no key, so that nobody's year of birth can be put together.
fn fact_transitions(support: &Support<'_>, extract: &Extract, policy: &ReviewPolicy, calendar: &Calendar) -> Result<DataFrame, Error> {
    let (mut years, mut birthdays, mut falls, mut counts, mut costs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for year in &calendar.years {
        let next = year.next_starts_on();
        let after = next.checked_add_months(chrono::Months::new(12)).unwrap_or(NaiveDate::MAX);
        for transition in &policy.transitions {
            let (mut now, mut soon) = ((0_i64, 0_i64), (0_i64, 0_i64));
            for (child, lines) in &support.0 {
                let Some(day) = extract.births.get(*child).map(|born| birthday(*born, transition.birthday)) else { continue };
                if (year.starts_on()..next).contains(&day) && lines.iter().any(|one| one.is_in_force_in(year)) {
                    now = (now.0 + 1, now.1 + total_on(lines, day - Days::new(1)).unwrap_or_default());
                }
                if let Some(total) = total_on(lines, year.ends_on()).filter(|_| (next..after).contains(&day)) {
                    soon = (soon.0 + 1, soon.1 + total);
                }
            }
            for (when, (children, pence)) in [("in_year", now), ("next_year", soon)] {
                years.push(year.as_str());
                birthdays.push(i64::from(transition.birthday));
                falls.push(when);
                counts.push(children);
                costs.push(pence);
            }
        }
    }
    Ok(df!(
        "financial_year" => years,
        "birthday" => birthdays,
        "falls" => falls,
        "children" => counts,
        "full_year_pence" => costs,
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_band_holds_its_own_amount_and_every_band_has_a_label() {
        let ends = [700_000, 1_400_000, 2_000_000];
        let codes: Vec<_> = cost_bands(&ends).into_iter().map(|band| band.code).collect();
        for (total, expected) in [
            (0, "up_to_700000"),
            (700_000, "up_to_700000"),
            (700_001, "up_to_1400000"),
            (2_000_000, "up_to_2000000"),
            (2_000_001, "above_2000000"),
        ] {
            assert_eq!(cost_band(&ends, total), expected, "{total}");
            assert!(codes.contains(&expected.to_owned()), "{expected}");
        }
        let labels: Vec<_> = cost_bands(&ends).into_iter().map(|band| band.label).collect();
        assert_eq!(labels[1], "above £7,000.00, up to £14,000.00");
        assert_eq!(cost_band(&[], 1), cost_bands(&[])[0].code);
    }

    #[test]
    fn a_council_without_limits_has_one_band_and_a_tier_that_says_so() {
        let profile = Profile::bundled("manchester").expect("sound");
        let day = "2024-03-31".parse().expect("a date");
        let mut tiers = Tiers::new();
        assert_eq!(band_ends(&profile), Vec::<i64>::new());
        assert_eq!(tier(&profile, 1, day, &mut tiers), "nobody");
        let tameside = Profile::bundled("tameside").expect("sound");
        assert_eq!(band_ends(&tameside), [700_000, 1_400_000, 2_000_000]);
        assert_eq!(tier(&tameside, 1_400_001, day, &mut tiers), "head_of_service");
        assert_eq!(tier(&tameside, 2_000_001, day, &mut tiers), "assistant_director,director");
    }
}
