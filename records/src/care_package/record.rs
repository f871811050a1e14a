//! What is on record of a child, and the total care package that follows from it.

use crate::care_package::counting::{Changes, Counting, request_line_facts};
use crate::care_package::others::other_requests;
use crate::error::Error;
use crate::packages::lines::{KnownOn, PackageLine, latest_lines, latest_lines_of};
use crate::requests::{Request, RequestLine};
use crate::variations::{Variation, open_variations_of};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{packages, requests};
use diesel::prelude::*;
use domain::Profile;
use domain::care_package::{CarePackage, ChildFacts, OtherRequest, is_still_open, stands};
use std::collections::{HashMap, HashSet};

/// Children or packages in one query, so that the databases' limits on parameters are kept.
const CHUNK: usize = 500;

/// Rows by the child whose they are.
type OfChild<R> = HashMap<String, Vec<R>>;

/// What is not counted beside itself.
#[derive(Debug, Clone, Copy)]
pub enum Tested<'t> {
    /// A request, whose lines are asked for.
    Request(&'t str),
    /// A variation, whose lines are asked for.
    Variation(&'t str),
}

/// Everything on record that counts in a child's total, on a day.
pub struct ChildRecord {
    on: NaiveDate,
    /// Package lines that stand.
    lines: Vec<PackageLine>,
    /// The arrangement of every package line that there ever was.
    arrangements: HashMap<String, String>,
    others: Vec<OtherRequest>,
    /// What variations that are not agreed would make.
    proposed: Vec<Counting>,
}

impl ChildRecord {
    /// Reads it.
    pub fn load(
        connection: &mut AnyConnection,
        profile: &Profile,
        child_id: &str,
        tested: Tested<'_>,
        on: NaiveDate,
    ) -> Result<Self, Error> {
        let packages: Vec<String> = packages::table.filter(packages::child_id.eq(child_id)).select(packages::id).load(connection)?;
        let mut lines = Vec::new();
        for package in &packages {
            lines.extend(latest_lines(connection, package, KnownOn::Now)?);
        }
        let (request, variation) = match tested {
            Tested::Request(id) => (Some(id), None),
            Tested::Variation(id) => (None, Some(id)),
        };
        let mut open = open_variations_of(connection, &packages)?;
        open.retain(|open| Some(open.id.as_str()) != variation);
        let others = other_requests(connection, child_id, request, on)?;
        Self::of(profile, lines, &open, others, on)
    }

    /// Reads what is on record of each of these children, while nothing is asked for. A few queries for hundreds of children, and some
    /// more for each child that ever had a request.
    pub fn load_each(
        connection: &mut AnyConnection,
        profile: &Profile,
        children: &[&str],
        on: NaiveDate,
    ) -> Result<HashMap<String, Self>, Error> {
        let mut records = HashMap::new();
        for children in children.chunks(CHUNK) {
            let rows: Vec<(String, String)> =
                packages::table.filter(packages::child_id.eq_any(children)).select((packages::id, packages::child_id)).load(connection)?;
            let ids: Vec<String> = rows.iter().map(|(package, _)| package.clone()).collect();
            let child_of: HashMap<String, String> = rows.into_iter().collect();
            let child_of = |package: &str| child_of.get(package).cloned().unwrap_or_default();
            let (mut lines, mut open): (OfChild<PackageLine>, OfChild<Variation>) = Default::default();
            for ids in ids.chunks(CHUNK) {
                for line in latest_lines_of(connection, ids)? {
                    lines.entry(child_of(&line.package_id)).or_default().push(line);
                }
                for variation in open_variations_of(connection, ids)? {
                    open.entry(child_of(&variation.package_id)).or_default().push(variation);
                }
            }
            let asking = requests::table.filter(requests::child_id.eq_any(children)).select(requests::child_id).distinct();
            let asking: HashSet<String> = asking.load(connection)?.into_iter().collect();
            for child in children.iter().map(|child| (*child).to_owned()) {
                let others = if asking.contains(&child) { other_requests(connection, &child, None, on)? } else { Vec::new() };
                let (lines, open) = (lines.remove(&child), open.remove(&child));
                let record = Self::of(profile, lines.unwrap_or_default(), &open.unwrap_or_default(), others, on)?;
                records.insert(child, record);
            }
        }
        Ok(records)
    }

    /// Of the child's package lines in their last versions, and the variations that are not agreed.
    pub fn of(
        profile: &Profile,
        mut lines: Vec<PackageLine>,
        open: &[Variation],
        others: Vec<OtherRequest>,
        on: NaiveDate,
    ) -> Result<Self, Error> {
        let arrangements = lines.iter().map(|line| (line.line_id.clone(), line.arrangement().to_owned())).collect();
        lines.retain(|line| stands(line.state));
        let mut proposed = Vec::new();
        for open in open {
            // One whose line has changed since can no longer be agreed.
            let varied = lines.iter().find(|line| line.line_id == open.line_id && is_still_open(open.line_version, line.version));
            proposed.extend(varied.map(|line| open.asked_for(profile, line)).transpose()?.flatten().map(Counting::proposed));
        }
        Ok(ChildRecord { on, arrangements, others, lines, proposed })
    }

    /// The total care package with the lines of a request, and with variations of what is on record.
    pub fn with(&self, profile: &Profile, asked: &[RequestLine], changes: &Changes) -> Result<CarePackage, Error> {
        let standing = self.lines.iter().filter(|line| !changes.gone.contains(&line.line_id));
        let on_record = standing.cloned().map(Counting::on_record);
        let varied = changes.lines.iter().chain(&self.proposed).cloned();
        let current: Vec<_> = on_record.chain(varied).map(Counting::facts).collect();
        let asked: Vec<_> = asked.iter().cloned().map(request_line_facts).collect();
        let child = ChildFacts { on: self.on, arrangements: &self.arrangements, asked: &asked, current: &current, others: &self.others };
        CarePackage::of(&profile.costing, child).map_err(Error::fault)
    }

    /// The line with that id, if it stands.
    pub fn line(&self, line_id: &str) -> Option<&PackageLine> {
        self.lines.iter().find(|line| line.line_id == line_id)
    }
}

/// The child's total care package as it would be on a day with these lines of the request.
pub fn care_package(
    connection: &mut AnyConnection,
    profile: &Profile,
    request: &Request,
    lines: &[RequestLine],
    on: NaiveDate,
) -> Result<CarePackage, Error> {
    let record = ChildRecord::load(connection, profile, &request.child_id, Tested::Request(&request.id), on)?;
    record.with(profile, lines, &Changes::default())
}
