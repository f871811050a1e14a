//! Tables in an author's text.

use super::reading::Reader;
use crate::model::{Block, Cell, Column, Inline, Row, Table, plain};
use pulldown_cmark::{Alignment, Event};

/// What the caption of a table begins with, in the paragraph above it.
const CAPTION: &str = "Table:";

/// The caption that the last paragraph is, which it is no longer.
pub(super) fn caption(blocks: &mut Vec<Block>) -> Option<String> {
    let Some(Block::Paragraph(content)) = blocks.last() else { return None };
    let caption = plain(content).trim().strip_prefix(CAPTION)?.trim().to_owned();
    blocks.pop();
    (!caption.is_empty()).then_some(caption)
}

/// Reads a table up to its end. Columns to the right hold numbers.
pub(super) fn read(reader: &mut Reader<'_>, sides: &[Alignment], caption: String) -> Table {
    let mut lines: Vec<Vec<Cell>> = Vec::new();
    while let Some((Event::Start(_), at)) = reader.events.next() {
        let line = reader.line(&at);
        let head = lines.is_empty();
        let (cells, end) = cells(reader);
        // The parser drops what a row has beyond its head.
        let beyond = reader.source.get(end..at.end).unwrap_or_default().trim();
        if !beyond.is_empty() && beyond != "|" {
            let headings = sides.len();
            reader.wrong(
                line,
                format!(
                    "the row has more cells than the table has headings ({headings}); write \\| for a | within a cell, or add a heading"
                ),
            );
        }
        if head && cells.iter().any(|cell| cell.plain().trim().is_empty()) {
            reader.wrong(line, "a column of the table has no heading; a screen reader says it with every cell");
        }
        if !head && cells.first().is_none_or(|cell| cell.plain().trim().is_empty()) {
            reader.wrong(line, "the row has nothing in its first cell, which says what the row is of");
        }
        lines.push(cells);
    }
    let mut lines = lines.into_iter();
    let headings = lines.next().unwrap_or_default();
    let column = |(place, cell): (usize, &Cell)| match sides.get(place) {
        Some(Alignment::Right) => Column::numbers(cell.plain()),
        _ => Column::words(cell.plain()),
    };
    let columns = headings.iter().enumerate().map(column).collect();
    Table { caption, columns, rows: lines.map(Row::Ordinary).collect(), notes: Vec::new() }
}

/// The cells of a row, and where the last of them ends.
fn cells(reader: &mut Reader<'_>) -> (Vec<Cell>, usize) {
    let (mut cells, mut end) = (Vec::new(), 0);
    while let Some((Event::Start(_), at)) = reader.events.next() {
        end = at.end;
        let pieces = reader.pieces(0, false);
        let content: Vec<Inline> = reader.inlines(pieces);
        cells.push(Cell(content));
    }
    (cells, end)
}
