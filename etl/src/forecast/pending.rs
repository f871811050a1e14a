//! Request lines that no package line carries out, and the days between which that was known.
//!
//! A line counts as one of its request's from the day it is known that the request stands in a state until it is known to stand in another.
//! Days and not instants: what was known on a day is what was recorded by its end. Whose lines count, and in which state, is the rule of
//! [`domain::commitments::counted`]. No line counts while a package line that stands carries it out, or one that goes on in its place.

use crate::error::Error;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{decisions, package_lines, request_lines, request_revisions, request_transitions, requests};
use diesel::prelude::*;
use domain::commitments::{LineVersion, LinesOf, counted};
use domain::costing::Line;
use domain::panel::DecisionKind;
use domain::{Frequency, Quantity, RequestState, TimeZone, UnitRate};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A request line while its request stands in one state.
#[derive(Clone)]
pub(super) struct PendingLine {
    pub(super) request_line_id: String,
    pub(super) state: RequestState,
    pub(super) budget_line: String,
    pub(super) terms: Line,
    /// The package line that it replaces.
    pub(super) replaces: Option<String>,
    /// The first day on which it was known so.
    pub(super) known_from: NaiveDate,
    /// The first day on which it no longer was; none, it still is.
    pub(super) known_to: Option<NaiveDate>,
}

/// From a day until before another; without end if there is none.
type Days = (NaiveDate, Option<NaiveDate>);

/// What is on record of one request, each by the day it was recorded, in the order recorded.
#[derive(Default)]
struct History {
    states: Vec<(NaiveDate, RequestState)>,
    own_revisions: Vec<(NaiveDate, i64)>,
    decided_revisions: Vec<(NaiveDate, (i64, DecisionKind))>,
}

impl History {
    /// What is last in a list by the end of a day.
    fn last<T: Copy>(list: &[(NaiveDate, T)], day: NaiveDate) -> Option<T> {
        list.iter().take_while(|(recorded_on, _)| *recorded_on <= day).last().map(|(_, what)| *what)
    }

    /// The state that counts and the revision by the end of a day; none before the request is known.
    fn known(&self, day: NaiveDate) -> Option<(RequestState, i64)> {
        let own = Self::last(&self.own_revisions, day)?;
        let decided = Self::last(&self.decided_revisions, day);
        let state = Self::last(&self.states, day).unwrap_or(RequestState::Draft);
        let (state, whose) = counted(state, decided.map(|(_, kind)| kind));
        let decided = decided.filter(|_| whose == LinesOf::Decision);
        Some((state, decided.map_or(own, |(revision, _)| revision)))
    }

    /// The stretches of days over which state and revision stayed the same.
    fn stretches(&self) -> Vec<(RequestState, i64, Days)> {
        let decided = self.decided_revisions.iter().map(|row| row.0);
        let days = self.states.iter().map(|row| row.0).chain(self.own_revisions.iter().map(|row| row.0)).chain(decided);
        let mut stretches: Vec<(RequestState, i64, Days)> = Vec::new();
        for day in days.collect::<BTreeSet<_>>() {
            let Some((state, revision)) = self.known(day) else { continue };
            if let Some((last_state, last_revision, days)) = stretches.last_mut() {
                if (*last_state, *last_revision) == (state, revision) {
                    continue;
                }
                days.1 = Some(day);
            }
            stretches.push((state, revision, (day, None)));
        }
        stretches
    }
}

/// A request line's id, budget line, terms, and what it replaces.
type Asked = (String, String, Line, Option<String>);

type Terms = (Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>);
type LineColumns = (String, String, i64, String, Option<String>, Terms);

/// Reads requests as recorded before an instant. `versions` are the package lines', by line and version.
pub(super) fn read(
    connection: &mut AnyConnection,
    before: NaiveDateTime,
    zone: TimeZone,
    versions: &[LineVersion],
) -> Result<Vec<PendingLine>, Error> {
    let histories = histories(connection, before, zone)?;
    let rows: Vec<LineColumns> = request_lines::table
        .select((
            request_lines::id,
            request_lines::request_id,
            request_lines::revision,
            request_lines::budget_line,
            request_lines::replaces_line_id,
            (
                request_lines::quantity_thousandths,
                request_lines::frequency,
                request_lines::unit_rate_ten_thousandths,
                request_lines::valid_from,
                request_lines::valid_to,
            ),
        ))
        .order(request_lines::id)
        .load(connection)?;
    let mut lines: HashMap<(String, i64), Vec<Asked>> = HashMap::new();
    for (id, request, revision, budget_line, replaces, (quantity, frequency, unit_rate, valid_from, valid_to)) in rows {
        let terms = Line { quantity, frequency, unit_rate, valid_from, valid_to };
        lines.entry((request, revision)).or_default().push((id, budget_line, terms, replaces));
    }
    let named = request_lines_of(connection, before)?;
    let carried_out = carried_out(versions, &named);
    let mut pending = Vec::new();
    for (request, history) in histories {
        for (state, revision, days) in history.stretches() {
            // A revision recorded later than `before` is in no history.
            for (id, budget_line, terms, replaces) in lines.get(&(request.clone(), revision)).into_iter().flatten() {
                let out = carried_out.get(id.as_str()).map(Vec::as_slice).unwrap_or_default();
                pending.extend(without(days, out).into_iter().map(|(known_from, known_to)| PendingLine {
                    request_line_id: id.clone(),
                    state,
                    budget_line: budget_line.clone(),
                    terms: *terms,
                    replaces: replaces.clone(),
                    known_from,
                    known_to,
                }));
            }
        }
    }
    Ok(pending)
}

fn histories(connection: &mut AnyConnection, before: NaiveDateTime, zone: TimeZone) -> Result<BTreeMap<String, History>, Error> {
    let mut histories: BTreeMap<String, History> = BTreeMap::new();
    let states: Vec<(String, RequestState, NaiveDateTime)> = request_transitions::table
        .filter(request_transitions::recorded_at.lt(before))
        .select((request_transitions::request_id, request_transitions::to_state, request_transitions::recorded_at))
        .order((request_transitions::request_id, request_transitions::number))
        .load(connection)?;
    for (request, state, at) in states {
        histories.entry(request).or_default().states.push((zone.day_of(at), state));
    }
    // A revision that a decision wrote is the decision's and not the request's own.
    let own: Vec<(String, i64, NaiveDateTime)> = request_revisions::table
        .filter(request_revisions::recorded_at.lt(before))
        .filter(request_revisions::decision_id.is_null())
        .select((request_revisions::request_id, request_revisions::revision, request_revisions::recorded_at))
        .order((request_revisions::request_id, request_revisions::revision))
        .load(connection)?;
    for (request, revision, at) in own {
        histories.entry(request).or_default().own_revisions.push((zone.day_of(at), revision));
    }
    let decided: Vec<(String, i64, DecisionKind, NaiveDateTime)> = decisions::table
        .inner_join(requests::table)
        .filter(decisions::recorded_at.lt(before))
        .select((decisions::request_id, decisions::revision, decisions::kind, decisions::recorded_at))
        .order((decisions::request_id, decisions::number))
        .load(connection)?;
    for (request, revision, kind, at) in decided {
        histories.entry(request).or_default().decided_revisions.push((zone.day_of(at), (revision, kind)));
    }
    Ok(histories)
}

/// The request line that each package line was recorded for.
fn request_lines_of(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<HashMap<String, String>, Error> {
    let rows: Vec<(String, Option<String>)> = package_lines::table
        .filter(package_lines::recorded_at.lt(before).and(package_lines::version.eq(1)))
        .filter(package_lines::request_line_id.is_not_null())
        .select((package_lines::line_id, package_lines::request_line_id))
        .load(connection)?;
    Ok(rows.into_iter().filter_map(|(line, request_line)| Some((line, request_line?))).collect())
}

/// The days on which a package line that stands carries out a request line, by the request line; sorted. The first line of an arrangement
/// does so while any line of the arrangement stands: a variation may have taken its place.
fn carried_out<'n>(versions: &[LineVersion], named: &'n HashMap<String, String>) -> HashMap<&'n str, Vec<Days>> {
    let mut arrangements: HashMap<&str, Vec<(&str, Days)>> = HashMap::new();
    for line in versions.chunk_by(|a, b| a.line_id == b.line_id) {
        let reversed_on = line.iter().find(|version| version.is_reversed()).map(|version| version.recorded_on);
        arrangements.entry(&line[0].arrangement).or_default().push((&line[0].line_id, (line[0].recorded_on, reversed_on)));
    }
    let mut carried: HashMap<&str, Vec<Days>> = HashMap::new();
    for (arrangement, lines) in arrangements {
        for (line, days) in &lines {
            let Some(request_line) = named.get(*line) else { continue };
            let carried = carried.entry(request_line).or_default();
            match *line == arrangement {
                true => carried.extend(lines.iter().map(|(_, days)| *days)),
                false => carried.push(*days),
            }
        }
    }
    carried.values_mut().for_each(|days| days.sort_unstable());
    carried
}

/// The days that are in none of the others, which are sorted by their first.
fn without(days: Days, others: &[Days]) -> Vec<Days> {
    let (mut from, to) = days;
    let mut left = Vec::new();
    for (other_from, other_to) in others {
        if to.is_some_and(|to| *other_from >= to) {
            break;
        }
        if from < *other_from {
            left.push((from, Some(*other_from)));
        }
        match other_to {
            None => return left,
            Some(other_to) => from = from.max(*other_to),
        }
    }
    if to.is_none_or(|to| from < to) {
        left.push((from, to));
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 6, number).expect("a day")
    }

    #[test]
    fn days_on_which_a_line_is_carried_out_are_taken_out() {
        let days = (day(5), Some(day(20)));
        let left = |others: &[(u32, Option<u32>)]| {
            let others: Vec<Days> = others.iter().map(|(from, to)| (day(*from), to.map(day))).collect();
            without(days, &others)
        };
        assert_eq!(left(&[]), [days]);
        assert_eq!(left(&[(10, None)]), [(day(5), Some(day(10)))]);
        assert_eq!(left(&[(1, Some(8)), (10, Some(12)), (11, Some(15))]), [(day(8), Some(day(10))), (day(15), Some(day(20)))]);
        assert_eq!(left(&[(1, Some(30))]), []);
        assert_eq!(left(&[(20, None)]), [days]);
        assert_eq!(left(&[(5, Some(5))]), [days], "recorded and taken back on one day");
    }

    #[test]
    fn what_is_decided_on_counts_until_it_is_heard_again() {
        use RequestState as S;
        let history = History {
            states: vec![(day(2), S::Submitted), (day(3), S::Booked), (day(9), S::AwaitingAuthority), (day(9), S::ApprovedInPart)],
            own_revisions: vec![(day(1), 1), (day(2), 2)],
            decided_revisions: vec![(day(9), (3, DecisionKind::ApprovedInPart))],
        };
        assert_eq!(
            history.stretches(),
            [
                (S::Draft, 1, (day(1), Some(day(2)))),
                (S::Submitted, 2, (day(2), Some(day(3)))),
                (S::Booked, 2, (day(3), Some(day(9)))),
                (S::ApprovedInPart, 3, (day(9), None)),
            ]
        );
    }
}
