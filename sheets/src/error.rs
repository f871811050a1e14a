//! Why a sheet cannot be written.

use rust_xlsxwriter::XlsxError;

/// What stops a sheet. The first is the asker's to put right; its text may be shown to anyone.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// More rows than a workbook can have.
    #[error("a workbook cannot hold {rows} rows; ask for CSV, or for less")]
    TooManyRows {
        /// The rows there are.
        rows: usize,
    },
    /// It could not be written as CSV: for the log.
    #[error("the report could not be written: {0}")]
    Csv(#[from] csv::Error),
    /// A sheet was put together wrongly, or holds a number no workbook keeps; it names a column and no value. For the log.
    #[error("the sheet cannot be written: {0}")]
    Sheet(String),
    /// It could not be written as a workbook: for the log.
    #[error("the report could not be written: {0}")]
    Xlsx(#[from] XlsxError),
}

impl Error {
    /// Whether asking otherwise would help; the rest are faults of the system.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Error::TooManyRows { .. })
    }
}
