//! The list of reports: what each is called, what it is asked for, and how it is made. Every door (the API, the command line) reads it.

use crate::error::Error;
use crate::written::{Format, Written, written};
use crate::{
    FreedomOfInformationQuery, NextYearQuery, OutturnQuery, SpendQuery, WeeksQuery, budget_position, commitments_by_week,
    direct_payment_accounts, forecast_outturn, freedom_of_information, grant_activity, grants_360giving, joint_funding, next_year, nights,
    panel_decisions, panel_outcomes, section_251, spend, spending_over_500, statement_figures, unit_costs, voluntary_sector_grants,
};
use domain::{FinancialYear, Profile};
use etl::{Snapshot, Which};
use std::path::Path;
use strum::VariantArray;

/// A report that is asked for by its year alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
pub enum YearReport {
    /// The budget position.
    BudgetPosition,
    /// The statement's figures.
    StatementFigures,
    /// The panel's decisions.
    PanelDecisions,
    /// The panel's outcomes.
    PanelOutcomes,
    /// Direct payment accounts.
    DirectPaymentAccounts,
    /// Joint funding.
    JointFunding,
    /// Nights away from home.
    Nights,
    /// Grants and their activity.
    GrantActivity,
    /// Unit costs.
    UnitCosts,
    /// Expenditure over £500.
    SpendingOver500,
    /// Grants to voluntary organisations.
    VoluntarySectorGrants,
    /// Grants as 360Giving data.
    Grants360Giving,
    /// The short-breaks lines of the section 251 return.
    Section251,
}

/// Where a report is read from, and how it is written.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The warehouse's folder.
    pub warehouse: &'a Path,
    /// The snapshot.
    pub which: &'a Which,
    /// The authority's profile.
    pub profile: &'a Profile,
    /// The form of the answer.
    pub format: Format,
}

/// How a report of a year is made.
type Make = fn(Asked<'_>, FinancialYear) -> Result<Written, Error>;

impl YearReport {
    /// All of them, in the order in which they are shown.
    pub const ALL: &'static [YearReport] = YearReport::VARIANTS;

    /// What it is called in a path, on the command line and as a file.
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// What it tells.
    pub fn title(self) -> &'static str {
        self.entry().1
    }

    /// The entry of the list: a new report of a year is a variant and a line here.
    fn entry(self) -> (&'static str, &'static str, Make) {
        match self {
            YearReport::BudgetPosition => {
                ("budget-position", "Budget, actual, commitment, forecast and variance of every budget line", |asked, year| {
                    written(asked.format, &budget_position(asked.warehouse, asked.which, year)?)
                })
            }
            YearReport::StatementFigures => ("statement-figures", "The figures of the Short Breaks Service Statement", |asked, year| {
                written(asked.format, &statement_figures(asked.warehouse, asked.which, year)?)
            }),
            YearReport::PanelDecisions => ("panel-decisions", "Every decision of the panel, and what became of it", |asked, year| {
                written(asked.format, &panel_decisions(asked.warehouse, asked.which, year)?)
            }),
            YearReport::PanelOutcomes => (
                "panel-outcomes",
                "Decisions by month, budget line and outcome: how many, what they cost, how long they took",
                |asked, year| written(asked.format, &panel_outcomes(asked.warehouse, asked.which, year)?),
            ),
            YearReport::DirectPaymentAccounts => {
                ("direct-payment-accounts", "What families were paid, spent, owe and have in hand, account by account", |asked, year| {
                    written(asked.format, &direct_payment_accounts(asked.warehouse, asked.which, year)?)
                })
            }
            YearReport::JointFunding => {
                ("joint-funding", "What health is expected to pay, was invoiced and paid, by month and funder", |asked, year| {
                    written(asked.format, &joint_funding(asked.warehouse, asked.which, year)?)
                })
            }
            YearReport::Nights => (
                "nights",
                "Nights away by month and setting, and how many children stand at a warning or above the limit",
                |asked, year| written(asked.format, &nights(asked.warehouse, asked.which, year)?),
            ),
            YearReport::GrantActivity => (
                "grant-activity",
                "Grants in a year: what was to be paid, what was, what is returned, what one of it cost",
                |asked, year| written(asked.format, &grant_activity(asked.warehouse, asked.which, year)?),
            ),
            YearReport::UnitCosts => ("unit-costs", "Spend divided by activity, by budget line, provider and unit", |asked, year| {
                written(asked.format, &unit_costs(asked.warehouse, asked.which, year)?)
            }),
            YearReport::SpendingOver500 => (
                "spending-over-500",
                "Expenditure over £500 as the Transparency Code asks for it, with individuals redacted",
                |asked, year| written(asked.format, &spending_over_500(asked.warehouse, asked.which, asked.profile, year)?),
            ),
            YearReport::VoluntarySectorGrants => {
                ("voluntary-sector-grants", "Grants to voluntary organisations as the Transparency Code asks for them", |asked, year| {
                    written(asked.format, &voluntary_sector_grants(asked.warehouse, asked.which, asked.profile, year)?)
                })
            }
            YearReport::Grants360Giving => ("grants-360giving", "Grants as a 360Giving file", |asked, year| {
                let report = grants_360giving(asked.warehouse, asked.which, asked.profile, year)?;
                match asked.format {
                    Format::Json | Format::IndentedJson => Ok(Written { bytes: report.to_json()?, snapshot_id: report.snapshot_id }),
                    format => written(format, &report),
                }
            }),
            YearReport::Section251 => (
                "section-251",
                "The short-breaks lines of the section 251 return by provision, with the unit costs behind them",
                |asked, year| written(asked.format, &section_251(asked.warehouse, asked.which, asked.profile, year)?),
            ),
        }
    }
}

/// A report, and what is asked of it.
#[derive(Debug, Clone)]
pub enum Question {
    /// What the ledger has, added up.
    Spend(SpendQuery),
    /// A report of a year.
    OfYear(YearReport, FinancialYear),
    /// What a year will come to.
    ForecastOutturn(OutturnQuery),
    /// What is committed, week by week.
    CommitmentsByWeek(WeeksQuery),
    /// What the next year needs.
    NextYear(NextYearQuery),
    /// What councils are asked every year.
    FreedomOfInformation(FreedomOfInformationQuery),
}

impl Question {
    /// The name of the file that its answer is offered as, without its end.
    pub fn file_name(&self) -> String {
        let of_year = |name: &str, year: FinancialYear| format!("{name}-{}", year.as_str());
        match self {
            Question::Spend(_) => "spend".to_owned(),
            Question::OfYear(report, year) => of_year(report.name(), *year),
            Question::ForecastOutturn(query) => of_year("forecast-outturn", query.year),
            Question::CommitmentsByWeek(query) => of_year("commitments-by-week", query.year),
            Question::NextYear(query) => of_year("next-year", query.year),
            Question::FreedomOfInformation(query) => of_year("freedom-of-information", query.year),
        }
    }

    /// The report, written.
    pub fn answer(&self, asked: Asked<'_>) -> Result<Written, Error> {
        let Asked { warehouse, which, profile, format } = asked;
        refuse_other_authority(warehouse, which, profile)?;
        match self {
            Question::Spend(query) => written(format, &spend(warehouse, which, query)?),
            Question::OfYear(report, year) => report.entry().2(asked, *year),
            Question::ForecastOutturn(query) => written(format, &forecast_outturn(warehouse, which, profile, query)?),
            Question::CommitmentsByWeek(query) => written(format, &commitments_by_week(warehouse, which, query)?),
            Question::NextYear(query) => written(format, &next_year(warehouse, which, profile, query)?),
            Question::FreedomOfInformation(query) => written(format, &freedom_of_information(warehouse, which, profile, query)?),
        }
    }
}

/// Refuses a snapshot that was made with another authority's profile.
pub(crate) fn refuse_other_authority(warehouse: &Path, which: &Which, profile: &Profile) -> Result<(), Error> {
    let snapshot = Snapshot::open(warehouse, which)?;
    let owner = &snapshot.manifest().profile;
    if *owner == profile.code {
        return Ok(());
    }
    Err(Error::OtherAuthority { owner: owner.clone(), profile: profile.code.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_of_a_year_have_names_of_their_own_and_files_named_by_them() {
        let names: std::collections::BTreeSet<_> = YearReport::ALL.iter().map(|report| report.name()).collect();
        assert_eq!(names.len(), YearReport::ALL.len());
        let year = "2024-25".parse().ok();
        let file_names = YearReport::ALL.iter().filter_map(|report| Some(Question::OfYear(*report, year?).file_name()));
        let named: Vec<_> = YearReport::ALL.iter().map(|report| format!("{}-2024-25", report.name())).collect();
        assert_eq!(file_names.collect::<Vec<_>>(), named);
    }

    #[test]
    fn the_file_of_spend_names_no_year_and_that_of_a_forecast_does() {
        let Ok(year) = "2024-25".parse() else { panic!("2024-25 is a year") };
        let outturn = OutturnQuery { year, budget_lines: Vec::new(), as_known_on: None, since: None };
        assert_eq!(Question::ForecastOutturn(outturn).file_name(), "forecast-outturn-2024-25");
        let weeks = WeeksQuery { year, budget_lines: Vec::new(), from: None, to: None };
        assert_eq!(Question::CommitmentsByWeek(weeks).file_name(), "commitments-by-week-2024-25");
        let next_year = NextYearQuery { year, scenarios: Vec::new() };
        assert_eq!(Question::NextYear(next_year).file_name(), "next-year-2024-25");
    }
}
