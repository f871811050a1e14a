//! What the sources say of themselves: which part knows which, and with what sentences the program refuses.
#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod brackets;
mod crates;
mod days;
mod errors;
mod layers;
mod messages;
mod modules;
mod names;
mod page;
mod placeholders;
mod sentences;
mod source;
