//! The numbers under which providers are registered as charities or companies, and the organisation ids made of them.

pub mod recording;
pub mod registration;

pub use recording::{NewProviderRegistration, record, reverse};
pub use registration::{ListProviderRegistrations, ProviderRegistration, find, list, org_id_of};
