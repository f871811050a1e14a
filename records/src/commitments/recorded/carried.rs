//! What was carried forward out of closed years.

use crate::commitments::recorded::asked_for::{Asked, recorded_before};
use crate::error::Error;
use chrono::NaiveDateTime;
use db::AnyConnection;
use db::schema::commitment_carry_forwards;
use diesel::prelude::*;
use domain::commitments::{OwnerKind, RecordedCarryForward};
use domain::{FinancialYear, Pence, TimeZone};

type CarriedColumns = (FinancialYear, FinancialYear, String, Option<String>, (Option<String>, Option<String>), (Pence, i64), NaiveDateTime);

/// The columns of what was carried forward.
macro_rules! carried_columns {
    () => {{
        use commitment_carry_forwards as carried;
        (
            carried::from_year,
            carried::to_year,
            carried::budget_line,
            carried::provider_id,
            (carried::line_id, carried::grant_id),
            (carried::amount_pence, carried::recorded_seq),
            carried::recorded_at,
        )
    }};
}

/// What was carried forward; of a book what was carried into its year.
pub(super) fn carried_forward(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<RecordedCarryForward>, Error> {
    use commitment_carry_forwards as carried;
    let mut query = carried::table.select(carried_columns!()).into_boxed();
    if let Some((year, budget_line)) = asked.book {
        query = query.filter(carried::to_year.eq(year).and(carried::budget_line.eq(budget_line.to_owned())));
    }
    let rows: Vec<CarriedColumns> = recorded_before!(query, carried, asked).order(carried::id).load(connection)?;
    Ok(rows.into_iter().map(|row| carry_forward(row, asked.zone)).collect())
}

/// Everything that was carried out of a closed year, at the close and after.
pub fn carried_out_of(
    connection: &mut AnyConnection,
    year: FinancialYear,
    code: &str,
    zone: TimeZone,
) -> Result<Vec<RecordedCarryForward>, Error> {
    use commitment_carry_forwards as carried;
    let rows: Vec<CarriedColumns> = carried::table
        .filter(carried::from_year.eq(year).and(carried::budget_line.eq(code)))
        .select(carried_columns!())
        .load(connection)?;
    Ok(rows.into_iter().map(|row| carry_forward(row, zone)).collect())
}

fn carry_forward(row: CarriedColumns, zone: TimeZone) -> RecordedCarryForward {
    let (from_year, to_year, budget_line, provider, owners, (amount, number), recorded_at) = row;
    let (owner, kind) = match owners {
        (Some(arrangement), _) => (arrangement, OwnerKind::Arrangement),
        (None, grant) => (grant.unwrap_or_default(), OwnerKind::Grant),
    };
    let recorded_on = zone.day_of(recorded_at);
    RecordedCarryForward { from_year, to_year, budget_line, provider, owner, kind, amount, number, recorded_on }
}
