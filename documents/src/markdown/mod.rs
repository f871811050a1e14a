//! Markdown: the narrative that authors write is read from it, and a document is written as it.

mod placeholders;
mod reading;
mod tables;
mod writing;

pub use placeholders::{Placed, Placeholder, PlaceholderKind, Resolver};
pub use reading::{Authored, InnerLink, Mistake, authored};
pub(crate) use writing::written;
