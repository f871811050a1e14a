//! Statutory returns and open data: what is listed, what is redacted, and that files keep the standards they name.

use crate::common::{EntryOf, Fixture, LineVersion, day};
use db::schema::provider_registrations;
use diesel::prelude::*;
use domain::profile::Section251Line;
use domain::{FinancialYear, Registration, RegistrationKind};
use reports::{
    Asked, Error, Format, Question, Which, YearReport, grants_360giving, section_251, spending_over_500, voluntary_sector_grants,
};
use serde_json::{Value, json};

fn year(text: &str) -> FinancialYear {
    text.parse().unwrap()
}

fn written(fixture: &Fixture, report: YearReport, format: Format) -> Vec<u8> {
    let (warehouse, which) = (fixture.warehouse(), Which::Current);
    let asked = Asked { warehouse: &warehouse, which: &which, profile: &fixture.profile, format };
    Question::OfYear(report, year("2024-25")).answer(asked).unwrap().bytes
}

fn csv(fixture: &Fixture, report: YearReport) -> Vec<String> {
    String::from_utf8(written(fixture, report, Format::Csv)).unwrap().lines().map(str::to_owned).collect()
}

fn register(fixture: &Fixture, provider: &str, kind: RegistrationKind, number: &str, reverses: Option<&str>) -> String {
    let (id, registration) = (db::new_id(), Registration::parse(kind, number).unwrap());
    fixture.write(|write| {
        diesel::insert_into(provider_registrations::table)
            .values((
                provider_registrations::id.eq(&id),
                provider_registrations::provider_id.eq(provider),
                provider_registrations::kind.eq(kind),
                provider_registrations::number.eq(&registration.number),
                provider_registrations::org_id.eq(registration.org_id()),
                provider_registrations::reverses_id.eq(reverses),
                provider_registrations::reason.eq("a reason nobody should read"),
                provider_registrations::recorded_by.eq(&write.actor.id),
                provider_registrations::recorded_at.eq(write.at),
                provider_registrations::recorded_seq.eq(write.seq()),
            ))
            .execute(write.connection)
            .unwrap();
    });
    id
}

#[test]
fn an_item_is_listed_strictly_over_500_pounds_and_a_credit_by_its_magnitude() {
    for fixture in Fixture::on_each_database() {
        let agency = fixture.provider("agency", "private", "in_borough");
        let entries: Vec<_> = [("2024-04-01", 50_000), ("2024-04-02", 50_001), ("2024-06-30", -50_000), ("2024-07-01", -50_001)]
            .into_iter()
            .map(|(on, pence)| ("home_care", Some(agency.as_str()), day(on), pence))
            .collect();
        fixture.entries(&entries);
        fixture.run();
        let report = spending_over_500(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2024-25")).unwrap();
        let listed: Vec<_> = report.items.iter().map(|item| (item.quarter, item.paid_on, item.amount_pence)).collect();
        assert_eq!(listed, [(1, day("2024-04-02"), 50_001), (2, day("2024-07-01"), -50_001)]);
    }
}

#[test]
fn the_lines_of_one_invoice_are_one_item_over_all_their_budget_lines() {
    for fixture in Fixture::on_each_database() {
        let agency = fixture.provider("agency", "private", "in_borough");
        let other = fixture.provider("other", "private", "in_borough");
        // Of one number and day: £300 and £250 with one provider, £400 with another, and £300 to a family and £300 to the next.
        fixture.entries(&[
            ("home_care", Some(&agency), day("2024-05-01"), 30_000),
            ("nursery", Some(&agency), day("2024-05-01"), 25_000),
            ("home_care", Some(&other), day("2024-05-01"), 40_000),
            ("direct_payments", None, day("2024-05-01"), 30_000),
            ("direct_payments", None, day("2024-05-01"), 30_000),
        ]);
        fixture.run();
        let report = spending_over_500(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2024-25")).unwrap();
        let mut amounts: Vec<_> = report.items.iter().map(|item| item.amount_pence).collect();
        amounts.sort_unstable();
        assert_eq!(amounts, [25_000, 30_000]);
        assert!(report.items.iter().all(|item| item.beneficiary.as_deref() == Some("Provider agency")));
    }
}

#[test]
fn a_family_is_redacted_even_where_the_ledger_names_somebody() {
    for fixture in Fixture::on_each_database() {
        let person = fixture.provider("person", "private", "in_borough");
        fixture.entries(&[
            ("direct_payments", None, day("2024-04-10"), 60_000),
            ("direct_payments", Some(&person), day("2024-04-11"), 60_000),
            ("home_care", None, day("2024-04-12"), 60_000),
            ("chc_income", Some(&person), day("2024-04-13"), -60_000),
        ]);
        fixture.run();
        let expected = [
            "Organisation,Quarter,Date,Department,Beneficiary,Purpose,Amount (£),Irrecoverable VAT (£),Merchant category",
            "Tameside Metropolitan Borough Council,1,2024-04-10,Children's Services,REDACTED PERSONAL DATA,Direct payments,600.00,[x],[x]",
            "Tameside Metropolitan Borough Council,1,2024-04-11,Children's Services,REDACTED PERSONAL DATA,Direct payments,600.00,[x],[x]",
            "Tameside Metropolitan Borough Council,1,2024-04-12,Children's Services,[x],Home care (excluding direct payments),600.00,[x],[x]",
        ];
        assert_eq!(csv(&fixture, YearReport::SpendingOver500), expected);
    }
}

#[test]
fn an_entry_that_was_put_right_is_listed_as_it_stands() {
    for fixture in Fixture::on_each_database() {
        let entry = EntryOf { budget_line: "home_care", on: "2024-04-10", pence: 70_000, ..EntryOf::default() };
        let wrong = fixture.entry_of(&entry);
        fixture.entry_of(&EntryOf { pence: -70_000, reverses: Some(&wrong), ..entry.clone() });
        fixture.entry_of(&EntryOf { budget_line: "nursery", ..entry });
        fixture.run();
        let report = spending_over_500(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2024-25")).unwrap();
        let listed: Vec<_> = report.items.iter().map(|item| (item.purpose.as_str(), item.amount_pence)).collect();
        assert_eq!(listed, [("Nursery support for 2- and 3-year-olds", 70_000)]);
    }
}

/// A charity with a company behind it, a group on no register, and one that is no voluntary organisation.
fn with_grants() -> impl Iterator<Item = Fixture> {
    Fixture::on_each_database().inspect(|fixture| {
        let charity = fixture.provider("charity", "voluntary", "in_borough");
        let group = fixture.provider("group", "voluntary", "in_borough");
        let trust = fixture.provider("trust", "other_public", "in_borough");
        register(fixture, &charity, RegistrationKind::Company, "9668396", None);
        register(fixture, &charity, RegistrationKind::Charity, "1164883", None);
        let wrong = register(fixture, &group, RegistrationKind::Charity, "210987", None);
        register(fixture, &group, RegistrationKind::Charity, "210987", Some(&wrong));
        fixture.grant(&charity, "2024-04-01", "2025-04-01", 1_200_050, None);
        fixture.grant(&group, "2024-06-01", "2025-04-01", 60_000, None);
        fixture.grant(&trust, "2024-07-01", "2025-04-01", 9, None);
        fixture.grant(&charity, "2023-04-01", "2024-04-01", 1, None);
        let taken_back = fixture.grant(&group, "2024-05-01", "2025-04-01", 77, None);
        fixture.grant(&group, "2024-05-01", "2025-04-01", -77, Some(&taken_back));
        fixture.movement("2024-25", "voluntary_sector_grants", "original", 1);
        fixture.run();
    })
}

#[test]
fn grants_to_voluntary_organisations_are_those_awarded_in_the_year() {
    for fixture in with_grants() {
        let purpose = "Contributions to community short breaks (voluntary sector grants)";
        let council = "Tameside Metropolitan Borough Council";
        let expected = [
            "Organisation,Date awarded,Period from,Period to,Department,Beneficiary,Charity or company registration number,Purpose,Amount (£)"
                .to_owned(),
            format!("{council},2024-04-01,2024-04-01,2025-03-31,Children's Services,Provider charity,1164883,{purpose},12000.50"),
            format!("{council},2024-06-01,2024-06-01,2025-03-31,Children's Services,Provider group,[x],{purpose},600.00"),
        ];
        assert_eq!(csv(&fixture, YearReport::VoluntarySectorGrants), expected);
        let report = voluntary_sector_grants(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2024-25")).unwrap();
        assert_eq!(report.grants.iter().map(|grant| grant.amount_pence).collect::<Vec<_>>(), [1_200_050, 60_000]);
    }
}

#[test]
fn every_grant_is_valid_against_the_360giving_schema() {
    let schema: Value = serde_json::from_str(include_str!("../data/360-giving-schema.json")).unwrap();
    // A day is valid under one of two forms, of which the other is a format.
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    assert!(!validator.is_valid(&json!({ "id": "a grant without the rest" })), "the schema refuses what it should");
    for fixture in with_grants() {
        let bytes = written(&fixture, YearReport::Grants360Giving, Format::Json);
        let text = String::from_utf8(bytes).unwrap();
        // Pence become pounds as text: no float comes near them.
        assert!(text.contains("\"amountAwarded\":12000.50,") && text.contains("\"amountAwarded\":0.09,"), "{text}");
        let file: Value = serde_json::from_str(&text).unwrap();
        let grants = file["grants"].as_array().unwrap();
        assert_eq!(grants.len(), 3);
        for grant in grants {
            let mistakes: Vec<_> = validator.iter_errors(grant).map(|mistake| mistake.to_string()).collect();
            assert!(mistakes.is_empty(), "{mistakes:?} in {grant}");
        }
        let recipients: Vec<_> = grants.iter().map(|grant| &grant["recipientOrganization"][0]["id"]).collect();
        assert_eq!(recipients, ["GB-CHC-1164883", "GB-LAE-TAM-group", "GB-LAE-TAM-trust"]);
        assert_eq!(grants[0]["recipientOrganization"][0]["companyNumber"], "09668396");
        assert_eq!(grants[0]["fundingOrganization"][0]["id"], "GB-LAE-TAM");
        assert_eq!(grants[0]["plannedDates"], json!([{ "startDate": "2024-04-01", "endDate": "2025-03-31" }]));
        let ids: std::collections::BTreeSet<_> = grants.iter().map(|grant| grant["id"].as_str().unwrap()).collect();
        assert!(ids.len() == 3 && ids.iter().all(|id| id.starts_with("GB-LAE-TAM-")), "{ids:?}");
        let sheet = csv(&fixture, YearReport::Grants360Giving);
        assert!(sheet[0].starts_with("Identifier,Title,Description,Currency,Amount Awarded,Award Date,"), "{}", sheet[0]);
        assert_eq!(sheet.len(), 4);
    }
}

#[test]
fn a_council_without_an_organisation_id_publishes_no_grants_as_open_data() {
    for mut fixture in with_grants() {
        fixture.profile.returns.publisher = None;
        let refused = grants_360giving(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2024-25")).unwrap_err();
        assert!(matches!(refused, Error::NoPublisher) && refused.is_refusal(), "{refused}");
    }
}

#[test]
fn section_251_lines_are_by_provision_and_add_up_to_the_ledger() {
    for fixture in Fixture::on_each_database() {
        let own = fixture.provider("own", "own", "in_borough");
        let agency = fixture.provider("agency", "private", "in_borough");
        let trust = fixture.provider("trust", "other_public", "in_borough");
        let charity = fixture.provider("charity", "voluntary", "in_borough");
        fixture.entries(&[
            ("overnight_respite", Some(&own), day("2024-04-03"), 100_000),
            ("community_short_breaks", Some(&agency), day("2024-05-03"), 20_000),
            ("community_short_breaks", Some(&agency), day("2024-06-03"), -5_000),
            ("overnight_respite", Some(&trust), day("2024-06-03"), 3_000),
            ("voluntary_sector_grants", Some(&charity), day("2024-06-03"), 700),
            ("overnight_respite", None, day("2024-06-04"), 11),
            ("chc_income", Some(&trust), day("2024-06-05"), -40_000),
            ("direct_payments", None, day("2024-06-06"), 8_000),
            ("home_care", Some(&agency), day("2023-06-06"), 1),
        ]);
        fixture.line(&LineVersion {
            budget_line: "overnight_respite",
            provider: Some(own.clone()),
            to: Some("2024-04-15"),
            ..LineVersion::new(&fixture.package("1"), "2024-04-01")
        });
        fixture.run();
        let report = section_251(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2024-25")).unwrap();
        let of = |line: Section251Line| report.lines.iter().find(|row| row.line == line).unwrap();
        let breaks = of(Section251Line::ShortBreaks);
        let amounts = serde_json::to_value(breaks.amounts).unwrap();
        let expected = json!({ "own_pence": 100_000, "private_pence": 15_000, "other_public_pence": 3_000, "voluntary_pence": 700,
            "not_recorded_pence": 11, "total_pence": 118_711, "income_pence": 40_000, "net_pence": 78_711 });
        assert_eq!((breaks.number.as_str(), amounts), ("3.4.2", expected));
        // What goes to families counts where the profile says.
        assert_eq!(of(Section251Line::DirectPayments).amounts.map(|a| (a.private_pence, a.total_pence)), Some((8_000, 8_000)));
        assert_eq!(of(Section251Line::OtherSupport).amounts.map(|a| a.total_pence), Some(0), "another year's spend");
        assert_eq!(of(Section251Line::LookedAfterShortBreaks).amounts, None, "not held, and not nought");
        let ledger: i64 = 100_000 + 20_000 - 5_000 + 3_000 + 700 + 11 - 40_000 + 8_000;
        assert_eq!(report.lines.iter().filter_map(|row| row.amounts).map(|amounts| amounts.net_pence).sum::<i64>(), ledger);
        assert!(report.unplaced.is_empty());
        // Two weeks of one hour each, for £1,000.
        let cost = &report.unit_costs[0];
        assert_eq!((report.unit_costs.len(), cost.number.as_str()), (1, "3.4.2"));
        assert_eq!((cost.spend_pence, cost.activity_thousandths, cost.unit_cost_pence), (100_000, 2_000, 50_000));
    }
}

#[test]
fn a_budget_line_on_no_section_251_line_is_named_and_no_rule_at_all_is_refused() {
    for mut fixture in Fixture::on_each_database() {
        fixture.entries(&[("home_care", None, day("2024-06-06"), 12), ("nursery", None, day("2024-06-06"), 1)]);
        fixture.run();
        fixture.profile.returns.section_251.retain(|rule| rule.budget_line == "nursery");
        let report = section_251(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2024-25")).unwrap();
        assert_eq!(serde_json::to_value(&report.unplaced).unwrap(), json!([{ "budget_line": "home_care", "actual_pence": 12 }]));
        let lines = csv(&fixture, YearReport::Section251);
        assert_eq!(lines[1], "3.1.6,Short breaks (respite) for looked after disabled children [x],,,,,,,,");
        assert_eq!(lines[4], "3.4.3,Other support for disabled children,0.00,0.00,0.00,0.00,0.01,0.01,0.00,0.01");
        fixture.profile.returns.section_251.clear();
        let refused = section_251(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2024-25")).unwrap_err();
        assert!(matches!(refused, Error::NoSection251Rules) && refused.is_refusal(), "{refused}");
    }
}
