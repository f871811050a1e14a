//! The statement as a document: its sections in the statement's order, with what belongs to each.

use super::edition::{
    CONSULTATION, Consultation, EditionContent, KindOfBreak, OUTCOMES, PublicEntry, RANGE, REVIEWING, Said, SectionText, Stage,
};
use super::gathered::Gathered;
use super::published::Published;
use super::resolving::Placing;
use super::shown::{CHILDREN, FIGURES, SPEND, Shown, TREND};
use crate::error::{Error, TextMistake};
use documents::{Address, Authored, Block, Cell, Column, Document, Inline, Level, List, ListKind, Note, Row, Table, Value};
use domain::Profile;
use domain::disclosure::{Disclosure, Withheld};
use sheets::Sheet;
use std::collections::BTreeSet;

/// A statement that is composed: the document, and every number in it.
#[derive(Debug, Clone)]
pub struct Composed {
    /// The document.
    pub document: Document,
    /// Its numbers.
    pub published: Published,
    /// What is withheld and why. For officers alone: with it, nothing would be.
    pub withheld: Vec<Withheld>,
    /// The snapshots that its numbers are from.
    pub snapshot_ids: Vec<String>,
    /// What it was composed from.
    pub content: EditionContent,
}

/// The beginning of the headings that are parts of one section.
const LOCAL_OFFER: &str = "The local offer";

/// Composes the statement. Everything that is wrong with its text is told at once.
pub fn compose(content: &EditionContent, gathered: &Gathered, profile: &Profile) -> Result<Composed, Error> {
    let published = Published::of(content, gathered, profile)?;
    let shown = Shown::new(&published, gathered, profile);
    let composer = Composer { content, in_order: content.in_order(), gathered, placing: Placing::new(&shown) };
    // Every text is read before any section is put together: what an author placed is not shown a second time.
    let sections = composer.sections();
    let year = content.year.as_str();
    let draft = if content.stage == Stage::Published { "" } else { ", draft" };
    let edition = if content.number > 1 { format!(", edition {}", content.number) } else { String::new() };
    let document = Document {
        title: "Short Breaks Service Statement".to_owned(),
        subtitle: Some(format!("{year}{edition}{draft}")),
        authority: content.authority.clone(),
        description: format!(
            "Short breaks for disabled children and their families in {year}: what there is, who can have it, and how many did."
        ),
        dated: content.dated,
        blocks: composer.blocks(&sections),
    };
    let mistakes = mistakes(&sections, &document);
    if !mistakes.is_empty() {
        return Err(Error::Text(mistakes));
    }
    let withheld = published.withheld();
    Ok(Composed { document, withheld, snapshot_ids: gathered.snapshot_ids.clone(), content: content.clone(), published })
}

impl Composed {
    /// Whether no fewer cells would have done; where not, all that is withheld is still safe.
    pub fn is_fewest(&self) -> bool {
        self.published.is_fewest()
    }

    /// Whether a reader who knows how figures are chosen was asked of all that is withheld.
    pub fn is_choice_checked(&self) -> bool {
        self.published.is_choice_checked()
    }

    /// What is withheld and can all the same be narrowed further than the rule allows, each with the values that are left of it; not what was
    /// as narrow by other editions alone. For officers alone.
    pub fn narrower(&self) -> Vec<(String, u16)> {
        self.published.narrower()
    }

    /// Refuses publication where something withheld can be narrowed further than the rule allows, unless somebody says why that is right.
    pub fn require_kept(&self, reason: Option<&str>) -> Result<(), Error> {
        let narrower = self.narrower();
        if narrower.is_empty() || reason.is_some_and(|reason| !reason.trim().is_empty()) {
            return Ok(());
        }
        Err(Error::NotKept(narrower.into_iter().map(|(name, _)| name).collect()))
    }

    /// What is withheld and why, one line a figure, and after it what is printed nowhere and can be narrowed: for officers alone.
    pub fn withheld_sheet(&self) -> Result<Sheet, Error> {
        let rows = self.withheld.iter().map(|withheld| vec![sheets::Cell::text(&withheld.name), sheets::Cell::text(&withheld.why)]);
        let nowhere = self.narrower().into_iter().filter(|(name, _)| !self.withheld.iter().any(|withheld| withheld.name == *name));
        let nowhere = nowhere.map(|(name, values)| {
            let left = if values == 1 { "tells it".to_owned() } else { format!("leaves it {values} values") };
            vec![sheets::Cell::text(name), sheets::Cell::text(format!("It is printed nowhere. What is shown {left}."))]
        });
        let fewest = if self.is_fewest() { "" } else { "; perhaps not the fewest that would do" };
        let choice = if self.is_choice_checked() { "" } else { "; somebody who knows how they are chosen may narrow some" };
        Ok(Sheet::new(
            format!("Withheld from the statement {}", self.content.year.as_str()),
            [sheets::Column::text("figure"), sheets::Column::text("why")],
        )
        .heading(format!("{} figures are withheld{fewest}{choice}", self.withheld.len()))
        .with_rows(rows.chain(nowhere))?)
    }
}

struct Composer<'c> {
    content: &'c EditionContent,
    /// All sections of the statement, those without text too.
    in_order: Vec<SectionText>,
    gathered: &'c Gathered,
    placing: Placing<'c>,
}

/// A section as its heading stands in the document.
struct Placed<'c> {
    section: &'c SectionText,
    /// Whether it is part of the local offer.
    is_part: bool,
    text: Authored,
}

impl Composer<'_> {
    fn blocks(&self, sections: &[Placed<'_>]) -> Vec<Block> {
        let mut blocks = self.opening();
        let (mut number, mut part) = (0, 0);
        for placed in sections {
            let (text, own) = (&placed.text, self.own_content(placed));
            // A text of mistakes alone counts, so that links to the sections after it are judged by their right numbers.
            let is_empty = text.blocks.is_empty() && text.mistakes.is_empty() && own.is_empty();
            if is_empty && self.content.stage != Stage::NotAuthored {
                continue;
            }
            // Only what is there has a number.
            part = if placed.is_part { part + 1 } else { 0 };
            number += usize::from(part <= 1);
            if part == 1 {
                blocks.push(Block::heading(Level::SECTION, format!("{number}. {LOCAL_OFFER}")));
            }
            blocks.push(match part {
                0 => Block::heading(Level::SECTION, format!("{number}. {}", placed.section.title)),
                _ => Block::heading(Level::SUBSECTION, format!("{number}.{part} {}", part_title(&placed.section.title))),
            });
            if is_empty {
                blocks.push(Block::text("Nothing has been written here yet."));
            }
            blocks.extend(text.blocks.iter().cloned());
            blocks.extend(own);
        }
        blocks.extend(self.about());
        blocks
    }

    fn sections(&self) -> Vec<Placed<'_>> {
        let sections = self.in_order.iter().map(|section| {
            let is_part = section.title.starts_with(LOCAL_OFFER) && section.code.starts_with("local_offer");
            let level = if is_part { Level::POINT } else { Level::SUBSECTION };
            Placed { section, is_part, text: documents::authored(&section.markdown, level, &self.placing) }
        });
        sections.collect()
    }

    /// What stands above the sections.
    fn opening(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut note = |title: &str, words: String| {
            blocks.push(Block::Note(Note { title: title.to_owned(), blocks: paragraphs(&words) }));
        };
        match self.content.stage {
            Stage::NotAuthored => note(
                "Nothing is authored yet",
                format!("Nobody has begun an edition for {}. Here are its headings and its figures.", self.content.year.as_str()),
            ),
            Stage::Draft => note("Draft", "This is a draft. It is not published, and may change.".to_owned()),
            Stage::Published => {}
        }
        if let Some(changed) = &self.content.what_changed {
            note("What this edition corrects", changed.clone());
        }
        blocks
    }

    /// What stands below a section's text.
    fn own_content(&self, placed: &Placed<'_>) -> Vec<Block> {
        match placed.section.code.as_str() {
            RANGE => self.range(if placed.is_part { Level::POINT } else { Level::SUBSECTION }),
            OUTCOMES => self.outcomes(),
            CONSULTATION => consulted(&self.content.consultations).into_iter().collect(),
            REVIEWING => {
                let due = self.content.review_due_on;
                due.map(|day| Block::text(format!("This statement is looked at again by {}.", documents::written_date(day))))
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn range(&self, level: Level) -> Vec<Block> {
        let kinds = self.content.range.iter();
        kinds.flat_map(|kind| [Block::heading(level, &kind.title), offered(kind)]).collect()
    }

    /// Figures, tables and charts that no author placed.
    fn outcomes(&self) -> Vec<Block> {
        let (shown, placing) = (self.placing.shown, &self.placing);
        let mut blocks = Vec::new();
        blocks.extend(shown.table(FIGURES).filter(|_| !placing.has_table(FIGURES)));
        blocks.extend(shown.chart(CHILDREN).filter(|_| !placing.has_chart(CHILDREN) && !placing.has_table(CHILDREN)));
        blocks.extend(shown.table(SPEND).filter(|_| !placing.has_table(SPEND)));
        blocks.extend(shown.chart(SPEND).filter(|_| !placing.has_chart(SPEND)));
        blocks.extend(shown.chart(TREND).filter(|_| shown.has_trend() && !placing.has_chart(TREND) && !placing.has_table(TREND)));
        blocks
    }

    /// Where the figures are from, what is withheld, and where the law's requirements are met.
    fn about(&self) -> Vec<Block> {
        let mut blocks = vec![Block::heading(Level::SECTION, "About this statement")];
        blocks.extend(self.required());
        let approved = self.content.approved.as_ref();
        blocks.extend(
            approved.map(|approved| Block::text(format!("Approved by: {}, {}.", approved.post, documents::written_date(approved.on)))),
        );
        let made = documents::written_date(self.gathered.made_on());
        blocks.push(Block::text(format!(
            "The figures are counted from the council's records as they stood on {made}, and are the same in every format of this statement."
        )));
        let published = self.placing.shown.published;
        if let Disclosure::AsCounted { reason } = &self.content.disclosure {
            blocks.push(Block::text(format!(
                "Small numbers of {} are printed as they were counted: {}",
                self.content.year.as_str(),
                as_sentence(reason)
            )));
        }
        blocks.extend(published.has_withheld().then(|| Block::text(self.withheld_in_words())));
        blocks
    }

    /// What the public is told of withheld numbers: no more than is so.
    fn withheld_in_words(&self) -> String {
        let published = self.placing.shown.published;
        let what = match &self.content.disclosure {
            Disclosure::AsCounted { .. } => {
                "Numbers that another year's statement withheld stay withheld, and others by which they could be worked out"
            }
            Disclosure::Withheld => "Small numbers are withheld, and others by which they could be worked out",
        };
        let why = if published.is_all_kept() { ", so that no child can be recognised" } else { "" };
        format!("{what}{why}. \"{}\" stands in their place.", Value::Withheld)
    }

    fn required(&self) -> Option<Block> {
        let row = |said: &super::edition::RequirementSaid| {
            let words = match &said.said {
                Said::SetOutIn(code) => {
                    let section = self.in_order.iter().find(|section| section.code == *code);
                    section.map_or_else(|| code.clone(), |section| section.title.clone())
                }
                Said::Waived(reason) => format!("Not in this statement: {}", as_sentence(reason)),
                Said::Open => "Not yet in this statement.".to_owned(),
            };
            Row::Ordinary(vec![Cell::words(&said.requirement), Cell::words(words)])
        };
        let rows: Vec<_> = self.content.requirements.iter().map(row).collect();
        (!rows.is_empty()).then(|| {
            Block::Table(Table {
                caption: "What the Short Breaks Regulations of 2011 require, and where it is".to_owned(),
                columns: vec![Column::words("Requirement"), Column::words("Where it is")],
                rows,
                notes: Vec::new(),
            })
        })
    }
}

/// Everything that is wrong with the sections' texts, section by section. A link to a heading is wrong where the document has none by that name.
fn mistakes(sections: &[Placed<'_>], document: &Document) -> Vec<TextMistake> {
    let anchors: BTreeSet<_> = document.headings().into_iter().map(|heading| heading.anchor).collect();
    let known = || anchors.iter().map(|anchor| format!("#{anchor}")).collect::<Vec<_>>().join(", ");
    let of_section = |placed: &Placed<'_>| {
        let told = placed.text.mistakes.iter().map(|mistake| (mistake.line, mistake.detail.clone()));
        let dead = placed.text.inner_links.iter().filter(|link| !anchors.contains(&link.anchor));
        let dead = dead.map(|link| (link.line, format!("no heading is at #{}; the headings are at {}", link.anchor, known())));
        let mut found: Vec<_> = told.chain(dead).collect();
        found.sort();
        found.into_iter().map(|(line, detail)| TextMistake { section: placed.section.code.clone(), line, detail }).collect::<Vec<_>>()
    };
    sections.iter().flat_map(of_section).collect()
}

/// Words as paragraphs, which blank lines part.
fn paragraphs(words: &str) -> Vec<Block> {
    let words = words.replace("\r\n", "\n");
    let mut paragraphs = vec![String::new()];
    for line in words.lines().map(str::trim) {
        match paragraphs.last_mut() {
            Some(last) if !line.is_empty() => last.push_str(&(if last.is_empty() { line.to_owned() } else { format!(" {line}") })),
            _ => paragraphs.push(String::new()),
        }
    }
    paragraphs.into_iter().filter(|paragraph| !paragraph.is_empty()).map(Block::text).collect()
}

/// A part's title, without what its section is called.
fn part_title(title: &str) -> String {
    let rest = title.strip_prefix(LOCAL_OFFER).map_or(title, |rest| rest.trim_start_matches([':', ' ']));
    let mut letters = rest.chars();
    letters.next().map(|first| format!("{}{}", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

fn as_sentence(words: &str) -> String {
    let words = words.trim();
    if words.ends_with(['.', '!', '?']) { words.to_owned() } else { format!("{words}.") }
}

fn offered(kind: &KindOfBreak) -> Block {
    if kind.entries.is_empty() {
        return Block::text("No provider has told us of an offer of this kind.");
    }
    Block::List(List { kind: ListKind::Bulleted, items: kind.entries.iter().map(entry).collect() })
}

/// One provider's offer, with how it is reached.
fn entry(entry: &PublicEntry) -> Vec<Block> {
    let mut content = vec![Inline::Strong(vec![Inline::text(&entry.provider)]), Inline::text(format!(": {}", as_sentence(&entry.offer)))];
    content.extend(entry.ages.iter().map(|ages| Inline::text(format!(" {}", as_sentence(ages)))));
    let phone = entry.phone.iter().map(|phone| (format!("tel:{}", phone.replace(|sign: char| sign.is_whitespace(), "")), phone));
    let email = entry.email.iter().map(|email| (format!("mailto:{email}"), email));
    let link = entry.link.iter().map(|link| (link.clone(), link));
    for (at, (address, words)) in phone.chain(email).chain(link).enumerate() {
        content.push(if at == 0 { Inline::LineBreak } else { Inline::text(", ") });
        // An address that is none stands as it is written.
        content.push(Address::public(&address).map_or_else(|_| Inline::text(words), |address| Inline::link(address, words)));
    }
    vec![Block::Paragraph(content)]
}

fn consulted(consultations: &[Consultation]) -> Option<Block> {
    let row = |consultation: &Consultation| {
        let day = Cell::from(Value::Date(consultation.held_on));
        Row::Ordinary(vec![Cell::words(&consultation.with_whom), day, Cell::words(&consultation.what_changed)])
    };
    let rows: Vec<_> = consultations.iter().map(row).collect();
    (!rows.is_empty()).then(|| {
        Block::Table(Table {
            caption: "Who was consulted on this statement".to_owned(),
            columns: vec![Column::words("With whom"), Column::words("When"), Column::words("What changed")],
            rows,
            notes: Vec::new(),
        })
    })
}
