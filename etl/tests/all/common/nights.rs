//! Nights away, written straight into the store.

use super::{Fixture, day};
use db::new_id;
use db::schema::{night_bookings, packages};
use diesel::prelude::*;

/// A version of a stay.
pub struct StayVersion<'v> {
    pub stay: &'v str,
    pub version: i64,
    pub child: &'v str,
    pub setting: &'v str,
    pub nights: [&'v str; 2],
    pub state: &'v str,
}

impl Fixture {
    fn child_away(&self, case: &str) -> String {
        let package = self.package(case);
        self.store
            .read(|connection| Ok::<_, db::Error>(packages::table.find(package).select(packages::child_id).first(connection)?))
            .unwrap()
    }

    /// Keeps a version of a stay.
    pub fn stay_version(&self, row: &StayVersion<'_>) {
        self.write(|write| {
            diesel::insert_into(night_bookings::table)
                .values((
                    night_bookings::id.eq(if row.version == 1 { row.stay.to_owned() } else { new_id() }),
                    night_bookings::stay_id.eq(row.stay),
                    night_bookings::version.eq(row.version),
                    night_bookings::child_id.eq(row.child),
                    night_bookings::provider_id.eq(row.setting),
                    night_bookings::first_night.eq(day(row.nights[0])),
                    night_bookings::last_night.eq(day(row.nights[1])),
                    night_bookings::state.eq(row.state),
                    night_bookings::reason.eq("A-REASON-NOBODY-READS"),
                    night_bookings::recorded_by.eq(&write.actor.id),
                    night_bookings::recorded_at.eq(write.at),
                    night_bookings::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }

    /// A stay of one version; answers with its id.
    fn stay(&self, child: &str, setting: &str, nights: [&str; 2], state: &str) -> String {
        let id = new_id();
        self.stay_version(&StayVersion { stay: &id, version: 1, child, setting, nights, state });
        id
    }

    /// Two children at two settings: one reaches the warning in May 2024 and passes the limit in June. Answers with its last stay.
    pub fn nights(&self) -> String {
        let (own, far) = (self.provider("setting_own", "own", "in_borough"), self.provider("setting_far", "private", "out_of_borough"));
        let (one, two) = (self.child_away("child away one"), self.child_away("child away two"));
        // 17 nights over a leap day, 17 over a year's end, 26 to reach the warning, and 17 to pass the limit.
        self.stay(&one, &own, ["2024-02-28", "2024-03-15"], "stayed");
        self.stay(&one, &own, ["2024-03-25", "2024-04-10"], "stayed");
        self.stay(&one, &far, ["2024-05-01", "2024-05-26"], "stayed");
        let last = self.stay(&one, &far, ["2024-06-14", "2024-06-30"], "booked");
        let shortened = self.stay(&two, &own, ["2024-05-30", "2024-06-03"], "booked");
        let nights = ["2024-05-31", "2024-06-01"];
        self.stay_version(&StayVersion { stay: &shortened, version: 2, child: &two, setting: &own, nights, state: "stayed" });
        self.stay(&two, &own, ["2024-07-01", "2024-07-02"], "cancelled");
        let nights = ["2024-07-05", "2024-07-09"];
        let wrong = self.stay(&two, &far, nights, "booked");
        self.stay_version(&StayVersion { stay: &wrong, version: 2, child: &two, setting: &far, nights, state: "reversed" });
        last
    }
}
