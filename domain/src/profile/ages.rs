//! For which ages support is bought, by budget line.

use super::toml_text::codes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// For which ages the authority buys support.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgePolicy {
    /// Until which birthday support for one child is bought from any budget line; none, age ends nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_line: Option<LastAge>,
    /// Budget lines for which the authority says something else.
    #[serde(default)]
    pub budget_lines: Vec<LineAges>,
}

/// Until which birthday support is bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LastAge {
    /// Whoever has had this birthday is too old: 18.
    pub until_birthday: u16,
    /// Where the authority says so.
    pub clause: String,
}

/// The ages for which support is bought from some budget lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineAges {
    /// Their codes.
    pub budget_lines: Vec<String>,
    /// Whoever has not had this birthday is too young; none, nobody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_birthday: Option<u16>,
    /// Whoever has had this birthday is too old; none, as for every line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_birthday: Option<u16>,
    /// Where the authority says so.
    pub clause: String,
}

impl AgePolicy {
    /// What is said of a budget line apart from the others.
    pub fn of_budget_line(&self, budget_line: &str) -> Option<&LineAges> {
        self.budget_lines.iter().find(|ages| ages.budget_lines.iter().any(|code| code == budget_line))
    }
}

/// Adds what is wrong with the section.
pub(super) fn check(ages: &AgePolicy, lines: &BTreeSet<&str>, problems: &mut Vec<String>) {
    let named = ages.budget_lines.iter().flat_map(|one| &one.budget_lines);
    let listed = codes("budget line with ages", named, problems);
    for unknown in listed.iter().filter(|code| !lines.contains(**code)) {
        problems.push(format!("`ages.budget_lines` names `{unknown}`, which is no budget line"));
    }
    let last = ages.every_line.as_ref().map(|last| last.until_birthday);
    if last == Some(0) {
        problems.push("`ages.every_line` ends before the first birthday: nobody could have support".to_owned());
    }
    for one in &ages.budget_lines {
        let whose = format!("the ages of {} ({})", one.budget_lines.join(", "), one.clause);
        if one.until_birthday.or(last).is_some_and(|until| one.from_birthday.unwrap_or(0) >= until) {
            problems.push(format!("{whose} end before they begin"));
        }
        if one.from_birthday.is_none() && one.until_birthday.is_none() {
            problems.push(format!("{whose} say neither a first nor a last birthday"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    fn with(section: &str) -> Result<Profile, crate::profile::BadProfile> {
        let text = include_str!("../../profiles/warwickshire.toml");
        let (before, rest) = text.split_once("[ages]").expect("it says its ages");
        let after = rest.split_once("\n[").map(|(_, after)| format!("[{after}")).unwrap_or_default();
        Profile::parse(&format!("{before}{section}\n{after}"))
    }

    #[test]
    fn a_profile_that_says_nothing_of_ages_has_none() {
        assert_eq!(with("").expect("sound").ages, AgePolicy::default());
        assert_eq!(AgePolicy::default().every_line, None);
    }

    #[test]
    fn ages_are_of_budget_lines_that_exist_and_end_after_they_begin() {
        let one = |fields: &str| with(&format!("[[ages.budget_lines]]\n{fields}\nclause = \"F1\"\n"));
        one("budget_lines = [\"direct_payments\"]\nuntil_birthday = 12").expect("sound");
        one("budget_lines = [\"direct_payments\"]\nfrom_birthday = 5").expect("sound");
        one("budget_lines = [\"direct_payments\"]\nfrom_birthday = 18").expect("it has no last birthday");
        for bad in [
            "budget_lines = [\"directpayments\"]\nuntil_birthday = 12",
            "budget_lines = [\"direct_payments\", \"direct_payments\"]\nuntil_birthday = 12",
            "budget_lines = [\"direct_payments\"]\nfrom_birthday = 5\nuntil_birthday = 5",
            "budget_lines = [\"direct_payments\"]",
        ] {
            one(bad).expect_err(bad);
        }
        with("[[ages.budget_lines]]\nbudget_lines = [\"direct_payments\"]\nuntil_birthday = 12").expect_err("no clause");
        let of_all =
            "[ages]\nevery_line = { until_birthday = 18, clause = \"F1\" }\n[[ages.budget_lines]]\nbudget_lines = [\"direct_payments\"]\n";
        with(&format!("{of_all}from_birthday = 18\nclause = \"F1\"")).expect_err("nobody is of an age for it");
        with(&format!("{of_all}from_birthday = 17\nclause = \"F1\"")).expect("sound");
        with("[ages]\nevery_line = { until_birthday = 0, clause = \"F1\" }").expect_err("nobody");
    }
}
