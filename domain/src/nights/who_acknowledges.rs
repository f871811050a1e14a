//! Who may acknowledge that a limit is passed. Two people are in it: who recorded a version of the stay, and who acknowledges what it passes.

use crate::authority::PostHolder;
use crate::profile::NightsPolicy;
use crate::{Code, FieldError, Refusal};
use std::collections::HashSet;

/// What decides whether somebody may acknowledge what a stay passes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WouldAcknowledge {
    /// Whether it is a person, and not a tool.
    pub is_person: bool,
    /// The named post that they are in today.
    pub in_post: Option<PostHolder>,
    /// Whether they recorded a version of the stay.
    pub recorded_stay: bool,
    /// Whether they declared an interest in a request of the child's.
    pub has_interest: bool,
}

impl WouldAcknowledge {
    /// The post in which they may acknowledge it, and the clause that says so; or why they may not.
    pub fn post_and_clause(self, policy: &NightsPolicy) -> Result<(PostHolder, String), Refusal> {
        let refuse = |why: &str| Err(Refusal::new(Code::NoAuthority, why));
        if !self.is_person {
            return refuse("A person acknowledges that a limit is passed; a tool does not.");
        }
        let Some(named) = &policy.acknowledged_by else {
            return refuse("The profile names no post that may acknowledge that a limit is passed.");
        };
        let Some(holder) = self.in_post else {
            let posts = named.posts.join(" or ");
            return refuse(&format!("The post of {posts} acknowledges it ({}), and you are not in it today.", named.clause));
        };
        if self.recorded_stay {
            return refuse("You recorded the stay: somebody else in the post acknowledges what it passes.");
        }
        if self.has_interest {
            return refuse("You may not acknowledge it: you declared an interest.");
        }
        Ok((holder, named.clause.clone()))
    }
}

/// Those in post who may acknowledge what a stay passes: who recorded no version of it and declared no interest.
pub fn acknowledgers<'a>(in_post: &'a [PostHolder], recorders: &[String], interested: &HashSet<String>) -> Vec<&'a PostHolder> {
    let may = |person: &&PostHolder| !recorders.contains(&person.user_id) && !interested.contains(&person.user_id);
    in_post.iter().filter(may).collect()
}

/// The posts that acknowledge, and who of them may today; none, the profile names no post.
pub fn who_may_acknowledge(policy: &NightsPolicy, people: &[&PostHolder]) -> Option<String> {
    let named = policy.acknowledged_by.as_ref()?;
    let names: Vec<&str> = people.iter().map(|person| person.username.as_str()).collect();
    let today = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
    Some(format!("The post of {} may acknowledge it ({}); today: {today}.", named.posts.join(" or "), named.clause))
}

/// Refuses a word on another version than the last: whoever gives it has not read what they would acknowledge. `versions` are the ids of all
/// versions, the oldest first.
pub fn refuse_unread(versions: &[&str], booking_id: &str) -> Result<(), Refusal> {
    match versions.last() {
        Some(last) if *last == booking_id => Ok(()),
        Some(last) if versions.contains(&booking_id) => {
            let detail = format!(
                "The stay has changed. Read the limits that its last version, {last}, passes, and acknowledge that \
                version."
            );
            Err(Refusal::new(Code::StateConflict, detail))
        }
        _ => Err(Refusal::invalid(vec![FieldError::new("/booking_id", "unknown_reference", "the stay has no version of this id")])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Capacity;
    use crate::profile::Posts;

    fn holder(user: &str) -> PostHolder {
        let (user_id, username) = (user.to_owned(), format!("{user}.name"));
        PostHolder { user_id, username, post: "head_of_service".to_owned(), capacity: Capacity::Holder }
    }

    fn policy() -> NightsPolicy {
        let named = Posts { posts: vec!["head_of_service".to_owned(), "director".to_owned()], clause: "reg 2(1)".to_owned() };
        NightsPolicy { acknowledged_by: Some(named), ..NightsPolicy::default() }
    }

    #[test]
    fn somebody_else_in_a_named_post_acknowledges_it() {
        let may = WouldAcknowledge { is_person: true, in_post: Some(holder("ann")), recorded_stay: false, has_interest: false };
        for (who, policy, why) in [
            (may.clone(), policy(), None),
            (WouldAcknowledge { is_person: false, ..may.clone() }, policy(), Some("A person acknowledges")),
            (may.clone(), NightsPolicy::default(), Some("The profile names no post")),
            (
                WouldAcknowledge { in_post: None, ..may.clone() },
                policy(),
                Some("The post of head_of_service or director acknowledges it (reg 2(1)), and you are not in it today."),
            ),
            (WouldAcknowledge { recorded_stay: true, ..may.clone() }, policy(), Some("You recorded the stay")),
            (WouldAcknowledge { has_interest: true, ..may.clone() }, policy(), Some("You may not acknowledge it: you declared")),
        ] {
            match (who.clone().post_and_clause(&policy), why) {
                (Ok(found), None) => assert_eq!(found, (holder("ann"), "reg 2(1)".to_owned())),
                (Err(refusal), Some(why)) => {
                    assert!(refusal.code == Code::NoAuthority && refusal.detail.starts_with(why), "{who:?}: {refusal}");
                }
                (found, _) => panic!("{who:?}: {found:?}, not {why:?}"),
            }
        }
    }

    #[test]
    fn those_who_may_are_named() {
        let people = [holder("ann"), holder("ben"), holder("cat")];
        for (recorders, interested, names) in [
            (vec![], vec![], "ann.name, ben.name, cat.name"),
            (vec!["ben"], vec![], "ann.name, cat.name"),
            (vec!["ben"], vec!["ann"], "cat.name"),
            (vec!["ann", "ben"], vec!["cat"], "nobody"),
        ] {
            let recorders: Vec<String> = recorders.into_iter().map(str::to_owned).collect();
            let interested: HashSet<String> = interested.into_iter().map(str::to_owned).collect();
            let said = who_may_acknowledge(&policy(), &acknowledgers(&people, &recorders, &interested));
            let expected = format!("The post of head_of_service or director may acknowledge it (reg 2(1)); today: {names}.");
            assert_eq!(said, Some(expected));
        }
        assert_eq!(who_may_acknowledge(&NightsPolicy::default(), &[]), None);
    }

    #[test]
    fn the_last_version_is_acknowledged() {
        for (booking, code) in [("second", None), ("first", Some(Code::StateConflict)), ("other", Some(Code::InvalidBody))] {
            let found = refuse_unread(&["first", "second"], booking);
            assert_eq!(found.err().map(|refusal| refusal.code), code, "{booking}");
        }
    }
}
