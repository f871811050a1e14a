//! What the next year needs, from a store to its JSON, CSV and sheets.

use crate::common::{Fixture, LineVersion, day, noon};
use domain::scenarios::{AssumedDemand, AssumedUprating, Scenario};
use domain::{Frequency, Quantity, UnitRate};
use reports::{Asked, Error, Format, NextYear, NextYearQuery, Question, Which, next_year};
use serde_json::json;

/// £100.00 a month since April; the same since October; the same up to the end of August of the next year.
fn filled() -> impl Iterator<Item = Fixture> {
    Fixture::on_each_database().inspect(|fixture| {
        let star = fixture.provider("star", "private", "in_borough");
        let package = fixture.package("1");
        fixture.clock.set(noon("2024-11-15"));
        let monthly = |from| LineVersion { frequency: "monthly", rate: 1_000_000, ..LineVersion::new(&package, from) };
        fixture.line(&LineVersion { provider: Some(star), ..monthly("2024-04-01") });
        fixture.line(&monthly("2024-10-01"));
        fixture.line(&LineVersion { to: Some("2025-09-01"), ..monthly("2023-04-01") });
        fixture.run();
    })
}

fn steady() -> Scenario {
    Scenario { name: "steady".to_owned(), about: None, upratings: Vec::new(), new_demand: Vec::new() }
}

/// A tenth more to the provider, and two more packages from October.
fn pressures() -> Scenario {
    let uprating =
        AssumedUprating { budget_line: None, provider: Some("star".to_owned()), percentage_ten_thousandths: 100_000, from: None };
    let demand = AssumedDemand {
        budget_line: "direct_payments".to_owned(),
        about: Some("From the waiting list".to_owned()),
        packages: 2,
        quantity_thousandths: Quantity(1_000),
        frequency: Frequency::Monthly,
        unit_rate_ten_thousandths: UnitRate(1_000_000),
        from: Some(day("2025-10-01")),
        to: None,
    };
    Scenario { name: "pressures".to_owned(), about: None, upratings: vec![uprating], new_demand: vec![demand] }
}

fn query(scenarios: Vec<Scenario>) -> NextYearQuery {
    NextYearQuery { year: "2025-26".parse().unwrap(), scenarios }
}

fn report(fixture: &Fixture, query: &NextYearQuery) -> Result<NextYear, Error> {
    next_year(&fixture.warehouse(), &Which::Current, &fixture.profile, query)
}

#[test]
fn the_year_is_what_is_in_force_and_what_scenarios_assume() {
    for fixture in filled() {
        let report = report(&fixture, &query(vec![steady(), pressures()])).unwrap();
        assert_eq!((report.this_year.as_str(), report.rows.len()), ("2024-25", report.lines.len() * 12));
        let value = serde_json::to_value(&report).unwrap();
        let line = value["lines"].as_array().unwrap().iter().find(|line| line["budget_line"] == "direct_payments").unwrap();
        let scenario = |name: &str, uprating: i64, demand: i64| {
            json!({ "name": name, "uprating_pence": uprating, "new_demand_pence": demand, "needed_pence": 290_000 + uprating + demand,
                "difference_pence": uprating + demand, "difference_uprating_pence": uprating, "difference_new_demand_pence": demand })
        };
        let expected = json!({ "budget_line": "direct_payments", "this_year_pence": 300_000, "full_year_effect_pence": 60_000,
            "known_ends_pence": -70_000, "changes_pence": 0, "in_force_pence": 290_000, "pending_pence": 0,
            "scenarios": [scenario("steady", 0, 0), scenario("pressures", 12_000, 120_000)] });
        assert_eq!(*line, expected);
        assert_eq!(report.total, report.lines.iter().find(|line| line.budget_line == "direct_payments").unwrap().amounts);
        let september =
            value["rows"].as_array().unwrap().iter().find(|row| row["budget_line"] == "direct_payments" && row["month"] == "2025-09");
        let september = september.unwrap();
        assert_eq!((&september["full_year_effect_pence"], &september["known_ends_pence"]), (&json!(10_000), &json!(-10_000)));
        assert_eq!(value["scenarios"][1]["new_demand"][0]["about"], "From the waiting list", "the answer says what it rests on");
    }
}

#[test]
fn without_scenarios_the_year_is_what_is_in_force() {
    for fixture in filled() {
        let report = report(&fixture, &query(Vec::new())).unwrap();
        assert_eq!((report.total.in_force_pence, report.total.scenarios.len()), (290_000, 0));
    }
}

#[test]
fn mistakes_are_told_at_once_and_a_year_after_an_unknown_one_is_refused() {
    for fixture in filled() {
        let mut wrong = pressures();
        wrong.upratings[0].provider = Some("moon".to_owned());
        wrong.new_demand[0].budget_line = "direct_payment".to_owned();
        let refused = report(&fixture, &query(vec![steady(), wrong])).unwrap_err();
        assert!(refused.is_refusal());
        let told = refused.to_string();
        assert!(told.contains("scenarios 2, upratings 1, provider: there is no provider with the code `moon`"), "{told}");
        assert!(told.contains("scenarios 2, new_demand 1, budget_line: there is no budget line `direct_payment`; there are "), "{told}");
        for year in ["2040-41", "1990-91"] {
            let query = NextYearQuery { year: year.parse().unwrap(), scenarios: Vec::new() };
            assert!(matches!(report(&fixture, &query), Err(Error::NoYearBefore { .. })), "{year}");
        }
    }
}

#[test]
fn it_is_written_in_every_form() {
    for fixture in filled() {
        let written = |format| {
            let (warehouse, which, profile) = (fixture.warehouse(), Which::Current, &fixture.profile);
            let asked = Asked { warehouse: &warehouse, which: &which, profile, format };
            Question::NextYear(query(vec![steady(), pressures()])).answer(asked).unwrap().bytes
        };
        let csv = String::from_utf8(written(Format::Csv)).unwrap();
        let header = "budget_line,month,this_year_pounds,full_year_effect_pounds,known_ends_pounds,changes_pounds,in_force_pounds,\
            pending_pounds,steady_uprating_pounds,steady_new_demand_pounds,steady_needed_pounds,pressures_uprating_pounds,\
            pressures_new_demand_pounds,pressures_needed_pounds,pressures_difference_pounds,pressures_difference_uprating_pounds,\
            pressures_difference_new_demand_pounds";
        assert_eq!(csv.lines().next(), Some(header));
        assert!(
            csv.contains(
                "\ndirect_payments,2025-10,300.00,0.00,-100.00,0.00,200.00,0.00,0.00,0.00,200.00,10.00,200.00,410.00,210.00,10.00,200.00\n"
            ),
            "{csv}"
        );
        let text = String::from_utf8(written(Format::Text)).unwrap();
        let total = text.lines().find(|line| line.starts_with("Total")).unwrap();
        assert!(total.contains("£4,220.00"), "{text}");
        assert!(text.contains("2 packages of 1 a time, monthly, at £100.00 each") && text.contains("10 %"), "{text}");
        assert!(written(Format::Xlsx).starts_with(b"PK"));
    }
}

#[test]
fn a_rise_beyond_what_a_record_may_carry_is_told_of_its_scenario() {
    for fixture in Fixture::on_each_database() {
        fixture.clock.set(noon("2024-11-15"));
        let package = fixture.package("1");
        fixture.line(&LineVersion { frequency: "monthly", rate: 9_000_000_000, ..LineVersion::new(&package, "2024-04-01") });
        fixture.run();
        let doubled = AssumedUprating { budget_line: None, provider: None, percentage_ten_thousandths: 1_000_000, from: None };
        let pressures = Scenario { upratings: vec![doubled], ..pressures() };
        let refused = report(&fixture, &query(vec![steady(), Scenario { new_demand: Vec::new(), ..pressures }])).unwrap_err();
        let Error::Scenarios(errors) = &refused else { panic!("{refused}") };
        let told: Vec<_> = errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
        assert_eq!(told, [("/scenarios/1", "too_large")]);
    }
}
