//! One row of a file on its way to the ledger, and what of it a program could not hand over.

use csv::ByteRecord;

/// What may stand between cells, the usual first.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A row with something in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'r> {
    pub(crate) cells: &'r ByteRecord,
    /// Its line in the file or the sheet, from 1.
    pub(crate) line: u64,
    /// Cells that do not hold what a person sees; none in a CSV file.
    pub(crate) unread: &'r [Unread],
    /// As the file has it, where a CSV file's row is short.
    pub(crate) raw: Option<Raw<'r>>,
}

/// A row's text before it is split into cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw<'r> {
    pub(crate) text: &'r [u8],
    pub(crate) delimiter: u8,
}

/// Cells next to one another, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) first: usize,
    pub(crate) last: usize,
    pub(crate) why: Why,
}

/// Why a cell does not hold what a person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// A formula whose result was not stored.
    NoResult,
    /// Merged with the cell to its left, whose text a person sees across both.
    Across,
    /// Merged with the cell of an earlier line, whose text it has been given.
    Above {
        /// The line of that cell.
        line: u64,
    },
}

impl<'r> Row<'r> {
    /// A row that is all there.
    pub(crate) fn whole(cells: &'r ByteRecord, line: u64) -> Self {
        Row { cells, line, unread: &[], raw: None }
    }

    /// What became of a cell.
    pub(crate) fn unread(&self, at: usize) -> Option<Why> {
        self.unread.iter().find(|cells| (cells.first..=cells.last).contains(&at)).map(|cells| cells.why)
    }
}

impl Why {
    /// What stands in the cell, in words that follow "found".
    pub(crate) fn found(self) -> String {
        match self {
            Why::NoResult => "a formula without a stored result; open the workbook in a spreadsheet program and save it".to_owned(),
            Why::Across => "a cell that is merged with the one to its left; unmerge them".to_owned(),
            Why::Above { line } => {
                format!("a cell that is merged with that of line {line}, so which line it belongs to cannot be told; unmerge them")
            }
        }
    }
}
