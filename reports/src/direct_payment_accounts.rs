//! `direct-payment-accounts`: what families were paid, spent, owe and have in hand, account by account.

use crate::error::Error;
use crate::origin::Origin;
use crate::panel::MartRows;
use domain::FinancialYear;
use domain::direct_payments::AccountState;
use etl::{Snapshot, Which};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

/// Direct payment accounts in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DirectPaymentAccounts {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// One an account that was in force, was paid, or owes something.
    pub rows: Vec<DirectPaymentAccountRow>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// An account in a year. Nobody is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DirectPaymentAccountRow {
    /// The account's pseudonym.
    pub account_key: String,
    /// The child's pseudonym.
    pub child_key: String,
    /// Where it stands at the year's end, or on the snapshot's day.
    pub state: AccountState,
    /// Paid in pay files for days of the year, in pence.
    pub paid_pence: i64,
    /// Still to be paid in the year, with adjustments, in pence.
    pub planned_pence: i64,
    /// Spent by the family's returns, in pence.
    pub evidenced_pence: i64,
    /// Spent by what audits found, in pence.
    pub audited_pence: i64,
    /// Asked back by audits and breaches, in pence.
    pub required_pence: i64,
    /// Paid back, in pence.
    pub repaid_pence: i64,
    /// Asked back and not paid back at the year's end or on the snapshot's day, in pence.
    pub owed_pence: i64,
    /// For how many weeks the balance lasts, in thousandths; null where a week costs nothing.
    pub weeks_in_hand_thousandths: Option<i64>,
}

/// The accounts of a year.
pub fn direct_payment_accounts(warehouse: &Path, which: &Which, year: FinancialYear) -> Result<DirectPaymentAccounts, Error> {
    Snapshot::reading(warehouse, which, |snapshot| accounts_of(snapshot, year), Error::is_gone)
}

pub(crate) fn accounts_of(snapshot: &Snapshot, year: FinancialYear) -> Result<DirectPaymentAccounts, Error> {
    let mart = MartRows::of(snapshot, "direct_payment_accounts", year, "account_key")?;
    let (accounts, children) = (mart.words::<String>("account_key")?, mart.words::<String>("child_key")?);
    let states = mart.words::<AccountState>("state")?;
    let (paid, planned) = (mart.numbers("paid_pence")?, mart.numbers("planned_pence")?);
    let (evidenced, audited) = (mart.numbers("evidenced_pence")?, mart.numbers("audited_pence")?);
    let (required, repaid) = (mart.numbers("required_pence")?, mart.numbers("repaid_pence")?);
    let (owed, weeks) = (mart.numbers("owed_pence")?, mart.optional_numbers("weeks_in_hand_thousandths")?);
    let row = |index: usize| DirectPaymentAccountRow {
        account_key: accounts[index].clone(),
        child_key: children[index].clone(),
        state: states[index],
        paid_pence: paid[index],
        planned_pence: planned[index],
        evidenced_pence: evidenced[index],
        audited_pence: audited[index],
        required_pence: required[index],
        repaid_pence: repaid[index],
        owed_pence: owed[index],
        weeks_in_hand_thousandths: weeks[index],
    };
    let rows = (0..mart.len()).map(row).collect();
    Ok(DirectPaymentAccounts { snapshot_id: snapshot.id().to_owned(), year, rows, origin: Origin::of(snapshot) })
}

impl DirectPaymentAccounts {
    /// One line an account.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("account"),
            Column::text("child"),
            Column::text("state"),
            Column::pounds("paid_pounds").summed(),
            Column::pounds("planned_pounds").summed(),
            Column::pounds("evidenced_pounds").summed(),
            Column::pounds("audited_pounds").summed(),
            Column::pounds("required_pounds").summed(),
            Column::pounds("repaid_pounds").summed(),
            Column::pounds("owed_pounds").summed(),
            Column::integer("weeks_in_hand_thousandths"),
        ];
        let rows = self.rows.iter().map(|row| {
            vec![
                Cell::text(&row.account_key),
                Cell::text(&row.child_key),
                Cell::text(row.state.as_str()),
                Cell::Pence(row.paid_pence),
                Cell::Pence(row.planned_pence),
                Cell::Pence(row.evidenced_pence),
                Cell::Pence(row.audited_pence),
                Cell::Pence(row.required_pence),
                Cell::Pence(row.repaid_pence),
                Cell::Pence(row.owed_pence),
                row.weeks_in_hand_thousandths.map_or(Cell::Blank, Cell::Integer),
            ]
        });
        Sheet::new(format!("Direct payment accounts {}", self.year.as_str()), columns)
            .tab("Direct payments")
            .heading("Accounts and children are pseudonyms; what is owed is at the year's end or on the snapshot's day")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }

    /// One line an account, in pounds.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}
