//! Reading what commitments follow from, with its history: every version and every row that takes another back.

use super::left;
use super::pending::{self, PendingLine};
use crate::error::Error;
use chrono::NaiveDateTime;
use db::AnyConnection;
use domain::TimeZone;
use domain::commitments::{OwnerKind, Recorded};
use records::commitments::recorded::{self, Asked};
use std::collections::{BTreeMap, HashMap, HashSet};

/// All of it, as recorded before an instant.
pub(crate) struct Commitments {
    /// What the books are made of.
    pub(super) recorded: Recorded,
    pub(super) pending: Vec<PendingLine>,
}

/// Reads all of it. `before` is the instant from which on nothing recorded counts.
pub(crate) fn read(connection: &mut AnyConnection, before: NaiveDateTime, zone: TimeZone) -> Result<Commitments, Error> {
    let recorded = recorded::read(connection, &Asked { before: Some(before), zone, book: None })?;
    let pending = pending::read(connection, before, zone, &recorded.versions)?;
    Ok(Commitments { pending: left::before_leaving(connection, before, zone, pending)?, recorded })
}

impl Commitments {
    /// The arrangement of each line, by the first line's id.
    pub(crate) fn arrangements(&self) -> HashMap<&str, &str> {
        self.recorded.versions.iter().map(|row| (row.line_id.as_str(), row.arrangement.as_str())).collect()
    }

    /// The lines that nobody with the authority has agreed, by what their last version says.
    pub(crate) fn unconfirmed(&self) -> HashSet<&str> {
        let last = self.recorded.versions.chunk_by(|a, b| a.line_id == b.line_id).filter_map(<[_]>::last);
        last.filter(|version| version.agreed_on.is_none()).map(|version| version.line_id.as_str()).collect()
    }

    /// Every arrangement and grant, by id: its place in this order is its number in the warehouse, so that ties are settled as they are
    /// where ids are known.
    pub(super) fn owners(&self) -> BTreeMap<&str, &'static str> {
        let arrangements = self.recorded.versions.iter().map(|row| (row.arrangement.as_str(), OwnerKind::Arrangement.as_str()));
        arrangements.chain(self.recorded.awards.iter().map(|row| (row.grant_id.as_str(), OwnerKind::Grant.as_str()))).collect()
    }
}
