//! How far a rise of rates goes untested. Rates rise yearly without a new decision, and within bounds: beyond them a child's new total is
//! tested as any increase is, or a post confirms the line.

use crate::UnitRate;
use crate::profile::Number;

/// Whether a rate rises by more than goes untested. `before` is the rate before any rise of the last twelve months: several rises are
/// one. Without a bound every rise is tested.
pub fn is_beyond(bound: Option<&Number>, before: UnitRate, after: UnitRate) -> bool {
    let percent = i128::from(bound.map_or(0, |bound| bound.value));
    i128::from(after.0) * 100 > i128::from(before.0) * (100 + percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_goes_untested_up_to_the_bound_and_no_further() {
        let ten = Number { value: 10, clause: "A clause".to_owned() };
        for (bound, before, after, beyond) in [
            (Some(&ten), 200_000, 220_000, false),
            (Some(&ten), 200_000, 220_001, true),
            (Some(&ten), 200_000, 9_900_000, true),
            (Some(&ten), 200_000, 100_000, false),
            (Some(&ten), 0, 1, true),
            (Some(&ten), 0, 0, false),
            (None, 200_000, 200_001, true),
            (None, 200_000, 200_000, false),
            (Some(&ten), i64::MAX / 100, i64::MAX, true),
        ] {
            assert_eq!(is_beyond(bound, UnitRate(before), UnitRate(after)), beyond, "{before} {after}");
        }
    }
}
