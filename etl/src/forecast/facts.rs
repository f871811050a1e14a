//! The facts that commitments follow from, each row with the day it was recorded: so the figures of any earlier day can be made from a
//! snapshot alone.

use super::read::Commitments;
use crate::ends;
use crate::error::Error;
use crate::facts::{Named, each};
use crate::manifest::TableKind;
use crate::pseudonym::{Kind, Pseudonyms};
use domain::commitments::{OrderedArrangement, OwnerKind};
use domain::joint_funding::Share;
use polars::prelude::*;
use std::collections::HashMap;

pub(super) const OWNERS: &str = "dim_commitment_owner";
pub(super) const VERSIONS: &str = "fact_line_versions";
pub(super) const AWARDS: &str = "fact_award_plans";
pub(super) const FUNDINGS: &str = "fact_funding_versions";
pub(super) const ORDERS: &str = "fact_purchase_orders";
pub(super) const ORDER_LINES: &str = "fact_purchase_order_lines";
pub(super) const MATCHES: &str = "fact_ledger_matches";
pub(super) const RELEASES: &str = "fact_commitment_releases";
pub(super) const CARRIED: &str = "fact_carry_forwards";
pub(super) const CLOSURES: &str = "fact_year_closures";
pub(super) const ACCOUNT_STEPS: &str = "fact_account_steps";
pub(super) const INVOICED_DAYS: &str = "fact_invoiced_days";
pub(super) const CREDITED_DAYS: &str = "fact_credited_days";
pub(super) const ENTRY_RECEIPTS: &str = "fact_entry_receipts";
pub(super) const PENDING: &str = "fact_pending_lines";

impl Commitments {
    /// All of them.
    pub(crate) fn facts(&self, pseudonyms: &Pseudonyms) -> Result<Vec<Named>, Error> {
        let of = |kind: Kind| move |id: &str| pseudonyms.of(kind, id);
        let line = of(Kind::Line);
        Ok(vec![
            (OWNERS, TableKind::Dimension, self.owners_table(&line)?),
            (VERSIONS, TableKind::Fact, self.versions_table(&line)?),
            (AWARDS, TableKind::Fact, self.awards_table()?),
            (FUNDINGS, TableKind::Fact, self.fundings_table(&line, &of(Kind::Funding))?),
            (ORDERS, TableKind::Fact, self.orders_table(&of(Kind::Order))?),
            (ORDER_LINES, TableKind::Fact, self.order_lines_table(&line, &of(Kind::Order))?),
            (MATCHES, TableKind::Fact, self.matches_table(&line)?),
            (RELEASES, TableKind::Fact, self.releases_table(&line)?),
            (CARRIED, TableKind::Fact, self.carried_table(&line)?),
            (CLOSURES, TableKind::Fact, self.closures_table()?),
            (ACCOUNT_STEPS, TableKind::Fact, self.account_steps_table(&line)?),
            (INVOICED_DAYS, TableKind::Fact, self.invoiced_days_table(&line, &of(Kind::Funding))?),
            (CREDITED_DAYS, TableKind::Fact, self.credited_days_table()?),
            (ENTRY_RECEIPTS, TableKind::Fact, self.entry_receipts_table()?),
            (PENDING, TableKind::Fact, self.pending_table(&line, &of(Kind::RequestLine))?),
        ])
    }

    fn owners_table(&self, line: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let owners = self.owners();
        let key = |(id, kind): (&&str, &&str)| if *kind == "grant" { (*id).to_owned() } else { line(id) };
        Ok(df!(
            "owner_key" => owners.iter().map(key).collect::<Vec<_>>(),
            "owner_kind" => owners.values().copied().collect::<Vec<_>>(),
            "owner_number" => (1_i64..).take(owners.len()).collect::<Vec<_>>(),
        )?)
    }

    fn versions_table(&self, line: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let rows = &self.recorded.versions;
        Ok(df!(
            "line_key" => each(rows, |row| line(&row.line_id)),
            "version" => each(rows, |row| row.version),
            "owner_key" => each(rows, |row| line(&row.arrangement)),
            "state" => each(rows, |row| row.state.as_str()),
            "by_correction" => each(rows, |row| i64::from(row.by_correction)),
            "agreed_on" => each(rows, |row| row.agreed_on),
            "budget_line" => rows.iter().map(|row| row.budget_line.as_str()).collect::<Vec<_>>(),
            "provider_key" => rows.iter().map(|row| row.provider.as_deref()).collect::<Vec<_>>(),
            "quantity_thousandths" => each(rows, |row| row.terms.quantity.0),
            "frequency" => each(rows, |row| row.terms.frequency.as_str()),
            "unit_rate_ten_thousandths" => each(rows, |row| row.terms.unit_rate.0),
            "valid_from" => each(rows, |row| row.terms.valid_from),
            "valid_to" => each(rows, |row| ends::written(row.terms.valid_to)),
            "days_in_force" => each(rows, |row| ends::days_in_force(row.terms.valid_from, row.terms.valid_to)),
            "recorded_on" => each(rows, |row| row.recorded_on),
        )?)
    }

    fn awards_table(&self) -> Result<DataFrame, Error> {
        let rows = &self.recorded.awards;
        Ok(df!(
            "owner_key" => rows.iter().map(|row| row.grant_id.as_str()).collect::<Vec<_>>(),
            "budget_line" => rows.iter().map(|row| row.budget_line.as_str()).collect::<Vec<_>>(),
            "provider_key" => rows.iter().map(|row| row.provider.as_str()).collect::<Vec<_>>(),
            "from_on" => each(rows, |row| row.from),
            "to_on" => each(rows, |row| row.to),
            "amount_pence" => each(rows, |row| row.amount.0),
            "recorded_on" => each(rows, |row| row.recorded_on),
        )?)
    }

    fn fundings_table(&self, line: &impl Fn(&str) -> String, funding: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let rows = &self.recorded.fundings;
        let percentage = |share: Share| if let Share::Percentage(share) = share { Some(share) } else { None };
        let fixed = |share: Share| if let Share::Fixed { amount, every } = share { Some((amount.0, every.as_str())) } else { None };
        Ok(df!(
            "funding_key" => each(rows, |row| funding(&row.funding_id)),
            "version" => each(rows, |row| row.version),
            "owner_key" => each(rows, |row| line(&row.arrangement)),
            "state" => each(rows, |row| row.state.as_str()),
            "budget_line" => rows.iter().map(|row| row.budget_line.as_str()).collect::<Vec<_>>(),
            "provider_key" => rows.iter().map(|row| row.provider.as_str()).collect::<Vec<_>>(),
            "percentage_ten_thousandths" => each(rows, |row| percentage(row.terms.share)),
            "amount_pence" => each(rows, |row| fixed(row.terms.share).map(|(pence, _)| pence)),
            "amount_frequency" => each(rows, |row| fixed(row.terms.share).map(|(_, every)| every)),
            "valid_from" => each(rows, |row| row.terms.valid_from),
            "valid_to" => each(rows, |row| row.terms.valid_to),
            "recorded_on" => each(rows, |row| row.recorded_on),
        )?)
    }

    fn orders_table(&self, order: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let rows = &self.recorded.orders;
        Ok(df!(
            "order_key" => each(rows, |row| order(&row.number)),
            // By the order's id, as ties are settled.
            "order_number" => (1_i64..).take(rows.len()).collect::<Vec<_>>(),
            "provider_key" => rows.iter().map(|row| row.provider.as_deref()).collect::<Vec<_>>(),
            "recorded_on" => each(rows, |row| row.recorded_on),
            "cancelled_on" => each(rows, |row| row.cancelled_on),
        )?)
    }

    fn order_lines_table(&self, line: &impl Fn(&str) -> String, order: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let rows = &self.recorded.order_lines;
        let orders: HashMap<&str, (i64, &str)> =
            (1_i64..).zip(&self.recorded.orders).map(|(number, row)| (row.id.as_str(), (number, row.number.as_str()))).collect();
        let of = |row: &OrderedArrangement| orders.get(row.order.as_str()).copied();
        Ok(df!(
            "owner_key" => each(rows, |row| line(&row.arrangement)),
            "order_key" => each(rows, |row| of(row).map(|(_, number)| order(number))),
            // A cancelled order's number may be another's: this one is its own.
            "order_number" => each(rows, |row| of(row).map(|(number, _)| number)),
            "recorded_on" => each(rows, |row| row.recorded_on),
        )?)
    }

    fn matches_table(&self, line: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let rows = &self.recorded.matches;
        Ok(df!(
            "match_number" => (1_i64..).take(rows.len()).collect::<Vec<_>>(),
            "entry_key" => rows.iter().map(|row| row.entry.as_str()).collect::<Vec<_>>(),
            "owner_key" => each(rows, |row| row.arrangement.as_deref().map(line)),
            "recorded_on" => each(rows, |row| row.recorded_on),
            "reversed_on" => each(rows, |row| row.reversed_on),
        )?)
    }

    fn releases_table(&self, line: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let rows = &self.recorded.releases;
        Ok(df!(
            "financial_year" => rows.iter().map(|row| row.year.as_str()).collect::<Vec<_>>(),
            "budget_line" => rows.iter().map(|row| row.budget_line.as_str()).collect::<Vec<_>>(),
            "provider_key" => rows.iter().map(|row| row.provider.as_deref()).collect::<Vec<_>>(),
            "owner_key" => each(rows, |row| row.arrangement.as_deref().map(line)),
            "up_to" => each(rows, |row| row.up_to),
            "only_carried" => each(rows, |row| i64::from(row.only_carried)),
            "recorded_number" => each(rows, |row| row.number),
            "recorded_on" => each(rows, |row| row.recorded_on),
            "reversed_on" => each(rows, |row| row.reversed_on),
        )?)
    }

    fn carried_table(&self, line: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let rows = &self.recorded.carried;
        Ok(df!(
            "from_year" => rows.iter().map(|row| row.from_year.as_str()).collect::<Vec<_>>(),
            "financial_year" => rows.iter().map(|row| row.to_year.as_str()).collect::<Vec<_>>(),
            "budget_line" => rows.iter().map(|row| row.budget_line.as_str()).collect::<Vec<_>>(),
            "provider_key" => rows.iter().map(|row| row.provider.as_deref()).collect::<Vec<_>>(),
            "owner_key" => each(rows, |row| if row.kind == OwnerKind::Grant { row.owner.clone() } else { line(&row.owner) }),
            "amount_pence" => each(rows, |row| row.amount.0),
            "recorded_number" => each(rows, |row| row.number),
            "recorded_on" => each(rows, |row| row.recorded_on),
        )?)
    }

    fn invoiced_days_table(&self, line: &impl Fn(&str) -> String, funding: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let rows = &self.recorded.invoice_lines;
        Ok(df!(
            "invoice_line_key" => rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
            "invoice_key" => rows.iter().map(|row| row.invoice.as_str()).collect::<Vec<_>>(),
            "funding_key" => each(rows, |row| funding(&row.funding_id)),
            "owner_key" => each(rows, |row| line(&row.arrangement)),
            "provider_key" => rows.iter().map(|row| row.provider.as_str()).collect::<Vec<_>>(),
            "budget_line" => rows.iter().map(|row| row.budget_line.as_str()).collect::<Vec<_>>(),
            "from_on" => each(rows, |row| row.from),
            "to_on" => each(rows, |row| row.to),
            "adjusts_key" => rows.iter().map(|row| row.adjusts.as_deref()).collect::<Vec<_>>(),
            "expected_pence" => each(rows, |row| row.expected.0),
            "asked_pence" => each(rows, |row| row.asked.0),
            "recorded_on" => each(rows, |row| row.recorded_on),
            "reversed_on" => each(rows, |row| row.reversed_on),
        )?)
    }

    fn credited_days_table(&self) -> Result<DataFrame, Error> {
        let rows = &self.recorded.credits;
        Ok(df!(
            "invoice_line_key" => rows.iter().map(|row| row.line.as_str()).collect::<Vec<_>>(),
            "is_adjustment" => each(rows, |row| i64::from(row.is_adjustment)),
            "amount_pence" => each(rows, |row| row.amount.0),
            "recorded_on" => each(rows, |row| row.recorded_on),
        )?)
    }

    fn entry_receipts_table(&self) -> Result<DataFrame, Error> {
        let rows = &self.recorded.receipts;
        Ok(df!(
            "invoice_key" => rows.iter().map(|row| row.invoice.as_str()).collect::<Vec<_>>(),
            "entry_key" => rows.iter().map(|row| row.entry.as_str()).collect::<Vec<_>>(),
            "amount_pence" => each(rows, |row| row.amount.0),
            "recorded_on" => each(rows, |row| row.recorded_on),
        )?)
    }

    fn closures_table(&self) -> Result<DataFrame, Error> {
        let rows = &self.recorded.closures;
        Ok(df!(
            "financial_year" => rows.iter().map(|(year, _)| year.as_str()).collect::<Vec<_>>(),
            "recorded_on" => each(rows, |(_, recorded_on)| *recorded_on),
        )?)
    }

    fn account_steps_table(&self, line: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let rows = &self.recorded.account_steps;
        Ok(df!(
            // By account, in the order recorded.
            "step_number" => (1_i64..).take(rows.len()).collect::<Vec<_>>(),
            "owner_key" => each(rows, |row| line(&row.arrangement)),
            "kind" => each(rows, |row| row.kind.as_str()),
            "from_on" => each(rows, |row| row.on),
            "to_on" => each(rows, |row| row.until),
            "recorded_on" => each(rows, |row| row.recorded_on),
            "reversed_on" => each(rows, |row| row.reversed_on),
        )?)
    }

    fn pending_table(&self, line: &impl Fn(&str) -> String, request_line: &impl Fn(&str) -> String) -> Result<DataFrame, Error> {
        let rows = &self.pending;
        Ok(df!(
            "request_line_key" => each(rows, |row| request_line(&row.request_line_id)),
            "state" => each(rows, |row| row.state.as_str()),
            "budget_line" => rows.iter().map(|row| row.budget_line.as_str()).collect::<Vec<_>>(),
            "quantity_thousandths" => each(rows, |row| row.terms.quantity.0),
            "frequency" => each(rows, |row| row.terms.frequency.as_str()),
            "unit_rate_ten_thousandths" => each(rows, |row| row.terms.unit_rate.0),
            "valid_from" => each(rows, |row| row.terms.valid_from),
            "valid_to" => each(rows, |row| ends::written(row.terms.valid_to)),
            "days_in_force" => each(rows, |row| ends::days_in_force(row.terms.valid_from, row.terms.valid_to)),
            "replaces_line_key" => each(rows, |row| row.replaces.as_deref().map(line)),
            "known_from" => each(rows, |row| row.known_from),
            "known_to" => each(rows, |row| row.known_to),
        )?)
    }
}
