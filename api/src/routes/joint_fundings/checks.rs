//! What keeps a joint funding from being recorded.

use super::{JointFunding, NewJointFunding, Of, last_versions};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::budget_lines;
use crate::routes::package_lines::date_mistakes;
use db::AnyConnection;
use db::schema::{package_lines, providers};
use diesel::prelude::*;
use domain::joint_funding::{Funding, FundingState, Share, first_day_past_whole};
use domain::{Direction, LineState, Sector};

/// Everything wrong with it but its line.
pub(super) fn mistakes(connection: &mut AnyConnection, new: &NewJointFunding) -> Result<Vec<FieldError>, Problem> {
    let mut errors = date_mistakes(new.valid_from, new.valid_to);
    let sector: Option<Sector> = providers::table.find(&new.provider_id.0).select(providers::sector).first(connection).optional()?;
    match sector {
        None => errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id")),
        Some(Sector::OtherPublic) => {}
        Some(_) => {
            errors.push(FieldError::new("/provider_id", "sector", "another public body pays: a provider of the sector other_public"))
        }
    }
    match budget_lines::find(connection, &new.budget_line.0)? {
        None => errors.push(FieldError::new("/budget_line", "unknown_reference", "no budget line has this code")),
        Some(line) if line.direction == Direction::Expenditure => {
            errors.push(FieldError::new("/budget_line", "expenditure", "what a funder pays goes to a line of income"));
        }
        Some(_) => {}
    }
    match (new.percentage_ten_thousandths, new.amount_pence, new.amount_frequency) {
        (Some(_), None, None) | (None, Some(_), Some(_)) => {}
        (None, Some(_), None) => errors.push(FieldError::new("/amount_frequency", "required", "say how often the amount is paid")),
        (None, None, Some(_)) => errors.push(FieldError::new("/amount_pence", "required", "say how much is paid so often")),
        (None, None, None) => {
            let detail = "give a percentage, or an amount and how often";
            errors.push(FieldError::new("/percentage_ten_thousandths", "required", detail));
        }
        (Some(_), _, _) => {
            let detail = "give a percentage, or an amount and how often, not both";
            errors.push(FieldError::new("/percentage_ten_thousandths", "two_shares", detail));
        }
    }
    Ok(errors)
}

/// The package of the arrangement that a line begins; the mistake is added if the line begins none.
pub(super) fn package_of(connection: &mut AnyConnection, line_id: &str, errors: &mut Vec<FieldError>) -> Result<Option<String>, Problem> {
    let versions: Vec<(String, Option<String>, LineState)> = package_lines::table
        .filter(package_lines::line_id.eq(line_id))
        .order(package_lines::version)
        .select((package_lines::package_id, package_lines::continues_line_id, package_lines::state))
        .load(connection)?;
    let mut refuse = |code: &str, detail: String| errors.push(FieldError::new("/line_id", code, detail));
    let Some((package_id, continues, state)) = versions.into_iter().next_back() else {
        refuse("unknown_reference", "no package line has this id".to_owned());
        return Ok(None);
    };
    if let Some(first) = continues {
        refuse("not_the_first", format!("the line carries on another: name the first, {first}"));
    } else if state == LineState::Reversed && !is_carried_on(connection, line_id)? {
        refuse("reversed", "the line was reversed: it costs nothing on any day".to_owned());
    }
    Ok(Some(package_id))
}

fn is_carried_on(connection: &mut AnyConnection, line_id: &str) -> Result<bool, Problem> {
    Ok(diesel::select(diesel::dsl::exists(package_lines::table.filter(package_lines::continues_line_id.eq(line_id))))
        .get_result(connection)?)
}

/// Refuses percentages that are together more than all of the line on some day. Exact, because writers take turns.
pub(super) fn refuse_past_whole(connection: &mut AnyConnection, funding: &JointFunding) -> Result<(), Problem> {
    let others = last_versions(connection, Of::Lines(std::slice::from_ref(&funding.line_id)))?;
    let others: Vec<_> = others
        .into_iter()
        .filter(|other| other.funding_id != funding.funding_id && other.state != FundingState::Reversed)
        .filter(|other| other.percentage_ten_thousandths.is_some())
        .collect();
    let dated = |row: &JointFunding| {
        row.percentage_ten_thousandths.map(|share| Funding {
            share: Share::Percentage(share),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
    };
    let Some(own) = dated(funding) else { return Ok(()) };
    let all: Vec<Funding> = others.iter().filter_map(dated).chain([own]).collect();
    let Some((day, sum)) = first_day_past_whole(&all) else { return Ok(()) };
    let beside: Vec<_> =
        others.iter().filter(|other| dated(other).is_some_and(|share| share.pays_on(day))).map(|other| other.funding_id.as_str()).collect();
    let detail =
        format!("With joint funding {} the shares of the line would be {} on {day}; all of it is 100 %.", beside.join(", "), per_cent(sum));
    Err(Problem::new(Code::StateConflict, detail))
}

/// `62.5 %` from ten-thousandths of a per cent.
fn per_cent(ten_thousandths: i64) -> String {
    let fraction = format!("{:04}", ten_thousandths % 10_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction} %", ten_thousandths / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_written_as_people_read_them() {
        assert_eq!([1_000_000, 1_200_000, 625_000, 1_000_001].map(per_cent), ["100 %", "120 %", "62.5 %", "100.0001 %"]);
    }
}
