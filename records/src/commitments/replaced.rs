//! What request lines replace, as it stands: the lines of each replaced arrangement that the same budget line pays.

use crate::commitments::recorded::{Asked, account_steps};
use crate::error::Error;
use crate::requests::RequestLine;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::package_lines;
use diesel::prelude::*;
use domain::commitments::{AskedLine, Replaced, unpaid_days};
use domain::costing::Line;
use domain::direct_payments::Stretch;
use domain::{FinancialYear, Frequency, LineState, Profile, Quantity, UnitRate};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Line ids asked about in one statement.
const CHUNK: usize = 500;

/// What is replaced.
pub struct Replacing {
    /// The first line of the arrangement, by the replaced line.
    arrangements: HashMap<String, String>,
    /// By arrangement, and by line.
    lines: HashMap<String, HashMap<String, Line>>,
    unpaid: HashMap<String, Vec<Stretch>>,
}

type Terms = (Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>);
type StandingRow = (String, Option<String>, Option<String>, LineState, Terms);

impl Replacing {
    /// What these lines replace on a budget line. Package lines that carry out one of `but_for` do not count.
    pub fn of<'l>(
        connection: &mut AnyConnection,
        profile: &Profile,
        (year, code): (FinancialYear, &str),
        lines: impl Iterator<Item = &'l RequestLine>,
        but_for: &HashSet<String>,
    ) -> Result<Self, Error> {
        let ids: BTreeSet<&str> = lines.filter_map(|line| line.replaces_line_id.as_deref()).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let mut arrangements = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            let rows: Vec<(String, Option<String>)> = package_lines::table
                .filter(package_lines::line_id.eq_any(chunk.to_vec()).and(package_lines::version.eq(1)))
                .select((package_lines::line_id, package_lines::continues_line_id))
                .load(connection)?;
            arrangements.extend(rows.into_iter().map(|(line, first)| (line.clone(), first.unwrap_or(line))));
        }
        let lines = standing(connection, code, &arrangements, but_for)?;
        let unpaid = match lines.is_empty() {
            true => HashMap::new(),
            false => unpaid_now(connection, profile, Some((year, code)))?,
        };
        Ok(Replacing { arrangements, lines, unpaid })
    }

    /// The lines of the arrangement that a request line replaces, with the arrangement's first line.
    pub fn replaced_by(&self, line: &RequestLine) -> Option<(&str, &HashMap<String, Line>)> {
        let arrangement = self.arrangements.get(line.replaces_line_id.as_ref()?)?;
        Some((arrangement, self.lines.get(arrangement)?))
    }

    /// A request line as the rule takes it.
    pub fn asked<'a>(&'a self, line: &'a RequestLine, weight_percent: u8) -> AskedLine<'a> {
        let replaces = self.replaced_by(line).map(|(arrangement, lines)| Replaced {
            arrangement,
            lines: lines.values().copied().collect(),
            unpaid: self.unpaid.get(arrangement).cloned().unwrap_or_default(),
        });
        AskedLine { request_line: &line.id, terms: line.costed(), weight_percent, replaces }
    }
}

/// The days that accounts leave unpaid, by arrangement: all accounts', or those that pay something of a book.
pub fn unpaid_now(
    connection: &mut AnyConnection,
    profile: &Profile,
    book: Option<(FinancialYear, &str)>,
) -> Result<HashMap<String, Vec<Stretch>>, Error> {
    let steps = account_steps(connection, &Asked { before: None, zone: profile.time_zone, book })?;
    Ok(unpaid_days(&steps, NaiveDate::MAX).into_iter().map(|(arrangement, days)| (arrangement.to_owned(), days)).collect())
}

/// The standing lines of arrangements that a budget line pays, in their last version, by arrangement and line.
fn standing(
    connection: &mut AnyConnection,
    code: &str,
    arrangements: &HashMap<String, String>,
    but_for: &HashSet<String>,
) -> Result<HashMap<String, HashMap<String, Line>>, Error> {
    let firsts: BTreeSet<&str> = arrangements.values().map(String::as_str).collect();
    let firsts: Vec<&str> = firsts.into_iter().collect();
    let mut standing: HashMap<String, HashMap<String, Line>> = HashMap::new();
    for chunk in firsts.chunks(CHUNK) {
        let own = package_lines::line_id.eq_any(chunk.to_vec()).or(package_lines::continues_line_id.eq_any(chunk.to_vec()));
        let rows: Vec<StandingRow> = package_lines::table
            .filter(own)
            .filter(package_lines::budget_line.eq(code))
            .select((
                package_lines::line_id,
                package_lines::continues_line_id,
                package_lines::request_line_id,
                package_lines::state,
                (
                    package_lines::quantity_thousandths,
                    package_lines::frequency,
                    package_lines::unit_rate_ten_thousandths,
                    package_lines::valid_from,
                    package_lines::valid_to,
                ),
            ))
            .order((package_lines::line_id, package_lines::version))
            .load(connection)?;
        let counting = rows.into_iter().filter(|row| row.2.as_ref().is_none_or(|request_line| !but_for.contains(request_line)));
        for (line_id, continues, _, state, (quantity, frequency, unit_rate, valid_from, valid_to)) in counting {
            let lines = standing.entry(continues.unwrap_or_else(|| line_id.clone())).or_default();
            // The last version of each comes last.
            match state {
                LineState::Reversed => lines.remove(&line_id),
                _ => lines.insert(line_id, Line { quantity, frequency, unit_rate, valid_from, valid_to }),
            };
        }
    }
    standing.retain(|_, lines| !lines.is_empty());
    Ok(standing)
}
