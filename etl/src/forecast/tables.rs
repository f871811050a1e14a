//! What follows from a history, as known at the time of the run: settled cells, what became of the payments, what requests weigh.

use super::history::History;
use super::known::Known;
use super::outturn::SettledPayments;
use crate::columns;
use crate::ends;
use crate::error::Error;
use crate::files::{sha256, write_parquet};
use crate::manifest::{Table, TableFile, TableKind};
use domain::commitments::{Settlement, turned};
use domain::{Direction, FinancialYear, Period, Profile};
use polars::prelude::*;
use std::path::Path;

pub(crate) const COMMITMENTS: &str = "fact_commitments";
pub(crate) const SETTLEMENTS: &str = "fact_settlements";
pub(crate) const PENDING_COSTS: &str = "fact_pending_costs";

/// Settles every year and budget line, and writes the three facts below a directory. Cells go to a file a year: memory holds one year.
pub(crate) fn write(directory: &Path, history: &History, profile: &Profile, years: &[FinancialYear]) -> Result<Vec<Table>, Error> {
    let known = Known::on(history, None);
    let (mut cell_files, mut payments, mut pending) = (Vec::new(), Vec::new(), PendingColumns::default());
    for year in years {
        let entries = history.entries(*year)?;
        let mut cells = CellColumns::default();
        for (budget_line, direction) in &history.budget_lines {
            let of_line = entries.get(budget_line).map(Vec::as_slice).unwrap_or_default();
            let settlement = known.settle(&profile.costing, *year, budget_line, of_line)?;
            cells.add(history, budget_line, *direction, &settlement);
            payments.extend(history.settled_payments(&known, budget_line, &settlement).into_iter().map(|row| (*year, row)));
        }
        cell_files.push(write_file(directory, COMMITMENTS, Some(*year), cells.frame(*year)?)?);
        pending.add(history, &known, profile, *year)?;
    }
    let settlements = write_file(directory, SETTLEMENTS, None, settlements(&payments)?)?;
    let pending = write_file(directory, PENDING_COSTS, None, pending.frame()?)?;
    let table = |name: &str, files: Vec<TableFile>| Table {
        name: name.to_owned(),
        kind: TableKind::Fact,
        rows: files.iter().map(|file| file.rows).sum(),
        files,
    };
    Ok(vec![table(COMMITMENTS, cell_files), table(SETTLEMENTS, vec![settlements]), table(PENDING_COSTS, vec![pending])])
}

fn write_file(directory: &Path, name: &str, year: Option<FinancialYear>, mut table: DataFrame) -> Result<TableFile, Error> {
    columns::check(name, &table)?;
    let path = match year {
        Some(year) => format!("facts/{name}/financial_year={year}/part.parquet"),
        None => format!("facts/{name}/part.parquet"),
    };
    write_parquet(&directory.join(&path), &mut table)?;
    Ok(TableFile { sha256: sha256(&directory.join(&path))?, rows: table.height() as u64, path })
}

/// Cells, column by column.
#[derive(Default)]
struct CellColumns<'h> {
    period: Vec<i64>,
    budget_line: Vec<&'h str>,
    provider: Vec<Option<String>>,
    owner: Vec<&'h str>,
    owner_kind: Vec<&'static str>,
    week_starts_on: Vec<chrono::NaiveDate>,
    from_on: Vec<chrono::NaiveDate>,
    to_on: Vec<chrono::NaiveDate>,
    is_carried: Vec<i64>,
    planned: Vec<i64>,
    paid: Vec<i64>,
    released: Vec<i64>,
    open: Vec<i64>,
    unconfirmed: Vec<i64>,
}

impl<'h> CellColumns<'h> {
    fn add(&mut self, history: &'h History, budget_line: &'h str, direction: Direction, settlement: &Settlement<'_>) {
        for cell in &settlement.cells {
            self.period.push(i64::from(cell.period.number()));
            self.budget_line.push(budget_line);
            self.provider.push(cell.provider.map(str::to_owned));
            self.owner.push(history.owner_key(cell.owner.id));
            self.owner_kind.push(cell.owner.kind.as_str());
            self.week_starts_on.push(cell.week_starts_on());
            self.from_on.push(cell.from);
            self.to_on.push(ends::of_cell(cell.week_starts_on(), cell.from, cell.to));
            self.is_carried.push(i64::from(cell.is_carried));
            self.planned.push(turned(direction, cell.planned).0);
            self.paid.push(turned(direction, cell.paid).0);
            self.released.push(turned(direction, cell.released).0);
            self.open.push(turned(direction, cell.open()).0);
            self.unconfirmed.push(turned(direction, cell.open_unconfirmed()).0);
        }
    }

    fn frame(self, year: FinancialYear) -> Result<DataFrame, Error> {
        Ok(df!(
            "financial_year" => vec![year.as_str(); self.period.len()],
            "period" => self.period,
            "budget_line" => self.budget_line,
            "provider_key" => self.provider,
            "owner_key" => self.owner,
            "owner_kind" => self.owner_kind,
            "week_starts_on" => self.week_starts_on,
            "from_on" => self.from_on,
            "to_on" => self.to_on,
            "is_carried" => self.is_carried,
            "planned_pence" => self.planned,
            "paid_pence" => self.paid,
            "released_pence" => self.released,
            "open_pence" => self.open,
            "unconfirmed_pence" => self.unconfirmed,
        )?)
    }
}

fn settlements(rows: &[(FinancialYear, SettledPayments)]) -> Result<DataFrame, Error> {
    let pence = |of: fn(&SettledPayments) -> domain::Pence| rows.iter().map(|(_, row)| of(row).0).collect::<Vec<_>>();
    Ok(df!(
        "financial_year" => rows.iter().map(|(year, _)| year.as_str()).collect::<Vec<_>>(),
        "budget_line" => rows.iter().map(|(_, row)| row.budget_line.as_str()).collect::<Vec<_>>(),
        "target" => rows.iter().map(|(_, row)| row.target).collect::<Vec<_>>(),
        "target_key" => rows.iter().map(|(_, row)| row.target_key.as_deref()).collect::<Vec<_>>(),
        "provider_key" => rows.iter().map(|(_, row)| row.provider.as_deref()).collect::<Vec<_>>(),
        "reason" => rows.iter().map(|(_, row)| row.reason).collect::<Vec<_>>(),
        "payments_pence" => pence(|row| row.payments),
        "paid_pence" => pence(|row| row.paid),
        "overpaid_pence" => pence(|row| row.overpaid),
        "credit_pence" => pence(|row| row.credit),
        "unmatched_pence" => pence(|row| row.unmatched),
    )?)
}

/// What requests weigh, column by column.
#[derive(Default)]
struct PendingColumns {
    year: Vec<String>,
    period: Vec<i64>,
    budget_line: Vec<String>,
    state: Vec<&'static str>,
    weight: Vec<i64>,
    pence: Vec<i64>,
}

impl PendingColumns {
    fn add(&mut self, history: &History, known: &Known<'_>, profile: &Profile, year: FinancialYear) -> Result<(), Error> {
        for ((budget_line, state), weighed) in known.pending(profile, year)? {
            let direction = history.budget_lines.get(budget_line).copied().unwrap_or(Direction::Expenditure);
            for (period, amount) in Period::all().zip(weighed.months).filter(|(_, amount)| amount.0 != 0) {
                self.year.push(year.as_str().to_owned());
                self.period.push(i64::from(period.number()));
                self.budget_line.push(budget_line.to_owned());
                self.state.push(state);
                self.weight.push(i64::from(weighed.weight_percent));
                self.pence.push(turned(direction, amount).0);
            }
        }
        Ok(())
    }

    fn frame(self) -> Result<DataFrame, Error> {
        Ok(df!(
            "financial_year" => self.year,
            "period" => self.period,
            "budget_line" => self.budget_line,
            "state" => self.state,
            "weight_percent" => self.weight,
            "pending_pence" => self.pence,
        )?)
    }
}
