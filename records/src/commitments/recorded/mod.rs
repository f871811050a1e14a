//! Reading what commitments follow from: the one reader of the books. The API reads one year and budget line, the warehouse all of them;
//! [`domain::commitments::Known`] makes the same books of both.

mod accounts;
mod asked_for;
mod carried;
mod funded;
mod invoices;
mod ledger;
mod lines;
mod orders;
mod reading;
mod taken_back;

pub(super) use accounts::account_steps;
pub use asked_for::Asked;
pub use carried::carried_out_of;
pub(super) use ledger::entries;
pub use reading::read;
