//! What a variation makes of its line: a version that ends it, moves its end or reverses it, and the lines that carry it on.

use crate::error::Error;
use crate::packages::lines::{PackageLine, within_agreed};
use crate::variations::support_days::{drop_outgrown, ending_by_age};
use crate::variations::variation::{Variation, with_terms};
use db::{AnyConnection, new_id};
use domain::costing::Line;
use domain::variations::Varied;
use domain::{LineState, Profile};

/// What a variation makes.
#[derive(Debug, Clone)]
pub struct Effect {
    /// What becomes of the terms and dates.
    pub varied: Varied,
    /// The next version of the line that is varied; none, that stays as it is.
    pub original: Option<PackageLine>,
    /// The line with the changed terms.
    pub changed: Option<PackageLine>,
    /// The line that goes on with the old terms.
    pub resumed: Option<PackageLine>,
    /// Whether it brings more than there was.
    pub is_increase: bool,
}

impl Effect {
    /// What a variation would make of a line. The costs of its terms and dates have been checked.
    pub fn of(connection: &mut AnyConnection, profile: &Profile, variation: &Variation, line: &PackageLine) -> Result<Self, Error> {
        let line = &ending_by_age(connection, profile, variation, line)?;
        let change = variation.change(line);
        let is_increase = change.is_increase(&profile.costing, &line.costed()).map_err(Error::fault)?;
        let mut effect = Effect { is_increase, ..Self::unmeasured(variation, line) };
        drop_outgrown(connection, profile, (variation, line), effect.new_lines_mut())?;
        effect.trace(connection, profile, variation, line)?;
        Ok(effect)
    }

    /// The lines alone, without a look at what was agreed or what they cost.
    pub(crate) fn unmeasured(variation: &Variation, line: &PackageLine) -> Self {
        let varied = variation.change(line).of(&line.costed());
        let version = |state, valid_to| PackageLine {
            state,
            valid_to,
            reason: variation.reason.clone(),
            variation_id: Some(variation.id.clone()),
            ends_by_age_on: variation.ends_by_age_on.or(line.ends_by_age_on),
            beyond_age_reason: variation.beyond_age_reason.clone().or_else(|| line.beyond_age_reason.clone()),
            ..line.clone()
        };
        let original = match varied.original {
            None => Some(version(LineState::Reversed, line.valid_to)),
            Some(same) if same == line.costed() => None,
            // It ends by age alone: nobody sets an end.
            Some(open) if open.valid_to == variation.ends_by_age_on => Some(version(LineState::Recorded, open.valid_to)),
            Some(ended) => Some(version(LineState::Ended, ended.valid_to)),
        };
        let carried_on = |terms: Line| {
            let id = new_id();
            let new = PackageLine {
                line_id: id.clone(),
                id,
                version: 1,
                continues_line_id: Some(line.arrangement().to_owned()),
                request_line_id: None,
                ..version(LineState::Recorded, None)
            };
            with_terms(new, &terms)
        };
        let changed = varied.changed.map(carried_on).map(|new| PackageLine {
            provider_id: variation.provider_id.clone().or_else(|| line.provider_id.clone()),
            request_line_id: variation.request_line_id.clone(),
            ..new
        });
        Effect { original, changed, resumed: varied.resumed.map(carried_on), varied, is_increase: false }
    }

    /// The new lines trace to the request line that the varied one carried out, while they stay within it. Beyond it the first keeps
    /// the trace where the varied line is reversed: nothing else would say that what was agreed is carried out.
    fn trace(&mut self, connection: &mut AnyConnection, profile: &Profile, variation: &Variation, line: &PackageLine) -> Result<(), Error> {
        let Some(agreed) = &line.request_line_id else { return Ok(()) };
        for new in self.new_lines_mut().filter(|new| new.request_line_id.is_none()) {
            let traced = PackageLine { request_line_id: Some(agreed.clone()), ..new.clone() };
            if within_agreed(connection, profile, &traced, agreed)? {
                *new = traced;
            }
        }
        let is_lost = self.varied.original.is_none() && variation.request_line_id.is_none();
        let is_traced = [&self.changed, &self.resumed].into_iter().flatten().any(|new| new.request_line_id.is_some());
        if is_lost
            && !is_traced
            && let Some(first) = self.new_lines_mut().next()
        {
            first.request_line_id = Some(agreed.clone());
        }
        Ok(())
    }

    fn new_lines_mut(&mut self) -> impl Iterator<Item = &mut PackageLine> {
        [&mut self.changed, &mut self.resumed].into_iter().flatten()
    }

    /// The line that is asked for: with the changed terms, or with a later end; none, less is asked for.
    pub fn asked(&self) -> Option<&PackageLine> {
        let longer = self.original.as_ref().filter(|line| line.state != LineState::Reversed && self.is_longer());
        self.changed.as_ref().or(longer)
    }

    /// Whether the line itself runs longer.
    pub(crate) fn is_longer(&self) -> bool {
        self.varied.changed.is_none() && self.varied.resumed.is_none() && self.is_increase
    }
}
