//! How a workbook's cells look, and how much room they take.

use super::{Cell, Column, Kind, Sheet, text};
use domain::Pence;
use domain::money::grouped;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

/// The least width of a column, in digits.
const NARROWEST: usize = 6;
/// A header of so many signs is not broken.
const SHORT: usize = 10;
/// What the button of a filter takes from a header's width.
const BUTTON: usize = 3;
/// A word of so many signs is not broken.
const LONG_WORD: usize = 24;
/// What a text's indent takes from its column.
const INDENT: usize = 2;
/// The most lines that Excel's highest row has room for.
pub(super) const MOST_LINES: usize = 31;

const FONT: &str = "Arial";
const POUNDS: &str = "£#,##0.00;[Red]-£#,##0.00";
const WHOLE: &str = "#,##0;[Red]-#,##0";
const DAY: &str = "dd/mm/yyyy";
const HEADER_FILL: u32 = 0x00DD_E5EE;
const HEADING_GREY: u32 = 0x0050_5A5F;
const RULE: u32 = 0x00D9_D9D9;

/// How wide a column must be, and how wide its texts would like it.
struct Room {
    least: usize,
    most: usize,
    /// The signs of the longest text.
    signs: usize,
}

/// The widths of the columns, in digits: numbers and days as wide as they are; what is left of the paper goes to the texts, a digit
/// at a time to the one that would else take the most lines. `room` is what the paper holds at a size that can be read.
pub(super) fn widths(sheet: &Sheet, room: usize) -> Vec<u16> {
    let rooms: Vec<_> = sheet.columns.iter().enumerate().map(|(number, column)| room_of(sheet, number, column)).collect();
    let mut widths: Vec<_> = rooms.iter().map(|room| room.least).collect();
    let mut left = room.saturating_sub(widths.iter().sum());
    while left > 0 {
        let growing = rooms.iter().zip(&mut widths).filter(|(room, width)| **width < room.most);
        // Thousandths, to compare without fractions.
        let Some((_, width)) = growing.max_by_key(|(room, width)| room.signs * 1000 / **width) else { break };
        *width += 1;
        left -= 1;
    }
    widths.into_iter().map(|width| u16::try_from(width).unwrap_or(u16::MAX)).collect()
}

fn room_of(sheet: &Sheet, number: usize, column: &Column) -> Room {
    let cells = || sheet.rows.iter().filter_map(|row| row.get(number));
    let widest = cells().map(line_of).max().unwrap_or(0);
    let total = sheet
        .total(number)
        .map_or(0, |total| line_of(&if column.kind == Kind::Pounds { Cell::Pence(total) } else { Cell::Integer(total) }));
    let label = column.label();
    // A short label stays on one line; a long one is as wide as its longest word.
    let label = if label.chars().count() <= SHORT { label.chars().count() } else { longest_word(&label) };
    let label = (label + BUTTON).max(NARROWEST);
    if column.kind != Kind::Text {
        // Bold digits are wider.
        let least = (widest + 1).max(total + 2).max(label);
        return Room { least, most: least, signs: 0 };
    }
    let texts = || cells().filter_map(|cell| if let Cell::Text(words) = cell { Some(words.as_str()) } else { None });
    let word = texts().map(longest_word).max().unwrap_or(0).min(LONG_WORD);
    let least = label.max(word + INDENT);
    Room { least, most: least.max(widest + INDENT), signs: texts().map(|words| words.chars().count()).max().unwrap_or(0) }
}

fn longest_word(words: &str) -> usize {
    words.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0)
}

/// How many signs a cell shows in its longest line.
fn line_of(cell: &Cell) -> usize {
    match cell {
        Cell::Text(words) => words.lines().map(|line| line.chars().count()).max().unwrap_or(0),
        Cell::Date(_) => DAY.len(),
        Cell::Integer(number) => grouped(number.unsigned_abs()).len() + 1,
        Cell::Pence(pence) => Pence(*pence).to_string().chars().count(),
        Cell::Blank => 0,
    }
}

/// A text in pieces that each fit one row of a column so many digits wide. Together they are the text, broken between words where
/// it can be.
pub(super) fn pieces(words: &str, width: u16) -> Vec<&str> {
    let (mut pieces, mut begin, mut end) = (Vec::new(), 0, 0);
    for word in words.split_inclusive([' ', '\n']) {
        if end > begin && lines(words[begin..end + word.len()].trim_end(), width) > MOST_LINES {
            pieces.push(words[begin..end].trim_end());
            begin = end;
        }
        end += word.len();
        // A word longer than a row itself is broken where the row ends.
        while lines(&words[begin..end], width) > MOST_LINES && words[begin..end].chars().count() > MOST_LINES {
            let signs = room_for_letters(width) * MOST_LINES;
            let Some((at, _)) = words[begin..end].char_indices().nth(signs) else { break };
            pieces.push(&words[begin..begin + at]);
            begin += at;
        }
    }
    pieces.push(&words[begin..]);
    pieces
}

/// How many letters stand side by side in a column so many digits wide: they are narrower than digits on average, and indented.
fn room_for_letters(width: u16) -> usize {
    (usize::from(width).saturating_sub(1) * 11 / 10).max(1)
}

/// How many lines a text takes in a column so many digits wide, broken between words as far as it can be.
pub(super) fn lines(words: &str, width: u16) -> usize {
    let room = room_for_letters(width);
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
    /// The font of everything.
    pub(super) fn base() -> Format {
        Format::new().set_font_name(FONT).set_font_size(10)
    }

    pub(super) fn new() -> Self {
        let base = Self::base();
        let header = base.clone().set_bold().set_text_wrap().set_align(FormatAlign::VerticalCenter).set_background_color(HEADER_FILL);
        let header = header.set_border_bottom(FormatBorder::Thin);
        let row = base.clone().set_align(FormatAlign::Top).set_border_bottom(FormatBorder::Thin).set_border_bottom_color(RULE);
        // Else a number would touch the text beside it.
        let text = row.clone().set_text_wrap().set_align(FormatAlign::Left).set_indent(1);
        let total = base.clone().set_bold().set_border_top(FormatBorder::Thin).set_border_bottom(FormatBorder::Double);
        Look {
            title: base.clone().set_bold().set_font_size(15).set_align(FormatAlign::VerticalCenter),
            heading: base.set_font_color(HEADING_GREY),
            header_of_numbers: header.clone().set_align(FormatAlign::Right),
            header: header.set_align(FormatAlign::Left).set_indent(1),
            // Else Excel would calculate it as soon as somebody edited the cell.
            formula_like: text.clone().set_quote_prefix(),
            text,
            day: row.clone().set_num_format(DAY).set_align(FormatAlign::Left).set_indent(1),
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
            ("1234567", 1),
            ("12345678", 2),
            ("one 123456789012345678901", 4),
        ] {
            assert_eq!(lines(words, 8), expected, "{words}");
        }
        assert_eq!((height(1), height(2), height(1_000)), (16, 29, 406));
    }

    #[test]
    fn a_column_is_wide_enough_for_its_total_and_texts_share_what_is_left() {
        let columns = [
            Column::pounds("amount_pounds").summed(),
            Column::text("a_reason_that_the_panel_gave"),
            Column::text("reference"),
            Column::date("day"),
        ];
        let row = |pence, reason: &str| vec![Cell::Pence(pence), Cell::text(reason), Cell::text("R 1"), Cell::Blank];
        let sheet = Sheet::new("Widths", columns).with_rows([row(9_999_999_999, ""), row(1, &"word ".repeat(100))]).expect("fits");
        assert_eq!(widths(&sheet, 100), [17, 65, 12, 6]);
        assert_eq!(widths(&sheet, 1_000), [17, 502, 12, 6]);
        assert_eq!(widths(&sheet, 10), [17, 9, 12, 6]);
    }

    #[test]
    fn a_long_text_is_in_pieces_that_each_fit_a_row_and_nothing_is_lost() {
        let long: String = (0..800).map(|number| format!("word{number}{}", if number % 50 == 0 { "\n" } else { " " })).collect();
        for words in [long, "x".repeat(4_000), "short".to_owned(), format!("{} end", "é".repeat(4_000))] {
            let pieces = pieces(&words, 20);
            assert!(pieces.iter().all(|piece| lines(piece, 20) <= MOST_LINES));
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(bare(&pieces.concat()), bare(&words));
        }
    }
}
