//! The authority profile: what one council's policy says, read from one TOML file in which every value names its clause.

mod ages;
mod budget;
mod budget_lines;
mod commissioning;
mod costing;
mod delegation;
mod direct_payments;
mod disclosure;
mod document;
mod forecast;
mod grants;
mod joint_funding;
mod nights;
mod number;
mod panel;
mod statement;
mod toml_text;

pub use ages::{AgePolicy, LastAge, LineAges};
pub use budget::{BudgetControlPolicy, ChangeControl, HeldChange, HoldRule, WhenExceeded};
pub use budget_lines::BudgetLine;
pub use commissioning::{AgreedLine, Coding, CommissioningPolicy, Governance, GovernanceItem, Needed, StepDemand};
pub use costing::{CostingPolicy, PartYear, PartYearRule, Term};
pub use delegation::{AssessmentDemand, AssessmentUpdate, Delegation, IncreaseRule, PostLimit, ReportingThreshold, WhenLate, WithoutPanel};
pub use direct_payments::{DirectPaymentPolicy, PayDay, PayDayRule, PayingLine, PreconditionDemand};
pub use disclosure::DisclosurePolicy;
pub use document::{BadProfile, Profile};
pub use forecast::{ForecastPolicy, ForecastStage};
pub use grants::{GrantHold, GrantPolicy, HoldPaymentFor, OutlierRule, ReachOfReturns, ReachRule, UnitCostPolicy};
pub use joint_funding::{AgedDebtDays, JointFundingPolicy};
pub use nights::{NightLimit, NightThreshold, NightsCounted, NightsPolicy};
pub use number::{Number, Post, Posts, Rule, Weeks};
pub use panel::{AssessmentKinds, MemberRole, PanelPolicy, PaperworkDemand};
pub use statement::{CategoryDemand, Counted, Evidence, Figure, StatementCategory, StatementPolicy, SupportLevel, YearDay};
pub use toml_text::is_code;
pub(crate) use toml_text::toml_date;
