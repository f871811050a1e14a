//! Providers: who delivers, or takes a grant.

pub mod activity_returns;
pub mod governance;
pub mod provider;
pub mod public_entries;
pub mod recording;
pub mod registrations;

pub use provider::{ListProviders, Provider, find_provider as read, list};
pub use recording::{NewProvider, record};
