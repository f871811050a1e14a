//! The one clock, injected so that tests and the demonstration can set it.

use chrono::{NaiveDate, NaiveDateTime, SubsecRound, Utc};
use domain::TimeZone;
use std::sync::{Arc, Mutex, PoisonError};

/// Tells the time in UTC, to the microsecond that both databases keep.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<Mutex<NaiveDateTime>>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Clock(None)
    }

    /// A clock that stands at an instant until [`Clock::set`] moves it. Copies share the hands.
    pub fn stopped_at(instant: NaiveDateTime) -> Self {
        Clock(Some(Arc::new(Mutex::new(instant))))
    }

    /// Moves a standing clock; the machine's clock stays as it is.
    pub fn set(&self, instant: NaiveDateTime) {
        if let Some(hands) = &self.0 {
            *hands.lock().unwrap_or_else(PoisonError::into_inner) = instant;
        }
    }

    /// The instant, in UTC.
    pub fn now(&self) -> NaiveDateTime {
        match &self.0 {
            None => Utc::now().naive_utc().trunc_subsecs(6),
            Some(hands) => *hands.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// The time zone of its days.
    pub fn zone(&self) -> TimeZone {
        TimeZone::default()
    }

    /// The day, in UTC.
    pub fn today(&self) -> NaiveDate {
        self.now().date()
    }
}
