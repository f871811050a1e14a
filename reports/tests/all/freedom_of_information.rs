//! The freedom of information pack: what it counts, what it withholds, and what it says it does not hold.

use crate::common::{Fixture, LineVersion, day, noon};
use domain::FinancialYear;
use reports::{
    Error, FreedomOfInformation, FreedomOfInformationAnswer, FreedomOfInformationQuery, FreedomOfInformationQuestion as Q, Which,
    YearCount, freedom_of_information,
};

fn year(text: &str) -> FinancialYear {
    text.parse().unwrap()
}

fn pack(fixture: &Fixture, last: &str, years: u8) -> FreedomOfInformation {
    let query = FreedomOfInformationQuery { year: year(last), years: YearCount::try_from(years).unwrap() };
    freedom_of_information(&fixture.warehouse(), &Which::Current, &fixture.profile, &query).unwrap()
}

fn answer<'p>(
    pack: &'p FreedomOfInformation,
    question: Q,
    of: &str,
    service: Option<&str>,
    group: Option<&str>,
) -> &'p FreedomOfInformationAnswer {
    let is_it = |answer: &&FreedomOfInformationAnswer| {
        answer.question == question
            && answer.financial_year == year(of)
            && answer.service.as_deref() == service
            && answer.group.as_deref() == group
    };
    pack.answers.iter().find(is_it).unwrap_or_else(|| panic!("{question:?} {of} {service:?} {group:?} is not answered"))
}

/// The number, or the marker in its place.
fn shown(answer: &FreedomOfInformationAnswer) -> String {
    answer.value.map_or_else(|| answer.marker.unwrap().to_owned(), |value| value.to_string())
}

fn told(pack: &FreedomOfInformation, question: Q, service: Option<&str>, group: Option<&str>) -> String {
    shown(answer(pack, question, "2023-24", service, group))
}

/// In 2023-24 ten children of eight years and twenty of twelve with direct payments of £10 a week, eight of them to the end of January;
/// fourteen of those of twelve with home care of £20 a week.
fn filled() -> impl Iterator<Item = Fixture> {
    Fixture::on_each_database().inspect(|fixture| {
        let agency = fixture.provider("agency", "private", "in_borough");
        for number in 0..30 {
            let born = if number < 10 { "2015-06-01" } else { "2011-06-01" };
            let package = fixture.package_born(&format!("case {number}"), born);
            let to = (number < 8).then_some("2024-02-01");
            let line = LineVersion { to, ..LineVersion::new(&package, "2023-04-03") };
            if number == 29 {
                fixture.line(&line);
                let account = fixture.direct_payment_account(&line, "2023-04-03");
                fixture.pay_file(1, "2023-04-03", &[(&account, "period", "2023-04-03", "2023-05-01", 4_000, None)]);
                fixture.direct_payment_audit(&account, "2023-04-03", "2023-06-01", 2_500, 1_500);
                fixture.direct_payment_repayment(&account, "2023-07-02", 1_000);
            } else {
                fixture.confirmed_line(&line);
            }
            if number >= 16 {
                let line = LineVersion { budget_line: "home_care", rate: 200_000, ..LineVersion::new(&package, "2023-04-03") };
                fixture.confirmed_line(&LineVersion { provider: Some(agency.clone()), ..line });
            }
        }
        fixture.entries(&[
            ("direct_payments", None, day("2023-05-01"), 4_000),
            ("home_care", Some(&agency), day("2023-05-01"), 90_000),
            ("home_care", Some(&agency), day("2022-05-01"), 70_000),
        ]);
        fixture.movement("2023-24", "home_care", "original", 100_000);
        fixture.run();
    })
}

#[test]
fn children_money_and_units_are_counted_by_year() {
    for fixture in filled() {
        let pack = pack(&fixture, "2023-24", 1);
        assert_eq!((pack.years.as_slice(), pack.withhold_up_to), ([year("2023-24")].as_slice(), 5));
        for (service, group, expected) in [
            (None, None, "30"),
            (None, Some("five_to_nine"), "10"),
            (None, Some("ten_to_fifteen"), "20"),
            (None, Some("under_five"), "0"),
            (Some("direct_payments"), None, "30"),
            (Some("home_care"), None, "14"),
            (Some("home_care"), Some("ten_to_fifteen"), "14"),
            (Some("nursery"), None, "0"),
        ] {
            assert_eq!(told(&pack, Q::Children, service, group), expected, "{service:?} {group:?}");
        }
        // On 31 March twenty-two children's direct payments are in force: £10 a week each.
        assert_eq!(told(&pack, Q::ChildrenNow, Some("direct_payments"), None), "22");
        assert_eq!(told(&pack, Q::DirectPaymentsWeeklyTotal, None, None), "22000");
        assert_eq!(told(&pack, Q::DirectPaymentsWeeklyAverage, None, None), "1000");
        assert_eq!(told(&pack, Q::NextYear, Some("direct_payments"), None), (22 * 1_000 * 52).to_string());
        assert_eq!(told(&pack, Q::NextYear, Some("home_care"), None), (14 * 2_000 * 52).to_string());
        assert_eq!(told(&pack, Q::Spend, Some("home_care"), None), "90000");
        assert_eq!(told(&pack, Q::Budget, Some("home_care"), None), "100000");
        assert_eq!(told(&pack, Q::Section251, None, Some("other_support")), "90000");
        assert!(pack.check_before_release.is_empty(), "{:?}", pack.check_before_release);
    }
}

#[test]
fn small_counts_are_withheld_with_the_money_that_tells_of_them() {
    for fixture in filled() {
        let pack = pack(&fixture, "2023-24", 1);
        // One child was paid, asked and paid back.
        for question in [
            Q::DirectPaymentChildren,
            Q::DirectPaymentsPaid,
            Q::RepaymentsAsked,
            Q::RepaymentsAskedTotal,
            Q::RepaymentsReceived,
            Q::RepaymentsReceivedTotal,
        ] {
            assert_eq!(told(&pack, question, None, None), "[c]", "{question:?}");
        }
        assert!(pack.answers.iter().all(|answer| answer.value.is_some() != answer.marker.is_some()));
    }
}

#[test]
fn a_count_that_the_rest_would_give_away_is_withheld_too() {
    for fixture in Fixture::on_each_database() {
        // Twelve children with home care, of whom three are sixteen: the nine others would tell of them.
        for number in 0..12 {
            let package = fixture.package_born(&format!("case {number}"), if number < 3 { "2007-06-01" } else { "2011-06-01" });
            fixture.confirmed_line(&LineVersion { budget_line: "home_care", ..LineVersion::new(&package, "2023-04-03") });
        }
        fixture.entries(&[("home_care", None, day("2023-05-01"), 1)]);
        fixture.run();
        let pack = pack(&fixture, "2023-24", 1);
        assert_eq!(told(&pack, Q::Children, Some("home_care"), Some("sixteen_and_over")), "[c]");
        let protected = told(&pack, Q::Children, Some("home_care"), Some("ten_to_fifteen"));
        let whole = told(&pack, Q::Children, Some("home_care"), None);
        assert!(protected == "[c]" || whole == "[c]", "{whole} of whom {protected}");
    }
}

#[test]
fn what_is_not_held_is_said_for_every_year() {
    for fixture in filled() {
        let pack = pack(&fixture, "2023-24", 5);
        // The warehouse has nothing before 2022-23.
        assert_eq!(pack.years, [year("2022-23"), year("2023-24")]);
        for of in ["2022-23", "2023-24"] {
            for question in [Q::Ethnicity, Q::Families, Q::Places] {
                let answer = answer(&pack, question, of, None, None);
                assert_eq!((answer.marker, answer.value), (Some("[x]"), None));
                assert!(answer.note.unwrap().starts_with("Not held: "), "{:?}", answer.note);
            }
        }
        assert_eq!(shown(answer(&pack, Q::Section251Change, "2023-24", None, Some("other_support"))), "20000");
        assert_eq!(shown(answer(&pack, Q::Section251Change, "2023-24", Some("home_care"), Some("other_support"))), "20000");
        let hours = answer(&pack, Q::Used, "2023-24", None, Some("hour"));
        assert_eq!((hours.marker, hours.value), (Some("[x]"), None));
        let csv = pack.to_csv().unwrap();
        assert!(
            csv.starts_with("question,asked,financial_year,service,group,children,amount_pounds,units_thousandths,services,marker,note\n"),
            "{csv}"
        );
        assert!(csv.contains(",2023-24,home_care,,,900.00,,,,\n"), "{csv}");
    }
}

#[test]
fn nights_stayed_stand_beside_nights_allocated() {
    for fixture in Fixture::on_each_database() {
        fixture.nights();
        fixture.entries(&[("home_care", None, day("2024-05-01"), 1)]);
        fixture.clock.set(noon("2025-04-02"));
        fixture.run();
        let pack = pack(&fixture, "2024-25", 1);
        let used = answer(&pack, Q::Used, "2024-25", None, Some("night"));
        // Two children stayed: their nights are withheld with their number, and not said to be unknown.
        assert_eq!(used.marker, Some("[c]"));
    }
}

#[test]
fn a_profile_without_a_rule_of_disclosure_gives_no_pack() {
    for mut fixture in filled() {
        fixture.profile.disclosure = None;
        let query = FreedomOfInformationQuery { year: year("2023-24"), years: YearCount::ONE };
        let refused = freedom_of_information(&fixture.warehouse(), &Which::Current, &fixture.profile, &query).unwrap_err();
        assert!(matches!(refused, Error::NoDisclosureRule) && refused.is_refusal(), "{refused}");
    }
}
