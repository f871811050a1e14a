//! The package lines that nobody with the authority has agreed: what is shut to them, and their list.

use crate::error::Error;
use crate::packages::lines::arrangement_of;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{package_lines, unconfirmed_lines};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::packages::unconfirmed::{self as rules, Asked, Door, UnconfirmedDays};
use domain::{FieldError, LineState};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// So many arrangements are asked for at once.
const CHUNK: usize = 500;

type Days = (String, String, NaiveDate, Option<NaiveDate>);

/// The unconfirmed lines of these arrangements.
fn of_arrangements(connection: &mut AnyConnection, arrangements: &BTreeSet<&str>) -> Result<Vec<UnconfirmedDays>, Error> {
    let mut lines = Vec::new();
    for some in arrangements.iter().collect::<Vec<_>>().chunks(CHUNK) {
        let rows: Vec<Days> = unconfirmed_lines::table
            .filter(unconfirmed_lines::arrangement_id.eq_any(some.iter().map(|id| **id)))
            .select((
                unconfirmed_lines::line_id,
                unconfirmed_lines::arrangement_id,
                unconfirmed_lines::valid_from,
                unconfirmed_lines::valid_to,
            ))
            .load(connection)?;
        lines.extend(rows.into_iter().map(|(line_id, arrangement, from, to)| UnconfirmedDays { line_id, arrangement, from, to }));
    }
    Ok(lines)
}

/// What is asked for and not done, since a line that brings it is unconfirmed.
pub fn door_mistakes(connection: &mut AnyConnection, door: Door, asked: &[Asked<'_>]) -> Result<Vec<FieldError>, Error> {
    let arrangements: BTreeSet<&str> = asked.iter().map(|asked| asked.arrangement).collect();
    Ok(rules::door_mistakes(door, asked, &of_arrangements(connection, &arrangements)?))
}

/// Why what names any line of an arrangement is not done over some days, or over all of its own; none, it may be.
pub fn line_mistake(
    connection: &mut AnyConnection,
    door: Door,
    (pointer, line_id): (&str, &str),
    days: Option<(NaiveDate, NaiveDate)>,
) -> Result<Option<FieldError>, Error> {
    let arrangement = arrangement_of(connection, line_id)?;
    let asked = Asked { pointer: pointer.to_owned(), arrangement: &arrangement, days };
    Ok(door_mistakes(connection, door, &[asked])?.pop())
}

/// Refuses what is done for a line of a request while a package line that carries it out is unconfirmed: a rise of rates may have lifted
/// it into another tier.
pub fn carrying_mistake(
    connection: &mut AnyConnection,
    door: Door,
    (pointer, request_line): (&str, &str),
) -> Result<Option<FieldError>, Error> {
    let carriers: Vec<(String, Option<String>)> = package_lines::table
        .filter(package_lines::request_line_id.eq(request_line).and(package_lines::state.ne(LineState::Reversed)))
        .select((package_lines::line_id, package_lines::continues_line_id))
        .distinct()
        .load(connection)?;
    let firsts: BTreeSet<String> = carriers.into_iter().map(|(line, continues)| continues.unwrap_or(line)).collect();
    let asked: Vec<_> = firsts.iter().map(|first| Asked { pointer: pointer.to_owned(), arrangement: first, days: None }).collect();
    Ok(door_mistakes(connection, door, &asked)?.into_iter().next())
}

/// How many lines wait on a budget line, and since when.
#[derive(Debug, Serialize, Queryable, ToSchema)]
pub struct WaitingOnBudgetLine {
    /// The budget line.
    pub budget_line: String,
    /// How many.
    pub lines: i64,
    /// Since when the first of them waits.
    pub waits_since: Option<NaiveDate>,
}

/// How many lines wait that one worker recorded, and since when.
#[derive(Debug, Serialize, Queryable, ToSchema)]
pub struct WaitingOfWorker {
    /// Who recorded them: a user's or client's id.
    pub recorded_by: String,
    /// How many.
    pub lines: i64,
    /// Since when the first of them waits.
    pub waits_since: Option<NaiveDate>,
}

/// Everything that waits, by budget line.
pub fn by_budget_line(connection: &mut AnyConnection) -> Result<Vec<WaitingOnBudgetLine>, Error> {
    use unconfirmed_lines as waiting;
    Ok(waiting::table
        .group_by(waiting::budget_line)
        .select((waiting::budget_line, count_star(), diesel::dsl::min(waiting::waits_since)))
        .order(waiting::budget_line)
        .load(connection)?)
}

/// Everything that waits, by who recorded it.
pub fn by_worker(connection: &mut AnyConnection) -> Result<Vec<WaitingOfWorker>, Error> {
    use unconfirmed_lines as waiting;
    Ok(waiting::table
        .group_by(waiting::recorded_by)
        .select((waiting::recorded_by, count_star(), diesel::dsl::min(waiting::waits_since)))
        .order(waiting::recorded_by)
        .load(connection)?)
}

/// Which unconfirmed lines: of a budget line, recorded by a worker, recorded after a place in the list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'w> {
    /// Only this budget line's.
    pub budget_line: Option<&'w str>,
    /// Only what this user or client recorded.
    pub recorded_by: Option<&'w str>,
    /// After this write and line.
    pub after: Option<(i64, &'w str)>,
    /// Only what waits since this day or before.
    pub by: Option<NaiveDate>,
}

/// An unconfirmed line.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = unconfirmed_lines)]
pub struct WaitingLine {
    /// The line.
    pub line_id: String,
    /// Its package.
    pub package_id: String,
    /// Who recorded what waits.
    pub recorded_by: String,
    /// Since when it waits.
    pub waits_since: Option<NaiveDate>,
    /// The write that recorded it.
    pub recorded_seq: i64,
}

/// Unconfirmed lines in the order recorded, at most so many.
pub fn waiting_lines(connection: &mut AnyConnection, wanted: Wanted<'_>, most: i64) -> Result<Vec<WaitingLine>, Error> {
    use unconfirmed_lines as waiting;
    let mut query = waiting::table.select(WaitingLine::as_select()).into_boxed();
    if let Some(budget_line) = wanted.budget_line {
        query = query.filter(waiting::budget_line.eq(budget_line.to_owned()));
    }
    if let Some(recorded_by) = wanted.recorded_by {
        query = query.filter(waiting::recorded_by.eq(recorded_by.to_owned()));
    }
    if let Some(by) = wanted.by {
        query = query.filter(waiting::waits_since.le(by));
    }
    if let Some((seq, line)) = wanted.after {
        query = query.filter(waiting::recorded_seq.ge(seq)).filter(waiting::recorded_seq.gt(seq).or(waiting::line_id.gt(line.to_owned())));
    }
    Ok(query.order((waiting::recorded_seq, waiting::line_id)).limit(most).load(connection)?)
}
