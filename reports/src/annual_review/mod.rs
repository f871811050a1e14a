//! The annual review of short breaks, for officers: what a year cost and why, what it bought and for whom, and what the next one bears. It is a
//! web page, a PDF or a workbook, all of the same figures, which come from the marts of one snapshot. No child, family or worker is named;
//! small counts are shown, so it is not for publication.

mod activity;
mod figures;
mod gathered;
mod money;
mod packages;
mod panel;
mod section;
mod year_on_year;

pub use figures::Figures;
pub use section::Section;

use crate::error::Error;
use crate::origin::Origin;
use crate::written::Written;
use documents::{Block, Document, Level, Note};
use domain::{FinancialYear, Profile};
use etl::Which;
use gathered::{Gathered, gather};
use serde::Deserialize;
use sheets::{Cell, Column, Sheet, workbook};
use std::path::Path;
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// What stands on every cover.
const NOT_FOR_PUBLICATION: &str = "Not for publication";
const WHY_NOT: &str = "This review is for the council's officers. It shows small numbers as they were counted, from which a child may be recognised. Nobody is named in it. What the public is told is in the Short Breaks Service Statement.";
const TITLE: &str = "Annual review of short breaks";

/// The form that the review is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, EnumString, IntoStaticStr, VariantArray, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReviewFormat {
    /// A web page of one file.
    Html,
    /// PDF/UA-1 and PDF/A-2b.
    Pdf,
    /// A workbook of one sheet a table, with charts; amounts in pounds.
    Xlsx,
}

impl ReviewFormat {
    /// The word on the command line and in the API, and the end of a file's name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The media type it goes out with.
    pub fn media_type(self) -> &'static str {
        match self {
            ReviewFormat::Html => "text/html; charset=utf-8",
            ReviewFormat::Pdf => "application/pdf",
            ReviewFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Whether it is no text that a terminal shows.
    pub fn is_binary(self) -> bool {
        self != ReviewFormat::Html
    }
}

/// A year's review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnualReview {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// The year before, where it stands beside.
    pub year_before: Option<FinancialYear>,
    /// The council's full name.
    pub authority: String,
    /// When that snapshot was made.
    pub origin: Origin,
    /// Its sections, in order.
    pub sections: Vec<Section>,
}

/// The review of a year, from a snapshot of the authority's. A year that the snapshot does not cover is refused.
pub fn annual_review(warehouse: &Path, which: &Which, profile: &Profile, year: FinancialYear) -> Result<AnnualReview, Error> {
    let gathered = gather(warehouse, which, profile, year)?;
    let sections = sections(&gathered)?;
    Ok(AnnualReview {
        snapshot_id: gathered.snapshot_id,
        year,
        year_before: gathered.before.map(|before| before.year),
        authority: gathered.authority,
        origin: gathered.origin,
        sections,
    })
}

fn sections(gathered: &Gathered) -> Result<Vec<Section>, sheets::Error> {
    let not_there = "How many assessments, visits and reviews were in time is not there yet: the warehouse does not hold what was due.";
    Ok(vec![
        year_on_year::year_on_year(gathered)?,
        money::spend(gathered)?,
        money::causes(gathered)?,
        money::full_year_effect(gathered)?,
        packages::packages(gathered)?,
        packages::transitions(gathered)?,
        panel::panel(gathered)?,
        money::unit_costs(gathered)?,
        activity::health(gathered)?,
        money::direct_payments(gathered)?,
        activity::nights(gathered)?,
        activity::grants(gathered)?,
        Section { title: "Timeliness", words: vec![not_there.to_owned()], figures: Vec::new() },
    ])
}

impl AnnualReview {
    /// The review as a file.
    pub fn written(&self, format: ReviewFormat) -> Result<Written, Error> {
        let bytes = match format {
            ReviewFormat::Html => documents::html(&self.document()).into_bytes(),
            ReviewFormat::Pdf => documents::pdf(&self.document())?,
            ReviewFormat::Xlsx => workbook(&self.sheets()?, self.origin.made_at)?,
        };
        Ok(Written { snapshot_id: self.snapshot_id.clone(), bytes })
    }

    /// The name that it is offered under, without its end.
    pub fn file_name(year: FinancialYear) -> String {
        format!("annual-review-{}", year.as_str())
    }

    /// The review as a document.
    pub fn document(&self) -> Document {
        let year = self.year.as_str();
        let mut blocks = vec![Block::Note(Note { title: NOT_FOR_PUBLICATION.to_owned(), blocks: vec![Block::text(WHY_NOT)] })];
        for section in &self.sections {
            blocks.push(Block::heading(Level::SECTION, section.title));
            blocks.extend(section.words.iter().map(Block::text));
            blocks.extend(section.figures.iter().flat_map(Figures::blocks));
        }
        blocks.push(Block::heading(Level::SECTION, "Where the figures are from"));
        blocks.push(Block::text(format!("{}. Every figure is counted from its records.", self.origin.heading(&self.snapshot_id))));
        Document {
            title: TITLE.to_owned(),
            subtitle: Some(format!("{year}, not for publication")),
            authority: self.authority.clone(),
            description: format!(
                "For officers: what short breaks cost in {year}, what they brought, for whom, and what the next year bears."
            ),
            dated: self.origin.zone.day_of(self.origin.made_at),
            blocks,
        }
    }

    /// The sheets of a workbook: a cover that says what is in it, and one a table.
    pub fn sheets(&self) -> Result<Vec<Sheet>, sheets::Error> {
        let headings = [NOT_FOR_PUBLICATION.to_owned(), self.origin.heading(&self.snapshot_id)];
        let mut cover = Sheet::new(format!("{TITLE} {}", self.year.as_str()), [Column::text("section"), Column::text("what_it_says")])
            .tab("Cover")
            .heading(format!("{}: {NOT_FOR_PUBLICATION}", self.authority))
            .heading(WHY_NOT)
            .heading(self.origin.heading(&self.snapshot_id));
        let mut sheets = Vec::new();
        for section in &self.sections {
            for words in &section.words {
                cover.push([Cell::text(section.title), Cell::text(words)])?;
            }
            for figures in &section.figures {
                let said = figures.nothing().map_or_else(|| format!("Sheet: {}", figures.sheet().title()), str::to_owned);
                cover.push([Cell::text(section.title), Cell::text(said)])?;
                if figures.nothing().is_none() {
                    sheets.push(figures.written(&headings));
                }
            }
        }
        Ok(std::iter::once(cover).chain(sheets).collect())
    }
}
