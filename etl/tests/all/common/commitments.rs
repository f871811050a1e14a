//! Purchase orders, matches, releases, closures, and lines that carry others on, written straight into the store.

use super::{Fixture, LineVersion, SECRET, day};
use db::new_id;
use db::schema::{
    commitment_carry_forwards, commitment_releases, ledger_entries, ledger_matches, package_lines, package_variations,
    purchase_order_lines, purchase_orders, year_closures,
};
use diesel::prelude::*;

/// A ledger entry that says more than most.
#[derive(Clone, Default)]
pub struct EntryOf<'e> {
    pub budget_line: &'e str,
    pub provider: Option<&'e str>,
    pub on: &'e str,
    pub pence: i64,
    /// The year it counts in, if not that of its day.
    pub year: Option<&'e str>,
    pub purchase_order: Option<&'e str>,
    pub reverses: Option<&'e str>,
}

impl Fixture {
    /// A line, carried on from another or made by a variation.
    pub fn line_of(&self, line: &LineVersion, continues: Option<&str>, variation: Option<&str>) {
        self.line_with(line, continues, variation, None);
    }

    /// A line that a post confirmed.
    pub fn confirmed_line(&self, line: &LineVersion) {
        self.line(line);
        self.confirmation(&line.line_id, line.version, line.from);
    }

    /// The same, carrying out a request line.
    pub fn line_with(&self, line: &LineVersion, continues: Option<&str>, variation: Option<&str>, request_line: Option<&str>) {
        self.write(|write| {
            diesel::insert_into(package_lines::table)
                .values((
                    package_lines::id.eq(if line.version == 1 { line.line_id.clone() } else { new_id() }),
                    package_lines::line_id.eq(&line.line_id),
                    package_lines::version.eq(line.version),
                    package_lines::package_id.eq(&line.package),
                    package_lines::service.eq("support"),
                    package_lines::budget_line.eq(line.budget_line),
                    package_lines::provider_id.eq(&line.provider),
                    package_lines::statement_category.eq(line.category),
                    package_lines::unit.eq("hour"),
                    package_lines::quantity_thousandths.eq(1000),
                    package_lines::frequency.eq(line.frequency),
                    package_lines::unit_rate_ten_thousandths.eq(line.rate),
                    package_lines::valid_from.eq(day(line.from)),
                    package_lines::valid_to.eq(line.to.map(day)),
                    package_lines::ends_by_age_on.eq(line.by_age.map(day)),
                    package_lines::state.eq(line.state),
                    package_lines::reason.eq(SECRET),
                    package_lines::request_line_id.eq(request_line),
                    package_lines::continues_line_id.eq(continues),
                    package_lines::variation_id.eq(variation),
                    package_lines::recorded_by.eq(&write.actor.id),
                    package_lines::recorded_at.eq(write.at),
                    package_lines::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }

    /// A variation of a line, as far as the warehouse looks at it; returns its id.
    pub fn variation(&self, line: &LineVersion, kind: &str) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(package_variations::table)
                .values((
                    package_variations::id.eq(&id),
                    package_variations::package_id.eq(&line.package),
                    package_variations::line_id.eq(&line.line_id),
                    package_variations::line_version.eq(1),
                    package_variations::arrangement_id.eq(&line.line_id),
                    package_variations::kind.eq(kind),
                    package_variations::valid_from.eq(day(line.from)),
                    package_variations::basis.eq("agreement"),
                    package_variations::total_before_pence.eq(0),
                    package_variations::total_after_pence.eq(0),
                    package_variations::reason.eq(SECRET),
                    package_variations::recorded_by.eq(&write.actor.id),
                    package_variations::recorded_at.eq(write.at),
                    package_variations::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    /// One entry; returns its id.
    pub fn entry_of(&self, entry: &EntryOf<'_>) -> String {
        let id = new_id();
        self.write(|write| {
            let year = entry.year.map_or_else(|| domain::FinancialYear::of(day(entry.on)).unwrap(), |year| year.parse().unwrap());
            db::open_financial_year(write, year).unwrap();
            diesel::insert_into(ledger_entries::table)
                .values((
                    ledger_entries::id.eq(&id),
                    ledger_entries::source.eq("test"),
                    ledger_entries::line_hash.eq(&id),
                    ledger_entries::occurrence.eq(1),
                    ledger_entries::posted_on.eq(day(entry.on)),
                    ledger_entries::year.eq(year),
                    ledger_entries::budget_line.eq(entry.budget_line),
                    ledger_entries::provider_id.eq(entry.provider),
                    ledger_entries::purchase_order.eq(entry.purchase_order),
                    ledger_entries::reverses_id.eq(entry.reverses),
                    ledger_entries::amount_pence.eq(entry.pence),
                    ledger_entries::reason.eq(SECRET),
                    ledger_entries::recorded_by.eq(&write.actor.id),
                    ledger_entries::recorded_at.eq(write.at),
                    ledger_entries::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    /// A purchase order for some lines.
    pub fn order(&self, number: &str, package: &str, provider: &str, lines: &[&str]) {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(purchase_orders::table)
                .values((
                    purchase_orders::id.eq(&id),
                    purchase_orders::number.eq(number),
                    purchase_orders::package_id.eq(package),
                    purchase_orders::provider_id.eq(provider),
                    purchase_orders::cost_centre.eq("a cost centre"),
                    purchase_orders::expense_code.eq("a code"),
                    purchase_orders::raised_on.eq(write.today()),
                    purchase_orders::recorded_by.eq(&write.actor.id),
                    purchase_orders::recorded_at.eq(write.at),
                    purchase_orders::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            for line in lines {
                diesel::insert_into(purchase_order_lines::table)
                    .values((
                        purchase_order_lines::id.eq(new_id()),
                        purchase_order_lines::purchase_order_id.eq(&id),
                        purchase_order_lines::line_id.eq(line),
                        purchase_order_lines::recorded_at.eq(write.at),
                        purchase_order_lines::recorded_seq.eq(write.seq()),
                    ))
                    .execute(write.connection)
                    .unwrap();
            }
        });
    }

    /// What an entry is for, or none; returns the match's id. With `reverses` it takes one back.
    pub fn matched(&self, entry: &str, line: Option<&str>, reverses: Option<&str>) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(ledger_matches::table)
                .values((
                    ledger_matches::id.eq(&id),
                    ledger_matches::entry_id.eq(entry),
                    ledger_matches::line_id.eq(line),
                    ledger_matches::reverses_id.eq(reverses),
                    ledger_matches::reason.eq(SECRET),
                    ledger_matches::recorded_by.eq(&write.actor.id),
                    ledger_matches::recorded_at.eq(write.at),
                    ledger_matches::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    /// A release of a provider's commitments, or of the whole budget line; returns its id. With `reverses` it takes one back.
    pub fn release(&self, year: &str, budget_line: &str, provider: Option<&str>, up_to: &str, reverses: Option<&str>) -> String {
        let id = new_id();
        self.write(|write| {
            db::open_financial_year(write, year.parse().unwrap()).unwrap();
            diesel::insert_into(commitment_releases::table)
                .values((
                    commitment_releases::id.eq(&id),
                    commitment_releases::year.eq(year),
                    commitment_releases::budget_line.eq(budget_line),
                    commitment_releases::provider_id.eq(provider),
                    commitment_releases::up_to.eq(day(up_to)),
                    commitment_releases::reverses_id.eq(reverses),
                    commitment_releases::reason.eq(SECRET),
                    commitment_releases::recorded_by.eq(&write.actor.id),
                    commitment_releases::recorded_at.eq(write.at),
                    commitment_releases::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    /// Closes a year and carries an arrangement's open commitment into the next.
    pub fn close(&self, year: &str, next: &str, carried: &[(&str, Option<&str>, &str, i64)]) {
        self.write(|write| {
            for year in [year, next] {
                db::open_financial_year(write, year.parse().unwrap()).unwrap();
            }
            diesel::insert_into(year_closures::table)
                .values((
                    year_closures::year.eq(year),
                    year_closures::closed_on.eq(write.today()),
                    year_closures::reason.eq(SECRET),
                    year_closures::recorded_by.eq(&write.actor.id),
                    year_closures::recorded_at.eq(write.at),
                    year_closures::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            for (budget_line, provider, line, pence) in carried {
                diesel::insert_into(commitment_carry_forwards::table)
                    .values((
                        commitment_carry_forwards::id.eq(new_id()),
                        commitment_carry_forwards::from_year.eq(year),
                        commitment_carry_forwards::to_year.eq(next),
                        commitment_carry_forwards::budget_line.eq(budget_line),
                        commitment_carry_forwards::provider_id.eq(*provider),
                        commitment_carry_forwards::line_id.eq(line),
                        commitment_carry_forwards::amount_pence.eq(pence),
                        commitment_carry_forwards::recorded_by.eq(&write.actor.id),
                        commitment_carry_forwards::recorded_at.eq(write.at),
                        commitment_carry_forwards::recorded_seq.eq(write.seq()),
                    ))
                    .execute(write.connection)
                    .unwrap();
            }
        });
    }
}
