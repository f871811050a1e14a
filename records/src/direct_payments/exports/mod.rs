//! Pay files for the finance system: made once, kept as they were written, and marked when given out again.

pub mod copying;
pub mod export;
pub mod making;
pub mod reading;
