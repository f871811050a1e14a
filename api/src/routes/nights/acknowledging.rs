//! Acknowledgements: a post's word that a limit is passed knowingly, given by somebody else than whoever recorded the stay.

use crate::app::{Answer, App, IdempotencyKey};
use crate::auth::Caller;
use crate::auth::permission::NightsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::nights::acknowledging::NewNightAcknowledgement;
use records::nights::{RecordedStay, acknowledging};
use records::text::Id;

/// Acknowledge what a stay passed
///
/// Everything that waits of the stay's last version, which `booking_id` names: of a booking, or of nights that were stayed. By somebody who
/// is today in a post that the profile names, and who recorded no version of the stay.
#[utoipa::path(tag = "nights", params(("id" = Id, Path, description = "The stay's id")), request_body = NewNightAcknowledgement,
    security(("bearer" = ["nights:write"])), responses((status = 201, description = "The stay, and what it passes", body = RecordedStay)))]
#[post("/stays/{id}/acknowledgement")]
pub async fn acknowledge_stay(
    app: Data<App>,
    caller: Caller<NightsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewNightAcknowledgement>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| acknowledging::acknowledge_stay(write, &profile, &id.0, body)).await
}
