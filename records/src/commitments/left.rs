//! What is asked for a child who leaves counts for the days before.

use crate::children::leaving::left_on_by_request_line;
use crate::error::Error;
use crate::requests::RequestLine;
use chrono::NaiveDate;
use db::AnyConnection;
use domain::children::leaving::before_leaving;
use std::collections::HashMap;

/// The first days without support of children who leave, by request line.
pub(crate) struct Left(HashMap<String, NaiveDate>);

impl Left {
    /// Those of the children of these lines.
    pub(crate) fn read<'l>(connection: &mut AnyConnection, lines: impl Iterator<Item = &'l RequestLine>) -> Result<Self, Error> {
        let ids: Vec<&str> = lines.map(|line| line.id.as_str()).collect();
        Ok(Left(left_on_by_request_line(connection, &ids)?))
    }

    /// A line over the days before its child leaves; none, it has none.
    pub(crate) fn before(&self, line: RequestLine) -> Option<RequestLine> {
        let Some(left_on) = self.0.get(&line.id) else { return Some(line) };
        let terms = before_leaving(line.costed(), *left_on)?;
        Some(RequestLine { valid_to: terms.valid_to, ..line })
    }
}
