//! The statement composed: what it says, what it withholds, and the same in every format.

use crate::common::day;
use domain::disclosure::Disclosure;
use domain::statement_editions::StatementFormat;
use domain::{FinancialYear, Profile, TimeZone};
use reports::statement::{
    Composed, EarlierEdition, EditionContent, Gathered, KindOfBreak, LineOfYear, PublicEntry, RequirementSaid, Said, SectionText, Stage,
    YearOfFigures, compose,
};
use reports::{Error, FigureRow, FigureStanding, Origin};
use serde_json::Value;
use std::io::{Cursor, Read};
use strum::VariantArray;

fn tameside() -> Profile {
    Profile::bundled("tameside").unwrap()
}

pub fn year(text: &str) -> FinancialYear {
    text.parse().unwrap()
}

/// What the council's own statement of 2023-24 prints, in its order.
const PRINTED: [i64; 9] = [40, 13, 1, 29, 35, 5, 78, 16_742, 46_628];
const BEFORE: [i64; 9] = [38, 12, 0, 27, 41, 6, 70, 15_002, 44_310];

/// A year with these figures, and budget lines that agree with them.
fn counted(text: &str, values: [i64; 9]) -> YearOfFigures {
    let profile = tameside();
    let figures = profile.statement.figures.iter().zip(values).map(|(figure, value)| FigureRow {
        code: figure.code.clone(),
        label: figure.label.clone(),
        value: Some(value),
        standing: FigureStanding::Known,
        missing_returns: 0,
        uncategorised_lines: 0,
        unconfirmed_lines: 0,
    });
    let lines = profile.budget_lines.iter().filter(|line| line.code != "chc_income").enumerate().map(|(at, line)| LineOfYear {
        code: line.code.clone(),
        name: line.name.clone(),
        spend_pence: 10_000_000 + i64::try_from(at).unwrap() * 1_234_567,
        children: match line.code.as_str() {
            "direct_payments" => values[0],
            "overnight_respite" => values[1] + 20,
            "home_care" => values[3] + 10,
            "targeted_outreach" => values[4],
            "community_short_breaks" => values[5] + values[6] + 20,
            _ => 0,
        },
    });
    YearOfFigures { year: year(text), figures: figures.collect(), lines: lines.collect(), children: 120 }
}

fn gathered(years: Vec<YearOfFigures>) -> Gathered {
    let made_at = day("2024-05-02").and_hms_opt(12, 0, 0).unwrap();
    let origin = Origin { made_at, as_known_on: None, zone: TimeZone::default() };
    Gathered { snapshot_ids: vec!["s1".to_owned()], origin, has_ended: true, years }
}

fn edition() -> EditionContent {
    EditionContent::not_authored("A Council".to_owned(), year("2023-24"), day("2024-05-02"))
}

/// A draft with these texts.
fn draft(texts: &[(&str, &str)]) -> EditionContent {
    let section = |(code, markdown): &(&str, &str)| SectionText {
        code: (*code).to_owned(),
        title: code.replace('_', " "),
        markdown: (*markdown).to_owned(),
    };
    EditionContent { stage: Stage::Draft, sections: texts.iter().map(section).collect(), ..edition() }
}

fn composed(content: &EditionContent, years: Vec<YearOfFigures>) -> Composed {
    let composed = compose(content, &gathered(years), &tameside()).unwrap();
    assert_eq!(composed.document.faults(), []);
    composed
}

fn text_of(composed: &Composed, format: StatementFormat) -> String {
    String::from_utf8(composed.file(format, None).unwrap().bytes).unwrap()
}

/// What the file of figures prints: code and value of one year.
fn printed(composed: &Composed, of: &str) -> Vec<(String, String)> {
    let text = text_of(composed, StatementFormat::Csv);
    let lines = text.lines().skip(1).filter(|line| line.starts_with(of));
    lines.map(|line| (line.split(',').nth(1).unwrap().to_owned(), line.rsplit(',').nth(2).unwrap().to_owned())).collect()
}

pub fn withheld(composed: &Composed, of: &str) -> Vec<String> {
    printed(composed, of).into_iter().filter(|(_, value)| value == "[c]").map(|(code, _)| code).collect()
}

#[test]
fn the_figures_of_2023_24_are_printed_but_for_the_small_ones() {
    let statement = composed(&edition(), vec![counted("2023-24", PRINTED)]);
    assert_eq!(withheld(&statement, "2023-24"), ["residential_respite_out_of_borough_children", "community_setting_children"]);
    let values: Vec<_> = printed(&statement, "2023-24").into_iter().take(9).map(|(_, value)| value).collect();
    assert_eq!(values, ["40", "13", "[c]", "29", "35", "[c]", "78", "16742", "46628"]);
    assert_eq!(statement.withheld.len(), 2);
    assert_eq!(statement.withheld[0].why, "It is a count from 1 to 5.");
    for format in [StatementFormat::Html, StatementFormat::Md, StatementFormat::Txt] {
        let text = text_of(&statement, format);
        assert!(text.contains("16,742") && text.contains("withheld") && text.contains("£100,000.00"), "{format:?}");
    }
}

#[test]
fn as_counted_all_are_printed_and_the_statement_says_so() {
    let mut content = edition();
    content.disclosure = Disclosure::AsCounted { reason: "The families agreed".to_owned() };
    let statement = composed(&content, vec![counted("2023-24", PRINTED)]);
    let values: Vec<_> = printed(&statement, "2023-24").into_iter().take(9).map(|(_, value)| value.parse::<i64>().unwrap()).collect();
    assert_eq!(values, PRINTED);
    assert!(statement.withheld.is_empty());
    assert!(text_of(&statement, StatementFormat::Md).contains("as they were counted: The families agreed."));
}

#[test]
fn spend_on_few_children_goes_with_their_count_and_another_amount_hides_it() {
    let mut of_year = counted("2023-24", PRINTED);
    of_year.lines[0].children = 2;
    let line = of_year.lines[0].code.clone();
    let statement = composed(&edition(), vec![of_year]);
    let withheld = withheld(&statement, "2023-24");
    for code in [format!("children.{line}"), format!("spend.{line}"), format!("share.{line}")] {
        assert!(withheld.contains(&code), "{code} of {withheld:?}");
    }
    let amounts = withheld.iter().filter(|code| code.starts_with("spend.")).count();
    assert_eq!(amounts, 2, "{withheld:?}");
}

/// Numbers of a text, as they are written.
fn numbers(text: &str) -> Vec<&str> {
    let is_of_number = |sign: char| sign.is_ascii_digit() || sign == ',' || sign == '.';
    text.split(|sign| !is_of_number(sign)).map(|number| number.trim_matches([',', '.'])).filter(|number| !number.is_empty()).collect()
}

#[test]
fn no_format_has_a_number_that_is_withheld() {
    let mut profile = tameside();
    profile.disclosure.as_mut().unwrap().withhold_up_to.value = 99;
    let small = [71, 73, 67, 79, 83, 89, 97, 16_742, 46_628];
    let content =
        draft(&[("introduction", "{{figure home_care_children}}, {{comparison spend.home_care}}, {{comparison home_care_children}}.")]);
    let years = gathered(vec![counted("2022-23", small.map(|value| value + 1)), counted("2023-24", small)]);
    let statement = compose(&content, &years, &profile).unwrap();
    let withheld = withheld(&statement, "2023-24");
    assert!(withheld.len() > 20, "{withheld:?}");
    let of_year = years.years.last().unwrap();
    let figures = of_year.figures.iter().filter_map(|figure| figure.value).filter(|value| *value <= 99);
    let lines = of_year.lines.iter().filter(|line| withheld.contains(&format!("spend.{}", line.code)));
    let pounds = lines.clone().map(|line| domain::Pence(line.spend_pence).to_string().replace('£', ""));
    let secrets: Vec<_> = figures.map(|value| value.to_string()).chain(pounds).collect();
    assert!(secrets.len() > 9, "{secrets:?}");
    for format in [StatementFormat::Md, StatementFormat::Txt, StatementFormat::Csv, StatementFormat::Json] {
        let text = text_of(&statement, format);
        let leaked: Vec<_> = numbers(&text).into_iter().filter(|number| secrets.iter().any(|secret| secret == number)).collect();
        assert!(leaked.is_empty(), "{format:?}: {leaked:?}");
    }
    let html = text_of(&statement, StatementFormat::Html);
    for secret in &secrets {
        assert!(!html.contains(&format!(">{secret}<")) && !html.contains(&format!(">£{secret}<")), "{secret}");
    }
}

#[test]
fn a_change_from_the_year_before_does_not_give_a_count_away() {
    let statement = composed(&edition(), vec![counted("2022-23", BEFORE), counted("2023-24", PRINTED)]);
    let withheld = withheld(&statement, "2023-24");
    for code in ["community_setting_children", "change.community_setting_children"] {
        assert!(withheld.iter().any(|one| one == code), "{withheld:?}");
    }
    assert_eq!(printed(&statement, "2023-24").iter().find(|(code, _)| code == "change.direct_payments_children").unwrap().1, "2");
    // Nought of the year before is printed.
    let before = printed(&statement, "2022-23");
    assert_eq!(before[2], ("residential_respite_out_of_borough_children".to_owned(), "0".to_owned()));
}

#[test]
fn what_an_earlier_edition_withheld_stays_withheld_and_what_it_printed_stands() {
    let first = composed(&EditionContent { year: year("2022-23"), ..edition() }, vec![counted("2022-23", [5; 9])]);
    let earlier = EarlierEdition::from_json(text_of(&first, StatementFormat::Json).as_bytes()).unwrap();
    let content = EditionContent { earlier: vec![earlier], ..edition() };
    // The last year is counted higher now: its edition withheld a five.
    let statement = composed(&content, vec![counted("2022-23", [38; 9]), counted("2023-24", PRINTED)]);
    let before = printed(&statement, "2022-23");
    assert!(before[..9].iter().all(|(_, value)| value == "[c]"), "{before:?}");
    let other = composed(&EditionContent { year: year("2022-23"), ..edition() }, vec![counted("2022-23", BEFORE)]);
    let earlier = EarlierEdition::from_json(text_of(&other, StatementFormat::Json).as_bytes()).unwrap();
    let content = EditionContent { earlier: vec![earlier], ..edition() };
    let statement = composed(&content, vec![counted("2022-23", [41; 9]), counted("2023-24", PRINTED)]);
    assert_eq!(printed(&statement, "2022-23")[0].1, "38", "as it was published");
}

#[test]
fn authors_place_figures_and_a_slip_is_told_with_its_section_and_line() {
    let years = || vec![counted("2022-23", BEFORE), counted("2023-24", PRINTED)];
    let introduction = "{{figure direct_payments_children}} children. {{comparison direct_payments_children}}.\n\n\
         {{comparison community_setting_children}}\n\nIn {{figure direct_payments_children 2022-23}} of it.";
    let outcomes = "{{table figures}}\n\n{{chart spend_by_budget_line}}";
    let content = draft(&[("introduction", introduction), ("local_offer_outcomes", outcomes)]);
    let text = text_of(&composed(&content, years()), StatementFormat::Txt);
    for words in ["40 children. 40, compared with 38 in 2022-23 (2 more).", "withheld [c], compared with 6 in 2022-23", "38"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert_eq!(text.matches("Figures of the statement, 2023-24").count(), 1, "what an author placed is not shown again");

    let of_another_year = ("consultation", "{{figure direct_payments_children 2019-20}}");
    let content = draft(&[("definitions", "# A\n\n{{figure no_such}}\n\n{{chart no_such}}"), of_another_year]);
    let Err(Error::Text(mistakes)) = compose(&content, &gathered(years()), &tameside()) else { panic!("three slips") };
    let told: Vec<_> = mistakes.iter().map(|mistake| (mistake.section.as_str(), mistake.line)).collect();
    assert_eq!(told, [("definitions", 3), ("definitions", 5), ("consultation", 1)], "{mistakes:?}");
    let of_figure = mistakes.iter().find(|mistake| mistake.detail.contains("no figure has the code `no_such`")).unwrap();
    assert!(of_figure.detail.contains("direct_payments_children"), "{of_figure}");
    assert!(mistakes[2].detail.contains("2022-23"), "{mistakes:?}");
}

#[test]
fn a_link_to_no_heading_is_told_with_its_section_and_line_among_the_other_mistakes() {
    let years = || gathered(vec![counted("2023-24", PRINTED)]);
    let texts = [
        ("introduction", "See [what we mean](#who-it-is-for), [all](#2-definitions)\nand [more](#about-this-statement)."),
        ("definitions", "# Who it is for\n\nChildren."),
    ];
    let statement = compose(&draft(&texts), &years(), &tameside()).unwrap();
    assert_eq!(statement.document.faults(), []);
    let texts = [
        ("introduction", "{{figure no_such}}"),
        ("definitions", "# Who it is for\n\n***\n\n[Here](#2-definitions), [there](#Who-it-is-for),\n[and](#nowhere)"),
    ];
    let Err(Error::Text(mistakes)) = compose(&draft(&texts), &years(), &tameside()) else { panic!("four slips") };
    let told: Vec<_> = mistakes.iter().map(|mistake| (mistake.section.as_str(), mistake.line)).collect();
    assert_eq!(told, [("introduction", 1), ("definitions", 3), ("definitions", 5), ("definitions", 6)], "{mistakes:?}");
    for part in ["no heading is at #nowhere", "#who-it-is-for", "#about-this-statement"] {
        assert!(mistakes[3].detail.contains(part), "{part}: {}", mistakes[3]);
    }
}

#[test]
fn what_was_not_returned_is_not_yet_known() {
    let mut of_year = counted("2023-24", PRINTED);
    of_year.figures[7] = FigureRow { value: None, standing: FigureStanding::NotYetKnown, missing_returns: 2, ..of_year.figures[7].clone() };
    of_year.figures[8] = FigureRow { standing: FigureStanding::SoFar, missing_returns: 1, ..of_year.figures[8].clone() };
    let content = draft(&[("introduction", "{{figure grant_funded_reach}}; {{figure commissioned_sessions}}.")]);
    let statement = composed(&content, vec![of_year]);
    let text = text_of(&statement, StatementFormat::Txt);
    for words in ["not yet known (2 returns missing)", "46,628 (so far; 1 return missing)"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert_eq!(printed(&statement, "2023-24")[7].1, "[x]");
}

#[test]
fn sections_entries_and_requirements_stand_where_they_belong() {
    let mut content = EditionContent { stage: Stage::Published, number: 2, what_changed: Some("A figure".to_owned()), ..edition() };
    let titles = ["Introduction", "Definitions", "Programme and priorities", "Consultation", "The local offer: transitions"];
    let codes = ["introduction", "definitions", "programme_and_priorities", "consultation", "local_offer_transitions"];
    let section =
        |(code, title): (&str, &str)| SectionText { code: code.to_owned(), title: title.to_owned(), markdown: "Words.".to_owned() };
    content.sections = codes.into_iter().zip(titles).map(section).collect();
    let entry = PublicEntry {
        provider: "The Club".to_owned(),
        offer: "Swimming".to_owned(),
        ages: Some("For ages 5 to 17".to_owned()),
        phone: Some("0161 496 0123".to_owned()),
        email: Some("office@example.org".to_owned()),
        link: Some("https://example.org".to_owned()),
    };
    content.range = vec![
        KindOfBreak { title: "Overnight care elsewhere".to_owned(), entries: vec![entry] },
        KindOfBreak { title: "Overnight care at home".to_owned(), entries: Vec::new() },
    ];
    content.requirements = vec![
        RequirementSaid { requirement: "The range".to_owned(), said: Said::SetOutIn("local_offer_range".to_owned()) },
        RequirementSaid { requirement: "The needs".to_owned(), said: Said::Waived("Later".to_owned()) },
    ];
    content.review_due_on = Some(day("2025-05-02"));
    let statement = composed(&content, vec![counted("2023-24", PRINTED)]);
    let headings: Vec<_> = statement.document.headings().into_iter().map(|heading| (heading.level.depth(), heading.text)).collect();
    let expected = [
        (1, "1. Introduction"),
        (1, "2. Definitions"),
        (1, "3. Programme and priorities"),
        (1, "4. Consultation"),
        (1, "5. The local offer"),
        (2, "5.1 Range of services"),
        (3, "Overnight care elsewhere"),
        (3, "Overnight care at home"),
        (2, "5.2 Outcomes"),
        (2, "5.3 Transitions"),
        (1, "6. Reviewing the statement"),
        (1, "About this statement"),
    ];
    assert_eq!(headings, expected.map(|(level, text)| (level, text.to_owned())));
    let html = text_of(&statement, StatementFormat::Html);
    for part in ["tel:01614960123", "mailto:office@example.org", "https://example.org", "2 May 2025", "Later.", "edition 2"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("draft"));
}

#[test]
fn nobody_began_it_and_it_says_so() {
    let statement = composed(&edition(), vec![counted("2023-24", PRINTED)]);
    let text = text_of(&statement, StatementFormat::Txt);
    assert!(text.contains("Nothing is authored yet") && text.contains("draft"), "{text}");
}

#[test]
fn the_same_statement_is_the_same_bytes_and_all_are_packed() {
    let years = || vec![counted("2022-23", BEFORE), counted("2023-24", PRINTED)];
    let [one, other] = [composed(&edition(), years()), composed(&edition(), years())].map(|statement| statement.files(None).unwrap());
    assert_eq!(one, other);
    assert_eq!(one.iter().map(|file| file.format).collect::<Vec<_>>(), StatementFormat::VARIANTS);
    let mut archive = zip::ZipArchive::new(Cursor::new(one.last().unwrap().bytes.clone())).unwrap();
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let csv = read("figures.csv");
    assert_eq!(csv, one.iter().find(|file| file.format == StatementFormat::Csv).unwrap().bytes);
    let package: Value = serde_json::from_slice(&read("datapackage.json")).unwrap();
    let resource = &package["resources"][0];
    assert_eq!(resource["bytes"], csv.len());
    assert_eq!(resource["schema"]["missingValues"], serde_json::json!(["", "[c]", "[z]", "[x]"]));
    assert_eq!(
        resource["schema"]["fields"].as_array().unwrap().len(),
        String::from_utf8(csv).unwrap().lines().next().unwrap().split(',').count()
    );
    for name in ["README.txt", "figures.json", "short-breaks-statement-2023-24.html", "short-breaks-statement-2023-24.pdf"] {
        assert!(!read(name).is_empty(), "{name}");
    }
}

#[test]
fn without_a_rule_nothing_is_withheld_by_guess() {
    let profile = Profile { disclosure: None, ..tameside() };
    let years = gathered(vec![counted("2023-24", PRINTED)]);
    let refused = compose(&edition(), &years, &profile).unwrap_err();
    assert!(matches!(refused, Error::NoDisclosureRule) && refused.is_refusal());
    let as_counted = EditionContent { disclosure: Disclosure::AsCounted { reason: "Agreed".to_owned() }, ..edition() };
    assert!(compose(&as_counted, &years, &profile).is_ok());
}
