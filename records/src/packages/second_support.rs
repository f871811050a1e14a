//! The same support twice over the same days, held against what the child has.

use crate::error::Error;
use crate::packages::lines::{PackageLine, latest_lines_of};
use db::AnyConnection;
use db::schema::packages;
use diesel::prelude::*;
use domain::FieldError;
use domain::care_package::stands;
use domain::costing::Line;
use domain::packages::second_support::{SupportDays, second_support_mistake};
use std::collections::BTreeSet;

/// Support that a line is to bring to a child.
#[derive(Debug, Clone)]
pub struct Brought<'b> {
    /// What is bought.
    pub service: &'b str,
    /// The budget line that pays.
    pub budget_line: &'b str,
    /// How often, from when to when.
    pub terms: Line,
    /// The package line that ends when it starts.
    pub replaces: Option<&'b str>,
    /// Whether it says why the child has it twice.
    pub has_reason: bool,
}

impl<'b> Brought<'b> {
    fn days(&'b self) -> SupportDays<'b> {
        SupportDays { service: self.service, budget_line: self.budget_line, terms: &self.terms }
    }
}

/// Where lines bring a child what it has already, or one brings what another does. Each field starts with its place, as `at` writes it.
pub fn second_support_mistakes(
    connection: &mut AnyConnection,
    child_id: &str,
    brought: &[Brought<'_>],
    at: impl Fn(usize) -> String,
) -> Result<Vec<FieldError>, Error> {
    let packages: Vec<String> = packages::table.filter(packages::child_id.eq(child_id)).select(packages::id).load(connection)?;
    let lines = latest_lines_of(connection, &packages)?;
    // What is replaced has its end before any of them starts, and all of its arrangement with it.
    let replaced: BTreeSet<&str> = brought.iter().filter_map(|line| line.replaces).collect();
    let replaced: BTreeSet<&str> =
        lines.iter().filter(|line| replaced.contains(line.line_id.as_str())).map(PackageLine::arrangement).collect();
    let had: Vec<(&PackageLine, Line)> = lines
        .iter()
        .filter(|line| stands(line.state) && !replaced.contains(line.arrangement()))
        .map(|line| (line, line.costed()))
        .collect();
    let mut mistakes = Vec::new();
    for (place, line) in brought.iter().enumerate() {
        let on_record = had.iter().map(|(had, terms)| {
            let days = SupportDays { service: &had.service, budget_line: &had.budget_line, terms };
            (format!("package line {}", had.line_id), days)
        });
        let beside = brought[..place].iter().enumerate().map(|(other, line)| (format!("line {}", other + 1), line.days()));
        let had: Vec<_> = on_record.chain(beside).collect();
        mistakes.extend(second_support_mistake(&at(place), &line.days(), &had, line.has_reason));
    }
    Ok(mistakes)
}
