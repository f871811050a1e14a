//! The numbers under which charities and companies are registered, and the organisation ids made of them.
//!
//! Only the form is checked: these numbers have no check digit. The forms are the registers' own: the Charity Commission for England and
//! Wales (six or seven digits, a linked charity with `-N` after them), the Scottish register (`SC` and six digits), the Charity
//! Commission for Northern Ireland (`NIC` and six digits), and Companies House (eight digits, or a prefix it documents and six).

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// The register a number is on. Where an organisation is published under one id, the first of these that it has counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum RegistrationKind {
    /// A charity of England and Wales.
    Charity,
    /// A charity of Scotland.
    CharityScotland,
    /// A charity of Northern Ireland.
    CharityNorthernIreland,
    /// A company, or another body that Companies House registers.
    Company,
    /// A community interest company, which is registered as a company is.
    Cic,
}

word_column!(RegistrationKind);

impl RegistrationKind {
    /// Every register, in the order in which an organisation's id is taken from them.
    pub fn all() -> &'static [Self] {
        Self::VARIANTS
    }
}

/// A number in the form its register writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The register.
    pub kind: RegistrationKind,
    /// The number, in capitals and padded to its full length.
    pub number: String,
}

/// Why a number cannot be of its register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNumber {
    /// Not a charity number of England and Wales.
    #[error("a charity number of England and Wales is six or seven digits, the first not 0; a linked charity has -1 to -999 after it")]
    Charity,
    /// Not one of Scotland.
    #[error("a Scottish charity number is SC and six digits")]
    CharityScotland,
    /// Not one of Northern Ireland.
    #[error("a Northern Irish charity number is NIC and six digits")]
    CharityNorthernIreland,
    /// Not a company number.
    #[error("a company number is eight digits (fewer are padded with noughts in front) or a prefix such as SC, NI or OC and six digits")]
    Company,
    /// The form of a company number, with a prefix that Companies House does not use.
    #[error("no company number starts with these two letters")]
    Prefix,
}

/// The prefixes that Companies House documents for its numbers ("Uniform Resource Identifiers, customer guide", and the overseas
/// entities since 2022). `R0` is Northern Ireland's before its partition.
const PREFIXES: [&str; 39] = [
    "AC", "CE", "CS", "EN", "ES", "FC", "FE", "GE", "GN", "GS", "IC", "IP", "LP", "NA", "NC", "NF", "NI", "NL", "NO", "NP", "NR", "NV",
    "NZ", "OC", "OE", "PC", "R0", "RC", "RS", "SA", "SC", "SE", "SF", "SG", "SI", "SL", "SO", "SP", "SR",
];
/// Registered societies that Companies House lists with five digits and an R after them.
const SOCIETIES: [&str; 2] = ["IP", "SP"];
/// Further prefixes of bodies that no law obliges to register with Companies House.
const UNREGISTERED: [&str; 2] = ["SZ", "ZC"];

impl Registration {
    /// Reads a number as people write it: spaces are left out, letters become capitals, a company's missing noughts are put in front.
    pub fn parse(kind: RegistrationKind, text: &str) -> Result<Self, BadNumber> {
        let number: String = text.chars().filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase()).collect();
        let number = match kind {
            RegistrationKind::Charity if is_charity(&number) => number,
            RegistrationKind::CharityScotland if is_six_after("SC", &number) => number,
            RegistrationKind::CharityNorthernIreland if is_six_after("NIC", &number) => number,
            RegistrationKind::Company | RegistrationKind::Cic => company(number)?,
            RegistrationKind::Charity => return Err(BadNumber::Charity),
            RegistrationKind::CharityScotland => return Err(BadNumber::CharityScotland),
            RegistrationKind::CharityNorthernIreland => return Err(BadNumber::CharityNorthernIreland),
        };
        Ok(Registration { kind, number })
    }

    /// The organisation's id as the 360Giving standard has it: `GB-CHC-1234567`, `GB-COH-01234567`.
    pub fn org_id(&self) -> String {
        let register = match self.kind {
            RegistrationKind::Charity => "GB-CHC",
            RegistrationKind::CharityScotland => "GB-SC",
            RegistrationKind::CharityNorthernIreland => "GB-NIC",
            RegistrationKind::Company | RegistrationKind::Cic => "GB-COH",
        };
        // The register's own letters are in its code already.
        let number = match self.kind {
            RegistrationKind::CharityNorthernIreland => self.number.trim_start_matches("NIC"),
            _ => &self.number,
        };
        format!("{register}-{number}")
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_charity(number: &str) -> bool {
    let (main, linked) = number.split_once('-').map_or((number, None), |(main, linked)| (main, Some(linked)));
    let is_main = (6..=7).contains(&main.len()) && is_digits(main) && !main.starts_with('0');
    is_main && linked.is_none_or(|linked| linked.len() <= 3 && is_digits(linked) && !linked.starts_with('0'))
}

fn is_six_after(prefix: &str, number: &str) -> bool {
    number.strip_prefix(prefix).is_some_and(|digits| digits.len() == 6 && is_digits(digits) && digits != "000000")
}

fn company(number: String) -> Result<String, BadNumber> {
    if is_digits(&number) {
        let padded = format!("{number:0>8}");
        return if padded.len() == 8 && padded != "00000000" { Ok(padded) } else { Err(BadNumber::Company) };
    }
    // Not at a byte that a character of several goes through.
    let (Some(prefix), Some(rest)) = (number.get(..2), number.get(2..)) else { return Err(BadNumber::Company) };
    let is_society = || SOCIETIES.contains(&prefix) && rest.len() == 6 && rest.strip_suffix('R').is_some_and(is_digits);
    if !is_six_after(prefix, &number) && !is_society() {
        return Err(BadNumber::Company);
    }
    if PREFIXES.contains(&prefix) || UNREGISTERED.contains(&prefix) { Ok(number) } else { Err(BadNumber::Prefix) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(kind: RegistrationKind, text: &str) -> Result<String, BadNumber> {
        Registration::parse(kind, text).map(|registration| registration.org_id())
    }

    #[test]
    fn every_word_is_pinned() {
        let words: Vec<_> = RegistrationKind::VARIANTS.iter().map(RegistrationKind::as_str).collect();
        assert_eq!(words, ["charity", "charity_scotland", "charity_northern_ireland", "company", "cic"]);
    }

    #[test]
    fn numbers_become_organisation_ids() {
        use RegistrationKind as K;
        for (kind, text, expected) in [
            (K::Charity, "1164883", "GB-CHC-1164883"),
            (K::Charity, "210 987", "GB-CHC-210987"),
            (K::Charity, "1164883-12", "GB-CHC-1164883-12"),
            (K::CharityScotland, "sc012345", "GB-SC-SC012345"),
            (K::CharityNorthernIreland, "NIC100002", "GB-NIC-100002"),
            (K::Company, "9668396", "GB-COH-09668396"),
            (K::Company, "1", "GB-COH-00000001"),
            (K::Company, "sc 123456", "GB-COH-SC123456"),
            (K::Company, "R0000123", "GB-COH-R0000123"),
            (K::Company, "IP27417R", "GB-COH-IP27417R"),
            (K::Cic, "08012345", "GB-COH-08012345"),
        ] {
            assert_eq!(id(kind, text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused_with_what_the_form_is() {
        use RegistrationKind as K;
        for text in ["", "12345", "12345678", "0123456", "1164883-", "1164883-0", "1164883-1000", "1164883-1-1", "11648é3", "١١٦٤٨٨٣"]
        {
            assert_eq!(id(K::Charity, text), Err(BadNumber::Charity), "{text}");
        }
        for text in ["", "0", "00000000", "123456789", "SC12345", "SC1234567", "SC000000", "é23456", "SC-12345", "SC27417R", "NI00000é"] {
            assert_eq!(id(K::Company, text), Err(BadNumber::Company), "{text}");
        }
        assert_eq!(id(K::Company, "QQ123456"), Err(BadNumber::Prefix));
        assert_eq!(id(K::CharityScotland, "1164883"), Err(BadNumber::CharityScotland));
        assert_eq!(id(K::CharityNorthernIreland, "100002"), Err(BadNumber::CharityNorthernIreland));
    }

    proptest! {
        #[test]
        fn a_company_number_is_eight_characters_and_reads_as_itself(digits in 1_u32..100_000_000) {
            let number = Registration::parse(RegistrationKind::Company, &digits.to_string()).expect("digits").number;
            prop_assert_eq!(number.len(), 8);
            prop_assert_eq!(number.parse::<u32>().expect("digits"), digits);
            prop_assert_eq!(Registration::parse(RegistrationKind::Company, &number).expect("itself").number, number);
        }

        #[test]
        fn whatever_is_read_is_plain_and_stays_as_it_is(kind in prop::sample::select(RegistrationKind::VARIANTS), text in "[0-9A-Za-z -]{0,12}|\\PC{0,12}") {
            if let Ok(read) = Registration::parse(kind, &text) {
                prop_assert!(read.number.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'-'));
                prop_assert_eq!(Registration::parse(kind, &read.number).expect("itself"), read);
            }
        }
    }
}
