//! What becomes of an edition under way: who may approve it, what takes an approval back, and that what was approved goes out.

use crate::support::on_both;
use crate::support::records::ledger_entries;
use crate::support::statement_office::{Office, entry, publish_warehouse, text};
use domain::{Permission, Role};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The snapshots that a published edition was made from.
async fn snapshots(office: &Office, path: &str) -> Vec<String> {
    let publication = office.author.get(path).await.expect(200).body["publication"].clone();
    publication["snapshot_ids"].as_array().unwrap().iter().map(text).collect()
}

async fn approved(office: &Office, year: &str) -> String {
    let path = office.draft(year).await;
    office.meet_all(&path).await;
    office.consult(&path).await;
    office.approve(&path).await;
    path
}

#[test]
fn three_years_go_out_each_from_the_snapshot_of_its_day_and_a_correction_from_the_current_one() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let mut named = Vec::new();
        let mut paths = Vec::new();
        for year in ["2022-23", "2023-24", "2024-25"] {
            publish_warehouse(app);
            let path = office.published(year).await;
            named.extend(snapshots(&office, &path).await);
            paths.push(path);
        }
        assert_eq!((named.len(), named.iter().collect::<BTreeSet<_>>().len()), (3, 3), "{named:?}");
        let current = publish_warehouse(app);
        let correction = office.correction(&paths[0], "2022-23").await;
        office.publish(&correction).await;
        assert_eq!(snapshots(&office, &correction).await, [current]);
    });
}

#[test]
fn a_later_statement_goes_out_where_the_snapshots_of_earlier_ones_are_gone() {
    on_both(async |app| {
        let office = Office::of(app).await;
        office.published("2022-23").await;
        std::fs::remove_dir_all(app.folder.path().join("warehouse")).unwrap();
        publish_warehouse(app);
        office.published("2023-24").await;
    });
}

#[test]
fn the_figures_that_were_approved_go_out_or_it_is_approved_again() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = approved(&office, "2023-24").await;
        let read = text(&office.author.get(&path).await.body["snapshot_id"]);
        let newer = publish_warehouse(app);
        // What was approved is shown, and by whom, until it goes out.
        let shown = office.author.get(&format!("{path}/files/md")).await.expect(200);
        assert_eq!(shown.header("snapshot-id"), read);
        assert!(shown.text.contains("Approved by: Director"), "{}", shown.text);
        office.author.record(&format!("{path}/publication"), &json!({})).await;
        assert_eq!(snapshots(&office, &path).await, std::slice::from_ref(&read));
        // Of another year, the snapshot that was approved is gone by the time.
        let path = approved(&office, "2024-25").await;
        publish_warehouse(app);
        std::fs::remove_dir_all(app.folder.path().join("warehouse/snapshots").join(&newer)).unwrap();
        let publication = format!("{path}/publication");
        let gone = office.author.post(&publication, &json!({})).await.expect_problem(409, "state_conflict");
        assert!(gone.text.contains("approve the edition"), "{}", gone.text);
        office.approve(&path).await;
        office.author.record(&publication, &json!({})).await;
        assert_ne!(snapshots(&office, &path).await, [newer]);
        // Nobody approves figures that are not there, or that the draft shows no more.
        let path = office.draft("2021-22").await;
        office.meet_all(&path).await;
        office.consult(&path).await;
        let older = office.revision(&path).await;
        publish_warehouse(app);
        let refused = office.director.client.post(&format!("{path}/approval"), &older).await.expect_problem(409, "state_conflict");
        assert!(refused.text.contains("not the current one"), "{}", refused.text);
        let mut unknown = office.revision(&path).await;
        unknown["snapshot_id"] = json!(db::new_id());
        office.director.client.post(&format!("{path}/approval"), &unknown).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn what_the_public_is_told_of_providers_is_approved_too_and_not_by_whoever_wrote_it() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let provider = office.author.provider("own").await;
        let path = approved(&office, "2023-24").await;
        let entries = format!("/v1/providers/{provider}/public-entries");
        // Somebody who may only write of providers writes after the approval.
        let other = app.tool_of(&app.person(Role::PanelSupport).id, vec![Permission::ReferenceRead, Permission::ProvidersWrite]);
        let made = other.post(&entries, &entry()).await.expect(201);
        assert_eq!(office.state(&path).await, "consulted");
        office.author.post(&format!("{path}/publication"), &json!({})).await.expect_problem(409, "state_conflict");
        office.approve(&path).await;
        // What a director's tool writes is the director's own, who does not approve it.
        let writer = app.person(Role::AssistantDirector);
        app.as_role(Role::Administrator).holding("director", &writer.id).await;
        let tool = app.tool_of(&writer.id, vec![Permission::ReferenceRead, Permission::ProvidersWrite]);
        let mut changed = entry();
        changed["offer"] = json!("Swimming on Sundays.");
        tool.put(made.header("location"), 1, &changed).await.expect(200);
        let read = office.revision(&path).await;
        writer.client.post(&format!("{path}/approval"), &read).await.expect_problem(403, "no_authority");
        office.approve(&path).await;
        office.author.record(&format!("{path}/publication"), &json!({})).await;
        let document = office.author.get(&format!("{path}/files/md")).await.expect(200).text;
        assert!(document.contains("Swimming on Sundays."), "{document}");
    });
}

#[test]
fn an_edition_is_withdrawn_with_a_reason_and_the_year_begins_another() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = approved(&office, "2023-24").await;
        let withdrawal = format!("{path}/withdrawal");
        let reason = json!({ "reason": "Begun for the wrong year" });
        app.as_role(Role::Auditor).post(&withdrawal, &reason).await.expect_problem(403, "not_allowed");
        let tool = app.as_client(&[Permission::StatementRead, Permission::StatementWrite]).await;
        tool.post(&withdrawal, &reason).await.expect_problem(403, "no_authority");
        office.author.post(&withdrawal, &json!({})).await.expect_problem(422, "invalid_body");
        office.author.record(&withdrawal, &reason).await;
        assert_eq!(office.state(&path).await, "withdrawn");
        office.author.get(&format!("{path}/files/md")).await.expect_problem(409, "state_conflict");
        assert_eq!(office.author.get(&path).await.body["missing"], json!([]));
        for (what, body) in [("publication", json!({})), ("withdrawal", reason.clone())] {
            office.author.post(&format!("{path}/{what}"), &body).await.expect_problem(409, "state_conflict");
        }
        office
            .author
            .put(&format!("{path}/sections/reviewing"), 0, &json!({ "markdown": "-" }))
            .await
            .expect_problem(409, "state_conflict");
        let next = office.draft("2023-24").await;
        assert_eq!(office.author.get(&next).await.body["number"], 2);
        office.publish(&next).await;
        office.author.post(&format!("{next}/withdrawal"), &reason).await.expect_problem(409, "state_conflict");
        assert_eq!(app.events("statement_editions", "withdraw").await.len(), 1);
    });
}

#[test]
fn a_consultation_that_was_recorded_wrongly_is_taken_back_and_not_printed() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        office.meet_all(&path).await;
        let wrong = json!({ "with_whom": "Somebody by name", "held_on": "2024-05-14", "what_changed": "Nothing." });
        let wrong = text(&office.author.record(&format!("{path}/consultations"), &wrong).await["id"]);
        let reversal = format!("{path}/consultations/{wrong}/reversal");
        let reason = json!({ "reason": "It named a person" });
        office.approve(&path).await;
        office.author.record(&reversal, &reason).await;
        assert_eq!(office.state(&path).await, "draft");
        office.consult(&path).await;
        assert_eq!(office.state(&path).await, "consulted", "the approval was taken back with it");
        office.author.post(&reversal, &reason).await.expect_problem(409, "state_conflict");
        let other = office.draft("2022-23").await;
        let elsewhere = format!("{other}/consultations/{wrong}/reversal");
        office.author.post(&elsewhere, &reason).await.expect_problem(404, "not_found");
        office.approve(&path).await;
        office.author.record(&format!("{path}/publication"), &json!({})).await;
        assert_eq!(office.author.get(&path).await.body["consultations"].as_array().unwrap().len(), 1);
        for format in ["md", "html", "txt", "json"] {
            assert!(!office.author.get(&format!("{path}/files/{format}")).await.expect(200).text.contains("by name"), "{format}");
        }
    });
}

#[test]
fn what_a_correction_says_that_it_changed_is_changed_as_a_text_is() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let first = office.published("2023-24").await;
        let path = office.correction(&first, "2023-24").await;
        office.consult(&path).await;
        let what = format!("{path}/what-changed");
        let new = json!({ "what_changed": "Two figures were wrong." });
        let said = office.author.put(&what, 1, &new).await.expect(200);
        assert_eq!((said.header("etag"), &said.body["version"]), ("\"2\"", &json!(2)));
        office.author.put(&what, 1, &new).await.expect_problem(412, "stale_version");
        let stands = office.author.get(&path).await.body;
        assert_eq!(
            (&stands["what_changed_version"], &stands["what_changed"], &stands["state"]),
            (&json!(2), &new["what_changed"], &json!("draft"))
        );
        office.publish(&path).await;
        assert!(office.author.get(&format!("{path}/files/txt")).await.text.contains("Two figures were wrong."));
        office.author.put(&what, 2, &new).await.expect_problem(409, "state_conflict");
        let draft = office.draft("2024-25").await;
        office.author.put(&format!("{draft}/what-changed"), 1, &new).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn whoever_wrote_a_text_does_not_approve_its_copy() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let ann = app.person(Role::AssistantDirector);
        app.as_role(Role::Administrator).holding("director", &ann.id).await;
        let first = office.draft("2022-23").await;
        let section = format!("{first}/sections/introduction");
        // Whoever approves may not write as a rule; here she could, by a tool of hers.
        let tool = app.tool_of(&ann.id, vec![Permission::StatementRead, Permission::StatementWrite]);
        tool.put(&section, 0, &json!({ "markdown": "Ann's words." })).await.expect(200);
        // A comma of somebody else's makes them nobody else's.
        office.write(&first, "introduction", "Ann's words, still.").await;
        for year in ["2023-24", "2024-25"] {
            let path = office.draft(year).await;
            office.meet_all(&path).await;
            office.consult(&path).await;
            let read = office.revision(&path).await;
            ann.client.post(&format!("{path}/approval"), &read).await.expect_problem(403, "no_authority");
        }
    });
}

#[test]
fn mistakes_in_the_text_are_told_when_it_is_approved() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        office.write(&path, "introduction", "Families.\n\n{{figure direct_payment_children}} children.").await;
        office.meet_all(&path).await;
        office.consult(&path).await;
        let refused = office.director.client.post(&format!("{path}/approval"), &office.revision(&path).await).await;
        let refused = refused.expect_problem(409, "not_ready");
        assert_eq!(refused.pointers(), ["/sections/introduction"]);
        assert!(refused.body["errors"][0]["detail"].as_str().unwrap().starts_with("line 3: "), "{}", refused.text);
        assert_eq!(app.count("statement_approvals"), 0);
    });
}

#[test]
fn a_drafts_documents_are_for_people() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        let tool = app.as_client(&[Permission::StatementRead]).await;
        for format in ["md", "zip"] {
            tool.get(&format!("{path}/files/{format}")).await.expect_problem(403, "not_allowed");
        }
        let reader = app.as_client(&[Permission::ReportsRead]).await;
        reader.get(&format!("{path}/withheld")).await.expect_problem(403, "not_allowed");
        let read = office.author.get(&format!("{path}/files/md")).await.expect(200);
        assert_eq!(read.header("snapshot-id"), text(&office.author.get(&path).await.body["snapshot_id"]));
        office.publish(&path).await;
        tool.get(&format!("{path}/files/md")).await.expect(200);
        reader.get(&format!("{path}/withheld")).await.expect(200);
    });
}

#[test]
fn nothing_written_over_nothing_changes_nothing() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = approved(&office, "2023-24").await;
        let nothing: Value = json!({ "markdown": null });
        let answer = office.author.put(&format!("{path}/sections/reviewing"), 0, &nothing).await.expect(200);
        assert_eq!((answer.header("etag"), &answer.body["version"], &answer.body["state"]), ("\"0\"", &json!(0), &json!("approved")));
        assert_eq!(office.state(&path).await, "approved");
    });
}

#[test]
fn what_is_withheld_stands_in_none_of_the_documents() {
    on_both(async |app| {
        let anyone = app.as_anyone().await;
        anyone.open_year().await;
        // One child has support that cost £1,128.00, and nobody else has any.
        let package = anyone.package().await;
        let line = anyone.line(&package).await;
        app.confirmed(&line);
        ledger_entries(app, 47);
        let office = Office::of(app).await;
        let path = office.published("2023-24").await;
        let withheld = office.author.get(&format!("{path}/withheld")).await.expect(200).body;
        let cells: Vec<_> = withheld["cells"].as_array().unwrap().iter().map(|cell| text(&cell["cell"])).collect();
        assert!(cells.contains(&"spend.home_care 2023-24".to_owned()), "{cells:?}");
        assert!(withheld["is_fewest"].is_boolean() && withheld["is_choice_checked"].is_boolean(), "{withheld}");
        assert_eq!(withheld["narrower"], json!([]));
        for format in ["html", "md", "txt", "csv", "json"] {
            let document = office.author.get(&format!("{path}/files/{format}")).await.expect(200).text;
            assert!(!document.contains("1,128") && !document.contains("1128"), "{format}");
        }
        // As counted, each of them tells it.
        let correction = office.correction(&path, "2023-24").await;
        let choice = json!({ "disclosure": "as_counted", "reason": "The family agreed" });
        office.author.record(&format!("{correction}/disclosure"), &choice).await;
        office.publish(&correction).await;
        for format in ["html", "md", "txt", "csv", "json"] {
            let document = office.author.get(&format!("{correction}/files/{format}")).await.expect(200).text;
            assert!(document.contains("1,128") || document.contains("1128"), "{format}");
        }
    });
}

#[test]
fn another_edition_that_goes_out_takes_an_approval_back() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = approved(&office, "2023-24").await;
        let read = office.revision(&path).await;
        office.published("2022-23").await;
        let stands = office.author.get(&path).await.expect(200).body;
        assert_eq!((&stands["state"], &stands["missing"][0]["code"]), (&json!("consulted"), &json!("not_approved")));
        office.author.post(&format!("{path}/publication"), &json!({})).await.expect_problem(409, "state_conflict");
        // Whoever read it before has not read what it would print now.
        office.director.client.post(&format!("{path}/approval"), &read).await.expect_problem(409, "state_conflict");
        office.approve(&path).await;
        office.author.record(&format!("{path}/publication"), &json!({})).await;
    });
}

#[test]
fn an_approved_snapshot_that_this_program_does_not_read_is_approved_again() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = approved(&office, "2023-24").await;
        let snapshot = text(&office.author.get(&path).await.body["snapshot_id"]);
        let manifest_path = app.folder.path().join("warehouse/snapshots").join(snapshot).join("manifest.json");
        let manifest: Value = serde_json::from_slice(&std::fs::read(&manifest_path).unwrap()).unwrap();
        let (mut older, mut smaller) = (manifest.clone(), manifest);
        older["layout"] = json!(1);
        smaller["tables"].as_array_mut().unwrap().retain(|table| table["name"] != "budget_position");
        for other in [older, smaller] {
            std::fs::write(&manifest_path, other.to_string()).unwrap();
            let gone = office.author.post(&format!("{path}/publication"), &json!({})).await.expect_problem(409, "state_conflict");
            assert!(gone.text.contains("approve the edition"), "{}", gone.text);
            let unread = office.author.get(&format!("{path}/files/md")).await.expect_problem(404, "nothing_published");
            assert!(unread.text.contains("short-breaks etl"), "{}", unread.text);
        }
        publish_warehouse(app);
        office.approve(&path).await;
        office.author.record(&format!("{path}/publication"), &json!({})).await;
    });
}

#[test]
fn what_a_tool_that_nobody_answers_for_wrote_is_approved_by_nobody() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        office.meet_all(&path).await;
        let tool = app.as_client(&[Permission::StatementRead, Permission::StatementWrite]).await;
        tool.put(&format!("{path}/sections/reviewing"), 0, &json!({ "markdown": "Every year." })).await.expect(200);
        office.consult(&path).await;
        let read = office.revision(&path).await;
        let refused = office.director.client.post(&format!("{path}/approval"), &read).await.expect_problem(403, "no_authority");
        assert!(refused.text.contains("Give it an owner"), "{}", refused.text);
    });
}
