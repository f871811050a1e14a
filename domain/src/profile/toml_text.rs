//! Codes and dates as a profile's file has them.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;

/// Checks that codes are lower-case words and unique; returns them.
pub(super) fn codes<'p>(kind: &str, all: impl Iterator<Item = &'p String>, problems: &mut Vec<String>) -> BTreeSet<&'p str> {
    let mut seen = BTreeSet::new();
    for code in all {
        if !is_code(code) {
            problems.push(format!("{kind} code `{code}`: use lower-case letters, digits and underscores, 2 to 60 of them, a letter first"));
        }
        if !seen.insert(code.as_str()) {
            problems.push(format!("{kind} code `{code}` is listed twice"));
        }
    }
    seen
}

/// Whether a text may serve as a code: a lower-case letter, then letters, digits and underscores, 2 to 60 in all.
pub fn is_code(text: &str) -> bool {
    (2..=60).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Reads a TOML date or an ISO 8601 string.
pub(crate) fn toml_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Toml(toml::value::Datetime),
        Text(String),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Toml(date) => date.to_string(),
        Written::Text(text) => text,
    };
    text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not a date like 2023-09-04")))
}

/// Reads a date that may be left out; to be used with `#[serde(default)]`.
pub(super) fn optional_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    toml_date(deserializer).map(Some)
}
