//! Where the statement's figures meet disclosure control: what a reader can reckon between figures, budget lines and years.

use crate::common::day;
use domain::disclosure::Disclosure;
use domain::profile::Figure;
use domain::statement_editions::StatementFormat;
use domain::{FinancialYear, Location, Profile, TimeZone};
use reports::statement::{
    Approved, Composed, EarlierEdition, EarlierFigure, EditionContent, Gathered, LineOfYear, SectionText, Stage, YearOfFigures, compose,
};
use reports::{Error, FigureRow, FigureStanding, Origin};
use std::io::{Cursor, Read};

const YEAR: &str = "2023-24";

fn tameside() -> Profile {
    Profile::bundled("tameside").unwrap()
}

fn year(text: &str) -> FinancialYear {
    text.parse().unwrap()
}

/// A year in which nothing is small: each figure has so many, each budget line as many, and together 200.
fn counted(profile: &Profile, of: &str) -> YearOfFigures {
    let figures = profile.statement.figures.iter().map(|figure| FigureRow {
        code: figure.code.clone(),
        label: figure.label.clone(),
        value: Some(20),
        standing: FigureStanding::Known,
        missing_returns: 0,
        uncategorised_lines: 0,
        unconfirmed_lines: 0,
    });
    let expenditure = profile.budget_lines.iter().filter(|line| line.code != "chc_income");
    let lines = expenditure.map(|line| LineOfYear {
        code: line.code.clone(),
        name: line.name.clone(),
        spend_pence: 10_000_000,
        children: match line.code.as_str() {
            "voluntary_sector_grants" => 0,
            "targeted_outreach" => 20,
            _ => 50,
        },
    });
    YearOfFigures { year: year(of), figures: figures.collect(), lines: lines.collect(), children: 200 }
}

fn set(of_year: &mut YearOfFigures, figure: &str, value: i64) {
    of_year.figures.iter_mut().find(|row| row.code == figure).unwrap().value = Some(value);
}

fn set_line(of_year: &mut YearOfFigures, line: &str, children: i64) {
    of_year.lines.iter_mut().find(|row| row.code == line).unwrap().children = children;
}

fn gathered(years: Vec<YearOfFigures>) -> Gathered {
    let made_at = day("2024-05-02").and_hms_opt(12, 0, 0).unwrap();
    let origin = Origin { made_at, as_known_on: None, zone: TimeZone::default() };
    Gathered { snapshot_ids: vec!["s1".to_owned()], origin, has_ended: true, years }
}

fn edition() -> EditionContent {
    EditionContent::not_authored("A Council".to_owned(), year(YEAR), day("2024-05-02"))
}

fn composed(content: &EditionContent, years: Vec<YearOfFigures>) -> Composed {
    compose(content, &gathered(years), &tameside()).unwrap()
}

fn text_of(composed: &Composed, format: StatementFormat) -> String {
    String::from_utf8(composed.file(format, None).unwrap().bytes).unwrap()
}

/// The text without its breaks of lines.
fn words_of(composed: &Composed) -> String {
    text_of(composed, StatementFormat::Txt).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn withheld(composed: &Composed, of: &str) -> Vec<String> {
    let printed = composed.published.all().filter(|printed| printed.year.as_str() == of);
    printed.filter(|printed| printed.value == documents::Value::Withheld).map(|printed| printed.code).collect()
}

/// What an edition of a year tells of one figure.
fn earlier(of: &str, code: &str, value: Option<i64>) -> EarlierEdition {
    let marker = value.is_none().then(|| "[c]".to_owned());
    EarlierEdition { year: year(of), figures: vec![EarlierFigure { financial_year: year(of), code: code.to_owned(), value, marker }] }
}

#[test]
fn where_nothing_is_small_everything_is_printed() {
    let statement = composed(&edition(), vec![counted(&tameside(), YEAR)]);
    assert_eq!(withheld(&statement, YEAR), <[String; 0]>::default());
    assert!(statement.is_fewest() && statement.is_choice_checked() && statement.narrower().is_empty());
    assert!(statement.require_kept(None).is_ok());
}

#[test]
fn a_few_that_are_in_the_whole_and_not_in_the_part_are_not_found_by_subtraction() {
    // One child had home care in the year and not on its last day; one had direct payments agreed and none paid.
    for (figure, line, value) in [("home_care_children", "home_care", 29), ("direct_payments_children", "direct_payments", 40)] {
        let mut of_year = counted(&tameside(), YEAR);
        set(&mut of_year, figure, value);
        set_line(&mut of_year, line, value + 1);
        let withheld = withheld(&composed(&edition(), vec![of_year]), YEAR);
        assert!(withheld.iter().any(|code| code == figure || *code == format!("children.{line}")), "{withheld:?}");
    }
    let mut of_year = counted(&tameside(), YEAR);
    of_year.children = 52;
    let withheld = withheld(&composed(&edition(), vec![of_year]), YEAR);
    assert!(!withheld.is_empty(), "two children are of no such line");
}

/// A profile that counts respite in the borough beside that out of it.
fn with_both_places() -> Profile {
    let mut profile = tameside();
    let figures = &mut profile.statement.figures;
    let away = figures.iter().find(|figure| figure.code == "residential_respite_out_of_borough_children").unwrap();
    let here = Figure {
        code: "here".to_owned(),
        label: "In the borough".to_owned(),
        provider_location: Some(Location::InBorough),
        ..away.clone()
    };
    figures.push(here);
    profile
}

#[test]
fn figures_that_cover_a_whole_do_not_tell_the_least_that_the_other_can_be() {
    let profile = with_both_places();
    let mut of_year = counted(&profile, YEAR);
    for (figure, value) in [("residential_respite_children", 13), ("residential_respite_out_of_borough_children", 5), ("here", 8)] {
        set(&mut of_year, figure, value);
    }
    let statement = compose(&edition(), &gathered(vec![of_year]), &profile).unwrap();
    let withheld = withheld(&statement, YEAR);
    assert!(withheld.iter().any(|code| code == "here" || code == "residential_respite_children"), "{withheld:?}");
}

#[test]
fn as_counted_is_of_the_editions_own_year_alone() {
    let mut last_year = counted(&tameside(), "2022-23");
    set(&mut last_year, "community_setting_children", 3);
    let mut of_year = counted(&tameside(), YEAR);
    set(&mut of_year, "community_setting_children", 2);
    let content = EditionContent {
        disclosure: Disclosure::AsCounted { reason: "The families agreed".to_owned() },
        earlier: vec![earlier("2022-23", "community_setting_children", None), earlier(YEAR, "community_setting_children", None)],
        ..edition()
    };
    let statement = composed(&content, vec![last_year, of_year]);
    assert!(withheld(&statement, "2022-23").contains(&"community_setting_children".to_owned()));
    assert_eq!(withheld(&statement, YEAR), ["change.community_setting_children"]);
    let text = words_of(&statement);
    assert!(text.contains("Numbers that another year's statement withheld stay withheld"), "{text}");
}

#[test]
fn what_is_not_kept_is_told_and_published_only_for_a_reason() {
    // An earlier edition of the year shows all and all but the few.
    let mut of_year = counted(&tameside(), YEAR);
    set(&mut of_year, "residential_respite_children", 3);
    set(&mut of_year, "residential_respite_out_of_borough_children", 2);
    let content = EditionContent { earlier: vec![earlier(YEAR, "residential_respite_children", Some(3))], ..edition() };
    let statement = composed(&content, vec![of_year]);
    assert!(!statement.narrower().is_empty());
    let told = statement.withheld_sheet().unwrap().to_csv().unwrap();
    assert!(told.contains("the rest of") && told.contains("It is printed nowhere. What is shown leaves it 3 values."), "{told}");
    let refused = statement.require_kept(Some(" ")).unwrap_err();
    assert!(matches!(&refused, Error::NotKept(names) if !names.is_empty()) && refused.is_refusal());
    assert!(statement.require_kept(Some("The figure is public already.")).is_ok());
    assert!(!words_of(&statement).contains("so that no child can be recognised"));
}

#[test]
fn what_an_earlier_edition_withheld_and_this_one_narrows_is_told_too() {
    let profile = with_both_places();
    let mut last_year = counted(&profile, "2022-23");
    for (figure, value) in [("residential_respite_children", 9), ("residential_respite_out_of_borough_children", 9), ("here", 0)] {
        set(&mut last_year, figure, value);
    }
    let before = [
        earlier("2022-23", "residential_respite_children", Some(9)),
        earlier("2022-23", "residential_respite_out_of_borough_children", None),
    ];
    let statement = |before: Vec<EarlierEdition>| {
        let content = EditionContent { earlier: before, ..edition() };
        compose(&content, &gathered(vec![last_year.clone(), counted(&profile, YEAR)]), &profile).unwrap()
    };
    // That none was in the borough is printed for the first time: so all were out of it.
    let narrowing = statement(before.to_vec());
    let names: Vec<_> = narrowing.narrower().into_iter().collect();
    assert!(matches!(&names[..], [(name, 1)] if name.ends_with("2022-23")), "{names:?}");
    assert!(matches!(narrowing.require_kept(None), Err(Error::NotKept(_))));
    assert!(!words_of(&narrowing).contains("so that no child can be recognised"));
    // Where an earlier edition printed it, this one gives nothing away; the public is still told no more than is so.
    let as_before = statement([&before[..], &[earlier("2022-23", "here", Some(0))]].concat());
    assert_eq!(as_before.narrower(), []);
    assert!(as_before.require_kept(None).is_ok());
    assert!(!words_of(&as_before).contains("so that no child can be recognised"));
}

#[test]
fn where_the_choice_was_not_checked_the_public_is_told_no_more_than_is_so() {
    let mut profile = tameside();
    profile.disclosure.as_mut().unwrap().withhold_up_to.value = 99;
    let statement = compose(&edition(), &gathered(vec![counted(&profile, "2022-23"), counted(&profile, YEAR)]), &profile).unwrap();
    assert!(!statement.is_choice_checked(), "as many worlds as there are here are not looked at");
    assert!(!words_of(&statement).contains("so that no child can be recognised"));
}

#[test]
fn a_line_that_pays_for_children_keeps_its_nought() {
    let mut of_year = counted(&tameside(), YEAR);
    set_line(&mut of_year, "nursery", 0);
    let statement = composed(&edition(), vec![counted(&tameside(), "2022-23"), of_year]);
    let printed = |code: &str| statement.published.printed(code, year(YEAR)).map(|printed| printed.value);
    assert_eq!(printed("children.nursery"), Some(documents::Value::Count(0)));
    assert_eq!(printed("children.voluntary_sector_grants"), None);
}

#[test]
fn money_of_grants_goes_with_a_small_reach() {
    let mut of_year = counted(&tameside(), YEAR);
    set(&mut of_year, "grant_funded_reach", 3);
    let withheld = withheld(&composed(&edition(), vec![of_year]), YEAR);
    assert!(withheld.contains(&"spend.voluntary_sector_grants".to_owned()), "{withheld:?}");
}

#[test]
fn sections_that_are_there_are_numbered_and_the_approval_is_told() {
    let section = |code: &str, title: &str| SectionText { code: code.to_owned(), title: title.to_owned(), markdown: "Words.".to_owned() };
    let content = EditionContent {
        stage: Stage::Published,
        number: 2,
        what_changed: Some("A figure of outreach.\r\n\r\nA telephone\nnumber.".to_owned()),
        sections: vec![section("introduction", "Introduction"), section("programme_and_priorities", "Programme and priorities")],
        approved: Some(Approved { post: "Assistant Director".to_owned(), on: day("2024-05-01") }),
        ..edition()
    };
    let statement = composed(&content, vec![counted(&tameside(), YEAR)]);
    let headings: Vec<_> = statement.document.headings().into_iter().map(|heading| heading.text).collect();
    assert_eq!(headings[..3], ["1. Introduction", "2. Programme and priorities", "3. The local offer"]);
    let text = words_of(&statement);
    assert!(text.contains("Approved by: Assistant Director, 1 May 2024."), "{text}");
    let html = text_of(&statement, StatementFormat::Html);
    assert!(html.contains("<p>A figure of outreach.</p>") && html.contains("<p>A telephone number.</p>"), "{html}");
}

#[test]
fn the_readme_says_which_file_is_in_pence() {
    let statement = composed(&edition(), vec![counted(&tameside(), YEAR)]);
    let bytes = statement.file(StatementFormat::Zip, None).unwrap().bytes;
    let mut readme = String::new();
    zip::ZipArchive::new(Cursor::new(bytes)).unwrap().by_name("README.txt").unwrap().read_to_string(&mut readme).unwrap();
    assert!(readme.contains("in pounds in figures.csv and in pence in figures.json"), "{readme}");
}
