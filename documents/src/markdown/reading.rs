//! Reads what an author wrote. Everything that a document cannot hold is told at once, with its line.

use super::placeholders::{Placed, Placeholder, Resolver, Stretch, stretches};
use super::tables;
use crate::model::{Address, Block, Inline, Level, List, ListKind, plain};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TextMergeWithOffset};
use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

/// What is wrong in an author's text, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("line {line}: {detail}")]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, and what to do.
    pub detail: String,
}

/// A link of an author's text to a heading of the same document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InnerLink {
    /// The line, from 1.
    pub line: usize,
    /// The heading's anchor, without the `#`.
    pub anchor: String,
}

/// What an author wrote, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authored {
    /// Its blocks. Where there are mistakes, what could be read all the same.
    pub blocks: Vec<Block>,
    /// Its links to headings. Other texts of the document have headings too: whoever composes them sees whether all are there.
    pub inner_links: Vec<InnerLink>,
    /// What a document cannot hold, in the order of its lines. Where there are any, the blocks are not for readers.
    pub mistakes: Vec<Mistake>,
}

/// Lists, quotes and marks may lie so deep in one another.
const DEEPEST: usize = 12;

/// Reads an author's Markdown as blocks: headings, paragraphs, lists, quotes, tables, links, strong and stressed words, code, and
/// place-holders. `level` is how deep its first headings (`#`) lie. A table has its caption in a paragraph of its own above it, which
/// begins with `Table:`. All mistakes are told at once.
pub fn authored(source: &str, level: Level, resolver: &dyn Resolver) -> Authored {
    let parser = Parser::new_ext(source, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES);
    let events: Vec<_> = TextMergeWithOffset::new(parser.into_offset_iter()).collect();
    let mut reader = Reader {
        source,
        line_ends: source.match_indices('\n').map(|(at, _)| at).collect(),
        events: events.into_iter().peekable(),
        resolver,
        first: level.depth(),
        before: level.depth() - 1,
        inner_links: Vec::new(),
        mistakes: Vec::new(),
    };
    let blocks = reader.blocks(0);
    reader.mistakes.sort();
    Authored { blocks, inner_links: reader.inner_links, mistakes: reader.mistakes }
}

/// A piece of a paragraph: part of a sentence, or blocks that a place-holder stands for.
pub(super) enum Piece {
    Inline(Inline),
    Blocks { blocks: Vec<Block>, written: String, line: usize },
}

pub(super) struct Reader<'s> {
    pub(super) source: &'s str,
    /// Where its lines end: looked up for every event.
    line_ends: Vec<usize>,
    pub(super) events: Peekable<IntoIter<(Event<'s>, Range<usize>)>>,
    resolver: &'s dyn Resolver,
    first: u8,
    before: u8,
    inner_links: Vec<InnerLink>,
    mistakes: Vec<Mistake>,
}

/// Whether an event belongs to a sentence.
fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => matches!(
            tag,
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Superscript | Tag::Subscript | Tag::Link { .. } | Tag::Image { .. }
        ),
        Event::End(_) | Event::Html(_) | Event::Rule => false,
        _ => true,
    }
}

impl<'s> Reader<'s> {
    pub(super) fn line(&self, at: &Range<usize>) -> usize {
        self.line_ends.partition_point(|end| *end < at.start) + 1
    }

    pub(super) fn wrong(&mut self, line: usize, detail: impl Into<String>) {
        self.mistakes.push(Mistake { line, detail: detail.into() });
    }

    /// Passes over the rest of what has begun.
    fn skip(&mut self) {
        let mut open = 1_usize;
        while open > 0 {
            match self.events.next() {
                Some((Event::Start(_), _)) => open += 1,
                Some((Event::End(_), _)) => open -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }

    /// The blocks up to the end of what they are in, that end included.
    fn blocks(&mut self, depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        while let Some((event, at)) = self.events.peek().cloned() {
            // The words of a short list stand in no paragraph.
            if is_inline(&event) {
                let pieces = self.pieces(depth + 1, true);
                self.paragraph(pieces, &mut blocks);
                continue;
            }
            self.events.next();
            match event {
                Event::End(_) => return blocks,
                Event::Start(tag) => self.block(tag, &at, depth, &mut blocks),
                Event::Rule => self.wrong(self.line(&at), "a line across has no meaning to those who do not see it; use a heading"),
                _ => self.wrong(self.line(&at), HTML),
            }
        }
        blocks
    }

    fn block(&mut self, tag: Tag<'s>, at: &Range<usize>, depth: usize, blocks: &mut Vec<Block>) {
        let line = self.line(at);
        if depth > DEEPEST {
            self.wrong(line, "lists and quotes lie too deep in one another; write it in fewer steps");
            return self.skip();
        }
        match tag {
            Tag::Paragraph => {
                let pieces = self.pieces(depth + 1, false);
                self.paragraph(pieces, blocks);
            }
            Tag::Heading { level, .. } => {
                let marks = u8::try_from(level as usize).unwrap_or(u8::MAX);
                self.heading(marks, line, depth, blocks);
            }
            Tag::BlockQuote(_) => {
                let inner = self.blocks(depth + 1);
                blocks.push(Block::Quote(inner));
            }
            Tag::List(start) => {
                let kind = if start.is_some() { ListKind::Numbered } else { ListKind::Bulleted };
                let mut items = Vec::new();
                while let Some((Event::Start(_), _)) = self.events.next() {
                    items.push(self.blocks(depth + 1));
                }
                blocks.push(Block::List(List { kind, items }));
            }
            Tag::Table(sides) => {
                let caption = tables::caption(blocks);
                if caption.is_none() {
                    self.wrong(
                        line,
                        "the table has no caption; write a paragraph above it that begins with \"Table:\" and says what it shows",
                    );
                }
                let table = tables::read(self, &sides, caption.unwrap_or_default());
                blocks.push(Block::Table(table));
            }
            Tag::HtmlBlock => {
                self.wrong(line, HTML);
                self.skip();
            }
            Tag::CodeBlock(_) => {
                self.wrong(line, "a block of code has no place here; begin its lines at the margin, without four spaces or ```");
                self.skip();
            }
            _ => {
                self.wrong(line, "a document holds headings, paragraphs, lists, quotes and tables; write this as one of them");
                self.skip();
            }
        }
    }

    fn heading(&mut self, marks: u8, line: usize, depth: usize, blocks: &mut Vec<Block>) {
        let pieces = self.pieces(depth + 1, false);
        let text = plain(&self.inlines(pieces)).trim().to_owned();
        let deep = self.first - 1 + marks;
        if depth > 0 {
            self.wrong(line, "a heading stands in a list or a quote, where no list of contents finds it; move it out");
        }
        if text.is_empty() {
            self.wrong(line, "the heading has no words");
        }
        if deep > self.before + 1 {
            self.wrong(line, format!("the heading skips a level; write {}", "#".repeat(usize::from(self.before + 2 - self.first))));
        }
        match Level::new(deep) {
            Some(level) => blocks.push(Block::heading(level, text)),
            None => self.wrong(line, "the heading lies too deep; write it as a strong first word of its paragraph"),
        }
        self.before = deep;
    }

    /// A paragraph, or the blocks of the place-holders that stand alone in it.
    fn paragraph(&mut self, pieces: Vec<Piece>, blocks: &mut Vec<Block>) {
        let alone = pieces.iter().all(|piece| match piece {
            Piece::Blocks { .. } => true,
            Piece::Inline(Inline::Text(words)) => words.trim().is_empty(),
            Piece::Inline(_) => false,
        });
        if alone {
            let placed = pieces.into_iter().filter_map(|piece| if let Piece::Blocks { blocks, .. } = piece { Some(blocks) } else { None });
            return blocks.extend(placed.flatten());
        }
        let content = self.inlines(pieces);
        blocks.push(Block::Paragraph(content));
    }

    /// The pieces as parts of a sentence; blocks are none.
    pub(super) fn inlines(&mut self, pieces: Vec<Piece>) -> Vec<Inline> {
        let mut content: Vec<Inline> = Vec::new();
        for piece in pieces {
            match (piece, content.last_mut()) {
                (Piece::Inline(Inline::Text(more)), Some(Inline::Text(words))) => words.push_str(&more),
                (Piece::Inline(part), _) => content.push(part),
                (Piece::Blocks { written, line, .. }, _) => {
                    self.wrong(line, format!("{written} stands among words; give it a paragraph of its own"));
                }
            }
        }
        content
    }

    /// The pieces of a sentence, up to the end of what they are in. Words in no paragraph end before the next block.
    pub(super) fn pieces(&mut self, depth: usize, bare: bool) -> Vec<Piece> {
        let mut pieces = Vec::new();
        while let Some((event, at)) = self.events.next_if(|(event, _)| !bare || is_inline(event)) {
            let line = self.line(&at);
            let part = match event {
                Event::End(_) => return pieces,
                Event::Text(words) => {
                    self.words(&words, line, &mut pieces);
                    continue;
                }
                Event::Code(words) => Inline::Code(words.into_string()),
                Event::SoftBreak => Inline::text(" "),
                Event::HardBreak => Inline::LineBreak,
                Event::Start(tag) => {
                    self.marked(tag, line, depth, &mut pieces);
                    continue;
                }
                Event::InlineHtml(_) | Event::Html(_) => {
                    self.wrong(line, HTML);
                    continue;
                }
                _ => {
                    self.wrong(line, "footnotes, formulas and boxes to tick have no place here; write it as a sentence");
                    continue;
                }
            };
            pieces.push(Piece::Inline(part));
        }
        pieces
    }

    fn marked(&mut self, tag: Tag<'s>, line: usize, depth: usize, pieces: &mut Vec<Piece>) {
        if depth > 2 * DEEPEST {
            self.wrong(line, "marks lie too deep in one another; use fewer");
            return self.skip();
        }
        match tag {
            Tag::Image { .. } => {
                self.wrong(line, "a picture has no place here; say in words what it shows");
                return self.skip();
            }
            Tag::Strikethrough | Tag::Superscript | Tag::Subscript => {
                self.wrong(line, "words struck out, raised or lowered are not heard; leave them out")
            }
            _ => {}
        }
        let inner = self.pieces(depth + 1, false);
        let content = self.inlines(inner);
        pieces.push(Piece::Inline(match tag {
            Tag::Strong => Inline::Strong(content),
            Tag::Link { link_type, dest_url, .. } => {
                let written = if link_type == LinkType::Email { format!("mailto:{dest_url}") } else { dest_url.into_string() };
                if plain(&content).trim().is_empty() {
                    self.wrong(line, format!("the link to {written} has no words; write [words]({written})"));
                }
                let address = match Address::public(&written) {
                    Ok(address) => address,
                    Err(wrong) => return self.wrong(line, wrong.to_string()),
                };
                self.inner_links.extend(address.anchor().map(|anchor| InnerLink { line, anchor: anchor.to_owned() }));
                Inline::Link { address, content }
            }
            _ => Inline::Emphasis(content),
        }));
    }

    /// Words, with what their place-holders stand for.
    fn words(&mut self, words: &str, line: usize, pieces: &mut Vec<Piece>) {
        for stretch in stretches(words) {
            match stretch {
                Stretch::Words(words) => pieces.push(Piece::Inline(Inline::text(words))),
                Stretch::Unclosed => self.wrong(line, "{{ begins a place-holder that does not end; close it with }} in the same line"),
                Stretch::Braced(inner) => match Placeholder::parse(inner).and_then(|one| self.resolver.resolve(&one)) {
                    Ok(Placed::Inlines(content)) => pieces.extend(content.into_iter().map(Piece::Inline)),
                    Ok(Placed::Blocks(blocks)) => pieces.push(Piece::Blocks { blocks, written: format!("{{{{{inner}}}}}"), line }),
                    Err(detail) => self.wrong(line, detail),
                },
            }
        }
    }
}

/// What is told of HTML.
const HTML: &str = "HTML has no place here; write the words alone, or \\< for the sign <";
