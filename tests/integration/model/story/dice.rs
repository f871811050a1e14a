//! What looks like chance and is the same for the same seed.

use chrono::{NaiveDate, TimeDelta};

/// SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + i64::try_from(self.next() % u64::try_from(most - least + 1).unwrap()).unwrap()
    }

    pub fn one_in(&mut self, of: i64) -> bool {
        self.between(1, of) == 1
    }

    /// A place in a list of so many.
    pub fn place(&mut self, count: usize) -> usize {
        usize::try_from(self.between(0, i64::try_from(count).unwrap() - 1)).unwrap()
    }

    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.place(among.len())]
    }

    pub fn day_near(&mut self, today: NaiveDate, back: i64, ahead: i64) -> NaiveDate {
        today + TimeDelta::days(self.between(-back, ahead))
    }

    /// A day after another.
    pub fn day_after(&mut self, from: NaiveDate, most: i64) -> NaiveDate {
        from + TimeDelta::days(self.between(1, most))
    }
}
