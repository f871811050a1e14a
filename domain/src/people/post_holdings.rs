//! Who may be put in which post: nobody by themselves, and nobody twice in one post on the same day.

use crate::{Code, Permission, Refusal, Role};
use chrono::NaiveDate;

/// Somebody's time in a post, as far as its days go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeInPost {
    /// The holding's id.
    pub holding_id: String,
    /// The first day in the post.
    pub valid_from: NaiveDate,
    /// The first day no longer in it; none, open-ended.
    pub valid_to: Option<NaiveDate>,
}

impl TimeInPost {
    /// Whether both have a day in common.
    pub fn overlaps(&self, other: &TimeInPost) -> bool {
        self.valid_to.is_none_or(|ends| other.valid_from < ends) && other.valid_to.is_none_or(|ends| self.valid_from < ends)
    }
}

/// Refuses a person twice in one post on the same day. `others` are the same person's other times in the same post, in order.
pub fn refuse_overlap(time: &TimeInPost, others: &[TimeInPost]) -> Result<(), Refusal> {
    let Some(other) = others.iter().find(|other| other.overlaps(time)) else { return Ok(()) };
    let until = other.valid_to.map_or_else(|| "on".to_owned(), |ends| format!("up to but not including {ends}"));
    let detail = format!("Holding {} has the same person in the same post from {} {until}.", other.holding_id, other.valid_from);
    Err(Refusal::new(Code::PeriodOverlaps, detail))
}

/// Whoever fills posts gives nobody's authority to themselves, and rids themselves of no post.
pub fn refuse_oneself(actor_id: &str, user_id: &str) -> Result<(), Refusal> {
    if actor_id != user_id {
        return Ok(());
    }
    let detail = "Nobody puts themselves in a post, or ends or reverses their own time in one; somebody else does it.";
    Err(Refusal::new(Code::NotAllowed, detail))
}

/// Whether somebody of this role acts for a post they are in. One who cannot act must not keep the next post from standing in.
pub fn acts_in_post(role: Role) -> bool {
    role.permissions().contains(&Permission::DecisionsWrite)
}

/// A decision is a person's: a tool has no post.
pub fn refuse_tools(is_tool: bool) -> Result<(), Refusal> {
    if !is_tool {
        return Ok(());
    }
    Err(Refusal::new(Code::NoAuthority, "A person decides: log in as the user who holds the post."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray;

    fn time(from: &str, to: Option<&str>) -> TimeInPost {
        let day = |text: &str| text.parse().expect("a date");
        TimeInPost { holding_id: format!("of {from}"), valid_from: day(from), valid_to: to.map(day) }
    }

    #[test]
    fn two_times_overlap_when_they_have_a_day_in_common() {
        let april = time("2024-04-01", Some("2024-05-01"));
        for (other, overlaps) in [
            (time("2024-03-01", Some("2024-04-01")), false),
            (time("2024-03-01", Some("2024-04-02")), true),
            (time("2024-04-10", Some("2024-04-11")), true),
            (time("2024-04-30", Some("2024-06-01")), true),
            (time("2024-05-01", Some("2024-06-01")), false),
            (time("2024-05-01", None), false),
            (time("2024-04-30", None), true),
            (time("2024-01-01", None), true),
        ] {
            assert_eq!(april.overlaps(&other), overlaps, "{other:?}");
            assert_eq!(other.overlaps(&april), overlaps, "{other:?}, the other way round");
        }
        assert!(time("2024-01-01", None).overlaps(&time("2030-01-01", None)), "both go on");
    }

    #[test]
    fn the_first_holding_in_the_way_is_named_with_its_days() {
        let others = [time("2023-01-01", Some("2024-01-01")), time("2024-04-01", Some("2024-05-01")), time("2024-06-01", None)];
        for (new, told) in [
            (time("2024-01-01", Some("2024-04-01")), None),
            (
                time("2024-04-30", Some("2024-06-01")),
                Some("of 2024-04-01 has the same person in the same post from 2024-04-01 up to but not including 2024-05-01"),
            ),
            (time("2024-05-01", None), Some("of 2024-06-01 has the same person in the same post from 2024-06-01 on")),
        ] {
            let refused = refuse_overlap(&new, &others).err();
            assert_eq!(refused.as_ref().map(|refusal| refusal.code), told.map(|_| Code::PeriodOverlaps), "{new:?}");
            assert_eq!(refused.map(|refusal| refusal.detail), told.map(|told| format!("Holding {told}.")), "{new:?}");
        }
    }

    #[test]
    fn nobody_fills_a_post_with_themselves() {
        assert_eq!(refuse_oneself("ada", "ada").map_err(|refusal| refusal.code), Err(Code::NotAllowed));
        assert_eq!(refuse_oneself("ada", "ben"), Ok(()));
    }

    #[test]
    fn a_tool_decides_nothing() {
        assert_eq!(refuse_tools(true).map_err(|refusal| refusal.code), Err(Code::NoAuthority));
        assert_eq!(refuse_tools(false), Ok(()));
    }

    #[test]
    fn those_who_decide_act_in_a_post_and_nobody_else() {
        let acting: Vec<_> = Role::VARIANTS.iter().copied().filter(|role| acts_in_post(*role)).collect();
        assert_eq!(acting, [Role::Manager, Role::HeadOfService, Role::AssistantDirector]);
    }
}
