//! Which days a request may ask for: those of the child's ages, and none after the child left.

use crate::children::{ages, leaving};
use crate::error::Error;
use crate::requests::lines::{NewRequestLine, RequestLine};
use chrono::NaiveDate;
use db::AnyConnection;
use domain::children::ages::End;
use domain::children::leaving::support_mistake;
use domain::costing::Line;
use domain::refusal::Missing;
use domain::{FieldError, Profile};

/// What bounds the days of a child's support: read once for all lines of a request.
pub(crate) struct ChildDays {
    /// None, there is no such child.
    born: Option<NaiveDate>,
    /// None, the child is not said to leave.
    left_on: Option<NaiveDate>,
}

impl ChildDays {
    /// Reads it.
    pub(crate) fn of(connection: &mut AnyConnection, child_id: &str) -> Result<Self, Error> {
        Ok(ChildDays { born: ages::date_of_birth(connection, child_id)?, left_on: leaving::left_on(connection, child_id)? })
    }

    /// Everything wrong with the days of a line to record; pointers start with `at`, such as `/lines/0`.
    pub(crate) fn mistakes(&self, profile: &Profile, line: &NewRequestLine, at: &str) -> Vec<FieldError> {
        let said = (line.beyond_age_reason.is_some(), line.valid_from);
        if let Some(of_no_age) = self.age_mistake(profile, &line.budget_line.0, said, at) {
            return vec![of_no_age];
        }
        let terms = Line { valid_to: self.end_by_age(profile, line).valid_to, ..line.costed() };
        self.left_on.and_then(|day| support_mistake(at, &terms, day)).into_iter().collect()
    }

    /// When a line to record ends: by age, unless somebody says why it goes on.
    pub(crate) fn end_by_age(&self, profile: &Profile, line: &NewRequestLine) -> End {
        let bounds = self
            .born
            .map(|born| profile.ages.days(born, &line.budget_line.0).unless_said(line.beyond_age_reason.is_some(), line.valid_from));
        let as_asked = End { valid_to: line.valid_to, by_age_on: None };
        bounds.map_or(as_asked, |days| days.end(line.valid_to, line.frequency))
    }

    /// What keeps lines on record from being heard or agreed: days after the child left, and days for which the child is of no age.
    pub(crate) fn missing(&self, profile: &Profile, lines: &[RequestLine]) -> Vec<Missing> {
        let of_line = |(place, line): (usize, &RequestLine)| {
            let at = format!("/lines/{place}");
            let said = (line.beyond_age_reason.is_some(), line.valid_from);
            let of_no_age = self.age_mistake(profile, &line.budget_line, said, &at);
            let left = self.left_on.and_then(|day| support_mistake(&at, &line.costed(), day));
            of_no_age.into_iter().chain(left).collect::<Vec<_>>()
        };
        let errors = lines.iter().enumerate().flat_map(of_line);
        errors.map(|refused| Missing { pointer: refused.pointer, detail: refused.detail, clause: None }).collect()
    }

    fn age_mistake(&self, profile: &Profile, budget_line: &str, said: (bool, NaiveDate), at: &str) -> Option<FieldError> {
        let (has_reason, valid_from) = said;
        profile.ages.days(self.born?, budget_line).unless_said(has_reason, valid_from).mistake(at, valid_from)
    }
}
