//! PDF: typst lays a fixed template out with the document as data, so that no word of a document is ever read as markup.

mod data;
mod world;

use crate::Error;
use crate::model::Document;
use typst::diag::{SourceDiagnostic, Warned};
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};
use world::World;

/// What typst remembers is forgotten after this many later documents.
const REMEMBERED_DOCUMENTS: usize = 4;

/// The document as PDF/UA-1, for everybody, and PDF/A-2b, for archives.
pub fn file(document: &Document) -> Result<Vec<u8>, Error> {
    let data = data::of(document)?;
    let identity = data.to_string();
    let world = World::new(identity.clone());
    let Warned { output, .. } = typst::compile::<PagedDocument>(&world);
    let pages = output.map_err(|wrong| told(&wrong))?;
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2b]).map_err(|wrong| Error::Ours(format!("{wrong:?}")))?;
    let options = PdfOptions {
        ident: Smart::Custom(identity),
        creator: Smart::Custom(Some("Short Breaks".to_owned())),
        standards,
        ..PdfOptions::default()
    };
    let file = typst_pdf::pdf(&pages, &options).map_err(|wrong| told(&wrong));
    comemo::evict(REMEMBERED_DOCUMENTS);
    file
}

/// What typst says is wrong. The words of a document are not in it.
fn told(wrong: &[SourceDiagnostic]) -> Error {
    let reasons: Vec<String> = wrong
        .iter()
        .map(|one| {
            [&one.message]
                .into_iter()
                .map(ToString::to_string)
                .chain(one.hints.iter().map(|hint| hint.v.to_string()))
                .collect::<Vec<_>>()
                .join("; ")
        })
        .collect();
    Error::Ours(reasons.join("; "))
}
