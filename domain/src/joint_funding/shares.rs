//! What a funder's share must be before it is recorded, and what becomes of it when it ends.

use super::{Funding, FundingState, Share, ShareFrequency, first_day_past_whole};
use crate::{Code, Direction, FieldError, LineState, Pence, Refusal, Sector};
use chrono::NaiveDate;

/// The share that these say; none where they say neither a percentage nor an amount, or both.
pub fn share_of(percentage: Option<i64>, amount: Option<Pence>, every: Option<ShareFrequency>) -> Option<Share> {
    match (percentage, amount, every) {
        (Some(share), None, None) => Some(Share::Percentage(share)),
        (None, Some(amount), Some(every)) => Some(Share::Fixed { amount, every }),
        _ => None,
    }
}

/// Why these say no share.
pub fn share_mistake(percentage: Option<i64>, amount: Option<Pence>, every: Option<ShareFrequency>) -> Option<FieldError> {
    Some(match (percentage, amount, every) {
        (Some(_), None, None) | (None, Some(_), Some(_)) => return None,
        (None, Some(_), None) => FieldError::new("/amount_frequency", "required", "say how often the amount is paid"),
        (None, None, Some(_)) => FieldError::new("/amount_pence", "required", "say how much is paid so often"),
        (None, None, None) => FieldError::new("/percentage_ten_thousandths", "required", "give a percentage, or an amount and how often"),
        (Some(_), _, _) => {
            FieldError::new("/percentage_ten_thousandths", "two_shares", "give a percentage, or an amount and how often, not both")
        }
    })
}

/// Why a provider of this sector pays no share; none given, there is no such provider.
pub fn funder_mistake(sector: Option<Sector>) -> Option<FieldError> {
    match sector {
        None => Some(FieldError::new("/provider_id", "unknown_reference", "no provider has this id")),
        Some(Sector::OtherPublic) => None,
        Some(_) => Some(FieldError::new("/provider_id", "sector", "another public body pays: a provider of the sector other_public")),
    }
}

/// Why a share does not go to a budget line of this direction; none given, there is no such budget line.
pub fn budget_line_mistake(direction: Option<Direction>) -> Option<FieldError> {
    match direction {
        None => Some(FieldError::new("/budget_line", "unknown_reference", "no budget line has this code")),
        Some(Direction::Expenditure) => Some(FieldError::new(
            "/budget_line",
            "expenditure",
            "what a funder pays goes to a line of \
            income",
        )),
        Some(Direction::Income) => None,
    }
}

/// A package line that is to be funded, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineToFund {
    /// The first line of its arrangement, where it is not that itself.
    pub continues_line_id: Option<String>,
    /// Its state.
    pub state: LineState,
    /// Whether another line carries it on.
    pub is_continued: bool,
}

/// Why a line is not funded; none given, there is no such line.
pub fn line_mistake(line: Option<&LineToFund>) -> Option<FieldError> {
    let refuse = |code: &str, detail: String| Some(FieldError::new("/line_id", code, detail));
    match line {
        None => refuse("unknown_reference", "no package line has this id".to_owned()),
        Some(LineToFund { continues_line_id: Some(first), .. }) => {
            refuse("not_the_first", format!("the line continues another: name the first line, {first}"))
        }
        Some(LineToFund { state: LineState::Reversed, is_continued: false, .. }) => {
            refuse("reversed", "the line was reversed: it costs nothing on any day".to_owned())
        }
        Some(_) => None,
    }
}

/// A share of a line in its last version, beside the one that is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareBeside {
    /// Its id.
    pub funding_id: String,
    /// What its last version says.
    pub state: FundingState,
    /// What it pays, from when to when.
    pub funding: Funding,
}

/// Refuses percentages that are together more than all of the line on some day. `beside` may hold earlier words of the share itself.
///
/// # Errors
/// Where they are more than all of it, with the first such day.
pub fn refuse_past_whole(funding_id: &str, own: &Funding, beside: &[ShareBeside]) -> Result<(), Refusal> {
    let is_percentage = |funding: &Funding| matches!(funding.share, Share::Percentage(_));
    if !is_percentage(own) {
        return Ok(());
    }
    let counts =
        |other: &&ShareBeside| other.funding_id != funding_id && other.state != FundingState::Reversed && is_percentage(&other.funding);
    let others: Vec<&ShareBeside> = beside.iter().filter(counts).collect();
    let all: Vec<Funding> = others.iter().map(|other| other.funding).chain([*own]).collect();
    let Some((day, sum)) = first_day_past_whole(&all) else { return Ok(()) };
    let paying: Vec<&str> = others.iter().filter(|other| other.funding.pays_on(day)).map(|other| other.funding_id.as_str()).collect();
    let detail = format!(
        "Together with joint funding {}, the shares of the line would come to {} on {day}. They may not be above 100 %. Lower \
            this share, or end another first.",
        paying.join(", "),
        per_cent(sum)
    );
    Err(Refusal::new(Code::StateConflict, detail))
}

/// Refuses to end or reverse what was reversed.
///
/// # Errors
/// Where the share's last version says so.
pub fn refuse_reversed(state: FundingState) -> Result<(), Refusal> {
    match state {
        FundingState::Reversed => Err(Refusal::new(Code::StateConflict, "The joint funding was reversed.")),
        FundingState::Recorded | FundingState::Ended => Ok(()),
    }
}

/// Refuses an end that changes nothing; any other moves the end, forward or back.
///
/// # Errors
/// Where the share ends on that day already.
pub fn refuse_same_end(before: Option<NaiveDate>, ends: NaiveDate) -> Result<(), Refusal> {
    if before == Some(ends) {
        return Err(Refusal::new(Code::StateConflict, format!("The joint funding ends on {ends} already.")));
    }
    Ok(())
}

/// The day, of those from `from` to the day before `to`, that is nearest to today: the one whose full year is shown.
pub fn nearest_day(from: NaiveDate, to: Option<NaiveDate>, today: NaiveDate) -> NaiveDate {
    to.map_or(today, |ends| today.min(ends.pred_opt().unwrap_or(ends))).max(from)
}

/// `62.5 %` from ten-thousandths of a per cent.
fn per_cent(ten_thousandths: i64) -> String {
    let fraction = format!("{:04}", ten_thousandths % 10_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction} %", ten_thousandths / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use FundingState::{Ended, Recorded, Reversed};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn percent(share: i64, from: &str, to: Option<&str>) -> Funding {
        Funding { share: Share::Percentage(share), valid_from: day(from), valid_to: to.map(day) }
    }

    fn mistake(error: Option<FieldError>) -> Option<(String, String)> {
        error.map(|error| (error.pointer, error.code))
    }

    fn found(pointer: &str, code: &str) -> Option<(String, String)> {
        Some((pointer.to_owned(), code.to_owned()))
    }

    #[test]
    fn percentages_are_written_as_people_read_them() {
        assert_eq!([1_000_000, 1_200_000, 625_000, 1_000_001].map(per_cent), ["100 %", "120 %", "62.5 %", "100.0001 %"]);
    }

    #[test]
    fn a_share_is_a_percentage_or_an_amount_so_often() {
        let (half, pounds, weekly) = (Some(500_000), Some(Pence(5_000)), Some(ShareFrequency::Weekly));
        let cases = [
            (half, None, None, None),
            (None, pounds, weekly, None),
            (None, pounds, None, found("/amount_frequency", "required")),
            (None, None, weekly, found("/amount_pence", "required")),
            (None, None, None, found("/percentage_ten_thousandths", "required")),
            (half, pounds, weekly, found("/percentage_ten_thousandths", "two_shares")),
            (half, pounds, None, found("/percentage_ten_thousandths", "two_shares")),
            (half, None, weekly, found("/percentage_ten_thousandths", "two_shares")),
        ];
        for (percentage, amount, every, expected) in cases {
            assert_eq!(share_of(percentage, amount, every).is_some(), expected.is_none(), "{percentage:?} {amount:?} {every:?}");
            assert_eq!(mistake(share_mistake(percentage, amount, every)), expected, "{percentage:?} {amount:?} {every:?}");
        }
    }

    #[test]
    fn another_public_body_pays_to_a_line_of_income() {
        assert_eq!(funder_mistake(Some(Sector::OtherPublic)), None);
        assert_eq!(mistake(funder_mistake(Some(Sector::Voluntary))), found("/provider_id", "sector"));
        assert_eq!(mistake(funder_mistake(None)), found("/provider_id", "unknown_reference"));
        assert_eq!(budget_line_mistake(Some(Direction::Income)), None);
        assert_eq!(mistake(budget_line_mistake(Some(Direction::Expenditure))), found("/budget_line", "expenditure"));
        assert_eq!(mistake(budget_line_mistake(None)), found("/budget_line", "unknown_reference"));
    }

    #[test]
    fn only_the_first_line_of_an_arrangement_that_costs_something_is_funded() {
        let line =
            |first: Option<&str>, state, is_continued| LineToFund { continues_line_id: first.map(str::to_owned), state, is_continued };
        let standing = LineState::Recorded;
        let cases = [
            (None, found("/line_id", "unknown_reference")),
            (Some(line(None, standing, false)), None),
            (Some(line(Some("first"), standing, false)), found("/line_id", "not_the_first")),
            (Some(line(None, LineState::Reversed, false)), found("/line_id", "reversed")),
            (Some(line(None, LineState::Reversed, true)), None),
        ];
        for (line, expected) in cases {
            assert_eq!(mistake(line_mistake(line.as_ref())), expected, "{line:?}");
        }
    }

    #[test]
    fn shares_of_a_line_are_never_more_than_all_of_it_on_a_day() {
        let own = percent(600_000, "2024-04-01", None);
        let cases = [
            ("other", Recorded, percent(400_000, "2024-04-01", None), None),
            ("other", Recorded, percent(400_001, "2024-05-01", None), Some("100.0001 % on 2024-05-01")),
            ("other", Ended, percent(500_000, "2024-01-01", Some("2024-04-01")), None),
            ("other", Ended, percent(500_000, "2024-01-01", Some("2024-04-02")), Some("110 % on 2024-04-01")),
            ("other", Reversed, percent(500_000, "2024-04-01", None), None),
            ("own", Recorded, percent(500_000, "2024-04-01", None), None),
        ];
        for (id, state, funding, expected) in cases {
            let beside = [ShareBeside { funding_id: id.to_owned(), state, funding }];
            let refused = refuse_past_whole("own", &own, &beside).err().map(|refusal| refusal.detail);
            let expected =
                expected.map(|sum| format!("Together with joint funding other, the shares of the line would come to {sum}. They may not be above 100 %. Lower this share, or end another first."));
            assert_eq!(refused, expected, "{id} {state:?} {funding:?}");
        }
        let fixed = Funding { share: Share::Fixed { amount: Pence(1), every: ShareFrequency::Weekly }, ..own };
        let whole = |id: &str| ShareBeside { funding_id: id.to_owned(), state: Recorded, funding: percent(1_000_000, "2024-04-01", None) };
        assert_eq!(refuse_past_whole("own", &fixed, &[whole("a"), whole("b")]), Ok(()), "an amount is cut, not refused");
    }

    #[test]
    fn what_ended_may_end_on_another_day_and_what_was_reversed_stays_so() {
        assert!(refuse_reversed(Reversed).is_err());
        assert_eq!([refuse_reversed(Recorded), refuse_reversed(Ended)], [Ok(()), Ok(())]);
        assert!(refuse_same_end(Some(day("2024-10-01")), day("2024-10-01")).is_err());
        assert_eq!(refuse_same_end(Some(day("2024-10-01")), day("2024-10-02")), Ok(()));
        assert_eq!(refuse_same_end(None, day("2024-10-01")), Ok(()));
    }

    #[test]
    fn the_nearest_day_is_one_on_which_the_share_pays() {
        let (from, to) = (day("2024-04-01"), Some(day("2024-10-01")));
        for (today, nearest) in [("2024-03-01", "2024-04-01"), ("2024-06-01", "2024-06-01"), ("2024-12-01", "2024-09-30")] {
            assert_eq!(nearest_day(from, to, day(today)), day(nearest), "{today}");
        }
        assert_eq!(nearest_day(from, None, day("2030-01-01")), day("2030-01-01"));
    }
}
