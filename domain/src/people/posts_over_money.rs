//! A post that says yes to money needs two people to fill it: one administrator puts somebody in it, and another agrees.

use crate::profile::{Posts, Profile};
use crate::{Code, Refusal};
use chrono::NaiveDate;

impl Profile {
    /// Whether a post decides what a child has, or what that costs: by a limit, by the rule of small packages, in the chair of the panel, or by
    /// ratifying what is decided there.
    pub fn is_over_money(&self, post: &str) -> bool {
        let among = |posts: &Option<Posts>| posts.as_ref().is_some_and(|posts| posts.posts.iter().any(|named| named == post));
        self.delegation.limits.iter().any(|limit| limit.post == post)
            || self.delegation.without_panel.iter().any(|rule| rule.posts.iter().any(|named| named == post))
            || [&self.panel.chair, &self.panel.deputy_chair, &self.panel.ratified_by].into_iter().any(among)
    }

    /// Whether a time in a post waits for a second administrator: a person recorded it, and the post is over money.
    pub fn holding_needs_another(&self, recorded_by_person: bool, post: &str) -> bool {
        recorded_by_person && self.is_over_money(post)
    }
}

/// Whether a new end gives more time in a post. Ending it earlier needs nobody else.
pub fn is_longer(ends: Option<NaiveDate>, new: NaiveDate) -> bool {
    ends.is_some_and(|ends| new > ends)
}

/// Refuses an agreement by whoever put them there, or whose time it is. `opened_by` is who did, while it waits.
pub fn refuse_agreement(opened_by: Option<&str>, user_id: &str, caller: &str) -> Result<(), Refusal> {
    let Some(opened_by) = opened_by else {
        return Err(Refusal::new(Code::StateConflict, "This time in a post waits for nobody's agreement."));
    };
    if caller == opened_by {
        return Err(Refusal::new(Code::NotAllowed, "You put them in the post; another administrator agrees."));
    }
    if caller == user_id {
        return Err(Refusal::new(Code::NotAllowed, "It is your own time in the post; another administrator agrees."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Post;

    #[test]
    fn a_post_that_says_yes_to_money_waits_for_a_second_administrator() {
        let mut tameside = Profile::bundled("tameside").expect("sound");
        tameside.posts.push(Post { code: "clerk".to_owned(), name: "Clerk".to_owned(), clause: "made up".to_owned() });
        for (council, post, waits) in [
            (&tameside, "service_unit_manager", true),
            (&tameside, "director", true),
            // It chairs in the chair's place.
            (&tameside, "team_manager", true),
            (&tameside, "clerk", false),
            (&Profile::bundled("kirklees").expect("sound"), "team_leader", true),
        ] {
            assert_eq!(council.holding_needs_another(true, post), waits, "{post}");
            assert!(!council.holding_needs_another(false, post), "whoever holds the machine fills the first");
        }
    }

    #[test]
    fn more_time_waits_and_less_does_not() {
        let day = |text: &str| text.parse().expect("a date");
        for (ends, new, longer) in
            [(None, "2024-07-01", false), (Some("2024-06-01"), "2024-05-01", false), (Some("2024-06-01"), "2024-06-02", true)]
        {
            assert_eq!(is_longer(ends.map(day), day(new)), longer, "{ends:?} {new}");
        }
    }

    #[test]
    fn another_administrator_agrees_and_nobody_else() {
        for (opened_by, user, caller, code) in [
            (Some("ada"), "fin", "ben", None),
            (Some("ada"), "fin", "ada", Some(Code::NotAllowed)),
            (Some("ada"), "fin", "fin", Some(Code::NotAllowed)),
            (None, "fin", "ben", Some(Code::StateConflict)),
        ] {
            assert_eq!(refuse_agreement(opened_by, user, caller).err().map(|refusal| refusal.code), code, "{caller}");
        }
    }
}
