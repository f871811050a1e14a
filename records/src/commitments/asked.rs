//! What requests will cost a budget line in a year: lines that were agreed and are not commissioned yet, and lines not decided. Both are net
//! of what they replace; [`domain::commitments::weighed_by_month`] has the rule, and the warehouse weighs by it too.

use crate::commissioning;
use crate::commitments::left::Left;
use crate::commitments::replaced::Replacing;
use crate::error::Error;
use crate::money::closed_years::closed_since;
use crate::requests::RequestLine;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{decisions, package_lines, request_lines, requests};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::commitments::{LinesOf, counted, weighed_in_year};
use domain::panel::DecisionKind;
use domain::{FinancialYear, LineState, Pence, Profile, RequestState};
use std::collections::HashSet;

/// In full.
pub(crate) const WHOLE: u8 = 100;

/// A request line that no package line carries out, and the state that its request counts in.
struct Counting {
    state: RequestState,
    line: RequestLine,
}

impl Counting {
    /// Whether it was agreed: then it counts in full.
    fn is_agreed(&self) -> bool {
        matches!(self.state, RequestState::Approved | RequestState::ApprovedInPart)
    }
}

/// Which budget line's, in which year.
#[derive(Clone, Copy)]
struct Of<'a> {
    profile: &'a Profile,
    year: FinancialYear,
    code: &'a str,
}

/// The request lines that count on a budget line in a year, read once for all that is asked of them.
pub struct AskedFor<'a> {
    of: Of<'a>,
    lines: Vec<Counting>,
}

impl<'a> AskedFor<'a> {
    /// Reads them.
    pub fn load(connection: &mut AnyConnection, profile: &'a Profile, year: FinancialYear, code: &'a str) -> Result<Self, Error> {
        let of = Of { profile, year, code };
        Ok(AskedFor { of, lines: of.counting(connection)? })
    }

    /// What agreed lines that no package line carries out will cost the budget line in the year. Days of earlier years are left out: what was
    /// not carried out by then will hardly be.
    pub fn agreed(&self, connection: &mut AnyConnection) -> Result<Pence, Error> {
        self.of.cost(connection, &agreed_among(&self.lines, None))
    }

    /// What requests that are not decided may cost the budget line in the year, each by its state's weight in the profile, beside what was
    /// agreed; `but_for` is the request under decision.
    pub fn pending(&self, connection: &mut AnyConnection, but_for: Option<&str>) -> Result<Pence, Error> {
        let undecided = self.lines.iter().filter(|counting| !counting.is_agreed() && but_for != Some(counting.line.request_id.as_str()));
        let weighed = undecided.filter_map(|counting| Some((self.of.profile.forecast.weight_percent(counting.state)?, &counting.line)));
        self.of.cost_beside(connection, &agreed_among(&self.lines, None), weighed.collect())
    }

    /// What lines of one request cost the budget line in the year, less what is left of what they replace there, beside what was agreed. Of
    /// closed years that are carried into this one, what is more than before counts too; what is less may have been paid already.
    pub fn net(&self, connection: &mut AnyConnection, lines: &[RequestLine]) -> Result<Pence, Error> {
        let Of { profile, year, code } = self.of;
        let own: Vec<(u8, &RequestLine)> = lines.iter().filter(|line| line.budget_line == code).map(|line| (WHOLE, line)).collect();
        let mut total = self.net_of(connection, own.clone())?;
        for closed in carried_into(connection, year)? {
            // Beside which lines makes a difference only to what several replace.
            let of = Of { profile, year: closed, code };
            let replaces = own.iter().any(|(_, line)| line.replaces_line_id.is_some());
            let beside = AskedFor { of, lines: if replaces { of.counting(connection)? } else { Vec::new() } };
            let more = beside.net_of(connection, own.clone())?;
            total = total.checked_add(more.max(Pence::ZERO)).map_err(Error::fault)?;
        }
        Ok(total)
    }

    fn net_of(&self, connection: &mut AnyConnection, own: Vec<(u8, &RequestLine)>) -> Result<Pence, Error> {
        let agreed = agreed_among(&self.lines, own.first().map(|(_, line)| line.request_id.as_str()));
        // What stands beside lines that replace nothing makes no difference to them.
        let beside = if own.iter().any(|(_, line)| line.replaces_line_id.is_some()) { agreed } else { Vec::new() };
        self.of.cost_beside(connection, &beside, own)
    }
}

fn agreed_among<'l>(lines: &'l [Counting], but_for: Option<&str>) -> Vec<(u8, &'l RequestLine)> {
    let agreed = lines.iter().filter(|counting| counting.is_agreed() && but_for != Some(counting.line.request_id.as_str()));
    agreed.map(|counting| (WHOLE, &counting.line)).collect()
}

impl Of<'_> {
    /// What lines, each with its weight, cost beside others: what both replace is saved once.
    fn cost_beside<'l>(
        self,
        connection: &mut AnyConnection,
        beside: &[(u8, &'l RequestLine)],
        mut own: Vec<(u8, &'l RequestLine)>,
    ) -> Result<Pence, Error> {
        if own.is_empty() {
            return Ok(Pence::ZERO);
        }
        own.extend(beside);
        let all = self.cost(connection, &own)?;
        all.checked_sub(self.cost(connection, beside)?).map_err(Error::fault)
    }

    fn cost(self, connection: &mut AnyConnection, lines: &[(u8, &RequestLine)]) -> Result<Pence, Error> {
        let Of { profile, year, code } = self;
        let replacing = Replacing::of(connection, profile, (year, code), lines.iter().map(|(_, line)| *line), &HashSet::new())?;
        let asked: Vec<_> = lines.iter().map(|(weight, line)| replacing.asked(line, *weight)).collect();
        weighed_in_year(&profile.costing, year, &asked).map_err(Error::fault)
    }

    /// The lines that count on the budget line in the year, in the order recorded.
    fn counting(self, connection: &mut AnyConnection) -> Result<Vec<Counting>, Error> {
        use RequestState as S;
        let Of { profile, year, code } = self;
        let weighty = profile.forecast.stages.iter().map(|stage| stage.state);
        let states: Vec<S> = weighty.chain([S::Approved, S::ApprovedInPart, S::UnderAppeal]).collect();
        // A package line that was reversed carries nothing out. Each of its versions names the request line: one index answers.
        let later = diesel::alias!(package_lines as later);
        let reversed = later
            .filter(later.field(package_lines::request_line_id).eq(package_lines::request_line_id))
            .filter(later.field(package_lines::line_id).eq(package_lines::line_id))
            .filter(later.field(package_lines::state).eq(LineState::Reversed));
        let carried_out = package_lines::table.filter(package_lines::request_line_id.eq(request_lines::id.nullable()));
        type Row = (S, i64, Option<DecisionKind>, Option<i64>, RequestLine);
        let rows: Vec<Row> = request_lines::table
            .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
            .left_join(decisions::table.on(requests::decision_id.eq(decisions::id.nullable())))
            .filter(requests::state.eq_any(states))
            .filter(request_lines::budget_line.eq(code))
            .filter(request_lines::valid_from.lt(year.next_starts_on()))
            // What a line replaced does not come back when that line is over.
            .filter(
                request_lines::valid_to
                    .is_null()
                    .or(request_lines::valid_to.gt(year.starts_on()))
                    .or(request_lines::replaces_line_id.is_not_null()),
            )
            .filter(not(exists(carried_out.filter(not(exists(reversed))))))
            .order((request_lines::recorded_seq, request_lines::number))
            .select((
                requests::state,
                requests::revision,
                decisions::kind.nullable(),
                decisions::revision.nullable(),
                RequestLine::as_select(),
            ))
            .load(connection)?;
        let mut lines: Vec<Counting> = rows
            .into_iter()
            .filter_map(|(state, own, decided, decided_revision, line)| {
                let (state, whose) = counted(state, decided);
                let revision = match whose {
                    LinesOf::Request => Some(own),
                    LinesOf::Decision => decided_revision,
                };
                (revision == Some(line.revision)).then_some(Counting { state, line })
            })
            .collect();
        // A variation may have taken the place of the line that carried it out.
        let ids: Vec<String> = lines.iter().map(|counting| counting.line.id.clone()).collect();
        let carried_on = commissioning::arrangements_of(connection, &ids)?;
        lines.retain(|counting| !carried_on.contains_key(&counting.line.id));
        let left = Left::read(connection, lines.iter().map(|counting| &counting.line))?;
        Ok(lines.into_iter().filter_map(|Counting { state, line }| Some(Counting { state, line: left.before(line)? })).collect())
    }
}

/// The closed years that are carried into a year: all of them into the first that is not closed.
fn carried_into(connection: &mut AnyConnection, year: FinancialYear) -> Result<Vec<FinancialYear>, Error> {
    let closed = closed_since(connection, NaiveDate::MIN)?;
    let is_first_open = closed.last().is_some_and(|last| last.next_starts_on() == year.starts_on());
    Ok(if is_first_open { closed } else { Vec::new() })
}
