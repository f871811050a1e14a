//! Where a report's figures are from.

use chrono::{NaiveDate, NaiveDateTime};
use domain::TimeZone;
use etl::Snapshot;

/// When a report's snapshot was made, and up to when it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// When the run that made it began, in UTC.
    pub made_at: NaiveDateTime,
    /// Set when only what was recorded by the end of that day, in the authority's time zone, counts.
    pub as_known_on: Option<NaiveDate>,
    /// The time zone whose days are the authority's days.
    pub zone: TimeZone,
}

impl Origin {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let manifest = snapshot.manifest();
        Origin { made_at: manifest.created_at, as_known_on: manifest.as_known_on, zone: manifest.time_zone }
    }

    /// A sheet's line of heading: which snapshot, and when it was made.
    pub(crate) fn heading(&self, snapshot_id: &str) -> String {
        let made = self.made_at.format("%-d %B %Y at %H:%M UTC");
        match self.as_known_on {
            None => format!("Snapshot {snapshot_id}, made {made}"),
            Some(day) => format!("Snapshot {snapshot_id}, made {made} of what was known on {}", day.format("%-d %B %Y")),
        }
    }
}
