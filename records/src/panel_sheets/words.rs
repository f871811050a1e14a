//! What the headings of sheets say: which panel, and when it was so.

use crate::panel::Panel;
use chrono::NaiveDateTime;

/// A sheet's heading: what it is about, and when it was so.
pub(crate) fn heading(about: &str, made_at: NaiveDateTime) -> String {
    format!("{about}, as it stood on {}", made_at.format("%Y-%m-%d %H:%M UTC"))
}

/// How a heading names a panel.
pub fn named(panel: &Panel) -> String {
    format!("Resource panel of {}", panel.held_on)
}
