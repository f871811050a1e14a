//! What a provider must hold before it takes a placement, as the authority's profile asks: records of each item, how it stands, and
//! what expires.

pub mod expiries;
pub mod recording;
pub mod standing;

pub use crate::providers::provider::find_provider;
pub use recording::{NewGovernanceRecord, record};
pub use standing::{
    GovernanceItemState, GovernanceParams, GovernanceRecord, ListGovernanceRecords, ProviderGovernance, list, of_provider, red_mistake,
    states_on,
};
