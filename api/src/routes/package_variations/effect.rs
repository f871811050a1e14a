//! What a variation makes of its line: a version that ends it, moves its end or reverses it, and the lines that carry it on.

use super::Variation;
use crate::problem::Problem;
use crate::routes::package_lines::{self, PackageLine, within_agreed};
use crate::routes::requests::care_package::{Changes, Counting, Origin};
use crate::routes::year_closures::carrying_again;
use db::schema::package_lines as lines_table;
use db::{AnyConnection, Write, new_id};
use diesel::prelude::*;
use domain::costing::Line;
use domain::variation::Varied;
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
    pub fn of(connection: &mut AnyConnection, profile: &Profile, variation: &Variation, line: &PackageLine) -> Result<Self, Problem> {
        let change = variation.change(line);
        let is_increase = change.is_increase(&profile.costing, &line.costed()).map_err(Problem::internal)?;
        let mut effect = Effect { is_increase, ..Self::unmeasured(variation, line) };
        effect.trace(connection, profile, variation, line)?;
        Ok(effect)
    }

    /// The lines alone, without a look at what was agreed or what they cost.
    pub(super) fn unmeasured(variation: &Variation, line: &PackageLine) -> Self {
        let varied = variation.change(line).of(&line.costed());
        let version = |state, valid_to| PackageLine {
            state,
            valid_to,
            reason: variation.reason.clone(),
            variation_id: Some(variation.id.clone()),
            ..line.clone()
        };
        let original = match varied.original {
            None => Some(version(LineState::Reversed, line.valid_to)),
            Some(same) if same == line.costed() => None,
            Some(open) if open.valid_to.is_none() => Some(version(LineState::Recorded, None)),
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
    fn trace(
        &mut self,
        connection: &mut AnyConnection,
        profile: &Profile,
        variation: &Variation,
        line: &PackageLine,
    ) -> Result<(), Problem> {
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

    /// What a line with other terms from a day on, and no end of its own, changes in the child's total care package.
    pub fn in_place(line: &PackageLine, new: PackageLine) -> Changes {
        let counting = |line: PackageLine| Counting { line, origin: Origin::Package, whatever_its_dates: false };
        let ended = (new.valid_from > line.valid_from).then(|| PackageLine { valid_to: Some(new.valid_from), ..line.clone() });
        Changes { gone: [line.line_id.clone()].into(), lines: ended.into_iter().chain([new]).map(counting).collect() }
    }

    fn new_lines_mut(&mut self) -> impl Iterator<Item = &mut PackageLine> {
        [&mut self.changed, &mut self.resumed].into_iter().flatten()
    }

    /// The line that is asked for: with the changed terms, or with a later end; none, less is asked for.
    pub fn asked(&self) -> Option<&PackageLine> {
        let longer = self.original.as_ref().filter(|line| line.state != LineState::Reversed && self.is_longer());
        self.changed.as_ref().or(longer)
    }

    fn is_longer(&self) -> bool {
        self.varied.changed.is_none() && self.varied.resumed.is_none() && self.is_increase
    }

    /// What it changes in the child's total care package.
    pub fn changes(&self, line: &PackageLine) -> Changes {
        let mut changes = Changes::default();
        let mut add = |line: &PackageLine, origin: Origin, whatever_its_dates: bool| {
            changes.lines.push(Counting { line: line.clone(), origin, whatever_its_dates });
        };
        if let Some(original) = &self.original {
            changes.gone.insert(line.line_id.clone());
            match original.state {
                LineState::Reversed => {}
                _ if self.is_longer() => add(original, Origin::ThisVariation, true),
                _ => add(original, Origin::Package, false),
            }
        }
        if let Some(changed) = &self.changed {
            add(changed, Origin::ThisVariation, self.is_increase);
        }
        if let Some(resumed) = &self.resumed {
            add(resumed, Origin::Package, false);
        }
        changes
    }
}

/// A line with these terms and dates.
pub(super) fn with_terms(line: PackageLine, terms: &Line) -> PackageLine {
    PackageLine {
        quantity_thousandths: terms.quantity,
        frequency: terms.frequency,
        unit_rate_ten_thousandths: terms.unit_rate,
        valid_from: terms.valid_from,
        valid_to: terms.valid_to,
        ..line
    }
}

/// Adds what a variation makes of its line, and carries forward what that makes more or less open in closed years.
pub(super) fn apply(
    write: &mut Write<'_>,
    profile: &Profile,
    (variation, line): (&Variation, &PackageLine),
    effect: Effect,
) -> Result<(), Problem> {
    carrying_again(write, profile, line.changed(variation.changes_from(line)), |write| add(write, effect))
}

/// Adds the versions and lines that a variation makes of its line, which has no day in a closed year from then on. Its own audit event
/// stands for them.
pub fn add(write: &mut Write<'_>, effect: Effect) -> Result<(), Problem> {
    let original = effect.original.map(|next| PackageLine { id: new_id(), version: next.version + 1, ..next });
    for version in [original, effect.changed, effect.resumed].into_iter().flatten() {
        let version =
            PackageLine { recorded_by: write.actor.id.clone(), recorded_at: write.at.into(), recorded_seq: write.seq(), ..version };
        package_lines::insert(write, &version)?;
    }
    Ok(())
}

/// The versions that a variation made, in the order of their dates.
pub(super) fn made_by(connection: &mut AnyConnection, variation_id: &str) -> Result<Vec<PackageLine>, Problem> {
    Ok(lines_table::table
        .filter(lines_table::variation_id.eq(variation_id))
        .select(PackageLine::as_select())
        .order((lines_table::valid_from, lines_table::line_id))
        .load(connection)?)
}
