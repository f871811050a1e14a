//! Grants, and the shares that others pay.

use crate::commitments::recorded::asked_for::{Asked, recorded_before};
use crate::error::Error;
use chrono::{Days, NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{grant_instalments, grants, joint_fundings};
use diesel::prelude::*;
use domain::Pence;
use domain::commitments::{AwardPart, FundingVersion};
use domain::joint_funding::{Funding, FundingState, Share, ShareFrequency};
use std::collections::HashMap;

type GrantColumns = (String, Option<String>, String, String, NaiveDate, NaiveDate, Pence, NaiveDateTime);

/// A grant is its instalments where some were agreed, each on its day, and else one amount over its period. A reversal takes back the
/// same.
pub(super) fn awards(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<AwardPart>, Error> {
    let mut query = grants::table
        .select((
            grants::id,
            grants::reverses_id,
            grants::provider_id,
            grants::budget_line,
            grants::period_from,
            grants::period_to,
            grants::amount_pence,
            grants::recorded_at,
        ))
        .into_boxed();
    if let Some((_, budget_line)) = asked.book {
        query = query.filter(grants::budget_line.eq(budget_line.to_owned()));
    }
    let rows: Vec<GrantColumns> = recorded_before!(query, grants, asked).order(grants::id).load(connection)?;
    let instalments = instalments(connection, asked)?;
    let mut awards = Vec::new();
    for (id, reverses, provider, budget_line, from, to, amount, recorded_at) in rows {
        let is_reversal = reverses.is_some();
        let grant_id = reverses.unwrap_or(id);
        let award = |from, to, amount| AwardPart {
            grant_id: grant_id.clone(),
            provider: provider.clone(),
            budget_line: budget_line.clone(),
            from,
            to,
            amount,
            recorded_on: asked.zone.day_of(recorded_at),
        };
        match instalments.get(&grant_id) {
            None => awards.push(award(from, to, amount)),
            Some(agreed) => awards.extend(agreed.iter().map(|(due_on, amount)| {
                let amount = if is_reversal { Pence(-amount.0) } else { *amount };
                award(*due_on, *due_on + Days::new(1), amount)
            })),
        }
    }
    Ok(awards)
}

/// What was agreed to be paid of each grant, and when.
fn instalments(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<HashMap<String, Vec<(NaiveDate, Pence)>>, Error> {
    let mut query = grant_instalments::table
        .inner_join(grants::table)
        .select((grant_instalments::grant_id, grant_instalments::due_on, grant_instalments::amount_pence))
        .into_boxed();
    if let Some((_, budget_line)) = asked.book {
        query = query.filter(grants::budget_line.eq(budget_line.to_owned()));
    }
    let query = recorded_before!(query, grant_instalments, asked);
    let rows: Vec<(String, NaiveDate, Pence)> = query.order((grant_instalments::grant_id, grant_instalments::number)).load(connection)?;
    let mut instalments: HashMap<String, Vec<(NaiveDate, Pence)>> = HashMap::new();
    for (grant, due_on, amount) in rows {
        instalments.entry(grant).or_default().push((due_on, amount));
    }
    Ok(instalments)
}

type FundingColumns = (
    (String, i64, String, String, String, FundingState),
    (Option<i64>, Option<Pence>, Option<ShareFrequency>),
    (NaiveDate, Option<NaiveDate>, NaiveDateTime, i64),
);

/// Funders' shares; of a book with those that other budget lines have of the same arrangements: together they never pay more than it
/// costs.
pub(super) fn fundings(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<FundingVersion>, Error> {
    let mut query = joint_fundings::table
        .select((
            (
                joint_fundings::funding_id,
                joint_fundings::version,
                joint_fundings::line_id,
                joint_fundings::provider_id,
                joint_fundings::budget_line,
                joint_fundings::state,
            ),
            (joint_fundings::percentage_ten_thousandths, joint_fundings::amount_pence, joint_fundings::amount_frequency),
            (joint_fundings::valid_from, joint_fundings::valid_to, joint_fundings::recorded_at, joint_fundings::recorded_seq),
        ))
        .into_boxed();
    if let Some((_, budget_line)) = asked.book {
        let own = diesel::alias!(joint_fundings as own);
        let arrangements = own.filter(own.field(joint_fundings::budget_line).eq(budget_line.to_owned()));
        query = query.filter(joint_fundings::line_id.eq_any(arrangements.select(own.field(joint_fundings::line_id))));
    }
    let query = recorded_before!(query, joint_fundings, asked);
    let rows: Vec<FundingColumns> = query.order((joint_fundings::funding_id, joint_fundings::version)).load(connection)?;
    let mut first_seq = HashMap::new();
    let mut fundings = Vec::with_capacity(rows.len());
    for (funding, share, (valid_from, valid_to, recorded_at, recorded_seq)) in rows {
        let (funding_id, version, arrangement, provider, budget_line, state) = funding;
        let share = match share {
            (Some(percentage), _, _) => Share::Percentage(percentage),
            (None, Some(amount), Some(every)) => Share::Fixed { amount, every },
            // The table's checks leave no other.
            (None, _, _) => return Err(Error::fault("a joint funding is neither a percentage nor an amount")),
        };
        first_seq.entry(funding_id.clone()).or_insert(recorded_seq);
        let (terms, recorded_on) = (Funding { share, valid_from, valid_to }, asked.zone.day_of(recorded_at));
        fundings.push(FundingVersion { funding_id, version, arrangement, provider, budget_line, state, terms, recorded_on });
    }
    fundings.sort_by_cached_key(|row| (first_seq.get(&row.funding_id).copied(), row.funding_id.clone(), row.version));
    Ok(fundings)
}
