//! What a reader can reckon between the statement's figures.

use super::gathered::{Gathered, YearOfFigures};
use super::published::{ALL, Figure, children_code, spend_code};
use domain::disclosure::{CellId, Publication};
use domain::profile::{Counted, Evidence, Figure as FigureOfProfile};
use domain::{FinancialYear, Location, Profile};

/// Says what holds between the figures of each year. What a published number of an earlier year does not keep, since more was counted
/// later, is left out: a reader who relied on it would be wrong.
pub(super) fn relate(publication: &mut Publication, figures: &[Figure], gathered: &Gathered, profile: &Profile) {
    for year in &gathered.years {
        let of = Related { publication, figures, year: year.year };
        of.relate(year, profile);
    }
}

struct Related<'p> {
    publication: &'p mut Publication,
    figures: &'p [Figure],
    year: FinancialYear,
}

impl Related<'_> {
    fn relate(mut self, year: &YearOfFigures, profile: &Profile) {
        self.figures_among_themselves(profile);
        self.figures_that_differ_in_location(profile);
        self.figures_and_budget_lines(profile);
        self.figures_that_cover_a_budget_line(profile);
        self.grants_and_budget_lines(year, profile);
        self.budget_lines_among_themselves(year);
    }

    fn figures_among_themselves(&mut self, profile: &Profile) {
        let figures = &profile.statement.figures;
        for part in figures {
            for whole in figures.iter().filter(|whole| part.is_part_of(whole)) {
                self.part_of(&part.code, &whole.code);
            }
        }
    }

    /// Providers are in the borough or out of it: two figures that differ in that alone cover the same without it.
    fn figures_that_differ_in_location(&mut self, profile: &Profile) {
        let figures = &profile.statement.figures;
        let anywhere = |figure: &FigureOfProfile| {
            let bare = FigureOfProfile { provider_location: None, ..figure.clone() };
            figures.iter().filter(move |other| is_same_but_for_its_name(other, &bare))
        };
        let located = figures.iter().filter(|figure| figure.provider_location == Some(Location::InBorough));
        let pairs = located.flat_map(|here| {
            let there = FigureOfProfile { provider_location: Some(Location::OutOfBorough), ..here.clone() };
            let of_both = move |other: &&FigureOfProfile| is_same_but_for_its_name(other, &there);
            figures.iter().filter(of_both).map(move |there| (here, there))
        });
        for (here, there) in pairs.collect::<Vec<_>>() {
            for whole in anywhere(here) {
                self.covered_by(&whole.code, &[&here.code, &there.code]);
            }
        }
    }

    /// Where a budget line's support is of a category each, figures that count every category of it cover its children.
    fn figures_that_cover_a_budget_line(&mut self, profile: &Profile) {
        let policy = &profile.statement;
        for demand in policy.category_demands.iter().filter(|demand| demand.services.is_empty()) {
            let covering: Vec<_> = policy.figures.iter().filter(|figure| counts_categories_alone(figure)).collect();
            let is_counted = |category: &String| covering.iter().any(|figure| figure.statement_categories.contains(category));
            if demand.categories.is_empty() || !demand.categories.iter().all(is_counted) {
                continue;
            }
            let is_of_it = |figure: &&&FigureOfProfile| figure.statement_categories.iter().any(|code| demand.categories.contains(code));
            let codes: Vec<_> = covering.iter().filter(is_of_it).map(|figure| figure.code.as_str()).collect();
            for line in &demand.budget_lines {
                self.covered_by(&children_code(line), &codes);
            }
        }
    }

    fn figures_and_budget_lines(&mut self, profile: &Profile) {
        let policy = &profile.statement;
        let of_children = policy.figures.iter().filter(|figure| figure.counts == Counted::Children);
        for figure in of_children {
            self.part_of(&figure.code, &children_code(ALL));
            let Some(line) = policy.only_budget_line(figure) else { continue };
            let children = children_code(line);
            self.part_of(&figure.code, &children);
            if figure.is_of_a_whole_budget_line() {
                if figure.evidence == Some(Evidence::InForceInYear) {
                    self.part_of(&children, &figure.code);
                }
                self.tie(&spend_code(line), &figure.code);
            }
        }
    }

    /// What a line costs that pays for no child's support tells of how many its grants reach.
    fn grants_and_budget_lines(&mut self, year: &YearOfFigures, profile: &Profile) {
        for figure in profile.statement.figures.iter().filter(|figure| figure.counts == Counted::GrantReach) {
            for line in year.lines.iter().filter(|line| line.children == 0) {
                self.tie(&spend_code(&line.code), &figure.code);
            }
        }
    }

    fn budget_lines_among_themselves(&mut self, year: &YearOfFigures) {
        let (mut children, mut spend) = (Vec::new(), Vec::new());
        for line in &year.lines {
            self.part_of(&children_code(&line.code), &children_code(ALL));
            self.tie(&spend_code(&line.code), &children_code(&line.code));
            children.extend(self.cell(&children_code(&line.code)));
            spend.extend(self.cell(&spend_code(&line.code)));
        }
        let value = |cell: CellId| self.publication.value(cell);
        let sum = |cells: &[CellId]| cells.iter().map(|cell| value(*cell)).sum::<i64>();
        let all_children = self.cell(&children_code(ALL)).filter(|all| value(*all) <= sum(&children));
        let all_spend = self.cell(&spend_code(ALL)).filter(|all| value(*all) == sum(&spend));
        let name = |what: &str| format!("{what} by budget line and all of them, {}", self.year.as_str());
        let (of_children, of_spend) = (name("children"), name("spend"));
        if let Some(all) = all_children {
            self.publication.no_more_than(of_children, all, &children);
        }
        if let Some(all) = all_spend {
            self.publication.total(of_spend, all, &spend);
        }
    }

    /// Says that a count is no more than others together, where all of them are known.
    fn covered_by(&mut self, whole: &str, parts: &[&str]) {
        let Some(whole) = self.cell(whole) else { return };
        let Some(parts) = parts.iter().map(|part| self.cell(part)).collect::<Option<Vec<_>>>() else { return };
        let sum: i64 = parts.iter().map(|part| self.publication.value(*part)).sum();
        if self.publication.value(whole) <= sum {
            let name = format!("{} and the figures that cover it", self.publication.name(whole));
            self.publication.no_more_than(name, whole, &parts);
        }
    }

    fn part_of(&mut self, part: &str, whole: &str) {
        let (Some(part), Some(whole)) = (self.cell(part), self.cell(whole)) else { return };
        if self.publication.value(part) <= self.publication.value(whole) {
            let name = format!("{}, of whom {}", self.publication.name(whole), self.publication.name(part));
            self.publication.of_whom(name, part, whole);
        }
    }

    fn tie(&mut self, amount: &str, count: &str) {
        if let (Some(amount), Some(count)) = (self.cell(amount), self.cell(count)) {
            self.publication.tie(amount, count);
        }
    }

    fn cell(&self, code: &str) -> Option<CellId> {
        self.figures.iter().find(|figure| figure.code == code && figure.year == self.year)?.cell
    }
}

/// Whether two figures count by the same rule.
fn is_same_but_for_its_name(one: &FigureOfProfile, other: &FigureOfProfile) -> bool {
    let unnamed =
        |figure: &FigureOfProfile| FigureOfProfile { code: String::new(), label: String::new(), clause: String::new(), ..figure.clone() };
    unnamed(one) == unnamed(other)
}

/// Whether a figure counts children with support in force in the year by its category alone.
fn counts_categories_alone(figure: &FigureOfProfile) -> bool {
    let has_other = [&figure.budget_lines, &figure.levels, &figure.services, &figure.providers].iter().any(|list| !list.is_empty());
    let is_in_year = figure.evidence == Some(Evidence::InForceInYear);
    figure.counts == Counted::Children && is_in_year && !has_other && figure.provider_location.is_none()
}
