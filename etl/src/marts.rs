//! The marts: SQL files, run over the facts and dimensions, each with its grain and its checks in its first comments.
//!
//! The SQL keeps to what polars, DuckDB and Spark have in common, and sums integers only.

use crate::error::Error;
use crate::manifest::{Table, TableKind};
use polars::prelude::*;
use polars::sql::SQLContext;
use std::path::Path;

/// Every mart by name, with its SQL.
pub const MARTS: &[(&str, &str)] = &[
    ("spend_by_month", include_str!("../marts/spend_by_month.sql")),
    ("budget_position", include_str!("../marts/budget_position.sql")),
    ("statement_figures", include_str!("../marts/statement_figures.sql")),
    ("children_by_budget_line", include_str!("../marts/children_by_budget_line.sql")),
    ("panel_decisions", include_str!("../marts/panel_decisions.sql")),
    ("panel_outcomes", include_str!("../marts/panel_outcomes.sql")),
    ("direct_payment_accounts", include_str!("../marts/direct_payment_accounts.sql")),
    ("joint_funding", include_str!("../marts/joint_funding.sql")),
    ("nights", include_str!("../marts/nights.sql")),
    ("grant_activity", include_str!("../marts/grant_activity.sql")),
    ("unit_costs", include_str!("../marts/unit_costs.sql")),
    ("commitments_by_week", include_str!("../marts/commitments_by_week.sql")),
    ("forecast_outturn", include_str!("../marts/forecast_outturn.sql")),
    ("payment_settlement", include_str!("../marts/payment_settlement.sql")),
    ("spending_items", include_str!("../marts/spending_items.sql")),
    ("grant_awards", include_str!("../marts/grant_awards.sql")),
    ("children_by_age", include_str!("../marts/children_by_age.sql")),
    ("support_in_force", include_str!("../marts/support_in_force.sql")),
    ("services_by_age", include_str!("../marts/services_by_age.sql")),
    ("allocated_and_used", include_str!("../marts/allocated_and_used.sql")),
    ("packages_by_group", include_str!("../marts/packages_by_group.sql")),
    ("full_year_effect", include_str!("../marts/full_year_effect.sql")),
    ("budget_changes", include_str!("../marts/budget_changes.sql")),
    ("transitions", include_str!("../marts/transitions.sql")),
];

/// One thing that must hold of a mart before it is published, from a line `-- check: WORD ARGUMENT, ARGUMENT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Check {
    /// `unique`: no two rows agree in all these columns.
    Unique(Vec<String>),
    /// `not_null`: none of these columns has a null.
    NotNull(Vec<String>),
    /// `every`: as many rows as the product of these tables has.
    Every(Vec<String>),
    /// `ledger`: by financial year and budget line the column, and the count if named, equal the store's ledger.
    Ledger { amount: String, entries: Option<String> },
    /// `joint_funding`: by budget line the columns invoiced, credited and received are the store's, and so is what is outstanding in the
    /// last month.
    JointFunding { invoiced: String, credited: String, received: String, outstanding: String },
    /// `budget`: by financial year and budget line the column equals the store's budget movements.
    Budget { amount: String },
    /// `direct_payments`: by financial year the two columns equal what the store's pay files and repayments come to.
    DirectPayments { paid: String, repaid: String },
    /// `nights`: by calendar month the three columns equal the store's nights that are booked, stayed and cancelled.
    Nights { booked: String, stayed: String, cancelled: String },
    /// `decisions`: by financial year the two columns equal the store's decisions; with a kind named first, by that too, and a row
    /// is a decision.
    Decisions { kind: Option<String>, full_year: String, this_year: String },
    /// `grants`: what is planned by budget line, what is paid by financial year and budget line, and the returns due are the store's.
    Grants { planned: String, paid: String, due: String },
}

impl Check {
    /// All checks of a mart's SQL. One that cannot be read is a [`Error::Definition`], never skipped.
    pub(crate) fn all_of(name: &str, sql: &str) -> Result<Vec<Check>, Error> {
        sql.lines().filter_map(|line| line.strip_prefix("-- check: ")).map(|text| Check::parse(name, text)).collect()
    }

    fn parse(name: &str, text: &str) -> Result<Check, Error> {
        let (word, arguments) = text.split_once(' ').unwrap_or((text, ""));
        let arguments: Vec<String> = arguments.split(',').map(|argument| argument.trim().to_owned()).collect();
        match (word, arguments.as_slice()) {
            ("unique", _) => Ok(Check::Unique(arguments)),
            ("not_null", _) => Ok(Check::NotNull(arguments)),
            ("every", _) => Ok(Check::Every(arguments)),
            ("ledger", [amount]) => Ok(Check::Ledger { amount: amount.clone(), entries: None }),
            ("ledger", [amount, entries]) => Ok(Check::Ledger { amount: amount.clone(), entries: Some(entries.clone()) }),
            ("joint_funding", [invoiced, credited, received, outstanding]) => Ok(Check::JointFunding {
                invoiced: invoiced.clone(),
                credited: credited.clone(),
                received: received.clone(),
                outstanding: outstanding.clone(),
            }),
            ("budget", [amount]) => Ok(Check::Budget { amount: amount.clone() }),
            ("grants", [planned, paid, due]) => Ok(Check::Grants { planned: planned.clone(), paid: paid.clone(), due: due.clone() }),
            ("nights", [booked, stayed, cancelled]) => {
                Ok(Check::Nights { booked: booked.clone(), stayed: stayed.clone(), cancelled: cancelled.clone() })
            }
            ("direct_payments", [paid, repaid]) => Ok(Check::DirectPayments { paid: paid.clone(), repaid: repaid.clone() }),
            ("decisions", [full_year, this_year]) => {
                Ok(Check::Decisions { kind: None, full_year: full_year.clone(), this_year: this_year.clone() })
            }
            ("decisions", [kind, full_year, this_year]) => {
                Ok(Check::Decisions { kind: Some(kind.clone()), full_year: full_year.clone(), this_year: this_year.clone() })
            }
            _ => Err(Error::Definition(format!("the mart `{name}` has a check that cannot be read: `{text}`"))),
        }
    }
}

/// Planning a mart's SQL goes as deep as its subqueries do, and takes tens of kilobytes a level.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Runs every mart over the tables written below `directory`.
pub(crate) fn run(directory: &Path, tables: &[Table]) -> Result<Vec<(&'static str, DataFrame)>, Error> {
    // On a stack of its own, so that how deep a mart may be does not hang on who calls.
    std::thread::scope(|scope| {
        let running = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || run_here(directory, tables));
        running.map_err(PolarsError::from)?.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn run_here(directory: &Path, tables: &[Table]) -> Result<Vec<(&'static str, DataFrame)>, Error> {
    let mut context = SQLContext::new();
    for table in tables.iter().filter(|table| table.kind != TableKind::Mart) {
        context.register(&table.name, scan(directory, table)?);
    }
    MARTS.iter().map(|(name, sql)| Ok((*name, context.execute(sql)?.collect()?))).collect()
}

/// A table's files as one lazy table.
pub(crate) fn scan(directory: &Path, table: &Table) -> Result<LazyFrame, Error> {
    let paths = table.files.iter().map(|file| PlRefPath::new(directory.join(&file.path).to_string_lossy().into_owned()));
    // The files' names are known: `[` in the data directory's own path is no pattern, and the year is a column of the files.
    let arguments =
        ScanArgsParquet { glob: false, hive_options: HiveOptions { enabled: Some(false), ..Default::default() }, ..Default::default() };
    Ok(LazyFrame::scan_parquet_files(paths.collect(), arguments)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mart_states_its_grain_and_checks_it() {
        for (name, sql) in MARTS {
            assert!(sql.starts_with("-- grain: one row a "), "{name} does not open with its grain");
            let checks = Check::all_of(name, sql).expect("well formed");
            assert!(checks.iter().any(|check| matches!(check, Check::Unique(_))), "{name} has no unique key");
            assert!(checks.iter().any(|check| matches!(check, Check::NotNull(_))), "{name} says nothing of nulls");
        }
    }

    #[test]
    fn a_check_that_cannot_be_read_is_an_error() {
        assert!(Check::all_of("m", "-- check: unqiue a\nSELECT 1").is_err());
        assert!(Check::all_of("m", "-- check: ledger a, b, c\nSELECT 1").is_err());
        assert!(Check::all_of("m", "-- check: decisions a\nSELECT 1").is_err());
    }
}
