//! What the 2011 Regulations require of a statement: each is set out in a section, or waived with a reason, before the edition goes out.

use super::{Requirement, RequirementStanding, Section};
use crate::{Code, FieldError, Refusal};
use serde::Serialize;
use strum::VariantArray;
use utoipa::ToSchema;

/// What was last said of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RequirementWord {
    /// The requirement.
    pub requirement: Requirement,
    /// Met, waived, or open again.
    pub standing: RequirementStanding,
    /// The section that sets it out, where it is met.
    pub section: Option<Section>,
    /// Why, where it is waived.
    pub reason: Option<String>,
}

/// What is wrong with a word on a requirement.
pub fn word_mistakes(standing: RequirementStanding, section: Option<Section>, has_reason: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    match (standing, section) {
        (RequirementStanding::Met, None) => {
            errors.push(FieldError::new("/section", "required", "name the section that sets it out"));
        }
        (RequirementStanding::Waived | RequirementStanding::Open, Some(_)) => {
            errors.push(FieldError::new("/section", "not_allowed", "only a requirement that is met names a section"));
        }
        _ => {}
    }
    if standing != RequirementStanding::Met && !has_reason {
        errors.push(FieldError::new("/reason", "required", "say why"));
    }
    errors
}

/// Everything that keeps an edition from going out, by what was last said of each requirement and the sections that have text.
pub fn missing(words: &[RequirementWord], written: &[Section]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for requirement in Requirement::VARIANTS {
        let pointer = format!("/requirements/{requirement}");
        let said = words.iter().find(|word| word.requirement == *requirement);
        match said.map(|word| (word.standing, word.section)) {
            Some((RequirementStanding::Waived, _)) => {}
            Some((RequirementStanding::Met, Some(section))) if written.contains(&section) => {}
            Some((RequirementStanding::Met, Some(section))) => {
                let detail = format!("the section {section} is said to set out {}, and has no text", requirement.in_words());
                errors.push(FieldError::new(&pointer, "empty_section", detail));
            }
            _ => {
                let detail = format!(
                    "a statement sets out {} (SI 2011/707 reg 5): name the section that does, or waive it with a reason",
                    requirement.in_words()
                );
                errors.push(FieldError::new(&pointer, "open", detail));
            }
        }
    }
    errors
}

/// Refuses an edition that lacks what the Regulations require.
pub fn refuse_incomplete(words: &[RequirementWord], written: &[Section]) -> Result<(), Refusal> {
    let errors = missing(words, written);
    if errors.is_empty() {
        return Ok(());
    }
    let detail = "The statement lacks something that the Regulations of 2011 require.";
    Err(Refusal::with_errors(Code::NotReady, errors).detailed(detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use RequirementStanding::{Met, Open, Waived};

    fn word(requirement: Requirement, standing: RequirementStanding, section: Option<Section>) -> RequirementWord {
        RequirementWord { requirement, standing, section, reason: Some("Because".to_owned()) }
    }

    #[test]
    fn each_requirement_is_met_by_a_section_that_has_text_or_waived() {
        let range = |standing, section| word(Requirement::RangeOfServices, standing, section);
        let others =
            [word(Requirement::EligibilityCriteria, Met, Some(Section::Definitions)), word(Requirement::CarersNeeds, Waived, None)];
        for (first, code) in [
            (Some(range(Met, Some(Section::LocalOfferRange))), None),
            (Some(range(Waived, None)), None),
            (Some(range(Met, Some(Section::Reviewing))), Some("empty_section")),
            (Some(range(Met, None)), Some("open")),
            (Some(range(Open, None)), Some("open")),
            (None, Some("open")),
        ] {
            let words: Vec<_> = first.clone().into_iter().chain(others.clone()).collect();
            let found = missing(&words, &[Section::LocalOfferRange, Section::Definitions]);
            let told: Vec<_> = found.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
            let expected: Vec<_> = code.into_iter().map(|code| ("/requirements/range_of_services", code)).collect();
            assert_eq!(told, expected, "{first:?}");
        }
        assert_eq!(missing(&[], &[]).len(), 3, "all at once");
        assert_eq!(refuse_incomplete(&[], &[]).map_err(|refusal| refusal.code), Err(Code::NotReady));
    }

    #[test]
    fn what_is_met_names_its_section_and_what_is_waived_its_reason() {
        for (standing, section, has_reason, pointers) in [
            (Met, Some(Section::Reviewing), false, vec![]),
            (Met, None, true, vec!["/section"]),
            (Waived, None, true, vec![]),
            (Waived, None, false, vec!["/reason"]),
            (Waived, Some(Section::Reviewing), false, vec!["/section", "/reason"]),
            (Open, None, false, vec!["/reason"]),
        ] {
            let found: Vec<_> = word_mistakes(standing, section, has_reason).into_iter().map(|error| error.pointer).collect();
            assert_eq!(found, pointers, "{standing} {section:?} {has_reason}");
        }
    }
}
