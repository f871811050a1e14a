//! How a table fits on paper: which way the page is turned, how large its letters are, how wide its columns, and into how many parts it falls
//! where no page is wide enough. Widths are estimated from the letters, in thousandths of a letter's height.

use crate::model::{Block, Row, Table};

/// How a table fits on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// Whether the page is turned.
    pub turned: bool,
    /// The height of its letters, in points.
    pub letter_pt: i64,
    /// Its parts, one below another. Each has the rows' headings as its first column.
    pub parts: Vec<Vec<FittedColumn>>,
}

/// A column of a part of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FittedColumn {
    /// Which column of the table.
    pub place: usize,
    /// How wide, in points.
    pub width_pt: i64,
}

/// What lies between the margins of an A4 page, upright and turned.
pub const UPRIGHT_PT: i64 = 483;
const TURNED_PT: i64 = 730;
/// What stands beside the words of a cell, both sides together.
const PADDING_PT: i64 = 10;
/// The sizes that are tried: those of an upright page, then of a turned one. Nothing smaller is read with ease.
const TRIED: [(bool, i64); 5] = [(false, 10), (false, 9), (true, 10), (true, 9), (true, 8)];
/// A longer word is broken, so that it asks for no more.
const LONGEST_WORD: usize = 24;
/// No column asks for more words in a line than this, if others need the room.
const LINE_SIGNS: usize = 42;

/// More blocks than this before a table on a turned page are a text of their own.
const MOST_LEADING: usize = 3;

/// A table with no more rows than this stays on one page.
const ROWS_KEPT_TOGETHER: usize = 14;
/// A cell with more signs may go on to the next page.
const SIGNS_KEPT_TOGETHER: usize = 700;

/// Whether each row of a table stays on one page.
pub fn rows_stay_whole(table: &Table) -> bool {
    table.rows.iter().flat_map(Row::cells).all(|cell| cell.plain().chars().count() <= SIGNS_KEPT_TOGETHER)
}

/// Whether a table stays on one page.
pub fn stays_whole(table: &Table) -> bool {
    table.rows.len() <= ROWS_KEPT_TOGETHER && rows_stay_whole(table)
}

/// About how wide a sign is.
fn sign_width(sign: char) -> i64 {
    match sign {
        'i' | 'j' | 'l' | '.' | ',' | '\'' | ' ' | '|' | ':' | ';' => 280,
        'm' | 'w' | 'M' | 'W' | '%' => 900,
        'A'..='Z' => 720,
        _ if sign.is_ascii() => 560,
        '£' => 560,
        _ => 800,
    }
}

/// About how wide words are, in thousandths of a letter's height.
pub fn width_in_thousandths(text: &str) -> i64 {
    text.chars().map(sign_width).sum()
}

fn width(text: &str, most: usize) -> i64 {
    text.chars().take(most).map(sign_width).sum()
}

/// The least and the wished-for width of each column.
fn wishes(table: &Table) -> Vec<(i64, i64)> {
    let column = |place: usize| {
        let cells = table.rows.iter().map(|row| row.cell(place).plain());
        // Headings are set in heavier letters.
        let texts = [format!("{} ", table.heading(place))].into_iter().chain(cells);
        texts.fold((0, 0), |(least, wished), text| {
            let word = text.split_whitespace().map(|word| width(word, LONGEST_WORD)).max().unwrap_or_default();
            (least.max(word + word / 12), wished.max(width(&text, LINE_SIGNS) + 300))
        })
    };
    (0..table.width()).map(column).map(|(least, wished)| (least, wished.max(least))).collect()
}

/// How many blocks, a heading first, lead straight into a table on a turned page; 0, these do not. They stand on the table's page: a heading
/// that stayed behind would be alone.
pub fn leading_into_turned(blocks: &[Block]) -> usize {
    if !matches!(blocks.first(), Some(Block::Heading(_))) {
        return 0;
    }
    let leading = blocks.iter().take_while(|block| matches!(block, Block::Heading(_) | Block::Paragraph(_))).count();
    match blocks.get(leading) {
        Some(Block::Table(table)) if leading <= MOST_LEADING && fit(table).turned => leading,
        _ => 0,
    }
}

/// How a table fits on paper.
pub fn fit(table: &Table) -> Fit {
    let wishes = wishes(table);
    let at = |letter_pt: i64| -> Vec<(i64, i64)> {
        wishes.iter().map(|(least, wished)| (least * letter_pt / 1000 + PADDING_PT, wished * letter_pt / 1000 + PADDING_PT)).collect()
    };
    let least = |letter_pt| at(letter_pt).iter().map(|(least, _)| least).sum::<i64>();
    let room = |turned| if turned { TURNED_PT } else { UPRIGHT_PT };
    let fits = TRIED.into_iter().find(|(turned, letter_pt)| least(*letter_pt) <= room(*turned));
    let (turned, letter_pt) = fits.unwrap_or(TRIED[TRIED.len() - 1]);
    let columns = at(letter_pt);
    let parts = places(&columns, room(turned)).into_iter().map(|places| shared_out(&columns, &places, room(turned))).collect();
    Fit { turned, letter_pt, parts }
}

/// Which columns stand side by side: the first in every part, and as many others as there is room for.
fn places(columns: &[(i64, i64)], room: i64) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut used = 0;
    for (place, (least, _)) in columns.iter().enumerate() {
        match parts.last_mut() {
            Some(part) if used + least <= room || part.len() < 2 => {
                part.push(place);
                used += least;
            }
            Some(_) => {
                parts.push(vec![0, place]);
                used = columns[0].0 + least;
            }
            None => {
                parts.push(vec![place]);
                used = *least;
            }
        }
    }
    parts
}

/// The widths of columns side by side: each what it needs, and of the room left as much as it wishes, in proportion.
fn shared_out(columns: &[(i64, i64)], places: &[usize], room: i64) -> Vec<FittedColumn> {
    let sum = |pick: fn(&(i64, i64)) -> i64| places.iter().map(|place| pick(&columns[*place])).sum::<i64>();
    let (needed, wished) = (sum(|(least, _)| *least), sum(|(_, wished)| *wished));
    let left = (room - needed).max(0);
    let more = (wished - needed).max(1);
    let width = |place: &usize| {
        let (least, wished) = columns[*place];
        // Where there is more room than is wished for, columns of figures are not drawn apart for it.
        FittedColumn { place: *place, width_pt: (least + (wished - least) * left.min(more) / more).min(room) }
    };
    places.iter().map(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cell, Column, Value};
    use domain::Pence;
    use proptest::prelude::*;

    fn table(columns: usize, heading: &str, pence: i64) -> Table {
        let numbers = (1..columns).map(|number| Column::numbers(format!("Month {number}")));
        let cells = (1..columns).map(|_| Cell::from(Value::Money(Pence(pence))));
        Table {
            caption: "Spend".to_owned(),
            columns: [Column::words("Line")].into_iter().chain(numbers).collect(),
            rows: vec![Row::Ordinary([Cell::words(heading)].into_iter().chain(cells).collect())],
            notes: Vec::new(),
        }
    }

    #[test]
    fn the_page_turns_and_letters_shrink_only_as_far_as_needed() {
        let cases = [(3, false, 10, 1), (6, false, 10, 1), (9, true, 10, 1), (14, true, 8, 2), (40, true, 8, 4)];
        for (columns, turned, letter_pt, parts) in cases {
            let fit = fit(&table(columns, "Community short breaks", 199_199_472));
            assert_eq!((fit.turned, fit.letter_pt, fit.parts.len()), (turned, letter_pt, parts), "{columns} columns: {fit:?}");
        }
    }

    proptest! {
        #[test]
        fn each_column_stands_in_one_part_and_no_part_is_wider_than_its_page(columns in 1_usize..40, pence in 0_i64..100_000_000_000, word in "[a-z ]{1,200}") {
            let fit = fit(&table(columns, &word, pence));
            let room = if fit.turned { TURNED_PT } else { UPRIGHT_PT };
            let mut others = Vec::new();
            for part in &fit.parts {
                prop_assert_eq!(part[0].place, 0);
                prop_assert!(part.iter().map(|column| column.width_pt).sum::<i64>() <= room);
                others.extend(part[1..].iter().map(|column| column.place));
            }
            prop_assert_eq!(others, (1..columns).collect::<Vec<_>>());
        }
    }
}
