//! How a version of a package line came about, and what of it was confirmed: what the support it brings rests on.

use super::support::{Agreement, Ground};
use crate::{Pence, VariationBasis};
use chrono::{NaiveDate, NaiveDateTime};

/// What is on record of how a version came about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Whether it carries out a line of a request.
    pub is_of_a_request: bool,
    /// The variation that made it.
    pub variation: Option<VariationFacts>,
    /// The line and version that it gives back, since its child does not leave after all.
    pub gives_back: Option<(String, i64)>,
}

/// A variation, as far as the authority for it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariationFacts {
    /// The line that was varied.
    pub line_id: String,
    /// Its version then.
    pub version: i64,
    /// On what ground it was made.
    pub basis: VariationBasis,
    /// The tier of the child's total before it; none, of no tier.
    pub tier_before: Option<String>,
    /// The tier of the child's total after it.
    pub tier_after: Option<String>,
    /// The child's total before it.
    pub total_before_pence: Pence,
    /// The child's total after it.
    pub total_after_pence: Pence,
    /// Whether it is a rise of rates that goes further than goes untested, beyond what the post that agreed it may agree.
    pub is_beyond: bool,
}

impl VariationFacts {
    /// A rise of rates is agreed by any post with a limit: what it lifts into another tier than the child's total was in, no post of
    /// that tier has agreed; nor has any post what rises further than goes untested, unless its own authority covers that.
    fn is_lifted_beyond_its_authority(&self) -> bool {
        let is_dearer = self.total_after_pence > self.total_before_pence;
        self.basis == VariationBasis::Uprating && (self.is_beyond || (is_dearer && self.tier_before != self.tier_after))
    }
}

impl Ground {
    /// What a version rests on.
    pub fn of(origin: Origin) -> Ground {
        // It is agreed as what it gives back was.
        if let Some((line_id, version)) = origin.gives_back {
            return Ground::Variation { line_id, version };
        }
        if origin.variation.as_ref().is_some_and(VariationFacts::is_lifted_beyond_its_authority) {
            return Ground::Recorded;
        }
        match origin.variation {
            // The variation itself puts a request line into force, within what was agreed for it.
            Some(VariationFacts { basis: VariationBasis::RequestLine, .. }) if origin.is_of_a_request => Ground::Request,
            // What it makes of a line that carried out a request is agreed as that line was, also where the trace of the request goes on.
            Some(VariationFacts { line_id, version, .. }) => Ground::Variation { line_id, version },
            None if origin.is_of_a_request => Ground::Request,
            None => Ground::Recorded,
        }
    }
}

/// That a post confirmed a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation {
    /// Since when the support is agreed.
    pub confirmed_on: NaiveDate,
    /// The first day that is paid here; none, every day of it.
    pub paid_from: Option<NaiveDate>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
}

impl Confirmation {
    /// What it agreed, as known before an instant, or now; none, it was not known by then.
    pub fn known_before(self, before: Option<NaiveDateTime>) -> Option<Agreement> {
        let is_known = before.is_none_or(|before| self.recorded_at < before);
        is_known.then_some(Agreement { on: self.confirmed_on, paid_from: self.paid_from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_rests_on_its_request_or_its_variation_unless_a_rise_lifts_it_into_another_tier() {
        use VariationBasis::{Agreement, RequestLine, Uprating};
        let variation = |basis, after: i64, tier_after: &str| VariationFacts {
            line_id: "a".to_owned(),
            version: 3,
            basis,
            tier_before: Some("one".to_owned()),
            tier_after: Some(tier_after.to_owned()),
            total_before_pence: Pence(1_000),
            total_after_pence: Pence(after),
            is_beyond: false,
        };
        let beyond = |basis| Some(VariationFacts { is_beyond: true, ..variation(basis, 2_000, "one") });
        let of_variation = Ground::Variation { line_id: "a".to_owned(), version: 3 };
        for (is_of_a_request, variation, expected) in [
            (false, None, Ground::Recorded),
            (true, None, Ground::Request),
            (false, Some(variation(Agreement, 2_000, "two")), of_variation.clone()),
            (true, Some(variation(Agreement, 2_000, "two")), of_variation.clone()),
            (true, Some(variation(Agreement, 900, "one")), of_variation.clone()),
            (true, Some(variation(Uprating, 2_000, "one")), of_variation.clone()),
            (true, Some(variation(RequestLine, 2_000, "two")), Ground::Request),
            (false, Some(variation(RequestLine, 2_000, "two")), of_variation.clone()),
            (false, Some(variation(Uprating, 2_000, "one")), of_variation.clone()),
            (false, Some(variation(Uprating, 2_000, "two")), Ground::Recorded),
            (true, Some(variation(Uprating, 2_000, "two")), Ground::Recorded),
            (false, beyond(Uprating), Ground::Recorded),
            (true, beyond(Uprating), Ground::Recorded),
            (false, Some(variation(Uprating, 1_000, "two")), of_variation.clone()),
            (false, Some(variation(Uprating, 900, "two")), of_variation),
        ] {
            let origin = Origin { is_of_a_request, variation, gives_back: None };
            assert_eq!(Ground::of(origin.clone()), expected, "{origin:?}");
        }
    }

    #[test]
    fn a_confirmation_counts_from_when_it_was_recorded() {
        let instant = |text: &str| text.parse::<NaiveDateTime>().expect("an instant");
        let confirmed_on = "2024-03-25".parse().expect("a date");
        let confirmation = Confirmation { confirmed_on, paid_from: Some(confirmed_on), recorded_at: instant("2024-05-02T09:00:00") };
        let agreed = Some(Agreement { on: confirmed_on, paid_from: Some(confirmed_on) });
        for (before, expected) in [
            (None, agreed),
            (Some("2024-05-02T09:00:01"), agreed),
            (Some("2024-05-02T09:00:00"), None),
            (Some("2024-05-01T00:00:00"), None),
        ] {
            assert_eq!(confirmation.known_before(before.map(instant)), expected, "{before:?}");
        }
    }

    #[test]
    fn what_is_given_back_rests_on_what_was_taken_whatever_brought_that() {
        for is_of_a_request in [true, false] {
            let origin = Origin { is_of_a_request, variation: None, gives_back: Some(("a".to_owned(), 2)) };
            assert_eq!(Ground::of(origin), Ground::Variation { line_id: "a".to_owned(), version: 2 });
        }
    }
}
