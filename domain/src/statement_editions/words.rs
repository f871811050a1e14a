//! The words of an edition: states, sections, what the law requires, forms of the finished document.

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// How far an edition has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EditionState {
    /// It is being written, or its text changed since it was consulted on.
    Draft,
    /// Families were consulted on the text as it stands.
    Consulted,
    /// A post approved it as it stands.
    Approved,
    /// It is out, and never changes.
    Published,
    /// It never goes out: the year may begin another.
    Withdrawn,
}

/// A section of the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Section {
    /// What the statement is, and for whom.
    Introduction,
    /// What a short break is, and who is meant by a disabled child.
    Definitions,
    /// What the authority does and what comes first.
    ProgrammeAndPriorities,
    /// Who was asked, and what they said.
    Consultation,
    /// The local offer: the range of services.
    LocalOfferRange,
    /// The local offer: what it achieves.
    LocalOfferOutcomes,
    /// The local offer: becoming an adult.
    LocalOfferTransitions,
    /// How the statement is kept under review.
    Reviewing,
}

impl Section {
    /// Every section, in the statement's order.
    pub fn all() -> &'static [Section] {
        Section::VARIANTS
    }

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Section::Introduction => "Introduction",
            Section::Definitions => "Definitions",
            Section::ProgrammeAndPriorities => "Programme and priorities",
            Section::Consultation => "Consultation",
            Section::LocalOfferRange => "The local offer: range of services",
            Section::LocalOfferOutcomes => "The local offer: outcomes",
            Section::LocalOfferTransitions => "The local offer: transitions",
            Section::Reviewing => "Reviewing the statement",
        }
    }
}

/// What the Breaks for Carers of Disabled Children Regulations 2011 (SI 2011/707, reg 5) require a statement to set out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Requirement {
    /// The range of services provided.
    RangeOfServices,
    /// The criteria by which eligibility is assessed.
    EligibilityCriteria,
    /// How the range is designed to meet the needs of carers.
    CarersNeeds,
}

impl Requirement {
    /// Every requirement, in the Regulations' order.
    pub fn all() -> &'static [Requirement] {
        Requirement::VARIANTS
    }

    /// What it asks for, in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Requirement::RangeOfServices => "the range of services",
            Requirement::EligibilityCriteria => "the criteria for eligibility",
            Requirement::CarersNeeds => "how the range is designed to meet the needs of carers",
        }
    }
}

/// What was said of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum RequirementStanding {
    /// A section sets it out.
    Met,
    /// The edition goes out without it, for a reason.
    Waived,
    /// Neither: an earlier word is taken back.
    Open,
}

/// What becomes of small counts in the published document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Disclosure {
    /// Small counts are withheld, and whatever would give them away. It is so unless somebody chose otherwise.
    Withheld,
    /// Every count stands as counted.
    AsCounted,
}

/// A form of the finished document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum StatementFormat {
    /// A web page.
    Html,
    /// For print, tagged.
    Pdf,
    /// For a word processor.
    Docx,
    /// Markdown.
    Md,
    /// Plain text.
    Txt,
    /// The figures.
    Csv,
    /// The figures, for programs.
    Json,
    /// All of them, as a data package.
    Zip,
}

word_column!(Section, Requirement, RequirementStanding, Disclosure, StatementFormat);

impl EditionState {
    /// The word in JSON.
    pub fn as_str(&self) -> &'static str {
        self.into()
    }
}

impl StatementFormat {
    /// Whether it is no text for a terminal.
    pub fn is_binary(self) -> bool {
        matches!(self, StatementFormat::Pdf | StatementFormat::Docx | StatementFormat::Zip)
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            StatementFormat::Html => "text/html; charset=utf-8",
            StatementFormat::Pdf => "application/pdf",
            StatementFormat::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            StatementFormat::Md => "text/markdown; charset=utf-8",
            StatementFormat::Txt => "text/plain; charset=utf-8",
            StatementFormat::Csv => "text/csv; charset=utf-8",
            StatementFormat::Json => "application/json",
            StatementFormat::Zip => "application/zip",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<T: VariantArray + Copy>(as_str: impl Fn(T) -> &'static str) -> Vec<&'static str> {
        T::VARIANTS.iter().map(|one| as_str(*one)).collect()
    }

    /// They stand in columns and on the wire: a change here changes records.
    #[test]
    fn every_word_stands_as_it_always_stood() {
        assert_eq!(words(|state: EditionState| state.as_str()).join(" "), "draft consulted approved published withdrawn");
        assert_eq!(
            words(|section: Section| section.as_str()).join(" "),
            "introduction definitions programme_and_priorities consultation local_offer_range local_offer_outcomes \
             local_offer_transitions reviewing"
        );
        assert_eq!(words(|one: Requirement| one.as_str()).join(" "), "range_of_services eligibility_criteria carers_needs");
        assert_eq!(words(|one: RequirementStanding| one.as_str()).join(" "), "met waived open");
        assert_eq!(words(|one: Disclosure| one.as_str()).join(" "), "withheld as_counted");
        assert_eq!(words(|one: StatementFormat| one.as_str()).join(" "), "html pdf docx md txt csv json zip");
    }

    #[test]
    fn every_section_has_a_heading_of_its_own() {
        let titles: std::collections::BTreeSet<_> = Section::VARIANTS.iter().map(|section| section.title()).collect();
        assert_eq!(titles.len(), Section::VARIANTS.len());
    }
}
