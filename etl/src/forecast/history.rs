//! What a snapshot holds of commitments and their history, read back from its facts.

use super::facts::{ACCOUNT_STEPS, AWARDS, CARRIED, CLOSURES, FUNDINGS, MATCHES, ORDER_LINES, ORDERS, OWNERS, PENDING, RELEASES, VERSIONS};
use super::invoices;
use super::owners::{OwnerRow, Places, every_owner, owners, owners_in, sortable};
use super::rows::{Rows, find, whole};
use crate::ends::of_days_in_force;
use crate::error::Error;
use crate::files::read_parquet;
use crate::ledger::ENTRIES;
use crate::manifest::Table;
use crate::published::Snapshot;
use chrono::NaiveDate;
use domain::commitments::{
    AwardPart, Entry, FundingVersion, LineVersion, OrderedArrangement, Recorded, RecordedAccountStep, RecordedCarryForward, RecordedMatch,
    RecordedOrder, RecordedRelease,
};
use domain::costing::Line;
use domain::joint_funding::{Funding, FundingState, Share};
use domain::{Direction, FinancialYear, LineState, Pence, RequestState};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Plans, matches, releases and requests with the days on which they were recorded. Ledger entries are read a year at a time.
pub struct History {
    directory: PathBuf,
    entry_parts: Table,
    /// By number: what the settlement orders owners by, and the key they have in the warehouse.
    pub(super) owners: Vec<OwnerRow>,
    pub(super) budget_lines: BTreeMap<String, Direction>,
    /// What the books are made of. Owners and orders have numbers for ids, which sort as the ids do; orders are named by their keys.
    pub(super) recorded: Recorded,
    pub(super) pending: Vec<PendingRow>,
}

pub(super) struct PendingRow {
    pub(super) line: String,
    pub(super) state: RequestState,
    pub(super) budget_line: String,
    pub(super) terms: Line,
    /// The package line that it replaces.
    pub(super) replaces: Option<String>,
    pub(super) known_from: NaiveDate,
    pub(super) known_to: Option<NaiveDate>,
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
        let places: Places<'_> = owners.iter().map(|owner| (owner.key.as_str(), owner)).collect();
        let lines = of("dim_budget_line")?;
        Ok(History {
            directory: directory.to_owned(),
            entry_parts: find(tables, ENTRIES)?.clone(),
            budget_lines: lines.words::<String>("budget_line")?.into_iter().zip(lines.words("direction")?).collect(),
            recorded: Recorded {
                versions: versions(&of(VERSIONS)?, &places)?,
                awards: awards(&of(AWARDS)?, &places)?,
                fundings: fundings(&of(FUNDINGS)?, &places)?,
                orders: orders(&of(ORDERS)?)?,
                order_lines: order_lines(&of(ORDER_LINES)?, &of(ORDERS)?, &places)?,
                matches: matches(&of(MATCHES)?, &places)?,
                releases: releases(&of(RELEASES)?, &places)?,
                carried: carried_forward(&of(CARRIED)?, &places)?,
                closures: closures(&of(CLOSURES)?)?,
                // A snapshot from before accounts' steps were in it knows none.
                account_steps: match find(tables, ACCOUNT_STEPS) {
                    Ok(_) => account_steps(&of(ACCOUNT_STEPS)?, &places)?,
                    Err(_) => Vec::new(),
                },
                ..invoices::read(directory, tables, &places)?
            },
            pending: pending(&of(PENDING)?)?,
            owners,
        })
    }

    /// The ledger's entries of a year, by budget line. Costs the year's part of the ledger.
    pub(super) fn entries(&self, year: FinancialYear) -> Result<HashMap<String, Vec<Entry>>, Error> {
        let of_the_year = format!("facts/{ENTRIES}/financial_year={year}/");
        let mut entries: HashMap<String, Vec<Entry>> = HashMap::new();
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

fn terms(rows: &Rows) -> Result<Vec<Line>, Error> {
    let (quantities, rates) = (rows.numbers("quantity_thousandths")?, rows.numbers("unit_rate_ten_thousandths")?);
    let (frequencies, from) = (rows.words("frequency")?, rows.days("valid_from")?);
    // A snapshot from before age ended lines has each end to the day.
    let to: Vec<Option<NaiveDate>> = match rows.has("days_in_force") {
        true => {
            let days = rows.optional_numbers("days_in_force")?;
            from.iter().zip(days).map(|(from, days)| days.and_then(|days| of_days_in_force(*from, days))).collect()
        }
        false => rows.optional_days("valid_to")?,
    };
    let line = |row: usize| Line {
        quantity: domain::Quantity(quantities[row]),
        frequency: frequencies[row],
        unit_rate: domain::UnitRate(rates[row]),
        valid_from: from[row],
        valid_to: to[row],
    };
    Ok((0..rows.len()).map(line).collect())
}

fn versions(rows: &Rows, places: &Places<'_>) -> Result<Vec<LineVersion>, Error> {
    let (owners, terms, states) = (every_owner(rows, places)?, terms(rows)?, rows.words::<LineState>("state")?);
    let (numbers, corrections, recorded_on) = (rows.numbers("version")?, rows.numbers("by_correction")?, rows.days("recorded_on")?);
    // A snapshot from before agreement was in it tells nothing apart.
    let agreed_on = match rows.has("agreed_on") {
        true => rows.optional_days("agreed_on")?,
        false => recorded_on.iter().copied().map(Some).collect(),
    };
    let words = rows.words::<String>("line_key")?.into_iter().zip(rows.words("budget_line")?).zip(rows.optional("provider_key")?);
    let version = |(row, ((line_id, budget_line), provider)): (usize, ((String, String), Option<String>))| LineVersion {
        line_id,
        version: numbers[row],
        arrangement: owners[row].id.clone(),
        state: states[row],
        by_correction: corrections[row] != 0,
        agreed_on: agreed_on[row],
        budget_line,
        provider,
        terms: terms[row],
        recorded_on: recorded_on[row],
    };
    Ok(words.enumerate().map(version).collect())
}

fn awards(rows: &Rows, places: &Places<'_>) -> Result<Vec<AwardPart>, Error> {
    let (owners, amounts) = (every_owner(rows, places)?, rows.numbers("amount_pence")?);
    let (from, to, recorded_on) = (rows.days("from_on")?, rows.days("to_on")?, rows.days("recorded_on")?);
    let words = rows.words("budget_line")?.into_iter().zip(rows.words("provider_key")?);
    let award = |(row, (budget_line, provider)): (usize, (String, String))| AwardPart {
        grant_id: owners[row].id.clone(),
        budget_line,
        provider,
        from: from[row],
        to: to[row],
        amount: Pence(amounts[row]),
        recorded_on: recorded_on[row],
    };
    Ok(words.enumerate().map(award).collect())
}

fn fundings(rows: &Rows, places: &Places<'_>) -> Result<Vec<FundingVersion>, Error> {
    let (owners, states, numbers) = (every_owner(rows, places)?, rows.words::<FundingState>("state")?, rows.numbers("version")?);
    let (from, to, recorded_on) = (rows.days("valid_from")?, rows.optional_days("valid_to")?, rows.days("recorded_on")?);
    let (percentages, amounts) = (rows.optional_numbers("percentage_ten_thousandths")?, rows.optional_numbers("amount_pence")?);
    let frequencies = rows.optional("amount_frequency")?;
    let share = |row: usize| match (percentages[row], amounts[row], frequencies[row]) {
        (Some(percentage), _, _) => Ok(Share::Percentage(percentage)),
        (None, Some(amount), Some(every)) => Ok(Share::Fixed { amount: Pence(amount), every }),
        (None, _, _) => Err(Error::Definition("a joint funding is neither a percentage nor an amount".to_owned())),
    };
    let words = rows.words::<String>("funding_key")?.into_iter().zip(rows.words("budget_line")?).zip(rows.words("provider_key")?);
    let funding = |(row, ((funding_id, budget_line), provider)): (usize, ((String, String), String))| {
        Ok(FundingVersion {
            funding_id,
            version: numbers[row],
            arrangement: owners[row].id.clone(),
            provider,
            budget_line,
            state: states[row],
            terms: Funding { share: share(row)?, valid_from: from[row], valid_to: to[row] },
            recorded_on: recorded_on[row],
        })
    };
    words.enumerate().map(funding).collect()
}

/// A snapshot from before orders had providers and could be cancelled knows neither.
fn orders(rows: &Rows) -> Result<Vec<RecordedOrder>, Error> {
    let (numbers, recorded_on) = (rows.numbers("order_number")?, rows.days("recorded_on")?);
    let providers = if rows.has("provider_key") { rows.optional("provider_key")? } else { vec![None; rows.len()] };
    let cancelled_on = if rows.has("cancelled_on") { rows.optional_days("cancelled_on")? } else { vec![None; rows.len()] };
    let keys = rows.words::<String>("order_key")?.into_iter().enumerate();
    let order = |(row, number): (usize, String)| RecordedOrder {
        number,
        id: sortable(numbers[row]),
        provider: providers[row].clone(),
        recorded_on: recorded_on[row],
        cancelled_on: cancelled_on[row],
    };
    Ok(keys.map(order).collect())
}

/// Lines name their order by its number in the snapshot; in one from before orders could be cancelled, by its key.
fn order_lines(rows: &Rows, orders: &Rows, places: &Places<'_>) -> Result<Vec<OrderedArrangement>, Error> {
    let (owners, days) = (every_owner(rows, places)?, rows.days("recorded_on")?);
    let numbers: Vec<i64> = if rows.has("order_number") {
        rows.numbers("order_number")?
    } else {
        let of_keys: HashMap<String, i64> = orders.words::<String>("order_key")?.into_iter().zip(orders.numbers("order_number")?).collect();
        rows.words::<String>("order_key")?.iter().map(|key| of_keys.get(key).copied().unwrap_or_default()).collect()
    };
    let line = |((owner, number), recorded_on): ((&OwnerRow, i64), NaiveDate)| OrderedArrangement {
        arrangement: owner.id.clone(),
        order: sortable(number),
        recorded_on,
    };
    Ok(owners.into_iter().zip(numbers).zip(days).map(line).collect())
}

fn matches(rows: &Rows, places: &Places<'_>) -> Result<Vec<RecordedMatch>, Error> {
    let (owners, entries) = (owners_in(rows, places)?, rows.words::<String>("entry_key")?);
    let (recorded_on, reversed_on) = (rows.days("recorded_on")?, rows.optional_days("reversed_on")?);
    let row = |(row, entry): (usize, String)| RecordedMatch {
        entry,
        arrangement: owners[row].map(|owner| owner.id.clone()),
        recorded_on: recorded_on[row],
        reversed_on: reversed_on[row],
    };
    Ok(entries.into_iter().enumerate().map(row).collect())
}

fn releases(rows: &Rows, places: &Places<'_>) -> Result<Vec<RecordedRelease>, Error> {
    let (owners, years, up_to) = (owners_in(rows, places)?, rows.words("financial_year")?, rows.days("up_to")?);
    let (recorded_on, reversed_on) = (rows.days("recorded_on")?, rows.optional_days("reversed_on")?);
    let words = rows.words("budget_line")?.into_iter().zip(rows.optional("provider_key")?);
    // Snapshots from before have no numbers: a release took all that was carried.
    let (only_carried, numbers) = (rows.numbers_or("only_carried", 0)?, rows.numbers_or("recorded_number", 1)?);
    let row = |(row, (budget_line, provider)): (usize, (String, Option<String>))| RecordedRelease {
        only_carried: only_carried[row] != 0,
        number: numbers[row],
        year: years[row],
        budget_line,
        provider,
        arrangement: owners[row].map(|owner| owner.id.clone()),
        up_to: up_to[row],
        recorded_on: recorded_on[row],
        reversed_on: reversed_on[row],
    };
    Ok(words.enumerate().map(row).collect())
}

fn carried_forward(rows: &Rows, places: &Places<'_>) -> Result<Vec<RecordedCarryForward>, Error> {
    let (owners, from_years, to_years) = (every_owner(rows, places)?, rows.words("from_year")?, rows.words("financial_year")?);
    let (amounts, recorded_on) = (rows.numbers("amount_pence")?, rows.days("recorded_on")?);
    let words = rows.words("budget_line")?.into_iter().zip(rows.optional("provider_key")?);
    let numbers = rows.numbers_or("recorded_number", 0)?;
    let row = |(row, (budget_line, provider)): (usize, (String, Option<String>))| RecordedCarryForward {
        number: numbers[row],
        from_year: from_years[row],
        to_year: to_years[row],
        budget_line,
        provider,
        owner: owners[row].id.clone(),
        kind: owners[row].kind,
        amount: Pence(amounts[row]),
        recorded_on: recorded_on[row],
    };
    Ok(words.enumerate().map(row).collect())
}

fn closures(rows: &Rows) -> Result<Vec<(FinancialYear, NaiveDate)>, Error> {
    Ok(rows.words("financial_year")?.into_iter().zip(rows.days("recorded_on")?).collect())
}

fn account_steps(rows: &Rows, places: &Places<'_>) -> Result<Vec<RecordedAccountStep>, Error> {
    let (owners, kinds, numbers) = (every_owner(rows, places)?, rows.words("kind")?, rows.numbers("step_number")?);
    let (from, to) = (rows.days("from_on")?, rows.optional_days("to_on")?);
    let (recorded_on, reversed_on) = (rows.days("recorded_on")?, rows.optional_days("reversed_on")?);
    let step = |row: usize| RecordedAccountStep {
        arrangement: owners[row].id.clone(),
        kind: kinds[row],
        on: from[row],
        until: to[row],
        recorded_on: recorded_on[row],
        reversed_on: reversed_on[row],
    };
    let mut places: Vec<usize> = (0..rows.len()).collect();
    places.sort_unstable_by_key(|row| numbers[*row]);
    Ok(places.into_iter().map(step).collect())
}

fn pending(rows: &Rows) -> Result<Vec<PendingRow>, Error> {
    let (terms, states) = (terms(rows)?, rows.words("state")?);
    let (known_from, known_to) = (rows.days("known_from")?, rows.optional_days("known_to")?);
    let words =
        rows.words("request_line_key")?.into_iter().zip(rows.words("budget_line")?).zip(rows.optional_if_there("replaces_line_key")?);
    let row = |(row, ((line, budget_line), replaces)): (usize, ((String, String), Option<String>))| PendingRow {
        line,
        replaces,
        state: states[row],
        budget_line,
        terms: terms[row],
        known_from: known_from[row],
        known_to: known_to[row],
    };
    Ok(words.enumerate().map(row).collect())
}

fn entries_of(rows: &Rows) -> Result<Vec<Entry>, Error> {
    let (posted_on, amounts, recorded_on) = (rows.days("posted_on")?, rows.numbers("amount_pence")?, rows.days("recorded_on")?);
    let keys = rows.words("entry_key")?.into_iter().zip(rows.words("budget_line")?).zip(rows.optional("provider_key")?);
    let links = rows.optional("order_key")?.into_iter().zip(rows.optional("reverses_key")?);
    type Words = (((String, String), Option<String>), (Option<String>, Option<String>));
    let entry = |(row, (((id, budget_line), provider), (order, reverses))): (usize, Words)| Entry {
        id,
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
