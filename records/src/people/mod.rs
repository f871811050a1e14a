//! People: who may log in, which posts they hold, and who may be named.

pub mod agreements;
pub mod clients;
pub mod directory;
pub mod owners;
pub mod password;
pub mod persons;
pub mod post_agreements;
pub mod post_holdings;
pub mod posts;
pub mod sign_in;
pub mod users;
pub mod waiting;
pub mod waiting_posts;
