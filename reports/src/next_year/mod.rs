//! `next-year`: what the next year needs, by budget line and month: what is in force beside this year, and scenarios side by side.
//!
//! A scenario is kept by whoever asks, in a file or in a program: nothing of it is recorded, and the answer repeats it, so that its figures can
//! be read without the question.

mod tabulated;

use crate::error::Error;
use crate::origin::Origin;
use crate::years::require_year_before;
use domain::money::TooLarge;
use domain::scenarios::{Held, Need, Scenario, mistakes};
use domain::{Direction, FieldError, FinancialYear, Pence, Profile};
use etl::{History, NextYearMonth, NextYearQuestion, Snapshot, Which, texts};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use utoipa::ToSchema;

/// What is asked of a year to come.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "year": "2025-26",
    "scenarios": [
        { "name": "cautious", "about": "Rates rise by 2 %", "upratings": [{ "percentage_ten_thousandths": 20000 }] },
        { "name": "pay_award",
          "upratings": [{ "percentage_ten_thousandths": 20000 }, { "budget_line": "home_care", "percentage_ten_thousandths": 67500 }],
          "new_demand": [{ "budget_line": "direct_payments", "about": "Young people who leave school in July", "packages": 4,
              "quantity_thousandths": 3000, "frequency": "weekly", "unit_rate_ten_thousandths": 145000, "from": "2025-07-21" }] }
    ]
}))]
pub struct NextYearQuery {
    /// The financial year whose budget is to be set. The snapshot knows the year before it.
    pub year: FinancialYear,
    /// What is assumed, to be compared; the first is what the others are held against. None of it is recorded.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub scenarios: Vec<Scenario>,
}

/// What the next year needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextYear {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// The year before, with which it is compared.
    pub this_year: FinancialYear,
    /// The scenarios, as they were asked.
    pub scenarios: Vec<Scenario>,
    /// By budget line and month, every month.
    pub rows: Vec<NextYearRow>,
    /// By budget line.
    pub lines: Vec<NextYearLine>,
    /// All budget lines, income taken off.
    pub total: NextYearAmounts,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// A month of a budget line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextYearRow {
    /// The budget line's code.
    #[schema(example = "home_care")]
    pub budget_line: String,
    /// The calendar month.
    #[schema(example = "2025-06")]
    pub month: String,
    /// What it needs.
    #[serde(flatten)]
    pub amounts: NextYearAmounts,
}

/// A budget line over the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextYearLine {
    /// The budget line's code.
    #[schema(example = "home_care")]
    pub budget_line: String,
    /// What it needs.
    #[serde(flatten)]
    pub amounts: NextYearAmounts,
}

/// What is needed, in pence: expenditure positive, income negative. This year, full-year effect, known ends and changes add up to what is in
/// force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextYearAmounts {
    /// What is planned for the same time of this year.
    pub this_year_pence: i64,
    /// What packages that began since, or begin in the year, cost more than in the year before.
    pub full_year_effect_pence: i64,
    /// What packages and grants cost less that end, on an end date, a birthday or a child's leaving.
    pub known_ends_pence: i64,
    /// Rates and volumes that were agreed, pauses, and months and school weeks of other lengths.
    pub changes_pence: i64,
    /// What is planned of what is in force.
    pub in_force_pence: i64,
    /// What requests that no package carries out yet would cost, weighted by the state they stand in: in no scenario.
    pub pending_pence: i64,
    /// What each scenario needs, in the order in which they were asked.
    pub scenarios: Vec<ScenarioAmounts>,
}

/// What a scenario needs, in pence: what is in force, uprating and new demand add up to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScenarioAmounts {
    /// The scenario's name.
    #[schema(example = "pay_award")]
    pub name: String,
    /// What rates that rise add.
    pub uprating_pence: i64,
    /// What new demand costs.
    pub new_demand_pence: i64,
    /// What is needed.
    pub needed_pence: i64,
    /// How much more is needed than in the first scenario: the two below add up to it.
    pub difference_pence: i64,
    /// Of the difference, what other rises make.
    pub difference_uprating_pence: i64,
    /// Of the difference, what other new demand makes.
    pub difference_new_demand_pence: i64,
}

/// What a year needs. `profile` costs the lines and weighs the requests.
pub fn next_year(warehouse: &Path, which: &Which, profile: &Profile, query: &NextYearQuery) -> Result<NextYear, Error> {
    Snapshot::reading(warehouse, which, |snapshot| needed_of(snapshot, profile, query), Error::is_gone)
}

fn needed_of(snapshot: &Snapshot, profile: &Profile, query: &NextYearQuery) -> Result<NextYear, Error> {
    let year = query.year;
    let this_year = require_year_before(snapshot, year)?;
    let providers = providers(snapshot)?;
    refuse_mistakes(snapshot, profile, &providers, query)?;
    let scenarios: Vec<Scenario> = query.scenarios.iter().map(|scenario| with_keys(scenario, &providers)).collect();
    let history = History::of(snapshot)?;
    let question = NextYearQuestion { profile, before: this_year, year, scenarios: &scenarios };
    let months = history.next_year(&question).map_err(|error| match error {
        etl::Error::ScenarioTooLarge(place) => too_large_scenario(place),
        other => other.into(),
    })?;
    let names: Vec<&str> = query.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let (mut rows, mut lines, mut total) = (Vec::with_capacity(months.len()), Vec::new(), NextYearAmounts::none(&names));
    for month in months {
        let amounts = NextYearAmounts::of(&month, &names).map_err(|_| too_large())?;
        if lines.last().is_none_or(|line: &NextYearLine| line.budget_line != month.budget_line) {
            lines.push(NextYearLine { budget_line: month.budget_line.clone(), amounts: NextYearAmounts::none(&names) });
        }
        if let Some(line) = lines.last_mut() {
            line.amounts.add(&amounts).map_err(|_| too_large())?;
        }
        total.add(&amounts).map_err(|_| too_large())?;
        let label = year.period_starts_on(month.period).format("%Y-%m").to_string();
        rows.push(NextYearRow { budget_line: month.budget_line, month: label, amounts });
    }
    let (snapshot_id, scenarios) = (snapshot.id().to_owned(), query.scenarios.clone());
    Ok(NextYear { snapshot_id, year, this_year, scenarios, rows, lines, total, origin: Origin::of(snapshot) })
}

/// The keys of providers in the warehouse, by code.
fn providers(snapshot: &Snapshot) -> Result<HashMap<String, String>, Error> {
    let table = snapshot.table("dim_provider")?;
    let (keys, codes) = (texts(&table, "provider_key")?, texts(&table, "provider_code")?);
    Ok(codes.into_iter().zip(keys).filter_map(|(code, key)| Some((code?, key?))).collect())
}

/// Everything that the scenarios may not say, at once.
fn refuse_mistakes(
    snapshot: &Snapshot,
    profile: &Profile,
    providers: &HashMap<String, String>,
    query: &NextYearQuery,
) -> Result<(), Error> {
    let table = snapshot.table("dim_budget_line")?;
    let (codes, directions) = (texts(&table, "budget_line")?, texts(&table, "direction")?);
    let line = |(code, direction): (Option<String>, Option<String>)| Some((code?, direction?.parse::<Direction>().ok()?));
    let budget_lines: BTreeMap<String, Direction> = codes.into_iter().zip(directions).filter_map(line).collect();
    let providers = providers.keys().cloned().collect();
    let held = Held { policy: &profile.costing, year: query.year, budget_lines: &budget_lines, providers: &providers };
    let errors = mistakes(&held, &query.scenarios);
    if errors.is_empty() { Ok(()) } else { Err(Error::Scenarios(errors)) }
}

/// The scenario with its providers' keys for their codes.
fn with_keys(scenario: &Scenario, keys: &HashMap<String, String>) -> Scenario {
    let mut scenario = scenario.clone();
    for uprating in &mut scenario.upratings {
        uprating.provider = uprating.provider.take().map(|code| keys.get(&code).cloned().unwrap_or(code));
    }
    scenario
}

fn too_large_scenario(place: usize) -> Error {
    let detail = "with what it assumes, a package or a month costs more than a record may carry: let rates rise by less";
    Error::Scenarios(vec![FieldError::new(&format!("/scenarios/{place}"), "too_large", detail)])
}

/// Months that were each small enough add up to more than can be kept.
fn too_large() -> Error {
    Error::Warehouse(etl::Error::Definition("the months of a year are too large to be added up".to_owned()))
}

impl NextYearAmounts {
    fn none(names: &[&str]) -> Self {
        let none = |name: &&str| ScenarioAmounts { name: (*name).to_owned(), ..ScenarioAmounts::default() };
        NextYearAmounts { scenarios: names.iter().map(none).collect(), ..NextYearAmounts::default() }
    }

    fn of(month: &NextYearMonth, names: &[&str]) -> Result<Self, TooLarge> {
        let first = month.needs.first().copied().unwrap_or_default();
        let scenario = |(name, need): (&&str, &Need)| {
            let difference = need.less(&first)?;
            Ok(ScenarioAmounts {
                name: (*name).to_owned(),
                uprating_pence: need.uprating.0,
                new_demand_pence: need.new_demand.0,
                needed_pence: need.needed()?.0,
                difference_pence: difference.needed()?.0,
                difference_uprating_pence: difference.uprating.0,
                difference_new_demand_pence: difference.new_demand.0,
            })
        };
        Ok(NextYearAmounts {
            this_year_pence: month.year_on.before.0,
            full_year_effect_pence: month.year_on.full_year_effect.0,
            known_ends_pence: month.year_on.known_ends.0,
            changes_pence: month.year_on.changes.0,
            in_force_pence: month.year_on.in_force.0,
            pending_pence: month.pending.0,
            scenarios: names.iter().zip(&month.needs).map(scenario).collect::<Result<_, TooLarge>>()?,
        })
    }

    fn add(&mut self, other: &NextYearAmounts) -> Result<(), TooLarge> {
        let add = |sum: &mut i64, amount: i64| Pence(*sum).checked_add(Pence(amount)).map(|both| *sum = both.0);
        add(&mut self.this_year_pence, other.this_year_pence)?;
        add(&mut self.full_year_effect_pence, other.full_year_effect_pence)?;
        add(&mut self.known_ends_pence, other.known_ends_pence)?;
        add(&mut self.changes_pence, other.changes_pence)?;
        add(&mut self.in_force_pence, other.in_force_pence)?;
        add(&mut self.pending_pence, other.pending_pence)?;
        for (sum, other) in self.scenarios.iter_mut().zip(&other.scenarios) {
            add(&mut sum.uprating_pence, other.uprating_pence)?;
            add(&mut sum.new_demand_pence, other.new_demand_pence)?;
            add(&mut sum.needed_pence, other.needed_pence)?;
            add(&mut sum.difference_pence, other.difference_pence)?;
            add(&mut sum.difference_uprating_pence, other.difference_uprating_pence)?;
            add(&mut sum.difference_new_demand_pence, other.difference_new_demand_pence)?;
        }
        Ok(())
    }
}
