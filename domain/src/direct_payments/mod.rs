//! Direct payments: what is needed before one is paid, what is due when, and what is asked back.
//!
//! A payment that was made is frozen. Where its days would cost something else now, the difference becomes an adjustment of its own,
//! so what was paid, what is still planned and what is still to be adjusted always add up to what the lines cost.

mod account;
mod audit;
mod bank;
mod bounces;
mod claims;
mod due;
mod elsewhere;
mod fields;
mod in_hand;
mod notice;
mod opening;
mod pay_day;
pub mod pay_file;
mod payers;
mod paying;
mod schedule;
mod state;
mod steps;
mod years;

pub use account::{Account, AccountBalance, Difference, Due, Payment, SetUp, SpentAndRepaid, evidenced};
pub use audit::{AuditSums, Audited, AuditedBefore, NewAudit, refuse_audit_before_last, refuse_once_audited};
pub use bank::{FinanceReference, MaskedBankReference, looks_like_bank_details};
pub use bounces::{NewBounce, Transfer, refuse_bounced_twice};
pub use claims::{Recovery, breach_mistakes, repayment_mistakes, return_mistakes};
pub use due::{Watched, return_overdue_if_due_by, set_up_due_at};
pub use elsewhere::{PaidElsewhere, TakenUpSince};
pub use fields::{check_past_day, check_text, check_year, refuse_bank_details_in_reason, refuse_reversal_of_reversal};
pub use in_hand::{weeks_in_hand, weeks_of};
pub use notice::Notice;
pub use opening::{LineToPay, opening_mistakes, weeks_per_payment};
pub use pay_day::pays_until;
pub use payers::{
    BounceTold, PayersHand, RecordedStep, RepaymentToConfirm, RepaymentTold, brought_child_back, brought_days_back, children_bounced,
    children_repaid, made_bank_account, repayment_confirmed_before,
};
pub use paying::{LeftOut, ToPay, nothing_to_pay, pay_file_mistakes, refuse_named_left_out, refuse_too_many, refuse_unknown_accounts};
pub use schedule::{Stretch, Terms, UnpaidPeriod, corrections, to_recover};
pub use state::{AccountDays, StandingStep};
pub use steps::{NewStep, SetUpLine, refuse_resumed_pause, set_up_line_mistakes};
pub use years::{by_year_of_days, change_by_year};

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// What must be on record before anything is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
#[schema(as = DirectPaymentPrecondition)]
pub enum Precondition {
    /// The family signed the agreement.
    AgreementSigned,
    /// The separate bank account was verified.
    BankAccountVerified,
    /// The enhanced check of whoever is employed was seen, and has not run out.
    DbsSeen,
    /// All support that is paid for is agreed: by a request, or confirmed by a post. A variation leaves it as it was.
    SupportAgreed,
    /// Whoever makes the pay file did not record the bank account. No profile lists it: it holds whoever pays.
    BankAccountByAnother,
    /// Whoever makes the pay file recorded no repayment of what was paid too much for the same child that nobody else confirmed, and no payment
    /// that the bank returned and that was not paid again. No profile lists it either.
    RepaymentByAnother,
    /// Since the account's last payment, whoever makes the pay file took back no pause or closure of it and did not resume its payments. No
    /// profile lists it either.
    ResumptionByAnother,
}

impl Precondition {
    /// Whether it is asked of whoever makes a pay file, and not of an account.
    pub fn is_of_payer(self) -> bool {
        use Precondition::{BankAccountByAnother, RepaymentByAnother, ResumptionByAnother};
        matches!(self, BankAccountByAnother | RepaymentByAnother | ResumptionByAnother)
    }
}

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
#[schema(as = DirectPaymentStepKind)]
pub enum StepKind {
    /// The family signed the agreement.
    AgreementSigned,
    /// The separate bank account was verified, and is known by a masked reference.
    BankAccountRecorded,
    /// An enhanced check was seen.
    DbsSeen,
    /// A one-off line of the package is paid through the account.
    SetUpPayment,
    /// Nothing is paid for the days from here on.
    Pause,
    /// The days from here on are paid again.
    Resume,
    /// Nothing is paid for the days from here on, and the account ends.
    Close,
}

/// What a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
#[schema(as = DirectPaymentKind)]
pub enum PaymentKind {
    /// For the days of a period, in advance.
    Period,
    /// One-off, to set the support up.
    SetUp,
    /// What a payment made before should have been more, or less.
    Adjustment,
    /// What a family paid back of a payment that was too high.
    Recovery,
}

/// What an audit found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
#[schema(as = DirectPaymentFinding)]
pub enum Finding {
    /// What was paid is spent, or kept in hand as allowed.
    Sound,
    /// More is unspent than may be kept in hand.
    Surplus,
    /// The agreement was broken.
    Breach,
}

/// Where an account stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
#[schema(as = DirectPaymentAccountState)]
pub enum AccountState {
    /// Something is missing before it may be paid.
    SettingUp,
    /// It may be paid.
    Active,
    /// The day is not paid for.
    Paused,
    /// It has ended.
    Closed,
}

word_column!(Precondition, StepKind, PaymentKind, Finding, AccountState);
