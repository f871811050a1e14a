//! Reports, answered from a published snapshot's marts; the store is never asked.
//!
//! A report names the snapshot it is from, so that the same question to the same snapshot has one answer for ever.

pub mod annual_review;
mod charts;
mod commitments_by_week;
mod direct_payment_accounts;
mod error;
mod figures;
mod forecast_outturn;
mod freedom_of_information;
mod grant_activity;
mod joint_funding;
mod next_year;
mod nights;
mod origin;
mod panel;
mod panel_decisions;
mod panel_outcomes;
mod position;
mod question;
mod returns;
mod spend;
pub mod statement;
mod unit_costs;
mod written;
mod years;

pub use commitments_by_week::{CommitmentWeek, CommitmentsByWeek, WeeksQuery, commitments_by_week};
pub use direct_payment_accounts::{DirectPaymentAccountRow, DirectPaymentAccounts, direct_payment_accounts};
pub use error::{Error, TextMistake};
pub use etl::{Snapshot, Which};
pub use figures::{FigureRow, FigureStanding, StatementFigures, statement_figures};
pub use forecast_outturn::{ForecastOutturn, OutturnMovement, OutturnQuery, OutturnRow, PaymentRow, forecast_outturn};
pub use freedom_of_information::{
    FreedomOfInformation, FreedomOfInformationAnswer, FreedomOfInformationQuery, FreedomOfInformationQuestion, InformationMeasure,
    YearCount, freedom_of_information,
};
pub use grant_activity::{GrantActivity, GrantActivityRow, grant_activity};
pub use joint_funding::{JointFundingReport, JointFundingRow, JointFundingTotals, joint_funding};
pub use next_year::{NextYear, NextYearAmounts, NextYearLine, NextYearQuery, NextYearRow, ScenarioAmounts, next_year};
pub use nights::{NightsReport, NightsRow, nights};
pub use origin::Origin;
pub use panel::{CountedAs, DecisionStanding};
pub use panel_decisions::{PanelDecisionRow, PanelDecisions, panel_decisions};
pub use panel_outcomes::{PanelOutcomeRow, PanelOutcomes, panel_outcomes};
pub use position::{Amounts, BudgetPosition, PositionRow, PositionTotals, budget_position};
pub use question::{Asked, Question, YearReport};
pub use returns::giving::{Grant360Giving, GrantProgramme, Grants360Giving, Organization360Giving, PlannedDates, grants_360giving};
pub use returns::grants::{VoluntarySectorGrant, VoluntarySectorGrants, voluntary_sector_grants};
pub use returns::section_251::{Section251, Section251Amounts, Section251Row, Section251UnitCost, UnplacedBudgetLine, section_251};
pub use returns::spending::{SpendingItem, SpendingOver500, spending_over_500};
pub use sheets::{Cell, Column, Kind, Sheet, workbook};
pub use spend::{GroupBy, Spend, SpendQuery, SpendRow, spend};
pub use unit_costs::{Outlier, UnitCostRow, UnitCosts, WhyNoCost, unit_costs};
pub use written::{Format, Written};
