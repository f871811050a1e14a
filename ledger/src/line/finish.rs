//! What the lines of a file or a sheet came to, in words.

use super::{Lines, LinesRead};
use crate::problem::Problems;

/// Each follows a number of lines; `{}` stands for where they are.
const MAY_BE_SHIFTED: &str = "lines that no rule picked have more cells than the header, the last of them empty: a comma in a cell without \
    quotation marks moves the cells after it, and may have hidden a payment from its rule ({})";
const UNCLEAR: &str = "lines have a cell that cannot be read where a rule looks, and might belong to it: an error value such as #N/A, a formula \
    without a stored result, a merged cell, a code that lost digits or the noughts before it, letters that are not in the file's encoding, or \
    nothing under a code that may stand for the lines below it too ({}); put the cells right and import again";
const ELSEWHERE: &str = "lines that no rule picked look like payments, but not where the header has date and amount ({}): is there another \
    table, with another header? Take it to a file of its own";
const AMOUNTS_ALONE: &str = "lines have an amount and nothing else, below a payment that a rule picks ({}): a total, or a payment whose day and code \
    stand above it; write them on each line";
const LOST_DIGITS: &str = "picked lines have a number that was cut to an exponent, such as 1.2E+11 ({}): an amount may have lost pence, and lines \
    that differ may be taken for one; save the file anew with that column as plain numbers or text";
const ROUNDED: &str = "picked amounts have more digits than pence, and were rounded to the penny ({})";
const MINUS_CREDITS: &str = "picked lines have a minus or brackets in the column of credits, and count as spend ({}); if they are credits, take \
    the signs away";

impl Lines<'_> {
    /// All that the lines came to.
    pub(crate) fn finish(mut self) -> LinesRead {
        self.trailing.settle();
        let (width, mut counts) = (self.width(), self.counts);
        counts.lines_with_too_many_cells += self.trailing.kept_out.count;
        let all = counts.lines_read - counts.blank;
        let shape = [
            self.too_many.too_many(width, all),
            self.too_few.too_few(width),
            self.trailing.problem(self.cells.layout.headers.len()),
            self.filled.problem(),
        ];
        let mut problems = Problems::of(shape.into_iter().flatten());
        problems.append(self.problems);
        counts.lines_with_too_few_cells = self.too_few.count();
        counts.lines_with_unclear_cells = self.unclear.count;
        counts.lines_with_lost_digits = self.lost_digits.count;
        let mut warnings = Vec::new();
        warnings.extend(self.too_many.warning(
            "lines that no rule picked have more cells than the header: a comma in a cell without quotation marks moves the cells after it, \
             and may have hidden a payment from its rule",
        ));
        warnings.extend(self.too_few.warning(
            "lines have fewer cells than the header: a missing comma, or a line end inside a cell, moves the cells after it, and may have hidden \
             a payment from its rule",
        ));
        warnings.extend(self.cells.layout.doubtful.iter().cloned());
        for (noted, words) in [
            (&self.trailing.kept_out, MAY_BE_SHIFTED),
            (&self.unclear, UNCLEAR),
            (&self.elsewhere, ELSEWHERE),
            (&self.amounts_alone, AMOUNTS_ALONE),
            (&self.lost_digits, LOST_DIGITS),
            (&self.rounded, ROUNDED),
            (&self.minus_credits, MINUS_CREDITS),
        ] {
            if noted.count > 0 {
                warnings.push(format!("{} {}", noted.count, words.replace("{}", &noted.places())));
            }
        }
        let mut read = LinesRead { counts, tally: self.tally, problems, warnings };
        if let Some((_, sheet)) = &self.sheet {
            read.problems.of_sheet(sheet);
        }
        read
    }
}
