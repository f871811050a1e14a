//! When a request line acts without a post: the first time, while nothing that a post agreed has come since.
//!
//! What was decided once is carried out once. Afterwards the arrangement is what posts made of it, and whatever brings more of it is for a
//! post again: else one person would bring back what a post ended, cut or replaced.

use super::{Change, VariationKind};
use crate::FieldError;
use crate::costing::{CannotCost, Line};
use crate::profile::CostingPolicy;

/// What came of a request line and of the arrangement that would carry it out, before now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Whether a line of the arrangement carried it out, in any version.
    pub was_carried_out: bool,
    /// Whether a post agreed a variation of the arrangement since the request was decided.
    pub is_varied_since: bool,
    /// Whether a later decision replaces a line of the arrangement.
    pub is_replaced_since: bool,
}

impl Before {
    /// Why more cannot rest on the request line alone; none, it can.
    pub fn mistake(self) -> Option<FieldError> {
        let why = if self.is_replaced_since {
            "a later decision replaces this package line"
        } else if self.was_carried_out {
            "this package line carried it out already"
        } else if self.is_varied_since {
            "a post agreed a variation of this package line since it was decided"
        } else {
            return None;
        };
        let detail = format!("{why}, so that a post agrees any more of it: leave this out, and it is proposed");
        Some(FieldError::new("/request_line_id", "needs_a_post", detail))
    }
}

impl Change {
    /// Whether the change takes something of a line away: units, money or days.
    pub fn brings_less(&self, policy: &CostingPolicy, line: &Line) -> Result<bool, CannotCost> {
        use VariationKind as K;
        match self.kind {
            K::End | K::Decrease | K::Suspension => Ok(true),
            K::Increase | K::Extension | K::Uprating => Ok(false),
            K::Rate | K::Provider | K::Correction => {
                let changed = self.terms(line);
                let corrected = self.of(line).changed.filter(|_| self.kind == K::Correction).unwrap_or(*line);
                let ends_before = corrected.valid_to.is_some_and(|to| line.valid_to.is_none_or(|ends| to < ends));
                let loses_days = corrected.valid_from > line.valid_from || ends_before;
                Ok(loses_days || policy.more(line, &changed)?.is_some())
            }
        }
    }
}

/// A package line that carried out a request line and was reversed, and what had come of its arrangement by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reversed<'r> {
    /// The package line.
    pub line_id: &'r str,
    /// Whether a post agreed a variation that brought less of it.
    pub is_cut: bool,
    /// Whether another decision replaces it.
    pub is_replaced: bool,
}

impl Reversed<'_> {
    /// Why the request line cannot be carried out anew; none, it can.
    pub fn mistake(&self) -> Option<FieldError> {
        let why = match (self.is_cut, self.is_replaced) {
            (true, _) => "a post had ended or reduced",
            (false, true) => "another decision replaces",
            (false, false) => return None,
        };
        let detail = format!(
            "package line {} carried it out, which {why}. Reversing that does not bring it back: ask for it in a request",
            self.line_id
        );
        Some(FieldError::new("/request_line_id", "ended_by_a_post", detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frequency, Profile, Quantity, UnitRate};
    use chrono::NaiveDate;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_request_line_brings_more_by_itself_only_the_first_time() {
        let never = Before { was_carried_out: false, is_varied_since: false, is_replaced_since: false };
        for (before, said) in [
            (never, None),
            (Before { was_carried_out: true, ..never }, Some("carried it out already")),
            (Before { is_varied_since: true, ..never }, Some("a post agreed a variation")),
            (Before { is_replaced_since: true, ..never }, Some("a later decision replaces")),
            (Before { was_carried_out: true, is_varied_since: true, is_replaced_since: true }, Some("a later decision replaces")),
        ] {
            let found = before.mistake().map(|mistake| mistake.detail);
            assert_eq!(found.is_some(), said.is_some(), "{before:?}");
            assert!(found.unwrap_or_default().contains(said.unwrap_or_default()), "{before:?}");
        }
    }

    #[test]
    fn what_was_ended_cut_or_replaced_is_not_carried_out_anew() {
        for (is_cut, is_replaced, said) in
            [(false, false, None), (true, false, Some("ended or reduced")), (false, true, Some("replaces")), (true, true, Some("ended"))]
        {
            let found = Reversed { line_id: "l", is_cut, is_replaced }.mistake().map(|mistake| mistake.detail);
            assert_eq!(found.is_some(), said.is_some(), "{is_cut} {is_replaced}");
            assert!(found.unwrap_or_default().contains(said.unwrap_or_default()), "{is_cut} {is_replaced}");
        }
    }

    #[test]
    fn less_is_fewer_units_less_money_or_fewer_days() {
        use VariationKind as K;
        let policy = Profile::bundled("tameside").expect("sound").costing;
        let line = Line {
            quantity: Quantity(2000),
            frequency: Frequency::Weekly,
            unit_rate: UnitRate(200_000),
            valid_from: day("2024-04-01"),
            valid_to: Some(day("2025-04-01")),
        };
        let of = |kind| Change {
            kind,
            valid_from: line.valid_from,
            valid_to: None,
            quantity: None,
            frequency: None,
            unit_rate: None,
            needs_new_line: false,
        };
        let later = |kind| Change { valid_from: day("2024-06-03"), ..of(kind) };
        for (name, change, less) in [
            ("an end", later(K::End), true),
            ("a suspension", Change { valid_to: Some(day("2024-07-01")), ..later(K::Suspension) }, true),
            ("fewer units", Change { quantity: Some(Quantity(1000)), ..later(K::Decrease) }, true),
            ("more units", Change { quantity: Some(Quantity(3000)), ..later(K::Increase) }, false),
            ("a later end", Change { valid_from: day("2025-04-01"), ..of(K::Extension) }, false),
            ("a lower rate", Change { unit_rate: Some(UnitRate(199_999)), ..later(K::Rate) }, true),
            ("a higher rate", Change { unit_rate: Some(UnitRate(200_100)), ..later(K::Rate) }, false),
            ("another provider", later(K::Provider), false),
            ("a cheaper provider", Change { unit_rate: Some(UnitRate(100_000)), ..later(K::Provider) }, true),
            ("corrected to start later", later(K::Correction), true),
            ("corrected to start before", Change { valid_from: day("2024-03-01"), ..of(K::Correction) }, false),
            ("corrected to end before", Change { valid_to: Some(day("2025-03-31")), ..of(K::Correction) }, true),
            ("corrected to fewer units", Change { quantity: Some(Quantity(1999)), ..of(K::Correction) }, true),
            ("corrected to more units", Change { quantity: Some(Quantity(2001)), ..of(K::Correction) }, false),
        ] {
            assert_eq!(change.brings_less(&policy, &line), Ok(less), "{name}");
        }
    }
}
