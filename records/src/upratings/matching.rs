//! Which lines an uprating is for, what each costs before and after, and what that does to the tier of its child's total.

use crate::care_package::{Changes, ChildRecord, Counting, Origin};
use crate::error::Error;
use crate::packages::Package;
use crate::packages::lines::PackageLine;
use crate::upratings::rises::{Rise, rising_beyond};
use crate::upratings::terms::{NOT_POSSIBLE, Terms};
use crate::upratings::uprating::Uprating;
use crate::variations::{Variation, tier_text};
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{package_lines, package_variations, packages, upratings};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::costing::Line;
use domain::upratings::{NotUprated, Raised};
use domain::{FieldError, FinancialYear, LineState, Pence, Profile, UnitRate, VariationBasis, VariationKind};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;

/// The most lines in one uprating: more are raised in parts, by provider and service.
const MOST_LINES: usize = 5_000;

/// A line that an uprating raises.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpratedLine {
    /// The package.
    pub package_id: String,
    /// The authority's own number for the package.
    pub package_reference: String,
    /// The line.
    pub line_id: String,
    /// Its version as it was looked at.
    pub line_version: i64,
    /// The day from which it has the new rate.
    pub from: NaiveDate,
    /// The line's end; null, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// The price of a unit before, in ten-thousandths of a pound.
    #[schema(value_type = i64)]
    pub rate_before_ten_thousandths: UnitRate,
    /// The price of a unit after.
    #[schema(value_type = i64)]
    pub rate_after_ten_thousandths: UnitRate,
    /// What a full year of it costs before.
    #[schema(value_type = i64)]
    pub full_year_before_pence: Pence,
    /// What a full year of it costs after.
    #[schema(value_type = i64)]
    pub full_year_after_pence: Pence,
    /// The child's total care package before, in a full year.
    #[schema(value_type = i64)]
    pub total_before_pence: Pence,
    /// The total with all lines of the uprating.
    #[schema(value_type = i64)]
    pub total_after_pence: Pence,
    /// The posts responsible for the total before, separated by commas; null, no post has the authority.
    pub tier_before: Option<String>,
    /// The posts responsible for the total after. It is told, and not tested.
    pub tier_after: Option<String>,
    /// Whether it rises further than goes untested, with earlier rises of twelve months. If the total after is not for the post that agrees
    /// the uprating, another post confirms the line before anything is paid on it.
    pub rises_beyond: bool,
}

/// A line that an uprating leaves as it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SkippedLine {
    /// The package.
    pub package_id: String,
    /// The authority's own number for the package.
    pub package_reference: String,
    /// The line.
    pub line_id: String,
    /// Why.
    pub why: NotUprated,
}

/// What an uprating would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpratingPreview {
    /// The lines raised, by line.
    pub lines: Vec<UpratedLine>,
    /// The lines that match and are left as they are.
    pub skipped: Vec<SkippedLine>,
    /// What a full year of the lines raised costs before.
    #[schema(value_type = i64)]
    pub full_year_before_pence: Pence,
    /// What it costs after.
    #[schema(value_type = i64)]
    pub full_year_after_pence: Pence,
    /// How many children's totals come to lie in another tier.
    pub children_in_another_tier: i64,
    /// Of the lines, rates and costs shown here; totals and tiers, which other requests move, are not in it. Repeat it to propose this.
    pub preview_sha256: String,
}

impl UpratingPreview {
    /// How many lines are raised.
    pub(crate) fn line_count(&self) -> Result<i64, Error> {
        i64::try_from(self.lines.len()).map_err(Error::fault)
    }

    /// What it does in all.
    pub(crate) fn raised(&self) -> Result<Raised<'_>, Error> {
        Ok(Raised {
            lines: self.line_count()?,
            full_year_before: self.full_year_before_pence,
            full_year_after: self.full_year_after_pence,
            sha256: &self.preview_sha256,
        })
    }
}

/// A line that matches, and whose it is.
pub(crate) struct Matched {
    pub line: PackageLine,
    pub package: Package,
    pub new_rate: UnitRate,
}

impl Matched {
    /// Its rise.
    pub fn rise(&self) -> Rise<'_> {
        let (line, after) = (&self.line, self.new_rate);
        Rise { line_id: &line.line_id, arrangement: line.arrangement(), before: line.unit_rate_ten_thousandths, after }
    }
}

/// The lines that match, those among them that are left as they are, and whose they all are.
pub(crate) struct Matching {
    /// The lines to raise.
    pub lines: Vec<Matched>,
    skipped: Vec<SkippedLine>,
    packages: BTreeMap<String, Package>,
}

impl Matching {
    /// The packages of all lines, also of those left as they are; each once, by id.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.values()
    }
}

fn matching(connection: &mut AnyConnection, profile: &Profile, terms: &Terms) -> Result<Matching, Error> {
    // Once a year: only the yearly rise needs no agreement, and a second is a variation of each line.
    let year = FinancialYear::of(terms.from).map_err(Error::fault)?;
    let raised_before: HashSet<String> = package_variations::table
        .inner_join(upratings::table.on(package_variations::uprating_id.eq(upratings::id.nullable())))
        .filter(upratings::valid_from.ge(year.starts_on()).and(upratings::valid_from.lt(year.next_starts_on())))
        .select(package_variations::arrangement_id)
        .load::<String>(connection)?
        .into_iter()
        .collect();
    let (mut lines, mut skipped, mut packages) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (line, package) in lines_in_force(connection, terms)? {
        packages.entry(package.id.clone()).or_insert_with(|| package.clone());
        let new_rate = new_rate(profile, terms, &line)?;
        let why = terms.rise().leaves(&profile.costing, &line.costed(), new_rate, raised_before.contains(line.arrangement()));
        match why {
            None => lines.push(Matched { line, package, new_rate }),
            Some(why) => {
                skipped.push(SkippedLine { package_id: package.id, package_reference: package.reference, line_id: line.line_id, why });
            }
        }
    }
    Ok(Matching { lines, skipped, packages })
}

/// The provider's or service's lines in force on the day or after, with their packages; by line.
fn lines_in_force(connection: &mut AnyConnection, terms: &Terms) -> Result<Vec<(PackageLine, Package)>, Error> {
    let later = diesel::alias!(package_lines as later);
    let newer = later
        .filter(later.field(package_lines::line_id).eq(package_lines::line_id))
        .filter(later.field(package_lines::version).gt(package_lines::version));
    let mut query = package_lines::table
        .inner_join(packages::table)
        .filter(not(exists(newer)))
        .filter(package_lines::state.ne(LineState::Reversed))
        .filter(package_lines::valid_to.is_null().or(package_lines::valid_to.gt(terms.from)))
        .order(package_lines::line_id)
        .select((PackageLine::as_select(), Package::as_select()))
        .into_boxed();
    if let Some(provider) = &terms.provider_id {
        query = query.filter(package_lines::provider_id.eq(provider));
    }
    if let Some(service) = &terms.service {
        query = query.filter(package_lines::service.eq(service));
    }
    let rows: Vec<(PackageLine, Package)> =
        query.limit(i64::try_from(MOST_LINES).unwrap_or(i64::MAX).saturating_add(1)).load(connection)?;
    if rows.len() > MOST_LINES {
        let detail = format!("more than {MOST_LINES} lines match: raise them in parts, by provider and service");
        return Err(Error::invalid(vec![FieldError::new("/provider_id", "too_many_lines", detail)]));
    }
    Ok(rows)
}

fn new_rate(profile: &Profile, terms: &Terms, line: &PackageLine) -> Result<UnitRate, Error> {
    terms.rise().new_rate(&profile.costing, &line.costed()).map_err(|pointer| {
        let detail = format!("line {} would cost more than a record may carry, or less than nothing", line.line_id);
        Error::invalid(vec![FieldError::new(pointer, "too_large", detail)])
    })
}

/// The variation of one line. Totals and tiers are told by the preview.
pub(crate) fn variation_of(matched: &Matched, told: &UpratedLine, stamp: &Uprating, id: String) -> Variation {
    let line = &matched.line;
    Variation {
        id,
        package_id: line.package_id.clone(),
        line_id: line.line_id.clone(),
        line_version: line.version,
        arrangement_id: line.arrangement().to_owned(),
        kind: VariationKind::Uprating,
        valid_from: told.from,
        valid_to: None,
        quantity_thousandths: None,
        frequency: None,
        unit_rate_ten_thousandths: Some(matched.new_rate),
        provider_id: None,
        basis: VariationBasis::Uprating,
        request_line_id: None,
        uprating_id: Some(stamp.id.clone()),
        total_before_pence: told.total_before_pence,
        total_after_pence: told.total_after_pence,
        tier_before: told.tier_before.clone(),
        tier_after: told.tier_after.clone(),
        beyond_percent: None,
        reason: stamp.reason.clone(),
        recorded_by: stamp.recorded_by.clone(),
        recorded_at: stamp.recorded_at,
        recorded_seq: stamp.recorded_seq,
        ends_by_age_on: None,
        beyond_age_reason: None,
    }
}

/// The day, and the instant, on which it is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Now {
    pub today: NaiveDate,
    pub at: NaiveDateTime,
}

/// What an uprating would do on a day, and the lines that it does it to.
pub(crate) fn preview(
    connection: &mut AnyConnection,
    profile: &Profile,
    terms: &Terms,
    now: Now,
) -> Result<(Matching, UpratingPreview), Error> {
    let mut matching = matching(connection, profile, terms)?;
    let skipped = std::mem::take(&mut matching.skipped);
    let preview = tell(connection, profile, terms, (&matching.lines, skipped), now)?;
    Ok((matching, preview))
}

/// The same of what was proposed: a conflict where lines came since, or are dearer, so that it is no longer possible.
pub(crate) fn preview_proposed(
    connection: &mut AnyConnection,
    profile: &Profile,
    terms: &Terms,
    now: Now,
) -> Result<(Matching, UpratingPreview), Error> {
    preview(connection, profile, terms, now).map_err(|problem| problem.of_record(NOT_POSSIBLE))
}

fn tell(
    connection: &mut AnyConnection,
    profile: &Profile,
    terms: &Terms,
    (matched, skipped): (&[Matched], Vec<SkippedLine>),
    Now { today, at }: Now,
) -> Result<UpratingPreview, Error> {
    let beyond = rising_beyond(connection, profile, matched.iter().map(Matched::rise), at)?;
    let mut of_child: BTreeMap<&str, Vec<&Matched>> = BTreeMap::new();
    for found in matched {
        of_child.entry(&found.package.child_id).or_default().push(found);
    }
    let children: Vec<&str> = of_child.keys().copied().collect();
    let records = ChildRecord::load_each(connection, profile, &children, today)?;
    let (mut lines, mut children_in_another_tier) = (Vec::new(), 0);
    for (child, found) in of_child {
        let record = records.get(child).ok_or_else(|| Error::fault("a child without a record"))?;
        let changes = changes_of(&found, terms, Origin::Package);
        let before = record.with(profile, &[], &Changes::default())?.total;
        let after = record.with(profile, &[], &changes)?.total;
        let (tier_before, tier_after) = (tier_text(&profile.tier(before, today)), tier_text(&profile.tier(after, today)));
        children_in_another_tier += i64::from(tier_before != tier_after);
        for found in found {
            let full_year = |rate| {
                let costed = Line { unit_rate: rate, ..found.line.costed() };
                profile.costing.full_year(&costed).map_err(Error::fault)
            };
            lines.push(UpratedLine {
                package_id: found.package.id.clone(),
                package_reference: found.package.reference.clone(),
                line_id: found.line.line_id.clone(),
                line_version: found.line.version,
                from: found.line.valid_from.max(terms.from),
                valid_to: found.line.valid_to,
                rate_before_ten_thousandths: found.line.unit_rate_ten_thousandths,
                rate_after_ten_thousandths: found.new_rate,
                full_year_before_pence: full_year(found.line.unit_rate_ten_thousandths)?,
                full_year_after_pence: full_year(found.new_rate)?,
                total_before_pence: before,
                total_after_pence: after,
                tier_before: tier_before.clone(),
                tier_after: tier_after.clone(),
                rises_beyond: beyond.contains(&found.line.line_id),
            });
        }
    }
    lines.sort_by(|a, b| a.line_id.cmp(&b.line_id));
    let sum = |of: fn(&UpratedLine) -> Pence| Pence::checked_sum(lines.iter().map(of)).map_err(Error::fault);
    let (full_year_before_pence, full_year_after_pence) =
        (sum(|line| line.full_year_before_pence)?, sum(|line| line.full_year_after_pence)?);
    let preview_sha256 = fingerprint(terms, &lines, &skipped)?;
    Ok(UpratingPreview { lines, skipped, full_year_before_pence, full_year_after_pence, children_in_another_tier, preview_sha256 })
}

/// What the rise makes of a child's lines, as the child's total sees them. What it brings is no request: it counts while it is in force.
/// `origin` is that of a line with its new rate.
pub(crate) fn changes_of(found: &[&Matched], terms: &Terms, origin: Origin) -> Changes {
    let mut changes = Changes::default();
    for found in found {
        let raised = raised(found, terms, origin);
        changes.gone.extend(raised.gone);
        changes.lines.extend(raised.lines);
    }
    changes
}

fn raised(found: &Matched, terms: &Terms, origin: Origin) -> Changes {
    let from = found.line.valid_from.max(terms.from);
    let raised = PackageLine {
        // It would be a line of its own.
        line_id: format!("{}, raised", found.line.line_id),
        continues_line_id: Some(found.line.arrangement().to_owned()),
        unit_rate_ten_thousandths: found.new_rate,
        valid_from: from,
        ..found.line.clone()
    };
    let counting = |line: PackageLine, origin: Origin| Counting { line, origin, whatever_its_dates: false };
    let ended =
        (raised.valid_from > found.line.valid_from).then(|| PackageLine { valid_to: Some(raised.valid_from), ..found.line.clone() });
    let ended = ended.map(|line| counting(line, Origin::Package));
    Changes { gone: [found.line.line_id.clone()].into(), lines: ended.into_iter().chain([counting(raised, origin)]).collect() }
}

/// SHA-256 over what was asked for, the lines raised with their rates and costs, and the lines left as they are. Children's totals and
/// tiers are told and not tested, and move with every other request: what waits for an agreement does not lapse by them.
fn fingerprint(terms: &Terms, lines: &[UpratedLine], skipped: &[SkippedLine]) -> Result<String, Error> {
    let asked = (&terms.provider_id, &terms.service, terms.from, terms.percentage_ten_thousandths, terms.unit_rate_ten_thousandths);
    let raised = |line: &UpratedLine| {
        json!([
            line.line_id,
            line.line_version,
            line.from,
            line.valid_to,
            line.rate_before_ten_thousandths,
            line.rate_after_ten_thousandths,
            line.full_year_before_pence,
            line.full_year_after_pence
        ])
    };
    let raised: Vec<_> = lines.iter().map(raised).collect();
    let told = serde_json::to_vec(&(asked, raised, skipped)).map_err(Error::fault)?;
    Ok(db::audit::hex(&Sha256::digest(&told)))
}
