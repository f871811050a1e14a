//! Who may be in the chair of a panel, and who in the chair's place: by the posts that a member is in on the panel's day.

use super::seats::Seated;
use crate::panel::Capacity;
use crate::profile::{PanelPolicy, Posts};
use crate::{Code, Refusal};
use chrono::NaiveDate;

/// A post that the member is in on the panel's day.
#[derive(Debug, Clone, Copy)]
pub struct PostHeld<'p> {
    /// The post.
    pub post: &'p str,
    /// As its holder, or standing in.
    pub capacity: Capacity,
}

/// Refuses to put a member down as chair who is not in the post that chairs. `posts` are those that the member is in on the panel's day.
///
/// Where nobody ratifies, whoever stands in for the chair is the chair: what a deputy chair decides would wait for ever.
pub fn refuse_other_than_chair(
    policy: &PanelPolicy,
    held_on: NaiveDate,
    member: Seated<'_>,
    posts: &[PostHeld<'_>],
) -> Result<(), Refusal> {
    let Some(chairs) = named(policy.chair.as_ref()) else {
        let detail = "The profile names no post that chairs the panel, so nobody may.";
        return Err(Refusal::new(Code::StateConflict, detail));
    };
    let deputies_chair = named(policy.ratified_by.as_ref()).is_none();
    if posts.iter().any(|held| chairs_in(policy, held)) {
        return Ok(());
    }
    let must = if deputies_chair { "hold, or stand in for," } else { "hold" };
    let detail = format!(
        "The chair must {must} the post {} ({}) on {held_on}: {}.",
        chairs.posts.join(" or "),
        chairs.clause,
        why_not(member, "does not")
    );
    Err(Refusal::new(Code::StateConflict, detail))
}

/// Refuses to put a member down as deputy chair who may not stand in for the chair. There is a deputy chair only where somebody ratifies.
pub fn refuse_other_than_deputy(
    policy: &PanelPolicy,
    held_on: NaiveDate,
    member: Seated<'_>,
    posts: &[PostHeld<'_>],
) -> Result<(), Refusal> {
    let (chairs, deputies) = (named(policy.chair.as_ref()), named(policy.deputy_chair.as_ref()));
    if chairs.is_none() && deputies.is_none() {
        let detail = "The profile names no post that chairs the panel, or stands in for its chair, so nobody may.";
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    if named(policy.ratified_by.as_ref()).is_none() {
        let detail = "The profile names no post that ratifies what a deputy chair decides, so no panel has a deputy chair. Record \
            whoever stands in for the chair as `chair`.";
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    let may = |held: &PostHeld<'_>| is_among(deputies, held.post) || (held.capacity == Capacity::Deputy && is_among(chairs, held.post));
    if posts.iter().any(may) {
        return Ok(());
    }
    let in_post = deputies.map(|posts| format!("be in the post {} ({})", posts.posts.join(" or "), posts.clause));
    let stands_in = chairs.map(|posts| format!("stand in for the {} ({})", posts.posts.join(" or "), posts.clause));
    let ways: Vec<_> = in_post.into_iter().chain(stands_in).collect();
    let detail = format!("The deputy chair must {} on {held_on}: {}.", ways.join(", or "), why_not(member, "does neither"));
    Err(Refusal::new(Code::StateConflict, detail))
}

/// Whether somebody in a post chairs the panel in it.
pub fn chairs_in(policy: &PanelPolicy, held: &PostHeld<'_>) -> bool {
    let deputies_chair = named(policy.ratified_by.as_ref()).is_none();
    is_among(policy.chair.as_ref(), held.post) && (deputies_chair || held.capacity == Capacity::Holder)
}

fn named(posts: Option<&Posts>) -> Option<&Posts> {
    posts.filter(|posts| !posts.posts.is_empty())
}

fn is_among(posts: Option<&Posts>, post: &str) -> bool {
    posts.is_some_and(|posts| posts.posts.iter().any(|named| named == post))
}

fn why_not(member: Seated<'_>, falls_short: &str) -> String {
    if member.user_id.is_some() { format!("the member {falls_short}") } else { "the member has no log-in".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Capacity::{Deputy, Holder};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn member<'m>(id: &'m str, user_id: Option<&'m str>) -> Seated<'m> {
        Seated { id, title: "Team manager", user_id }
    }

    fn posts(names: &[&str]) -> Option<Posts> {
        Some(Posts { posts: names.iter().map(|name| (*name).to_owned()).collect(), clause: "Terms 2".to_owned() })
    }

    fn policy(chair: &[&str], deputy_chair: &[&str], ratified_by: &[&str]) -> PanelPolicy {
        PanelPolicy { chair: posts(chair), deputy_chair: posts(deputy_chair), ratified_by: posts(ratified_by), ..PanelPolicy::default() }
    }

    fn said(result: Result<(), Refusal>) -> String {
        result.map_or_else(|refusal| refusal.detail, |()| "yes".to_owned())
    }

    #[test]
    fn the_chair_is_in_the_post_that_chairs_and_a_deputy_of_it_only_where_nobody_ratifies() {
        let held_on = day("2024-06-10");
        let ratified = policy(&["head"], &[], &["director"]);
        let unratified = policy(&["head"], &[], &[]);
        let held = |post, capacity| PostHeld { post, capacity };
        for (policy, posts, answer) in [
            (&ratified, vec![held("head", Holder)], "yes"),
            (&ratified, vec![held("head", Deputy)], "The chair must hold the post head (Terms 2) on 2024-06-10: the member does not."),
            (&ratified, vec![held("clerk", Holder)], "The chair must hold the post head (Terms 2) on 2024-06-10: the member does not."),
            (&unratified, vec![held("head", Deputy)], "yes"),
            (&unratified, vec![], "The chair must hold, or stand in for, the post head (Terms 2) on 2024-06-10: the member does not."),
            (&policy(&[], &[], &[]), vec![held("head", Holder)], "The profile names no post that chairs the panel, so nobody may."),
        ] {
            assert_eq!(said(refuse_other_than_chair(policy, held_on, member("a", Some("ann")), &posts)), answer);
        }
        let without = said(refuse_other_than_chair(&ratified, held_on, member("a", None), &[]));
        assert_eq!(without, "The chair must hold the post head (Terms 2) on 2024-06-10: the member has no log-in.");
    }

    #[test]
    fn a_deputy_chair_is_in_a_deputys_post_or_stands_in_for_the_chair_and_somebody_ratifies() {
        let held_on = day("2024-06-10");
        let ratified = policy(&["head"], &["manager"], &["director"]);
        let held = |post, capacity| PostHeld { post, capacity };
        let no = "The deputy chair must be in the post manager (Terms 2), or stand in for the head (Terms 2) on 2024-06-10: \
                  the member does neither.";
        for (policy, posts, answer) in [
            (&ratified, vec![held("manager", Holder)], "yes"),
            (&ratified, vec![held("manager", Deputy)], "yes"),
            (&ratified, vec![held("head", Deputy)], "yes"),
            (&ratified, vec![held("head", Holder)], no),
            (&ratified, vec![], no),
            (
                &policy(&["head"], &["manager"], &[]),
                vec![held("manager", Holder)],
                "The profile names no post that ratifies what a deputy chair decides, so no panel has a deputy chair. Record whoever \
                 stands in for the chair as `chair`.",
            ),
            (
                &policy(&[], &[], &["director"]),
                vec![held("manager", Holder)],
                "The profile names no post that chairs the panel, or stands in for its chair, so nobody may.",
            ),
        ] {
            assert_eq!(said(refuse_other_than_deputy(policy, held_on, member("a", Some("ann")), &posts)), answer);
        }
    }
}
