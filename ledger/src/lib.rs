//! Ledger files into the ledger: a council's payment files, read by a mapping that its finance officer writes.
//!
//! Invariants: a file is taken whole or not at all; a line enters the ledger once, however often files repeat it; memory does
//! not grow with the file; a payee's name is read by rules but never stored, logged or repeated in a message.

pub mod amount;
mod code;
mod columns;
mod condition;
mod csv_file;
pub mod date;
mod header;
mod import;
mod line;
mod line_ends;
mod mapping;
mod mapping_file;
mod merged;
mod noted;
mod payment_like;
mod picked;
mod problem;
mod quotes;
pub mod report;
mod row;
mod same_line;
mod shape;
mod sheets;
mod shown;
mod stage;
mod text;
mod workbook;
mod workbook_size;

pub use import::{Error, Input, Mode, import, import_each};
pub use mapping::{BadMapping, Mapping};
pub use report::{BudgetLineTotal, Counts, FileReport, FileStatus, ImportReport, Problem, ProblemCode, Totals};
