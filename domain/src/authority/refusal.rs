//! What somebody is told who may not: why, and who may.

use super::who_may::clause_of;
use super::{AgreedWithoutPanel, Authority, Bar, Candidate, Limit, PostHolder};
use crate::profile::Posts;
use crate::{Code, Pence, Refusal};
use std::collections::BTreeMap;

/// The reasons, in words to the one they keep from it.
fn words(bars: &[Bar]) -> String {
    let words = bars.iter().map(|bar| match bar {
        Bar::CostedIt => "you costed it",
        Bar::PresentsIt => "you present it",
        Bar::DeclaredInterest => "you declared an interest",
        Bar::DecidedIt => "you decided it",
        Bar::LimitNotSet => "your post has no limit",
        Bar::AboveLimit => "the total is above your post's limit",
        Bar::AwaitsRatification => "it is ratified first",
        Bar::LowerPostResponsible => "a lower post is responsible, and somebody there may",
        Bar::ProposedIt => "you proposed it",
        Bar::PanelOnly => "only a panel may agree such support",
        Bar::RecordedIt => "you recorded it",
        Bar::AssessedIt => "you made the assessment",
        Bar::RecordedPart => "you recorded a part of it",
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Why a person may not, for a refusal.
pub fn why_not(bars: &[Bar]) -> String {
    if bars.is_empty() { "you hold no post today".to_owned() } else { words(bars) }
}

fn in_words(limits: &[Limit]) -> Vec<String> {
    limits.iter().map(|limit| format!("{} ({})", limit.post, limit.clause)).collect()
}

/// What was answered about a total, for whoever may not.
#[derive(Debug, Clone, Copy)]
pub struct Case<'c> {
    /// The total that was tested.
    pub total: Pence,
    /// The posts responsible, and everybody in a post.
    pub authority: &'c Authority,
    /// What people did that rules them out.
    pub barred: &'c BTreeMap<String, Vec<Bar>>,
    /// Whether it goes to panel instead.
    pub needs_panel: bool,
    /// The clauses that say so.
    pub demanded_by: &'c [String],
    /// The rule of small packages, where it is agreed by that.
    pub without_panel: Option<&'c AgreedWithoutPanel>,
}

impl Case<'_> {
    /// What keeps somebody from it in every post of theirs, or in one: each reason once.
    fn bars_of(&self, user_id: &str, post: Option<&str>) -> Vec<Bar> {
        let mut own: Vec<Bar> = self.barred.get(user_id).cloned().unwrap_or_default();
        let places = self.authority.people.iter().filter(|person| person.user_id == user_id);
        own.extend(places.filter(|person| post.is_none_or(|post| person.post == post)).flat_map(|person| person.why_not.iter().copied()));
        own.sort();
        own.dedup();
        own
    }

    /// Who is responsible instead.
    fn responsible(&self) -> String {
        if self.needs_panel {
            let clauses = match self.demanded_by {
                [] => String::new(),
                clauses => format!(" ({})", clauses.join("; ")),
            };
            return format!("It is asked for in a request, which goes to panel{clauses}.");
        }
        if let Some(rule) = self.without_panel {
            return format!("Responsible: {} ({}).", rule.posts.join(" or "), rule.clauses.join("; "));
        }
        match in_words(&self.authority.tier) {
            none if none.is_empty() => "No post is responsible.".to_owned(),
            posts => format!("Responsible: {}.", posts.join(" or ")),
        }
    }

    /// The refusal of somebody who may not in any post of theirs. `act` is the verb: authorise, agree.
    pub fn refusal(&self, act: &str, user_id: &str) -> Refusal {
        self.saying(act, &why_not(&self.bars_of(user_id, None)))
    }

    /// The refusal of somebody who acts in one post.
    pub fn refusal_in_post(&self, act: &str, user_id: &str, post: &str) -> Refusal {
        let own = self.bars_of(user_id, Some(post));
        let is_in_it = self.authority.people.iter().any(|person| person.user_id == user_id && person.post == post);
        let why = match (is_in_it, own.is_empty()) {
            (true, _) => why_not(&own),
            (false, true) => format!("you do not hold the post `{post}` today"),
            (false, false) => format!("you do not hold the post `{post}` today, and {}", why_not(&own)),
        };
        self.saying(act, &why)
    }

    fn saying(&self, act: &str, why: &str) -> Refusal {
        let detail = format!("You may not {act} a total of {} a year: {why}. {}", self.total, self.responsible());
        Refusal::new(Code::NoAuthority, detail)
    }

    /// The caller's place among those who may, with where that authority is written; or why they may not, and who may.
    pub fn require(&self, act: &str, user_id: &str) -> Result<(Candidate, Option<String>), Refusal> {
        let person = self.authority.may(user_id).ok_or_else(|| self.refusal(act, user_id))?;
        Ok((person.clone(), clause_of(self.without_panel, person)))
    }

    /// The same in one post.
    pub fn require_in_post(&self, act: &str, user_id: &str, post: &str) -> Result<(Candidate, String), Refusal> {
        let mut places = self.authority.people.iter().filter(|person| person.user_id == user_id && person.post == post);
        let may = places.find(|person| person.may_authorise);
        let place = may.and_then(|person| Some((person.clone(), clause_of(self.without_panel, person)?)));
        place.ok_or_else(|| self.refusal_in_post(act, user_id, post))
    }
}

/// The caller in the post that they name, over what raises no total; or why they may not in that post, and which posts may.
pub fn in_named_post(authority: &Authority, user_id: &str, post: &str) -> Result<Candidate, Refusal> {
    let own = authority.people.iter().find(|person| person.user_id == user_id && person.post == post);
    let why = match own {
        Some(person) if person.may_authorise => return Ok(person.clone()),
        Some(person) => why_not(&person.why_not),
        None => "you are not in that post today".to_owned(),
    };
    let who = match in_words(&authority.tier) {
        none if none.is_empty() => "No post has a limit".to_owned(),
        who => format!("Any post with a limit may: {}", who.join(", ")),
    };
    Err(Refusal::new(Code::NoAuthority, format!("You may not agree it as {post}: {why}. {who}.")))
}

/// The caller in a post that agrees the request without a panel; or why not.
pub fn agrees_without_panel<'p>(
    rule: Option<&AgreedWithoutPanel>,
    demanded_by: &[String],
    (in_post, barred): (&'p [PostHolder], &BTreeMap<String, Vec<Bar>>),
    user_id: &str,
) -> Result<&'p PostHolder, Refusal> {
    let refuse = |detail: String| Refusal::new(Code::NoAuthority, detail);
    let Some(rule) = rule else {
        let demanded = match demanded_by {
            [] => "No rule lets a manager agree it without one: the support is of another kind, or there is too much of it, or it costs too much."
                .to_owned(),
            clauses => format!("It is demanded by {}.", clauses.join("; ")),
        };
        return Err(refuse(format!("This request goes to panel. {demanded}")));
    };
    if !rule.people.iter().any(|person| person == user_id) {
        let detail = match barred.get(user_id) {
            Some(bars) => why_not(bars),
            None => format!("it is for somebody in the post of {}", rule.posts.join(" or ")),
        };
        return Err(refuse(format!("You may not agree it ({}): {detail}.", rule.clauses.join("; "))));
    }
    let own = in_post.iter().find(|person| person.user_id == user_id && rule.posts.contains(&person.post));
    own.ok_or_else(|| refuse("You hold no post today.".to_owned()))
}

/// The caller in a post that ratifies; or why not.
pub fn ratifies<'p>(
    named: &Posts,
    in_post: &'p [PostHolder],
    barred: &BTreeMap<String, Vec<Bar>>,
    user_id: &str,
) -> Result<&'p PostHolder, Refusal> {
    let refuse = |detail: String| Err(Refusal::new(Code::NoAuthority, detail));
    let Some(own) = in_post.iter().find(|person| person.user_id == user_id && named.posts.contains(&person.post)) else {
        return refuse(format!("It is ratified by the post of {} ({}).", named.posts.join(" or "), named.clause));
    };
    match barred.get(user_id) {
        Some(bars) => refuse(format!("You may not ratify it: {}.", why_not(bars))),
        None => Ok(own),
    }
}

/// The users in a post that ratifies who may.
pub fn who_ratifies(named: &Posts, in_post: &[PostHolder], barred: &BTreeMap<String, Vec<Bar>>) -> Vec<String> {
    let may = |person: &&PostHolder| named.posts.contains(&person.post) && !barred.contains_key(&person.user_id);
    let mut people: Vec<String> = in_post.iter().filter(may).map(|person| person.user_id.clone()).collect();
    people.sort();
    people.dedup();
    people
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Capacity;

    fn limit(post: &str) -> Limit {
        Limit { post: post.to_owned(), up_to_pence: Some(Pence(1)), any_amount: false, clause: "4.2".to_owned() }
    }

    fn place(user: &str, post: &str, why_not: &[Bar]) -> Candidate {
        Candidate {
            user_id: user.to_owned(),
            username: user.to_owned(),
            post: post.to_owned(),
            capacity: Capacity::Holder,
            limit: Some(limit(post)),
            may_authorise: why_not.is_empty(),
            why_not: why_not.to_vec(),
        }
    }

    fn authority() -> Authority {
        Authority {
            tier: vec![limit("head"), limit("director")],
            people: vec![
                place("low", "manager", &[Bar::AboveLimit]),
                place("hos", "head", &[]),
                place("hos", "manager", &[Bar::AboveLimit]),
            ],
        }
    }

    fn small() -> AgreedWithoutPanel {
        AgreedWithoutPanel { posts: vec!["manager".to_owned()], clauses: vec!["18.2".to_owned()], people: vec!["low".to_owned()] }
    }

    fn holder(user: &str, post: &str) -> PostHolder {
        PostHolder { user_id: user.to_owned(), username: user.to_owned(), post: post.to_owned(), capacity: Capacity::Holder }
    }

    #[test]
    fn whoever_may_not_is_told_every_reason_once_and_who_may() {
        let (authority, small, clauses) = (authority(), small(), vec!["7.3".to_owned()]);
        let barred = BTreeMap::from([("low".to_owned(), vec![Bar::ProposedIt]), ("out".to_owned(), vec![Bar::CostedIt])]);
        let case = Case {
            total: Pence(1_500_000),
            authority: &authority,
            barred: &barred,
            needs_panel: false,
            demanded_by: &[],
            without_panel: None,
        };
        let start = "You may not agree a total of £15,000.00 a year";
        for (case, user, said) in [
            (case, "low", "the total is above your post's limit, you proposed it. Responsible: head (4.2) or director (4.2)."),
            (case, "out", "you costed it. Responsible: head (4.2) or director (4.2)."),
            (case, "nobody", "you hold no post today. Responsible: head (4.2) or director (4.2)."),
            (Case { without_panel: Some(&small), ..case }, "nobody", "you hold no post today. Responsible: manager (18.2)."),
            (Case { needs_panel: true, ..case }, "nobody", "you hold no post today. It is asked for in a request, which goes to panel."),
            (
                Case { needs_panel: true, demanded_by: &clauses, ..case },
                "nobody",
                "you hold no post today. It is asked for in a request, which goes to panel (7.3).",
            ),
            (
                Case { authority: &Authority { tier: Vec::new(), ..authority.clone() }, ..case },
                "nobody",
                "you hold no post today. No post is responsible.",
            ),
        ] {
            assert_eq!(case.require("agree", user).expect_err("may not").detail, format!("{start}: {said}"), "{user}");
        }
        let (may, clause) = case.require("agree", "hos").expect("may");
        assert_eq!((may.post.as_str(), clause.as_deref()), ("head", Some("4.2")));
        let (_, clause) = Case { without_panel: Some(&small), ..case }.require("agree", "hos").expect("may");
        assert_eq!(clause.as_deref(), Some("18.2"));
    }

    #[test]
    fn whoever_names_a_post_acts_in_that_post_alone() {
        let (authority, barred) = (authority(), BTreeMap::from([("low".to_owned(), vec![Bar::RecordedIt])]));
        let case =
            Case { total: Pence(100), authority: &authority, barred: &barred, needs_panel: false, demanded_by: &[], without_panel: None };
        assert_eq!(case.require_in_post("confirm", "hos", "head").map(|(_, clause)| clause).ok().as_deref(), Some("4.2"));
        for (user, post, said) in [
            ("hos", "manager", "the total is above your post's limit."),
            ("hos", "director", "you do not hold the post `director` today."),
            ("low", "head", "you do not hold the post `head` today, and you recorded it."),
        ] {
            let refused = case.require_in_post("confirm", user, post).expect_err("may not");
            assert_eq!(refused.code, Code::NoAuthority);
            assert!(refused.detail.starts_with(&format!("You may not confirm a total of £1.00 a year: {said}")), "{}", refused.detail);
        }
        assert!(in_named_post(&authority, "hos", "head").is_ok());
        for (user, post, said) in
            [("hos", "manager", "the total is above your post's limit"), ("hos", "director", "you are not in that post today")]
        {
            let refused = in_named_post(&authority, user, post).expect_err("may not");
            let who = "Any post with a limit may: head (4.2), director (4.2).";
            assert_eq!(refused.detail, format!("You may not agree it as {post}: {said}. {who}"));
        }
    }

    #[test]
    fn a_small_package_is_agreed_by_whom_the_rule_names() {
        let people = [holder("low", "director"), holder("low", "manager"), holder("hos", "head")];
        let barred = BTreeMap::from([("out".to_owned(), vec![Bar::PresentsIt])]);
        let (rule, clauses) = (small(), ["7.3".to_owned()]);
        let ask = |rule, clauses, user| agrees_without_panel(rule, clauses, (&people, &barred), user).map(|own| own.post.as_str());
        assert_eq!(ask(Some(&rule), &[], "low"), Ok("manager"));
        for (rule, clauses, user, said) in [
            (Some(&rule), &[][..], "hos", "You may not agree it (18.2): it is for somebody in the post of manager."),
            (Some(&rule), &[], "out", "You may not agree it (18.2): you present it."),
            (None, &clauses, "low", "This request goes to panel. It is demanded by 7.3."),
        ] {
            assert_eq!(ask(rule, clauses, user).expect_err("may not").detail, said);
        }
        assert!(ask(None, &[], "low").expect_err("may not").detail.contains("there is too much of it, or it costs too much"));
    }

    #[test]
    fn the_post_that_ratifies_does_and_nobody_in_it_who_is_ruled_out() {
        let named = Posts { posts: vec!["head".to_owned(), "director".to_owned()], clause: "9".to_owned() };
        let people = [holder("low", "manager"), holder("hos", "head"), holder("hos", "director"), holder("ad", "director")];
        let barred = BTreeMap::from([("ad".to_owned(), vec![Bar::DecidedIt])]);
        let ask = |user| ratifies(&named, &people, &barred, user).map(|own| own.post.as_str());
        assert_eq!(ask("hos"), Ok("head"));
        assert_eq!(ask("low").expect_err("may not").detail, "It is ratified by the post of head or director (9).");
        assert_eq!(ask("ad").expect_err("may not").detail, "You may not ratify it: you decided it.");
        assert_eq!(who_ratifies(&named, &people, &barred), ["hos"]);
    }
}
