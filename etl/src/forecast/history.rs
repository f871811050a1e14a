//! What a snapshot holds of commitments and their history, read back from its facts.

use super::facts::{AWARDS, CARRIED, CLOSURES, FUNDINGS, MATCHES, ORDER_LINES, ORDERS, OWNERS, PENDING, RELEASES, VERSIONS};
use super::rows::Rows;
use crate::error::Error;
use crate::files::read_parquet;
use crate::ledger::ENTRIES;
use crate::manifest::Table;
use crate::snapshot::Snapshot;
use chrono::NaiveDate;
use domain::commitment::OwnerKind;
use domain::costing::Line;
use domain::joint_funding::{Funding, FundingState, Share};
use domain::{Direction, FinancialYear, LineState, Pence, RequestState};
use polars::prelude::DataFrame;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Plans, matches, releases and requests with the days on which they were recorded. Ledger entries are read a year at a time.
pub struct History {
    directory: PathBuf,
    entry_parts: Table,
    /// By number: what the settlement orders owners by, and the key they have in the warehouse.
    pub(super) owners: Vec<OwnerRow>,
    pub(super) budget_lines: BTreeMap<String, Direction>,
    /// By line and version.
    pub(super) versions: Vec<VersionRow>,
    pub(super) awards: Vec<AwardRow>,
    /// By the order first recorded, then by version.
    pub(super) fundings: Vec<FundingRow>,
    pub(super) orders: Vec<OrderRow>,
    /// Owner's place, order's key, day recorded.
    pub(super) order_lines: Vec<(usize, String, NaiveDate)>,
    /// In the order recorded.
    pub(super) matches: Vec<MatchRow>,
    pub(super) releases: Vec<ReleaseRow>,
    pub(super) carried: Vec<CarriedRow>,
    pub(super) closures: Vec<(FinancialYear, NaiveDate)>,
    pub(super) pending: Vec<PendingRow>,
}

pub(super) struct OwnerRow {
    /// Sorts as the owner's id does.
    pub(super) id: String,
    pub(super) key: String,
    pub(super) kind: OwnerKind,
}

pub(super) struct VersionRow {
    pub(super) line: String,
    pub(super) owner: usize,
    pub(super) is_reversed: bool,
    pub(super) by_correction: bool,
    pub(super) budget_line: String,
    pub(super) provider: Option<String>,
    pub(super) terms: Line,
    pub(super) recorded_on: NaiveDate,
}

pub(super) struct AwardRow {
    pub(super) owner: usize,
    pub(super) budget_line: String,
    pub(super) provider: String,
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    pub(super) amount: Pence,
    pub(super) recorded_on: NaiveDate,
}

pub(super) struct FundingRow {
    pub(super) funding: String,
    pub(super) owner: usize,
    pub(super) is_reversed: bool,
    pub(super) budget_line: String,
    pub(super) provider: String,
    pub(super) terms: Funding,
    pub(super) recorded_on: NaiveDate,
}

pub(super) struct OrderRow {
    pub(super) key: String,
    /// Sorts as the order's id does.
    pub(super) id: String,
    pub(super) recorded_on: NaiveDate,
}

pub(super) struct MatchRow {
    pub(super) entry: String,
    pub(super) owner: Option<usize>,
    pub(super) recorded_on: NaiveDate,
    pub(super) reversed_on: Option<NaiveDate>,
}

pub(super) struct ReleaseRow {
    pub(super) year: FinancialYear,
    pub(super) budget_line: String,
    pub(super) provider: Option<String>,
    pub(super) owner: Option<usize>,
    pub(super) up_to: NaiveDate,
    pub(super) recorded_on: NaiveDate,
    pub(super) reversed_on: Option<NaiveDate>,
}

pub(super) struct CarriedRow {
    pub(super) year: FinancialYear,
    pub(super) budget_line: String,
    pub(super) provider: Option<String>,
    pub(super) owner: usize,
    pub(super) amount: Pence,
    pub(super) recorded_on: NaiveDate,
}

pub(super) struct PendingRow {
    pub(super) line: String,
    pub(super) state: RequestState,
    pub(super) budget_line: String,
    pub(super) terms: Line,
    pub(super) known_from: NaiveDate,
    pub(super) known_to: Option<NaiveDate>,
}

/// A ledger entry of one year.
pub(super) struct EntryRow {
    pub(super) key: String,
    pub(super) posted_on: NaiveDate,
    pub(super) budget_line: String,
    pub(super) provider: Option<String>,
    pub(super) order: Option<String>,
    pub(super) reverses: Option<String>,
    pub(super) amount: Pence,
    pub(super) recorded_on: NaiveDate,
}

impl History {
    /// Reads a published snapshot. [`Error::NothingPublished`] for one made before the warehouse held commitments.
    pub fn of(snapshot: &Snapshot) -> Result<Self, Error> {
        if snapshot.manifest().table(OWNERS).is_none() {
            return Err(Error::NothingPublished);
        }
        Self::read(snapshot.directory(), &snapshot.manifest().tables)
    }

    /// Reads the tables written below a directory.
    pub(crate) fn read(directory: &Path, tables: &[Table]) -> Result<Self, Error> {
        let of = |name: &str| -> Result<Rows, Error> { Ok(Rows(whole(directory, find(tables, name)?)?)) };
        let owners = owners(&of(OWNERS)?)?;
        let places: HashMap<&str, usize> = owners.iter().enumerate().map(|(place, owner)| (owner.key.as_str(), place)).collect();
        let lines = of("dim_budget_line")?;
        Ok(History {
            directory: directory.to_owned(),
            entry_parts: find(tables, ENTRIES)?.clone(),
            budget_lines: lines.words::<String>("budget_line")?.into_iter().zip(lines.words("direction")?).collect(),
            versions: versions(&of(VERSIONS)?, &places)?,
            awards: awards(&of(AWARDS)?, &places)?,
            fundings: fundings(&of(FUNDINGS)?, &places)?,
            orders: orders(&of(ORDERS)?)?,
            order_lines: order_lines(&of(ORDER_LINES)?, &places)?,
            matches: matches(&of(MATCHES)?, &places)?,
            releases: releases(&of(RELEASES)?, &places)?,
            carried: carried(&of(CARRIED)?, &places)?,
            closures: {
                let rows = of(CLOSURES)?;
                rows.words("financial_year")?.into_iter().zip(rows.days("recorded_on")?).collect()
            },
            pending: pending(&of(PENDING)?)?,
            owners,
        })
    }

    /// The ledger's entries of a year, by budget line. Costs the year's part of the ledger.
    pub(super) fn entries(&self, year: FinancialYear) -> Result<HashMap<String, Vec<EntryRow>>, Error> {
        let of_the_year = format!("facts/{ENTRIES}/financial_year={year}/");
        let mut entries: HashMap<String, Vec<EntryRow>> = HashMap::new();
        for file in self.entry_parts.files.iter().filter(|file| file.path.starts_with(&of_the_year)) {
            for entry in entries_of(&Rows(read_parquet(&self.directory, file)?))? {
                match entries.get_mut(&entry.budget_line) {
                    Some(line) => line.push(entry),
                    None => {
                        entries.insert(entry.budget_line.clone(), vec![entry]);
                    }
                }
            }
        }
        Ok(entries)
    }

    /// An owner's key in the warehouse, by the id it is settled by.
    pub(super) fn owner_key(&self, id: &str) -> &str {
        let found = self.owners.binary_search_by(|owner| owner.id.as_str().cmp(id));
        found.map(|place| self.owners[place].key.as_str()).unwrap_or_default()
    }
}

fn find<'t>(tables: &'t [Table], name: &str) -> Result<&'t Table, Error> {
    tables.iter().find(|table| table.name == name).ok_or_else(|| Error::Definition(format!("there is no table `{name}`")))
}

fn whole(directory: &Path, table: &Table) -> Result<DataFrame, Error> {
    match table.files.as_slice() {
        [file] => read_parquet(directory, file),
        _ => Err(Error::Definition(format!("the table `{}` has not one file", table.name))),
    }
}

/// A number that sorts as text.
fn sortable(number: i64) -> String {
    format!("{number:012}")
}

fn owners(rows: &Rows) -> Result<Vec<OwnerRow>, Error> {
    let (keys, kinds, numbers) = (rows.words::<String>("owner_key")?, rows.words::<String>("owner_kind")?, rows.numbers("owner_number")?);
    let owner = |((key, kind), number): ((String, String), i64)| {
        let kind = if kind == OwnerKind::Grant.as_str() { OwnerKind::Grant } else { OwnerKind::Arrangement };
        OwnerRow { id: sortable(number), key, kind }
    };
    let mut owners: Vec<OwnerRow> = keys.into_iter().zip(kinds).zip(numbers).map(owner).collect();
    owners.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    Ok(owners)
}

type Places<'p> = HashMap<&'p str, usize>;

/// The places of the owners in a column; the extraction lists every owner that a row may name.
fn owners_in(rows: &Rows, places: &Places<'_>) -> Result<Vec<Option<usize>>, Error> {
    let unknown = || Error::Definition("a row of commitments names an owner that is not listed".to_owned());
    let place = |key: Option<String>| key.map(|key| places.get(key.as_str()).copied().ok_or_else(unknown)).transpose();
    rows.optional::<String>("owner_key")?.into_iter().map(place).collect()
}

fn every_owner(rows: &Rows, places: &Places<'_>) -> Result<Vec<usize>, Error> {
    let missing = || Error::Definition("a row of commitments names no owner".to_owned());
    owners_in(rows, places)?.into_iter().map(|place| place.ok_or_else(missing)).collect()
}

fn terms(rows: &Rows) -> Result<Vec<Line>, Error> {
    let (quantities, rates) = (rows.numbers("quantity_thousandths")?, rows.numbers("unit_rate_ten_thousandths")?);
    let (frequencies, from, to) = (rows.words("frequency")?, rows.days("valid_from")?, rows.optional_days("valid_to")?);
    let line = |row: usize| Line {
        quantity: domain::Quantity(quantities[row]),
        frequency: frequencies[row],
        unit_rate: domain::UnitRate(rates[row]),
        valid_from: from[row],
        valid_to: to[row],
    };
    Ok((0..rows.len()).map(line).collect())
}

fn versions(rows: &Rows, places: &Places<'_>) -> Result<Vec<VersionRow>, Error> {
    let (owners, terms, states) = (every_owner(rows, places)?, terms(rows)?, rows.words::<LineState>("state")?);
    let (corrections, recorded_on) = (rows.numbers("by_correction")?, rows.days("recorded_on")?);
    let words = rows.words::<String>("line_key")?.into_iter().zip(rows.words("budget_line")?).zip(rows.optional("provider_key")?);
    let version = |(row, ((line, budget_line), provider)): (usize, ((String, String), Option<String>))| VersionRow {
        line,
        owner: owners[row],
        is_reversed: states[row] == LineState::Reversed,
        by_correction: corrections[row] != 0,
        budget_line,
        provider,
        terms: terms[row],
        recorded_on: recorded_on[row],
    };
    Ok(words.enumerate().map(version).collect())
}

fn awards(rows: &Rows, places: &Places<'_>) -> Result<Vec<AwardRow>, Error> {
    let (owners, amounts) = (every_owner(rows, places)?, rows.numbers("amount_pence")?);
    let (from, to, recorded_on) = (rows.days("from_on")?, rows.days("to_on")?, rows.days("recorded_on")?);
    let words = rows.words("budget_line")?.into_iter().zip(rows.words("provider_key")?);
    let award = |(row, (budget_line, provider)): (usize, (String, String))| AwardRow {
        owner: owners[row],
        budget_line,
        provider,
        from: from[row],
        to: to[row],
        amount: Pence(amounts[row]),
        recorded_on: recorded_on[row],
    };
    Ok(words.enumerate().map(award).collect())
}

fn fundings(rows: &Rows, places: &Places<'_>) -> Result<Vec<FundingRow>, Error> {
    let (owners, states) = (every_owner(rows, places)?, rows.words::<FundingState>("state")?);
    let (from, to, recorded_on) = (rows.days("valid_from")?, rows.optional_days("valid_to")?, rows.days("recorded_on")?);
    let (percentages, amounts) = (rows.optional_numbers("percentage_ten_thousandths")?, rows.optional_numbers("amount_pence")?);
    let frequencies = rows.optional("amount_frequency")?;
    let share = |row: usize| match (percentages[row], amounts[row], frequencies[row]) {
        (Some(percentage), _, _) => Ok(Share::Percentage(percentage)),
        (None, Some(amount), Some(every)) => Ok(Share::Fixed { amount: Pence(amount), every }),
        (None, _, _) => Err(Error::Definition("a joint funding is neither a percentage nor an amount".to_owned())),
    };
    let words = rows.words::<String>("funding_key")?.into_iter().zip(rows.words("budget_line")?).zip(rows.words("provider_key")?);
    let funding = |(row, ((funding, budget_line), provider)): (usize, ((String, String), String))| {
        Ok(FundingRow {
            funding,
            owner: owners[row],
            is_reversed: states[row] == FundingState::Reversed,
            budget_line,
            provider,
            terms: Funding { share: share(row)?, valid_from: from[row], valid_to: to[row] },
            recorded_on: recorded_on[row],
        })
    };
    words.enumerate().map(funding).collect()
}

fn orders(rows: &Rows) -> Result<Vec<OrderRow>, Error> {
    let (numbers, recorded_on) = (rows.numbers("order_number")?, rows.days("recorded_on")?);
    let order = |((key, number), recorded_on): ((String, i64), NaiveDate)| OrderRow { key, id: sortable(number), recorded_on };
    Ok(rows.words("order_key")?.into_iter().zip(numbers).zip(recorded_on).map(order).collect())
}

fn order_lines(rows: &Rows, places: &Places<'_>) -> Result<Vec<(usize, String, NaiveDate)>, Error> {
    let (owners, keys, days) = (every_owner(rows, places)?, rows.words("order_key")?, rows.days("recorded_on")?);
    Ok(owners.into_iter().zip(keys).zip(days).map(|((owner, key), day)| (owner, key, day)).collect())
}

fn matches(rows: &Rows, places: &Places<'_>) -> Result<Vec<MatchRow>, Error> {
    let (owners, entries) = (owners_in(rows, places)?, rows.words::<String>("entry_key")?);
    let (recorded_on, reversed_on) = (rows.days("recorded_on")?, rows.optional_days("reversed_on")?);
    let row = |(row, entry): (usize, String)| MatchRow {
        entry,
        owner: owners[row],
        recorded_on: recorded_on[row],
        reversed_on: reversed_on[row],
    };
    Ok(entries.into_iter().enumerate().map(row).collect())
}

fn releases(rows: &Rows, places: &Places<'_>) -> Result<Vec<ReleaseRow>, Error> {
    let (owners, years, up_to) = (owners_in(rows, places)?, rows.words("financial_year")?, rows.days("up_to")?);
    let (recorded_on, reversed_on) = (rows.days("recorded_on")?, rows.optional_days("reversed_on")?);
    let words = rows.words("budget_line")?.into_iter().zip(rows.optional("provider_key")?);
    let row = |(row, (budget_line, provider)): (usize, (String, Option<String>))| ReleaseRow {
        year: years[row],
        budget_line,
        provider,
        owner: owners[row],
        up_to: up_to[row],
        recorded_on: recorded_on[row],
        reversed_on: reversed_on[row],
    };
    Ok(words.enumerate().map(row).collect())
}

fn carried(rows: &Rows, places: &Places<'_>) -> Result<Vec<CarriedRow>, Error> {
    let (owners, years) = (every_owner(rows, places)?, rows.words("financial_year")?);
    let (amounts, recorded_on) = (rows.numbers("amount_pence")?, rows.days("recorded_on")?);
    let words = rows.words("budget_line")?.into_iter().zip(rows.optional("provider_key")?);
    let row = |(row, (budget_line, provider)): (usize, (String, Option<String>))| CarriedRow {
        year: years[row],
        budget_line,
        provider,
        owner: owners[row],
        amount: Pence(amounts[row]),
        recorded_on: recorded_on[row],
    };
    Ok(words.enumerate().map(row).collect())
}

fn pending(rows: &Rows) -> Result<Vec<PendingRow>, Error> {
    let (terms, states) = (terms(rows)?, rows.words("state")?);
    let (known_from, known_to) = (rows.days("known_from")?, rows.optional_days("known_to")?);
    let words = rows.words("request_line_key")?.into_iter().zip(rows.words("budget_line")?);
    let row = |(row, (line, budget_line)): (usize, (String, String))| PendingRow {
        line,
        state: states[row],
        budget_line,
        terms: terms[row],
        known_from: known_from[row],
        known_to: known_to[row],
    };
    Ok(words.enumerate().map(row).collect())
}

fn entries_of(rows: &Rows) -> Result<Vec<EntryRow>, Error> {
    let (posted_on, amounts, recorded_on) = (rows.days("posted_on")?, rows.numbers("amount_pence")?, rows.days("recorded_on")?);
    let keys = rows.words("entry_key")?.into_iter().zip(rows.words("budget_line")?).zip(rows.optional("provider_key")?);
    let links = rows.optional("order_key")?.into_iter().zip(rows.optional("reverses_key")?);
    type Words = (((String, String), Option<String>), (Option<String>, Option<String>));
    let entry = |(row, (((key, budget_line), provider), (order, reverses))): (usize, Words)| EntryRow {
        key,
        posted_on: posted_on[row],
        budget_line,
        provider,
        order,
        reverses,
        amount: Pence(amounts[row]),
        recorded_on: recorded_on[row],
    };
    Ok(keys.zip(links).enumerate().map(entry).collect())
}
