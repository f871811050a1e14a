//! Numbers and posts of the policy, each with the clause that says so.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A number of the policy, in the unit that its name ends with, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyNumber)]
pub struct Number {
    /// The number.
    pub value: u16,
    /// Where the authority says so.
    pub clause: String,
}

/// A rule that is there or not, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyRule)]
pub struct Rule {
    /// Where the authority says so.
    pub clause: String,
}

/// A number of the policy and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Weeks {
    /// Whole weeks.
    pub value: u8,
    /// Where the authority says so.
    pub clause: String,
}

/// A post: authority belongs to it, whoever holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// The code: `head_of_service`.
    pub code: String,
    /// As a document prints it.
    pub name: String,
    /// Where the authority names it.
    pub clause: String,
}

/// Posts that may do something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyPosts)]
pub struct Posts {
    /// Their codes.
    pub posts: Vec<String>,
    /// Where the authority says so.
    pub clause: String,
}
