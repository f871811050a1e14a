//! What the mart of grants says of the store's grants, their instalments and returns.

use crate::common::{Fixture, noon, value};
use polars::prelude::DataFrame;

fn mart(fixture: &Fixture) -> DataFrame {
    fixture.current().table("grant_activity").unwrap()
}

fn of(mart: &DataFrame, year: &str, grant: &str, column: &str) -> i64 {
    value(mart, &[("financial_year", year), ("grant_key", grant)], column)
}

/// A column that may be null, of the only row of a grant and year.
fn cost(mart: &DataFrame, year: &str, grant: &str, column: &str) -> Option<i64> {
    let (years, grants) = (etl::texts(mart, "financial_year").unwrap(), etl::texts(mart, "grant_key").unwrap());
    let row = (0..mart.height()).find(|row| years[*row].as_deref() == Some(year) && grants[*row].as_deref() == Some(grant));
    etl::optional_integers(mart, column).unwrap()[row.unwrap()]
}

#[test]
fn a_store_without_grants_has_no_row() {
    for fixture in Fixture::on_each_database() {
        fixture.run();
        assert_eq!(mart(&fixture).height(), 0);
    }
}

#[test]
fn instalments_are_planned_in_their_month_and_add_up_to_the_award() {
    for fixture in Fixture::on_each_database() {
        let group = fixture.provider("stars", "voluntary", "in_borough");
        let grant = fixture.grant(&group, "2024-01-01", "2025-01-01", 100_001, None);
        fixture.instalment(&grant, 1, "2024-01-15", 40_000);
        fixture.instalment(&grant, 2, "2024-01-31", 10_000);
        fixture.instalment(&grant, 3, "2024-10-15", 50_001);
        let spread = fixture.grant(&group, "2024-01-01", "2025-01-01", 36_600, None);
        fixture.movement("2023-24", "voluntary_sector_grants", "original", 1);
        fixture.run();
        let mart = mart(&fixture);
        assert_eq!((of(&mart, "2023-24", &grant, "planned_pence"), of(&mart, "2024-25", &grant, "planned_pence")), (50_000, 50_001));
        assert_eq!((of(&mart, "2023-24", &spread, "planned_pence"), of(&mart, "2024-25", &spread, "planned_pence")), (9_100, 27_500));
        // The year's commitment is what is to be paid in it: half of one grant, the days of the other.
        let position = fixture.current().table("budget_position").unwrap();
        let keys = [("financial_year", "2024-25"), ("budget_line", "voluntary_sector_grants")];
        assert_eq!(value(&position, &keys, "commitment_pence"), 50_001 + 27_500);
    }
}

#[test]
fn a_grant_that_was_taken_back_has_no_row_and_plans_nothing() {
    for fixture in Fixture::on_each_database() {
        let group = fixture.provider("stars", "voluntary", "in_borough");
        let grant = fixture.grant(&group, "2024-04-01", "2025-04-01", 100_000, None);
        let first = fixture.instalment(&grant, 1, "2024-05-15", 100_000);
        let payment = fixture.grant_payment(&first, "2024-05-16", 100_000, None);
        fixture.return_due(&grant, 1, "2024-04-01", "2025-04-01", "2025-04-30");
        fixture.run();
        assert_eq!(of(&mart(&fixture), "2024-25", &grant, "paid_pence"), 100_000);
        fixture.clock.set(noon("2024-07-20"));
        fixture.grant_payment(&first, "2024-05-16", -100_000, Some(&payment));
        fixture.run();
        assert_eq!(of(&mart(&fixture), "2024-25", &grant, "paid_pence"), 0);
        fixture.grant(&group, "2024-04-01", "2025-04-01", -100_000, Some(&grant));
        fixture.run();
        assert_eq!(mart(&fixture).height(), 0);
        let position = fixture.current().table("budget_position").unwrap();
        let keys = [("financial_year", "2024-25"), ("budget_line", "voluntary_sector_grants")];
        assert_eq!(value(&position, &keys, "commitment_pence"), 0);
        // As it was known on the day before all that.
        let then = fixture.snapshot(&fixture.run_as_known_on("2024-07-15"));
        assert_eq!(of(&then.table("grant_activity").unwrap(), "2024-25", &grant, "paid_pence"), 100_000);
    }
}

#[test]
fn returns_are_received_when_every_day_is_covered_and_overdue_the_day_after_they_were_due() {
    for fixture in Fixture::on_each_database() {
        let group = fixture.provider("stars", "voluntary", "in_borough");
        let grant = fixture.grant(&group, "2024-01-01", "2025-01-01", 366_000, None);
        fixture.return_due(&grant, 1, "2024-01-01", "2024-05-01", "2024-05-31");
        fixture.return_due(&grant, 2, "2024-05-01", "2024-07-01", "2024-07-15");
        fixture.return_due(&grant, 3, "2024-07-01", "2025-01-01", "2025-04-30");
        let states = |fixture: &Fixture| {
            let mart = mart(fixture);
            ["returns_due", "returns_received", "returns_overdue"].map(|column| of(&mart, "2024-25", &grant, column))
        };
        fixture.run();
        assert_eq!(states(&fixture), [2, 0, 1], "on the day it is due a return is not overdue");
        assert_eq!(of(&mart(&fixture), "2025-26", &grant, "returns_due"), 1, "a return due after the grant counts in the year of its day");
        fixture.clock.set(noon("2024-07-16"));
        fixture.run();
        assert_eq!(states(&fixture), [2, 0, 2]);
        // The first period needs two returns, as one lies in one financial year.
        fixture.grant_return(&grant, "2024-01-01", "2024-04-01", 910, None);
        fixture.run();
        assert_eq!(states(&fixture), [2, 0, 2]);
        let second = fixture.grant_return(&grant, "2024-04-01", "2024-05-01", 70, None);
        fixture.run();
        assert_eq!(states(&fixture), [2, 1, 1]);
        fixture.grant_return(&grant, "2024-04-01", "2024-05-01", -70, Some(&second));
        fixture.run();
        assert_eq!(states(&fixture), [2, 0, 2]);
    }
}

#[test]
fn what_one_cost_is_the_share_of_the_days_returned_for() {
    for fixture in Fixture::on_each_database() {
        let group = fixture.provider("stars", "voluntary", "in_borough");
        // £10 a day; 91 days are returned for in the first year, 30 in the second.
        let grant = fixture.grant(&group, "2024-01-01", "2025-01-01", 366_000, None);
        fixture.grant_return(&grant, "2024-01-01", "2024-04-01", 910, None);
        let wrong = fixture.grant_return(&grant, "2024-05-01", "2024-05-31", 5, None);
        fixture.grant_return(&grant, "2024-05-01", "2024-05-31", -5, Some(&wrong));
        fixture.grant_return(&grant, "2024-05-01", "2024-05-31", 70, None);
        fixture.run();
        let mart = mart(&fixture);
        assert_eq!(of(&mart, "2023-24", &grant, "returned_for_pence"), 91_000);
        assert_eq!((of(&mart, "2023-24", &grant, "sessions"), cost(&mart, "2023-24", &grant, "cost_per_session_pence")), (91, Some(1_000)));
        assert_eq!(cost(&mart, "2023-24", &grant, "cost_per_child_or_family_pence"), Some(100));
        assert_eq!(of(&mart, "2024-25", &grant, "returned_for_pence"), 30_000);
        // 30,000 / 7 = 4,285.7; 30,000 / 70 = 428.6.
        assert_eq!(cost(&mart, "2024-25", &grant, "cost_per_session_pence"), Some(4_286));
        assert_eq!(cost(&mart, "2024-25", &grant, "cost_per_child_or_family_pence"), Some(429));
        let nothing = fixture.grant(&group, "2024-04-01", "2025-04-01", 1, None);
        fixture.run();
        assert_eq!(cost(&self::mart(&fixture), "2024-25", &nothing, "cost_per_session_pence"), None);
    }
}
