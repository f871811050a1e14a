//! A panel's slots: when each starts, which are free, and until when one can be had.

use crate::profile::Number;
use crate::{Code, FieldError, Refusal};
use chrono::{Days, NaiveDate, NaiveTime, Timelike};

const MINUTES_OF_DAY: i64 = 24 * 60;

/// The slots of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slots {
    /// The minute of the day at which the first starts.
    starts_at_minute: i64,
    /// How many there are.
    count: i64,
    /// Minutes for each.
    minutes: i64,
}

/// A panel, as far as its agenda can be filled.
#[derive(Debug, Clone, Copy)]
pub struct OpenUntil<'p> {
    /// The panel's day.
    pub held_on: NaiveDate,
    /// The last day on which a request can be put on the agenda.
    pub papers_due_on: NaiveDate,
    /// What the profile says of it.
    pub papers_days_before: Option<&'p Number>,
}

impl Slots {
    /// Slots from a time, `HH:MM`. Fails where it is no time.
    pub fn from(starts_at: &str, count: i64, minutes: i64) -> Result<Self, chrono::ParseError> {
        let time = NaiveTime::parse_from_str(starts_at, "%H:%M")?;
        Ok(Slots { starts_at_minute: i64::from(time.hour() * 60 + time.minute()), count, minutes })
    }

    /// When a slot starts, `HH:MM`, local time.
    pub fn starts_at(self, slot: i64) -> String {
        let minute = self.starts_at_minute + (slot - 1) * self.minutes;
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }

    /// Slots that would end after midnight.
    pub fn mistakes(self) -> Vec<FieldError> {
        if self.starts_at_minute + self.count * self.minutes <= MINUTES_OF_DAY {
            return Vec::new();
        }
        let detail = "the last slot would end after midnight: start earlier, or make fewer or shorter slots";
        vec![FieldError::new("/slots", "too_long", detail)]
    }
}

/// The slots of a panel that are not taken, in their order.
pub fn free_slots(count: i64, taken: &[i64]) -> Vec<i64> {
    (1..=count).filter(|slot| !taken.contains(slot)).collect()
}

/// The slot asked for, or the first that is free.
pub fn slot_for(held_on: NaiveDate, count: i64, taken: &[i64], wanted: Option<i64>) -> Result<i64, Refusal> {
    let free = free_slots(count, taken);
    let Some(first) = free.first() else {
        return Err(Refusal::new(Code::StateConflict, format!("All {count} slots of the panel of {held_on} are taken.")));
    };
    let slot = wanted.unwrap_or(*first);
    if free.contains(&slot) {
        return Ok(slot);
    }
    let free: Vec<_> = free.iter().map(i64::to_string).collect();
    let fault = if slot > count { format!("There are only {count} slots") } else { format!("Slot {slot} is taken") };
    Err(Refusal::new(Code::StateConflict, format!("{fault}; free are {}.", free.join(", "))))
}

/// The last day on which a request can be put on the agenda of a panel.
pub fn papers_due_on(papers_days_before: Option<&Number>, held_on: NaiveDate) -> NaiveDate {
    held_on - Days::new(papers_days_before.map_or(0, |days| u64::from(days.value)))
}

/// Refuses an agenda that is closed: the panel was held, or the day by which papers are due is over.
pub fn refuse_late(panel: OpenUntil<'_>, today: NaiveDate) -> Result<(), Refusal> {
    let OpenUntil { held_on, papers_due_on, papers_days_before } = panel;
    if today > held_on {
        return Err(Refusal::new(Code::StateConflict, format!("The panel was held on {held_on}.")));
    }
    if today > papers_due_on {
        let clause = papers_days_before.map(|days| format!(" ({})", days.clause)).unwrap_or_default();
        let detail = format!("Papers for the panel of {held_on} were due on {papers_due_on}{clause}; book a later panel.");
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    Ok(())
}

/// Refuses a panel before the day until which the last decision deferred the request, however it was written anew since.
pub fn refuse_before_deferral(held_on: NaiveDate, deferred_until: Option<NaiveDate>) -> Result<(), Refusal> {
    match deferred_until {
        Some(until) if held_on < until => {
            let detail = format!("The request was deferred until {until}; the panel is held on {held_on}, before that.");
            Err(Refusal::new(Code::StateConflict, detail))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn said<T: std::fmt::Display>(result: Result<T, Refusal>) -> String {
        result.map_or_else(|refusal| refusal.detail, |answer| answer.to_string())
    }

    #[test]
    fn slots_follow_each_other_and_end_by_midnight() {
        let morning = Slots::from("09:30", 8, 20).expect("a time");
        for (slot, starts_at) in [(1, "09:30"), (2, "09:50"), (3, "10:10"), (8, "11:50")] {
            assert_eq!(morning.starts_at(slot), starts_at);
        }
        for (starts_at, count, minutes, fits) in
            [("09:30", 8, 20, true), ("23:00", 3, 20, true), ("23:00", 4, 20, false), ("23:01", 3, 20, false), ("00:00", 3, 480, true)]
        {
            assert_eq!(Slots::from(starts_at, count, minutes).expect("a time").mistakes().is_empty(), fits, "{starts_at} {count}");
        }
        assert!(Slots::from("24:00", 1, 1).is_err());
    }

    #[test]
    fn a_request_has_the_slot_asked_for_or_the_first_that_is_free() {
        for (taken, wanted, answer) in [
            (&[] as &[i64], None, "1"),
            (&[1], None, "2"),
            (&[2, 1], None, "3"),
            (&[1], Some(3), "3"),
            (&[1], Some(1), "Slot 1 is taken; free are 2, 3."),
            (&[1], Some(4), "There are only 3 slots; free are 2, 3."),
            (&[3, 1, 2], None, "All 3 slots of the panel of 2024-06-10 are taken."),
            (&[3, 1, 2], Some(1), "All 3 slots of the panel of 2024-06-10 are taken."),
        ] {
            assert_eq!(said(slot_for(day("2024-06-10"), 3, taken, wanted)), answer, "{taken:?} {wanted:?}");
        }
    }

    #[test]
    fn an_agenda_is_open_to_the_day_papers_are_due() {
        let week = Number { value: 7, clause: "Terms 5".to_owned() };
        let held_on = day("2024-06-10");
        let answer = |days: Option<&Number>, today: &str| {
            let panel = OpenUntil { held_on, papers_due_on: papers_due_on(days, held_on), papers_days_before: days };
            refuse_late(panel, day(today)).map_or_else(|refusal| refusal.detail, |()| "open".to_owned())
        };
        for (today, expected) in [
            ("2024-06-02", "open"),
            ("2024-06-03", "open"),
            ("2024-06-04", "Papers for the panel of 2024-06-10 were due on 2024-06-03 (Terms 5); book a later panel."),
            ("2024-06-11", "The panel was held on 2024-06-10."),
        ] {
            assert_eq!(answer(Some(&week), today), expected, "{today}");
        }
        assert_eq!(answer(None, "2024-06-10"), "open");
        assert_eq!(answer(None, "2024-06-11"), "The panel was held on 2024-06-10.");
    }

    #[test]
    fn a_request_is_not_heard_before_the_day_it_was_deferred_to() {
        let held_on = day("2024-06-10");
        for (until, may) in [(None, true), (Some("2024-06-09"), true), (Some("2024-06-10"), true), (Some("2024-06-11"), false)] {
            assert_eq!(refuse_before_deferral(held_on, until.map(day)).is_ok(), may, "{until:?}");
        }
    }
}
