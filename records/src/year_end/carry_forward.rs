//! A commitment that was carried forward, as it is on record, and before it is.

use crate::instant::Instant;
use db::schema::commitment_carry_forwards as carried;
use diesel::prelude::*;
use domain::commitments::{Carried, Owner, OwnerKind};
use domain::{FinancialYear, Pence};
use serde::Serialize;
use utoipa::ToSchema;

/// What was still committed when a year was closed, and stands in the next.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = carried)]
#[schema(as = CommitmentCarryForward, example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a91", "from_year": "2023-24", "to_year": "2024-25", "budget_line": "home_care",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "grant_id": null,
    "amount_pence": 58000, "changed_id": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-31T16:00:00Z", "recorded_seq": 912
}))]
pub struct CarryForward {
    /// The record's id.
    pub id: String,
    /// The year that was closed.
    pub from_year: FinancialYear,
    /// The year it stands in now.
    pub to_year: FinancialYear,
    /// The budget line.
    pub budget_line: String,
    /// Who is to be paid, or to pay.
    pub provider_id: Option<String>,
    /// The first line of the arrangement; null, it is of a grant.
    pub line_id: Option<String>,
    /// The grant; null, it is of an arrangement.
    pub grant_id: Option<String>,
    /// How much, to be paid or, on a line of income, to be received; below nought where less is open in the closed year than was carried before.
    pub amount_pence: Pence,
    /// The package line, grant, purchase order, share, invoice or receipt that was changed after the close, with days in the closed year;
    /// null, it was carried at the close.
    pub changed_id: Option<String>,
    /// Who closed the year, or recorded the change: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A commitment that is carried forward, before it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// The budget line.
    pub budget_line: String,
    /// The id of the arrangement's first line, or of the grant.
    pub owner: String,
    /// Which of them.
    pub kind: OwnerKind,
    /// Who is to be paid.
    pub provider_id: Option<String>,
    /// How much.
    pub amount: Pence,
}

impl Commitment {
    /// What a settlement of this budget line carries forward.
    pub fn of(budget_line: &str, carried: &Carried<'_>) -> Self {
        Commitment {
            budget_line: budget_line.to_owned(),
            owner: carried.owner.id.to_owned(),
            kind: carried.owner.kind,
            provider_id: carried.provider.map(str::to_owned),
            amount: carried.amount,
        }
    }

    /// As the settlement takes it.
    pub fn carried(&self) -> Carried<'_> {
        let owner = Owner { id: &self.owner, kind: self.kind };
        Carried { owner, provider: self.provider_id.as_deref(), amount: self.amount, number: 0 }
    }
}
