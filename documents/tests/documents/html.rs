//! A page, read back as a browser reads it.

use crate::sample::statement;
use crate::support::document;
use documents::{Address, Block, Inline, Level, html};
use scraper::{Html, Selector};

fn read(page: &str) -> Html {
    let page = Html::parse_document(page);
    assert_eq!(page.errors, Vec::<std::borrow::Cow<'_, str>>::new());
    page
}

fn count(page: &Html, selector: &str) -> usize {
    page.select(&Selector::parse(selector).unwrap()).count()
}

#[test]
fn a_page_has_what_readers_find_their_way_by() {
    let page = read(&html(&statement()));
    for (selector, number) in [
        ("html[lang=en-GB]", 1),
        ("main", 1),
        ("h1", 1),
        ("a.skip[href='#content']", 1),
        ("nav ul", 4),
        ("main h2", 6),
        ("main h3", 8),
        ("main h4", 1),
        ("table caption", 7),
        ("th[scope=row]", 5 + 8 + 6 + 6 + 7 + 8 + 3),
        ("svg[role=img] > title", 3),
        ("svg[role=img] > desc", 3),
        ("script, link, img, iframe, object, [onclick], [src]", 0),
    ] {
        assert_eq!(count(&page, selector), number, "{selector}");
    }
    let mut ids = std::collections::BTreeSet::new();
    for element in page.select(&Selector::parse("[id]").unwrap()) {
        assert!(ids.insert(element.value().id().unwrap().to_owned()), "{:?} twice", element.value().id());
    }
    for link in page.select(&Selector::parse("a[href^='#'], [aria-labelledby]").unwrap()) {
        let named = link.value().attr("href").or(link.value().attr("aria-labelledby")).unwrap();
        for name in named.trim_start_matches('#').split(' ') {
            assert!(ids.contains(name), "{named}");
        }
    }
}

#[test]
fn headings_go_down_one_by_one_and_have_anchors_of_their_own() {
    let blocks = ["Same", "Same", "Same"].map(|text| Block::heading(Level::POINT, text)).to_vec();
    let page = html(&document(blocks));
    for part in ["<h2 id=\"same\">", "<h3 id=\"same-2\">", "<h4 id=\"same-3\">"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn officers_are_led_to_this_system_and_nobody_to_what_is_not_there() {
    let link = |address| Block::Paragraph(vec![Inline::link(address, "words")]);
    let page = html(&document(vec![link(Address::internal("/v1/lineage/a?b=1&c=2").unwrap()), link(Address::public("#nowhere").unwrap())]));
    assert!(page.contains("<a href=\"/v1/lineage/a?b=1&amp;c=2\">words</a>"), "{page}");
    assert!(page.contains("<p>words</p>"), "{page}");
}
