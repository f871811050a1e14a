//! What an edition of the statement is made of, apart from its figures.

use chrono::NaiveDate;
use domain::FinancialYear;
use domain::disclosure::Disclosure;
use serde::{Deserialize, Serialize};

/// Everything that an edition says, but for its figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionContent {
    /// The council that publishes it.
    pub authority: String,
    /// The financial year that it is of.
    pub year: FinancialYear,
    /// Which edition of the year, from 1.
    pub number: u32,
    /// How far it has come.
    pub stage: Stage,
    /// The day that it bears: of a published edition, the day of publication.
    pub dated: NaiveDate,
    /// Its sections. One that is missing or without text is left out, but for those that have content of their own: the range of services,
    /// the outcomes, and who was consulted.
    pub sections: Vec<SectionText>,
    /// What it corrects of an earlier edition of the year.
    pub what_changed: Option<String>,
    /// What providers offer, by kind.
    pub range: Vec<KindOfBreak>,
    /// What the Regulations require of it.
    pub requirements: Vec<RequirementSaid>,
    /// Who was consulted.
    pub consultations: Vec<Consultation>,
    /// The day by which it is looked at again.
    pub review_due_on: Option<NaiveDate>,
    /// Who approved it, and when; none, nobody yet.
    #[serde(default)]
    pub approved: Option<Approved>,
    /// Whether small counts are withheld.
    pub disclosure: Disclosure,
    /// What every other published edition shows and withholds, of whichever year, later ones too, in the order in which they went out.
    pub earlier: Vec<EarlierEdition>,
}

/// How far an edition has come, as its reader needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has begun to write it.
    NotAuthored,
    /// It is being written, consulted on or approved.
    Draft,
    /// It is published.
    Published,
}

/// A section's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionText {
    /// Its code, such as `introduction`.
    pub code: String,
    /// Its heading.
    pub title: String,
    /// What its author wrote, in Markdown.
    pub markdown: String,
}

/// What is offered of one kind of short break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindOfBreak {
    /// The kind, in words: "Overnight care elsewhere".
    pub title: String,
    /// Who offers it.
    pub entries: Vec<PublicEntry>,
}

/// What the public is told of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicEntry {
    /// The organisation.
    pub provider: String,
    /// What it offers.
    pub offer: String,
    /// For which ages, in words.
    pub ages: Option<String>,
    /// Its telephone.
    pub phone: Option<String>,
    /// Its mailbox.
    pub email: Option<String>,
    /// Its page.
    pub link: Option<String>,
}

/// What is said of something that the Regulations require.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementSaid {
    /// The requirement, in words.
    pub requirement: String,
    /// What is said of it.
    pub said: Said,
}

/// How a requirement is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The section with this code sets it out.
    SetOutIn(String),
    /// It is left out, for a reason.
    Waived(String),
    /// Nothing yet.
    Open,
}

/// One consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// With whom: a forum, a group.
    pub with_whom: String,
    /// When.
    pub held_on: NaiveDate,
    /// What it led to.
    pub what_changed: String,
}

/// An approval, as the public is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// The post that approved, in words: "Assistant Director". Never a person's name.
    pub post: String,
    /// The day.
    pub on: NaiveDate,
}

/// What another published edition tells of figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierEdition {
    /// The financial year that it is of.
    pub year: FinancialYear,
    /// Its figures.
    pub figures: Vec<EarlierFigure>,
}

/// A figure of another published edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierFigure {
    /// The year that the figure is of.
    pub financial_year: FinancialYear,
    /// Its code.
    pub code: String,
    /// Its number, where it is shown.
    pub value: Option<i64>,
    /// What stands in place of its number, where it is not.
    pub marker: Option<String>,
}

impl EarlierEdition {
    /// Reads what an edition's file of figures in JSON tells.
    pub fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

/// The sections of the statement, by code and heading, for an edition that nobody has begun to write.
pub(super) const SECTIONS: [(&str, &str); 8] = [
    ("introduction", "Introduction"),
    ("definitions", "Definitions"),
    ("programme_and_priorities", "Programme and priorities"),
    ("consultation", "Consultation"),
    (RANGE, "The local offer: range of services"),
    (OUTCOMES, "The local offer: outcomes"),
    ("local_offer_transitions", "The local offer: transitions"),
    (REVIEWING, "Reviewing the statement"),
];

/// The section that lists what providers offer.
pub(super) const RANGE: &str = "local_offer_range";
/// The section that has the year's figures.
pub(super) const OUTCOMES: &str = "local_offer_outcomes";
/// The section that says who was consulted.
pub(super) const CONSULTATION: &str = "consultation";
/// The section that says when it is looked at again.
pub(super) const REVIEWING: &str = "reviewing";

impl EditionContent {
    /// Its sections in the statement's order, those that nobody wrote without text; after them any that the statement does not know.
    pub(super) fn in_order(&self) -> Vec<SectionText> {
        let given = |code: &str| self.sections.iter().find(|section| section.code == code).cloned();
        let empty = |code: &str, title: &str| SectionText { code: code.to_owned(), title: title.to_owned(), markdown: String::new() };
        let known = SECTIONS.iter().map(|(code, title)| given(code).unwrap_or_else(|| empty(code, title)));
        let others = self.sections.iter().filter(|section| !SECTIONS.iter().any(|(code, _)| *code == section.code));
        known.chain(others.cloned()).collect()
    }

    /// An edition that nobody has begun to write: headings and figures only.
    pub fn not_authored(authority: String, year: FinancialYear, dated: NaiveDate) -> Self {
        EditionContent {
            authority,
            year,
            number: 1,
            stage: Stage::NotAuthored,
            dated,
            sections: Vec::new(),
            what_changed: None,
            range: Vec::new(),
            requirements: Vec::new(),
            consultations: Vec::new(),
            review_due_on: None,
            approved: None,
            disclosure: Disclosure::Withheld,
            earlier: Vec::new(),
        }
    }
}
