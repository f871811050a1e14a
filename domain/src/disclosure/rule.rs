//! How small a count is withheld, and whether counts are.

use serde::{Deserialize, Serialize};

/// Which counts are withheld, and how far nobody may narrow them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisclosureRule {
    /// Counts from 1 to this are withheld.
    pub withhold_up_to: u16,
    /// The fewest values that a withheld count can have for all that a reader knows.
    pub narrowest_width: u16,
}

impl DisclosureRule {
    /// Whether a count is withheld for itself.
    pub fn is_small(self, count: i64) -> bool {
        (1..=i64::from(self.withhold_up_to)).contains(&count)
    }

    /// How far from a withheld amount a reader must still think it possible, above or below: half of it, and a pound at least.
    pub fn amount_miss_pence(self, amount_pence: i64) -> i64 {
        (amount_pence.abs() / 2).max(100)
    }
}

/// Whether an edition withholds small counts. It does where nobody chose otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "choice", deny_unknown_fields)]
pub enum Disclosure {
    /// Small counts are withheld, and what would give them away.
    #[default]
    Withheld,
    /// Every figure is printed as it was counted.
    AsCounted {
        /// Why that is right for this edition.
        reason: String,
    },
}
