//! Gross, income and net of a package's lines.

use crate::direct_payments::unpaid_days;
use crate::error::Error;
use crate::joint_funding::shares::share::{Of, funding_of, last_versions};
use crate::packages::lines::PackageLine;
use chrono::NaiveDate;
use db::AnyConnection;
use domain::costing::{CannotCost, Line};
use domain::direct_payments::Stretch;
use domain::joint_funding::shares::nearest_day;
use domain::joint_funding::{FundedLines, Funding, FundingState, Split};
use domain::profile::CostingPolicy;
use domain::{FinancialYear, Pence};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;

/// A cost, what funders pay of it, and what is left to the authority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FundingSplit {
    /// The cost.
    #[schema(value_type = i64)]
    pub gross_pence: Pence,
    /// What funders pay.
    #[schema(value_type = i64)]
    pub income_pence: Pence,
    /// The cost less what they pay.
    #[schema(value_type = i64)]
    pub net_pence: Pence,
    /// What is cut off fixed amounts that are more than the cost.
    #[schema(value_type = i64)]
    pub withheld_pence: Pence,
}

impl From<Split> for FundingSplit {
    fn from(split: Split) -> Self {
        FundingSplit { gross_pence: split.gross, income_pence: split.income, net_pence: split.net, withheld_pence: split.withheld }
    }
}

/// Gross, income and net of a line.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct LineFunding {
    /// Of a full year, with the funders that pay on the day of the line nearest to today.
    pub full_year: FundingSplit,
    /// The financial year of today.
    pub year: FinancialYear,
    /// Of the line's days in that year, without those that a family's account leaves unpaid.
    pub this_year: FundingSplit,
}

/// A package line with what is paid of it by others.
#[derive(Debug, Serialize, ToSchema)]
pub struct FundedLine {
    /// The line.
    #[serde(flatten)]
    pub line: PackageLine,
    /// Gross, income and net.
    pub funding: LineFunding,
}

/// A package's lines, all it has that stand, with gross, income and net as of a day.
///
/// # Errors
/// When a line cannot be costed.
pub fn funded_lines(
    connection: &mut AnyConnection,
    policy: &CostingPolicy,
    package_id: &str,
    lines: Vec<PackageLine>,
    today: NaiveDate,
) -> Result<Vec<FundedLine>, Error> {
    let year = FinancialYear::of(today).map_err(Error::fault)?;
    let mut funders: HashMap<String, Vec<Funding>> = HashMap::new();
    for row in last_versions(connection, Of::Package(package_id))?.iter().filter(|row| row.state != FundingState::Reversed) {
        funders.entry(row.line_id.clone()).or_default().extend(funding_of(row));
    }
    let firsts: BTreeSet<String> = lines.iter().map(|line| line.arrangement().to_owned()).collect();
    let unpaid = unpaid_days(connection, &firsts.into_iter().collect::<Vec<_>>())?;
    // Earlier lines of an arrangement first: each line has what the arrangement brings with it less what it brings without.
    let mut in_order: Vec<usize> = (0..lines.len()).collect();
    in_order.sort_by_key(|place| (lines[*place].valid_from, lines[*place].line_id.clone()));
    let mut before: HashMap<String, Vec<Line>> = HashMap::new();
    let mut fundings: Vec<Option<LineFunding>> = vec![None; lines.len()];
    for place in in_order {
        let line = &lines[place];
        let arrangement = line.arrangement().to_owned();
        let shares = funders.get(&arrangement).map(Vec::as_slice).unwrap_or_default();
        let rests = unpaid.get(&arrangement).map(Vec::as_slice).unwrap_or_default();
        let earlier = before.entry(arrangement).or_default();
        let costed = line.costed();
        fundings[place] = Some(LineFunding {
            full_year: full_year(policy, costed, shares, today).map_err(Error::fault)?.into(),
            year,
            this_year: in_year(policy, (earlier, costed), (shares, rests), year).map_err(Error::fault)?,
        });
        earlier.push(costed);
    }
    Ok(lines.into_iter().zip(fundings).filter_map(|(line, funding)| Some(FundedLine { line, funding: funding? })).collect())
}

fn full_year(policy: &CostingPolicy, line: Line, shares: &[Funding], today: NaiveDate) -> Result<Split, CannotCost> {
    let on = nearest_day(line.valid_from, line.valid_to, today);
    FundedLines::new(policy, vec![line], shares.to_vec()).full_year(on)
}

fn in_year(
    policy: &CostingPolicy,
    (earlier, line): (&[Line], Line),
    (shares, unpaid): (&[Funding], &[Stretch]),
    year: FinancialYear,
) -> Result<FundingSplit, CannotCost> {
    let split = |lines: Vec<Line>| {
        let arrangement = FundedLines::new(policy, lines, shares.to_vec()).without(unpaid.to_vec());
        arrangement.split_between(year.starts_on(), year.next_starts_on())
    };
    let without = split(earlier.to_vec())?;
    let with = split(earlier.iter().copied().chain([line]).collect())?;
    Ok(FundingSplit {
        gross_pence: with.gross.checked_sub(without.gross)?,
        income_pence: with.income.checked_sub(without.income)?,
        net_pence: with.net.checked_sub(without.net)?,
        withheld_pence: with.withheld.checked_sub(without.withheld)?,
    })
}
