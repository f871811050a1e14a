//! The words of assessments, panels and decisions, and the rules of panels.

pub mod calendar;
pub mod chair;
pub mod interests;
pub mod seats;
pub mod signatures;
pub mod slots;

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// How a child's needs were assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum AssessmentKind {
    /// Child and family assessment (section 17).
    ChildAndFamily,
    /// Early help assessment.
    EarlyHelp,
    /// Single assessment.
    Single,
}

/// What happened to an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum AssessmentStep {
    /// A manager looked at how it was going.
    Checkpoint,
    /// The assessor finished it.
    Completed,
    /// A manager who did not make it authorised it.
    Authorised,
    /// The family, or a young person of capacity, agreed to the panel seeing it.
    ConsentGiven,
    /// That agreement was taken back.
    ConsentWithdrawn,
}

/// A part of the panel paperwork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum PaperworkPart {
    /// What is going well (Signs of Safety).
    Strengths,
    /// What people are worried about (Signs of Safety).
    Worries,
    /// The need that the panel is asked to meet.
    UnmetNeed,
    /// What the support is to achieve.
    Outcomes,
    /// How success will be measured.
    OutcomeMeasures,
    /// What support is in place.
    InPlace,
    /// What difference it makes to the child and family.
    Impact,
    /// What of the local offer is used, or the barrier to it.
    LocalOffer,
}

/// How somebody acts for a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Capacity {
    /// Holds the post.
    Holder,
    /// Stands in for its holder.
    Deputy,
}

/// What a version of a post's holding says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum HoldingState {
    /// As first written down.
    Recorded,
    /// An end date was set or moved.
    Ended,
    /// Written down by mistake: it never counted.
    Reversed,
}

/// What panel members sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum SignedDocument {
    /// The panel's terms of reference.
    TermsOfReference,
    /// The statement of confidentiality.
    Confidentiality,
}

/// In what part somebody was at a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Attendance {
    /// Chaired it as the post that does.
    Chair,
    /// Chaired it in the chair's place: what is decided waits for ratification.
    DeputyChair,
    /// Took part.
    Member,
    /// Attended for a post, and is no member: neither votes nor counts towards the quorum.
    Attending,
    /// Was not there, or was put down by mistake.
    Absent,
}

/// Why somebody stands down for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum InterestNature {
    /// Knows the family personally.
    KnowsFamily,
    /// Works with a member of the family.
    Colleague,
    /// Has an interest in a provider that is asked for.
    Provider,
    /// Another reason, which the chair knows.
    Other,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum DecisionKind {
    /// Agreed as asked.
    Approved,
    /// Agreed with changed lines.
    ApprovedInPart,
    /// To be heard again.
    Deferred,
    /// Refused.
    Declined,
    /// The local offer can meet the need.
    Signposted,
}

/// How a decision was come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum DecisionRoute {
    /// At a panel.
    Panel,
    /// By a manager, where the profile allows a small package without panel.
    WithoutPanel,
}

/// Why a request was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum DeclineReason {
    /// The assessment does not show the need.
    NeedNotEvidenced,
    /// Open services meet it, and the family does not want them.
    MetByLocalOffer,
    /// What is in place meets it.
    MetByExistingPackage,
    /// The child is outside the service's criteria.
    NotEligible,
    /// It is for health, education or another council.
    OtherAgency,
    /// The support asked for is more than the need.
    Disproportionate,
    /// Another reason, in the rationale.
    Other,
}

/// How a member voted on the decision recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Vote {
    /// Agrees with it.
    For,
    /// Disagrees.
    Against,
    /// Took no side.
    Abstained,
}

/// What an authorisation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum AuthorisationKind {
    /// The spending, by the post whose limit covers the total.
    Authority,
    /// A decision that a deputy chaired.
    Ratification,
}

/// What the post said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum AuthorisationOutcome {
    /// Agreed.
    Given,
    /// Refused: the request is declined.
    Declined,
}

/// What became of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum AppealOutcome {
    /// The decision stands.
    Dismissed,
    /// The request is heard again.
    Upheld,
}

word_column!(
    AssessmentKind,
    AssessmentStep,
    PaperworkPart,
    Capacity,
    HoldingState,
    SignedDocument,
    Attendance,
    InterestNature,
    DecisionKind,
    DecisionRoute,
    DeclineReason,
    Vote,
    AuthorisationKind,
    AuthorisationOutcome,
    AppealOutcome,
);
