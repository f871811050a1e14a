//! Adding to the record what a variation makes of its line.

use crate::error::Error;
use crate::packages::lines;
use crate::packages::lines::PackageLine;
use crate::variations::effect::Effect;
use crate::variations::variation::Variation;
use crate::year_end::carrying_again;
use db::{Write, new_id};
use domain::Profile;

/// Adds what a variation makes of its line, and carries forward what that makes more or less open in closed years.
pub(crate) fn apply(
    write: &mut Write<'_>,
    profile: &Profile,
    (variation, line): (&Variation, &PackageLine),
    effect: Effect,
) -> Result<(), Error> {
    carrying_again(write, profile, line.changed(variation.changes_from(line)), |write| add(write, effect))
}

/// Adds the versions and lines that a variation makes of its line, which has no day in a closed year from then on. Its own audit event
/// stands for them.
pub fn add(write: &mut Write<'_>, effect: Effect) -> Result<(), Error> {
    let original = effect.original.map(|next| PackageLine { id: new_id(), version: next.version + 1, ..next });
    for version in [original, effect.changed, effect.resumed].into_iter().flatten() {
        let version =
            PackageLine { recorded_by: write.actor.id.clone(), recorded_at: write.at.into(), recorded_seq: write.seq(), ..version };
        lines::insert(write, &version)?;
    }
    Ok(())
}
