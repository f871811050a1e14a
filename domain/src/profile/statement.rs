//! The profile's rules of the Short Breaks Service Statement: what it counts.

use super::toml_text::codes;
use crate::Location;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What the statement counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementPolicy {
    /// What a package line may be counted as, apart from its budget line.
    pub categories: Vec<StatementCategory>,
    /// The figures, in the statement's order.
    pub figures: Vec<Figure>,
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
    /// Only lines of these budget lines; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget_lines: Vec<String>,
    /// Only lines counted as these; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statement_categories: Vec<String>,
    /// Only lines whose provider is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_location: Option<Location>,
    /// The statement's section.
    pub clause: String,
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Children, each once, with a line in force on any day of the year.
    Children,
    /// Children and families that grant-funded groups reached, from their returns for the year.
    GrantReach,
    /// Sessions of commissioned services, from their returns for the year.
    Sessions,
}

/// Adds what is wrong with the figures; `lines` are the codes of the budget lines.
pub(super) fn check(statement: &StatementPolicy, lines: &BTreeSet<&str>, problems: &mut Vec<String>) {
    let categories = codes("statement category", statement.categories.iter().map(|c| &c.code), problems);
    codes("figure", statement.figures.iter().map(|figure| &figure.code), problems);
    for figure in &statement.figures {
        for unknown in figure.budget_lines.iter().filter(|code| !lines.contains(code.as_str())) {
            problems.push(format!("figure `{}` filters on budget line `{unknown}`, which is not listed", figure.code));
        }
        for unknown in figure.statement_categories.iter().filter(|code| !categories.contains(code.as_str())) {
            problems.push(format!("figure `{}` filters on statement category `{unknown}`, which is not listed", figure.code));
        }
        let filtered = !figure.budget_lines.is_empty() || !figure.statement_categories.is_empty() || figure.provider_location.is_some();
        if filtered && figure.counts != Counted::Children {
            problems.push(format!("figure `{}` counts returns, which have no package line to filter on", figure.code));
        }
    }
}
