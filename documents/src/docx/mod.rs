//! For a word processor: real headings, tables whose heads repeat, captions, alternative texts. The parts of the file are written here, since the
//! libraries there are take no council's styles and give a picture no alternative text.

mod body;
mod package;
mod styles;
mod template;

use crate::Error;
use crate::model::Document;
use body::Body;
use package::Parts;

/// The document as a file of a word processor.
pub fn file(document: &Document, template: Option<&[u8]>) -> Result<Vec<u8>, Error> {
    let base = match template {
        Some(file) => template::base(file)?,
        None => template::own(),
    };
    let body = Body::of(document, &base)?;
    let mut parts: Parts = base.parts;
    package::put(&mut parts, document, body);
    package::zipped(&parts)
}
