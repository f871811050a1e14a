//! Documents in every format: read back by other programs' libraries, with hostile words, and the same every time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod accessibility;
mod docx;
mod every_word;
mod hostile;
mod html;
mod pdf;
mod reading;
mod sample;
mod samples;
mod support;
