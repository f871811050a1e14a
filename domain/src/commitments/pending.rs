//! What requests that are not decided, or not carried out, may yet cost: the one rule for budget control and for the warehouse.
//!
//! **What counts.** Before a decision a request's own last paperwork counts, and after it what was decided. An appeal against an approval
//! in part leaves that approval standing. Nothing counts while a package line carries it out.
//!
//! **Net.** A line that replaces a package line costs what the two cost once it is carried out, less what is planned now: from its first
//! day on, the lines of the replaced arrangement are planned no longer. Only what the same budget line pays is taken off, since a saving
//! elsewhere is not counted before it is made. What several lines replace is saved once, by the line that weighs most, and of those by
//! the one that starts first.

use super::CannotCommit;
use super::cells::by_month;
use super::{Owner, OwnerKind, Plan, Planned};
use crate::costing::Line;
use crate::direct_payments::Stretch;
use crate::money::divide_half_away_from_zero;
use crate::panel::DecisionKind;
use crate::profile::CostingPolicy;
use crate::{FinancialYear, Pence, RequestState};
use chrono::NaiveDate;
use std::cmp::Reverse;
use std::collections::HashSet;

/// Whose revision of a request's lines counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinesOf {
    /// The request's own last paperwork.
    Request,
    /// What the last decision decided on.
    Decision,
}

/// The state that a request counts in, and whose lines, by the state it stands in and the kind of its last decision.
pub fn counted(state: RequestState, decided: Option<DecisionKind>) -> (RequestState, LinesOf) {
    use RequestState as S;
    match state {
        S::UnderAppeal if decided == Some(DecisionKind::ApprovedInPart) => (S::ApprovedInPart, LinesOf::Decision),
        S::AwaitingRatification | S::AwaitingAuthority | S::Approved | S::ApprovedInPart => (state, LinesOf::Decision),
        _ => (state, LinesOf::Request),
    }
}

/// What a request line replaces, as it stands and where the same budget line pays both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced<'a> {
    /// The arrangement: what is replaced is known by it.
    pub arrangement: &'a str,
    /// Its lines that stand.
    pub lines: Vec<Line>,
    /// The days that its account does not pay.
    pub unpaid: Vec<Stretch>,
}

/// A request line that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedLine<'a> {
    /// The line, to be named where it cannot be costed.
    pub request_line: &'a str,
    /// What decides its cost.
    pub terms: Line,
    /// What the state that it counts in weighs, in whole per cent.
    pub weight_percent: u8,
    /// What it replaces; none, it comes on top.
    pub replaces: Option<Replaced<'a>>,
}

impl<'a> AskedLine<'a> {
    /// Its turn to save what it replaces. Lines with one turn cost alike, so it does not matter which of them saves.
    fn turn(&self) -> impl Ord + use<> {
        let Line { quantity, frequency, unit_rate, valid_from, valid_to } = self.terms;
        (Reverse(self.weight_percent), valid_from, valid_to, quantity.0, frequency.as_str(), unit_rate.0)
    }

    /// What it makes more of each month, or less.
    fn by_month(&self, policy: &CostingPolicy, year: FinancialYear, saves: Option<&Replaced<'a>>) -> Result<[Pence; 12], CannotCommit> {
        let owner = Owner { id: self.request_line, kind: OwnerKind::Arrangement };
        let planned = |plan| Planned { owner, provider: None, plan, is_unconfirmed: false };
        let mut after = vec![planned(Plan::Line(self.terms))];
        let mut before = Vec::new();
        if let Some(replaced) = saves {
            before.extend(replaced.plans(None).into_iter().map(planned));
            after.extend(replaced.plans(Some(self.terms.valid_from)).into_iter().map(planned));
        }
        let (mut more, before) = (by_month(policy, year, &after)?, by_month(policy, year, &before)?);
        for (month, before) in more.iter_mut().zip(before) {
            *month = month.checked_sub(before)?;
        }
        Ok(more)
    }
}

impl Replaced<'_> {
    /// What is planned of it, where its lines end on a day at the latest.
    fn plans(&self, ends: Option<NaiveDate>) -> Vec<Plan> {
        let ended = |line: &Line| Line { valid_to: [line.valid_to, ends].into_iter().flatten().min(), ..*line };
        let stands = |line: &Line| line.valid_to.is_none_or(|ends| line.valid_from < ends);
        let lines: Vec<Line> = self.lines.iter().map(ended).filter(stands).collect();
        let rests = lines.iter().flat_map(|line| self.unpaid.iter().map(|days| Plan::Rest { line: *line, from: days.from, to: days.to }));
        lines.iter().map(|line| Plan::Line(*line)).chain(rests).collect()
    }
}

/// What is planned in a year of lines whose account leaves some days unpaid.
pub fn planned_in_year(policy: &CostingPolicy, year: FinancialYear, lines: &[Line], unpaid: &[Stretch]) -> Result<Pence, CannotCommit> {
    let all = Replaced { arrangement: "", lines: lines.to_vec(), unpaid: unpaid.to_vec() };
    let owner = Owner { id: "", kind: OwnerKind::Arrangement };
    let planned: Vec<_> = all.plans(None).into_iter().map(|plan| Planned { owner, provider: None, plan, is_unconfirmed: false }).collect();
    Ok(Pence::checked_sum(by_month(policy, year, &planned)?)?)
}

/// What each line may cost its budget line in each month of a year, April first, by its weight: less than nothing where it replaces what is
/// dearer. The lines are all that count on one budget line. The weighted cost from the year's start to a month's end is rounded once, half
/// away from zero; a month has the difference of two such roundings, so that months add up to the year.
pub fn weighed_by_month(policy: &CostingPolicy, year: FinancialYear, asked: &[AskedLine<'_>]) -> Result<Vec<[Pence; 12]>, CannotCommit> {
    let mut places: Vec<usize> = (0..asked.len()).collect();
    places.sort_by_key(|place| asked[*place].turn());
    let mut weighed = vec![[Pence::ZERO; 12]; asked.len()];
    let mut saved = HashSet::new();
    for place in places {
        let line = &asked[place];
        let saves = line.replaces.as_ref().filter(|replaced| saved.insert(replaced.arrangement));
        weighed[place] = weigh(line.by_month(policy, year, saves)?, line.weight_percent)?;
    }
    Ok(weighed)
}

/// The same of all lines and months together.
pub fn weighed_in_year(policy: &CostingPolicy, year: FinancialYear, asked: &[AskedLine<'_>]) -> Result<Pence, CannotCommit> {
    Ok(Pence::checked_sum(weighed_by_month(policy, year, asked)?.into_iter().flatten())?)
}

fn weigh(costs: [Pence; 12], weight_percent: u8) -> Result<[Pence; 12], CannotCommit> {
    let mut weighed = [Pence::ZERO; 12];
    let (mut cost, mut so_far) = (Pence::ZERO, 0_i64);
    for (month, pence) in costs.iter().enumerate() {
        cost = cost.checked_add(*pence)?;
        let up_to = divide_half_away_from_zero(i128::from(cost.0) * i128::from(weight_percent), 100);
        let up_to = i64::try_from(up_to).map_err(|_| CannotCommit::TooLarge)?;
        weighed[month] = Pence(up_to - so_far);
        so_far = up_to;
    }
    Ok(weighed)
}
