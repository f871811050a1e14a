//! Lines with more or fewer cells than the header: told once for the whole file, however many there are.

use crate::noted::Noted;
use crate::problem::{Problem, ProblemCode};

/// Lines that are all too long, or all too short.
#[derive(Debug, Default)]
pub(crate) struct Misshapen {
    lines: Noted,
    /// How many cells they have, where all have as many.
    cells: Option<usize>,
    /// The first that a rule picked and that cannot be taken, with its cells.
    refused: Option<(u64, usize)>,
}

impl Misshapen {
    /// Adds a line; whether it is one that cannot be taken.
    pub(crate) fn add(&mut self, line: u64, cells: usize, is_refused: bool) {
        self.cells = if self.lines.count == 0 { Some(cells) } else { self.cells.filter(|same| *same == cells) };
        self.lines.add(line);
        if is_refused && self.refused.is_none() {
            self.refused = Some((line, cells));
        }
    }

    pub(crate) fn count(&self) -> i64 {
        self.lines.count
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Why lines with more cells than the header refuse the file, if they do. `all` is how many lines have something in them.
    pub(crate) fn too_many(&self, width: usize, all: i64) -> Option<Problem> {
        let (line, cells) = self.refused?;
        let detail = match self.cells {
            Some(cells) if self.lines.count == all && all > 1 => format!(
                "every line has {cells} cells under {width} headers: a header is missing, or every line has {} too many; give the header row \
                 the missing name where it belongs, or take the cells away",
                cells - width
            ),
            _ => format!(
                "{cells} cells under {width} headers{}: a comma inside a cell that is not in quotation marks moves the cells after it; put \
                 such a cell in quotation marks",
                self.and_others()
            ),
        };
        Some(Problem::of_line(line, ProblemCode::TooManyCells, detail))
    }

    /// Why lines with fewer cells than the header refuse the file, if they do.
    pub(crate) fn too_few(&self, width: usize) -> Option<Problem> {
        let (line, cells) = self.refused?;
        let detail = format!(
            "{cells} cells under {width} headers{}: a missing comma, or a line end inside a cell, moves the cells after it; put the line right",
            self.and_others()
        );
        Some(Problem::of_line(line, ProblemCode::TooFewCells, detail))
    }

    fn and_others(&self) -> String {
        match self.lines.count - 1 {
            0 => String::new(),
            _ => format!(" (so it is in {} lines: {})", self.lines.count, self.lines.places()),
        }
    }

    /// What is said of lines that do not refuse the file.
    pub(crate) fn warning(&self, words: &str) -> Option<String> {
        (self.lines.count > 0 && self.refused.is_none()).then(|| format!("{} {words} ({})", self.lines.count, self.lines.places()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misshapen(lines: &[(u64, usize, bool)]) -> Misshapen {
        let mut all = Misshapen::default();
        lines.iter().for_each(|(line, cells, is_refused)| all.add(*line, *cells, *is_refused));
        all
    }

    #[test]
    fn lines_are_told_once() {
        let all = misshapen(&[(2, 5, true), (3, 5, true), (4, 5, false)]);
        let told = all.too_many(4, 3).expect("a problem");
        assert!(told.line == Some(2) && told.detail.starts_with("every line has 5 cells under 4 headers"), "{told:?}");
        let told = all.too_many(4, 10).expect("a problem");
        assert!(told.detail.starts_with("5 cells under 4 headers (so it is in 3 lines: lines 2, 3 and 4): a comma"), "{told:?}");
        let one = misshapen(&[(3, 5, true)]);
        assert!(one.too_few(6).is_some_and(|told| told.line == Some(3) && told.detail.starts_with("5 cells under 6 headers: a missing")));
        assert_eq!(one.warning("lines"), None);
        let harmless = misshapen(&[(3, 5, false)]);
        assert_eq!((harmless.too_few(6), harmless.warning("lines").as_deref()), (None, Some("1 lines (line 3)")));
        assert_eq!(misshapen(&[]).warning("lines"), None);
    }
}
