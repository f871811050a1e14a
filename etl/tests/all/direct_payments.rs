//! What the mart says of direct payments.

use crate::common::{Fixture, LineVersion, cells, day};
use domain::costing::Line;
use domain::{Frequency, Quantity, UnitRate};
use polars::prelude::DataFrame;

const MART: &str = "direct_payment_accounts";

/// £100 a week from 5 February to 30 September 2024, with an account that was paid three times: twice in one financial year.
fn paid_three_times(fixture: &Fixture) -> (LineVersion, String, Vec<String>) {
    let package = fixture.package("CASE-REFERENCE-4711");
    let line = LineVersion { rate: 1_000_000, to: Some("2024-09-30"), ..LineVersion::new(&package, "2024-02-05") };
    fixture.line(&line);
    let account = fixture.direct_payment_account(&line, "2024-02-05");
    let first = [
        (account.as_str(), "period", "2024-02-05", "2024-03-04", 40_000, None),
        (account.as_str(), "period", "2024-03-04", "2024-04-01", 40_000, None),
    ];
    let mut payments = fixture.pay_file(1, "2024-03-04", &first);
    payments.extend(fixture.pay_file(2, "2024-04-29", &[(account.as_str(), "period", "2024-04-01", "2024-04-29", 40_000, None)]));
    (line, account, payments)
}

fn cost(fixture: &Fixture, from: &str, to: &str) -> i64 {
    let line = Line {
        quantity: Quantity(1000),
        frequency: Frequency::Weekly,
        unit_rate: UnitRate(1_000_000),
        valid_from: day("2024-02-05"),
        valid_to: None,
    };
    fixture.profile.costing.cost_between(&line, day(from), day(to)).unwrap().0
}

fn mart(fixture: &Fixture) -> DataFrame {
    fixture.run();
    fixture.current().table(MART).unwrap()
}

fn sum(table: &DataFrame, column: &str) -> i64 {
    etl::integers(table, column).unwrap().iter().sum()
}

/// What the store's pay files come to.
fn paid_in_the_store(fixture: &Fixture) -> i64 {
    use db::schema::direct_payments;
    use diesel::prelude::*;
    let amounts: Vec<i64> = fixture
        .store
        .read(|connection| {
            Ok::<_, db::Error>(
                direct_payments::table
                    .filter(direct_payments::export_id.is_not_null())
                    .select(direct_payments::amount_pence)
                    .load(connection)?,
            )
        })
        .unwrap();
    amounts.iter().sum()
}

#[test]
fn what_was_paid_and_is_planned_adds_up_to_the_store_and_to_what_the_line_costs() {
    for fixture in Fixture::on_each_database() {
        let (_, account, _) = paid_three_times(&fixture);
        let table = mart(&fixture);
        let planned = cost(&fixture, "2024-04-29", "2024-09-30");
        assert_eq!(
            cells(&table, &["financial_year", "state", "paid_pence", "planned_pence", "owed_pence"]),
            ["2023-24|active|80000|0|0".to_owned(), format!("2024-25|active|40000|{planned}|0")]
        );
        assert_eq!(sum(&table, "paid_pence"), paid_in_the_store(&fixture));
        assert_eq!(sum(&table, "paid_pence") + sum(&table, "planned_pence"), cost(&fixture, "2024-02-05", "2024-09-30"));
        assert!(!cells(&table, &["account_key", "child_key"])[0].contains(&account), "a pseudonym stands for the account");
    }
}

#[test]
fn a_payment_over_the_years_end_is_paid_and_planned_for_the_years_of_its_days() {
    for fixture in Fixture::on_each_database() {
        let package = fixture.package("CASE-REFERENCE-4711");
        let line = LineVersion { rate: 1_000_000, to: Some("2024-05-13"), ..LineVersion::new(&package, "2024-03-18") };
        fixture.line(&line);
        let account = fixture.direct_payment_account(&line, "2024-03-18");
        let columns = ["financial_year", "paid_pence", "planned_pence"];
        let rows = |rows: [&str; 2]| rows.map(str::to_owned);
        assert_eq!(cells(&mart(&fixture), &columns), rows(["2023-24|0|20000", "2024-25|0|60000"]));
        fixture.pay_file(1, "2024-03-18", &[(&account, "period", "2024-03-18", "2024-04-15", 40_000, None)]);
        assert_eq!(cells(&mart(&fixture), &columns), rows(["2023-24|20000|0", "2024-25|20000|40000"]));
        // The bank returned it: nothing of it is paid, and all of it is planned again.
        fixture.direct_payment_bounce(&account, 1, "2024-03-20", 40_000);
        assert_eq!(cells(&mart(&fixture), &columns), rows(["2023-24|0|20000", "2024-25|0|60000"]));
    }
}

#[test]
fn what_is_found_asked_back_and_paid_back_is_in_the_year_it_happened() {
    for fixture in Fixture::on_each_database() {
        let (_, account, _) = paid_three_times(&fixture);
        fixture.direct_payment_return(&account, "2024-02-05", "2024-03-31", 50_000);
        fixture.direct_payment_return(&account, "2024-04-01", "2024-06-01", 30_000);
        fixture.direct_payment_audit(&account, "2024-02-05", "2024-04-10", 55_000, 9_000);
        fixture.direct_payment_repayment(&account, "2024-05-01", 4_000);
        let columns = [
            "financial_year",
            "evidenced_pence",
            "audited_pence",
            "required_pence",
            "repaid_pence",
            "owed_pence",
            "weeks_in_hand_thousandths",
        ];
        assert_eq!(
            cells(&mart(&fixture), &columns),
            [
                // £800 was paid and £500 spent: three weeks of £100.
                "2023-24|50000|0|0|0|0|3000".to_owned(),
                // The audit takes the place of the first return, and the second begins before its end.
                format!("2024-25|30000|55000|9000|4000|5000|{}", (80_000 + 40_000 - 55_000 - 4_000) / 10),
            ]
        );
    }
}

#[test]
fn a_line_that_ended_earlier_leaves_something_to_recover_and_nothing_planned() {
    for fixture in Fixture::on_each_database() {
        let (line, account, payments) = paid_three_times(&fixture);
        fixture.line(&LineVersion { version: 2, to: Some("2024-04-15"), state: "ended", ..line });
        let too_much = cost(&fixture, "2024-04-15", "2024-04-29");
        let table = mart(&fixture);
        assert_eq!(
            cells(&table, &["financial_year", "paid_pence", "planned_pence", "owed_pence"]),
            ["2023-24|80000|0|0".to_owned(), format!("2024-25|40000|0|{too_much}")]
        );
        // An adjustment that was paid is in no plan any more.
        fixture.pay_file(3, "2024-07-15", &[(&account, "adjustment", "2024-04-01", "2024-04-29", -too_much, Some(&payments[2]))]);
        let table = mart(&fixture);
        assert_eq!(
            cells(&table, &["financial_year", "paid_pence", "planned_pence", "owed_pence"]),
            ["2023-24|80000|0|0".to_owned(), format!("2024-25|{}|0|0", 40_000 - too_much)]
        );
        assert_eq!(sum(&table, "paid_pence"), paid_in_the_store(&fixture));
    }
}

#[test]
fn an_account_is_set_up_while_something_that_it_pays_is_not_agreed() {
    for fixture in Fixture::on_each_database() {
        let (line, _, _) = paid_three_times(&fixture);
        // A longer end, which nobody agreed.
        fixture.clock.set(crate::common::noon("2024-07-16"));
        fixture.line(&LineVersion { version: 2, to: None, ..line.clone() });
        assert_eq!(cells(&mart(&fixture), &["financial_year", "state"])[1], "2024-25|setting_up");
        fixture.clock.set(crate::common::noon("2024-07-18"));
        fixture.confirmation(&line.line_id, 2, "2024-07-18");
        assert_eq!(cells(&mart(&fixture), &["financial_year", "state"])[1], "2024-25|active");
        // As it was known before the confirmation.
        let then = fixture.snapshot(&fixture.run_as_known_on("2024-07-17")).table(MART).unwrap();
        assert_eq!(cells(&then, &["financial_year", "state"])[1], "2024-25|setting_up");
    }
}

#[test]
fn as_known_before_an_account_there_is_none_of_it() {
    for fixture in Fixture::on_each_database() {
        fixture.clock.set(crate::common::noon("2024-07-10"));
        fixture.run();
        fixture.clock.set(crate::common::noon("2024-07-15"));
        paid_three_times(&fixture);
        let then = fixture.snapshot(&fixture.run_as_known_on("2024-07-14"));
        assert_eq!(then.table(MART).unwrap().height(), 0);
        assert_eq!(mart(&fixture).height(), 2);
    }
}

#[test]
fn nothing_of_an_account_but_its_money_leaves_the_store() {
    for fixture in Fixture::on_each_database() {
        let (_, account, payments) = paid_three_times(&fixture);
        fixture.direct_payment_repayment(&account, "2024-05-01", 4_000);
        fixture.run();
        let mut found = Vec::new();
        let mut folders = vec![fixture.warehouse()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { found.extend(std::fs::read(&path).unwrap()) }
            }
        }
        for secret in ["ACCOUNT-REFERENCE", "REPAYMENT-REFERENCE", "nobody should read", &account, &payments[0], "CASE-REFERENCE"] {
            assert!(!found.windows(secret.len()).any(|window| window == secret.as_bytes()), "`{secret}` is in the warehouse");
        }
    }
}
