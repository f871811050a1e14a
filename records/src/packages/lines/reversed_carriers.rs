//! What had come of a reversed package line by then: a post had agreed less of it, or another decision replaces it.

use crate::error::Error;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{decisions, package_lines, package_variation_steps, package_variations, request_lines, requests};
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use domain::costing::Line;
use domain::profile::CostingPolicy;
use domain::variations::Change;
use domain::variations::carried_out::Reversed;
use domain::{Frequency, Quantity, RequestState, UnitRate, VariationBasis, VariationKind, VariationState};

type Terms = (VariationKind, NaiveDate, Option<NaiveDate>, Option<Quantity>, Option<Frequency>, Option<UnitRate>);
type Varied = (Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>);

/// What had come of the arrangement of a line that carried out a line of a request and was reversed.
pub(crate) fn reversed<'r>(
    connection: &mut AnyConnection,
    policy: &CostingPolicy,
    (line_id, arrangement): (&'r str, &str),
    request_id: &str,
) -> Result<Reversed<'r>, Error> {
    let own = package_lines::line_id.eq(arrangement).or(package_lines::continues_line_id.eq(arrangement));
    let lines: Vec<String> = package_lines::table.filter(own).select(package_lines::line_id).distinct().load(connection)?;
    let replacing = request_lines::table
        .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
        .inner_join(decisions::table.on(requests::decision_id.eq(decisions::id.nullable())))
        .filter(request_lines::replaces_line_id.eq_any(lines).and(requests::id.ne(request_id)))
        .filter(decisions::revision.eq(request_lines::revision))
        .filter(requests::state.eq_any([RequestState::Approved, RequestState::ApprovedInPart]));
    let is_replaced = select(exists(replacing)).get_result(connection)?;
    Ok(Reversed { line_id, is_cut: is_cut(connection, policy, arrangement)?, is_replaced })
}

/// Whether a post agreed a variation of an arrangement that brought less of it.
fn is_cut(connection: &mut AnyConnection, policy: &CostingPolicy, arrangement: &str) -> Result<bool, Error> {
    use package_variations as variations;
    let varied = package_lines::line_id.eq(variations::line_id).and(package_lines::version.eq(variations::line_version));
    let agreed: Vec<(Terms, Varied)> = variations::table
        .inner_join(package_variation_steps::table.on(package_variation_steps::variation_id.eq(variations::id)))
        .inner_join(package_lines::table.on(varied))
        .filter(variations::arrangement_id.eq(arrangement).and(variations::basis.eq(VariationBasis::Agreement)))
        .filter(package_variation_steps::state.eq(VariationState::Agreed))
        .select((
            (
                variations::kind,
                variations::valid_from,
                variations::valid_to,
                variations::quantity_thousandths,
                variations::frequency,
                variations::unit_rate_ten_thousandths,
            ),
            (
                package_lines::quantity_thousandths,
                package_lines::frequency,
                package_lines::unit_rate_ten_thousandths,
                package_lines::valid_from,
                package_lines::valid_to,
            ),
        ))
        .load(connection)?;
    for ((kind, from, to, quantity, frequency, unit_rate), line) in agreed {
        let change = Change { kind, valid_from: from, valid_to: to, quantity, frequency, unit_rate, needs_new_line: false };
        let (quantity, frequency, unit_rate, valid_from, valid_to) = line;
        let line = Line { quantity, frequency, unit_rate, valid_from, valid_to };
        if change.brings_less(policy, &line).map_err(Error::fault)? {
            return Ok(true);
        }
    }
    Ok(false)
}
