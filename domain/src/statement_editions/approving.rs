//! Who may approve an edition: somebody in a post that the profile names, who had no hand in it.

use crate::authority::PostHolder;
use crate::profile::Posts;
use crate::{Code, Refusal};

/// What decides whether somebody may approve an edition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WouldApprove {
    /// Whether it is a person, and not a tool.
    pub is_person: bool,
    /// The named post that they are in today.
    pub in_post: Option<PostHolder>,
    /// Whether they began the edition, or recorded a part of it: a section, a consultation, a requirement, or what it discloses.
    pub had_a_hand: bool,
    /// Whether a tool that nobody answers for recorded a part of it: whose hand that was, nobody knows.
    pub has_unknown_hand: bool,
}

impl WouldApprove {
    /// The post in which they may approve it, and the clause that says so; or why they may not.
    pub fn post_and_clause(self, named: Option<&Posts>) -> Result<(PostHolder, String), Refusal> {
        let refuse = |why: &str| Err(Refusal::new(Code::NoAuthority, why));
        if !self.is_person {
            return refuse("A person approves a statement; a tool does not.");
        }
        let Some(named) = named else {
            return refuse("The profile names no post that may approve a statement.");
        };
        let Some(holder) = self.in_post else {
            let posts = named.posts.join(" or ");
            return refuse(&format!("The post of {posts} approves a statement ({}), and you are not in it today.", named.clause));
        };
        if self.had_a_hand {
            return refuse("You wrote or recorded something that this edition prints: somebody else in the post approves it.");
        }
        if self.has_unknown_hand {
            return refuse(
                "A tool that nobody answers for recorded a part of this edition. Give it an owner; then somebody else approves.",
            );
        }
        Ok((holder, named.clause.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Capacity;

    #[test]
    fn somebody_in_a_named_post_who_had_no_hand_in_it_approves() {
        let named = Posts { posts: vec!["director".to_owned(), "assistant_director".to_owned()], clause: "s.18".to_owned() };
        let holder = PostHolder {
            user_id: "ann".to_owned(),
            username: "ann.name".to_owned(),
            post: "director".to_owned(),
            capacity: Capacity::Holder,
        };
        let may = WouldApprove { is_person: true, in_post: Some(holder.clone()), had_a_hand: false, has_unknown_hand: false };
        for (who, named, why) in [
            (may.clone(), Some(&named), None),
            (WouldApprove { is_person: false, ..may.clone() }, Some(&named), Some("A person approves")),
            (may.clone(), None, Some("The profile names no post")),
            (
                WouldApprove { in_post: None, ..may.clone() },
                Some(&named),
                Some("The post of director or assistant_director approves a statement (s.18), and you are not in it today."),
            ),
            (WouldApprove { had_a_hand: true, ..may.clone() }, Some(&named), Some("You wrote or recorded")),
            (WouldApprove { has_unknown_hand: true, ..may.clone() }, Some(&named), Some("A tool that nobody answers for")),
        ] {
            match (who.clone().post_and_clause(named), why) {
                (Ok(found), None) => assert_eq!(found, (holder.clone(), "s.18".to_owned())),
                (Err(refusal), Some(why)) => {
                    assert!(refusal.code == Code::NoAuthority && refusal.detail.starts_with(why), "{who:?}: {refusal}");
                }
                (found, _) => panic!("{who:?}: {found:?}, not {why:?}"),
            }
        }
    }
}
