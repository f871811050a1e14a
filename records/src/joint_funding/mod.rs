//! Health's share of packages: the shares, and the invoices for them.

pub mod invoices;
pub mod shares;
