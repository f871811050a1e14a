//! What the marts say of what the store holds.

use crate::common::{Fixture, LineVersion, day, noon, value};
use domain::profile::ReachOfReturns;

fn figure(fixture: &Fixture, year: &str, code: &str) -> i64 {
    value(&fixture.current().table("statement_figures").unwrap(), &[("financial_year", year), ("figure", code)], "value")
}

/// A column of a figure that may be null.
fn known(fixture: &Fixture, year: &str, code: &str) -> (Option<i64>, String, i64, i64) {
    let table = fixture.current().table("statement_figures").unwrap();
    let texts = |column| etl::texts(&table, column).unwrap();
    let (years, codes) = (texts("financial_year"), texts("figure"));
    let row = (0..table.height()).find(|row| years[*row].as_deref() == Some(year) && codes[*row].as_deref() == Some(code)).unwrap();
    let number = |column| etl::integers(&table, column).unwrap()[row];
    let value = etl::optional_integers(&table, "value").unwrap()[row];
    (value, texts("standing")[row].clone().unwrap(), number("missing_returns"), number("uncategorised_lines"))
}

/// £10 a week of outreach, without end.
fn outreach(package: &str, from: &'static str) -> LineVersion {
    LineVersion { budget_line: "targeted_outreach", ..LineVersion::new(package, from) }
}

fn position(fixture: &Fixture, year: &str, line: &str, column: &str) -> i64 {
    value(&fixture.current().table("budget_position").unwrap(), &[("financial_year", year), ("budget_line", line)], column)
}

#[test]
fn an_empty_store_makes_a_snapshot_of_noughts() {
    for fixture in Fixture::on_each_database() {
        fixture.run();
        assert_eq!(fixture.current().table("spend_by_month").unwrap().height(), 0);
        assert_eq!(figure(&fixture, "2024-25", "direct_payments_children"), 0);
        assert_eq!(position(&fixture, "2024-25", "nursery", "forecast_pence"), 0);
    }
}

#[test]
fn spend_is_grouped_by_month_line_and_provider() {
    for fixture in Fixture::on_each_database() {
        let provider = fixture.provider("star", "voluntary", "in_borough");
        fixture.entries(&[
            ("home_care", Some(&provider), day("2024-04-01"), 10_000),
            ("home_care", Some(&provider), day("2024-04-30"), -2_500),
            ("home_care", None, day("2024-04-30"), 1),
            ("home_care", Some(&provider), day("2024-03-31"), 77),
        ]);
        fixture.run();
        let spend = fixture.current().table("spend_by_month").unwrap();
        assert_eq!(spend.height(), 3);
        let april = [("calendar_month", "2024-04"), ("provider_code", "star"), ("sector", "voluntary")];
        assert_eq!((value(&spend, &april, "actual_pence"), value(&spend, &april, "entries")), (7_500, 2));
        assert_eq!(value(&spend, &[("calendar_month", "2024-03")], "period"), 12);
    }
}

#[test]
fn a_child_with_two_lines_counts_once() {
    for fixture in Fixture::on_each_database() {
        let package = fixture.package("case 1");
        fixture.confirmed_line(&outreach(&package, "2023-05-01"));
        fixture.confirmed_line(&outreach(&package, "2023-06-01"));
        fixture.confirmed_line(&LineVersion { budget_line: "home_care", ..LineVersion::new(&package, "2023-06-01") });
        fixture.confirmed_line(&outreach(&fixture.package("case 2"), "2023-05-01"));
        fixture.run();
        assert_eq!(figure(&fixture, "2023-24", "targeted_outreach_children"), 2);
        assert_eq!(figure(&fixture, "2023-24", "home_care_children"), 1);
    }
}

#[test]
fn filters_by_category_and_by_the_providers_place() {
    for fixture in Fixture::on_each_database() {
        let (near, far) = (fixture.provider("near", "private", "in_borough"), fixture.provider("far", "private", "out_of_borough"));
        for (case, provider) in [("1", Some(near)), ("2", Some(far.clone())), ("3", None)] {
            let line = LineVersion::new(&fixture.package(case), "2023-05-01");
            fixture.confirmed_line(&LineVersion {
                budget_line: "overnight_respite",
                provider,
                category: Some("residential_respite"),
                ..line
            });
        }
        let other = LineVersion::new(&fixture.package("4"), "2023-05-01");
        fixture.confirmed_line(&LineVersion { budget_line: "overnight_respite", provider: Some(far), ..other });
        fixture.run();
        assert_eq!(figure(&fixture, "2023-24", "residential_respite_children"), 3);
        assert_eq!(figure(&fixture, "2023-24", "residential_respite_out_of_borough_children"), 1);
    }
}

#[test]
fn a_line_counts_in_a_year_by_its_half_open_days() {
    for fixture in Fixture::on_each_database() {
        let one = |case: &str, from, to| fixture.confirmed_line(&LineVersion { to, ..outreach(&fixture.package(case), from) });
        one("ends on the last day", "2023-01-01", Some("2023-04-01"));
        one("ends a day later", "2023-01-01", Some("2023-04-02"));
        one("starts on the last day", "2024-03-31", Some("2024-04-01"));
        one("starts a day later", "2024-04-01", None);
        one("the leap day only", "2024-02-29", Some("2024-03-01"));
        fixture.run();
        assert_eq!(figure(&fixture, "2022-23", "targeted_outreach_children"), 2);
        assert_eq!(figure(&fixture, "2023-24", "targeted_outreach_children"), 3);
        assert_eq!(figure(&fixture, "2024-25", "targeted_outreach_children"), 1);
    }
}

#[test]
fn only_the_last_version_of_a_line_counts_and_a_reversed_one_never_did() {
    for fixture in Fixture::on_each_database() {
        let line = LineVersion { from: "2022-05-01", ..outreach(&fixture.package("1"), "2022-05-01") };
        fixture.confirmed_line(&line);
        fixture.line(&LineVersion { version: 2, to: Some("2023-02-01"), state: "ended", ..line });
        let mistaken = outreach(&fixture.package("2"), "2022-05-01");
        fixture.confirmed_line(&mistaken);
        fixture.line(&LineVersion { version: 2, state: "reversed", ..mistaken });
        let outcome = fixture.run();
        assert_eq!(outcome.package_lines, 1);
        assert_eq!(figure(&fixture, "2022-23", "targeted_outreach_children"), 1);
        assert_eq!(figure(&fixture, "2023-24", "targeted_outreach_children"), 0);
        assert_eq!(position(&fixture, "2024-25", "targeted_outreach", "commitment_pence"), 0);
    }
}

#[test]
fn a_direct_payment_counts_once_it_was_made() {
    for fixture in Fixture::on_each_database() {
        let (paid, unpaid) = (LineVersion::new(&fixture.package("1"), "2023-05-01"), LineVersion::new(&fixture.package("2"), "2023-05-01"));
        let [account, _] = [&paid, &unpaid].map(|line| {
            fixture.line(line);
            fixture.direct_payment_account(line, "2023-05-01")
        });
        fixture.run();
        assert_eq!(figure(&fixture, "2023-24", "direct_payments_children"), 0);
        fixture.pay_file(1, "2024-03-28", &[(&account, "period", "2024-03-25", "2024-04-22", 4_000, None)]);
        fixture.run();
        assert_eq!(figure(&fixture, "2023-24", "direct_payments_children"), 1);
        assert_eq!(figure(&fixture, "2024-25", "direct_payments_children"), 0);
    }
}

#[test]
fn who_is_currently_supported_counts_on_the_day_and_not_before() {
    for fixture in Fixture::on_each_database() {
        let home_care = |case: &str, from, to| {
            fixture.confirmed_line(&LineVersion { budget_line: "home_care", to, ..LineVersion::new(&fixture.package(case), from) });
        };
        home_care("ended in the year", "2023-05-01", Some("2023-12-01"));
        home_care("to the last day", "2023-05-01", Some("2024-04-01"));
        home_care("on", "2023-05-01", None);
        // The year runs: it is looked at from 15 July 2024.
        home_care("later this year", "2024-07-16", None);
        fixture.run();
        assert_eq!(figure(&fixture, "2023-24", "home_care_children"), 2);
        assert_eq!(figure(&fixture, "2024-25", "home_care_children"), 1);
    }
}

#[test]
fn lines_without_the_category_that_tells_stand_beside_the_figure() {
    for fixture in Fixture::on_each_database() {
        for (case, category) in [("1", Some("residential_respite")), ("2", None), ("3", Some("overnight_elsewhere"))] {
            let line = LineVersion::new(&fixture.package(case), "2023-05-01");
            fixture.confirmed_line(&LineVersion { budget_line: "overnight_respite", category, ..line });
        }
        fixture.run();
        assert_eq!(known(&fixture, "2023-24", "residential_respite_children"), (Some(1), "known".to_owned(), 0, 1));
        assert_eq!(known(&fixture, "2023-24", "community_setting_children"), (Some(0), "known".to_owned(), 0, 0));
    }
}

#[test]
fn a_line_that_nobody_confirmed_stands_beside_the_figure() {
    for fixture in Fixture::on_each_database() {
        let waiting = outreach(&fixture.package("1"), "2023-05-01");
        fixture.line(&waiting);
        fixture.confirmed_line(&outreach(&fixture.package("2"), "2023-05-01"));
        let respite = LineVersion { budget_line: "overnight_respite", ..LineVersion::new(&fixture.package("3"), "2023-05-01") };
        fixture.line(&respite);
        fixture.clock.set(noon("2024-07-16"));
        fixture.confirmation(&waiting.line_id, 1, "2024-07-16");
        let beside = |outcome: &etl::Outcome, code: &str| {
            let table = fixture.snapshot(outcome).table("statement_figures").unwrap();
            let of = |column| value(&table, &[("financial_year", "2023-24"), ("figure", code)], column);
            (of("value"), of("uncategorised_lines"), of("unconfirmed_lines"))
        };
        // As it was known before the confirmation.
        let before = fixture.run_as_known_on("2024-07-15");
        assert_eq!(beside(&before, "targeted_outreach_children"), (1, 0, 1));
        assert_eq!(beside(&before, "residential_respite_children"), (0, 1, 0), "it lacks its category first");
        assert_eq!(beside(&fixture.run(), "targeted_outreach_children"), (2, 0, 0));
    }
}

#[test]
fn returns_count_in_the_year_they_start_in_and_a_reversal_takes_them_back() {
    for fixture in Fixture::on_each_database() {
        let charity = fixture.provider("charity", "voluntary", "in_borough");
        let grant = fixture.grant(&charity, "2023-04-01", "2024-04-01", 1_000_000, None);
        fixture.grant_return(&grant, "2023-04-01", "2023-07-01", 700, None);
        let wrong = fixture.grant_return(&grant, "2023-07-01", "2023-10-01", 999, None);
        fixture.clock.set(noon("2024-07-16"));
        fixture.grant_return(&grant, "2023-07-01", "2023-10-01", -999, Some(&wrong));
        let leisure = fixture.provider("active_tameside", "other_public", "in_borough");
        fixture.activity_of(&leisure, "open_programme", "2023-04-01", "2024-04-01", 46_628);
        fixture.activity_of(&leisure, "open_programme", "2024-03-31", "2024-05-01", 2);
        fixture.activity_of(&leisure, "open_programme", "2024-04-01", "2024-05-01", 5);
        // Neither what is not open to all nor another provider's sessions.
        fixture.activity_of(&leisure, "one_to_one_swimming", "2023-04-01", "2024-04-01", 1_000);
        fixture.activity_of(&charity, "open_programme", "2023-04-01", "2024-04-01", 2_000);
        fixture.run();
        assert_eq!(figure(&fixture, "2023-24", "grant_funded_reach"), 700);
        assert_eq!(known(&fixture, "2023-24", "commissioned_sessions"), (Some(46_630), "known".to_owned(), 0, 0));
        assert_eq!(known(&fixture, "2024-25", "commissioned_sessions"), (Some(5), "so_far".to_owned(), 11, 0));
    }
}

#[test]
fn three_returns_of_one_family_are_one_family() {
    for mut fixture in Fixture::on_each_database() {
        let charity = fixture.provider("charity", "voluntary", "in_borough");
        let grants = ["2024-04-01", "2024-04-01"].map(|from| fixture.grant(&charity, from, "2025-04-01", 1_000_000, None));
        for grant in &grants {
            for (from, to, reached) in
                [("2024-04-01", "2024-05-01", 10), ("2024-05-01", "2024-06-01", 30), ("2024-06-01", "2024-07-01", 20)]
            {
                fixture.grant_return(grant, from, to, reached, None);
            }
        }
        for (rule, expected) in [(ReachOfReturns::Largest, 60), (ReachOfReturns::Last, 40), (ReachOfReturns::Sum, 120)] {
            fixture.profile.grants.reach.of_returns = rule;
            fixture.run();
            assert_eq!(figure(&fixture, "2024-25", "grant_funded_reach"), expected, "{rule:?}");
        }
    }
}

#[test]
fn what_was_not_returned_is_not_yet_known() {
    for fixture in Fixture::on_each_database() {
        let charity = fixture.provider("charity", "voluntary", "in_borough");
        fixture.run();
        assert_eq!(known(&fixture, "2024-25", "grant_funded_reach"), (Some(0), "known".to_owned(), 0, 0), "there is no grant");
        assert_eq!(known(&fixture, "2024-25", "commissioned_sessions"), (None, "not_yet_known".to_owned(), 12, 0));
        let grant = fixture.grant(&charity, "2024-04-01", "2025-04-01", 1_000_000, None);
        fixture.grant(&charity, "2024-04-01", "2025-04-01", 500_000, None);
        fixture.return_due(&grant, 1, "2024-04-01", "2024-10-01", "2024-10-31");
        fixture.return_due(&grant, 2, "2024-10-01", "2025-04-01", "2025-04-30");
        fixture.run();
        assert_eq!(known(&fixture, "2024-25", "grant_funded_reach"), (None, "not_yet_known".to_owned(), 3, 0));
        fixture.grant_return(&grant, "2024-04-01", "2024-10-01", 0, None);
        fixture.run();
        assert_eq!(known(&fixture, "2024-25", "grant_funded_reach"), (Some(0), "so_far".to_owned(), 2, 0), "nobody was reached so far");
    }
}

#[test]
fn a_position_is_what_is_paid_and_what_is_planned_beyond_it() {
    for fixture in Fixture::on_each_database() {
        fixture.movement("2024-25", "direct_payments", "original", 60_000);
        fixture.movement("2024-25", "direct_payments", "adjustment", -5_000);
        // £10 a week is £521.43 in 365 days.
        fixture.line(&LineVersion::new(&fixture.package("1"), "2024-04-01"));
        fixture.entries(&[
            ("direct_payments", None, day("2024-04-10"), 4_000),
            ("direct_payments", None, day("2024-06-10"), 4_200),
            // Posted and taken back: it pays nothing.
            ("direct_payments", None, day("2024-11-01"), 900),
            ("direct_payments", None, day("2024-11-02"), -900),
        ]);
        fixture.run();
        let get = |column| position(&fixture, "2024-25", "direct_payments", column);
        assert_eq!(get("budget_pence"), 55_000);
        assert_eq!(get("actual_pence"), 8_200);
        assert_eq!(get("commitment_pence"), 43_943);
        assert_eq!(get("forecast_pence"), 52_143);
        assert_eq!(get("variance_pence"), -2_857);
    }
}

#[test]
fn a_year_that_has_ended_keeps_its_commitment_and_a_line_is_not_planned_past_this_year() {
    for fixture in Fixture::on_each_database() {
        fixture.line(&LineVersion::new(&fixture.package("1"), "2023-04-01"));
        fixture.run();
        assert_eq!(position(&fixture, "2023-24", "direct_payments", "commitment_pence"), 52_286);
        assert_eq!(position(&fixture, "2024-25", "direct_payments", "commitment_pence"), 52_143);
        let years = etl::texts(&fixture.current().table("dim_financial_year").unwrap(), "financial_year").unwrap();
        assert_eq!(years, [Some("2023-24".to_owned()), Some("2024-25".to_owned())]);
        // The bills of a year's last days come after its end: it is committed until the year is closed.
        fixture.clock.set(noon("2025-04-01"));
        fixture.run();
        assert_eq!(position(&fixture, "2024-25", "direct_payments", "commitment_pence"), 52_143);
    }
}

#[test]
fn a_grant_is_committed_by_what_is_not_yet_paid_of_it() {
    for fixture in Fixture::on_each_database() {
        let provider = fixture.provider("star", "voluntary", "in_borough");
        fixture.grant(&provider, "2024-04-01", "2025-04-01", 120_000, None);
        let committed = |fixture: &Fixture| {
            fixture.run();
            position(fixture, "2024-25", "voluntary_sector_grants", "commitment_pence")
        };
        assert_eq!(committed(&fixture), 120_000);
        // A quarter in advance: by months alone, April and all after it would still be owed.
        fixture.entries(&[("voluntary_sector_grants", Some(&provider), day("2024-04-02"), 30_000)]);
        assert_eq!(committed(&fixture), 90_000);
        fixture.entries(&[("voluntary_sector_grants", Some(&provider), day("2024-07-02"), 95_000)]);
        assert_eq!(committed(&fixture), 0);
    }
}

#[test]
fn planned_income_is_negative_and_a_grant_is_planned_whole() {
    for fixture in Fixture::on_each_database() {
        fixture.line(&LineVersion { budget_line: "chc_income", ..LineVersion::new(&fixture.package("1"), "2024-04-01") });
        let charity = fixture.provider("charity", "voluntary", "in_borough");
        fixture.grant(&charity, "2024-04-01", "2025-04-01", 100_001, None);
        let wrong = fixture.grant(&charity, "2024-06-10", "2024-12-10", 33_333, None);
        fixture.grant(&charity, "2024-06-10", "2024-12-10", -33_333, Some(&wrong));
        fixture.run();
        assert_eq!(position(&fixture, "2024-25", "chc_income", "commitment_pence"), -52_143);
        assert_eq!(position(&fixture, "2024-25", "voluntary_sector_grants", "commitment_pence"), 100_001);
    }
}

#[test]
fn a_year_not_begun_is_planned_but_for_what_is_posted_in_it() {
    for fixture in Fixture::on_each_database() {
        fixture.movement("2024-25", "direct_payments", "original", 1);
        fixture.line(&LineVersion::new(&fixture.package("1"), "2025-04-01"));
        fixture.entries(&[("direct_payments", None, day("2025-06-10"), 900)]);
        fixture.run();
        assert_eq!(position(&fixture, "2025-26", "direct_payments", "commitment_pence"), 52_143 - 900);
        let years = fixture.current().table("dim_financial_year").unwrap();
        assert_eq!(etl::integers(&years, "as_at_period").unwrap(), [4, 0]);
        fixture.clock.set(noon("2025-04-01"));
        fixture.run();
        let years = fixture.current().table("dim_financial_year").unwrap();
        assert_eq!(etl::integers(&years, "as_at_period").unwrap(), [12, 1]);
    }
}

#[test]
fn on_a_line_with_grants_and_packages_each_is_paid_by_its_own_postings() {
    for fixture in Fixture::on_each_database() {
        let charity = fixture.provider("charity", "voluntary", "in_borough");
        let carer = fixture.provider("carer", "private", "in_borough");
        fixture.grant(&charity, "2024-04-01", "2025-04-01", 120_000, None);
        let line = LineVersion::new(&fixture.package("1"), "2024-04-01");
        fixture.line(&LineVersion { budget_line: "voluntary_sector_grants", provider: Some(carer.clone()), ..line });
        let committed = |provider: &str, on: &str, pence: i64| {
            fixture.entries(&[("voluntary_sector_grants", Some(provider), day(on), pence)]);
            fixture.run();
            position(&fixture, "2024-25", "voluntary_sector_grants", "commitment_pence")
        };
        fixture.run();
        assert_eq!(position(&fixture, "2024-25", "voluntary_sector_grants", "commitment_pence"), 120_000 + 52_143);
        assert_eq!(committed(&charity, "2024-06-01", 30_000), 90_000 + 52_143, "the instalment pays no package");
        assert_eq!(committed(&carer, "2024-06-02", 4_000), 90_000 + 48_143, "and a package's payment no grant");
        assert_eq!(committed(&charity, "2024-07-01", 95_000), 48_143);
    }
}

#[test]
fn a_line_that_starts_later_this_year_counts_in_it_already() {
    for fixture in Fixture::on_each_database() {
        fixture.confirmed_line(&outreach(&fixture.package("1"), "2025-03-31"));
        fixture.run();
        assert_eq!(figure(&fixture, "2024-25", "targeted_outreach_children"), 1);
    }
}
