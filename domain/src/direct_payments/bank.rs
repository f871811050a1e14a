//! How a bank account and its payee are referred to: never so that money could be moved with it.

use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A bank account by its last four digits, `****4321`. Nothing else can be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct MaskedBankReference(pub String);

impl TryFrom<String> for MaskedBankReference {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let last = text.strip_prefix("****").unwrap_or_default();
        if last.len() == 4 && last.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(MaskedBankReference(text))
        } else {
            Err("four asterisks and the account number's last four digits; no sort code and no whole number is kept here")
        }
    }
}

impl ToSchema for MaskedBankReference {}

impl PartialSchema for MaskedBankReference {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A bank account by the last four digits of its number"))
            .pattern(Some(r"^\*{4}[0-9]{4}$"))
            .examples(["****4321"])
            .into()
    }
}

/// A reference as the finance system writes it, of an account, a payee or a receipt: 1 to 30 letters, digits, hyphens and slashes, a
/// letter or digit first, and no bank details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct FinanceReference(pub String);

impl TryFrom<String> for FinanceReference {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'/';
        let starts_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        if text.len() > 30 || !starts_well || !text.bytes().all(is_sign) {
            return Err("1 to 30 letters, digits, hyphens and slashes, a letter or digit first");
        }
        if looks_like_bank_details(&text) { Err("this looks like a sort code or an account number") } else { Ok(FinanceReference(text)) }
    }
}

impl ToSchema for FinanceReference {}

impl PartialSchema for FinanceReference {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A reference as the finance system writes it; no bank details"))
            .pattern(Some("^[A-Za-z0-9][A-Za-z0-9/-]{0,29}$"))
            .examples(["V-20417"])
            .into()
    }
}

/// Whether a text holds what looks like a sort code (three pairs of digits) or an account number (eight digits or more, whatever
/// stands between them). A day such as 2024-03-31 has eight digits and is none.
pub fn looks_like_bank_details(text: &str) -> bool {
    let mut groups: Vec<String> = vec![String::new()];
    for sign in text.chars() {
        if sign.is_ascii_digit() {
            if let Some(group) = groups.last_mut() {
                group.push(sign);
            }
        } else if !matches!(sign, ' ' | '-' | '/' | '.') {
            // A letter breaks a number off: two empty groups never join.
            groups.push(String::new());
            groups.push(String::new());
        } else if groups.last().is_some_and(|group| !group.is_empty()) {
            groups.push(String::new());
        }
    }
    groups.split(|group| group.is_empty()).any(|number| {
        let is_day = matches!(number, [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2)
            || (year.len(), month.len(), day.len()) == (2, 2, 4));
        let is_sort_code = number.windows(3).any(|pairs| pairs.iter().all(|pair| pair.len() == 2));
        let digits: usize = number.iter().map(String::len).sum();
        !is_day && (is_sort_code || digits >= 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_digits_behind_four_asterisks_are_a_reference() {
        assert!(MaskedBankReference::try_from("****4321".to_owned()).is_ok());
        for whole in [
            "",
            "4321",
            "12344321",
            "****54321",
            "***44321",
            "12-34-56",
            "****432a",
            "12-34-56 ****4321",
            "xxxx4321",
            "****4321 ",
            "****４３２１",
        ] {
            assert!(MaskedBankReference::try_from(whole.to_owned()).is_err(), "{whole}");
        }
    }

    #[test]
    fn a_reference_holds_no_bank_details() {
        for right in ["V-20417", "1234567", "A/2024-1", "P12345678901".get(..6).unwrap_or_default()] {
            assert!(FinanceReference::try_from(right.to_owned()).is_ok(), "{right}");
        }
        for wrong in ["", "-1", "=A1", "12345678", "12-34-56", "V/12-34-56", "P12345678", "a b", &"x".repeat(31), "1234-5678"] {
            assert!(FinanceReference::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bank_details_are_seen_in_a_sentence_and_days_are_not() {
        for wrong in ["paid into 12 34 56 by hand", "account 12345678", "1234 5678", "sort code 20-00-00.", "GB29NWBK60161331926819"] {
            assert!(looks_like_bank_details(wrong), "{wrong}");
        }
        for right in ["from 2024-03-31 on", "31/03/2024", "moved on 3 June", "£1,200.50 of 52 weeks", "item 1234567", ""] {
            assert!(!looks_like_bank_details(right), "{right}");
        }
    }
}
