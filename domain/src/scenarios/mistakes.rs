//! What scenarios may not say.

use super::{AssumedDemand, AssumedUprating, MOST_ASSUMPTIONS, MOST_SCENARIOS, Scenario};
use crate::money::MOST_PENCE;
use crate::profile::{CostingPolicy, is_code};
use crate::{Direction, FieldError, FinancialYear};
use chrono::{Months, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// What rates may rise or fall by, in ten-thousandths of one per cent: by all of them.
const MOST_PERCENTAGE: i64 = 1_000_000;
const MOST_PACKAGES: i64 = 10_000;
const MOST_QUANTITY: i64 = 100_000_000;
const MOST_RATE: i64 = 10_000_000_000;

/// What scenarios are held against.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// How lines are costed.
    pub policy: &'a CostingPolicy,
    /// The year that they are about.
    pub year: FinancialYear,
    /// The budget lines there are, by code.
    pub budget_lines: &'a BTreeMap<String, Direction>,
    /// The codes of the providers there are.
    pub providers: &'a BTreeSet<String>,
}

/// Everything that scenarios may not say, each with its place below `/scenarios`.
pub fn mistakes(held: &Held<'_>, scenarios: &[Scenario]) -> Vec<FieldError> {
    let mut finding = Finding { held: *held, errors: Vec::new() };
    if scenarios.len() > MOST_SCENARIOS {
        finding.add("/scenarios", "too_many", format!("at most {MOST_SCENARIOS} scenarios are compared at once"));
    }
    let mut names = BTreeSet::new();
    for (place, scenario) in scenarios.iter().enumerate() {
        let at = format!("/scenarios/{place}");
        if !is_code(&scenario.name) {
            let detail = "a name is a code: lower-case letters, digits and underscores, 2 to 60 of them, a letter first";
            finding.add(&format!("{at}/name"), "pattern", detail);
        }
        if scenario.name.ends_with("_difference") {
            finding.add(&format!("{at}/name"), "reserved", "a name does not end in `_difference`: columns are named so");
        }
        if !names.insert(scenario.name.as_str()) {
            finding.add(&format!("{at}/name"), "named_twice", format!("another scenario is called `{}` too", scenario.name));
        }
        finding.of_scenario(&at, scenario);
    }
    finding.errors
}

struct Finding<'a> {
    held: Held<'a>,
    errors: Vec<FieldError>,
}

impl Finding<'_> {
    fn add(&mut self, pointer: &str, code: &str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(pointer, code, detail));
    }

    fn of_scenario(&mut self, at: &str, scenario: &Scenario) {
        for (what, count) in [("upratings", scenario.upratings.len()), ("new_demand", scenario.new_demand.len())] {
            if count > MOST_ASSUMPTIONS {
                self.add(&format!("{at}/{what}"), "too_many", format!("a scenario has at most {MOST_ASSUMPTIONS} of them"));
            }
        }
        let mut scopes = BTreeSet::new();
        for (place, uprating) in scenario.upratings.iter().enumerate() {
            let at = format!("{at}/upratings/{place}");
            self.of_uprating(&at, uprating);
            if !scopes.insert((&uprating.budget_line, &uprating.provider)) {
                self.add(&at, "listed_twice", "an earlier one is for the same budget line and provider: a line is raised once");
            }
        }
        for (place, demand) in scenario.new_demand.iter().enumerate() {
            self.of_demand(&format!("{at}/new_demand/{place}"), demand);
        }
    }

    fn of_uprating(&mut self, at: &str, uprating: &AssumedUprating) {
        if let Some(code) = &uprating.budget_line
            && self.budget_line(&format!("{at}/budget_line"), code) == Some(Direction::Income)
        {
            let detail = "income has no rates: it follows from the packages, so raise their budget lines";
            self.add(&format!("{at}/budget_line"), "income_line", detail);
        }
        if let Some(code) = uprating.provider.as_ref().filter(|code| !self.held.providers.contains(*code)) {
            self.add(&format!("{at}/provider"), "unknown_reference", format!("there is no provider with the code `{code}`"));
        }
        let percentage = uprating.percentage_ten_thousandths;
        let pointer = format!("{at}/percentage_ten_thousandths");
        if percentage == 0 {
            self.add(&pointer, "nothing_changes", "rates stay as they are");
        } else if percentage.checked_abs().is_none_or(|percentage| percentage > MOST_PERCENTAGE) {
            self.add(&pointer, "out_of_range", "rates rise or fall by at most 100 %, which is 1000000");
        }
        self.starting_day(&format!("{at}/from"), uprating.from);
    }

    fn of_demand(&mut self, at: &str, demand: &AssumedDemand) {
        self.budget_line(&format!("{at}/budget_line"), &demand.budget_line);
        let before = self.errors.len();
        for (field, number, least, most) in [
            ("packages", demand.packages, 1, MOST_PACKAGES),
            ("quantity_thousandths", demand.quantity_thousandths.0, 1, MOST_QUANTITY),
            ("unit_rate_ten_thousandths", demand.unit_rate_ten_thousandths.0, 0, MOST_RATE),
        ] {
            if !(least..=most).contains(&number) {
                self.add(&format!("{at}/{field}"), "out_of_range", format!("this is from {least} to {most}"));
            }
        }
        self.starting_day(&format!("{at}/from"), demand.from);
        let starts = demand.from.unwrap_or(self.held.year.starts_on());
        if demand.to.is_some_and(|to| to <= starts) {
            self.add(&format!("{at}/to"), "before_start", format!("this is the first day after, and they start on {starts}"));
        }
        // What a number out of range would cost need not be told too.
        if self.errors.len() == before && !self.is_affordable(demand) {
            self.add(at, "too_large", "a year of them costs more than a record may carry");
        }
    }

    fn is_affordable(&self, demand: &AssumedDemand) -> bool {
        let line = demand.line(self.held.year.starts_on());
        let costs = [self.held.policy.cost_in(&line, self.held.year), self.held.policy.full_year(&line)];
        costs.into_iter().all(|cost| cost.is_ok_and(|cost| cost.0.checked_mul(demand.packages).is_some_and(|all| all <= MOST_PENCE)))
    }

    /// The direction of a budget line; none, and told, where there is no such line.
    fn budget_line(&mut self, pointer: &str, code: &str) -> Option<Direction> {
        let direction = self.held.budget_lines.get(code).copied();
        if direction.is_none() {
            let known: Vec<&str> = self.held.budget_lines.keys().map(String::as_str).collect();
            self.add(pointer, "unknown_reference", format!("there is no budget line `{code}`; there are {}", known.join(", ")));
        }
        direction
    }

    /// A day that starts something lies in the year or the one before.
    fn starting_day(&mut self, pointer: &str, day: Option<NaiveDate>) {
        let year = self.held.year;
        let first = year.starts_on().checked_sub_months(Months::new(12)).unwrap_or(year.starts_on());
        if day.is_some_and(|day| day < first || day > year.ends_on()) {
            self.add(
                pointer,
                "out_of_range",
                format!("the day lies neither in {year} nor in the year before: {first} to {}", year.ends_on()),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{day, demand, policy, rise, year};
    use super::*;
    use crate::{Quantity, UnitRate};

    fn told(scenarios: &[Scenario]) -> Vec<(String, String)> {
        let lines = [("care", Direction::Expenditure), ("health", Direction::Income)];
        let budget_lines = lines.map(|(code, direction)| (code.to_owned(), direction)).into();
        let providers = ["p".to_owned()].into();
        let held = Held { policy: &policy(), year: year(), budget_lines: &budget_lines, providers: &providers };
        mistakes(&held, scenarios).into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    fn scenario(upratings: Vec<AssumedUprating>, new_demand: Vec<AssumedDemand>) -> Scenario {
        Scenario { name: "one".to_owned(), about: None, upratings, new_demand }
    }

    #[test]
    fn each_mistake_is_told_with_its_place() {
        let raise = |change: fn(&mut AssumedUprating)| {
            let mut uprating = rise(Some("care"), None, 42_500);
            change(&mut uprating);
            scenario(vec![uprating], vec![])
        };
        let demand = |change: fn(&mut AssumedDemand)| {
            let mut demand = demand(4);
            change(&mut demand);
            scenario(vec![], vec![demand])
        };
        for (scenario, expected) in [
            (raise(|_| {}), None),
            (raise(|one| one.budget_line = None), None),
            (raise(|one| one.budget_line = Some("cares".to_owned())), Some(("upratings/0/budget_line", "unknown_reference"))),
            (raise(|one| one.budget_line = Some("health".to_owned())), Some(("upratings/0/budget_line", "income_line"))),
            (raise(|one| one.provider = Some("p".to_owned())), None),
            (raise(|one| one.provider = Some("q".to_owned())), Some(("upratings/0/provider", "unknown_reference"))),
            (raise(|one| one.percentage_ten_thousandths = 0), Some(("upratings/0/percentage_ten_thousandths", "nothing_changes"))),
            (raise(|one| one.percentage_ten_thousandths = 1_000_000), None),
            (raise(|one| one.percentage_ten_thousandths = -1_000_001), Some(("upratings/0/percentage_ten_thousandths", "out_of_range"))),
            (raise(|one| one.percentage_ten_thousandths = i64::MIN), Some(("upratings/0/percentage_ten_thousandths", "out_of_range"))),
            (raise(|one| one.from = Some(day("2024-04-01"))), None),
            (raise(|one| one.from = Some(day("2024-03-31"))), Some(("upratings/0/from", "out_of_range"))),
            (raise(|one| one.from = Some(day("2026-04-01"))), Some(("upratings/0/from", "out_of_range"))),
            (demand(|_| {}), None),
            (demand(|one| one.budget_line = "health".to_owned()), None),
            (demand(|one| one.budget_line = "cares".to_owned()), Some(("new_demand/0/budget_line", "unknown_reference"))),
            (demand(|one| one.packages = 0), Some(("new_demand/0/packages", "out_of_range"))),
            (demand(|one| one.quantity_thousandths = Quantity(0)), Some(("new_demand/0/quantity_thousandths", "out_of_range"))),
            (demand(|one| one.unit_rate_ten_thousandths = UnitRate(-1)), Some(("new_demand/0/unit_rate_ten_thousandths", "out_of_range"))),
            (demand(|one| one.to = Some(day("2025-04-01"))), Some(("new_demand/0/to", "before_start"))),
            (demand(|one| one.to = Some(day("2025-04-02"))), None),
            (demand(|one| one.unit_rate_ten_thousandths = UnitRate(MOST_RATE)), None),
            (
                demand(|one| (one.packages, one.unit_rate_ten_thousandths) = (MOST_PACKAGES, UnitRate(MOST_RATE))),
                Some(("new_demand/0", "too_large")),
            ),
        ] {
            let expected: Vec<_> = expected.iter().map(|(place, code)| (format!("/scenarios/0/{place}"), (*code).to_owned())).collect();
            assert_eq!(told(std::slice::from_ref(&scenario)), expected, "{scenario:?}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once_and_names_and_scopes_are_their_own() {
        let twice = scenario(vec![rise(Some("cares"), None, 0), rise(Some("cares"), None, 10_000)], vec![demand(0)]);
        let unnamed = Scenario { name: "Pay award".to_owned(), ..scenario(vec![], vec![]) };
        let told = told(&[twice.clone(), unnamed, scenario(vec![], vec![])]);
        let expected = [
            ("/scenarios/0/upratings/0/budget_line", "unknown_reference"),
            ("/scenarios/0/upratings/0/percentage_ten_thousandths", "nothing_changes"),
            ("/scenarios/0/upratings/1/budget_line", "unknown_reference"),
            ("/scenarios/0/upratings/1", "listed_twice"),
            ("/scenarios/0/new_demand/0/packages", "out_of_range"),
            ("/scenarios/1/name", "pattern"),
            ("/scenarios/2/name", "named_twice"),
        ];
        assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    }

    #[test]
    fn no_name_makes_two_columns_alike() {
        let named = Scenario { name: "rise_difference".to_owned(), ..scenario(vec![], vec![]) };
        assert_eq!(told(&[named]), [("/scenarios/0/name".to_owned(), "reserved".to_owned())]);
    }

    #[test]
    fn there_is_a_limit_to_everything() {
        let many = vec![demand(1); MOST_ASSUMPTIONS + 1];
        assert_eq!(told(&[scenario(vec![], many)]), [("/scenarios/0/new_demand".to_owned(), "too_many".to_owned())]);
        let scenarios: Vec<_> =
            (0..=MOST_SCENARIOS).map(|number| Scenario { name: format!("s_{number}"), ..scenario(vec![], vec![]) }).collect();
        assert_eq!(told(&scenarios), [("/scenarios".to_owned(), "too_many".to_owned())]);
    }
}
