//! A document as the data that the template lays out.

use crate::drawing;
use crate::fitting::{self, Fit};
use crate::model::{Address, Block, Chart, ColumnKind, Document, Heading, Inline, LANGUAGE, ListKind, Row, Table, written_date};
use crate::numbers::Numbers;
use crate::{Error, fonts, signs};
use chrono::Datelike;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::vec::IntoIter;

/// A longer word may break anywhere.
const LONGEST_WORD: usize = 24;
/// So many signs of it stay together.
const KEPT_TOGETHER: usize = 8;
/// With fewer headings there is no list of contents.
const FEWEST_CONTENTS: usize = 4;

/// A document as the template's data.
pub fn of(document: &Document) -> Result<Value, Error> {
    let headings = document.headings();
    let anchors = headings.iter().map(|heading| heading.anchor.clone()).collect();
    let contents = headings.len() >= FEWEST_CONTENTS;
    let mut writer = Writer { anchors, headings: headings.into_iter(), numbers: Numbers::default() };
    let blocks = writer.top(&document.blocks)?;
    let (language, region) = LANGUAGE.split_once('-').unwrap_or((LANGUAGE, ""));
    let dated = document.dated;
    Ok(json!({
        "title": words(&document.title), "subtitle": document.subtitle.as_deref().map(words), "authority": words(&document.authority),
        "description": signs::clean(&document.description), "language": language, "region": region,
        "year": dated.year(), "month": dated.month(), "day": dated.day(), "dated": written_date(dated),
        "contents": contents, "blocks": blocks,
    }))
}

/// Words as the fonts can show them; a very long word may break.
fn words(text: &str) -> String {
    let shown = fonts::shown(text);
    if shown.split(' ').all(|word| word.chars().count() <= LONGEST_WORD) {
        return shown;
    }
    let (mut broken, mut run) = (String::new(), 0);
    for sign in shown.chars() {
        run = if sign == ' ' { 0 } else { run + 1 };
        broken.push(sign);
        if run > 0 && run % KEPT_TOGETHER == 0 {
            broken.push('\u{200B}');
        }
    }
    broken
}

/// Writes blocks, with the headings' own anchors in order.
struct Writer {
    anchors: BTreeSet<String>,
    headings: IntoIter<Heading>,
    numbers: Numbers,
}

impl Writer {
    /// The document's own blocks. What leads into a table on a turned page is on that page.
    fn top(&mut self, mut blocks: &[Block]) -> Result<Vec<Value>, Error> {
        let mut written = Vec::new();
        while !blocks.is_empty() {
            let leading = fitting::leading_into_turned(blocks);
            let (these, rest) = blocks.split_at(leading + 1);
            blocks = rest;
            let mut these = these.iter().map(|block| self.block(block, true)).collect::<Result<Vec<_>, _>>()?;
            if leading > 0 {
                these[leading]["turned"] = false.into();
                these = vec![json!({ "kind": "turned", "blocks": these })];
            }
            written.append(&mut these);
        }
        Ok(written)
    }

    fn block(&mut self, block: &Block, at_top: bool) -> Result<Value, Error> {
        Ok(match block {
            Block::Heading(heading) if at_top => {
                let heading = self.headings.next().unwrap_or_else(|| heading.clone());
                json!({ "kind": "heading", "level": heading.level.depth(), "text": words(&heading.text), "anchor": heading.anchor })
            }
            // A heading inside another block is no place to go to.
            Block::Heading(heading) => {
                json!({ "kind": "paragraph", "content": [{ "kind": "strong", "content": [{ "kind": "text", "text": words(&heading.text) }] }] })
            }
            Block::Paragraph(content) => json!({ "kind": "paragraph", "content": self.inlines(content) }),
            Block::List(list) => {
                let items = list.items.iter().map(|item| self.blocks(item)).collect::<Result<Vec<_>, _>>()?;
                json!({ "kind": "list", "numbered": list.kind == ListKind::Numbered, "items": items })
            }
            Block::Quote(blocks) => json!({ "kind": "quote", "blocks": self.blocks(blocks)? }),
            Block::Note(note) => json!({ "kind": "note", "title": words(&note.title), "blocks": self.blocks(&note.blocks)? }),
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => self.chart(chart)?,
        })
    }

    fn blocks(&mut self, blocks: &[Block]) -> Result<Vec<Value>, Error> {
        blocks.iter().map(|block| self.block(block, false)).collect()
    }

    fn inlines(&self, content: &[Inline]) -> Vec<Value> {
        content.iter().map(|part| self.inline(part)).collect()
    }

    fn inline(&self, part: &Inline) -> Value {
        match part {
            Inline::Text(text) => json!({ "kind": "text", "text": words(text) }),
            Inline::Value(value) => json!({ "kind": "text", "text": words(&value.to_string()) }),
            Inline::Code(text) => json!({ "kind": "code", "text": words(text) }),
            Inline::Strong(content) => json!({ "kind": "strong", "content": self.inlines(content) }),
            Inline::Emphasis(content) => json!({ "kind": "emphasis", "content": self.inlines(content) }),
            Inline::LineBreak => json!({ "kind": "break" }),
            Inline::Link { address, content } => self.link(address, content),
        }
    }

    /// A place in this system, or one that is not there, is no place to go to from a file that lies elsewhere.
    fn link(&self, address: &Address, content: &[Inline]) -> Value {
        let content = self.inlines(content);
        match address.anchor() {
            Some(anchor) if self.anchors.contains(anchor) => json!({ "kind": "reference", "anchor": anchor, "content": content }),
            None if !address.is_internal() => json!({ "kind": "link", "address": signs::clean(address.as_str()), "content": content }),
            _ => json!({ "kind": "plain", "content": content }),
        }
    }

    fn table(&mut self, table: &Table) -> Value {
        let caption = self.numbers.table(&table.caption);
        let Fit { turned, letter_pt, parts } = fitting::fit(table);
        let part = |columns: &Vec<fitting::FittedColumn>| {
            let heading = |column: &fitting::FittedColumn| words(table.heading(column.place));
            let row = |row: &Row| {
                let cells = columns.iter().map(|column| self.inlines(&row.cell(column.place).0));
                json!({ "total": row.is_total(), "cells": cells.collect::<Vec<_>>() })
            };
            json!({
                "widths": columns.iter().map(|column| column.width_pt).collect::<Vec<_>>(),
                "numbers": columns.iter().map(|column| table.kind(column.place) == ColumnKind::Numbers).collect::<Vec<_>>(),
                "headings": columns.iter().map(heading).collect::<Vec<_>>(),
                "rows": table.rows.iter().map(row).collect::<Vec<_>>(),
            })
        };
        json!({
            "kind": "table", "caption": words(&caption), "turned": turned, "letter": letter_pt,
            "whole": fitting::stays_whole(table), "breakable_rows": !fitting::rows_stay_whole(table),
            "parts": parts.iter().filter(|part| !part.is_empty()).map(part).collect::<Vec<_>>(),
            "notes": table.all_notes().into_iter().map(words).collect::<Vec<_>>(),
        })
    }

    fn chart(&mut self, chart: &Chart) -> Result<Value, Error> {
        let title = self.numbers.chart(&chart.title);
        Ok(json!({
            "kind": "chart", "title": words(&title), "svg": drawing::printable_svg(chart)?,
            "alternative": signs::clean(&format!("{}. {}", chart.title, chart.description)),
            "table": self.table(&chart.table()),
        }))
    }
}
