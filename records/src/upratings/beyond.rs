//! Which lines of an uprating rise further than goes untested, without the authority of the post that agrees it over the child's new total.

use crate::care_package::{ChildRecord, Origin};
use crate::error::Error;
use crate::upratings::matching::{Matched, changes_of};
use crate::upratings::rises::rising_beyond;
use crate::upratings::terms::Terms;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use domain::authority::{Bar, Candidate, Occasion, PostHolder, Question};
use domain::{Profile, Unit};
use std::collections::{BTreeMap, HashSet};

/// Who agrees an uprating, and what decides whether they may agree that a child has more.
pub(crate) struct Agreeing<'a> {
    pub person: &'a Candidate,
    pub in_post: &'a [PostHolder],
    pub barred: &'a BTreeMap<String, Vec<Bar>>,
    pub on: NaiveDate,
    pub at: NaiveDateTime,
}

/// The lines that a post confirms afterwards: they rise further than goes untested, and the child's new total is not for the post that
/// agrees the rise.
pub(crate) fn lines_beyond(
    connection: &mut AnyConnection,
    profile: &Profile,
    terms: &Terms,
    matched: &[Matched],
    agreeing: &Agreeing<'_>,
) -> Result<HashSet<String>, Error> {
    let rising = rising_beyond(connection, profile, matched.iter().map(Matched::rise), agreeing.at)?;
    let rises = |found: &Matched| rising.contains(&found.line.line_id);
    let mut of_child: BTreeMap<&str, Vec<&Matched>> = BTreeMap::new();
    for found in matched {
        of_child.entry(&found.package.child_id).or_default().push(found);
    }
    of_child.retain(|_, lines| lines.iter().any(|found| rises(found)));
    let children: Vec<&str> = of_child.keys().copied().collect();
    let records = ChildRecord::load_each(connection, profile, &children, agreeing.on)?;
    let mut beyond = HashSet::new();
    for (child, lines) in of_child {
        let record = records.get(child).ok_or_else(|| Error::fault("a child without a record"))?;
        let package = record.with(profile, &[], &changes_of(&lines, terms, Origin::ThisVariation))?;
        let kinds: Vec<(&str, Unit)> = lines.iter().map(|found| (found.line.budget_line.as_str(), found.line.unit)).collect();
        let answer = profile.who_may(&Question {
            occasion: Occasion::More,
            total: package.total,
            on: agreeing.on,
            in_post: agreeing.in_post,
            barred: agreeing.barred,
            kinds: &kinds,
            asked: &package.asked(Origin::is_asked),
            others: &package.asked(|origin| !origin.is_asked()),
        });
        let Candidate { user_id, post, .. } = agreeing.person;
        let mut own = answer.authority.people.iter().filter(|person| person.user_id == *user_id && person.post == *post);
        if !own.any(|person| person.may_authorise) {
            beyond.extend(lines.iter().filter(|found| rises(found)).map(|found| found.line.line_id.clone()));
        }
    }
    Ok(beyond)
}
