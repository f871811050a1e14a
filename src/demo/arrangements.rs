//! What the made-up authority's children have, as later records need it: package lines, in the order recorded.

use chrono::NaiveDate;
use db::Store;
use db::schema::{children, package_lines, packages};
use diesel::prelude::*;
use domain::{Frequency, LineState, Quantity, UnitRate};
use std::collections::BTreeMap;

/// A line of an arrangement, as last known.
#[derive(Debug, Clone, Queryable)]
pub struct Arrangement {
    /// The child's case reference.
    pub case_reference: String,
    pub child_id: String,
    pub line_id: String,
    pub continues_line_id: Option<String>,
    pub provider_id: Option<String>,
    pub state: LineState,
    pub quantity: Quantity,
    pub frequency: Frequency,
    pub unit_rate: UnitRate,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
}

impl Arrangement {
    /// The child's place among the made-up children.
    pub fn child(&self) -> Option<usize> {
        self.case_reference.rsplit('-').next()?.parse().ok()
    }

    /// Whether it begins an arrangement, and carries no other line on.
    pub fn is_first(&self) -> bool {
        self.continues_line_id.is_none()
    }

    /// What it costs each time, in pence: whole pence for what the demonstration has.
    pub fn pence_each_time(&self) -> i64 {
        self.quantity.0 * self.unit_rate.0 / 100_000
    }
}

/// The lines of a budget line that were not taken back.
pub fn of_budget_line(store: &Store, budget_line: &str) -> anyhow::Result<Vec<Arrangement>> {
    let versions: Vec<Arrangement> = store.read(|connection| {
        let rows = package_lines::table
            .inner_join(packages::table.inner_join(children::table))
            .filter(package_lines::budget_line.eq(budget_line))
            .order((package_lines::recorded_seq, package_lines::id))
            .select((
                children::case_reference,
                packages::child_id,
                package_lines::line_id,
                package_lines::continues_line_id,
                package_lines::provider_id,
                package_lines::state,
                package_lines::quantity_thousandths,
                package_lines::frequency,
                package_lines::unit_rate_ten_thousandths,
                package_lines::valid_from,
                package_lines::valid_to,
            ))
            .load(connection)?;
        Ok::<_, db::Error>(rows)
    })?;
    // Versions come in the order recorded: a line has the place of its first, and says what its last does.
    let (mut places, mut lines): (BTreeMap<String, usize>, Vec<Arrangement>) = (BTreeMap::new(), Vec::new());
    for version in versions {
        match places.get(&version.line_id) {
            Some(place) => lines[*place] = version,
            None => {
                places.insert(version.line_id.clone(), lines.len());
                lines.push(version);
            }
        }
    }
    lines.retain(|line| line.state != LineState::Reversed);
    Ok(lines)
}
