//! What is found out while further cells are chosen, in this world and in those that a reader thinks of.

use super::publication::CellId;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// The most worlds in which the choice is made again, for one part of a publication that hangs together.
pub const WORLDS: usize = 60;

/// What a reader sees where a set is withheld: the set, and the numbers that are shown; with what is small of what is printed nowhere.
pub(super) type Seen = (Vec<CellId>, Vec<i64>, Vec<CellId>);

/// What was found out in any world. Worlds that look the same tell the same.
#[derive(Default)]
pub struct Known {
    /// Worlds that may still be looked at.
    pub worlds_left: Cell<usize>,
    /// What numbers alone narrow.
    pub(super) narrowed: RefCell<HashMap<Seen, Option<CellId>>>,
    /// What the choice gives away.
    pub(super) given_away: RefCell<HashMap<Seen, Option<CellId>>>,
}
