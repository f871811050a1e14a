//! What a panel's sheets say: what each item came to, its lines in words, and how long its assessment waited.

use crate::panel::{AuthorisationKind, AuthorisationOutcome, DecisionKind};
use crate::profile::Number;
use crate::{Frequency, Quantity, Refusal, RequestState, Unit, UnitRate};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// The longest period that outcomes are listed for.
const MOST_DAYS: i64 = 366;

/// What an item on an agenda has come to, as far as money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ItemStanding)]
pub enum ItemOutcome {
    /// Not heard yet.
    Undecided,
    /// Agreed by the panel, and waiting for ratification or for the post that has the authority.
    Waiting,
    /// Agreed, with authority.
    Agreed,
    /// Deferred, declined, signposted, withdrawn, or heard again at the same panel.
    NotAgreed,
}

impl ItemOutcome {
    /// The word in JSON and on sheets.
    pub fn as_str(self) -> &'static str {
        match self {
            ItemOutcome::Undecided => "undecided",
            ItemOutcome::Waiting => "waiting",
            ItemOutcome::Agreed => "agreed",
            ItemOutcome::NotAgreed => "not_agreed",
        }
    }
}

/// What posts said of a decision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Authorised {
    /// Whether an authority stands behind it.
    pub is_given: bool,
    /// Whether somebody refused to ratify or authorise it.
    pub is_refused: bool,
}

impl Authorised {
    /// Adds what one post said.
    pub fn add(&mut self, kind: AuthorisationKind, outcome: AuthorisationOutcome) {
        match (kind, outcome) {
            (_, AuthorisationOutcome::Declined) => self.is_refused = true,
            (AuthorisationKind::Authority, AuthorisationOutcome::Given) => self.is_given = true,
            (AuthorisationKind::Ratification, AuthorisationOutcome::Given) => {}
        }
    }
}

/// What an item came to, whatever became of the request at other panels: an appeal does not rewrite what was agreed.
///
/// `decision` is what was decided at this hearing and what posts said of it. What is heard again at the same panel counts as it is
/// decided then.
pub fn outcome(state: RequestState, is_heard_again: bool, decision: Option<(DecisionKind, Authorised)>) -> ItemOutcome {
    match decision {
        _ if is_heard_again || state == RequestState::Withdrawn => ItemOutcome::NotAgreed,
        None => ItemOutcome::Undecided,
        Some((kind, _)) if !matches!(kind, DecisionKind::Approved | DecisionKind::ApprovedInPart) => ItemOutcome::NotAgreed,
        Some((_, Authorised { is_refused: true, .. })) => ItemOutcome::NotAgreed,
        Some((_, Authorised { is_given: true, .. })) => ItemOutcome::Agreed,
        Some(_) => ItemOutcome::Waiting,
    }
}

/// How the ratification of a deputy's decision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ItemRatification)]
pub enum Ratification {
    /// The post that ratifies has yet to say.
    Waiting,
    /// It was given.
    Given,
    /// It was refused.
    Declined,
}

impl Ratification {
    /// How it stands of a decision, with the day of the word; none, it needs none. `waits` says that a deputy decided and the request waits
    /// for it, whatever the decision was; `said` are the posts' words in their order.
    pub fn of(
        waits: bool,
        said: impl IntoIterator<Item = (AuthorisationKind, AuthorisationOutcome, NaiveDate)>,
    ) -> Option<(Ratification, Option<NaiveDate>)> {
        let word = said.into_iter().find(|(kind, ..)| *kind == AuthorisationKind::Ratification);
        match word {
            Some((_, AuthorisationOutcome::Given, on)) => Some((Ratification::Given, Some(on))),
            Some((_, AuthorisationOutcome::Declined, on)) => Some((Ratification::Declined, Some(on))),
            None => waits.then_some((Ratification::Waiting, None)),
        }
    }

    /// As a sheet has it: `given on 2024-06-12`.
    pub fn in_words(self, on: Option<NaiveDate>) -> String {
        let word = match self {
            Ratification::Waiting => "waiting",
            Ratification::Given => "given",
            Ratification::Declined => "declined",
        };
        on.map_or_else(|| word.to_owned(), |on| format!("{word} on {on}"))
    }
}

/// The day on which the post that has the authority hears an item: only while the item waits is it still to come.
pub fn hearing_ahead(outcome: ItemOutcome, hearing_on: Option<NaiveDate>) -> Option<NaiveDate> {
    hearing_on.filter(|_| outcome == ItemOutcome::Waiting)
}

/// How long an assessment has waited for its panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitedForPanel {
    /// Weeks begun since it was completed.
    pub weeks: i64,
    /// Whether that is longer than the profile gives.
    pub is_late: bool,
}

/// How long an assessment completed on a day has waited for a panel. `within_weeks` is what the profile gives.
pub fn waited_for_panel(within_weeks: Option<&Number>, completed_on: NaiveDate, held_on: NaiveDate) -> WaitedForPanel {
    let days = (held_on - completed_on).num_days();
    let weeks = days.div_euclid(7) + i64::from(days.rem_euclid(7) > 0);
    WaitedForPanel { weeks, is_late: within_weeks.is_some_and(|within| days > i64::from(within.value) * 7) }
}

/// The days that outcomes are asked for: from one, up to but not including another.
pub fn period(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<(NaiveDate, NaiveDate), Refusal> {
    let from = from.ok_or_else(|| Refusal::bad_parameter("?from", "required", "the first day is needed"))?;
    let to = to.ok_or_else(|| Refusal::bad_parameter("?to", "required", "give `to`: the first day after the days that you want"))?;
    if to <= from || (to - from).num_days() > MOST_DAYS {
        return Err(Refusal::bad_parameter("?to", "out_of_range", "after `from`, by at most 366 days"));
    }
    Ok((from, to))
}

/// A line, as far as it is read out.
#[derive(Debug, Clone, Copy)]
pub struct LineToRead<'l> {
    /// What it provides.
    pub service: &'l str,
    /// What is counted.
    pub unit: Unit,
    /// How many.
    pub quantity: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The price of one.
    pub unit_rate: UnitRate,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force.
    pub valid_to: Option<NaiveDate>,
    /// Why the child has this support beyond its ages.
    pub beyond_age_reason: Option<&'l str>,
}

/// Lines as they are read out: `home_care 1.5 hours weekly at £21.45 from 2025-01-01`, joined by `; `.
pub fn lines_in_words<'l>(lines: impl IntoIterator<Item = LineToRead<'l>>) -> String {
    lines.into_iter().map(LineToRead::in_words).collect::<Vec<_>>().join("; ")
}

impl LineToRead<'_> {
    fn in_words(self) -> String {
        let quantity = thousandths(self.quantity);
        let unit = match (self.unit, self.quantity) {
            (unit, Quantity(1000)) => unit.as_str().to_owned(),
            (unit, _) => format!("{}s", unit.as_str()),
        };
        let often = match self.frequency {
            Frequency::FourWeekly => "four-weekly",
            Frequency::TermTimeWeeks => "weekly in term time",
            Frequency::HolidayWeeks => "weekly in holidays",
            Frequency::PerYear => "a year",
            Frequency::OneOff => "once",
            often => often.as_str(),
        };
        // The last day in force, as people say it; a line keeps the first day out of force.
        let to = self.valid_to.and_then(|day| day.pred_opt()).map(|day| format!(" to {day}")).unwrap_or_default();
        let why = self.beyond_age_reason.map(|reason| format!(" (beyond the age for it: {reason})")).unwrap_or_default();
        format!("{} {quantity} {unit} {often} at {} from {}{to}{why}", self.service, price(self.unit_rate), self.valid_from)
    }
}

/// `1.5`, without noughts at the end.
fn thousandths(Quantity(thousandths): Quantity) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `£21.45`, and with as many decimals as it takes beyond the pence.
fn price(UnitRate(rate): UnitRate) -> String {
    let (pounds, rest) = (rate / 10_000, rate % 10_000);
    let beyond = format!("{:02}", rest % 100);
    format!("£{pounds}.{:02}{}", rest / 100, beyond.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn an_item_came_to_what_was_decided_and_what_posts_said_of_it() {
        use AuthorisationKind::{Authority, Ratification};
        use AuthorisationOutcome::{Declined, Given};
        use DecisionKind::{Approved, ApprovedInPart};
        for (decision, said, expected) in [
            (None, vec![], ItemOutcome::Undecided),
            (Some(Approved), vec![], ItemOutcome::Waiting),
            (Some(Approved), vec![(Ratification, Given)], ItemOutcome::Waiting),
            (Some(Approved), vec![(Ratification, Given), (Authority, Given)], ItemOutcome::Agreed),
            (Some(ApprovedInPart), vec![(Authority, Given)], ItemOutcome::Agreed),
            (Some(Approved), vec![(Ratification, Declined)], ItemOutcome::NotAgreed),
            (Some(Approved), vec![(Authority, Given), (Authority, Declined)], ItemOutcome::NotAgreed),
            (Some(DecisionKind::Deferred), vec![], ItemOutcome::NotAgreed),
            (Some(DecisionKind::Declined), vec![], ItemOutcome::NotAgreed),
            (Some(DecisionKind::Signposted), vec![(Authority, Given)], ItemOutcome::NotAgreed),
        ] {
            let mut authorised = Authorised::default();
            said.iter().for_each(|(kind, outcome)| authorised.add(*kind, *outcome));
            let decision = decision.map(|kind| (kind, authorised));
            assert_eq!(outcome(RequestState::Booked, false, decision), expected, "{decision:?}");
            // An appeal does not rewrite it; a withdrawal and a second hearing at the same panel do.
            assert_eq!(outcome(RequestState::UnderAppeal, false, decision), expected, "{decision:?}");
            assert_eq!(outcome(RequestState::Withdrawn, false, decision), ItemOutcome::NotAgreed, "{decision:?}");
            assert_eq!(outcome(RequestState::Booked, true, decision), ItemOutcome::NotAgreed, "{decision:?}");
        }
    }

    #[test]
    fn a_deputys_decision_shows_how_its_ratification_stands_whatever_it_was() {
        use AuthorisationKind::{Authority, Ratification as Word};
        use AuthorisationOutcome::{Declined, Given};
        let on = day("2024-06-12");
        for (waits, said, expected) in [
            (true, vec![], Some("waiting")),
            (true, vec![(Word, Given, on)], Some("given on 2024-06-12")),
            (true, vec![(Word, Declined, on)], Some("declined on 2024-06-12")),
            (true, vec![(Word, Given, on), (Authority, Declined, day("2024-06-20"))], Some("given on 2024-06-12")),
            (false, vec![], None),
            (false, vec![(Authority, Given, on)], None),
        ] {
            let words = Ratification::of(waits, said.clone()).map(|(stands, on)| stands.in_words(on));
            assert_eq!(words.as_deref(), expected, "{waits} {said:?}");
        }
    }

    #[test]
    fn an_item_that_waits_no_more_is_heard_no_more() {
        let hearing = Some(day("2024-06-14"));
        let outcomes = [ItemOutcome::Undecided, ItemOutcome::Waiting, ItemOutcome::Agreed, ItemOutcome::NotAgreed];
        assert_eq!(outcomes.map(|outcome| hearing_ahead(outcome, hearing)), [None, hearing, None, None]);
    }

    #[test]
    fn weeks_are_counted_as_they_begin_and_late_from_the_day_after_the_last() {
        let six = Number { value: 6, clause: "Here".to_owned() };
        for (held_on, weeks, is_late) in [
            ("2024-04-01", 0, false),
            ("2024-04-02", 1, false),
            ("2024-04-08", 1, false),
            ("2024-04-09", 2, false),
            ("2024-05-13", 6, false),
            ("2024-05-14", 7, true),
        ] {
            let waited = waited_for_panel(Some(&six), day("2024-04-01"), day(held_on));
            assert_eq!(waited, WaitedForPanel { weeks, is_late }, "{held_on}");
        }
        assert!(!waited_for_panel(None, day("2020-04-01"), day("2024-04-01")).is_late);
    }

    #[test]
    fn outcomes_are_of_a_year_at_most() {
        let pointer = |from: Option<&str>, to: Option<&str>| match period(from.map(day), to.map(day)) {
            Ok(_) => "yes".to_owned(),
            Err(refusal) => format!("{} {}", refusal.errors[0].pointer, refusal.errors[0].code),
        };
        for (from, to, answer) in [
            (None, None, "?from required"),
            (Some("2024-04-01"), None, "?to required"),
            (Some("2024-04-01"), Some("2024-04-01"), "?to out_of_range"),
            (Some("2024-04-01"), Some("2024-04-02"), "yes"),
            (Some("2024-04-01"), Some("2025-04-02"), "yes"),
            (Some("2024-04-01"), Some("2025-04-03"), "?to out_of_range"),
        ] {
            assert_eq!(pointer(from, to), answer, "{from:?} {to:?}");
        }
    }

    #[test]
    fn lines_are_read_out_to_the_last_decimal() {
        let line = |quantity, unit, frequency, rate, to: Option<&str>| LineToRead {
            service: "home_care",
            unit,
            quantity: Quantity(quantity),
            frequency,
            unit_rate: UnitRate(rate),
            valid_from: day("2025-01-01"),
            valid_to: to.map(day),
            beyond_age_reason: (to == Some("2025-08-01")).then_some("Back from hospital"),
        };
        let lines = [
            line(1_500, Unit::Hour, Frequency::Weekly, 214_500, None),
            line(1_000, Unit::Night, Frequency::OneOff, 3_000_000, Some("2025-01-02")),
            line(52_125, Unit::Mile, Frequency::PerYear, 4_525, None),
            line(10_000, Unit::Session, Frequency::TermTimeWeeks, 5, Some("2025-08-01")),
        ];
        assert_eq!(
            lines_in_words(lines),
            "home_care 1.5 hours weekly at £21.45 from 2025-01-01; home_care 1 night once at £300.00 from 2025-01-01 to 2025-01-01; \
             home_care 52.125 miles a year at £0.4525 from 2025-01-01; \
             home_care 10 sessions weekly in term time at £0.0005 from 2025-01-01 to 2025-07-31 (beyond the age for it: Back from hospital)"
        );
    }
}
