//! Why a document could not be written.

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The council's template cannot be used; the reason ends in what to do.
    #[error("the template for Word cannot be used: {0}")]
    Template(String),
    /// A fault of ours: the layout of a PDF, the drawing of a chart or the packing of a file went wrong.
    #[error("the document could not be written: {0}")]
    Ours(String),
}
