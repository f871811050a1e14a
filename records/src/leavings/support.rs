//! What a child's leaving makes of the package lines, and what becomes of them where it is taken back.

use crate::children::leaving::ChildLeaving;
use crate::error::Error;
use crate::leavings::lines_left::{lines_left, lines_of_child};
use crate::packages::commissioning_list::update_list_for_line;
use crate::packages::lines;
use crate::packages::lines::{PackageLine, add_version};
use crate::year_end::carrying_again;
use db::schema::child_leaving_lines;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::children::leaving::{AfterLeaving, is_cut_since, line_left};
use domain::{LineState, Profile};

/// What a version says that a leaving made. It says no more: a package is read by more people than a child's record.
const LEFT: &str = "The child leaves the service";
/// What one says that gives back what a leaving took.
const STAYS: &str = "That the child leaves was recorded by mistake";

/// Ends every line that goes on after the child left, and takes back those that would begin then. Of closed years the difference is carried.
pub(super) fn end_support(write: &mut Write<'_>, profile: &Profile, leaving: &ChildLeaving) -> Result<(), Error> {
    for line in lines_of_child(write.connection, &leaving.child_id)? {
        let (next, from, action) = match line_left(&line.costed(), leaving.left_on) {
            AfterLeaving::AsItWas => continue,
            AfterLeaving::Ends => {
                (PackageLine { valid_to: Some(leaving.left_on), state: LineState::Ended, ..line }, leaving.left_on, "end")
            }
            AfterLeaving::NeverBegins => (PackageLine { state: LineState::Reversed, ..line.clone() }, line.valid_from, "reverse"),
        };
        let next = PackageLine { reason: LEFT.to_owned(), variation_id: None, ..next };
        note(write, &leaving.id, (&next.line_id, next.version + 1), None)?;
        let changed = next.clone();
        carrying_again(write, profile, changed.changed(from), |write| {
            let made = add_version(write, next, action)?;
            update_list_for_line(write, profile, made.request_line_id.as_deref())
        })?;
    }
    Ok(())
}

/// Gives back what a leaving took. What somebody changed since stays as they made it, but goes on where the leaving alone ended it.
pub(super) fn give_back(write: &mut Write<'_>, profile: &Profile, leaving: &ChildLeaving, reversal: &ChildLeaving) -> Result<(), Error> {
    for (line_id, version) in lines_left(write.connection, &leaving.id)? {
        let versions = lines::history(write.connection, &line_id)?;
        let at = |number: i64| versions.iter().find(|one| one.version == number).cloned();
        let (Some(taken), Some(before), Some(last)) = (at(version), at(version - 1), versions.last().cloned()) else { continue };
        match (taken.state, last.version == version) {
            (LineState::Reversed, true) => carry_on(write, profile, reversal, before)?,
            (LineState::Reversed, false) => {}
            (_, true) => go_on(write, profile, reversal, (last, &before))?,
            (_, false) => {
                for line in cut_since(write, leaving, &before)? {
                    let as_it_was = PackageLine { version: line.version, ..before.clone() };
                    go_on(write, profile, reversal, (line.clone(), &PackageLine { line_id: line.line_id, ..as_it_was }))?;
                }
            }
        }
    }
    Ok(())
}

/// The lines that a variation made since of a line that the leaving had ended, and that end on its day for no other reason.
fn cut_since(write: &mut Write<'_>, leaving: &ChildLeaving, before: &PackageLine) -> Result<Vec<PackageLine>, Error> {
    let mut cut = Vec::new();
    for line in lines::arrangement_lines(write.connection, before.arrangement())? {
        let made = lines::history(write.connection, &line.line_id)?.first().map_or(0, |first| first.recorded_seq);
        if is_cut_since((made, line.valid_to), (leaving.recorded_seq, leaving.left_on)) {
            cut.push(line);
        }
    }
    Ok(cut)
}

/// The line has the end again that `before` had, and is agreed as that version was.
fn go_on(
    write: &mut Write<'_>,
    profile: &Profile,
    reversal: &ChildLeaving,
    (last, before): (PackageLine, &PackageLine),
) -> Result<(), Error> {
    let from = last.valid_to.unwrap_or(last.valid_from);
    let next = PackageLine {
        valid_to: before.valid_to,
        ends_by_age_on: before.ends_by_age_on,
        state: before.state,
        reason: STAYS.to_owned(),
        variation_id: None,
        ..last
    };
    note(write, &reversal.id, (&next.line_id, next.version + 1), Some((&before.line_id, before.version)))?;
    let changed = next.clone();
    carrying_again(write, profile, changed.changed(from), |write| add_version(write, next, "reopen"))?;
    Ok(())
}

/// A line that was taken back never stands again: another goes on in its arrangement, as after a correction, and is agreed as the first was.
fn carry_on(write: &mut Write<'_>, profile: &Profile, reversal: &ChildLeaving, before: PackageLine) -> Result<(), Error> {
    let id = new_id();
    note(write, &reversal.id, (&id, 1), Some((&before.line_id, before.version)))?;
    let next = PackageLine {
        line_id: id.clone(),
        id,
        version: 1,
        continues_line_id: Some(before.arrangement().to_owned()),
        state: LineState::Recorded,
        reason: STAYS.to_owned(),
        variation_id: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..before
    };
    carrying_again(write, profile, next.changed(next.valid_from), |write| {
        lines::insert(write, &next)?;
        write.record(Event::new("record", "package_lines", &next.line_id))?;
        update_list_for_line(write, profile, next.request_line_id.as_deref())
    })
}

/// Notes a version before it is made, so that whoever asks what agreed it finds what it gives back.
fn note(write: &mut Write<'_>, leaving_id: &str, (line_id, version): (&str, i64), gives_back: Option<(&str, i64)>) -> Result<(), Error> {
    let row = (
        child_leaving_lines::id.eq(new_id()),
        child_leaving_lines::leaving_id.eq(leaving_id),
        child_leaving_lines::line_id.eq(line_id),
        child_leaving_lines::version.eq(version),
        child_leaving_lines::gives_back_line_id.eq(gives_back.map(|(line_id, _)| line_id)),
        child_leaving_lines::gives_back_version.eq(gives_back.map(|(_, version)| version)),
        child_leaving_lines::recorded_at.eq(write.at),
        child_leaving_lines::recorded_seq.eq(write.seq()),
    );
    diesel::insert_into(child_leaving_lines::table).values(row).execute(write.connection)?;
    Ok(())
}
