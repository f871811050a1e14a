//! The bands of age in which children are counted for the public.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// A band of age, as the Department for Education counts children in need, with the two youngest bands together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AgeBand {
    /// Up to 4 years.
    UnderFive,
    /// From 5 to 9 years.
    FiveToNine,
    /// From 10 to 15 years.
    TenToFifteen,
    /// 16 years and over.
    SixteenAndOver,
}

impl AgeBand {
    /// Every band, the youngest first.
    pub fn all() -> &'static [Self] {
        Self::VARIANTS
    }

    /// The band of a child on a day; none before the child is born.
    pub fn on(day: NaiveDate, date_of_birth: NaiveDate) -> Option<Self> {
        let age = day.years_since(date_of_birth)?;
        AgeBand::VARIANTS.iter().copied().find(|band| band.years().1.is_none_or(|last| age <= last))
    }

    /// Its first and last year of age, both included; the oldest band has no last.
    pub fn years(self) -> (u32, Option<u32>) {
        match self {
            AgeBand::UnderFive => (0, Some(4)),
            AgeBand::FiveToNine => (5, Some(9)),
            AgeBand::TenToFifteen => (10, Some(15)),
            AgeBand::SixteenAndOver => (16, None),
        }
    }

    /// The word in JSON and in the warehouse.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// As a table prints it.
    pub fn title(self) -> &'static str {
        match self {
            AgeBand::UnderFive => "Under 5",
            AgeBand::FiveToNine => "5 to 9",
            AgeBand::TenToFifteen => "10 to 15",
            AgeBand::SixteenAndOver => "16 and over",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_are_pinned() {
        let words: Vec<_> = AgeBand::VARIANTS.iter().map(|band| band.as_str()).collect();
        assert_eq!(words, ["under_five", "five_to_nine", "ten_to_fifteen", "sixteen_and_over"]);
    }

    #[test]
    fn bands_follow_one_another_without_a_gap() {
        for pair in AgeBand::VARIANTS.windows(2) {
            assert_eq!(pair[0].years().1.map(|last| last + 1), Some(pair[1].years().0));
        }
    }

    #[test]
    fn a_band_begins_on_the_birthday() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        for (born, on, expected) in [
            ("2024-04-01", "2024-03-31", None),
            ("2024-03-31", "2024-03-31", Some(AgeBand::UnderFive)),
            ("2019-04-01", "2024-03-31", Some(AgeBand::UnderFive)),
            ("2019-03-31", "2024-03-31", Some(AgeBand::FiveToNine)),
            ("2014-03-31", "2024-03-31", Some(AgeBand::TenToFifteen)),
            ("2008-04-01", "2024-03-31", Some(AgeBand::TenToFifteen)),
            ("2008-03-31", "2024-03-31", Some(AgeBand::SixteenAndOver)),
        ] {
            assert_eq!(AgeBand::on(day(on), day(born)), expected, "{born}");
        }
    }
}
