//! Statutory returns and open data, each in the layout of its year.

pub(crate) mod giving;
pub(crate) mod grants;
mod layouts;
pub(crate) mod section_251;
pub(crate) mod spending;
