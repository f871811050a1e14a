//! Who may confirm lines: read for all of them at once, and asked of each.

use crate::care_package::{Changes, ChildRecord, Counting, Origin};
use crate::confirmations::confirmation::{ConfirmationAuthority, PanelBefore};
use crate::error::Error;
use crate::packages::lines::PackageLine;
use crate::people::owners::owners_of;
use crate::people::post_holdings::in_post_on;
use chrono::NaiveDate;
use db::schema::{package_lines, package_variations, packages};
use db::{AnyConnection, ArrangementVersions, arrangement_versions};
use diesel::prelude::*;
use domain::authority::{Answer, Bar, Occasion, PostHolder, Question};
use domain::packages::support::Agreement;
use domain::{Profile, VariationBasis};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// So many are asked for at once.
const CHUNK: usize = 500;

/// Whoever is ruled out, and why.
type RuledOut = BTreeMap<String, Vec<Bar>>;

/// Of a variation on what ground it was made, the line that was varied, and how far rates rise in one that goes beyond what goes untested.
type Varied = (VariationBasis, String, Option<i64>);

/// What is on record around some lines, read for all of them at once.
pub struct Looked {
    on: NaiveDate,
    in_post: Vec<PostHolder>,
    /// The child of each package.
    children: HashMap<String, String>,
    records: HashMap<String, ChildRecord>,
    versions: ArrangementVersions,
    variations: HashMap<String, Varied>,
    /// By arrangement.
    ruled_out: HashMap<String, RuledOut>,
}

impl Looked {
    /// Reads it. A few queries for hundreds of lines.
    pub fn at(connection: &mut AnyConnection, profile: &Profile, lines: &[PackageLine], on: NaiveDate) -> Result<Self, Error> {
        let packages: BTreeSet<&str> = lines.iter().map(|line| line.package_id.as_str()).collect();
        let mut children = HashMap::new();
        for some in packages.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
            let rows: Vec<(String, String)> =
                packages::table.filter(packages::id.eq_any(some)).select((packages::id, packages::child_id)).load(connection)?;
            children.extend(rows);
        }
        let of_children: BTreeSet<&str> = children.values().map(String::as_str).collect();
        let records = ChildRecord::load_each(connection, profile, &of_children.into_iter().collect::<Vec<_>>(), on)?;
        let firsts: BTreeSet<String> = lines.iter().map(|line| line.arrangement().to_owned()).collect();
        let firsts: Vec<String> = firsts.into_iter().collect();
        Ok(Looked {
            on,
            in_post: in_post_on(connection, on)?,
            versions: arrangement_versions(connection, &firsts, None, profile.time_zone)?,
            variations: variations_of(connection, lines)?,
            ruled_out: ruled_out(connection, &firsts)?,
            children,
            records,
        })
    }

    /// The child whose the line is.
    pub fn child(&self, line: &PackageLine) -> Result<&str, Error> {
        self.children.get(&line.package_id).map(String::as_str).ok_or_else(|| Error::fault("a package without a child"))
    }

    /// What agreed a line's last version, if anything did; none, the line does not stand.
    pub fn agreement(&self, line: &PackageLine) -> Option<Option<Agreement>> {
        let standing = self.versions.standing(line.arrangement());
        standing.iter().find(|standing| standing.version.line_id == line.line_id).map(|standing| standing.agreed)
    }

    /// Whether a rise of rates made it of a line that is agreed: the support was decided, and only its tier is open.
    pub fn is_risen_from_agreed(&self, line: &PackageLine) -> bool {
        let made_by = line.variation_id.as_ref().and_then(|id| self.variations.get(id));
        // What rises further than goes untested is more, as any other increase.
        let Some((VariationBasis::Uprating, varied, None)) = made_by else { return false };
        let standing = self.versions.standing(line.arrangement());
        standing.iter().any(|one| one.version.line_id == *varied && one.agreed.is_some())
    }

    /// The reasoning for a line that stands, and its answer. It counts whatever its dates, as what is asked for does. Where only a panel
    /// may agree it, `panel` is the one that did.
    pub fn explain(
        &self,
        profile: &Profile,
        line: &PackageLine,
        panel: Option<&PanelBefore>,
    ) -> Result<(ConfirmationAuthority, Answer), Error> {
        let record = self.records.get(self.child(line)?).ok_or_else(|| Error::fault("a child's record was read and is not there"))?;
        let counting = Counting { line: line.clone(), origin: Origin::ThisLine, whatever_its_dates: true };
        let package = record.with(profile, &[], &Changes { gone: [line.line_id.clone()].into(), lines: vec![counting] })?;
        let ruled_out = self.ruled_out.get(line.arrangement()).cloned().unwrap_or_default();
        let (asked, others) = (package.asked(Origin::is_asked), package.asked(|origin| !origin.is_asked()));
        // A line beside others gives the child more, as a variation of one of them would.
        let occasion = match (self.is_risen_from_agreed(line), others.is_empty()) {
            (true, _) => Occasion::Decided,
            (false, true) => Occasion::Support,
            (false, false) => Occasion::More,
        };
        let question = Question {
            occasion,
            total: package.total,
            on: self.on,
            in_post: &self.in_post,
            barred: &ruled_out,
            kinds: &[(&line.budget_line, line.unit)],
            asked: &asked,
            others: &others,
        };
        let mut answer = profile.who_may(&question);
        let needs_panel = answer.needs_panel;
        let panel = panel.filter(|_| needs_panel).cloned();
        if panel.is_some() {
            let demanded_by = std::mem::take(&mut answer.demanded_by);
            answer = Answer { demanded_by, ..profile.who_may(&Question { occasion: Occasion::Decided, ..question }) };
        }
        let authority = ConfirmationAuthority {
            line_id: line.line_id.clone(),
            version: line.version,
            on: self.on,
            lines: package.lines,
            total_pence: package.total,
            authority: answer.authority.clone(),
            ruled_out,
            demanded_by: answer.demanded_by.clone(),
            needs_panel,
            panel,
        };
        Ok((authority, answer))
    }
}

/// The variations that made these versions.
fn variations_of(connection: &mut AnyConnection, lines: &[PackageLine]) -> Result<HashMap<String, Varied>, Error> {
    let ids: BTreeSet<&str> = lines.iter().filter_map(|line| line.variation_id.as_deref()).collect();
    let mut found = HashMap::new();
    for some in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let rows: Vec<(String, VariationBasis, String, Option<i64>)> = package_variations::table
            .filter(package_variations::id.eq_any(some))
            .select((package_variations::id, package_variations::basis, package_variations::line_id, package_variations::beyond_percent))
            .load(connection)?;
        found.extend(rows.into_iter().map(|(id, basis, line, beyond)| (id, (basis, line, beyond))));
    }
    Ok(found)
}

/// Whoever brought each arrangement to the record: a line that goes on has the terms of the one before. What a variation made was
/// recorded with its agreement, and comes from whoever proposed it; rates that rise for many lines bring no line.
fn ruled_out(connection: &mut AnyConnection, firsts: &[String]) -> Result<HashMap<String, RuledOut>, Error> {
    let mut did: BTreeSet<(String, String, Bar)> = BTreeSet::new();
    for some in firsts.chunks(CHUNK) {
        let own = package_lines::line_id.eq_any(some).or(package_lines::continues_line_id.eq_any(some));
        let recorded: Vec<(String, Option<String>, String)> = package_lines::table
            .filter(own)
            .filter(package_lines::variation_id.is_null())
            .select((package_lines::line_id, package_lines::continues_line_id, package_lines::recorded_by))
            .distinct()
            .load(connection)?;
        did.extend(recorded.into_iter().map(|(line, continues, by)| (continues.unwrap_or(line), by, Bar::RecordedIt)));
        let proposed: Vec<(String, String)> = package_variations::table
            .filter(package_variations::arrangement_id.eq_any(some))
            .filter(package_variations::basis.ne(VariationBasis::Uprating))
            .select((package_variations::arrangement_id, package_variations::recorded_by))
            .distinct()
            .load(connection)?;
        did.extend(proposed.into_iter().map(|(arrangement, by)| (arrangement, by, Bar::ProposedIt)));
    }
    let owners = owners_of(connection, did.iter().map(|(_, by, _)| by.as_str()).collect())?;
    let mut bars: HashMap<String, BTreeMap<String, BTreeSet<Bar>>> = HashMap::new();
    for (arrangement, by, bar) in did {
        let people = bars.entry(arrangement).or_default();
        if let Some(owner) = owners.get(&by) {
            people.entry(owner.clone()).or_default().insert(bar);
        }
        people.entry(by).or_default().insert(bar);
    }
    let listed =
        |people: BTreeMap<String, BTreeSet<Bar>>| people.into_iter().map(|(person, bars)| (person, bars.into_iter().collect())).collect();
    Ok(bars.into_iter().map(|(arrangement, people)| (arrangement, listed(people))).collect())
}
