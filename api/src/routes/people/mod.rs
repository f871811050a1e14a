//! People: who may log in, which posts they hold, and who may be named.

pub mod agreements;
pub mod clients;
pub mod directory;
pub mod post_holdings;
pub mod users;
