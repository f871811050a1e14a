//! All that typst may see: one template, one document's data, and the fonts that are built in.

use crate::fonts::READ;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt};

/// What is the same for every document.
struct Kept {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    template: Option<Source>,
    data: Option<FileId>,
}

static KEPT: LazyLock<Kept> = LazyLock::new(|| {
    let features = [Feature::A11yExtras].into_iter().collect();
    let id = |path: &str| VirtualPath::new(path).ok().map(|path| RootedPath::new(VirtualRoot::Project, path).intern());
    Kept {
        library: LazyHash::new(Library::builder().with_features(features).build()),
        book: LazyHash::new(FontBook::from_fonts(READ.iter())),
        template: id("document.typ").map(|id| Source::new(id, include_str!("document.typ").to_owned())),
        data: id("document.json"),
    }
});

/// All that typst may see.
pub struct World {
    data: Bytes,
}

impl World {
    /// With the document as JSON.
    pub fn new(data: String) -> Self {
        Self { data: Bytes::from_string(data) }
    }
}

/// There is no file but our own.
fn no_file<T>() -> FileResult<T> {
    Err(FileError::AccessDenied)
}

impl typst::World for World {
    fn library(&self) -> &LazyHash<Library> {
        &KEPT.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &KEPT.book
    }

    fn main(&self) -> FileId {
        KEPT.template.as_ref().map_or_else(|| Source::detached("").id(), Source::id)
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        KEPT.template.as_ref().filter(|template| template.id() == id).cloned().map_or_else(no_file, Ok)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if KEPT.data == Some(id) { Ok(self.data.clone()) } else { no_file() }
    }

    fn font(&self, index: usize) -> Option<Font> {
        READ.get(index).cloned()
    }

    /// There is no clock: a document bears its own day.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
