//! Pages of a list: newest last, a cursor to go on with, and the same cost for the last page as for the first.

use crate::error::Error;
use domain::{Code, FieldError};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// The most records on a page.
pub const MOST: i64 = 500;
/// Records on a page that names no limit.
pub const DEFAULT: i64 = 50;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The records, in the order they were made.
    pub items: Vec<T>,
    /// Give it as `cursor` to read on; null on the last page.
    pub next_cursor: Option<String>,
}

/// How many records, checked: 1 to 500.
#[derive(Debug, Clone, Copy)]
pub struct Limit(i64);

impl Default for Limit {
    fn default() -> Self {
        Limit(DEFAULT)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wanted = i64::deserialize(deserializer)?;
        if (1..=MOST).contains(&wanted) { Ok(Limit(wanted)) } else { Err(serde::de::Error::custom(format!("from 1 to {MOST}"))) }
    }
}

impl Limit {
    /// One more than the page holds: whether it comes tells if there is a next page.
    pub fn and_one(self) -> i64 {
        self.0 + 1
    }

    /// Cuts the surplus record off and makes the cursor of the last one kept.
    pub fn page<T>(self, mut rows: Vec<T>, key: impl Fn(&T) -> String) -> Page<T> {
        let most = usize::try_from(self.0).unwrap_or_default();
        let has_more = rows.len() > most;
        rows.truncate(most);
        let next_cursor = if has_more { rows.last().map(|row| encode(&key(row))) } else { None };
        Page { items: rows, next_cursor }
    }
}

/// Where a page starts: after the record this names.
#[derive(Debug, Clone, Default)]
pub struct Cursor(Option<String>);

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match decode(&text) {
            Some(key) => Ok(Cursor(Some(key))),
            None => Err(serde::de::Error::custom("not a cursor that a page gave")),
        }
    }
}

impl Cursor {
    /// The key to read on after; before every key when there is none, since keys are not empty.
    pub fn after(self) -> String {
        self.0.unwrap_or_default()
    }

    /// The same, for lists whose key is a number.
    pub fn after_number(self) -> Result<i64, Error> {
        let Some(key) = self.0 else { return Ok(0) };
        key.parse().map_err(|_| foreign_cursor())
    }

    /// The same, for lists in the order recorded.
    pub fn after_record(self) -> Result<After, Error> {
        let Some(key) = self.0 else { return Ok(After { seq: 0, id: String::new() }) };
        let (seq, id) = key.split_once(' ').ok_or_else(foreign_cursor)?;
        Ok(After { seq: seq.parse().map_err(|_| foreign_cursor())?, id: id.to_owned() })
    }
}

fn foreign_cursor() -> Error {
    let detail = "not a cursor that a page of this list gave";
    Error::with_errors(Code::InvalidParameter, vec![FieldError::new("?cursor", "invalid", detail)])
}

/// A record's place in the order recorded: by the number of its write, then by id. Writers take turns, so nothing is ever
/// recorded before a place that a reader has passed.
pub struct After {
    /// The write's number.
    pub seq: i64,
    /// The record's id.
    pub id: String,
}

impl After {
    /// The place as a cursor holds it.
    pub fn key(seq: i64, id: &str) -> String {
        format!("{seq} {id}")
    }
}

/// Hexadecimal keeps a cursor opaque enough not to be made by hand, and safe in a URL.
fn encode(key: &str) -> String {
    db::audit::hex(key.as_bytes())
}

fn decode(cursor: &str) -> Option<String> {
    if cursor.len() > 400 || !cursor.len().is_multiple_of(2) || !cursor.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = (0..cursor.len()).step_by(2).map(|at| u8::from_str_radix(&cursor[at..at + 2], 16).ok()).collect();
    String::from_utf8(bytes?).ok().filter(|key| !key.chars().any(char::is_control))
}

/// The page of worked-out rows after a key, in the order of their keys.
pub(crate) fn page_of<T>(limit: Limit, rows: Vec<T>, after: &str, key: impl Fn(&T) -> String) -> Page<T> {
    let mut keyed: Vec<(String, T)> = rows.into_iter().map(|row| (key(&row), row)).filter(|(key, _)| key.as_str() > after).collect();
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    let page = limit.page(keyed, |(key, _)| key.clone());
    Page { items: page.items.into_iter().map(|(_, row)| row).collect(), next_cursor: page.next_cursor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        assert_eq!(decode(&encode("2023-24")).as_deref(), Some("2023-24"));
        for bad in ["0", "zz", "+1", "00", "ff", "é"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_page_knows_whether_there_is_another() {
        let limit = Limit(2);
        assert_eq!(limit.page(vec![1, 2], ToString::to_string).next_cursor, None);
        let page = limit.page(vec![1, 2, 3], ToString::to_string);
        assert_eq!((page.items, page.next_cursor), (vec![1, 2], Some(encode("2"))));
    }
}
