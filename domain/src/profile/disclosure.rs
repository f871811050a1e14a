//! The profile's rules of what is too small to publish.

use super::number::Number;
use crate::disclosure::DisclosureRule;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which counts a publication withholds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisclosurePolicy {
    /// Counts from 1 to this are withheld.
    pub withhold_up_to: Number,
    /// The fewest values that a withheld count can have for all that a reader can work out; absent, as many as small counts have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowest_width: Option<Number>,
}

impl DisclosurePolicy {
    /// The rule.
    pub fn rule(&self) -> DisclosureRule {
        let withhold_up_to = self.withhold_up_to.value;
        let narrowest_width = self.narrowest_width.as_ref().map_or(withhold_up_to, |width| width.value);
        DisclosureRule { withhold_up_to, narrowest_width }
    }
}

/// Everything wrong with these rules.
pub(super) fn check(policy: Option<&DisclosurePolicy>, problems: &mut Vec<String>) {
    let Some(DisclosureRule { withhold_up_to, narrowest_width }) = policy.map(DisclosurePolicy::rule) else { return };
    if !(2..=100).contains(&withhold_up_to) {
        problems.push("`withhold_up_to` is from 2 to 100: a limit of 1 would tell each count that it withholds".to_owned());
    } else if !(2..=withhold_up_to).contains(&narrowest_width) {
        problems.push(format!("`narrowest_width` is from 2 to {withhold_up_to}: a small count has no more values than that"));
    }
}

#[cfg(test)]
mod tests {
    use crate::disclosure::DisclosureRule;
    use crate::profile::{BadProfile, Profile};

    const TAMESIDE: &str = include_str!("../../profiles/tameside.toml");

    fn with(limit: &str, more: &str) -> Result<Profile, BadProfile> {
        let line = TAMESIDE.lines().find(|line| line.starts_with("withhold_up_to = ")).expect("there");
        Profile::parse(&TAMESIDE.replace(line, &format!("withhold_up_to = {{ value = {limit}, clause = \"Cabinet\" }}\n{more}")))
    }

    #[test]
    fn a_limit_leaves_more_than_one_value_and_no_width_is_above_it() {
        let width = |value: &str| format!("narrowest_width = {{ value = {value}, clause = \"Cabinet\" }}");
        for (limit, more, said) in [
            ("0", String::new(), "`withhold_up_to` is from 2 to 100"),
            ("1", String::new(), "`withhold_up_to` is from 2 to 100"),
            ("101", String::new(), "`withhold_up_to` is from 2 to 100"),
            ("4", width("5"), "`narrowest_width` is from 2 to 4"),
            ("4", width("1"), "`narrowest_width` is from 2 to 4"),
        ] {
            let BadProfile(problems) = with(limit, &more).expect_err("a mistake");
            assert!(problems.len() == 1 && problems[0].contains(said), "{limit} {more}: {problems:?}");
        }
        let rule = |limit: &str, more: &str| with(limit, more).expect("sound").disclosure.expect("there").rule();
        assert_eq!(rule("4", ""), DisclosureRule { withhold_up_to: 4, narrowest_width: 4 });
        assert_eq!(rule("4", &width("3")), DisclosureRule { withhold_up_to: 4, narrowest_width: 3 });
    }

    #[test]
    fn every_bundled_profile_says_what_is_too_small() {
        for code in ["tameside", "kirklees", "warwickshire", "manchester", "knowsley"] {
            let rule = Profile::bundled(code).expect("sound").disclosure.expect("there").rule();
            assert_eq!(rule, DisclosureRule { withhold_up_to: 5, narrowest_width: 5 }, "{code}");
        }
    }
}
