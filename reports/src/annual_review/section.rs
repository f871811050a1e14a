//! A section of the review.

use super::figures::Figures;
use chrono::NaiveDate;

/// A section: its heading, what it says in words, and its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// What it says in words, a paragraph each.
    pub words: Vec<String>,
    /// Its figures.
    pub figures: Vec<Figures>,
}

/// A calendar month as people write it: `2024-04` is "April 2024".
pub(super) fn month_in_words(month: &str) -> String {
    format!("{month}-01").parse::<NaiveDate>().map_or_else(|_| month.to_owned(), |day| day.format("%B %Y").to_string())
}
