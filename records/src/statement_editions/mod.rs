//! Editions of the Short Breaks Service Statement: their text, their course from draft to published, and what was published.

pub mod approving;
pub mod changed;
pub mod content;
pub mod creating;
pub mod edition;
mod hands;
pub mod publication;
pub mod publishing;
pub mod recording;
pub mod sections;
pub mod standing;
pub mod withdrawing;
pub mod words;
pub mod writing;

pub use approving::{NewStatementApproval, approve, to_approve};
pub use changed::StatementWhatChanged;
pub use content::{ContentConsultation, ContentSection, EarlierEdition, EditionContent, ToCompose, earlier, to_compose};
pub use creating::{NewStatementEdition, begin};
pub use edition::{ListEditions, ListedEdition, StatementEdition, find, find_by_number, last_of_year, last_published, list};
pub use publication::{
    FrozenFile, NarrowerFigure, StatementFileSummary, StatementPublication, WithheldCell, WithheldFigures, WithheldReport, frozen_file,
    named_snapshots, publication_of, withheld_when_published,
};
pub use publishing::{Frozen, NewStatementPublication, RenderedFile, publish, to_publish};
pub use recording::{NewRequirementWord, NewStatementConsultation, NewStatementDisclosure, choose_disclosure, consult, say_of_requirement};
pub use sections::{ListSectionVersions, SectionVersion, StatementSection, read_section, section_versions, sections_of};
pub use standing::{StatementEditionStanding, standing};
pub use withdrawing::{
    NewConsultationReversal, NewStatementWithdrawal, NewWhatChanged, StatementConsultationReversal, StatementWithdrawal, refuse_withdrawn,
    reverse_consultation, say_what_changed, withdraw,
};
pub use words::{StatementApproval, StatementConsultation, StatementDisclosure, StatementRequirement};
pub use writing::{NewSectionText, WrittenSection, write_section};
