//! What the mart says of health's share: expected by a slow model, the rest as the store has it, to the penny.

use crate::common::{Fixture, LineVersion, ShareVersion, cells, day, noon};
use diesel::RunQueryDsl;
use etl::Snapshot;

const MONEY: [&str; 7] =
    ["calendar_month", "provider_code", "expected_pence", "invoiced_pence", "credited_pence", "received_pence", "outstanding_pence"];

/// £10 a day in 2024-25.
fn line_of(fixture: &Fixture, case: &str) -> LineVersion {
    let line = LineVersion::new(&fixture.package(case), "2024-04-01");
    LineVersion { budget_line: "home_care", frequency: "per_year", rate: 36_500_000, ..line }
}

fn mart(snapshot: &Snapshot) -> Vec<String> {
    cells(&snapshot.table("joint_funding").unwrap(), &MONEY)
}

#[test]
fn a_month_has_what_was_expected_invoiced_credited_and_received_in_it() {
    for fixture in Fixture::on_each_database() {
        let icb = fixture.provider("icb", "other_public", "in_borough");
        let line = line_of(&fixture, "case 1");
        fixture.clock.set(noon("2024-05-02"));
        fixture.line(&line);
        let share = ShareVersion::half(&line.line_id, &icb);
        fixture.share(&share);
        let invoice = fixture.health_invoice(&share, "2024-05-02", "2024-04-01", "2024-05-01", 15_000);
        fixture.clock.set(noon("2024-06-20"));
        fixture.health_credit(&invoice, "2024-06-03", 1_000);
        fixture.health_receipt(&invoice, "2024-06-19", 9_000);
        fixture.share(&ShareVersion { version: 2, to: Some("2024-07-11"), state: "ended", ..share });
        fixture.clock.set(noon("2024-07-15"));
        fixture.run();
        let told = mart(&fixture.current());
        assert_eq!(
            told[..4],
            [
                "2024-04|icb|15000|0|0|0|0",
                "2024-05|icb|15500|15000|0|0|15000",
                "2024-06|icb|15000|0|1000|9000|5000",
                "2024-07|icb|5000|0|0|0|5000",
            ]
        );
        // In months to come, what is owed now.
        assert_eq!((told.len(), told[11].as_str()), (12, "2025-03|icb|0|0|0|0|5000"));
        let known = fixture.snapshot(&fixture.run_as_known_on("2024-05-31"));
        assert_eq!(mart(&known)[..3], ["2024-04|icb|15000|0|0|0|0", "2024-05|icb|15500|15000|0|0|15000", "2024-06|icb|15000|0|0|0|15000"]);
        assert_eq!(mart(&fixture.snapshot(&fixture.run_as_known_on("2024-05-01"))), Vec::<String>::new());
    }
}

#[test]
fn what_is_expected_agrees_with_a_model_that_counts_days() {
    for fixture in Fixture::on_each_database() {
        let (icb, trust) = (fixture.provider("icb", "other_public", "in_borough"), fixture.provider("trust", "other_public", "in_borough"));
        let line = LineVersion { rate: 12_345_677, ..line_of(&fixture, "case 1") };
        fixture.line(&line);
        let share =
            |provider: &str, percentage: i64| ShareVersion { percentage: Some(percentage), ..ShareVersion::half(&line.line_id, provider) };
        fixture.share(&share(&icb, 333_333));
        fixture.share(&share(&trust, 500_001));
        let mistaken = share(&trust, 1);
        fixture.share(&mistaken);
        fixture.share(&ShareVersion { version: 2, state: "reversed", ..mistaken });
        fixture.run();
        let round = |n: i128, d: i128| (2 * n + d) / (2 * d);
        // The first share of the cost up to a day, and both, each rounded once.
        let up_to = |days: i64| {
            let (gross, penny) = (1_000 * 12_345_677 * i128::from(days), 100_000 * 365 * 1_000_000);
            [round(gross * 333_333, penny), round(gross * 833_334, penny)]
        };
        let mut expected = Vec::new();
        for month in 0..12 {
            let from = day("2024-04-01") + chrono::Months::new(month);
            let to = from + chrono::Months::new(1);
            let [before, after] = [from, to].map(|end| up_to((end - day("2024-04-01")).num_days()));
            let (first, both) = (after[0] - before[0], after[1] - before[1]);
            let label = from.format("%Y-%m");
            expected.push(format!("{label}|icb|{first}|0|0|0|0"));
            expected.push(format!("{label}|trust|{}|0|0|0|0", both - first));
        }
        assert_eq!(mart(&fixture.current()), expected);
    }
}

#[test]
fn a_share_follows_its_arrangement_and_a_fixed_one_is_cut_to_the_cost() {
    for fixture in Fixture::on_each_database() {
        let icb = fixture.provider("icb", "other_public", "in_borough");
        let line = line_of(&fixture, "case 1");
        fixture.line(&line);
        fixture.line(&LineVersion { version: 2, to: Some("2024-05-01"), state: "ended", ..line.clone() });
        // Carried on at twice the price.
        let columns = "version, package_id, service, budget_line, provider_id, statement_category, unit, quantity_thousandths, frequency";
        let next = db::new_id();
        fixture.write(|write| {
            let copied = format!(
                "INSERT INTO package_lines (id, line_id, {columns}, unit_rate_ten_thousandths, valid_from, state, reason, recorded_by, \
                 recorded_at, recorded_seq, continues_line_id) SELECT '{next}', '{next}', {columns}, 73000000, '2024-05-01', 'recorded', '-', \
                 recorded_by, recorded_at, recorded_seq, line_id FROM package_lines WHERE line_id = '{}' AND version = 1",
                line.line_id
            );
            assert_eq!(diesel::sql_query(copied).execute(write.connection).unwrap(), 1);
        });
        let share =
            ShareVersion { percentage: None, weekly: Some(10_000), to: Some("2024-06-01"), ..ShareVersion::half(&line.line_id, &icb) };
        fixture.share(&share);
        fixture.run();
        // £100 a week, four weeks and three days of it in May: more than the £10 a day of April, less than the £20 of May.
        assert_eq!(mart(&fixture.current()), ["2024-04|icb|30000|0|0|0|0", "2024-05|icb|44286|0|0|0|0"]);
    }
}
