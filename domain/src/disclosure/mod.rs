//! Disclosure control: which counts of a publication are withheld, so that nobody can tell a child from a small number.
//!
//! A [`Publication`] is everything that is published together, and what was published before: counts, amounts, and numbers derived
//! from them, with what a reader can reckon between them. [`apply`] withholds each count from 1 to a limit, what is tied to a
//! withheld count, and the fewest further cells that keep a reader from working any of them out.
//!
//! **The reader** (`attacker`) knows every cell that is shown, what adds up to what, what is part of what, and what
//! small means. The same stands in place of a small count and of what protects it, so that they are not told which is which. They know that nothing is below nought and that nought is never withheld. Who
//! knows a whole and a part knows the rest, so that the rest is a count too, though it is printed nowhere. What they can find out is asked of whole
//! numbers, by a search that is exact within `system::STEPS` steps a question. Beyond those a value counts as ruled out, which
//! withholds more and never less.
//!
//! **They know this code as well** (`choice`): they make the choice again for each number that a small count could have, and rule out a number
//! for which other cells would have been withheld. So no choice follows from the size of a number: the fewest cells come first, then
//! parts before wholes, then the order of the cells. That reader looks into `known::WORLDS` worlds at the most; beyond them nobody narrows
//! a count by numbers alone, and it says so. Where no cells keep a count to as many values as the rule wants, it says that too.
//!
//! **The fewest cells** (`fewest`) are found exactly within `fewest::VISITS` sets of cells, for each part of the publication that
//! hangs together. Beyond those the answer is one cell after another: safe, perhaps not the fewest, and it says so.

mod attacker;
mod choice;
mod fewest;
mod known;
mod outcome;
mod publication;
mod rule;
mod system;

#[cfg(test)]
mod other_editions;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use outcome::{Outcome, Treatment, Why, Withheld, apply};
pub use publication::{Before, CellId, CellKind, Publication};
pub use rule::{Disclosure, DisclosureRule};
