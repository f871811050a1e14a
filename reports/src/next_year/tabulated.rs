//! What the next year needs as sheets: budget lines, months, and what the scenarios assume.

use super::{NextYear, NextYearAmounts};
use domain::Pence;
use domain::scenarios::{AssumedDemand, AssumedUprating, Scenario};
use sheets::{Cell, Column, Sheet};

impl NextYear {
    /// One line a budget line and month, with the scenarios side by side.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let rows = self.rows.iter().map(|row| {
            let words = [Cell::text(&row.budget_line), Cell::text(&row.month)];
            words.into_iter().chain(row.amounts.cells()).collect()
        });
        self.sheet(format!("Next year by month, {}", self.year.as_str()), &["budget_line", "month"]).tab("By month").with_rows(rows)
    }

    /// One line a budget line.
    pub fn lines_sheet(&self) -> Result<Sheet, sheets::Error> {
        let rows = self.lines.iter().map(|line| std::iter::once(Cell::text(&line.budget_line)).chain(line.amounts.cells()).collect());
        self.sheet(format!("Next year, {}", self.year.as_str()), &["budget_line"]).tab("Next year").with_rows(rows)
    }

    /// One line an assumption.
    pub fn assumptions_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("scenario"),
            Column::text("about"),
            Column::text("assumption"),
            Column::text("budget_line"),
            Column::text("provider").labelled("Provider code"),
            Column::text("how_much").labelled("How much"),
            Column::date("from_on").labelled("From"),
            Column::date("to_on").labelled("Up to, not including"),
        ];
        Sheet::new(format!("Assumptions, {}", self.year.as_str()), columns)
            .tab("Assumptions")
            .heading("Nothing of a scenario is recorded. Of several rises the narrowest raises a line, and none raises new demand")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(self.scenarios.iter().flat_map(|scenario| self.assumptions(scenario)))
    }

    /// Budget lines, months and assumptions, as a workbook has them.
    pub fn to_sheets(&self) -> Result<Vec<Sheet>, sheets::Error> {
        Ok(vec![self.lines_sheet()?, self.to_sheet()?, self.assumptions_sheet()?])
    }

    fn sheet(&self, title: String, words: &[&str]) -> Sheet {
        let mut columns: Vec<Column> = words.iter().map(|header| Column::text(*header)).collect();
        let in_force = ["this_year", "full_year_effect", "known_ends", "changes", "in_force", "pending"];
        columns.extend(in_force.map(|header| Column::pounds(format!("{header}_pounds")).summed()));
        for (place, scenario) in self.scenarios.iter().enumerate() {
            let amounts: &[&str] = match place {
                0 => &["uprating", "new_demand", "needed"],
                _ => &["uprating", "new_demand", "needed", "difference", "difference_uprating", "difference_new_demand"],
            };
            let column = |amount: &&str| Column::pounds(format!("{}_{amount}_pounds", scenario.name)).summed();
            columns.extend(amounts.iter().map(column));
        }
        Sheet::new(title, columns)
            .heading(format!(
                "This year is {}; with full-year effect, known ends and changes it is what is in force",
                self.this_year.as_str()
            ))
            .heading("In force, uprating and new demand are what a scenario needs; a difference is from the first scenario")
            .heading("Expenditure is positive, income negative; what requests may add (pending) is in no scenario")
            .heading(self.origin.heading(&self.snapshot_id))
    }

    fn assumptions(&self, scenario: &Scenario) -> Vec<Vec<Cell>> {
        let row = |about: &Option<String>, assumption: &str, rest: [Cell; 5]| {
            let words = [Cell::text(&scenario.name), Cell::from(about.clone()), Cell::text(assumption)];
            words.into_iter().chain(rest).collect::<Vec<_>>()
        };
        let starts = self.year.starts_on();
        let mut rows = Vec::new();
        if scenario.upratings.is_empty() && scenario.new_demand.is_empty() {
            rows.push(row(&scenario.about, "nothing", [Cell::Blank, Cell::Blank, Cell::Blank, Cell::Blank, Cell::Blank]));
        }
        for uprating in &scenario.upratings {
            let of = [Cell::from(uprating.budget_line.clone()), Cell::from(uprating.provider.clone())];
            let [budget_line, provider] = of;
            let amounts =
                [budget_line, provider, Cell::text(in_percent(uprating)), Cell::Date(uprating.from.unwrap_or(starts)), Cell::Blank];
            rows.push(row(&scenario.about, "uprating", amounts));
        }
        for demand in &scenario.new_demand {
            let (from, to) = (Cell::Date(demand.from.unwrap_or(starts)), Cell::from(demand.to));
            let amounts = [Cell::text(&demand.budget_line), Cell::Blank, Cell::text(in_units(demand)), from, to];
            rows.push(row(&demand.about, "new_demand", amounts));
        }
        rows
    }
}

impl NextYearAmounts {
    fn cells(&self) -> Vec<Cell> {
        let in_force = [
            self.this_year_pence,
            self.full_year_effect_pence,
            self.known_ends_pence,
            self.changes_pence,
            self.in_force_pence,
            self.pending_pence,
        ];
        let mut cells = in_force.map(Cell::Pence).to_vec();
        for (place, scenario) in self.scenarios.iter().enumerate() {
            cells.extend([scenario.uprating_pence, scenario.new_demand_pence, scenario.needed_pence].map(Cell::Pence));
            if place > 0 {
                let differences = [scenario.difference_pence, scenario.difference_uprating_pence, scenario.difference_new_demand_pence];
                cells.extend(differences.map(Cell::Pence));
            }
        }
        cells
    }
}

/// `4.25 %`.
fn in_percent(uprating: &AssumedUprating) -> String {
    format!("{} %", decimal(uprating.percentage_ten_thousandths, 10_000))
}

/// `4 packages of 3.5 a time, weekly, at £14.5 each`.
fn in_units(demand: &AssumedDemand) -> String {
    let (packages, frequency) = (demand.packages, demand.frequency.as_str().replace('_', " "));
    let count = if packages == 1 { "1 package".to_owned() } else { format!("{packages} packages") };
    let rate = demand.unit_rate_ten_thousandths.0;
    // Most rates are whole pence.
    let rate = if rate % 100 == 0 { Pence(rate / 100).to_string() } else { format!("£{}", decimal(rate, 10_000)) };
    format!("{count} of {} a time, {frequency}, at {rate} each", decimal(demand.quantity_thousandths.0, 1_000))
}

/// A whole number of parts as a decimal, without noughts at its end.
fn decimal(parts: i64, of: i64) -> String {
    let sign = if parts < 0 { "-" } else { "" };
    let (whole, rest) = (parts.unsigned_abs() / of.unsigned_abs(), parts.unsigned_abs() % of.unsigned_abs());
    let places = of.to_string().len() - 1;
    let text = format!("{sign}{whole}.{rest:0places$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Frequency, Quantity, UnitRate};

    #[test]
    fn assumptions_are_told_in_words() {
        let uprating =
            |percentage_ten_thousandths| AssumedUprating { budget_line: None, provider: None, percentage_ten_thousandths, from: None };
        for (percentage, words) in [(42_500, "4.25 %"), (20_000, "2 %"), (-5_000, "-0.5 %"), (1, "0.0001 %"), (1_000_000, "100 %")] {
            assert_eq!(in_percent(&uprating(percentage)), words);
        }
        let demand = |packages, quantity, rate| AssumedDemand {
            budget_line: "care".to_owned(),
            about: None,
            packages,
            quantity_thousandths: Quantity(quantity),
            frequency: Frequency::FourWeekly,
            unit_rate_ten_thousandths: UnitRate(rate),
            from: None,
            to: None,
        };
        assert_eq!(in_units(&demand(4, 3_500, 145_000)), "4 packages of 3.5 a time, four weekly, at £14.50 each");
        assert_eq!(in_units(&demand(1, 1_000, 174_555)), "1 package of 1 a time, four weekly, at £17.4555 each");
    }
}
