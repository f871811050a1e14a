//! What the public is told of a provider: what is offered, of which kind, and how the organisation is reached.

use crate::column::word_column;
use crate::{FieldError, FinancialYear};
use chrono::NaiveDate;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// A kind of short break, as the Regulations of 2011 (SI 2011/707, reg 4) tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum RangeKind {
    /// Day-time care in the child's own home.
    DayCareAtHome,
    /// Day-time care elsewhere.
    DayCareElsewhere,
    /// Overnight care in the child's own home.
    OvernightAtHome,
    /// Overnight care elsewhere.
    OvernightElsewhere,
    /// Educational or leisure activities outside the home.
    EducationalOrLeisure,
    /// Services in the evenings, at weekends and in school holidays.
    EveningsWeekendsHolidays,
}

word_column!(RangeKind);

impl RangeKind {
    /// Every kind, in the statement's order.
    pub fn all() -> &'static [RangeKind] {
        RangeKind::VARIANTS
    }

    /// What it is called in the statement.
    pub fn title(self) -> &'static str {
        match self {
            RangeKind::DayCareAtHome => "Day care at home",
            RangeKind::DayCareElsewhere => "Day care elsewhere",
            RangeKind::OvernightAtHome => "Overnight care at home",
            RangeKind::OvernightElsewhere => "Overnight care elsewhere",
            RangeKind::EducationalOrLeisure => "Educational or leisure activities",
            RangeKind::EveningsWeekendsHolidays => "Evenings, weekends and school holidays",
        }
    }
}

/// For which ages something is, in words: "For ages 5 to 17"; none, for any.
pub fn ages_in_words(from_age_years: Option<i64>, to_age_years: Option<i64>) -> Option<String> {
    match (from_age_years, to_age_years) {
        (Some(from), Some(to)) if from == to => Some(format!("For age {from}")),
        (Some(from), Some(to)) => Some(format!("For ages {from} to {to}")),
        (Some(from), None) => Some(format!("From age {from}")),
        (None, Some(to)) => Some(format!("Up to age {to}")),
        (None, None) => None,
    }
}

/// What an entry says of ages, contact and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryFacts<'e> {
    /// A telephone number.
    pub phone: Option<&'e str>,
    /// An e-mail address.
    pub email: Option<&'e str>,
    /// A page on the web.
    pub link: Option<&'e str>,
    /// The youngest it is for.
    pub from_age_years: Option<i64>,
    /// The oldest it is for, this included.
    pub to_age_years: Option<i64>,
    /// The first day it is offered.
    pub valid_from: NaiveDate,
    /// The first day it is no longer offered.
    pub valid_to: Option<NaiveDate>,
}

/// The oldest that services for children reach.
const OLDEST_YEARS: i64 = 25;

impl EntryFacts<'_> {
    /// Everything that is wrong with it.
    pub fn mistakes(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.phone.is_none() && self.email.is_none() && self.link.is_none() {
            errors.push(FieldError::new("/link", "required", "say how families reach it: a telephone number, an e-mail address or a link"));
        }
        if self.phone.is_some_and(|phone| !is_phone(phone)) {
            errors.push(FieldError::new("/phone", "format", "a telephone number is written in digits, such as 0161 496 0123"));
        }
        if self.email.is_some_and(|email| !is_email(email)) {
            errors.push(FieldError::new("/email", "format", "an e-mail address is written like office@example.org"));
        }
        if self.link.is_some_and(|link| !is_link(link)) {
            errors.push(FieldError::new("/link", "format", "a link begins with https:// and has no spaces"));
        }
        errors.extend(self.age_mistake());
        errors.extend(self.day_mistake());
        errors
    }

    fn age_mistake(&self) -> Option<FieldError> {
        let is_out = |age: i64| !(0..=OLDEST_YEARS).contains(&age);
        if let Some((pointer, _)) = [("/from_age_years", self.from_age_years), ("/to_age_years", self.to_age_years)]
            .into_iter()
            .find(|(_, age)| age.is_some_and(is_out))
        {
            return Some(FieldError::new(pointer, "out_of_range", format!("an age is from 0 to {OLDEST_YEARS}")));
        }
        match (self.from_age_years, self.to_age_years) {
            (Some(from), Some(to)) if from > to => {
                Some(FieldError::new("/to_age_years", "before_from", "the oldest is younger than the youngest"))
            }
            _ => None,
        }
    }

    fn day_mistake(&self) -> Option<FieldError> {
        let days = [("/valid_from", Some(self.valid_from)), ("/valid_to", self.valid_to)];
        if let Some((pointer, error)) = days.into_iter().find_map(|(pointer, day)| Some((pointer, day.map(FinancialYear::of)?.err()?))) {
            return Some(FieldError::new(pointer, "out_of_range", error.to_string()));
        }
        // An entry recorded by mistake ends on the day it begins.
        let ends_early = self.valid_to.is_some_and(|to| to < self.valid_from);
        ends_early.then(|| FieldError::new("/valid_to", "before_start", "it ends before it begins"))
    }
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (6..=15).contains(&digits) && text.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, ' ' | '+' | '(' | ')' | '-'))
}

fn is_email(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|sign| sign.is_ascii_alphanumeric() || "._%+-".contains(sign));
    text.split_once('@').is_some_and(|(own, host)| is_word(own) && is_host(host))
}

fn is_host(host: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && !label.starts_with('-') && label.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    host.contains('.') && host.split('.').all(is_label)
}

fn is_link(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    is_host(host) && rest.chars().all(|sign| sign.is_ascii_graphic() && !matches!(sign, '<' | '>' | '"' | '`' | '\\' | '{' | '}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_as_it_always_stood() {
        let words: Vec<_> = RangeKind::VARIANTS.iter().map(RangeKind::as_str).collect();
        assert_eq!(
            words.join(" "),
            "day_care_at_home day_care_elsewhere overnight_at_home overnight_elsewhere educational_or_leisure \
             evenings_weekends_holidays"
        );
    }

    #[test]
    fn an_entry_says_how_it_is_reached_for_whom_and_when() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let sound = EntryFacts {
            phone: Some("0161 496 0123"),
            email: Some("office@play.example.org"),
            link: Some("https://play.example.org/breaks?age=5#top"),
            from_age_years: Some(5),
            to_age_years: Some(18),
            valid_from: day("2024-04-01"),
            valid_to: None,
        };
        let nowhere = EntryFacts { phone: None, email: None, link: None, ..sound };
        for (entry, told) in [
            (sound, ""),
            (EntryFacts { phone: Some("+44 (161) 496-0123"), email: None, link: None, ..sound }, ""),
            (nowhere, "/link required"),
            (EntryFacts { phone: Some("ring the bell"), ..sound }, "/phone format"),
            (EntryFacts { phone: Some("12345"), ..sound }, "/phone format"),
            (EntryFacts { email: Some("office at play"), ..sound }, "/email format"),
            (EntryFacts { email: Some("office@localhost"), ..sound }, "/email format"),
            (EntryFacts { email: Some("a@b@example.org"), ..sound }, "/email format"),
            (EntryFacts { link: Some("http://play.example.org"), ..sound }, "/link format"),
            (EntryFacts { link: Some("javascript:alert(1)"), ..sound }, "/link format"),
            (EntryFacts { link: Some("https://play.example.org/a b"), ..sound }, "/link format"),
            (EntryFacts { link: Some("https://\"><script>"), ..sound }, "/link format"),
            (EntryFacts { link: Some("https://name@play.example.org"), ..sound }, "/link format"),
            (EntryFacts { from_age_years: Some(-1), ..sound }, "/from_age_years out_of_range"),
            (EntryFacts { to_age_years: Some(26), ..sound }, "/to_age_years out_of_range"),
            (EntryFacts { from_age_years: Some(11), to_age_years: Some(10), ..sound }, "/to_age_years before_from"),
            (EntryFacts { from_age_years: Some(11), to_age_years: Some(11), ..sound }, ""),
            (EntryFacts { valid_from: day("1900-01-01"), ..sound }, "/valid_from out_of_range"),
            (EntryFacts { valid_to: Some(day("2024-03-31")), ..sound }, "/valid_to before_start"),
            (EntryFacts { valid_to: Some(day("2024-04-01")), ..sound }, ""),
        ] {
            let found: Vec<_> = entry.mistakes().iter().map(|error| format!("{} {}", error.pointer, error.code)).collect();
            assert_eq!(found.join(", "), told, "{entry:?}");
        }
    }
}
