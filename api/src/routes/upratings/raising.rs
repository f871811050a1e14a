//! Recording an uprating: a variation and its lines for each line that matches, all in one write.

use super::matching::{self, Matched};
use super::{NewUprating, Uprating};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::package_variations::{Effect, Taken, add, add_step};
use db::schema::{package_variations, upratings};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::{Profile, VariationState};
use serde_json::json;
use std::collections::HashMap;

/// Raises the rates, if all is as it was when it was looked at.
pub(super) fn raise(write: &mut Write<'_>, profile: &Profile, new: NewUprating) -> Result<Uprating, Problem> {
    let Some(looked_at) = &new.preview_sha256 else {
        let detail = "look at it first, at POST /v1/uprating-previews, and repeat what that gives";
        return Err(Problem::invalid(vec![FieldError::new("/preview_sha256", "missing", detail)]));
    };
    let (matched, skipped) = matching::matched(write.connection, profile, &new)?;
    let preview = matching::tell(write.connection, profile, &new, &matched, skipped, write.at.date())?;
    if preview.preview_sha256 != *looked_at {
        let detail = "The lines, their costs or the children's totals are not what they were, or something else was looked at. Look again.";
        return Err(Problem::new(Code::StateConflict, detail));
    }
    if preview.lines.is_empty() {
        return Err(Problem::new(Code::StateConflict, "No line is raised: see what the preview skips."));
    }
    let uprating = Uprating {
        id: new_id(),
        provider_id: new.provider_id.map(|id| id.0),
        service: new.service.map(|code| code.0),
        valid_from: new.from,
        percentage_ten_thousandths: new.percentage_ten_thousandths,
        unit_rate_ten_thousandths: new.unit_rate_ten_thousandths,
        lines: i64::try_from(preview.lines.len()).map_err(Problem::internal)?,
        full_year_before_pence: preview.full_year_before_pence,
        full_year_after_pence: preview.full_year_after_pence,
        preview_sha256: preview.preview_sha256.clone(),
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(upratings::table).values(&uprating).execute(write.connection)?;
    write.record(Event::new("record", "upratings", &uprating.id).with(json!({ "lines": uprating.lines })))?;
    let by_line: HashMap<&str, &Matched> = matched.iter().map(|found| (found.line.line_id.as_str(), found)).collect();
    for told in &preview.lines {
        let Some(found) = by_line.get(told.line_id.as_str()) else { continue };
        let variation = matching::variation_of(found, told, &uprating, new_id());
        diesel::insert_into(package_variations::table).values(&variation).execute(write.connection)?;
        let detail = json!({ "kind": variation.kind, "basis": variation.basis, "line_id": variation.line_id });
        write.record(Event::new("vary", "package_variations", &variation.id).with(detail))?;
        add_step(write, &variation, Taken::without_post(VariationState::Agreed, None))?;
        let effect = Effect::of(write.connection, profile, &variation, &found.line)?;
        add(write, effect)?;
    }
    Ok(uprating)
}
