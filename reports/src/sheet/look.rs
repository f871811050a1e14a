//! How a workbook's cells look, and how much room they take.

use super::{Cell, Column, Kind, Sheet, text};
use domain::Pence;
use domain::money::grouped;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

/// Widths of columns, in digits.
const NARROWEST: usize = 8;
const WIDEST: usize = 44;
/// A header of so many signs is not broken.
const SHORT: usize = 16;
/// What the button of a filter takes from a header's width.
const BUTTON: usize = 3;
/// The most lines that Excel's highest row has room for.
const MOST_LINES: usize = 31;

const FONT: &str = "Arial";
const POUNDS: &str = "£#,##0.00;[Red]-£#,##0.00";
const WHOLE: &str = "#,##0;[Red]-#,##0";
const DAY: &str = "dd/mm/yyyy";
const HEADER_FILL: u32 = 0x00DD_E5EE;
const HEADING_GREY: u32 = 0x0050_5A5F;
const RULE: u32 = 0x00D9_D9D9;

/// Wide enough for the widest cell and for the longest word of the header beside its filter's button.
pub(super) fn width(sheet: &Sheet, number: usize, column: &Column) -> u16 {
    let cells = sheet.rows.iter().filter_map(|row| row.get(number)).map(signs).max().unwrap_or(0);
    let total =
        sheet.total(number).map_or(0, |total| signs(&if column.kind == Kind::Pounds { Cell::Pence(total) } else { Cell::Integer(total) }));
    let label = column.label();
    // A short label stays on one line; a long one is as wide as its longest word.
    let label = if label.chars().count() <= SHORT {
        label.chars().count()
    } else {
        label.split(' ').map(|word| word.chars().count()).max().unwrap_or(0)
    };
    // Bold digits are wider.
    let signs = (cells + 1).max(total + 2).max(label + BUTTON).clamp(NARROWEST, WIDEST);
    u16::try_from(signs).unwrap_or(u16::MAX)
}

/// How many signs a cell shows in its longest line.
fn signs(cell: &Cell) -> usize {
    match cell {
        Cell::Text(words) => words.lines().map(|line| line.chars().count()).max().unwrap_or(0),
        Cell::Date(_) => DAY.len(),
        Cell::Integer(number) => grouped(number.unsigned_abs()).len() + 1,
        Cell::Pence(pence) => Pence(*pence).to_string().chars().count(),
        Cell::Blank => 0,
    }
}

/// How many lines a text takes in a column so many digits wide, broken between words as far as it can be.
pub(super) fn lines(words: &str, width: u16) -> usize {
    // Letters are narrower than digits on average.
    let room = (usize::from(width) * 5 / 4).max(1);
    let of_a_line = |line: &str| {
        let (mut lines, mut used) = (1, 0);
        for word in line.split_whitespace() {
            let signs = word.chars().count();
            if used > 0 && used + 1 + signs > room {
                lines += 1;
                used = 0;
            }
            used += signs + usize::from(used > 0);
            // A word wider than the column is broken where it must be.
            lines += used.saturating_sub(1) / room;
            used = if used > room { (used - 1) % room + 1 } else { used };
        }
        lines
    };
    words.split('\n').map(of_a_line).sum()
}

/// The height of a row of so many lines, in points.
pub(super) fn height(lines: usize) -> u16 {
    u16::try_from(lines.clamp(1, MOST_LINES)).unwrap_or(1) * 13 + 3
}

/// How the cells look.
pub(super) struct Look {
    pub(super) title: Format,
    pub(super) heading: Format,
    header: Format,
    header_of_numbers: Format,
    pub(super) text: Format,
    formula_like: Format,
    pub(super) day: Format,
    pub(super) whole: Format,
    pub(super) pounds: Format,
    total: Format,
    total_whole: Format,
    total_pounds: Format,
}

impl Look {
    pub(super) fn new() -> Self {
        let base = Format::new().set_font_name(FONT).set_font_size(10);
        let header = base.clone().set_bold().set_text_wrap().set_align(FormatAlign::VerticalCenter).set_background_color(HEADER_FILL);
        let header = header.set_border_bottom(FormatBorder::Thin);
        let row = base.clone().set_align(FormatAlign::Top).set_border_bottom(FormatBorder::Thin).set_border_bottom_color(RULE);
        let text = row.clone().set_text_wrap();
        let total = base.clone().set_bold().set_border_top(FormatBorder::Thin).set_border_bottom(FormatBorder::Double);
        Look {
            title: base.clone().set_bold().set_font_size(15).set_align(FormatAlign::VerticalCenter),
            heading: base.set_font_color(HEADING_GREY),
            header_of_numbers: header.clone().set_align(FormatAlign::Right),
            header,
            // Else Excel would calculate it as soon as somebody edited the cell.
            formula_like: text.clone().set_quote_prefix(),
            text,
            day: row.clone().set_num_format(DAY).set_align(FormatAlign::Left),
            whole: row.clone().set_num_format(WHOLE),
            pounds: row.set_num_format(POUNDS),
            total_whole: total.clone().set_num_format(WHOLE),
            total_pounds: total.clone().set_num_format(POUNDS),
            total,
        }
    }

    pub(super) fn header(&self, kind: Kind) -> &Format {
        if matches!(kind, Kind::Integer | Kind::Pounds) { &self.header_of_numbers } else { &self.header }
    }

    pub(super) fn text_of(&self, words: &str) -> &Format {
        if text::looks_like_a_formula(words) { &self.formula_like } else { &self.text }
    }

    pub(super) fn total_of(&self, kind: Kind) -> &Format {
        match kind {
            Kind::Text | Kind::Date => &self.total,
            Kind::Integer => &self.total_whole,
            Kind::Pounds => &self.total_pounds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_and_rows_grow_with_it() {
        for (words, expected) in [
            ("", 1),
            ("one two", 1),
            ("one two three", 2),
            ("one\ntwo", 2),
            ("1234567890", 1),
            ("12345678901", 2),
            ("one 123456789012345678901", 4),
        ] {
            assert_eq!(lines(words, 8), expected, "{words}");
        }
        assert_eq!((height(1), height(2), height(1_000)), (16, 29, 406));
    }

    #[test]
    fn a_column_is_wide_enough_for_its_total() {
        let columns = [Column::pounds("amount_pounds").summed(), Column::text("a_reason_that_the_panel_gave"), Column::date("day")];
        let row = |pence, reason: &str| vec![Cell::Pence(pence), Cell::text(reason), Cell::Blank];
        let sheet = Sheet::new("Widths", columns.clone()).with_rows([row(9_999_999_999, ""), row(1, &"x".repeat(500))]).expect("fits");
        let widths: Vec<_> = columns.iter().enumerate().map(|(number, column)| width(&sheet, number, column)).collect();
        assert_eq!(widths, [17, 44, 8]);
    }
}
