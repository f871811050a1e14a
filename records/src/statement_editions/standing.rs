//! How an edition stands: what was recorded of it, its state, and what it lacks.

use crate::error::Error;
use crate::statement_editions::changed::last_change;
use crate::statement_editions::content::{approval_as_it_stands, content};
use crate::statement_editions::edition::{StatementEdition, course, find};
use crate::statement_editions::publication::{StatementPublication, publication_of};
use crate::statement_editions::sections::{StatementSection, sections_of};
use crate::statement_editions::words::{
    StatementApproval, StatementConsultation, StatementDisclosure, approval_of, consultations_of, disclosure_of, requirements_of,
};
use chrono::NaiveDate;
use db::AnyConnection;
use domain::statement_editions::checklist::{RequirementWord, missing};
use domain::statement_editions::{EditionState, Section};
use domain::{FieldError, Profile};
use serde::Serialize;
use utoipa::ToSchema;

/// How an edition stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementEditionStanding {
    /// The edition.
    #[serde(flatten)]
    pub edition: StatementEdition,
    /// How far it has come.
    pub state: EditionState,
    /// What an approval names: the number of the last write that changed the edition.
    pub revision: i64,
    /// The version of what it says that it changed, 1, 2, 3 …; null, it corrects nothing. A change names it in `If-Match`.
    pub what_changed_version: Option<i64>,
    /// Its sections, without their texts.
    pub sections: Vec<SectionStanding>,
    /// What was last said of each thing that the Regulations require.
    pub requirements: Vec<RequirementWord>,
    /// Everything that keeps it from going out. Mistakes in its text are told when it is approved.
    pub missing: Vec<FieldError>,
    /// Who was consulted; those that were taken back are left out.
    pub consultations: Vec<StatementConsultation>,
    /// What becomes of small counts; null, nobody chose, and they are withheld.
    pub disclosure: Option<StatementDisclosure>,
    /// The last approval. It counts while the state is approved or published.
    pub approval: Option<StatementApproval>,
    /// Its publication; null, it is not out.
    pub publication: Option<StatementPublication>,
}

/// How a section stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionStanding {
    /// Which section.
    pub section: Section,
    /// Its heading.
    pub title: String,
    /// 1, 2, 3 …; 0 where nothing was written yet.
    pub version: i64,
    /// Whether it has text; without, it is left out.
    pub has_text: bool,
    /// Whether it is as it was in the edition that it was copied from.
    pub is_copied: bool,
}

/// How the edition with that id stands on a day. An approval of something else than what it would print now is none.
pub fn standing(connection: &mut AnyConnection, profile: &Profile, today: NaiveDate, id: &str) -> Result<StatementEditionStanding, Error> {
    let edition = find(connection, id)?;
    let mut course = course(connection, id)?;
    if course.state() == EditionState::Approved {
        let content = content(connection, id, today)?;
        if approval_as_it_stands(connection, profile, &content)?.is_none() {
            course.approval = None;
        }
    }
    let sections = sections_of(connection, id)?;
    let requirements = requirements_of(connection, id)?;
    let changed = last_change(connection, id)?.map_or(1, |last| last.version);
    let is_open = course.refuse_closed().is_ok();
    let required = if is_open { missing(&requirements, &written(&sections)) } else { Vec::new() };
    Ok(StatementEditionStanding {
        state: course.state(),
        revision: course.revision(edition.recorded_seq),
        what_changed_version: edition.corrects_id.is_some().then_some(changed),
        missing: required.into_iter().chain(course.missing()).collect(),
        sections: sections.into_iter().map(section_standing).collect(),
        requirements,
        consultations: consultations_of(connection, id)?,
        disclosure: disclosure_of(connection, id)?,
        approval: approval_of(connection, id)?,
        publication: publication_of(connection, id)?,
        edition,
    })
}

/// The sections that have text.
pub(super) fn written(sections: &[StatementSection]) -> Vec<Section> {
    sections.iter().filter(|section| section.markdown.is_some()).map(|section| section.section).collect()
}

fn section_standing(section: StatementSection) -> SectionStanding {
    SectionStanding {
        section: section.section,
        title: section.title,
        version: section.version,
        has_text: section.markdown.is_some(),
        is_copied: section.is_copied,
    }
}
