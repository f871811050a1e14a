//! The financial projection: each budget line before and after each decision, in the panel's financial year and in a full year, and
//! what is still undecided.
//!
//! Before the panel a budget line carries what packages and grants cost, and what was agreed earlier and is not commissioned yet. An
//! agreed item adds its lines, net of what they replace on the same budget line, by the rule of [`domain::commitments::weighed_by_month`]:
//! so the sheet, budget control and the forecast say the same. What waits or is not heard yet changes
//! nothing and is shown apart.

use crate::commitments::left::Left;
use crate::error::Error;
use crate::panel::Panel;
use crate::panel_sheets::items::{Item, items_of};
use crate::panel_sheets::projection::current::{
    AgreedEarlier, Changes, Costing, CurrentLines, agreed_earlier, budgets, expenditure_lines, granted,
};
use crate::panel_sheets::projection::money::{Money, PerLine};
use crate::panel_sheets::words::{heading, named};
use crate::requests::RequestLine;
use chrono::NaiveDateTime;
use db::AnyConnection;
use domain::panel_sheets::ItemOutcome;
use domain::{FinancialYear, Profile};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use utoipa::ToSchema;

/// What the amounts are.
const GROSS: &str = "Expenditure, gross";

/// A panel's financial projection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "panel": {
        "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "held_on": "2024-06-10", "starts_at": "09:30", "slots": 8, "slot_minutes": 20,
        "papers_due_on": "2024-06-03", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-01T09:00:00Z",
        "recorded_seq": 640
    },
    "year": "2024-25",
    "budget_lines": [{
        "budget_line": "home_care", "name": "Home care", "budget_pence": 5000000,
        "before": { "this_year_pence": 4200000, "full_year_pence": 4100000 },
        "agreed": { "this_year_pence": 78286, "full_year_pence": 104000 },
        "after": { "this_year_pence": 4278286, "full_year_pence": 4204000 },
        "undecided": { "this_year_pence": 0, "full_year_pence": 0 },
        "left_pence": 721714, "left_if_all_agreed_pence": 721714
    }],
    "steps": [{
        "budget_line": "home_care", "slot": 1, "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "reference": "RQ-0107",
        "standing": "agreed",
        "before": { "this_year_pence": 4200000, "full_year_pence": 4100000 },
        "change": { "this_year_pence": 78286, "full_year_pence": 104000 },
        "after": { "this_year_pence": 4278286, "full_year_pence": 4204000 },
        "left_pence": 721714
    }]
}))]
pub struct Projection {
    /// The panel.
    pub panel: Panel,
    /// The financial year of its day.
    pub year: FinancialYear,
    /// Every budget line of expenditure, by code.
    pub budget_lines: Vec<ProjectedLine>,
    /// Each item's change of each budget line that it touches, by slot.
    pub steps: Vec<ProjectionStep>,
}

/// A budget line before and after the panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectedLine {
    /// The line's code.
    pub budget_line: String,
    /// As a report prints it.
    pub name: String,
    /// The year's budget with every movement.
    pub budget_pence: i64,
    /// What is in force or agreed before the panel.
    pub before: Money,
    /// What the panel agreed, with authority.
    pub agreed: Money,
    /// Before and agreed.
    pub after: Money,
    /// What the panel agreed and waits for ratification or authority, and what is not heard yet.
    pub undecided: Money,
    /// The year's budget less what falls in the year after the panel: below nought, overspent.
    pub left_pence: i64,
    /// The same if everything undecided were agreed.
    pub left_if_all_agreed_pence: i64,
}

/// One item's change of one budget line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectionStep {
    /// The budget line.
    pub budget_line: String,
    /// The item's slot.
    pub slot: i64,
    /// The request.
    pub request_id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// What it has come to.
    pub standing: ItemOutcome,
    /// The budget line before it.
    pub before: Money,
    /// What it changes, or would change.
    pub change: Money,
    /// The budget line after it: changed only by what is agreed.
    pub after: Money,
    /// The year's budget less what falls in the year after it.
    pub left_pence: i64,
}

impl ProjectedLine {
    /// Its amounts as the sheets have them.
    fn money(&self) -> [i64; 11] {
        [
            self.budget_pence,
            self.before.this_year_pence,
            self.agreed.this_year_pence,
            self.after.this_year_pence,
            self.left_pence,
            self.undecided.this_year_pence,
            self.left_if_all_agreed_pence,
            self.before.full_year_pence,
            self.agreed.full_year_pence,
            self.after.full_year_pence,
            self.undecided.full_year_pence,
        ]
    }
}

impl ProjectionStep {
    /// Its amounts as the sheets have them.
    fn money(&self) -> [i64; 9] {
        let is_agreed = self.standing == ItemOutcome::Agreed;
        let (agreed, undecided) = if is_agreed { (self.change, Money::default()) } else { (Money::default(), self.change) };
        [
            self.before.this_year_pence,
            agreed.this_year_pence,
            self.after.this_year_pence,
            self.left_pence,
            undecided.this_year_pence,
            self.before.full_year_pence,
            agreed.full_year_pence,
            self.after.full_year_pence,
            undecided.full_year_pence,
        ]
    }
}

/// The items with lines of children who leave over the days before alone, as budget control counts them.
fn before_leavings(connection: &mut AnyConnection, items: Vec<Item>) -> Result<Vec<Item>, Error> {
    let left = Left::read(connection, items.iter().flat_map(|item| &item.lines))?;
    let before = |item: Item| Item { lines: item.lines.into_iter().filter_map(|line| left.before(line)).collect(), ..item };
    Ok(items.into_iter().map(before).collect())
}

impl Projection {
    /// The projection as it stands.
    pub fn of(connection: &mut AnyConnection, profile: &Profile, panel: Panel) -> Result<Self, Error> {
        let year = FinancialYear::of(panel.held_on).map_err(Error::fault)?;
        let costing = Costing { profile, year, on: panel.held_on };
        let items = items_of(connection, &panel)?;
        let items = before_leavings(connection, items)?;
        let current = CurrentLines::load(connection, &costing, &items)?;
        let AgreedEarlier { waiting, replaced } = agreed_earlier(connection, &panel, &items)?;
        let changes = Changes { costing: &costing, current: &current, replaced: &replaced };
        let names = expenditure_lines(connection)?;
        let budgets = budgets(connection, year)?;
        let mut before = current.before(&costing, &replaced)?;
        for (line, money) in changes.beside(connection, &[], &waiting)? {
            before.entry(line).or_default().add(money);
        }
        for (line, money) in granted(connection, year)? {
            before.entry(line).or_default().add(money);
        }
        let budget_of = |line: &str| budgets.get(line).copied().unwrap_or_default();
        let (mut running, mut steps) = (before.clone(), Vec::new());
        let mut so_far: Vec<&RequestLine> = waiting.iter().collect();
        let (mut agreed, mut undecided): (PerLine, PerLine) = Default::default();
        for item in items.iter().filter(|item| item.outcome != ItemOutcome::NotAgreed) {
            let is_agreed = item.outcome == ItemOutcome::Agreed;
            for (line, change) in changes.beside(connection, &so_far, &item.lines)? {
                let at = running.entry(line.clone()).or_default();
                let was = *at;
                let pile = if is_agreed { &mut agreed } else { &mut undecided };
                pile.entry(line.clone()).or_default().add(change);
                if is_agreed {
                    at.add(change);
                }
                let after = *at;
                steps.push(step(item, line, was, change, after, &budget_of));
            }
            // What an item that is not agreed would replace is still there.
            so_far.extend(item.lines.iter().filter(|_| is_agreed));
        }
        let of = |pile: &PerLine, line: &str| pile.get(line).copied().unwrap_or_default();
        let lines = names.into_iter().map(|(code, name)| {
            let (before, agreed, undecided) = (of(&before, &code), of(&agreed, &code), of(&undecided, &code));
            let (budget_pence, after) = (budget_of(&code), before.plus(agreed));
            let left_pence = budget_pence - after.this_year_pence;
            let left_if_all_agreed_pence = left_pence - undecided.this_year_pence;
            ProjectedLine { budget_line: code, name, budget_pence, before, agreed, after, undecided, left_pence, left_if_all_agreed_pence }
        });
        Ok(Projection { budget_lines: lines.collect(), steps, year, panel })
    }

    /// One row a budget line.
    pub fn lines_sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("budget_line"),
            Column::text("name"),
            Column::pounds("budget_pounds").summed(),
            Column::pounds("before_this_year_pounds").summed(),
            Column::pounds("agreed_this_year_pounds").summed(),
            Column::pounds("after_this_year_pounds").summed(),
            Column::pounds("left_pounds").summed(),
            Column::pounds("undecided_this_year_pounds").summed(),
            Column::pounds("left_if_all_agreed_pounds").summed(),
            Column::pounds("before_full_year_pounds").summed(),
            Column::pounds("agreed_full_year_pounds").summed(),
            Column::pounds("after_full_year_pounds").summed(),
            Column::pounds("undecided_full_year_pounds").summed(),
        ];
        let rows = self.budget_lines.iter().map(|line| {
            let words = [Cell::text(&line.budget_line), Cell::text(&line.name)];
            words.into_iter().chain(line.money().into_iter().map(Cell::Pence)).collect()
        });
        Sheet::new("Financial projection", columns).tab("Budget lines").heading(self.heading(made_at)).heading(GROSS).with_rows(rows)
    }

    /// Both in one table, for a file that holds one: a row for each budget line, and below them a row for each item and budget line.
    pub fn whole_sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("row"),
            Column::text("budget_line"),
            Column::text("name"),
            Column::integer("slot"),
            Column::text("reference"),
            Column::text("standing"),
            Column::pounds("budget_pounds"),
            Column::pounds("before_this_year_pounds"),
            Column::pounds("agreed_this_year_pounds"),
            Column::pounds("after_this_year_pounds"),
            Column::pounds("left_pounds"),
            Column::pounds("undecided_this_year_pounds"),
            Column::pounds("left_if_all_agreed_pounds"),
            Column::pounds("before_full_year_pounds"),
            Column::pounds("agreed_full_year_pounds"),
            Column::pounds("after_full_year_pounds"),
            Column::pounds("undecided_full_year_pounds"),
        ];
        let lines = self.budget_lines.iter().map(|line| {
            let words = [Cell::text("budget_line"), Cell::text(&line.budget_line), Cell::text(&line.name)];
            let blank = [Cell::Blank, Cell::Blank, Cell::Blank];
            words.into_iter().chain(blank).chain(line.money().into_iter().map(Cell::Pence)).collect::<Vec<_>>()
        });
        let steps = self.steps.iter().map(|step| {
            let [before, agreed, after, left, undecided, full_before, full_agreed, full_after, full_undecided] =
                step.money().map(Cell::Pence);
            let words = [Cell::text("item"), Cell::text(&step.budget_line), Cell::Blank, Cell::Integer(step.slot)];
            let standing = [Cell::text(&step.reference), Cell::text(step.standing.as_str()), Cell::Blank];
            let this_year = [before, agreed, after, left, undecided, Cell::Blank];
            let full_year = [full_before, full_agreed, full_after, full_undecided];
            words.into_iter().chain(standing).chain(this_year).chain(full_year).collect::<Vec<_>>()
        });
        Sheet::new("Financial projection", columns).heading(self.heading(made_at)).heading(GROSS).with_rows(lines.chain(steps))
    }

    /// One row an item and budget line.
    pub fn steps_sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("budget_line"),
            Column::integer("slot"),
            Column::text("reference"),
            Column::text("standing"),
            Column::pounds("before_this_year_pounds"),
            Column::pounds("agreed_this_year_pounds").summed(),
            Column::pounds("after_this_year_pounds"),
            Column::pounds("left_pounds"),
            Column::pounds("undecided_this_year_pounds").summed(),
            Column::pounds("before_full_year_pounds"),
            Column::pounds("agreed_full_year_pounds").summed(),
            Column::pounds("after_full_year_pounds"),
            Column::pounds("undecided_full_year_pounds").summed(),
        ];
        let rows = self.steps.iter().map(|step| {
            let words =
                [Cell::text(&step.budget_line), Cell::Integer(step.slot), Cell::text(&step.reference), Cell::text(step.standing.as_str())];
            words.into_iter().chain(step.money().into_iter().map(Cell::Pence)).collect()
        });
        Sheet::new("Financial projection by item", columns).tab("Items").heading(self.heading(made_at)).heading(GROSS).with_rows(rows)
    }

    fn heading(&self, made_at: NaiveDateTime) -> String {
        heading(&format!("{}, financial year {}", named(&self.panel), self.year), made_at)
    }
}

fn step(item: &Item, budget_line: String, before: Money, change: Money, after: Money, budget_of: &impl Fn(&str) -> i64) -> ProjectionStep {
    ProjectionStep {
        left_pence: budget_of(&budget_line) - after.this_year_pence,
        budget_line,
        slot: item.booking.slot,
        request_id: item.request.id.clone(),
        reference: item.request.reference.clone(),
        standing: item.outcome,
        before,
        change,
        after,
    }
}
