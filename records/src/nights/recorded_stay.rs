//! A stay as it is told: whether it waits, what it passes, and its history.

use crate::nights::passing::PassingWithAcknowledgement;
use crate::nights::stay::Stay;
use serde::Serialize;
use utoipa::ToSchema;

/// A stay, and whether it waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListedStay {
    /// The stay.
    #[serde(flatten)]
    pub stay: Stay,
    /// Whether it passes a limit and waits for the acknowledgement.
    pub is_waiting: bool,
}

/// A stay with the limits that this version of it passes.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedStay {
    /// The stay, and whether it waits.
    #[serde(flatten)]
    pub listed: ListedStay,
    /// Limits that it passes, or goes on passing, and that were not acknowledged for so many before; or those acknowledged now.
    pub passings: Vec<PassingWithAcknowledgement>,
}

impl RecordedStay {
    /// A stay with what it passes: it waits, if one of them has no acknowledgement.
    pub fn of(stay: Stay, passings: Vec<PassingWithAcknowledgement>) -> Self {
        let is_waiting = passings.iter().any(|passing| passing.acknowledgement.is_none());
        RecordedStay { listed: ListedStay { stay, is_waiting }, passings }
    }
}

/// Every version of a stay, and what they passed.
#[derive(Debug, Serialize, ToSchema)]
pub struct StayHistory {
    /// Whether it waits, in its last version, for the acknowledgement of what it passes.
    pub is_waiting: bool,
    /// The oldest first.
    pub versions: Vec<Stay>,
    /// Limits that they passed, in the order recorded. A later version says anew what it passes; earlier ones wait no longer.
    pub passings: Vec<PassingWithAcknowledgement>,
}
