//! What only a person does: whoever holds a post.

use db::{Actor, ActorKind};
use domain::Refusal;

/// A decision is a person's: a tool has no post.
pub fn refuse_tools(actor: &Actor) -> Result<(), Refusal> {
    domain::people::post_holdings::refuse_tools(actor.kind == ActorKind::Client)
}
