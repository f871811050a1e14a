//! The profile's rules of nights away from home.

use super::number::Posts;
use super::toml_text::optional_date;
use crate::nights::words::{NightCounting, NightLimitKind};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// How nights away from home are counted, and how many there may be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NightsPolicy {
    /// What is counted. Absent, nothing can be counted, and so no stay is taken.
    #[serde(default)]
    pub counts: Option<NightsCounted>,
    /// How many there may be, from a day to a day.
    #[serde(default)]
    pub limits: Vec<NightLimit>,
    /// Rolling counts from which on a child is warned of.
    #[serde(default)]
    pub warnings: Vec<NightThreshold>,
    /// The posts that acknowledge that a limit is passed. Absent, nobody may.
    #[serde(default)]
    pub acknowledged_by: Option<Posts>,
}

/// What is counted of a stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NightsCounted {
    /// Nights or days.
    pub unit: NightCounting,
    /// Where the authority, or the law, says so.
    pub clause: String,
}

/// The most nights, or days, there may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NightLimit {
    /// Of what.
    pub kind: NightLimitKind,
    /// The most there may be, this included, in what the profile counts.
    pub most: u16,
    /// The months of a rolling count; a single stay has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u16>,
    /// Whether each setting is counted by itself. Where it is not, all nights away count together.
    pub same_setting: bool,
    /// The first day it applies; absent, since ever.
    #[serde(default, deserialize_with = "optional_date", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<NaiveDate>,
    /// The first day it applies no longer; absent, for ever.
    #[serde(default, deserialize_with = "optional_date", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<NaiveDate>,
    /// Where the authority, or the law, says so.
    pub clause: String,
}

impl NightLimit {
    /// Whether it applies on a day.
    pub fn is_in_force(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }

    fn overlaps(&self, other: &NightLimit) -> bool {
        let starts_before = |from: Option<NaiveDate>, to: Option<NaiveDate>| from.zip(to).is_none_or(|(from, to)| from < to);
        self.kind == other.kind && starts_before(self.from, other.to) && starts_before(other.from, self.to)
    }
}

/// A rolling count from which on a child is warned of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NightThreshold {
    /// From this count on, in what the profile counts.
    pub at: u16,
    /// Where the authority says so.
    pub clause: String,
}

/// Everything wrong with these rules. That posts are listed is looked at with the other posts.
pub(super) fn check(policy: &NightsPolicy, problems: &mut Vec<String>) {
    if policy.counts.is_none() && !(policy.limits.is_empty() && policy.warnings.is_empty()) {
        problems.push("limits and warnings of nights need `counts`: nights or days".to_owned());
    }
    for limit in &policy.limits {
        let named = format!("the limit of nights ({})", limit.clause);
        match (limit.kind, limit.months) {
            (NightLimitKind::Rolling, Some(1..=120)) | (NightLimitKind::SingleStay, None) => {}
            (NightLimitKind::Rolling, _) => problems.push(format!("{named} is rolling and needs months, from 1 to 120")),
            (NightLimitKind::SingleStay, Some(_)) => problems.push(format!("{named} is of a single stay and has no months")),
        }
        if limit.from.zip(limit.to).is_some_and(|(from, to)| to <= from) {
            problems.push(format!("{named} ends before it starts"));
        }
    }
    for (index, limit) in policy.limits.iter().enumerate() {
        for other in policy.limits[index + 1..].iter().filter(|other| limit.overlaps(other)) {
            problems.push(format!("two limits of nights of one kind apply on the same day: {} and {}", limit.clause, other.clause));
        }
    }
    let mut seen = BTreeSet::new();
    for threshold in &policy.warnings {
        if threshold.at == 0 {
            problems.push("a warning at no night at all warns of everybody".to_owned());
        }
        if !seen.insert(threshold.at) {
            problems.push(format!("nights are warned of twice at {}", threshold.at));
        }
    }
    if policy.acknowledged_by.as_ref().is_some_and(|named| named.posts.is_empty()) {
        problems.push("the rule of who acknowledges nights names no post; leave it out if there is none".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::{BadProfile, Profile};

    const TAMESIDE: &str = include_str!("../../profiles/tameside.toml");

    fn problems_with(more: &str) -> Vec<String> {
        match Profile::parse(&format!("{TAMESIDE}\n{more}")) {
            Ok(_) => Vec::new(),
            Err(BadProfile(problems)) => problems,
        }
    }

    fn limit(kind: &str, more: &str) -> String {
        format!("[[nights.limits]]\nkind = \"{kind}\"\nmost = 5\nsame_setting = false\n{more}\nclause = \"Cabinet\"\n")
    }

    #[test]
    fn limits_of_one_kind_do_not_overlap() {
        let two = "two limits of nights of one kind apply on the same day: ";
        assert!(problems_with(&limit("rolling", "months = 12"))[0].starts_with(two));
        assert!(problems_with(&limit("single_stay", "from = 2020-09-24\nto = 2020-09-26"))[0].starts_with(two));
        let gap = limit("single_stay", "from = 2020-04-24\nto = 2020-09-25");
        assert_eq!(problems_with(&gap), Vec::<String>::new());
        assert_eq!(problems_with(&format!("{gap}{gap}")).len(), 1);
    }

    #[test]
    fn a_rolling_limit_has_months_and_a_stay_has_none() {
        let within = "from = 2020-04-24\nto = 2020-09-25";
        assert_eq!(problems_with(&limit("single_stay", &format!("{within}\nmonths = 12"))).len(), 1);
        // A second rolling limit overlaps the first, and has a fault of its own.
        assert_eq!(problems_with(&limit("rolling", "")).len(), 2);
        assert_eq!(problems_with(&limit("rolling", "months = 0")).len(), 2);
        assert_eq!(
            problems_with(&limit("single_stay", "from = 2020-06-01\nto = 2020-06-01")),
            ["the limit of nights (Cabinet) ends before it starts"]
        );
    }

    #[test]
    fn nothing_is_limited_that_is_not_counted() {
        let line = TAMESIDE.lines().find(|line| line.starts_with("counts = { unit")).expect("there");
        let BadProfile(problems) = Profile::parse(&TAMESIDE.replace(line, "")).expect_err("a mistake");
        assert_eq!(problems, ["limits and warnings of nights need `counts`: nights or days"]);
    }

    #[test]
    fn thresholds_are_told_apart_and_posts_are_listed() {
        let threshold = |at: u16| format!("[[nights.warnings]]\nat = {at}\nclause = \"Cabinet\"\n");
        assert_eq!(problems_with(&threshold(60)), ["nights are warned of twice at 60"]);
        assert_eq!(problems_with(&threshold(0)).len(), 1);
        assert_eq!(problems_with(&threshold(70)), Vec::<String>::new());
        let named = TAMESIDE.lines().find(|line| line.starts_with("acknowledged_by = ")).expect("there");
        for (posts, said) in [
            ("[]", "the rule of who acknowledges nights names no post; leave it out if there is none"),
            ("[\"mayor\"]", "the post `mayor` is used and not listed"),
        ] {
            let text = TAMESIDE.replace(named, &format!("acknowledged_by = {{ posts = {posts}, clause = \"Cabinet\" }}"));
            let BadProfile(problems) = Profile::parse(&text).expect_err("a mistake");
            assert_eq!(problems, [said]);
        }
    }
}
