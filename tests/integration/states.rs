//! The table of states, from which these tests are made: every step that it allows is taken, every other one is tried and refused.

use crate::support::panel_day::{PanelDay, approved, assert_whole, decision_of, line, long_panel, reference, with};
use crate::support::{Answer, Client, TestApp, on_both_with};
use diesel::prelude::*;
use domain::profile::WithoutPanel;
use domain::requests::TRANSITIONS;
use domain::{Profile, RequestAction as A, RequestState as S, Unit};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use strum::VariantArray;

/// A step of the table with one of the states it may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: S,
    action: A,
    to: S,
}

fn edges() -> Vec<Edge> {
    TRANSITIONS.iter().flat_map(|row| row.to.iter().map(|to| Edge { from: row.from, action: row.action, to: *to })).collect()
}

/// The shortest way from a state to another, by the table.
fn way(from: S, to: S) -> Vec<Edge> {
    let mut found: BTreeMap<S, Vec<Edge>> = BTreeMap::from([(from, Vec::new())]);
    let mut queue = VecDeque::from([from]);
    while let Some(here) = queue.pop_front() {
        for edge in edges().into_iter().filter(|edge| edge.from == here) {
            if !found.contains_key(&edge.to) {
                let longer = [found[&here].clone(), vec![edge]].concat();
                found.insert(edge.to, longer);
                queue.push_back(edge.to);
            }
        }
    }
    found[&to].clone()
}

/// A way that ends with an edge. An appeal that is dismissed leads back to where the request came from.
fn way_through(last: Edge) -> Vec<Edge> {
    let appealed = last.from == S::UnderAppeal && last.to != S::Submitted;
    let before = if appealed {
        [way(S::Draft, last.to), vec![Edge { from: last.to, action: A::Appeal, to: S::UnderAppeal }]].concat()
    } else {
        way(S::Draft, last.from)
    };
    [before, vec![last]].concat()
}

/// A request on its way, with everything that its next step may need to name.
struct Walker<'d> {
    day: &'d PanelDay,
    later: &'d str,
    request: String,
    paperwork: Value,
    pence: i64,
    booking: Option<String>,
    decision: Option<String>,
    appeal: Option<String>,
}

impl<'d> Walker<'d> {
    /// A draft that asks for what the way needs.
    async fn start(day: &'d PanelDay, later: &'d str, way: &[Edge]) -> Self {
        let child = day.presenter.client.child().await;
        let is_large = way.iter().any(|edge| edge.to == S::AwaitingAuthority);
        let pence = if is_large { 5_000_000 } else { 100_000 };
        // Whoever writes it costs it, so that nobody else has to confirm a revision.
        let mut paperwork = with(day.paperwork(&child, pence).await, "coster_id", json!(day.presenter.id));
        if way.iter().any(|edge| edge.action == A::AgreeWithoutPanel) {
            let social = with(with(line(1000), "service", json!("social_support")), "unit", json!("hour"));
            paperwork["lines"] = json!([with(social, "frequency", json!("weekly"))]);
        }
        let new = json!({ "reference": reference(), "child_id": child, "paperwork": paperwork });
        let made = day.presenter.client.record("/v1/requests", &new).await;
        let request = made["id"].as_str().unwrap().to_owned();
        Walker { day, later, request, paperwork, pence, booking: None, decision: None, appeal: None }
    }

    /// Every action's one operation: who may call it, its path and a body that fits. What does not exist has an id of nothing.
    fn call(&self, action: A) -> (&Client, String, Value) {
        let day = self.day;
        let of = |id: &Option<String>| id.clone().unwrap_or_else(db::new_id);
        let request = &self.request;
        let given = json!({ "outcome": "given", "reason": "-", "authority_hearing_on": "2024-06-07" });
        match action {
            A::Revise => (&day.presenter.client, format!("/v1/requests/{request}/revisions"), self.paperwork.clone()),
            A::Submit => (&day.presenter.client, format!("/v1/requests/{request}/submission"), json!({})),
            A::Book => (&day.support, format!("/v1/panels/{}/bookings", day.panel), json!({ "request_id": request })),
            A::Release => (&day.support, format!("/v1/panel-bookings/{}/release", of(&self.booking)), json!({ "reason": "-" })),
            A::AgreeWithoutPanel => {
                (&day.tm.client, format!("/v1/requests/{request}/agreement-without-panel"), json!({ "rationale": "-" }))
            }
            A::Decide => (&day.sum.client, format!("/v1/requests/{request}/decisions"), approved()),
            A::Ratify => (&day.hos.client, format!("/v1/decisions/{}/ratification", of(&self.decision)), given),
            A::Authorise => (&day.ad.client, format!("/v1/decisions/{}/authorisation", of(&self.decision)), given),
            A::Appeal => (&day.presenter.client, format!("/v1/requests/{request}/appeals"), json!({ "received_on": "2024-06-03" })),
            A::DecideAppeal => {
                let dismissed = json!({ "outcome": "dismissed", "reason": "-" });
                (&day.director.client, format!("/v1/appeals/{}/outcome", of(&self.appeal)), dismissed)
            }
            A::Withdraw => (&day.presenter.client, format!("/v1/requests/{request}/withdrawal"), json!({ "reason": "-" })),
        }
    }

    /// Takes the first edge of a way; what is decided depends on where the way goes on to.
    async fn step(&mut self, rest: &[Edge]) {
        let edge = rest[0];
        let (mut client, mut path, mut body) = self.call(edge.action);
        let request = self.request.clone();
        match edge.action {
            A::Book if edge.from == S::Deferred => path = format!("/v1/panels/{}/bookings", self.later),
            A::Decide => {
                body = decision_of(kind_for(rest), self.pence);
                if edge.to == S::AwaitingRatification {
                    let interest = json!({ "nature": "colleague" });
                    self.day.sum.client.record(&format!("/v1/requests/{request}/own-interest"), &interest).await;
                    client = &self.day.pm.client;
                } else if edge.to == S::AwaitingAuthority {
                    body = with(body, "authority_hearing_on", json!("2024-06-07"));
                }
            }
            A::Authorise if edge.to == S::Declined => {
                body = with(with(body, "outcome", json!("declined")), "decline_reason", json!("disproportionate"));
            }
            A::Ratify if edge.to == S::Submitted => body = with(body, "outcome", json!("declined")),
            A::DecideAppeal if edge.to == S::Submitted => body = with(body, "outcome", json!("upheld")),
            _ => {}
        }
        let answer = client.post(&path, &body).await;
        assert_eq!(answer.status, 201, "{edge:?} of {rest:?}: {}", answer.text);
        let id = answer.body["id"].as_str().map(str::to_owned);
        match edge.action {
            A::Book => self.booking = id,
            A::Decide | A::AgreeWithoutPanel => self.decision = id,
            A::Appeal => self.appeal = id,
            _ => {}
        }
        assert_eq!(self.day.state(&self.request).await, edge.to.as_str(), "after {edge:?}");
    }

    async fn walk(&mut self, way: &[Edge]) {
        for place in 0..way.len() {
            self.step(&way[place..]).await;
        }
    }
}

/// What to decide so that the rest of a way is open.
fn kind_for(rest: &[Edge]) -> &'static str {
    let until_heard_again = rest.iter().take_while(|edge| edge.action != A::Appeal && edge.action != A::Book);
    let states: Vec<_> = until_heard_again.map(|edge| edge.to).collect();
    if rest.get(1).is_some_and(|next| next.action == A::Ratify && next.to == S::Submitted) {
        // Only what is no approval is heard again when it is not ratified.
        return "declined";
    }
    let is_above = states.contains(&S::AwaitingAuthority);
    let decided = states.into_iter().find(|state| {
        matches!(state, S::Approved | S::ApprovedInPart) || (!is_above && matches!(state, S::Deferred | S::Declined | S::Signposted))
    });
    decided.map_or("approved", |state| state.as_str())
}

/// The core authority's profile, with a small package that a team manager may agree without panel.
fn profile() -> Profile {
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.delegation.without_panel.push(WithoutPanel {
        posts: vec!["team_manager".to_owned()],
        services: vec!["social_support".to_owned()],
        budget_lines: vec!["targeted_outreach".to_owned()],
        unit: Unit::Hour,
        up_to_thousandths_per_week: 4_000,
        up_to_pence_per_year: Some(100_000_000),
        clause: "A clause".to_owned(),
    });
    profile
}

/// How many rows every table has.
fn counts(app: &TestApp) -> Vec<(String, i64)> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let mut connection = app.store.connection().unwrap();
    let names = match app.backend {
        crate::support::Backend::Sqlite => {
            "SELECT name, CAST(0 AS BIGINT) AS n FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        }
        crate::support::Backend::Postgres => {
            "SELECT table_name::text AS name, 0::bigint AS n FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
        }
    };
    let names: Vec<Row> = diesel::sql_query(names).load(&mut *connection).unwrap();
    assert!(names.len() > 40, "every table is looked at");
    let each: Vec<_> = names.iter().map(|row| format!("SELECT '{0}' AS name, COUNT(*) AS n FROM {0}", row.name)).collect();
    let rows: Vec<Row> = diesel::sql_query(each.join(" UNION ALL ")).load(&mut *connection).unwrap();
    rows.into_iter().map(|row| (row.name, row.n)).collect()
}

/// The steps on record, each once.
fn recorded(app: &TestApp) -> BTreeSet<Edge> {
    use db::schema::request_transitions as t;
    let mut connection = app.store.connection().unwrap();
    let rows: Vec<(S, A, S)> = t::table.select((t::from_state, t::action, t::to_state)).load(&mut *connection).unwrap();
    rows.into_iter().map(|(from, action, to)| Edge { from, action, to }).collect()
}

#[track_caller]
fn assert_refused(answer: Answer, state: S, action: A) {
    let refused = answer.expect_problem(409, "state_conflict");
    let legal = state.allowed_actions();
    assert_eq!(refused.body["allowed_actions"], json!(legal), "`{action}` in `{state}`: {}", refused.text);
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains(&format!("`{state}`")) && detail.contains(&format!("`{action}`")), "{detail}");
    assert!(legal.iter().all(|action| detail.contains(&format!("`{action}`"))), "{detail}");
    assert!(!legal.is_empty() || detail.contains("nothing more"), "{detail}");
}

#[test]
fn every_step_that_the_table_allows_is_taken() {
    on_both_with(&profile(), async |app| {
        let day = PanelDay::of(app).await;
        let later = long_panel(&day.support, "2024-06-10").await;
        for edge in edges() {
            let way = way_through(edge);
            Walker::start(&day, &later, &way).await.walk(&way).await;
        }
        assert_eq!(recorded(app), edges().into_iter().collect::<BTreeSet<_>>());
        assert_whole(app);
    });
}

#[test]
fn every_step_that_the_table_does_not_allow_is_refused_with_what_can_be_done_and_changes_nothing() {
    on_both_with(&profile(), async |app| {
        let day = PanelDay::of(app).await;
        let later = long_panel(&day.support, "2024-06-10").await;
        let heard_before = [
            way(S::Draft, S::Declined),
            vec![
                Edge { from: S::Declined, action: A::Appeal, to: S::UnderAppeal },
                Edge { from: S::UnderAppeal, action: A::DecideAppeal, to: S::Submitted },
            ],
        ]
        .concat();
        for state in S::VARIANTS {
            // A request that was heard before has a booking, a decision and an appeal, so that every action has something to act on.
            let way = [heard_before.clone(), way(S::Submitted, *state)].concat();
            let mut walker = Walker::start(&day, &later, &way).await;
            walker.walk(&way).await;
            let revision = day.read(&walker.request).await["revision"].clone();
            let counted = counts(app);
            for action in A::VARIANTS.iter().filter(|action| state.after(**action).is_none()) {
                let (client, path, body) = walker.call(*action);
                assert_refused(client.post(&path, &body).await, *state, *action);
                assert_eq!(counts(app), counted, "`{action}` in `{state}`");
            }
            let after = day.read(&walker.request).await;
            assert_eq!((after["state"].as_str(), &after["revision"]), (Some(state.as_str()), &revision));
            assert_eq!(after["allowed_actions"], json!(state.allowed_actions()));
        }
        assert_whole(app);
    });
}

#[test]
fn what_was_never_booked_decided_or_appealed_against_is_not_found() {
    on_both_with(&profile(), async |app| {
        let day = PanelDay::of(app).await;
        let walker = Walker::start(&day, "", &[]).await;
        for action in [A::Release, A::Ratify, A::Authorise, A::DecideAppeal] {
            let (client, path, body) = walker.call(action);
            client.post(&path, &body).await.expect_problem(404, "not_found");
        }
    });
}
