//! Something that a request, or support, lacks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Missing {
    /// The field of the paperwork, as a JSON pointer.
    #[schema(example = "/unmet_need")]
    pub pointer: String,
    /// What is missing, in words.
    pub detail: String,
    /// Where it is asked for; null where every authority asks for it.
    pub clause: Option<String>,
}
