//! What came of a request line and of an arrangement before a variation would carry it out.

use crate::error::Error;
use crate::packages::lines::PackageLine;
use db::AnyConnection;
use db::schema::{decisions, package_lines, package_variation_steps, package_variations, request_lines, requests};
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use domain::variations::carried_out::Before;
use domain::{RequestState, VariationBasis, VariationState};

/// What came of a request line of the child's, and of the arrangement of a line, since it was decided.
pub(crate) fn before(connection: &mut AnyConnection, line: &PackageLine, request_line: &str) -> Result<Before, Error> {
    let arrangement = line.arrangement();
    let own = package_lines::line_id.eq(arrangement).or(package_lines::continues_line_id.eq(arrangement));
    let lines: Vec<String> = package_lines::table.filter(own).select(package_lines::line_id).distinct().load(connection)?;
    let carrying = package_lines::table.filter(own).filter(package_lines::request_line_id.eq(request_line));
    let was_carried_out: bool = select(exists(carrying)).get_result(connection)?;
    let decided_seq: Option<i64> = requests::table
        .inner_join(request_lines::table.on(request_lines::request_id.eq(requests::id)))
        .inner_join(decisions::table.on(requests::decision_id.eq(decisions::id.nullable())))
        .filter(request_lines::id.eq(request_line))
        .select(decisions::recorded_seq)
        .first(connection)
        .optional()?;
    let decided_seq = decided_seq.unwrap_or_default();
    let varied = package_variations::table
        .inner_join(package_variation_steps::table.on(package_variation_steps::variation_id.eq(package_variations::id)))
        .filter(package_variations::arrangement_id.eq(arrangement).and(package_variations::basis.eq(VariationBasis::Agreement)))
        .filter(package_variation_steps::state.eq(VariationState::Agreed))
        .filter(package_variation_steps::recorded_seq.gt(decided_seq));
    let replacing = request_lines::table
        .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
        .inner_join(decisions::table.on(requests::decision_id.eq(decisions::id.nullable())))
        .filter(request_lines::replaces_line_id.eq_any(lines))
        .filter(decisions::revision.eq(request_lines::revision))
        .filter(requests::state.eq_any([RequestState::Approved, RequestState::ApprovedInPart]))
        .filter(decisions::recorded_seq.gt(decided_seq));
    Ok(Before {
        was_carried_out,
        is_varied_since: select(exists(varied)).get_result(connection)?,
        is_replaced_since: select(exists(replacing)).get_result(connection)?,
    })
}
