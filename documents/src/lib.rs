//! One document, many formats. A composer builds a [`Document`]; each renderer writes the whole of it, for everybody: readers on a telephone,
//! on paper, or with a screen reader. There is no I/O here but the fonts that are built in, and no clock: the same document gives the same
//! bytes.

mod docx;
mod drawing;
mod error;
mod fitting;
mod fonts;
mod html;
mod markdown;
mod model;
mod numbers;
mod pdf;
mod signs;
mod text;

pub use error::Error;
pub use markdown::{Authored, InnerLink, Mistake, Placed, Placeholder, PlaceholderKind, Resolver, authored};
pub use model::{
    Address, Block, Cell, Chart, ChartKind, Column, ColumnKind, Document, Fault, Heading, Inline, LANGUAGE, Level, List, ListKind,
    NotAnAddress, Note, Row, Series, Table, Value, plain, slug, written_date,
};

/// The document as a web page of one file: no script, styles inside, charts as SVG.
pub fn html(document: &Document) -> String {
    html::page(document)
}

/// The document as PDF/UA-1, for everybody, and PDF/A-2b, for archives: tagged, with its fonts inside.
pub fn pdf(document: &Document) -> Result<Vec<u8>, Error> {
    pdf::file(document)
}

/// The document for a word processor, with the styles of a council's own template (a `.docx` or `.dotx` file), if one is given.
pub fn docx(document: &Document, template: Option<&[u8]>) -> Result<Vec<u8>, Error> {
    docx::file(document, template)
}

/// The document as Markdown.
pub fn markdown(document: &Document) -> String {
    markdown::written(document)
}

/// The document as plain text.
pub fn text(document: &Document) -> String {
    text::written(document)
}
