//! Money of a projection, and what adds it up by budget line.

use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Money by budget line.
pub(crate) type PerLine = BTreeMap<String, Money>;

/// Money in the panel's financial year and in a full year, in pence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProjectedMoney)]
pub struct Money {
    /// In the financial year of the panel.
    pub this_year_pence: i64,
    /// In a full year.
    pub full_year_pence: i64,
}

impl Money {
    /// Adds other money.
    pub(crate) fn add(&mut self, other: Money) {
        self.this_year_pence += other.this_year_pence;
        self.full_year_pence += other.full_year_pence;
    }

    /// What is left without other money.
    pub(crate) fn less(self, other: Money) -> Money {
        Money {
            this_year_pence: self.this_year_pence - other.this_year_pence,
            full_year_pence: self.full_year_pence - other.full_year_pence,
        }
    }

    /// This money and other.
    pub(crate) fn plus(mut self, other: Money) -> Money {
        self.add(other);
        self
    }
}
