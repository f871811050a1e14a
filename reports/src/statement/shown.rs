//! Tables, charts and sentences of figures. Each number comes from [`Published`], and so does each word that compares two.

use super::gathered::Gathered;
use super::published::{ALL, Printed, Published, change_code, children_code, share_code, spend_code};
use crate::charts::{described, in_pounds};
use crate::figures::FigureStanding;
use documents::{Block, Cell, Chart, ChartKind, Column, Inline, Row, Series, Table, Value};
use domain::profile::{Counted, StatementPolicy};
use domain::{FinancialYear, Pence, Profile};

/// What an edition can show, and where it is from.
pub(super) struct Shown<'s> {
    pub published: &'s Published,
    pub gathered: &'s Gathered,
    pub policy: &'s StatementPolicy,
}

/// The tables by code.
pub(super) const TABLES: [&str; 4] = [FIGURES, SPEND, CHILDREN, TREND];
/// The charts by code.
pub(super) const CHARTS: [&str; 4] = [SPEND, CHILDREN, TREND, TREND_OF_SPEND];

/// The statement's figures.
pub(super) const FIGURES: &str = "figures";
/// What was spent, by budget line.
pub(super) const SPEND: &str = "spend_by_budget_line";
/// Children by what they receive.
pub(super) const CHILDREN: &str = "children_by_service";
/// Children supported, year by year.
pub(super) const TREND: &str = "trend_by_year";
/// What was spent, year by year.
pub(super) const TREND_OF_SPEND: &str = "spend_by_year";

impl<'s> Shown<'s> {
    pub(super) fn new(published: &'s Published, gathered: &'s Gathered, profile: &'s Profile) -> Self {
        Shown { published, gathered, policy: &profile.statement }
    }

    fn year(&self) -> FinancialYear {
        self.published.year
    }

    fn year_before(&self) -> Option<FinancialYear> {
        self.published.year_before(self.year())
    }

    /// Whether there are two years to draw a trend of.
    pub(super) fn has_trend(&self) -> bool {
        self.published.years.len() > 1
    }

    /// A table; none, no table has that code.
    pub(super) fn table(&self, code: &str) -> Option<Block> {
        let table = match code {
            FIGURES => self.figures(),
            SPEND => self.spend(),
            CHILDREN => self.children_chart().table(),
            TREND => self.trend_chart().table(),
            _ => return None,
        };
        Some(Block::Table(table))
    }

    /// A chart; none, no chart has that code.
    pub(super) fn chart(&self, code: &str) -> Option<Block> {
        let chart = match code {
            SPEND => self.spend_chart(),
            CHILDREN => self.children_chart(),
            TREND => self.trend_chart(),
            TREND_OF_SPEND => self.spend_trend_chart(),
            _ => return None,
        };
        Some(Block::Chart(chart))
    }

    /// One figure in a sentence.
    pub(super) fn sentence(&self, printed: &Printed) -> Vec<Inline> {
        let mut content = vec![Inline::Value(printed.value.clone())];
        content.extend(note(printed).map(|note| Inline::text(format!(" ({note})"))));
        content
    }

    /// One figure beside the year before: "40, compared with 38 in 2022-23 (2 more)".
    pub(super) fn comparison(&self, code: &str, printed: &Printed) -> Vec<Inline> {
        let mut content = self.sentence(printed);
        let Some(before) = self.published.year_before(printed.year) else {
            content.push(Inline::text(", with no figure of the year before"));
            return content;
        };
        content.push(Inline::text(", compared with "));
        content.push(Inline::Value(self.published.value(code, before)));
        content.push(Inline::text(format!(" in {}", before.as_str())));
        // Only the statement's own year has changes; a change that is withheld is not told by its sign either.
        let change = self.published.printed(&change_code(code), printed.year).map(|change| change.value);
        content.extend(change.and_then(|change| difference(&change)).map(|words| Inline::text(format!(" ({words})"))));
        content
    }

    fn figures(&self) -> Table {
        let (year, before) = (self.year(), self.year_before());
        let mut columns = vec![Column::words("Figure"), Column::numbers(year.as_str())];
        columns.extend(before.iter().flat_map(|before| [Column::numbers(before.as_str()), Column::numbers("Change")]));
        let mut notes = Vec::new();
        let row = |figure: &domain::profile::Figure| {
            let cell = |year| match self.published.printed(&figure.code, year) {
                None => Cell::from(Value::NotApplicable),
                Some(printed) => {
                    notes.extend(note(&printed).map(|note| format!("{}, {}: {note}.", figure.label, year.as_str())));
                    Cell::from(printed.value)
                }
            };
            let mut cells = vec![Cell::words(&figure.label)];
            cells.extend([Some(year), before].into_iter().flatten().map(cell));
            cells.extend(before.map(|_| Cell::from(self.change(&figure.code))));
            Row::Ordinary(cells)
        };
        let rows = self.policy.figures.iter().map(row).collect();
        Table { caption: format!("Figures of the statement, {}", year.as_str()), columns, rows, notes }
    }

    /// How much more a figure is than the year before. Where either is not known yet, nor is this.
    fn change(&self, code: &str) -> Value {
        let is_unknown = |year: FinancialYear| self.published.value(code, year) == Value::NotYetKnown;
        if [Some(self.year()), self.year_before()].into_iter().flatten().any(is_unknown) {
            return Value::NotYetKnown;
        }
        self.published.value(&change_code(code), self.year())
    }

    fn spend(&self) -> Table {
        let (year, before) = (self.year(), self.year_before());
        let mut columns = vec![Column::words("Budget line"), Column::numbers("Children with support in force")];
        columns.extend([Column::numbers(format!("Spend {}", year.as_str())), Column::numbers("Share of spend")]);
        columns.extend(before.map(|before| Column::numbers(format!("Spend {}", before.as_str()))));
        let cells = |name: &str, code: &str, share: Value| {
            let mut cells = vec![Cell::words(name), self.published.value(&children_code(code), year).into()];
            cells.push(self.published.value(&spend_code(code), year).into());
            cells.push(share.into());
            cells.extend(before.map(|before| Cell::from(self.published.value(&spend_code(code), before))));
            cells
        };
        let lines = self.gathered.years.last().map(|year| year.lines.as_slice()).unwrap_or_default();
        let mut rows: Vec<_> = lines
            .iter()
            .map(|line| Row::Ordinary(cells(&line.name, &line.code, self.published.value(&share_code(&line.code), year))))
            .collect();
        rows.push(Row::Total(cells("All budget lines", ALL, Value::Blank)));
        Table { caption: format!("Children and spend by budget line, {}", year.as_str()), columns, rows, notes: self.spend_notes() }
    }

    fn spend_notes(&self) -> Vec<String> {
        let mut notes = vec![
            "A child counts once in each row, and once in all of them, with support in force on any day of the year.".to_owned(),
            "Spend is what the council's ledger has for the year, before what health pays of it.".to_owned(),
        ];
        if !self.gathered.has_ended {
            notes.push(format!("{} is not over: spend is what was paid so far.", self.year().as_str()));
        }
        notes
    }

    fn spend_chart(&self) -> Chart {
        let year = self.year();
        let lines = self.gathered.years.last().map(|year| year.lines.as_slice()).unwrap_or_default();
        let values: Vec<_> = lines.iter().map(|line| in_pounds(self.published.value(&spend_code(&line.code), year))).collect();
        let categories: Vec<_> = lines.iter().map(|line| line.name.clone()).collect();
        Chart {
            kind: ChartKind::Bars,
            title: format!("Spend by budget line, {}", year.as_str()),
            description: described(&categories, &values, "spent"),
            category_heading: "Budget line".to_owned(),
            categories,
            series: vec![Series { name: format!("Spend {} (£)", year.as_str()), values }],
            notes: self.spend_notes().split_off(1),
        }
    }

    /// The figures that count children, but for those that are part of another.
    fn children_chart(&self) -> Chart {
        let year = self.year();
        let figures = &self.policy.figures;
        let is_whole =
            |figure: &&domain::profile::Figure| figure.counts == Counted::Children && !figures.iter().any(|other| figure.is_part_of(other));
        let whole: Vec<_> = figures.iter().filter(is_whole).collect();
        let categories: Vec<_> = whole.iter().map(|figure| figure.label.clone()).collect();
        let series = |year: FinancialYear| Series {
            name: format!("Children {}", year.as_str()),
            values: whole.iter().map(|figure| self.published.value(&figure.code, year)).collect(),
        };
        let of_year = series(year);
        Chart {
            kind: ChartKind::Bars,
            title: format!("Children by service, {}", year.as_str()),
            description: described(&categories, &of_year.values, "children"),
            category_heading: "Service".to_owned(),
            categories,
            series: std::iter::once(of_year).chain(self.year_before().map(series)).collect(),
            notes: vec!["A child who receives more than one service counts in each.".to_owned()],
        }
    }

    fn trend_chart(&self) -> Chart {
        self.trend("Children with support in force, by year", "Children", &children_code(ALL), |value| value)
    }

    fn spend_trend_chart(&self) -> Chart {
        self.trend("Spend by year", "Spend (£)", &spend_code(ALL), in_pounds)
    }

    fn trend(&self, title: &str, name: &str, code: &str, shown: impl Fn(Value) -> Value) -> Chart {
        let values: Vec<_> = self.published.years.iter().map(|year| shown(self.published.value(code, *year))).collect();
        let categories: Vec<_> = self.published.years.iter().map(|year| year.as_str().to_owned()).collect();
        let told = categories.iter().zip(&values).map(|(year, value)| format!("{year}: {value}"));
        Chart {
            kind: ChartKind::Lines,
            title: title.to_owned(),
            description: format!("{}.", told.collect::<Vec<_>>().join("; ")),
            category_heading: "Financial year".to_owned(),
            categories,
            series: vec![Series { name: name.to_owned(), values }],
            notes: Vec::new(),
        }
    }
}

/// "2 more", "£5.00 less", "the same"; nothing where it is no number.
fn difference(change: &Value) -> Option<String> {
    let (size, more, less) = match change {
        Value::Count(number) => (Value::Count(number.abs()), "more", "fewer"),
        Value::Money(pence) => (Value::Money(Pence(pence.0.abs())), "more", "less"),
        _ => return None,
    };
    Some(match change.magnitude()? {
        0 => "the same".to_owned(),
        number if number > 0 => format!("{size} {more}"),
        _ => format!("{size} {less}"),
    })
}

/// How far a figure is known, where it is not known whole.
pub(super) fn note(printed: &Printed) -> Option<String> {
    let missing = match printed.missing_returns {
        0 => None,
        1 => Some("1 return missing".to_owned()),
        number => Some(format!("{number} returns missing")),
    };
    match printed.standing {
        FigureStanding::Known => None,
        FigureStanding::NotYetKnown => missing,
        FigureStanding::SoFar => Some(missing.map_or_else(|| "so far".to_owned(), |missing| format!("so far; {missing}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_that_is_withheld_has_no_sign_either() {
        for (change, expected) in [
            (Value::Count(2), Some("2 more")),
            (Value::Count(-2), Some("2 fewer")),
            (Value::Count(0), Some("the same")),
            (Value::Money(Pence(-12_345)), Some("£123.45 less")),
            (Value::Withheld, None),
            (Value::NotApplicable, None),
        ] {
            assert_eq!(difference(&change).as_deref(), expected, "{change:?}");
        }
    }
}
