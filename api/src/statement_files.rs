//! The documents of an edition, made of what it says and of the warehouse.

use domain::Profile;
use domain::providers::public_entries::{RangeKind, ages_in_words};
use domain::statement_editions::checklist::RequirementWord;
use domain::statement_editions::{Disclosure, Requirement, RequirementStanding, Section, review_due_on};
use records::providers::public_entries::PublicEntryOfProvider;
use records::statement_editions::{EditionContent, Frozen, NarrowerFigure, RenderedFile, ToCompose, WithheldCell, WithheldFigures};
use reports::statement::{
    self, Approved, Composed, Consultation, EarlierEdition, KindOfBreak, PublicEntry, RequirementSaid, Said, SectionText, Stage, gather,
};
use reports::{Error, Snapshot, Which};
use std::path::Path;

/// Composes the statement of an edition: a draft says that it is one. Its figures are from the snapshot that was approved, where one is
/// named, and from the current one otherwise. Slow: call it off the event loop.
pub fn compose(warehouse: &Path, profile: &Profile, told: &ToCompose, stage: Stage) -> Result<Composed, Error> {
    match compose_from(warehouse, profile, told, stage) {
        // A draft can be looked at without the snapshot that was approved: it is approved again.
        Err(Error::ApprovedGone(_)) if stage == Stage::Draft && told.approved.is_some() => {
            compose_from(warehouse, profile, &ToCompose { snapshot_id: None, approved: None, ..told.clone() }, stage)
        }
        composed => composed,
    }
}

fn compose_from(warehouse: &Path, profile: &Profile, told: &ToCompose, stage: Stage) -> Result<Composed, Error> {
    let said = said(profile, told, stage)?;
    let with_editions: Vec<_> = said.earlier.iter().map(|edition| edition.year).collect();
    let gathered = match &told.snapshot_id {
        None => gather(warehouse, &Which::Current, profile, said.year, &with_editions)?,
        Some(id) => gather(warehouse, &Which::Id(id.clone()), profile, said.year, &with_editions).map_err(|error| match error {
            Error::UnknownSnapshot(_) | Error::Damaged(_) | Error::NothingPublished | Error::OtherLayout(_) => {
                Error::ApprovedGone(id.clone())
            }
            other => other,
        })?,
    };
    statement::compose(&said, &gathered, profile)
}

/// The current snapshot of the warehouse, by its id; none, nothing is published yet.
pub fn current_snapshot(warehouse: &Path) -> Result<Option<String>, Error> {
    match Snapshot::open(warehouse, &Which::Current) {
        Ok(snapshot) => Ok(Some(snapshot.id().to_owned())),
        Err(error) => match Error::from(error) {
            Error::NothingPublished => Ok(None),
            other => Err(other),
        },
    }
}

/// Refuses the approval of figures from another snapshot than the current one, which documents and reports show.
pub fn require_current(warehouse: &Path, told: &ToCompose) -> Result<(), Error> {
    if current_snapshot(warehouse)? == told.snapshot_id { Ok(()) } else { Err(Error::NotCurrent) }
}

/// Refuses what would let small counts be narrowed all the same, unless somebody accepted that and said why.
pub fn require_kept(told: &ToCompose, composed: &Composed) -> Result<(), Error> {
    let reason = told.content.disclosure_reason.as_deref();
    composed.require_kept(reason.filter(|_| told.content.accepts_narrower))
}

/// Every document of an edition, with what it was made of, to be frozen.
pub fn freeze(told: ToCompose, composed: &Composed) -> Result<Frozen, Error> {
    require_kept(&told, composed)?;
    Ok(Frozen {
        content: told.content,
        snapshot_ids: composed.snapshot_ids.clone(),
        files: rendered(composed)?,
        withheld: withheld(composed),
        code_version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// Every document of an edition.
pub fn rendered(composed: &Composed) -> Result<Vec<RenderedFile>, Error> {
    let files = composed.files(None)?.into_iter();
    Ok(files.map(|file| RenderedFile { format: file.format, media_type: file.format.media_type().to_owned(), bytes: file.bytes }).collect())
}

/// What the documents of an edition do not show, and why, with what can be narrowed all the same.
pub fn withheld(composed: &Composed) -> WithheldFigures {
    let cell = |withheld: &domain::disclosure::Withheld| WithheldCell {
        cell: composed.published.code_of(withheld.cell).map(|(code, year)| format!("{code} {year}")).unwrap_or_default(),
        label: withheld.name.clone(),
        why: withheld.why.clone(),
    };
    let narrower = composed.narrower().into_iter().map(|(label, values)| NarrowerFigure { label, values: i64::from(values) });
    WithheldFigures {
        cells: composed.withheld.iter().map(cell).collect(),
        is_fewest: Some(composed.is_fewest()),
        is_choice_checked: Some(composed.is_choice_checked()),
        narrower: Some(narrower.collect()),
    }
}

/// What other editions that are published tell of figures, in the order in which they went out.
pub fn told_by(editions: &[records::statement_editions::EarlierEdition]) -> Result<Vec<EarlierEdition>, Error> {
    let files = editions.iter().filter_map(|edition| edition.figures.as_deref());
    Ok(files.map(EarlierEdition::from_json).collect::<Result<_, _>>()?)
}

/// What the edition says, as its documents say it.
fn said(profile: &Profile, told: &ToCompose, stage: Stage) -> Result<statement::EditionContent, Error> {
    let content = &told.content;
    Ok(statement::EditionContent {
        authority: profile.authority.clone(),
        year: content.year,
        number: u32::try_from(content.number).unwrap_or(u32::MAX),
        stage,
        dated: content.dated,
        sections: Section::all().iter().map(|section| text_of(content, *section)).collect(),
        what_changed: content.what_changed.clone(),
        range: RangeKind::all().iter().map(|kind| offered(content, *kind)).collect(),
        requirements: Requirement::all().iter().map(|requirement| answered(content, *requirement)).collect(),
        consultations: content
            .consultations
            .iter()
            .map(|one| Consultation { with_whom: one.with_whom.clone(), held_on: one.held_on, what_changed: one.what_changed.clone() })
            .collect(),
        approved: told.approved.as_ref().map(|(post, on)| Approved { post: in_words(post), on: *on }),
        review_due_on: Some(review_due_on(content.dated)),
        disclosure: disclosed(content),
        earlier: told_by(&content.earlier)?,
    })
}

fn text_of(content: &EditionContent, section: Section) -> SectionText {
    let written = content.sections.iter().find(|written| written.section == section);
    SectionText {
        code: section.as_str().to_owned(),
        title: section.title().to_owned(),
        markdown: written.map(|written| written.markdown.clone()).unwrap_or_default(),
    }
}

fn offered(content: &EditionContent, kind: RangeKind) -> KindOfBreak {
    let entry = |entry: &PublicEntryOfProvider| PublicEntry {
        provider: entry.provider.clone(),
        offer: entry.offer.clone(),
        ages: ages_in_words(entry.from_age_years, entry.to_age_years),
        phone: entry.phone.clone(),
        email: entry.email.clone(),
        link: entry.link.clone(),
    };
    let entries = content.entries.iter().filter(|entry| entry.kind == kind);
    KindOfBreak { title: kind.title().to_owned(), entries: entries.map(entry).collect() }
}

fn answered(content: &EditionContent, requirement: Requirement) -> RequirementSaid {
    let word = content.requirements.iter().find(|word| word.requirement == requirement);
    let said = match word {
        Some(RequirementWord { standing: RequirementStanding::Met, section: Some(section), .. }) => {
            Said::SetOutIn(section.as_str().to_owned())
        }
        Some(RequirementWord { standing: RequirementStanding::Waived, reason, .. }) => Said::Waived(reason.clone().unwrap_or_default()),
        _ => Said::Open,
    };
    let mut words = requirement.in_words().to_owned();
    words[..1].make_ascii_uppercase();
    RequirementSaid { requirement: words, said }
}

/// A post as it is printed: "Assistant Director".
fn in_words(post: &str) -> String {
    let word =
        |word: &str| word.chars().next().map(|first| format!("{}{}", first.to_uppercase(), &word[first.len_utf8()..])).unwrap_or_default();
    post.split('_').map(word).collect::<Vec<_>>().join(" ")
}

fn disclosed(content: &EditionContent) -> domain::disclosure::Disclosure {
    match content.disclosure {
        Disclosure::Withheld => domain::disclosure::Disclosure::Withheld,
        Disclosure::AsCounted => {
            domain::disclosure::Disclosure::AsCounted { reason: content.disclosure_reason.clone().unwrap_or_default() }
        }
    }
}
