//! The sheets of a panel: agenda, minutes, outcomes and projection, as JSON, CSV and workbooks.

use crate::support::held_panel::{HeldPanel, asked, carried_out};
use crate::support::panel_day::{PanelDay, decision_of};
use crate::support::workbooks::{tab, workbook};
use crate::support::{Answer, Client, on_both, send};
use calamine::{Data, DataType, Reader, Xlsx};
use domain::{Pence, Permission};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Cursor;

/// A sheet of a panel as JSON, with names of users that differ from run to run replaced.
pub async fn read(client: &Client, panel: &str, sheet: &str) -> Answer {
    client.get(&format!("/v1/panels/{panel}/{sheet}")).await.expect(200)
}

fn named(held: &HeldPanel, mut value: Value) -> Value {
    let text = value.to_string();
    let text = text.replace(&held.day.presenter.name, "[presenter]").replace(&held.day.tm.name, "[owner]");
    value = serde_json::from_str(&text).unwrap();
    value
}

fn pence(items: &Value, field: &str) -> Vec<i64> {
    items.as_array().unwrap().iter().map(|item| item.pointer(field).unwrap().as_i64().unwrap()).collect()
}

#[test]
fn the_agenda_says_what_is_heard_and_who_would_have_to_authorise_it() {
    on_both(async |app| {
        let held = HeldPanel::of(app).await;
        let reader = held.reader(app).await;
        let agenda = read(&reader, &held.panel, "agenda").await;
        let items = &agenda.body["items"];
        assert_eq!(pence(items, "/slot"), (1..=11).collect::<Vec<_>>());
        assert_eq!(items[8]["weeks_since_assessment"], 5);
        let late: Vec<_> = items.as_array().unwrap().iter().filter(|item| item["is_late"] == true).map(|item| &item["reference"]).collect();
        assert_eq!(late, ["RQ-09"]);
        assert_eq!((&items[6]["responsible"], &items[6]["total_pence"]), (&json!(["head_of_service"]), &json!(1_825_000)));
        assert_eq!((&items[8]["age_years"], &items[8]["standing"], &items[8]["missing"]), (&json!(9), &json!("undecided"), &json!([])));
        let all = named(&held, agenda.redacted());
        insta::assert_json_snapshot!("an_agenda", json!({ "panel": all["panel"], "first": all["items"][0], "ninth": all["items"][8] }));
        let (tabs, mut book) = workbook(&reader, &format!("/v1/panels/{}/agenda", held.panel)).await;
        assert_eq!(tabs, ["Agenda"]);
        let sheet = tab(&mut book, "Agenda", 1);
        sheet.assert_pounds("Full year (£)", &pence(items, "/full_year_pence"));
        sheet.assert_pounds("This year (£)", &pence(items, "/this_year_pence"));
        assert!(
            sheet.column("Slot").iter().all(|slot| slot.is_float()) && sheet.column("Case reference").iter().all(|cell| cell.is_string())
        );
        assert_eq!(sheet.heading, "Resource panel of 2024-06-10, 100 slots from 00:00, as it stood on 2024-06-10 12:00 UTC");
        let csv = reader.get(&format!("/v1/panels/{}/agenda?format=csv", held.panel)).await.expect(200);
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        insta::assert_snapshot!("an_agenda_csv", csv.text.replace(&held.day.presenter.name, "[presenter]"));
    });
}

#[test]
fn the_minutes_say_who_was_there_what_was_decided_and_what_is_to_be_done() {
    on_both(async |app| {
        let held = HeldPanel::of(app).await;
        let reader = held.reader(app).await;
        let minutes = read(&reader, &held.panel, "minutes").await;
        insta::assert_json_snapshot!("minutes", named(&held, minutes.redacted()));
        let (tabs, mut book) = workbook(&reader, &format!("/v1/panels/{}/minutes", held.panel)).await;
        assert_eq!(tabs, ["Decisions", "Notes", "Attendance", "Actions"]);
        let notes = tab(&mut book, "Notes", 1);
        assert_eq!(notes.column("Notes"), ["The terms of reference were gone through.", "The next panel starts at 10:00."]);
        for name in &tabs {
            assert_eq!(tab(&mut book, name, 1).heading, "Resource panel of 2024-06-10, as it stood on 2024-06-10 12:00 UTC");
        }
        let decisions = tab(&mut book, "Decisions", 1);
        assert_eq!(decisions.title, "Minutes: decisions");
        assert_eq!(decisions.rows.len(), 11);
        assert_eq!(decisions.column("Votes")[4], "2 for, 1 against");
        assert!(decisions.column("Votes")[3].is_empty());
        assert_eq!((tab(&mut book, "Attendance", 1).rows.len(), tab(&mut book, "Actions", 1).rows.len()), (4, 2));
        let actions = tab(&mut book, "Actions", 1);
        assert!(actions.column("Due on").iter().all(|day| day.is_datetime()) && actions.column("Completed on")[0].is_empty());
        assert_eq!(actions.column("Owner")[0], &Data::String(held.day.tm.name.clone()));
        let csv = reader.get(&format!("/v1/panels/{}/minutes?format=csv", held.panel)).await.expect(200);
        insta::assert_snapshot!("minutes_csv", csv.text);
        // Whoever stands down for a later hearing did not stand down at this one.
        let later = json!({ "member_id": held.day.members.tm, "nature": "knows_family" });
        held.day.support.record(&format!("/v1/requests/{}/interests", held.requests["RQ-04"]), &later).await;
        assert_eq!(read(&reader, &held.panel, "minutes").await.body, minutes.body);
    });
}

#[test]
fn the_outcomes_say_what_became_of_every_item() {
    on_both(async |app| {
        let held = HeldPanel::of(app).await;
        let reader = held.reader(app).await;
        let outcomes = read(&reader, &held.panel, "outcomes").await;
        insta::assert_json_snapshot!("outcomes", named(&held, outcomes.redacted()));
        let items = &outcomes.body["items"];
        let (tabs, mut book) = workbook(&reader, &format!("/v1/panels/{}/outcomes", held.panel)).await;
        let sheet = tab(&mut book, &tabs[0], 1);
        assert_eq!(sheet.heading, "Resource panel of 2024-06-10, as it stood on 2024-06-10 12:00 UTC");
        let agreed = |field: &str| {
            let all = items.as_array().unwrap().iter();
            all.map(|item| if item["standing"] == "agreed" { item[field].as_i64().unwrap() } else { 0 }).collect::<Vec<_>>()
        };
        sheet.assert_pounds("Agreed full year (£)", &agreed("full_year_pence"));
        sheet.assert_pounds("Agreed this year (£)", &agreed("this_year_pence"));
        for (header, field) in [("Asked full year (£)", "/asked_full_year_pence"), ("Full year of the lines (£)", "/full_year_pence")] {
            let found: Vec<_> = sheet.column(header).into_iter().map(|cell| format!("{:.2}", cell.as_f64().unwrap())).collect();
            assert_eq!(found, pence(items, field).into_iter().map(|one| Pence(one).to_pounds()).collect::<Vec<_>>());
        }
        // An approval in part: half of what was asked for.
        assert_eq!((&items[2]["asked_full_year_pence"], &items[2]["full_year_pence"]), (&json!(73_000), &json!(36_500)));
        assert!(sheet.column("Held on").iter().all(|day| day.is_datetime()));
        let (open, formula) = &sheet.totals[sheet.place("Open actions")];
        assert!(open == &Data::Float(1.0) && formula.starts_with("SUBTOTAL(109,"), "{open} {formula}");
        let csv = reader.get(&format!("/v1/panels/{}/outcomes?format=csv", held.panel)).await.expect(200);
        insta::assert_snapshot!("outcomes_csv", csv.text.replace(&held.day.tm.name, "[owner]"));
    });
}

#[test]
fn the_outcomes_of_a_period_are_those_of_its_panels() {
    on_both(async |app| {
        let held = HeldPanel::of(app).await;
        let reader = held.reader(app).await;
        let cancelled = held.day.support.panel("2024-06-11").await;
        held.day.support.record(&format!("/v1/panels/{cancelled}/cancellation"), &json!({ "reason": "The chair is ill" })).await;
        let references = async |from: &str, to: &str| {
            let found = reader.get(&format!("/v1/panel-outcomes?from={from}&to={to}")).await.expect(200).body;
            found["items"].as_array().unwrap().iter().map(|item| item["reference"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(references("2024-06-03", "2024-06-10").await, ["E-1", "E-2", "E-3", "E-4"]);
        assert_eq!(references("2024-06-04", "2024-06-12").await.len(), 11);
        assert_eq!(references("2024-06-03", "2025-06-04").await.len(), 15);
        assert!(references("2024-06-11", "2024-06-12").await.is_empty());
        for (question, pointer) in [
            ("", "?from"),
            ("?from=2024-06-03", "?to"),
            ("?from=2024-06-03&to=2024-06-03", "?to"),
            ("?from=2024-06-03&to=2025-06-05", "?to"),
        ] {
            let refused = reader.get(&format!("/v1/panel-outcomes{question}")).await.expect_problem(422, "invalid_parameter");
            assert_eq!(refused.pointers(), [pointer], "{question}");
        }
        reader.get("/v1/panel-outcomes?from=2024-06-3&to=2024-07-01").await.expect_problem(422, "invalid_parameter");
        let (tabs, mut book) = workbook_of_period(&reader).await;
        let sheet = tab(&mut book, &tabs[0], 1);
        assert_eq!(sheet.rows.len(), 15);
        let period = "Resource panels from 2024-06-03 up to and not including 2024-07-01, as it stood on 2024-06-10 12:00 UTC";
        assert_eq!(sheet.heading, period);
    });
}

async fn workbook_of_period(reader: &Client) -> (Vec<String>, Xlsx<Cursor<Vec<u8>>>) {
    let request = reader.request(Method::GET, "/v1/panel-outcomes?from=2024-06-03&to=2024-07-01");
    let request = request.header("Accept", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let book = Xlsx::new(Cursor::new(answer.bytes().await.unwrap().to_vec())).unwrap();
    (book.sheet_names(), book)
}

/// Pence in the year of the panel and in a full year.
pub type Money = (i64, i64);

fn money(value: &Value) -> Money {
    (value["this_year_pence"].as_i64().unwrap(), value["full_year_pence"].as_i64().unwrap())
}

/// Before, agreed, after and undecided of a budget line.
pub fn projected(projection: &Value, budget_line: &str) -> [Money; 4] {
    let line = projection["budget_lines"].as_array().unwrap().iter().find(|line| line["budget_line"] == budget_line).unwrap();
    ["before", "agreed", "after", "undecided"].map(|part| money(&line[part]))
}

#[test]
fn the_projection_is_what_a_person_would_work_out() {
    on_both(async |app| {
        let held = HeldPanel::of(app).await;
        let reader = held.reader(app).await;
        let projection = read(&reader, &held.panel, "projection").await.body;
        assert_eq!(projection["year"], "2024-25");
        // From 17 June there are 288 days; until then 77. Waiting for a provider: E-1, half of E-2 though it is under appeal, E-4 whose
        // package line was a mistake. E-3 is commissioned: its old line for 77 days, its new one for 288, in a full year only the new.
        let before = (28_800 + 14_400 + 11_520 + (7_700 + 57_600), 36_500 + 18_250 + 14_600 + 73_000);
        let agreed = (57_600 + 28_800 + 5_760, 73_000 + 36_500 + 7_300);
        let undecided = (1_440_000 + 288_000 + 5_760, 1_825_000 + 365_000 + 7_300);
        let after = (before.0 + agreed.0, before.1 + agreed.1);
        assert_eq!(projected(&projection, "targeted_outreach"), [before, agreed, after, undecided]);
        // The old line is saved for 274 days from 1 July, once, though two items replace it.
        let home = (109_600 - 27_400 + 24_300, 146_000 - 36_500 + 36_500);
        let home_after = (36_500 + home.0, 36_500 + home.1);
        assert_eq!(projected(&projection, "home_care"), [(36_500, 36_500), home, home_after, (0, 0)]);
        let granted = (2_400_000 + 27_500, 0);
        assert_eq!(projected(&projection, "voluntary_sector_grants"), [granted, (0, 0), granted, (0, 0)]);
        assert_eq!(projected(&projection, "nursery"), [(0, 0); 4]);
        let lines = projection["budget_lines"].as_array().unwrap();
        assert!(lines.iter().all(|line| line["budget_line"] != "chc_income") && lines.len() == 7);
        let left = |code: &str| {
            let line = lines.iter().find(|line| line["budget_line"] == code).unwrap();
            ["budget_pence", "left_pence", "left_if_all_agreed_pence"].map(|field| line[field].as_i64().unwrap())
        };
        assert_eq!(left("targeted_outreach"), [10_000_000, 10_000_000 - after.0, 10_000_000 - after.0 - undecided.0]);
        assert_eq!(left("home_care"), [100_000, 100_000 - home_after.0, 100_000 - home_after.0]);
        let steps: Vec<_> = projection["steps"].as_array().unwrap().iter().map(told).collect();
        let o = |agreed: i64, full: i64| (before.0 + agreed, before.1 + full);
        assert_eq!(
            steps,
            [
                (1, "agreed".to_owned(), before, (57_600, 73_000), o(57_600, 73_000)),
                (2, "agreed".to_owned(), (36_500, 36_500), (82_200, 109_500), (118_700, 146_000)),
                (3, "agreed".to_owned(), o(57_600, 73_000), (28_800, 36_500), o(86_400, 109_500)),
                (7, "waiting".to_owned(), o(86_400, 109_500), (1_440_000, 1_825_000), o(86_400, 109_500)),
                (8, "waiting".to_owned(), o(86_400, 109_500), (288_000, 365_000), o(86_400, 109_500)),
                (9, "undecided".to_owned(), o(86_400, 109_500), (5_760, 7_300), o(86_400, 109_500)),
                (10, "agreed".to_owned(), o(86_400, 109_500), (5_760, 7_300), after),
                (11, "agreed".to_owned(), (118_700, 146_000), (24_300, 36_500), home_after),
            ]
        );
        assert_eq!(projection["steps"][7]["left_pence"], 100_000 - home_after.0);
    });
}

fn told(step: &Value) -> (i64, String, Money, Money, Money) {
    let standing = step["standing"].as_str().unwrap().to_owned();
    (step["slot"].as_i64().unwrap(), standing, money(&step["before"]), money(&step["change"]), money(&step["after"]))
}

#[test]
fn what_is_commissioned_afterwards_leaves_the_projection_where_it_came_to() {
    on_both(async |app| {
        let held = HeldPanel::of(app).await;
        let reader = held.reader(app).await;
        let before = read(&reader, &held.panel, "projection").await.body;
        let (package, old) = &held.replaced;
        let new = carried_out(package, &asked("home_care", 146_000, "2024-07-01"), &held.agreed_line("RQ-02").await);
        let end = json!({ "valid_to": "2024-07-01", "reason": "Replaced" });
        held.finance.record(&format!("/v1/package-lines/{old}/end"), &end).await;
        held.finance.record("/v1/package-lines", &new).await;
        let child = held.day.read(&held.requests["RQ-01"]).await["child_id"].clone();
        let package = held.finance.record("/v1/packages", &json!({ "reference": "PK-NEW", "child_id": child })).await;
        let new = carried_out(
            package["id"].as_str().unwrap(),
            &asked("targeted_outreach", 73_000, "2024-06-17"),
            &held.agreed_line("RQ-01").await,
        );
        let made = held.finance.record("/v1/package-lines", &new).await;
        let after = async || read(&reader, &held.panel, "projection").await.body;
        let totals = |projection: &Value| {
            let lines = projection["budget_lines"].as_array().unwrap().clone();
            lines
                .into_iter()
                .map(|line| (line["budget_line"].clone(), line["after"].clone(), line["left_pence"].clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(totals(&after().await), totals(&before));
        // Nor does it when the package line is reversed: the item is agreed still.
        let path = format!("/v1/package-lines/{}/reversal", made["line_id"].as_str().unwrap());
        held.finance.record(&path, &json!({ "reason": "Another provider" })).await;
        assert_eq!(totals(&after().await), totals(&before));
    });
}

#[test]
fn the_projections_workbook_adds_up_to_its_figures() {
    on_both(async |app| {
        let held = HeldPanel::of(app).await;
        let reader = held.reader(app).await;
        let projection = read(&reader, &held.panel, "projection").await.body;
        let (tabs, mut book) = workbook(&reader, &format!("/v1/panels/{}/projection", held.panel)).await;
        assert_eq!(tabs, ["Budget lines", "Items"]);
        let lines = tab(&mut book, "Budget lines", 2);
        assert_eq!(lines.heading, "Resource panel of 2024-06-10, financial year 2024-25, as it stood on 2024-06-10 12:00 UTC");
        for (header, field) in [
            ("Budget (£)", "/budget_pence"),
            ("Before this year (£)", "/before/this_year_pence"),
            ("Agreed this year (£)", "/agreed/this_year_pence"),
            ("After this year (£)", "/after/this_year_pence"),
            ("Left (£)", "/left_pence"),
            ("Undecided this year (£)", "/undecided/this_year_pence"),
            ("Left if all agreed (£)", "/left_if_all_agreed_pence"),
            ("Before full year (£)", "/before/full_year_pence"),
            ("Agreed full year (£)", "/agreed/full_year_pence"),
            ("After full year (£)", "/after/full_year_pence"),
            ("Undecided full year (£)", "/undecided/full_year_pence"),
        ] {
            lines.assert_pounds(header, &pence(&projection["budget_lines"], field));
        }
        let items = tab(&mut book, "Items", 2);
        let change = |step: &Value| step["change"]["this_year_pence"].as_i64().unwrap();
        let of = |standing: fn(&str) -> bool| {
            let steps = projection["steps"].as_array().unwrap().iter();
            steps.map(|step| if standing(step["standing"].as_str().unwrap()) { change(step) } else { 0 }).collect::<Vec<_>>()
        };
        items.assert_pounds("Agreed this year (£)", &of(|standing| standing == "agreed"));
        items.assert_pounds("Undecided this year (£)", &of(|standing| standing != "agreed"));
        let csv = reader.get(&format!("/v1/panels/{}/projection?format=csv", held.panel)).await.expect(200);
        insta::assert_snapshot!("projection_csv", csv.text);
    });
}

#[test]
fn a_request_heard_twice_at_a_panel_is_two_items_with_a_decision_each() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(36_500).await;
        day.decided(&day.sum, &request, &decision_of("declined", 0)).await;
        let received = json!({ "received_on": "2024-06-03" });
        let appeal = day.presenter.client.record(&format!("/v1/requests/{request}/appeals"), &received).await;
        let outcome = format!("/v1/appeals/{}/outcome", appeal["id"].as_str().unwrap());
        day.director.client.record(&outcome, &json!({ "outcome": "upheld", "reason": "-" })).await;
        day.support.booking(&day.panel, &request).await;
        let told = async || {
            let items = read(&day.support, &day.panel, "outcomes").await.body["items"].clone();
            items.as_array().unwrap().iter().map(|item| (item["decision"].clone(), item["standing"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(told().await, [(json!("declined"), json!("not_agreed")), (json!(null), json!("undecided"))]);
        day.decided(&day.sum, &request, &decision_of("approved", 0)).await;
        assert_eq!(told().await, [(json!("declined"), json!("not_agreed")), (json!("approved"), json!("agreed"))]);
        let projection = read(&day.support, &day.panel, "projection").await.body;
        assert_eq!(projected(&projection, "targeted_outreach")[1..], [(28_800, 36_500), (28_800, 36_500), (0, 0)]);
    });
}

/// What each item of a panel has come to.
pub async fn standings(client: &Client, panel: &str) -> Vec<Value> {
    let items = read(client, panel, "outcomes").await.body["items"].clone();
    items.as_array().unwrap().iter().map(|item| item["standing"].clone()).collect()
}

#[test]
fn only_an_approval_waits_for_money() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let mut requests = Vec::new();
        for kind in ["approved", "declined", "deferred", "signposted"] {
            let request = day.booked_for_deputy(36_500).await;
            day.decided(&day.pm, &request, &decision_of(kind, 0)).await;
            assert_eq!(day.state(&request).await, "awaiting_ratification");
            requests.push(request);
        }
        assert_eq!(standings(&day.support, &day.panel).await, ["waiting", "not_agreed", "not_agreed", "not_agreed"]);
        // A deputy's refusal waits for its ratification as an approval does.
        let ratifications = async || {
            let csv = day.support.get(&format!("/v1/panels/{}/outcomes?format=csv", day.panel)).await.expect(200).text;
            let mut rows = csv::Reader::from_reader(csv.as_bytes());
            let place = rows.headers().unwrap().iter().position(|header| header == "ratification").unwrap();
            rows.records().map(|row| row.unwrap()[place].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ratifications().await, ["waiting"; 4]);
        let projection = read(&day.support, &day.panel, "projection").await.body;
        assert_eq!(projected(&projection, "targeted_outreach")[1..], [(0, 0), (0, 0), (28_800, 36_500)]);
        let taken_back = format!("/v1/requests/{}/withdrawal", requests[0]);
        day.presenter.client.record(&taken_back, &json!({ "reason": "Moved away" })).await;
        assert_eq!(standings(&day.support, &day.panel).await[0], "not_agreed");
        assert_eq!(ratifications().await[0], "", "nothing of it waits any more");
    });
}

#[test]
fn reading_a_sheet_is_reading_its_children_and_needs_leave_to() {
    on_both(async |app| {
        let held = HeldPanel::of(app).await;
        let reader = held.reader(app).await;
        for sheet in ["agenda", "minutes", "outcomes", "projection"] {
            let (requests, children) = (app.events("requests", "read").await.len(), app.count("audit_events"));
            read(&reader, &held.panel, sheet).await;
            assert_eq!(app.events("requests", "read").await.len(), (requests + 11).min(500), "{sheet}");
            assert_eq!(app.count("audit_events"), children + 1 + 2 * 11, "{sheet}");
            reader.get(&format!("/v1/panels/{}/{sheet}", db::new_id())).await.expect_problem(404, "not_found");
            reader.get(&format!("/v1/panels/{}/{sheet}?format=pdf", held.panel)).await.expect_problem(422, "invalid_parameter");
            let request = reader.request(Method::GET, &format!("/v1/panels/{}/{sheet}", held.panel)).header("Accept", "text/html");
            send(request).await.expect_problem(406, "not_acceptable");
        }
        let other = app.as_client(&[Permission::PanelsRead]).await;
        other.get(&format!("/v1/panels/{}/agenda", held.panel)).await.expect_problem(403, "not_allowed");
    });
}
