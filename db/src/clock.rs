//! The one clock, injected so that tests and the demonstration can set it.

use chrono::{NaiveDate, NaiveDateTime, SubsecRound, Utc};
use domain::TimeZone;
use std::sync::{Arc, Mutex, PoisonError};

/// Tells the instant in UTC, to the microsecond that both databases keep, and the day in the authority's time zone.
#[derive(Clone)]
pub struct Clock {
    hands: Option<Arc<Mutex<NaiveDateTime>>>,
    zone: TimeZone,
}

impl Clock {
    /// The machine's clock.
    pub fn system(zone: TimeZone) -> Self {
        Clock { hands: None, zone }
    }

    /// A clock that stands at an instant, in UTC, until [`Clock::set`] moves it. Copies share the hands.
    pub fn stopped_at(instant: NaiveDateTime, zone: TimeZone) -> Self {
        Clock { hands: Some(Arc::new(Mutex::new(instant))), zone }
    }

    /// Moves a standing clock; the machine's clock stays as it is.
    pub fn set(&self, instant: NaiveDateTime) {
        if let Some(hands) = &self.hands {
            *hands.lock().unwrap_or_else(PoisonError::into_inner) = instant;
        }
    }

    /// The instant, in UTC.
    pub fn now(&self) -> NaiveDateTime {
        match &self.hands {
            None => Utc::now().naive_utc().trunc_subsecs(6),
            Some(hands) => *hands.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// The day, in the clock's time zone.
    pub fn today(&self) -> NaiveDate {
        self.zone.day_of(self.now())
    }

    /// The time zone of its days.
    pub fn zone(&self) -> TimeZone {
        self.zone
    }
}
