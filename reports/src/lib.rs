//! Reports, answered from a published snapshot's marts; the store is never asked.
//!
//! A report names the snapshot it is from, so that the same question to the same snapshot has one answer for ever.

mod error;
mod figures;
mod origin;
mod panel;
mod panel_decisions;
mod panel_outcomes;
mod position;
mod sheet;
mod spend;
mod years;

pub use error::Error;
pub use etl::{Snapshot, Which};
pub use figures::{FigureRow, StatementFigures, statement_figures};
pub use origin::Origin;
pub use panel::{CountedAs, DecisionStanding};
pub use panel_decisions::{PanelDecisionRow, PanelDecisions, panel_decisions};
pub use panel_outcomes::{PanelOutcomeRow, PanelOutcomes, panel_outcomes};
pub use position::{Amounts, BudgetPosition, PositionRow, PositionTotals, budget_position};
pub use sheet::{Cell, Column, Kind, Sheet, workbook};
pub use spend::{GroupBy, Spend, SpendQuery, SpendRow, spend};
