//! The Short Breaks Service Statement as a document. [`gather`] reads figures from a snapshot; [`compose`] puts them together with what an
//! edition says, with small numbers withheld; [`Composed::file`] writes it in any format. No step but the first reads anything.

mod composing;
mod data_package;
mod edition;
mod files;
mod gathered;
mod published;
mod relations;
mod resolving;
mod shown;

pub use composing::{Composed, compose};
pub use edition::{
    Approved, Consultation, EarlierEdition, EarlierFigure, EditionContent, KindOfBreak, PublicEntry, RequirementSaid, Said, SectionText,
    Stage,
};
pub use files::StatementFile;
pub use gathered::{Gathered, LineOfYear, YearOfFigures, gather};
pub use published::{Measure, Printed, Published, change_code, children_code, share_code, spend_code};
