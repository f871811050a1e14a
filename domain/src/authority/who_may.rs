//! The one question of authority: who may say yes to a child's support on a day, and who may not, and why.
//!
//! A request, a variation, a confirmation and a rise of rates all ask it. Each gathers the facts; the answer is here.

use super::{Authority, Bar, Candidate, PostHolder, WeeklySupport};
use crate::profile::{AssessmentDemand, Profile};
use crate::{Pence, Unit};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;

/// How what is asked about comes to be agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A request. A panel hears it, and the post that is responsible for the total stands behind the panel's yes. A small package is
    /// agreed without a panel.
    Request,
    /// Support that a post agrees alone. What only a panel may agree, no post agrees.
    Support,
    /// More support than a child has, which a post agrees alone. What only a panel may agree, no post agrees.
    More,
    /// Support that was decided already. Only the tier of its total is open, and no panel hears it again.
    Decided,
    /// What does not raise the total. Any post with a limit agrees it.
    NoRise,
}

/// What is asked, and the facts that answer it.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// How it comes to be agreed.
    pub occasion: Occasion,
    /// The child's total care package with what is asked for, gross, in a full year.
    pub total: Pence,
    /// The day.
    pub on: NaiveDate,
    /// Everybody in a post on that day.
    pub in_post: &'q [PostHolder],
    /// What people did that rules them out, whatever their post, by the user's id.
    pub barred: &'q BTreeMap<String, Vec<Bar>>,
    /// The budget line and unit of each line that is asked for: some kinds only a panel may agree.
    pub kinds: &'q [(&'q str, Unit)],
    /// The lines that are asked for.
    pub asked: &'q [WeeklySupport<'q>],
    /// Every other line of the child's.
    pub others: &'q [WeeklySupport<'q>],
}

impl<'q> Question<'q> {
    /// A question about what raises no total: neither the total nor its lines matter.
    pub fn of_no_rise(on: NaiveDate, in_post: &'q [PostHolder], barred: &'q BTreeMap<String, Vec<Bar>>) -> Self {
        Question { occasion: Occasion::NoRise, total: Pence::ZERO, on, in_post, barred, kinds: &[], asked: &[], others: &[] }
    }
}

/// Who may agree the request without a panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreedWithoutPanel {
    /// The posts that may.
    pub posts: Vec<String>,
    /// The rules.
    pub clauses: Vec<String>,
    /// The users in those posts who may today.
    pub people: Vec<String>,
}

/// Who may, who may not and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The posts responsible, and everybody in a post with why they may or may not.
    pub authority: Authority,
    /// Whether it goes to panel: no post may agree it alone.
    pub needs_panel: bool,
    /// The clauses that only let a panel agree such support. Of a request also those that only demand a kind of assessment.
    pub demanded_by: Vec<String>,
    /// The rule of small packages by which it is agreed without a panel.
    pub without_panel: Option<AgreedWithoutPanel>,
}

impl Answer {
    /// Where the authority of somebody who may is written: in the rule of small packages where one applies, else in the post's limit.
    pub fn clause_of(&self, person: &Candidate) -> Option<String> {
        clause_of(self.without_panel.as_ref(), person)
    }
}

/// Where a candidate's authority is written.
pub(crate) fn clause_of(without_panel: Option<&AgreedWithoutPanel>, person: &Candidate) -> Option<String> {
    match without_panel {
        Some(rule) => Some(rule.clauses.join("; ")),
        None => person.limit.as_ref().map(|limit| limit.clause.clone()),
    }
}

impl Profile {
    /// Answers who may.
    pub fn who_may(&self, question: &Question<'_>) -> Answer {
        let Question { occasion, total, on, in_post, barred, .. } = *question;
        let mut authority = match occasion {
            Occasion::NoRise => self.authority_over_no_rise(on, in_post, barred),
            _ => self.authority(total, on, in_post, barred),
        };
        if matches!(occasion, Occasion::Decided | Occasion::NoRise) {
            return Answer { authority, needs_panel: false, demanded_by: Vec::new(), without_panel: None };
        }
        let is_heard = occasion == Occasion::Request;
        let is_meant = |demand: &&AssessmentDemand| {
            (is_heard || demand.panel_only) && question.kinds.iter().any(|(budget_line, unit)| demand.is_for(budget_line, *unit))
        };
        let demands: Vec<&AssessmentDemand> = self.delegation.demands.iter().filter(is_meant).collect();
        let increase = self.delegation.increases.as_ref().filter(|rule| rule.panel_only && occasion == Occasion::More);
        let is_panel_only = increase.is_some() || demands.iter().any(|demand| demand.panel_only);
        let without_panel = if is_panel_only { None } else { self.small_package(question) };
        // Where managers agree small packages alone, larger ones are for the panel; where they agree none, limits alone decide.
        let has_rules = is_heard || !self.delegation.without_panel.is_empty();
        let needs_panel = is_panel_only || (has_rules && without_panel.is_none());
        if !is_heard && (needs_panel || without_panel.is_some()) {
            let rule = without_panel.as_ref();
            authority.people.iter_mut().for_each(|person| let_only_named(person, rule));
        }
        let mut demanded_by: Vec<String> = demands.into_iter().map(|demand| demand.clause.clone()).collect();
        demanded_by.extend(increase.map(|rule| rule.clause.clone()).filter(|clause| !demanded_by.contains(clause)));
        Answer { authority, needs_panel, demanded_by, without_panel }
    }

    /// Who may agree what is asked for without a panel; none, it goes to panel.
    fn small_package(&self, question: &Question<'_>) -> Option<AgreedWithoutPanel> {
        let rules_for = |post: &String| {
            let rules = self.without_panel(std::slice::from_ref(post), question.asked, question.others)?;
            self.covers_in_pounds(post, &rules, question.total, question.on).then_some(rules)
        };
        let mut posts: Vec<String> = self.posts.iter().map(|post| post.code.clone()).collect();
        posts.retain(|post| rules_for(post).is_some());
        if posts.is_empty() {
            return None;
        }
        let mut clauses: Vec<String> = posts.iter().filter_map(rules_for).flatten().map(|rule| rule.clause.clone()).collect();
        let may = |person: &&PostHolder| posts.contains(&person.post) && !question.barred.contains_key(&person.user_id);
        let mut people: Vec<String> = question.in_post.iter().filter(may).map(|person| person.user_id.clone()).collect();
        // One rule may name several posts, and one person may be in several.
        let (mut said, mut listed) = (HashSet::new(), HashSet::new());
        clauses.retain(|clause| said.insert(clause.clone()));
        people.retain(|person| listed.insert(person.clone()));
        Some(AgreedWithoutPanel { posts, clauses, people })
    }
}

/// Lets somebody agree whom the rule of small packages names in that post, and nobody else.
fn let_only_named(person: &mut Candidate, rule: Option<&AgreedWithoutPanel>) {
    person.may_authorise = rule.is_some_and(|rule| rule.posts.contains(&person.post) && rule.people.contains(&person.user_id));
    match person.may_authorise {
        true => person.why_not.clear(),
        false => person.why_not.push(Bar::PanelOnly),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::{AssessmentKind, Capacity};
    use crate::profile::{IncreaseRule, PostLimit};
    use crate::{Frequency, Quantity};

    fn person(name: &str, post: &str) -> PostHolder {
        PostHolder { user_id: name.to_owned(), username: name.to_owned(), post: post.to_owned(), capacity: Capacity::Holder }
    }

    /// Kirklees: team leaders and team managers agree four social hours a week alone; managers above have any amount at the panel.
    fn kirklees() -> Profile {
        Profile::bundled("kirklees").expect("sound")
    }

    /// Tameside with support by night that only a panel may agree, and visits that need another assessment.
    fn with_demands() -> Profile {
        let mut profile = Profile::bundled("tameside").expect("sound");
        for (unit, panel_only, clause) in [(Unit::Night, true, "nights"), (Unit::Session, false, "sessions")] {
            profile.delegation.demands.push(AssessmentDemand {
                budget_lines: Vec::new(),
                units: vec![unit],
                assessments: vec![AssessmentKind::Single],
                panel_only,
                clause: clause.to_owned(),
            });
        }
        profile
    }

    /// Tameside, where any increase goes to panel.
    fn with_increases() -> Profile {
        let mut profile = Profile::bundled("tameside").expect("sound");
        profile.delegation.increases =
            Some(IncreaseRule { panel_only: true, updated_assessment_above_percent: None, clause: "7.3.3".to_owned() });
        profile
    }

    fn everybody() -> Vec<PostHolder> {
        vec![
            person("leader", "team_leader"),
            person("manager", "team_manager"),
            person("service", "service_manager"),
            person("sum", "service_unit_manager"),
            person("hos", "head_of_service"),
        ]
    }

    fn ask(profile: &Profile, occasion: Occasion, unit: Unit, thousandths: i64, barred: &[&str]) -> Answer {
        let barred = barred.iter().map(|name| ((*name).to_owned(), vec![Bar::RecordedIt])).collect();
        let frequency = Frequency::Weekly;
        let (service, budget_line, quantity) = ("social_support", "home_care", Quantity(thousandths));
        let line = WeeklySupport { service, budget_line, unit, quantity, frequency, full_year: Pence(100_000) };
        profile.who_may(&Question {
            occasion,
            total: Pence(100_000),
            on: "2024-06-03".parse().expect("a date"),
            in_post: &everybody(),
            barred: &barred,
            kinds: &[("home_care", unit)],
            asked: &[line],
            others: &[],
        })
    }

    fn who(answer: &Answer) -> Vec<&str> {
        let mut who: Vec<_> =
            answer.authority.people.iter().filter(|person| person.may_authorise).map(|person| person.user_id.as_str()).collect();
        who.sort_unstable();
        who
    }

    #[test]
    fn each_occasion_is_answered_by_the_same_rules() {
        use Occasion as O;
        let (small, large) = (4_000, 4_001);
        for (name, profile, occasion, unit, thousandths, may, needs_panel, demanded_by, named) in [
            // Above the small package a panel hears it, and a post of any amount stands behind the panel; no post agrees it alone.
            ("request, large", kirklees(), O::Request, Unit::Hour, large, vec!["manager", "service"], true, vec![], None),
            ("support, large", kirklees(), O::Support, Unit::Hour, large, vec![], true, vec![], None),
            ("decided, large", kirklees(), O::Decided, Unit::Hour, large, vec!["manager", "service"], false, vec![], None),
            ("no rise, large", kirklees(), O::NoRise, Unit::Hour, large, vec!["manager", "service"], false, vec![], None),
            // Within it, those whom the rule names agree it, with or without a limit of their own.
            ("request, small", kirklees(), O::Request, Unit::Hour, small, vec!["manager", "service"], false, vec![], Some(2)),
            ("support, small", kirklees(), O::Support, Unit::Hour, small, vec!["leader", "manager"], false, vec![], Some(2)),
            ("decided, small", kirklees(), O::Decided, Unit::Hour, small, vec!["manager", "service"], false, vec![], None),
            // Where no rule of small packages is written, limits alone decide.
            ("support, no rules", with_demands(), O::Support, Unit::Hour, large, vec!["sum"], false, vec![], None),
            ("request, no rules", with_demands(), O::Request, Unit::Hour, small, vec!["sum"], true, vec![], None),
            // What only a panel may agree.
            ("request, nights", with_demands(), O::Request, Unit::Night, small, vec!["sum"], true, vec!["nights"], None),
            ("support, nights", with_demands(), O::Support, Unit::Night, small, vec![], true, vec!["nights"], None),
            ("decided, nights", with_demands(), O::Decided, Unit::Night, small, vec!["sum"], false, vec![], None),
            ("no rise, nights", with_demands(), O::NoRise, Unit::Night, small, vec!["hos", "sum"], false, vec![], None),
            ("more, large", kirklees(), O::More, Unit::Hour, large, vec![], true, vec![], None),
            ("more, small", kirklees(), O::More, Unit::Hour, small, vec!["leader", "manager"], false, vec![], Some(2)),
            ("more, no rules", with_demands(), O::More, Unit::Hour, large, vec!["sum"], false, vec![], None),
            ("more, nights", with_demands(), O::More, Unit::Night, small, vec![], true, vec!["nights"], None),
            // Where any increase goes to panel, no post agrees more, and the first support as before.
            ("more, increases", with_increases(), O::More, Unit::Hour, small, vec![], true, vec!["7.3.3"], None),
            ("support, increases", with_increases(), O::Support, Unit::Hour, small, vec!["sum"], false, vec![], None),
            ("no rise, increases", with_increases(), O::NoRise, Unit::Hour, small, vec!["hos", "sum"], false, vec![], None),
            // A demanded assessment is told of a request, and bars no post.
            ("request, sessions", with_demands(), O::Request, Unit::Session, small, vec!["sum"], true, vec!["sessions"], None),
            ("support, sessions", with_demands(), O::Support, Unit::Session, small, vec!["sum"], false, vec![], None),
        ] {
            let answer = ask(&profile, occasion, unit, thousandths, &[]);
            assert_eq!(who(&answer), may, "{name}");
            assert_eq!(answer.needs_panel, needs_panel, "{name}");
            assert_eq!(answer.demanded_by, demanded_by, "{name}");
            assert_eq!(answer.without_panel.map(|rule| rule.people.len()), named, "{name}");
        }
    }

    #[test]
    fn whoever_is_barred_agrees_no_small_package_either() {
        let answer = ask(&kirklees(), Occasion::Support, Unit::Hour, 1_000, &["leader"]);
        assert_eq!(who(&answer), ["manager"]);
        let leader = answer.authority.people.iter().find(|person| person.user_id == "leader").expect("listed");
        assert_eq!(leader.why_not, [Bar::RecordedIt, Bar::LimitNotSet, Bar::PanelOnly]);
        assert_eq!(answer.without_panel.map(|rule| rule.people), Some(vec!["manager".to_owned()]));
    }

    #[test]
    fn the_posts_own_limit_and_the_rules_ceiling_hold_for_a_small_package_too() {
        let limited = |up_to_pence: Option<i64>| {
            let mut profile = kirklees();
            let limit = |up_to_pence| PostLimit {
                post: "team_leader".to_owned(),
                from: None,
                up_to_pence: Some(up_to_pence),
                any_amount: false,
                clause: "Annex B".to_owned(),
            };
            profile.delegation.limits.extend(up_to_pence.map(limit));
            profile
        };
        let without_ceiling = |mut profile: Profile| {
            profile.delegation.without_panel.iter_mut().for_each(|rule| rule.up_to_pence_per_year = None);
            profile
        };
        // Each is asked about £1,000 a year.
        for (name, profile, may) in [
            ("a ceiling of the rule's", kirklees(), vec!["leader", "manager"]),
            ("and a limit of the post's that covers it", limited(Some(100_000)), vec!["leader", "manager"]),
            ("a penny above the post's limit", limited(Some(99_999)), vec!["manager"]),
            ("a limit of nought", limited(Some(0)), vec!["manager"]),
            ("no ceiling: the limit alone", without_ceiling(limited(Some(100_000))), vec!["leader", "manager"]),
            ("neither ceiling nor limit is no authority", without_ceiling(kirklees()), vec!["manager"]),
        ] {
            for occasion in [Occasion::Support, Occasion::More, Occasion::Request] {
                let answer = ask(&profile, occasion, Unit::Hour, 1_000, &[]);
                assert_eq!(answer.without_panel.map(|rule| rule.people), Some(may.iter().map(|one| (*one).to_owned()).collect()), "{name}");
            }
        }
        let mut cheap = kirklees();
        cheap.delegation.without_panel[0].up_to_pence_per_year = Some(99_999);
        let answer = ask(&cheap, Occasion::Support, Unit::Hour, 1_000, &[]);
        assert_eq!((answer.needs_panel, who(&answer)), (true, vec![]));
    }

    #[test]
    fn what_only_a_panel_agrees_is_no_small_package() {
        let mut profile = kirklees();
        profile.delegation.demands.push(AssessmentDemand { units: vec![Unit::Hour], ..with_demands().delegation.demands[0].clone() });
        for occasion in [Occasion::Request, Occasion::Support] {
            let answer = ask(&profile, occasion, Unit::Hour, 1_000, &[]);
            assert_eq!((answer.needs_panel, answer.without_panel), (true, None), "{occasion:?}");
        }
    }

    #[test]
    fn the_clause_is_the_rules_where_a_small_package_is_agreed_and_else_the_limits() {
        for (occasion, clause) in [
            (Occasion::Support, "18.2 (social hours); the ceiling: a working choice, £40 an hour for 52 weeks"),
            (Occasion::Decided, "15.3 (the resource panel approves) prints no limit: a working choice"),
        ] {
            let answer = ask(&kirklees(), occasion, Unit::Hour, 1_000, &[]);
            let manager = answer.authority.may("manager").expect("may");
            assert_eq!(answer.clause_of(manager).as_deref(), Some(clause));
        }
    }
}
