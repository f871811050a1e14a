//! The profile's rules of statutory returns and open data: who publishes, and where a budget line belongs in the section 251 return.

use crate::{FinancialYear, Sector};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use strum::{IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// What goes out to government and to the public.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnsPolicy {
    /// The authority as it signs open data; absent, no grants are published as 360Giving data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<Publisher>,
    /// Where budget lines belong in the section 251 return; none, the return is not made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub section_251: Vec<Section251Rule>,
}

/// The authority as it signs open data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// Its organisation id: `GB-LAE-` and the three letters of the register of English local authorities.
    pub organisation_id: String,
    /// The department that spends.
    pub department: String,
    /// What the ids of its grants begin with, as 360Giving gives it; absent, the organisation id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id_prefix: Option<String>,
    /// Where these are from.
    pub clause: String,
}

/// A line of the section 251 return that short breaks belong to. Its number changes by year, and this word does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, VariantArray, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Section251Line {
    /// Direct payments.
    DirectPayments,
    /// Short breaks for disabled children.
    ShortBreaks,
    /// Other support for disabled children.
    OtherSupport,
    /// Short breaks for disabled children who are looked after.
    LookedAfterShortBreaks,
}

/// Where a budget line belongs, from a year on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Section251Rule {
    /// The budget line.
    pub budget_line: String,
    /// The line of the return. What a budget line of income receives is that line's income.
    pub line: Section251Line,
    /// By whose provision spend counts that names no provider; absent, it is shown apart and to be put right first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_provider: Option<Sector>,
    /// The first year that it is so; absent, every year before a later rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<FinancialYear>,
    /// Where the authority says so.
    pub clause: String,
}

impl Publisher {
    /// What the ids of its grants begin with.
    pub fn grant_prefix(&self) -> &str {
        self.grant_id_prefix.as_deref().unwrap_or(&self.organisation_id)
    }
}

impl ReturnsPolicy {
    /// Where a budget line belongs in a year: by the last rule that has begun. None, the profile does not say.
    pub fn section_251_of(&self, budget_line: &str, year: FinancialYear) -> Option<&Section251Rule> {
        let of_line = self.section_251.iter().filter(|rule| rule.budget_line == budget_line);
        of_line.filter(|rule| rule.from.is_none_or(|from| from <= year)).max_by_key(|rule| rule.from)
    }
}

/// Adds what is wrong with these rules.
pub(super) fn check(returns: &ReturnsPolicy, lines: &BTreeSet<&str>, problems: &mut Vec<String>) {
    if let Some(publisher) = &returns.publisher {
        let is_id = |id: &str| id.split('-').count() >= 3 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_id(&publisher.organisation_id) {
            problems.push(format!("returns.publisher: `{}` is no organisation id such as GB-LAE-TAM", publisher.organisation_id));
        }
    }
    let mut seen = BTreeSet::new();
    for rule in &returns.section_251 {
        if !lines.contains(rule.budget_line.as_str()) {
            problems.push(format!("returns.section_251 names the budget line `{}`, which is not listed", rule.budget_line));
        }
        if !seen.insert((&rule.budget_line, rule.from)) {
            problems.push(format!("returns.section_251 says twice from the same year where `{}` belongs", rule.budget_line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{BadProfile, Profile};

    const TAMESIDE: &str = include_str!("../../profiles/tameside.toml");

    fn year(text: &str) -> FinancialYear {
        text.parse().expect("a year")
    }

    #[test]
    fn the_words_of_the_return_are_pinned() {
        let words: Vec<&str> = Section251Line::VARIANTS.iter().map(<&str>::from).collect();
        assert_eq!(words, ["direct_payments", "short_breaks", "other_support", "looked_after_short_breaks"]);
    }

    #[test]
    fn the_last_rule_that_has_begun_says_where_a_budget_line_belongs() {
        let moved = "\n[[returns.section_251]]\nbudget_line = \"home_care\"\nline = \"short_breaks\"\nfrom = \"2024-25\"\nclause = \"-\"\n";
        let profile = Profile::parse(&format!("{TAMESIDE}{moved}")).expect("sound");
        let of = |code: &str| profile.returns.section_251_of("home_care", year(code)).map(|rule| rule.line);
        assert_eq!(
            [of("2013-14"), of("2023-24"), of("2024-25"), of("2031-32")],
            [
                Some(Section251Line::OtherSupport),
                Some(Section251Line::OtherSupport),
                Some(Section251Line::ShortBreaks),
                Some(Section251Line::ShortBreaks)
            ]
        );
        assert_eq!(profile.returns.section_251_of("stationery", year("2024-25")), None);
    }

    #[test]
    fn every_bundled_profile_signs_its_data_and_places_each_of_its_budget_lines() {
        for (code, id) in [
            ("tameside", "GB-LAE-TAM"),
            ("kirklees", "GB-LAE-KIR"),
            ("warwickshire", "GB-LAE-WAR"),
            ("manchester", "GB-LAE-MAN"),
            ("knowsley", "GB-LAE-KWL"),
        ] {
            let profile = Profile::bundled(code).expect("sound");
            assert_eq!(profile.returns.publisher.as_ref().map(|publisher| publisher.grant_prefix()), Some(id), "{code}");
            for line in &profile.budget_lines {
                assert!(profile.returns.section_251_of(&line.code, year("2024-25")).is_some(), "{code}: {}", line.code);
            }
        }
    }

    #[test]
    fn rules_that_contradict_one_another_are_mistakes() {
        let twice = "\n[[returns.section_251]]\nbudget_line = \"home_care\"\nline = \"short_breaks\"\nclause = \"-\"\n";
        let text = TAMESIDE.replace("organisation_id = \"GB-LAE-TAM\"", "organisation_id = \"Tameside\"");
        let text = format!("{text}{twice}{}", twice.replace("home_care", "stationery"));
        let BadProfile(problems) = Profile::parse(&text).expect_err("three mistakes");
        assert_eq!(problems.len(), 3, "{problems:?}");
    }
}
