//! What requests will cost a budget line in a year: lines that were agreed and are not commissioned yet, and lines not decided.
//!
//! What is agreed is net: what is left of the package line that it replaces is taken off, where the same budget line pays both.
//! A saving on another budget line is not counted before it is made. What is not decided is gross, by the weight of its state.

use crate::commissioning;
use crate::error::Error;
use crate::money::closed_years::closed_since;
use crate::requests::RequestLine;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{decisions, package_lines, request_lines, requests};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::commitments::weighted_by_month;
use domain::costing::Line;
use domain::panel::DecisionKind;
use domain::{FinancialYear, Frequency, LineState, Pence, Profile, Quantity, RequestState, UnitRate};
use std::collections::{HashMap, HashSet};

/// Line ids asked about in one statement.
const CHUNK: usize = 500;

/// What agreed lines that no package line carries out will cost the budget line in the year. Days of earlier years are left out: what was
/// not carried out by then will hardly be.
pub fn agreed(connection: &mut AnyConnection, profile: &Profile, year: FinancialYear, code: &str) -> Result<Pence, Error> {
    // A package line that was reversed carries nothing out. Each of its versions names the request line: one index answers.
    let later = diesel::alias!(package_lines as later);
    let reversed = later
        .filter(later.field(package_lines::request_line_id).eq(package_lines::request_line_id))
        .filter(later.field(package_lines::line_id).eq(package_lines::line_id))
        .filter(later.field(package_lines::state).eq(LineState::Reversed));
    let carried_out = package_lines::table.filter(package_lines::request_line_id.eq(request_lines::id.nullable()));
    let in_part = requests::state.eq(RequestState::UnderAppeal).and(decisions::kind.eq(DecisionKind::ApprovedInPart));
    let mut lines: Vec<RequestLine> = request_lines::table
        .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
        .inner_join(decisions::table.on(requests::decision_id.eq(decisions::id.nullable())))
        .filter(decisions::revision.eq(request_lines::revision))
        .filter(requests::state.eq_any([RequestState::Approved, RequestState::ApprovedInPart]).or(in_part))
        .filter(request_lines::budget_line.eq(code))
        .filter(request_lines::valid_from.lt(year.next_starts_on()))
        .filter(request_lines::valid_to.is_null().or(request_lines::valid_to.gt(year.starts_on())))
        .filter(not(exists(carried_out.filter(not(exists(reversed))))))
        .select(RequestLine::as_select())
        .order((request_lines::recorded_seq, request_lines::number))
        .load(connection)?;
    // A variation may have taken the place of the line that carried it out.
    let ids: Vec<String> = lines.iter().map(|line| line.id.clone()).collect();
    let carried_on = commissioning::arrangements_of(connection, &ids)?;
    lines.retain(|line| !carried_on.contains_key(&line.id));
    let own: Vec<&RequestLine> = lines.iter().collect();
    let standing = replaced(connection, code, &own)?;
    net_in(profile, year, &own, &standing)
}

/// What lines cost the budget line in the year, less what is left of the package lines that they replace there. Of closed years that are
/// carried into this one, what is more than before counts too; what is less may have been paid already.
pub fn net(
    connection: &mut AnyConnection,
    profile: &Profile,
    year: FinancialYear,
    code: &str,
    lines: &[RequestLine],
) -> Result<Pence, Error> {
    let own: Vec<&RequestLine> = lines.iter().filter(|line| line.budget_line == code).collect();
    let standing = replaced(connection, code, &own)?;
    let of_closed =
        carried_into(connection, year)?.into_iter().map(|closed| net_in(profile, closed, &own, &standing).map(|net| net.max(Pence::ZERO)));
    let carried = of_closed.collect::<Result<Vec<_>, _>>()?;
    Pence::checked_sum(carried.into_iter().chain([net_in(profile, year, &own, &standing)?])).map_err(Error::fault)
}

/// The package lines of the budget line that request lines replace.
fn replaced(connection: &mut AnyConnection, code: &str, own: &[&RequestLine]) -> Result<HashMap<String, Line>, Error> {
    let ids: Vec<&str> = own.iter().filter_map(|line| line.replaces_line_id.as_deref()).collect();
    standing_lines(connection, code, &ids)
}

fn net_in(profile: &Profile, year: FinancialYear, own: &[&RequestLine], standing: &HashMap<String, Line>) -> Result<Pence, Error> {
    let (mut gone, mut total) = (HashSet::new(), Pence::ZERO);
    for line in own {
        let cost = profile.costing.cost_in(&line.costed(), year).map_err(Error::fault)?;
        total = total.checked_add(cost).map_err(Error::fault)?;
        // What two lines replace is saved once.
        let replaced = line.replaces_line_id.as_deref().filter(|id| gone.insert(*id)).and_then(|id| standing.get(id));
        let from = line.valid_from.max(year.starts_on());
        if let Some(replaced) = replaced.filter(|_| from < year.next_starts_on()) {
            let left = profile.costing.cost_between(replaced, from, year.next_starts_on()).map_err(Error::fault)?;
            total = total.checked_sub(left).map_err(Error::fault)?;
        }
    }
    Ok(total)
}

/// The closed years that are carried into a year: all of them into the first that is not closed.
fn carried_into(connection: &mut AnyConnection, year: FinancialYear) -> Result<Vec<FinancialYear>, Error> {
    let closed = closed_since(connection, NaiveDate::MIN)?;
    let is_first_open = closed.last().is_some_and(|last| last.next_starts_on() == year.starts_on());
    Ok(if is_first_open { closed } else { Vec::new() })
}

type Terms = (String, Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>);

/// Package lines of a budget line in their last version, without reversed ones.
fn standing_lines(connection: &mut AnyConnection, code: &str, ids: &[&str]) -> Result<HashMap<String, Line>, Error> {
    let mut standing = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<(LineState, Terms)> = package_lines::table
            .filter(package_lines::line_id.eq_any(chunk.to_vec()).and(package_lines::budget_line.eq(code)))
            .select((
                package_lines::state,
                (
                    package_lines::line_id,
                    package_lines::quantity_thousandths,
                    package_lines::frequency,
                    package_lines::unit_rate_ten_thousandths,
                    package_lines::valid_from,
                    package_lines::valid_to,
                ),
            ))
            .order((package_lines::line_id, package_lines::version))
            .load(connection)?;
        for (state, (line_id, quantity, frequency, unit_rate, valid_from, valid_to)) in rows {
            // The last version of each comes last.
            match state {
                LineState::Reversed => standing.remove(&line_id),
                _ => standing.insert(line_id, Line { quantity, frequency, unit_rate, valid_from, valid_to }),
            };
        }
    }
    Ok(standing)
}

/// What requests that are not decided may cost the budget line in the year, each by its state's weight in the profile; `but_for` is the
/// request under decision.
pub fn pending(
    connection: &mut AnyConnection,
    profile: &Profile,
    year: FinancialYear,
    code: &str,
    but_for: Option<&str>,
) -> Result<Pence, Error> {
    let mut total = Pence::ZERO;
    for (state, line) in undecided(connection, profile, year, code)? {
        if but_for == Some(line.request_id.as_str()) {
            continue;
        }
        let Some(weight) = profile.forecast.weight_percent(state) else { continue };
        let months = weighted_by_month(&profile.costing, &line.costed(), &line.id, weight, year).map_err(Error::fault)?;
        total = Pence::checked_sum([total].into_iter().chain(months)).map_err(Error::fault)?;
    }
    Ok(total)
}

/// Lines of requests in a state that has a weight and is not an approval.
fn undecided(
    connection: &mut AnyConnection,
    profile: &Profile,
    year: FinancialYear,
    code: &str,
) -> Result<Vec<(RequestState, RequestLine)>, Error> {
    use RequestState as S;
    let weighty = profile.forecast.stages.iter().map(|stage| stage.state);
    let weighty = weighty.filter(|state| !matches!(state, S::Approved | S::ApprovedInPart | S::UnderAppeal));
    // What a decision decided on is in its own revision; before it, in the request's.
    let (decided, before): (Vec<S>, Vec<S>) = weighty.partition(|state| matches!(state, S::AwaitingRatification | S::AwaitingAuthority));
    let in_year = || {
        request_lines::budget_line
            .eq(code)
            .and(request_lines::valid_from.lt(year.next_starts_on()))
            .and(request_lines::valid_to.is_null().or(request_lines::valid_to.gt(year.starts_on())))
    };
    let mut lines: Vec<(S, RequestLine)> = request_lines::table
        .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
        .filter(requests::state.eq_any(before).and(requests::revision.eq(request_lines::revision)).and(in_year()))
        .select((requests::state, RequestLine::as_select()))
        .load(connection)?;
    let awaiting: Vec<(S, RequestLine)> = request_lines::table
        .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
        .inner_join(decisions::table.on(requests::decision_id.eq(decisions::id.nullable())))
        .filter(requests::state.eq_any(decided).and(decisions::revision.eq(request_lines::revision)).and(in_year()))
        .select((requests::state, RequestLine::as_select()))
        .load(connection)?;
    lines.extend(awaiting);
    Ok(lines)
}
