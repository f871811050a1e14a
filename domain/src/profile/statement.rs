//! The profile's rules of the Short Breaks Service Statement: what it counts, by which evidence.

use super::number::Posts;
use super::toml_text::codes;
use crate::{FinancialYear, Location};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What the statement counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementPolicy {
    /// What a package line may be counted as, apart from its budget line.
    pub categories: Vec<StatementCategory>,
    /// Which support names a category when it is recorded.
    #[serde(default)]
    pub category_demands: Vec<CategoryDemand>,
    /// The levels of support that the authority tells apart. Support is of the first that takes it.
    #[serde(default)]
    pub levels: Vec<SupportLevel>,
    /// The figures, in the statement's order.
    pub figures: Vec<Figure>,
    /// The posts that approve the statement before it is published; absent, nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Posts>,
}

/// A level of support, such as community or targeted short breaks, and what support is of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupportLevel {
    /// The level's stable code.
    pub code: String,
    /// As the authority words it.
    pub label: String,
    /// Only support that these budget lines pay; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget_lines: Vec<String>,
    /// Only these services; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Where the authority says so.
    pub clause: String,
}

/// A kind of support the statement counts that no budget line tells apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementCategory {
    /// The code a package line carries.
    pub code: String,
    /// As the statement words it.
    pub label: String,
    /// The statement's section.
    pub clause: String,
}

/// Support that cannot be recorded without one of these categories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryDemand {
    /// Only support that these budget lines pay; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget_lines: Vec<String>,
    /// Only these services; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// One of them is named.
    pub categories: Vec<String>,
    /// Where the authority says so.
    pub clause: String,
}

/// One figure of the statement: what is counted, and of that, what passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The figure's stable code.
    pub code: String,
    /// As the statement words it.
    pub label: String,
    /// What is counted.
    pub counts: Counted,
    /// What makes a child count; left out of a figure that counts no children.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// The day of support in force on a day; while the year runs and has not reached it, the day that is looked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<YearDay>,
    /// Only lines of these budget lines; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget_lines: Vec<String>,
    /// Only lines counted as these; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statement_categories: Vec<String>,
    /// Only support of these levels; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
    /// Only these services; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Only providers with these codes; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<String>,
    /// Only providers that are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_location: Option<Location>,
    /// The statement's section.
    pub clause: String,
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Children, each once.
    Children,
    /// Children and families that grant-funded groups reached, from their returns for the year.
    GrantReach,
    /// Sessions of commissioned services, from their returns for the year.
    Sessions,
}

/// What makes a child count in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A line was in force on any day of the year.
    InForceInYear,
    /// A line was in force on the figure's day.
    InForceOnDay,
    /// A direct payment was made in the year, and was not all paid back.
    PaidInYear,
    /// The child stayed a night in the year.
    StayedInYear,
}

/// A day of every financial year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearDay {
    /// The month, 1 to 12.
    pub month: u32,
    /// The day of the month; no 29 February, since few years have one.
    pub day: u32,
}

impl YearDay {
    /// The day in a year.
    pub fn in_year(self, year: FinancialYear) -> Option<NaiveDate> {
        let of = |calendar_year| NaiveDate::from_ymd_opt(calendar_year, self.month, self.day);
        of(year.starts_on().year()).filter(|day| *day >= year.starts_on()).or_else(|| of(year.ends_on().year()))
    }

    /// The day in a year, seen from a day: while the year runs, no later than that.
    pub fn seen_from(self, year: FinancialYear, as_at: NaiveDate) -> Option<NaiveDate> {
        let day = self.in_year(year)?;
        Some(if as_at < year.starts_on() { day } else { day.min(as_at) })
    }
}

impl CategoryDemand {
    /// Whether it is asked of support that a budget line pays.
    pub fn takes(&self, budget_line: &str, service: &str) -> bool {
        names(&self.budget_lines, budget_line) && names(&self.services, service)
    }
}

impl SupportLevel {
    /// Whether support that a budget line pays is of it.
    pub fn takes(&self, budget_line: &str, service: &str) -> bool {
        names(&self.budget_lines, budget_line) && names(&self.services, service)
    }
}

/// Whether a list names a code, or names none.
fn names(list: &[String], code: &str) -> bool {
    list.is_empty() || list.iter().any(|named| named == code)
}

/// Adds what is wrong with the figures; `lines` are the codes of the budget lines, `paying` that of direct payments, if
/// there is one; none where what is named cannot pay.
pub(super) fn check(statement: &StatementPolicy, lines: &BTreeSet<&str>, paying: Option<Option<&str>>, problems: &mut Vec<String>) {
    let categories = codes("statement category", statement.categories.iter().map(|c| &c.code), problems);
    codes("figure", statement.figures.iter().map(|figure| &figure.code), problems);
    let levels = codes("level", statement.levels.iter().map(|level| &level.code), problems);
    if statement.approved_by.as_ref().is_some_and(|named| named.posts.is_empty()) {
        problems.push("the rule of who approves the statement names no post; leave it out if there is none".to_owned());
    }
    for level in &statement.levels {
        for unknown in level.budget_lines.iter().filter(|code| !lines.contains(code.as_str())) {
            problems.push(format!("level `{}` is of the budget line `{unknown}`, which is not listed", level.code));
        }
    }
    for figure in &statement.figures {
        for unknown in figure.budget_lines.iter().filter(|code| !lines.contains(code.as_str())) {
            problems.push(format!("figure `{}` filters on budget line `{unknown}`, which is not listed", figure.code));
        }
        for unknown in figure.statement_categories.iter().filter(|code| !categories.contains(code.as_str())) {
            problems.push(format!("figure `{}` filters on statement category `{unknown}`, which is not listed", figure.code));
        }
        for unknown in figure.levels.iter().filter(|code| !levels.contains(code.as_str())) {
            problems.push(format!("figure `{}` filters on the level `{unknown}`, which is not listed", figure.code));
        }
        check_evidence(figure, problems);
        if let Some(paying) = paying {
            check_paid(figure, paying, problems);
        }
    }
    for demand in &statement.category_demands {
        if demand.categories.is_empty() {
            problems.push(format!("a demand of a category ({}) names none; leave it out if there is none", demand.clause));
        }
        for unknown in demand.budget_lines.iter().filter(|code| !lines.contains(code.as_str())) {
            problems.push(format!("a category is demanded for the budget line `{unknown}`, which is not listed"));
        }
        for unknown in demand.categories.iter().filter(|code| !categories.contains(code.as_str())) {
            problems.push(format!("the statement category `{unknown}` is demanded and not listed"));
        }
    }
}

/// Evidence where children are counted and nowhere else, and what goes with it.
fn check_evidence(figure: &Figure, problems: &mut Vec<String>) {
    let code = &figure.code;
    if figure.counts == Counted::Children {
        if figure.evidence.is_none() {
            problems.push(format!("figure `{code}` counts children and does not say by which evidence"));
        }
    } else {
        if !figure.budget_lines.is_empty() || !figure.statement_categories.is_empty() || !figure.levels.is_empty() {
            problems.push(format!("figure `{code}` counts returns, which have no package line to filter on"));
        }
        if figure.evidence.is_some() {
            problems.push(format!("figure `{code}` counts returns, which are their own evidence"));
        }
        if figure.counts == Counted::GrantReach && !figure.services.is_empty() {
            problems.push(format!("figure `{code}` counts returns of grants, which name no service to filter on"));
        }
    }
    match (figure.evidence, figure.day) {
        (Some(Evidence::InForceOnDay), None) => problems.push(format!("figure `{code}` counts on a day and does not say on which")),
        (Some(Evidence::InForceOnDay), Some(day)) if NaiveDate::from_ymd_opt(2023, day.month, day.day).is_none() => {
            problems.push(format!("figure `{code}` counts on a day that most years do not have"));
        }
        (Some(Evidence::InForceOnDay), Some(_)) | (_, None) => {}
        (_, Some(_)) => problems.push(format!("figure `{code}` names a day and does not count on one")),
    }
}

/// Only accounts of direct payments tell who was paid.
fn check_paid(figure: &Figure, paying: Option<&str>, problems: &mut Vec<String>) {
    let code = &figure.code;
    let is_of_accounts = !figure.budget_lines.is_empty() && figure.budget_lines.iter().all(|line| Some(line.as_str()) == paying);
    if figure.evidence == Some(Evidence::PaidInYear) && !is_of_accounts {
        problems.push(format!(
            "figure `{code}` counts who was paid, which the accounts of direct payments alone tell: filter on their budget line"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{BadProfile, Profile};

    const TAMESIDE: &str = include_str!("../../profiles/tameside.toml");

    /// What is said of the core authority's profile with one of its texts replaced everywhere.
    fn problems(from: &str, to: &str) -> Vec<String> {
        assert!(TAMESIDE.contains(from), "{from}");
        let BadProfile(problems) = Profile::parse(&TAMESIDE.replace(from, to)).expect_err("a mistake");
        problems
    }

    #[test]
    fn a_day_of_the_year_lies_in_its_financial_year() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let year: FinancialYear = "2024-25".parse().expect("a year");
        for (month, number, expected) in [(3, 31, "2025-03-31"), (4, 1, "2024-04-01"), (12, 31, "2024-12-31"), (1, 1, "2025-01-01")] {
            assert_eq!(YearDay { month, day: number }.in_year(year), Some(day(expected)));
        }
        let end = YearDay { month: 3, day: 31 };
        for (as_at, expected) in [("2024-01-01", "2025-03-31"), ("2024-10-01", "2024-10-01"), ("2025-06-01", "2025-03-31")] {
            assert_eq!(end.seen_from(year, day(as_at)), Some(day(expected)), "{as_at}");
        }
    }

    #[test]
    fn a_figure_of_children_says_its_evidence() {
        let said = problems("evidence = \"in_force_in_year\"\n", "");
        assert!(
            said.contains(&"figure `targeted_outreach_children` counts children and does not say by which evidence".to_owned()),
            "{said:?}"
        );
    }

    #[test]
    fn whoever_approves_the_statement_is_in_a_post_that_there_is() {
        let named = TAMESIDE.lines().skip_while(|line| *line != "[statement.approved_by]").nth(1).expect("there");
        for (posts, expected) in [
            ("posts = []", "the rule of who approves the statement names no post; leave it out if there is none"),
            ("posts = [\"mayor\"]", "the post `mayor` is used and not listed"),
        ] {
            assert_eq!(problems(named, posts), [expected]);
        }
    }

    #[test]
    fn evidence_that_cannot_be_had_is_a_mistake() {
        for (from, to, expected) in [
            ("day = { month = 3, day = 31 }\n", "", "counts on a day and does not say on which"),
            ("day = { month = 3, day = 31 }\n", "day = { month = 2, day = 29 }\n", "counts on a day that most years do not have"),
            ("evidence = \"in_force_on_day\"\n", "evidence = \"in_force_in_year\"\n", "names a day and does not count on one"),
            (
                "evidence = \"in_force_on_day\"\nday = { month = 3, day = 31 }\n",
                "evidence = \"paid_in_year\"\n",
                "accounts of direct payments alone",
            ),
            ("counts = \"sessions\"\n", "counts = \"sessions\"\nevidence = \"stayed_in_year\"\n", "are their own evidence"),
            ("counts = \"grant_reach\"\n", "counts = \"grant_reach\"\nservices = [\"play\"]\n", "name no service"),
            ("counts = \"grant_reach\"\n", "counts = \"grant_reach\"\nbudget_lines = [\"home_care\"]\n", "no package line to filter on"),
            ("counts = \"grant_reach\"\n", "counts = \"grant_reach\"\nlevels = [\"targeted\"]\n", "no package line to filter on"),
        ] {
            let said = problems(from, to);
            assert!(said.len() == 1 && said[0].contains(expected), "{to}: {said:?}");
        }
    }

    #[test]
    fn a_level_is_of_budget_lines_that_there_are_and_a_figure_names_levels_that_there_are() {
        let level = |text: &str| format!("{TAMESIDE}\n[[statement.levels]]\nlabel = \"A level\"\n{text}\nclause = \"Here\"\n");
        for (text, expected) in [
            ("code = \"targeted\"", "level code `targeted` is listed twice"),
            (
                "code = \"specialist\"\nbudget_lines = [\"homecare\"]",
                "level `specialist` is of the budget line `homecare`, which is not listed",
            ),
        ] {
            let BadProfile(said) = Profile::parse(&level(text)).expect_err("a mistake");
            assert_eq!(said, [expected], "{text}");
        }
        assert!(Profile::parse(&level("code = \"specialist\"\nservices = [\"nursing\"]")).is_ok());
        let said = problems("code = \"targeted_outreach_children\"", "code = \"targeted_outreach_children\"\nlevels = [\"special\"]");
        assert_eq!(said, ["figure `targeted_outreach_children` filters on the level `special`, which is not listed"]);
    }

    #[test]
    fn a_demand_names_categories_and_budget_lines_that_there_are() {
        let demand = |text: &str| format!("{TAMESIDE}\n[[statement.category_demands]]\n{text}\nclause = \"Here\"\n");
        for (text, expected) in [
            ("categories = []", "names none"),
            ("categories = [\"fun\"]", "`fun` is demanded and not listed"),
            ("budget_lines = [\"homecare\"]\ncategories = [\"residential_respite\"]", "`homecare`, which is not listed"),
        ] {
            let BadProfile(said) = Profile::parse(&demand(text)).expect_err("a mistake");
            assert!(said.len() == 1 && said[0].contains(expected), "{text}: {said:?}");
        }
    }
}
