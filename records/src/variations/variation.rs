//! Variations as they were recorded, and the versions of lines that each made.

use crate::error::Error;
use crate::instant::Instant;
use crate::packages::lines::PackageLine;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{open_package_variations, package_lines as lines_table, package_variations};
use diesel::prelude::*;
use domain::authority::Limit as PostLimit;
use domain::costing::Line;
use domain::variations::Change;
use domain::{Frequency, Pence, Profile, Quantity, UnitRate, VariationBasis, VariationKind};
use serde::Serialize;
use utoipa::ToSchema;

/// A variation as it was recorded.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = package_variations)]
#[schema(as = RecordedVariation)]
pub struct Variation {
    /// The variation's id.
    pub id: String,
    /// The package.
    pub package_id: String,
    /// The line that is varied.
    pub line_id: String,
    /// The version of it that the variation is of; once there is a later one, it cannot be agreed.
    pub line_version: i64,
    /// The first line of the arrangement.
    pub arrangement_id: String,
    /// What it does.
    pub kind: VariationKind,
    /// The day it starts: of an extension the line's end, of a correction the day the line really started.
    pub valid_from: NaiveDate,
    /// The first day after a change for a time; of an extension or a correction the line's end. Null: for good, and of a correction as
    /// it was.
    pub valid_to: Option<NaiveDate>,
    /// How many units each time, in thousandths; null, as before.
    pub quantity_thousandths: Option<Quantity>,
    /// How often; null, as before.
    pub frequency: Option<Frequency>,
    /// The price of a unit, in ten-thousandths of a pound; null, as before.
    pub unit_rate_ten_thousandths: Option<UnitRate>,
    /// Who provides it; null, as before.
    pub provider_id: Option<String>,
    /// What allows it.
    pub basis: VariationBasis,
    /// The line of an approved request that it carries out.
    pub request_line_id: Option<String>,
    /// The rise of rates that it is part of.
    pub uprating_id: Option<String>,
    /// The child's total care package before it, in a full year, on the day it was recorded.
    #[schema(value_type = i64)]
    pub total_before_pence: Pence,
    /// The same with it.
    #[schema(value_type = i64)]
    pub total_after_pence: Pence,
    /// The posts responsible for the total before, separated by commas; null, no post has the authority.
    pub tier_before: Option<String>,
    /// The posts responsible for the total with it.
    pub tier_after: Option<String>,
    /// Of a rise of rates that a post confirms afterwards: the bound in per cent beyond which a rise is tested; null, it keeps within that, or
    /// the post that agreed it may agree the child's total with it.
    pub beyond_percent: Option<i64>,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
    /// The birthday that ends what it extends; null, something else ends it, or nothing does.
    pub ends_by_age_on: Option<NaiveDate>,
    /// Why the line goes on after the last age of its budget line; null, it does not.
    pub beyond_age_reason: Option<String>,
}

impl Variation {
    /// The change that it makes of a line.
    pub fn change(&self, line: &PackageLine) -> Change {
        let is_other = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
        Change {
            kind: self.kind,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            quantity: self.quantity_thousandths,
            frequency: self.frequency,
            unit_rate: self.unit_rate_ten_thousandths,
            needs_new_line: is_other(&self.provider_id, &line.provider_id) || is_other(&self.request_line_id, &line.request_line_id),
        }
    }

    /// The first day on which a line is other than before. A correction may move its start, to a later day too.
    pub fn changes_from(&self, line: &PackageLine) -> NaiveDate {
        if self.kind == VariationKind::Correction { self.valid_from.min(line.valid_from) } else { self.valid_from }
    }

    /// What it asks for more of the line than that has, while it is not agreed; none, it asks for no more.
    pub fn asked_for(&self, profile: &Profile, line: &PackageLine) -> Result<Option<PackageLine>, Error> {
        let (change, of) = (self.change(line), line.costed());
        if !change.is_increase(&profile.costing, &of).map_err(Error::fault)? {
            return Ok(None);
        }
        let varied = change.of(&of);
        let asked = varied.changed.or(varied.original).map(|terms| {
            let line = PackageLine { line_id: self.id.clone(), continues_line_id: Some(self.arrangement_id.clone()), ..line.clone() };
            with_terms(line, &terms)
        });
        Ok(asked)
    }
}

/// The variation with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Variation, Error> {
    let variation = package_variations::table.find(id).select(Variation::as_select()).first(connection).optional()?;
    variation.ok_or_else(|| Error::not_found("package variation"))
}

/// The variations of these packages that are not agreed yet, in the order recorded.
pub fn open_variations_of(connection: &mut AnyConnection, packages: &[String]) -> Result<Vec<Variation>, Error> {
    Ok(open_package_variations::table
        .inner_join(package_variations::table.on(package_variations::id.eq(open_package_variations::variation_id)))
        .filter(open_package_variations::package_id.eq_any(packages))
        .select(Variation::as_select())
        .order((open_package_variations::variation_seq, open_package_variations::variation_id))
        .load(connection)?)
}

/// A line with these terms and dates.
pub(crate) fn with_terms(line: PackageLine, terms: &Line) -> PackageLine {
    PackageLine {
        quantity_thousandths: terms.quantity,
        frequency: terms.frequency,
        unit_rate_ten_thousandths: terms.unit_rate,
        valid_from: terms.valid_from,
        valid_to: terms.valid_to,
        ..line
    }
}

/// The versions that a variation made, in the order of their dates.
pub(crate) fn made_by(connection: &mut AnyConnection, variation_id: &str) -> Result<Vec<PackageLine>, Error> {
    Ok(lines_table::table
        .filter(lines_table::variation_id.eq(variation_id))
        .select(PackageLine::as_select())
        .order((lines_table::valid_from, lines_table::line_id))
        .load(connection)?)
}

/// The posts responsible, as a variation keeps them.
pub fn tier_text(tier: &[PostLimit]) -> Option<String> {
    let posts: Vec<&str> = tier.iter().map(|limit| limit.post.as_str()).collect();
    (!posts.is_empty()).then(|| posts.join(","))
}
