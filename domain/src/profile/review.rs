//! The profile's rules of the annual review: into which bands children's ages are put, and which birthdays move a child on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the annual review counts children by age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewPolicy {
    /// The bands of ages at the year's end.
    pub age_bands: AgeBands,
    /// The birthdays that move a child on; at least one.
    pub transitions: Vec<TransitionAge>,
}

/// Bands of ages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeBands {
    /// The youngest age of each band but the first, which begins at birth; in rising order.
    pub from_years: Vec<u16>,
    /// Where the authority says so.
    pub clause: String,
}

/// A birthday that moves a child on to the next stage of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionAge {
    /// Which birthday: 14.
    pub birthday: u16,
    /// Where the authority says so.
    pub clause: String,
}

/// A band of ages or of amounts: its code, and as a document prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Its code: `5_to_9`.
    pub code: String,
    /// As a document prints it: "5 to 9".
    pub label: String,
}

/// No document of a council prints bands. These are those of the Department for Education's tables of children in need (0 to 4, 5 to 9, 10 to 15, 16
/// and over), cut at the birthdays at which support moves on.
impl Default for ReviewPolicy {
    fn default() -> Self {
        let transition = |birthday, clause: &str| TransitionAge { birthday, clause: clause.to_owned() };
        ReviewPolicy {
            age_bands: AgeBands {
                from_years: vec![5, 10, 14, 16, 18],
                clause: "Department for Education, children in need (5 to 9, 10 to 15, 16 and over), cut at the birthdays of transition"
                    .to_owned(),
            },
            transitions: vec![
                transition(14, "SEND code of practice 2015, 8.9 (preparing for adulthood from year 9)"),
                transition(16, "Children and Families Act 2014 s.83(2) (a young person is over compulsory school age)"),
                transition(18, "Children Act 1989 s.105(1) (a child is under the age of eighteen)"),
            ],
        }
    }
}

impl AgeBands {
    /// Every band, the youngest first.
    pub fn all(&self) -> Vec<Band> {
        let starts = || std::iter::once(0).chain(self.from_years.iter().copied());
        let ends = self.from_years.iter().copied().map(Some).chain([None]);
        starts().zip(ends).map(|(from, next)| band(from, next)).collect()
    }

    /// The band of an age in whole years.
    pub fn of(&self, years: u32) -> Band {
        let is_reached = |from: &u16| u32::from(*from) <= years;
        let from = self.from_years.iter().copied().filter(is_reached).max().unwrap_or(0);
        let next = self.from_years.iter().copied().find(|next| !is_reached(next));
        band(from, next)
    }
}

fn band(from: u16, next: Option<u16>) -> Band {
    match next.map(|next| next - 1) {
        None => Band { code: format!("{from}_and_over"), label: format!("{from} and over") },
        Some(last) if last == from => Band { code: from.to_string(), label: from.to_string() },
        Some(last) => Band { code: format!("{from}_to_{last}"), label: format!("{from} to {last}") },
    }
}

/// Adds what is wrong with the section.
pub(super) fn check(review: &ReviewPolicy, problems: &mut Vec<String>) {
    let from_years = &review.age_bands.from_years;
    if from_years.first() == Some(&0) || !from_years.is_sorted_by(|a, b| a < b) {
        problems.push("`annual_review.age_bands` begin above 0 and rise: the first band begins at birth by itself".to_owned());
    }
    let birthdays: Vec<u16> = review.transitions.iter().map(|transition| transition.birthday).collect();
    if birthdays.is_empty() || birthdays.contains(&0) || !birthdays.is_sorted_by(|a, b| a < b) {
        problems.push("`annual_review.transitions` names at least one birthday, each once, in rising order".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{BadProfile, Profile};

    fn with(section: &str) -> Result<Profile, BadProfile> {
        let text = include_str!("../../profiles/manchester.toml");
        Profile::parse(&format!("{text}\n{section}"))
    }

    #[test]
    fn ages_fall_into_the_band_that_their_years_are_in() {
        let bands = ReviewPolicy::default().age_bands;
        let labels: Vec<_> = bands.all().into_iter().map(|band| band.label).collect();
        assert_eq!(labels, ["0 to 4", "5 to 9", "10 to 13", "14 to 15", "16 to 17", "18 and over"]);
        for (years, expected) in
            [(0, "0_to_4"), (4, "0_to_4"), (5, "5_to_9"), (13, "10_to_13"), (14, "14_to_15"), (17, "16_to_17"), (25, "18_and_over")]
        {
            assert_eq!(bands.of(years).code, expected, "{years}");
            assert!(bands.all().contains(&bands.of(years)), "{years}");
        }
        let single = AgeBands { from_years: vec![1, 2], clause: String::new() };
        assert_eq!(single.all().into_iter().map(|band| band.code).collect::<Vec<_>>(), ["0", "1", "2_and_over"]);
    }

    #[test]
    fn bands_that_do_not_rise_and_no_birthday_at_all_are_told() {
        let transition = "[[annual_review.transitions]]\nbirthday = 14\nclause = \"F1\"\n";
        let section = |bands: &str| format!("[annual_review]\nage_bands = {{ from_years = {bands}, clause = \"F1\" }}\n");
        for (wrong, said) in [
            (section("[0, 5]") + transition, "begin above 0 and rise"),
            (section("[5, 5]") + transition, "begin above 0 and rise"),
            (section("[9, 5]") + transition, "begin above 0 and rise"),
            (section("[5]") + "transitions = []\n", "names at least one birthday"),
            (section("[5]") + transition + transition, "names at least one birthday"),
        ] {
            let problems = with(&wrong).expect_err(said).to_string();
            assert!(problems.contains(said), "{wrong}: {problems}");
        }
        let own = with(&(section("[11]") + transition)).expect("sound").annual_review;
        assert_eq!((own.age_bands.all().len(), own.transitions.len()), (2, 1));
        assert_eq!(with("").expect("sound").annual_review, ReviewPolicy::default());
    }
}
