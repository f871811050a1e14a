//! Nights away add up to the store, and how children stand at a month's end is what a calendar says.

use crate::common::{Fixture, StayVersion, cells, noon};
use db::schema::night_bookings;
use diesel::prelude::*;
use etl::Error;

const COLUMNS: [&str; 8] = [
    "calendar_month",
    "provider_code",
    "booked_nights",
    "stayed_nights",
    "cancelled_nights",
    "children",
    "children_at_warning",
    "children_above_limit",
];

#[test]
fn nights_count_by_month_setting_and_state_and_children_by_their_count() {
    for fixture in Fixture::on_each_database() {
        fixture.nights();
        let outcome = fixture.run();
        let snapshot = fixture.snapshot(&outcome);
        let mart = cells(&snapshot.table("nights").unwrap(), &COLUMNS);
        assert_eq!(
            mart,
            [
                "2024-02|setting_own|0|2|0|1|0|0",
                "2024-03|setting_own|0|22|0|1|0|0",
                "2024-04|setting_own|0|10|0|1|0|0",
                // 60 nights at the end of May: at each setting that has some of them.
                "2024-05|setting_far|0|26|0|1|1|0",
                "2024-05|setting_own|0|1|0|1|1|0",
                "2024-06|setting_far|17|0|0|1|1|1",
                "2024-06|setting_own|0|1|0|1|1|1",
                // The snapshot is of 15 July: the count of the end of July is the last.
                "2024-07|setting_far|0|0|0|0|1|1",
                "2024-07|setting_own|0|0|2|0|1|1",
            ]
        );
        let totals = &snapshot.manifest().control_totals.nights;
        let all: i64 = totals.iter().map(|total| total.nights).sum();
        assert_eq!(all, 17 + 17 + 26 + 17 + 2 + 2);
    }
}

#[test]
fn what_was_known_earlier_is_as_it_was_then() {
    for fixture in Fixture::on_each_database() {
        fixture.clock.set(noon("2024-07-10"));
        let last = fixture.nights();
        fixture.clock.set(noon("2024-07-15"));
        let known = fixture.store.read(|connection| {
            let one = night_bookings::table.find(&last).select((night_bookings::child_id, night_bookings::provider_id));
            Ok::<(String, String), db::Error>(one.first(connection)?)
        });
        let (one, far) = known.unwrap();
        fixture.stay_version(&StayVersion {
            stay: &last,
            version: 2,
            child: &one,
            setting: &far,
            nights: ["2024-06-14", "2024-06-20"],
            state: "stayed",
        });
        let june = |outcome: &etl::Outcome| {
            let mart = cells(&fixture.snapshot(outcome).table("nights").unwrap(), &COLUMNS);
            mart.into_iter().find(|row| row.starts_with("2024-06|setting_far")).unwrap()
        };
        assert_eq!(june(&fixture.run()), "2024-06|setting_far|0|7|0|1|1|0");
        assert_eq!(june(&fixture.run_as_known_on("2024-07-14")), "2024-06|setting_far|17|0|0|1|1|1");
    }
}

#[test]
fn a_store_without_nights_has_a_mart_without_rows() {
    for fixture in Fixture::on_each_database() {
        let snapshot = fixture.snapshot(&fixture.run());
        assert_eq!(snapshot.table("nights").unwrap().height(), 0);
        assert_eq!(snapshot.table("fact_nights").unwrap().height() + snapshot.table("fact_child_nights").unwrap().height(), 0);
    }
}

#[test]
fn who_was_away_stays_in_the_store() {
    for fixture in Fixture::on_each_database() {
        let last = fixture.nights();
        let snapshot = fixture.snapshot(&fixture.run());
        let child: String = fixture
            .store
            .read(|connection| Ok::<_, Error>(night_bookings::table.find(&last).select(night_bookings::child_id).first(connection)?))
            .unwrap();
        for table in ["fact_nights", "fact_child_nights", "nights"] {
            let text = crate::common::rows(&snapshot.table(table).unwrap()).join("\n");
            assert!(!text.is_empty() && !text.contains(&last) && !text.contains(&child) && !text.contains("NOBODY"), "{table}");
        }
    }
}
