//! The total of a child's care package against a sum that is plainly right.

use crate::support::on_both;
use crate::support::people::{People, line, with, yearly};
use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

/// Where a made line is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    ThisRequest,
    Package,
    SecondPackage,
    OtherRequest,
    ApprovedRequest,
    Draft,
    WithdrawnRequest,
    OtherChild,
}

#[derive(Debug, Clone)]
struct Made {
    place: Place,
    frequency: &'static str,
    quantity: i64,
    rate: i64,
    from: NaiveDate,
    to: Option<NaiveDate>,
}

impl Made {
    fn json(&self) -> Value {
        with(with(line(self.frequency, self.quantity, self.rate), "valid_from", self.from.to_string()), "valid_to", json!(self.to))
    }

    /// What it adds to the total on 3 June 2024: times a year × quantity × rate, to the nearest penny.
    fn adds(&self) -> i64 {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let is_over = self.to.is_some_and(|to| to <= day("2024-06-03"));
        let counts = match (self.place, self.frequency) {
            // Approved on the day: like what is not decided it counts whatever its dates.
            (Place::ThisRequest | Place::OtherRequest | Place::ApprovedRequest, _) => true,
            (Place::Draft | Place::WithdrawnRequest | Place::OtherChild, _) => false,
            (_, "one_off") => self.from >= day("2024-04-01"),
            _ => !is_over,
        };
        let times = [
            ("weekly", 52),
            ("fortnightly", 26),
            ("four_weekly", 13),
            ("monthly", 12),
            ("term_time_weeks", 38),
            ("holiday_weeks", 14),
            ("per_year", 1),
            ("one_off", 1),
        ];
        let times = times.iter().find(|(name, _)| *name == self.frequency).unwrap().1;
        // Thousandths of ten-thousandths of a pound: 100,000 to the penny.
        if counts { (times * self.quantity * self.rate + 50_000) / 100_000 } else { 0 }
    }
}

fn any_line() -> impl Strategy<Value = Made> {
    use Place as P;
    let place =
        [P::ThisRequest, P::Package, P::SecondPackage, P::OtherRequest, P::ApprovedRequest, P::Draft, P::WithdrawnRequest, P::OtherChild];
    let frequency = ["weekly", "fortnightly", "four_weekly", "monthly", "term_time_weeks", "holiday_weeks", "per_year", "one_off"];
    let from = ["2023-04-01", "2024-03-31", "2024-04-01", "2024-06-02", "2024-06-03", "2024-06-17", "2025-04-01"];
    let length = prop::option::of(prop_oneof![1_u64..3, 1_u64..900]);
    (
        prop::sample::select(place.to_vec()),
        prop::sample::select(frequency.to_vec()),
        1_i64..20_000,
        0_i64..500_000,
        prop::sample::select(from.to_vec()),
        length,
    )
        .prop_map(|(place, frequency, quantity, rate, from, length)| {
            let from: NaiveDate = from.parse().unwrap();
            Made { place, frequency, quantity, rate, from, to: length.map(|days| from + Days::new(days)) }
        })
}

/// Records a line where it belongs; lines of the request under test are asked for later.
async fn make(people: &People, panel: &str, child: &str, packages: &[String], made: &Made) {
    match made.place {
        Place::ThisRequest => {}
        Place::Package => drop(people.package_line(&packages[0], made.json()).await),
        Place::SecondPackage => drop(people.package_line(&packages[1], made.json()).await),
        Place::OtherChild => drop(people.package_line(&packages[2], made.json()).await),
        Place::Draft => drop(people.draft(child, &[made.json()]).await),
        Place::OtherRequest => drop(people.submitted(child, &[made.json()]).await),
        Place::WithdrawnRequest => {
            let request = people.submitted(child, &[made.json()]).await;
            people.worker.client.record(&format!("/v1/requests/{request}/withdrawal"), &json!({ "reason": "Moved away" })).await;
        }
        Place::ApprovedRequest => {
            let request = people.submitted(child, &[made.json()]).await;
            people.decided(panel, &request, &json!({ "kind": "approved", "authority_hearing_on": "2024-06-10" })).await;
        }
    }
}

#[test]
fn the_total_is_the_sum_of_what_counts_whatever_the_lines_are() {
    let mut runner = TestRunner::deterministic();
    let cases: Vec<Vec<Made>> = (0..12).map(|_| prop::collection::vec(any_line(), 1..9).new_tree(&mut runner).unwrap().current()).collect();
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        for case in &cases {
            let (child, other) = (people.child().await, people.child().await);
            let packages = [people.package_of(&child).await, people.package_of(&child).await, people.package_of(&other).await];
            for made in case {
                make(&people, &panel, &child, &packages, made).await;
            }
            let asked = case.iter().filter(|made| made.place == Place::ThisRequest);
            let mut lines: Vec<Value> = asked.clone().map(Made::json).collect();
            lines.push(yearly(1));
            let request = people.submitted(&child, &lines).await;
            let authority = people.authority(&request).await;
            assert_eq!(authority.total(), 1 + case.iter().map(Made::adds).sum::<i64>(), "{case:#?}\n{}", authority.0);
            assert_eq!(authority.0["request_pence"], 1 + asked.map(Made::adds).sum::<i64>(), "{case:#?}");
        }
    });
}
