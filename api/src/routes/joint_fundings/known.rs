//! Joint fundings beside the lines they pay for, as known now.

use super::JointFunding;
use crate::problem::Problem;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{joint_fundings, package_lines};
use diesel::prelude::*;
use domain::costing::{CannotCost, Line};
use domain::joint_funding::{Arrangement, Asked, Bearing, Funding, FundingState, Part};
use domain::profile::CostingPolicy;
use domain::{Frequency, LineState, Pence, Quantity, UnitRate};
use std::collections::{BTreeSet, HashMap};

/// Ids in one query: well below what either database takes.
pub const CHUNK: usize = 500;

/// Which fundings.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    /// Of these arrangements, by their first lines.
    Lines(&'a [String]),
    /// Of a package.
    Package(&'a str),
    /// By a funder.
    Provider(&'a str),
    /// These fundings.
    Ids(&'a [String]),
}

/// Fundings in their last version, reversed ones too, in the order first recorded.
pub fn last_versions(connection: &mut AnyConnection, of: Of<'_>) -> Result<Vec<JointFunding>, Problem> {
    let mut versions = Vec::new();
    let chunks: Vec<&[String]> = match of {
        Of::Lines(ids) | Of::Ids(ids) => ids.chunks(CHUNK).collect(),
        Of::Package(_) | Of::Provider(_) => vec![&[]],
    };
    for some in chunks {
        let mut query = joint_fundings::table.select(JointFunding::as_select()).into_boxed();
        query = match of {
            Of::Lines(_) => query.filter(joint_fundings::line_id.eq_any(some)),
            Of::Ids(_) => query.filter(joint_fundings::funding_id.eq_any(some)),
            Of::Package(package) => query.filter(joint_fundings::package_id.eq(package)),
            Of::Provider(provider) => query.filter(joint_fundings::provider_id.eq(provider)),
        };
        versions.extend(query.order((joint_fundings::funding_id, joint_fundings::version)).load::<JointFunding>(connection)?);
    }
    let mut last: Vec<(i64, JointFunding)> = Vec::new();
    for version in versions {
        match last.last_mut() {
            Some((_, known)) if known.funding_id == version.funding_id => *known = version,
            _ => last.push((version.recorded_seq, version)),
        }
    }
    last.sort_by(|(a_seq, a), (b_seq, b)| (a_seq, &a.funding_id).cmp(&(b_seq, &b.funding_id)));
    Ok(last.into_iter().map(|(_, funding)| funding).collect())
}

/// What of a funding decides its income.
pub fn funding_of(row: &JointFunding) -> Option<Funding> {
    Some(Funding { share: row.share()?, valid_from: row.valid_from, valid_to: row.valid_to })
}

/// Arrangements with their funders, by the arrangement's first line.
pub struct FundedArrangements<'p>(HashMap<String, FundedArrangement<'p>>);

/// An arrangement's lines and its funders.
pub struct FundedArrangement<'p> {
    policy: &'p CostingPolicy,
    lines: Vec<Line>,
    fundings: Vec<Funding>,
    whole: Arrangement<'p>,
    places: HashMap<String, usize>,
}

impl<'p> FundedArrangements<'p> {
    /// Reads the arrangements that these lines begin, whoever funds them.
    pub fn of(connection: &mut AnyConnection, policy: &'p CostingPolicy, first_lines: &[String]) -> Result<Self, Problem> {
        // Each once, though two fundings of a line name it twice.
        let first_lines: BTreeSet<&String> = first_lines.iter().collect();
        let first_lines: Vec<String> = first_lines.into_iter().cloned().collect();
        let mut lines: HashMap<String, Vec<Line>> = HashMap::new();
        for some in first_lines.chunks(CHUNK) {
            for (arrangement, line) in lines_of(connection, some)? {
                lines.entry(arrangement).or_default().push(line);
            }
        }
        let mut fundings: HashMap<String, Vec<JointFunding>> = HashMap::new();
        for funding in last_versions(connection, Of::Lines(&first_lines))? {
            if funding.state != FundingState::Reversed {
                fundings.entry(funding.line_id.clone()).or_default().push(funding);
            }
        }
        let all = first_lines.into_iter().map(|first| {
            let lines = lines.remove(&first).unwrap_or_default();
            let funders = fundings.remove(&first).unwrap_or_default();
            (first, FundedArrangement::new(policy, lines, &funders))
        });
        Ok(FundedArrangements(all.collect()))
    }

    /// The arrangement that a line begins.
    pub fn get(&self, first_line: &str) -> Option<&FundedArrangement<'p>> {
        self.0.get(first_line)
    }
}

impl<'p> FundedArrangement<'p> {
    /// An arrangement of these lines with these funders, in the order first recorded.
    pub fn new(policy: &'p CostingPolicy, lines: Vec<Line>, funders: &[JointFunding]) -> Self {
        let dated: Vec<(&str, Funding)> = funders.iter().filter_map(|row| Some((row.funding_id.as_str(), funding_of(row)?))).collect();
        let places = dated.iter().enumerate().map(|(place, (id, _))| ((*id).to_owned(), place)).collect();
        let fundings: Vec<Funding> = dated.into_iter().map(|(_, funding)| funding).collect();
        let whole = Arrangement::new(policy, lines.clone(), fundings.clone());
        FundedArrangement { policy, lines, fundings, whole, places }
    }

    /// What a funder pays of the days from `from` to the day before `to`; nothing if its share was reversed.
    pub fn part(&self, funding_id: &str, from: NaiveDate, to: NaiveDate) -> Result<Part, CannotCost> {
        let Some(place) = self.places.get(funding_id) else { return Ok(Part::default()) };
        Ok(self.whole.parts_between(from, to)?.get(*place).copied().unwrap_or_default())
    }

    /// What the days from `from` to the day before `to` cost, whoever pays.
    pub fn gross(&self, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        self.whole.gross_between(from, to)
    }

    /// The cost of the days that these amounts are asked for.
    pub fn bearing(&self, asked: &[Asked]) -> Result<Bearing, CannotCost> {
        self.whole.bearing(asked)
    }

    /// What a whole year of the lines in force on a day costs, and what a funder pays of it; none if its share was reversed.
    pub fn full_year_of(&self, funding_id: &str, on: NaiveDate) -> Result<Option<(Pence, Part)>, CannotCost> {
        let Some(place) = self.places.get(funding_id) else { return Ok(None) };
        let in_force = |line: &&Line| line.valid_from <= on && line.valid_to.is_none_or(|ends| on < ends);
        let lines = self.lines.iter().filter(in_force).copied().collect();
        let (gross, parts) = Arrangement::new(self.policy, lines, self.fundings.clone()).full_year_parts(on)?;
        Ok(Some((gross, parts.get(*place).copied().unwrap_or_default())))
    }
}

/// The lines of these arrangements in their last version, without reversed ones, each with the first line of its arrangement.
fn lines_of(connection: &mut AnyConnection, first_lines: &[String]) -> Result<Vec<(String, Line)>, Problem> {
    type Version = (String, Option<String>, LineState, Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>);
    let versions: Vec<Version> = package_lines::table
        .filter(package_lines::line_id.eq_any(first_lines).or(package_lines::continues_line_id.eq_any(first_lines)))
        .order((package_lines::line_id, package_lines::version))
        .select((
            package_lines::line_id,
            package_lines::continues_line_id,
            package_lines::state,
            package_lines::quantity_thousandths,
            package_lines::frequency,
            package_lines::unit_rate_ten_thousandths,
            package_lines::valid_from,
            package_lines::valid_to,
        ))
        .load(connection)?;
    let mut last: Vec<Version> = Vec::new();
    for version in versions {
        match last.last_mut() {
            Some(known) if known.0 == version.0 => *known = version,
            _ => last.push(version),
        }
    }
    let standing = last.into_iter().filter(|version| version.2 != LineState::Reversed);
    Ok(standing
        .map(|(line_id, continues, _, quantity, frequency, unit_rate, valid_from, valid_to)| {
            (continues.unwrap_or(line_id), Line { quantity, frequency, unit_rate, valid_from, valid_to })
        })
        .collect())
}
