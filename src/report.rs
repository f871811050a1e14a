//! `short-breaks report`: answers from the published snapshot.

use crate::annual_review::ReviewArgs;
use crate::output::put;
use crate::scenarios;
use crate::settings::Settings;
use crate::statement::StatementArgs;
use chrono::NaiveDate;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand, ValueEnum};
use db::Store;
use domain::{FinancialYear, Sector};
use reports::{
    Asked, FreedomOfInformationQuery, GroupBy, NextYearQuery, OutturnQuery, Question, SpendQuery, WeeksQuery, Which, YearCount, YearReport,
};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// Answer from the published snapshot.
#[derive(Debug, Args)]
pub struct Report {
    #[command(subcommand)]
    name: Name,
}

/// Each report takes the options that mean something to it; any other is a slip that clap answers, with exit code 2.
#[derive(Debug, Subcommand)]
enum Name {
    /// The Short Breaks Service Statement: a document in many formats, and its figures
    Statement(StatementArgs),
    /// A year for officers, beside the year before: a document or a workbook, not for publication
    AnnualReview(ReviewArgs),
    #[command(flatten)]
    Table(Table),
}

/// A report that is a table.
#[derive(Debug, Subcommand)]
enum Table {
    /// What the ledger has, added up
    Spend(SpendArgs),

    #[command(flatten)]
    OfYear(OfYear),
    /// Actual, committed and pending by budget line and month; as known on a day, and how it moved since an earlier one
    ForecastOutturn(OutturnArgs),
    /// What is planned, paid, released and open by week, budget line and provider
    CommitmentsByWeek(WeeksArgs),
    /// What the next year needs by budget line and month: full-year effect, known ends, and scenarios side by side
    NextYear(NextYearArgs),
    /// What councils are asked every year, over one to five years, with small counts withheld
    FreedomOfInformation(InformationArgs),
}

/// A report that is asked for by its year alone: a subcommand for each that `reports` lists.
#[derive(Debug)]
struct OfYear {
    report: YearReport,
    args: YearArgs,
}

impl Subcommand for OfYear {
    fn augment_subcommands(command: Command) -> Command {
        let subcommands = YearReport::ALL.iter().map(|report| YearArgs::augment_args(Command::new(report.name())).about(report.title()));
        command.subcommands(subcommands)
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        YearReport::ALL.iter().any(|report| report.name() == name)
    }
}

impl FromArgMatches for OfYear {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let unknown = || clap::Error::new(ErrorKind::InvalidSubcommand);
        let (name, matches) = matches.subcommand().ok_or_else(unknown)?;
        let report = YearReport::ALL.iter().copied().find(|report| report.name() == name).ok_or_else(unknown)?;
        Ok(OfYear { report, args: YearArgs::from_arg_matches(matches)? })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[derive(Debug, Args)]
struct SpendArgs {
    /// Only spend of these financial years, such as 2023-24
    #[arg(long, value_name = "YEAR", value_delimiter = ',')]
    year: Vec<FinancialYear>,
    /// What it is added up by; several with commas between [default: budget_line]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', value_parser = word(&GroupBy::ALL, GroupBy::as_str))]
    group_by: Vec<GroupBy>,
    /// Only spend of these calendar months, such as 2024-04
    #[arg(long, value_name = "MONTH", value_delimiter = ',', value_parser = month)]
    month: Vec<String>,
    /// Only spend on these budget lines
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    budget_line: Vec<String>,
    /// Only spend with these providers
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    provider: Vec<String>,
    /// Only spend with providers of these sectors
    #[arg(long, value_name = "SECTOR", value_delimiter = ',', value_parser = word(&SECTORS, Sector::as_str))]
    sector: Vec<Sector>,
    #[command(flatten)]
    answer: AnswerArgs,
}

#[derive(Debug, Args)]
struct YearArgs {
    /// The financial year, such as 2023-24
    #[arg(long, value_name = "YEAR")]
    year: FinancialYear,
    #[command(flatten)]
    answer: AnswerArgs,
}

#[derive(Debug, Args)]
struct OutturnArgs {
    /// The financial year, such as 2024-25
    #[arg(long, value_name = "YEAR")]
    year: FinancialYear,
    /// Only these budget lines
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    budget_line: Vec<String>,
    /// As it was known by the end of that day, in the authority's time zone
    #[arg(long, value_name = "DATE")]
    as_known_on: Option<NaiveDate>,
    /// Also how it moved, by cause, since the end of this earlier day
    #[arg(long, value_name = "DATE")]
    since: Option<NaiveDate>,
    #[command(flatten)]
    answer: AnswerArgs,
}

#[derive(Debug, Args)]
struct WeeksArgs {
    /// The financial year, such as 2024-25
    #[arg(long, value_name = "YEAR")]
    year: FinancialYear,
    /// Only these budget lines
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    budget_line: Vec<String>,
    /// Only weeks from the one that this day is in
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Only weeks up to the one that this day is in
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    #[command(flatten)]
    answer: AnswerArgs,
}

#[derive(Debug, Args)]
struct NextYearArgs {
    /// The financial year whose budget is to be set, such as 2025-26; the snapshot has the year before it
    #[arg(long, value_name = "YEAR")]
    year: FinancialYear,
    /// A scenario, as TOML; several are compared with the first
    #[arg(long, value_name = "FILE")]
    scenario: Vec<PathBuf>,
    #[command(flatten)]
    answer: AnswerArgs,
}

#[derive(Debug, Args)]
struct InformationArgs {
    /// The last financial year, such as 2023-24
    #[arg(long, value_name = "YEAR")]
    year: FinancialYear,
    /// How many years, that one included, from 1 to 5
    #[arg(long, value_name = "COUNT", default_value = "1")]
    years: YearCount,
    #[command(flatten)]
    answer: AnswerArgs,
}

/// What every report is asked for.
#[derive(Debug, Args)]
struct AnswerArgs {
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Write to this file instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Answer from this snapshot instead of the current one
    #[arg(long, value_name = "ID")]
    snapshot: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Amounts in whole pence
    Json,
    /// Amounts in pounds
    Csv,
    /// A workbook, with totals; amounts in pounds
    Xlsx,
    /// Tables for a terminal, with totals; amounts in pounds
    Txt,
}

impl Report {
    /// Does it.
    pub fn run(self, settings: &Settings, store: impl FnOnce() -> anyhow::Result<Store>) -> anyhow::Result<ExitCode> {
        let (question, answer) = match self.name {
            Name::Statement(statement) => return statement.run(settings, store),
            Name::AnnualReview(review) => return review.run(settings),
            Name::Table(table) => table.question()?,
        };
        let (warehouse, profile) = (settings.warehouse(), &settings.profile);
        if answer.would_fill_a_terminal(std::io::stdout().is_terminal()) {
            eprintln!("A workbook is no text for a terminal: say where it goes with --out FILE, such as --out report.xlsx.");
            return Ok(ExitCode::from(2));
        }
        match question.answer(Asked { warehouse: &warehouse, which: &answer.which(), profile, format: answer.format.of_report() }) {
            Ok(written) => put(answer.out.as_deref(), &written.bytes),
            Err(error) if error.is_refusal() => {
                eprintln!("The report cannot be given: {error}.");
                Ok(ExitCode::from(1))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Table {
    /// The report that is asked for, how it is written and where it goes.
    fn question(self) -> anyhow::Result<(Question, AnswerArgs)> {
        Ok(match self {
            Table::Spend(SpendArgs { year, group_by, month, budget_line, provider, sector, answer }) => {
                let query =
                    SpendQuery { years: year, months: month, budget_lines: budget_line, providers: provider, sectors: sector, group_by };
                (Question::Spend(query), answer)
            }
            Table::OfYear(OfYear { report, args: YearArgs { year, answer } }) => (Question::OfYear(report, year), answer),
            Table::ForecastOutturn(OutturnArgs { year, budget_line, as_known_on, since, answer }) => {
                (Question::ForecastOutturn(OutturnQuery { year, budget_lines: budget_line, as_known_on, since }), answer)
            }
            Table::CommitmentsByWeek(WeeksArgs { year, budget_line, from, to, answer }) => {
                (Question::CommitmentsByWeek(WeeksQuery { year, budget_lines: budget_line, from, to }), answer)
            }
            Table::NextYear(NextYearArgs { year, scenario, answer }) => {
                (Question::NextYear(NextYearQuery { year, scenarios: scenarios::read(&scenario)? }), answer)
            }
            Table::FreedomOfInformation(InformationArgs { year, years, answer }) => {
                (Question::FreedomOfInformation(FreedomOfInformationQuery { year, years }), answer)
            }
        })
    }
}

impl AnswerArgs {
    fn which(&self) -> Which {
        self.snapshot.clone().map_or(Which::Current, Which::Id)
    }

    fn would_fill_a_terminal(&self, is_terminal: bool) -> bool {
        self.format == Format::Xlsx && self.out.is_none() && is_terminal
    }
}

impl Format {
    fn of_report(self) -> reports::Format {
        match self {
            Format::Json => reports::Format::IndentedJson,
            Format::Csv => reports::Format::Csv,
            Format::Xlsx => reports::Format::Xlsx,
            Format::Txt => reports::Format::Text,
        }
    }
}

const SECTORS: [Sector; 4] = [Sector::Own, Sector::Private, Sector::OtherPublic, Sector::Voluntary];

/// One of a few words; a slip is answered with the words there are.
fn word<T>(all: &'static [T], as_str: fn(&T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(as_str))
        .try_map(move |text| all.iter().find(|value| as_str(value) == text).copied().ok_or("no such word"))
}

/// A calendar month, `2024-04`.
fn month(text: &str) -> Result<String, String> {
    match format!("{text}-01").parse::<chrono::NaiveDate>() {
        Ok(_) if text.len() == 7 => Ok(text.to_owned()),
        _ => Err("a month is written like 2024-04".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        report: Report,
    }

    fn exit_code(arguments: &str) -> i32 {
        Line::try_parse_from(std::iter::once("report").chain(arguments.split_whitespace())).map_or_else(|error| error.exit_code(), |_| 0)
    }

    #[test]
    fn only_a_workbook_is_kept_from_a_terminal() {
        let refuses = |arguments: &str, is_terminal: bool| {
            let words = std::iter::once("report").chain(arguments.split_whitespace());
            Line::try_parse_from(words).is_ok_and(|line| match line.report.name {
                Name::Table(table) => table.question().is_ok_and(|(_, answer)| answer.would_fill_a_terminal(is_terminal)),
                Name::Statement(_) | Name::AnnualReview(_) => panic!("no table"),
            })
        };
        assert!(refuses("spend --format xlsx", true));
        assert!(!refuses("spend --format xlsx", false));
        assert!(!refuses("spend --format xlsx --out a.xlsx", true));
        assert!(!refuses("spend --format csv", true));
    }

    #[test]
    fn options_that_mean_nothing_to_a_report_are_misuse() {
        for wrong in [
            "",
            "weather",
            "budget-position",
            "statement-figures",
            "panel-decisions",
            "panel-outcomes --year 2023-24 --month 2023-04",
            "budget-position --year 2023-24,2024-25",
            "budget-position --year 2023-24 --year 2024-25",
            "budget-position --year 2023-24 --month 2023-04",
            "budget-position --year 2023-24 --group-by month",
            "statement-figures --year 2023-24 --sector own",
            "statement-figures --year 2023-24 --budget-line nursery --provider star",
            "spend --month 2023-4",
            "statement",
            "statement --year 2023-24 --format xlsx",
            "statement --year 2023-24 --as-counted",
            "statement --year 2023-24 --as-counted x --withheld",
            "statement --year 2023-24 --format pdf --withheld",
            "annual-review",
            "annual-review --year 2023-24 --format csv",
            "annual-review --year 2023-24 --month 2023-04",
            "forecast-outturn --year 2024-25 --as-known-on 2024-09",
            "commitments-by-week --year 2024-25 --since 2024-09-01",
            "next-year",
            "next-year --year 2025-26 --budget-line nursery",
            "freedom-of-information --year 2023-24 --years 6",
            "freedom-of-information --years 2",
            "section-251",
            "spend --month 2023-13",
            "spend --group-by weather",
            "spend --year 2023-25",
        ] {
            assert_eq!(exit_code(wrong), 2, "report {wrong}");
        }
        for right in [
            "panel-decisions --year 2023-24",
            "forecast-outturn --year 2024-25 --as-known-on 2024-09-30 --since 2024-06-30 --budget-line nursery,home_care",
            "commitments-by-week --year 2024-25 --from 2024-09-02 --to 2024-09-30",
            "direct-payment-accounts --year 2023-24",
            "nights --year 2023-24 --format csv",
            "joint-funding --year 2023-24 --format xlsx --out a",
            "panel-outcomes --year 2023-24 --format xlsx --out a",
            "next-year --year 2025-26",
            "next-year --year 2025-26 --scenario a.toml --scenario b.toml --format txt",
            "freedom-of-information --year 2023-24 --years 5 --format csv",
            "grants-360giving --year 2023-24 --out grants.json",
            "section-251 --year 2023-24 --format xlsx --out a",
            "spending-over-500 --year 2023-24 --format csv",
            "spend",
            "statement --year 2023-24",
            "annual-review --year 2023-24",
            "annual-review --year 2023-24 --format pdf --out a --snapshot b",
            "statement --year 2023-24 --format zip --out a.zip --snapshot b",
            "statement --year 2023-24 --withheld --out a.csv",
            "statement --year 2023-24 --format json --as-counted Reason",
            "spend --year 2023-24,2024-25 --month 2024-04 --format csv",
            "budget-position --year 2023-24 --out a --snapshot b",
        ] {
            assert_eq!(exit_code(right), 0, "report {right}");
        }
    }
}
