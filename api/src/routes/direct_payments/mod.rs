//! Direct payments: accounts, what they need before anything is paid, pay files, and what becomes of the money.

pub mod accounts;
pub mod audits;
pub mod bounces;
pub mod breaches;
pub mod exports;
pub mod page;
pub mod repayments;
pub mod returns;
pub mod steps;
