//! The authority profile: what one council's policy says, read from one TOML file in which every value names its clause.

mod budget;
mod budget_lines;
mod commissioning;
mod costing;
mod direct_payments;
mod document;
mod forecast;
mod grants;
mod joint_funding;
mod nights;
mod number;
mod panel;
mod statement;
mod toml_text;

pub use budget::{BudgetControlPolicy, WhenExceeded};
pub use budget_lines::BudgetLine;
pub use commissioning::{AgreedLine, Coding, CommissioningPolicy, Governance, GovernanceItem, Needed, StepDemand};
pub use costing::{CostingPolicy, Term};
pub use direct_payments::{DirectPaymentPolicy, PayingLine, PreconditionDemand};
pub use document::{BadProfile, Profile};
pub use forecast::{ForecastPolicy, ForecastStage};
pub use grants::{GrantHold, GrantPolicy, HoldPaymentFor, OutlierRule, UnitCostPolicy};
pub use joint_funding::{AgedDebtDays, JointFundingPolicy};
pub use nights::{NightLimit, NightThreshold, NightsCounted, NightsPolicy};
pub use number::{Number, Post, Posts, Weeks};
pub use panel::{
    AssessmentDemand, AssessmentKinds, Delegation, MemberRole, PanelPolicy, PaperworkDemand, PostLimit, ReportingThreshold, WithoutPanel,
};
pub use statement::{Counted, Figure, StatementCategory, StatementPolicy};
pub use toml_text::is_code;
pub(crate) use toml_text::toml_date;
