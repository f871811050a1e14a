//! Children: how old one may be, for which ages support is bought, and that a child leaves.

pub mod age_band;
pub mod ages;
pub mod leaving;

use crate::FieldError;
use chrono::NaiveDate;

/// Nobody older has an education, health and care plan (Children and Families Act 2014 s.46); a birth before is a slip.
const OLDEST_YEARS: u32 = 25;

/// A date of birth that cannot be a child's on a day.
pub fn birth_mistake(date_of_birth: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    // No age at all: born after today.
    if today.years_since(date_of_birth).is_some_and(|age| age <= OLDEST_YEARS) {
        return None;
    }
    let detail = format!("a date of birth is not in the future, and not more than {OLDEST_YEARS} years ago");
    Some(FieldError::new("/date_of_birth", "out_of_range", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_born_and_not_older_than_twenty_five() {
        let day = |text: &str| text.parse().expect("a date");
        for (born, is_taken) in [
            ("2024-05-02", true),
            ("2024-05-03", false),
            ("2010-01-31", true),
            ("1999-05-02", true),
            ("1998-05-03", true),
            ("1998-05-02", false),
            ("1900-01-01", false),
        ] {
            let mistake = birth_mistake(day(born), day("2024-05-02"));
            assert_eq!(mistake.is_none(), is_taken, "{born}");
            assert!(mistake.is_none_or(|mistake| mistake.code == "out_of_range"), "{born}");
        }
    }
}
