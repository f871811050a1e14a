//! Editions of the statement, from a draft to the published documents.

use crate::support::kirklees::kirklees;
use crate::support::records::ledger_entries;
use crate::support::statement_office::{Office, entry, publish_warehouse, text};
use crate::support::{on_both, on_both_with};
use domain::{Permission, Role};
use serde_json::{Value, json};

#[test]
fn an_edition_goes_from_a_draft_to_its_documents() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        let draft = office.author.get(&format!("{path}/files/md")).await.expect(200);
        assert!(draft.text.contains("This is a draft") && draft.text.contains("Breaks by day and by night."), "{}", draft.text);
        let stands = office.author.get(&path).await.expect(200).body;
        assert_eq!((stands["state"].as_str(), stands["missing"].as_array().unwrap().len()), (Some("draft"), 5));
        office.consult(&path).await;
        assert_eq!(office.state(&path).await, "consulted");
        let refused = office.director.client.post(&format!("{path}/approval"), &office.revision(&path).await).await;
        assert_eq!(
            refused.expect_problem(409, "not_ready").pointers(),
            ["/requirements/carers_needs", "/requirements/eligibility_criteria", "/requirements/range_of_services"]
        );
        office.meet_all(&path).await;
        office.author.post(&format!("{path}/publication"), &json!({})).await.expect_problem(409, "state_conflict");
        let approval = office.approve(&path).await;
        assert_eq!((approval["post"].as_str(), approval["user_id"].as_str()), (Some("director"), Some(office.director.id.as_str())));
        let publication = office.author.record(&format!("{path}/publication"), &json!({})).await;
        assert_eq!((publication["published_on"].as_str(), publication["review_due_on"].as_str()), (Some("2024-06-03"), Some("2025-06-03")));
        let stands = office.author.get(&path).await.expect(200).body;
        assert_eq!((&stands["state"], &stands["publication"]), (&json!("published"), &publication));
        for file in publication["files"].as_array().unwrap() {
            let answer = office.author.get(&format!("{path}/files/{}", text(&file["format"]))).await.expect(200);
            assert_eq!(answer.header("etag"), format!("\"{}\"", text(&file["sha256"])));
            assert_eq!(answer.header("content-length"), file["size_bytes"].to_string());
            assert!(!answer.text.contains("This is a draft"));
        }
        assert_eq!(app.events("statement_editions", "publish").await.len(), 1);
        let listed = office.author.get("/v1/statement-editions?year=2023-24").await.expect(200).body;
        assert_eq!(listed["items"][0]["state"], "published");
    });
}

#[test]
fn a_published_edition_comes_out_byte_for_byte_whatever_is_recorded_later() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.published("2023-24").await;
        let files = ["html", "pdf", "docx", "md", "txt", "csv", "json", "zip"].map(|format| format!("{path}/files/{format}"));
        let mut before = Vec::new();
        for file in &files {
            before.push(office.author.get(file).await.expect(200));
        }
        let snapshots = office.author.get(&path).await.body["publication"]["snapshot_ids"].clone();
        // A provider says something new, the ledger grows, the warehouse is built anew, more often than snapshots are kept; a correction begins.
        let provider = office.author.provider("own").await;
        office.author.record(&format!("/v1/providers/{provider}/public-entries"), &entry()).await;
        ledger_entries(app, 3);
        for _ in 0..7 {
            publish_warehouse(app);
        }
        let correction = office.correction(&path, "2023-24").await;
        office.write(&correction, "local_offer_range", "Another text.").await;
        office.publish(&correction).await;
        for (file, before) in files.iter().zip(&before) {
            let after = office.author.get(file).await.expect(200);
            assert_eq!((&after.text, after.header("etag")), (&before.text, before.header("etag")), "{file}");
            let known = office.author.request(reqwest::Method::GET, file).header("If-None-Match", before.header("etag"));
            assert_eq!(crate::support::send(known).await.status, 304);
        }
        let kept = app.folder.path().join("warehouse/snapshots").join(snapshots[0].as_str().unwrap());
        assert!(kept.exists(), "the snapshot that it was made from stays");
        // Without it the documents come out all the same.
        std::fs::remove_dir_all(kept).unwrap();
        assert_eq!(office.author.get(&files[0]).await.expect(200).text, before[0].text);
    });
}

#[test]
fn a_published_edition_is_changed_by_nothing_but_a_correction() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.published("2023-24").await;
        let section = format!("{path}/sections/local_offer_range");
        office.author.put(&section, 1, &json!({ "markdown": "Other" })).await.expect_problem(409, "state_conflict");
        for (what, body) in [
            ("consultations", json!({ "with_whom": "-", "held_on": "2024-06-03", "what_changed": "-" })),
            ("requirements/carers_needs", json!({ "standing": "waived", "reason": "-" })),
            ("disclosure", json!({ "disclosure": "as_counted", "reason": "-" })),
            ("publication", json!({})),
        ] {
            office.author.post(&format!("{path}/{what}"), &body).await.expect_problem(409, "state_conflict");
        }
        // It names the last published edition of its year, and says what changed.
        let again = office.author.post("/v1/statement-editions", &json!({ "financial_year": "2023-24" })).await;
        assert_eq!(again.expect_problem(422, "invalid_body").pointers(), ["/corrects_id", "/what_changed"]);
        let correction = office.correction(&path, "2023-24").await;
        let stands = office.author.get(&correction).await.body;
        assert_eq!((&stands["number"], &stands["state"]), (&json!(2), &json!("draft")));
        let copied = office.author.get(&format!("{correction}/sections/local_offer_range")).await.body;
        assert_eq!((&copied["markdown"], &copied["is_copied"]), (&json!("Breaks by day and by night."), &json!(true)));
        let twice = json!({ "financial_year": "2023-24" });
        office.author.post("/v1/statement-editions", &twice).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn small_counts_are_withheld_anew_in_a_correction_and_whoever_chose_otherwise_does_not_approve() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        let choice = json!({ "disclosure": "as_counted", "reason": "Published before, as counted" });
        office.author.record(&format!("{path}/disclosure"), &choice).await;
        office.publish(&path).await;
        let withheld = office.author.get(&format!("{path}/withheld")).await.expect(200).body;
        assert_eq!((&withheld["disclosure"], &withheld["is_published"]), (&json!("as_counted"), &json!(true)));
        let correction = office.correction(&path, "2023-24").await;
        assert_eq!(office.author.get(&correction).await.body["disclosure"], Value::Null);
        assert_eq!(office.author.get(&format!("{correction}/withheld")).await.expect(200).body["disclosure"], "withheld");
        office.meet_all(&correction).await;
        office.consult(&correction).await;
        office.director.client.record(&format!("{correction}/disclosure"), &choice).await;
        let refused = office.director.client.post(&format!("{correction}/approval"), &office.revision(&correction).await).await;
        refused.expect_problem(403, "no_authority");
        assert_eq!(app.events("statement_disclosures", "record").await.len(), 2);
    });
}

#[test]
fn a_change_takes_back_what_was_said_of_the_text_before_it() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        office.meet_all(&path).await;
        office.consult(&path).await;
        let written = office.write(&path, "introduction", "For families.").await;
        assert_eq!((&written["state"], &written["version"]), (&json!("draft"), &json!(1)));
        office.director.client.post(&format!("{path}/approval"), &office.revision(&path).await).await.expect_problem(409, "state_conflict");
        office.consult(&path).await;
        office.approve(&path).await;
        assert_eq!(office.state(&path).await, "approved");
        // The same text once more changes nothing.
        assert_eq!(office.write(&path, "introduction", "For families.").await["state"], "approved");
        // A waiver after the approval wants another approval, and no other consultation.
        let waiver = json!({ "standing": "waived", "reason": "It stands in the policy" });
        office.author.record(&format!("{path}/requirements/carers_needs"), &waiver).await;
        assert_eq!(office.state(&path).await, "consulted");
        office.author.post(&format!("{path}/publication"), &json!({})).await.expect_problem(409, "state_conflict");
        office.approve(&path).await;
        office.write(&path, "introduction", "For every family.").await;
        assert_eq!(office.state(&path).await, "draft");
        office.consult(&path).await;
        // Whoever approves names what they read.
        let read = office.revision(&path).await;
        office.author.record(&format!("{path}/requirements/carers_needs"), &waiver).await;
        office.director.client.post(&format!("{path}/approval"), &read).await.expect_problem(409, "state_conflict");
        office.approve(&path).await;
        office.author.record(&format!("{path}/publication"), &json!({})).await;
    });
}

#[test]
fn whoever_had_a_hand_in_an_edition_does_not_approve_it_and_a_tool_never_does() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        office.meet_all(&path).await;
        office.consult(&path).await;
        let (approval, read) = (format!("{path}/approval"), office.revision(&path).await);
        app.as_role(Role::Manager).post(&approval, &read).await.expect_problem(403, "no_authority");
        app.as_role(Role::FinanceOfficer).post(&approval, &read).await.expect_problem(403, "not_allowed");
        let tool =
            app.tool_of(&office.director.id, vec![Permission::StatementRead, Permission::StatementWrite, Permission::StatementApprove]);
        tool.post(&approval, &read).await.expect_problem(403, "no_authority");
        tool.post(&format!("{path}/publication"), &json!({})).await.expect_problem(403, "no_authority");
        let choice = json!({ "disclosure": "as_counted", "reason": "-" });
        tool.post(&format!("{path}/disclosure"), &choice).await.expect_problem(403, "no_authority");
        let consultation = json!({ "with_whom": "The forum", "held_on": "2024-05-14", "what_changed": "-" });
        tool.post(&format!("{path}/consultations"), &consultation).await.expect_problem(403, "no_authority");
        let waiver = json!({ "standing": "waived", "reason": "-" });
        tool.post(&format!("{path}/requirements/carers_needs"), &waiver).await.expect_problem(403, "no_authority");
        let consulted = text(&office.author.get(&path).await.body["consultations"][0]["id"]);
        let reversal = format!("{path}/consultations/{consulted}/reversal");
        tool.post(&reversal, &json!({ "reason": "-" })).await.expect_problem(403, "no_authority");
        // What a tool writes counts as its owner's.
        let section = format!("{path}/sections/reviewing");
        tool.put(&section, 0, &json!({ "markdown": "Every year." })).await.expect(200);
        office.consult(&path).await;
        office.director.client.post(&approval, &office.revision(&path).await).await.expect_problem(403, "no_authority");
        let other = app.person(Role::AssistantDirector);
        app.as_role(Role::Administrator).holding("assistant_director", &other.id).await;
        other.client.record(&approval, &office.revision(&path).await).await;
        office.author.record(&format!("{path}/publication"), &json!({})).await;
        // A tool reads what is published.
        let reader = app.as_client(&[Permission::StatementRead]).await;
        reader.get(&format!("{path}/files/md")).await.expect(200);
    });
}

#[test]
fn of_two_who_publish_at_once_one_does() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        office.meet_all(&path).await;
        office.consult(&path).await;
        office.approve(&path).await;
        let publication = format!("{path}/publication");
        let calls: Vec<_> = (0..4)
            .map(|_| {
                let (client, path) = (office.author.clone(), publication.clone());
                tokio::spawn(async move { client.post(&path, &json!({})).await })
            })
            .collect();
        let mut published = 0;
        for call in calls {
            let answer = call.await.unwrap();
            if answer.status == 201 {
                published += 1;
            } else {
                answer.expect_problem(409, "state_conflict");
            }
        }
        assert_eq!((published, app.count("statement_publications"), app.count("statement_snapshots")), (1, 1, 1));
    });
}

#[test]
fn the_same_key_gets_the_first_publication_again() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        office.meet_all(&path).await;
        office.consult(&path).await;
        office.approve(&path).await;
        let publication = format!("{path}/publication");
        let first = office.author.post_once("key", &publication, &json!({})).await.expect(201);
        assert_eq!(office.author.post_once("key", &publication, &json!({})).await.expect(201).body, first.body);
    });
}

#[test]
fn a_section_is_changed_by_whoever_read_its_last_version() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        let section = format!("{path}/sections/introduction");
        let new = |markdown: &str| json!({ "markdown": markdown });
        let unwritten = office.author.get(&section).await.expect(200);
        assert_eq!((unwritten.header("etag"), &unwritten.body["markdown"]), ("\"0\"", &Value::Null));
        let made = office.author.put(&section, 0, &new("One")).await.expect(200);
        assert_eq!(made.header("etag"), "\"1\"");
        office.author.put(&section, 0, &new("Two")).await.expect_problem(412, "stale_version");
        let unsaid = crate::support::send(office.author.request(reqwest::Method::PUT, &section).json(&new("Two"))).await;
        unsaid.expect_problem(428, "version_needed");
        office.author.put(&section, 1, &json!({ "markdown": " two" })).await.expect_problem(422, "invalid_body");
        office.author.put(&section, 1, &json!({ "markdown": "x".repeat(50_001) })).await.expect_problem(422, "invalid_body");
        office.author.put(&section, 1, &new("Two")).await.expect(200);
        office.author.put(&section, 2, &json!({ "markdown": null })).await.expect(200);
        assert_eq!(office.author.get(&section).await.body["markdown"], Value::Null);
        assert_eq!(office.author.get(&format!("{section}?version=1")).await.expect(200).body["markdown"], "One");
        office.author.get(&format!("{section}?version=9")).await.expect_problem(404, "not_found");
        let versions = office.author.all_pages(&format!("{section}/versions"), 2).await;
        let told: Vec<_> = versions.concat().iter().map(|one| one["characters"].as_i64().unwrap()).collect();
        assert_eq!(told, [3, 3, 0]);
        office.author.get(&format!("{path}/sections/gossip")).await.expect_problem(404, "not_found");
        app.as_role(Role::Auditor).put(&section, 3, &new("Mine")).await.expect_problem(403, "not_allowed");
    });
}

#[test]
fn next_years_edition_begins_with_this_years_text() {
    on_both(async |app| {
        let office = Office::of(app).await;
        office.published("2022-23").await;
        let path = office.draft("2023-24").await;
        let versions = office.author.get(&format!("{path}/sections/local_offer_range")).await.body["version"].clone();
        assert_eq!(versions, 1, "the same text was written once more");
        let stands = office.author.get(&path).await.body;
        assert_eq!((&stands["requirements"], &stands["consultations"]), (&json!([]), &json!([])));
        assert!(stands["copied_from_id"].is_string());
    });
}

#[test]
fn what_is_not_said_rightly_is_refused() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        for (what, body, pointers) in [
            ("consultations", json!({ "with_whom": "-", "held_on": "2024-06-04", "what_changed": "-" }), vec!["/held_on"]),
            ("requirements/carers_needs", json!({ "standing": "met" }), vec!["/section"]),
            ("requirements/carers_needs", json!({ "standing": "waived" }), vec!["/reason"]),
            ("disclosure", json!({ "disclosure": "as_counted" }), vec!["/reason"]),
        ] {
            let refused = office.author.post(&format!("{path}/{what}"), &body).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), pointers, "{what}");
        }
        let unknown = json!({ "standing": "waived", "reason": "-" });
        office.author.post(&format!("{path}/requirements/happiness"), &unknown).await.expect_problem(404, "not_found");
        let early = json!({ "financial_year": "2024-25", "what_changed": "All of it" });
        let refused = office.author.post("/v1/statement-editions", &early).await;
        assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), ["/what_changed"]);
    });
}

#[test]
fn without_a_snapshot_nothing_is_published() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        office.meet_all(&path).await;
        office.consult(&path).await;
        office.approve(&path).await;
        std::fs::remove_dir_all(app.folder.path().join("warehouse")).unwrap();
        office.author.post(&format!("{path}/publication"), &json!({})).await.expect_problem(409, "state_conflict");
        office.author.get(&format!("{path}/files/md")).await.expect_problem(404, "nothing_published");
        assert_eq!(app.count("statement_publications"), 0);
    });
}

#[test]
fn where_the_profile_names_no_post_nobody_approves() {
    on_both_with(&kirklees(), async |app| {
        let author = app.as_role(Role::PanelSupport);
        let edition = author.record("/v1/statement-editions", &json!({ "financial_year": "2023-24" })).await;
        let path = format!("/v1/statement-editions/{}", text(&edition["id"]));
        let consultation = json!({ "with_whom": "The forum", "held_on": "2024-05-14", "what_changed": "Nothing." });
        author.record(&format!("{path}/consultations"), &consultation).await;
        let revision = json!({ "revision": author.get(&path).await.body["revision"], "snapshot_id": db::new_id() });
        app.as_role(Role::Manager).post(&format!("{path}/approval"), &revision).await.expect_problem(403, "no_authority");
    });
}

#[test]
fn what_the_public_is_told_of_a_provider_stands_in_the_draft_while_it_is_offered() {
    on_both(async |app| {
        let office = Office::of(app).await;
        let path = office.draft("2023-24").await;
        let provider = office.author.provider("own").await;
        let entries = format!("/v1/providers/{provider}/public-entries");
        let made = office.author.post(&entries, &entry()).await.expect(201);
        insta::assert_json_snapshot!("a_new_public_entry", made.redacted());
        let of_entry = made.header("location").to_owned();
        let draft = async || office.author.get(&format!("{path}/files/md")).await.expect(200).text;
        assert!(draft().await.contains("Swimming on Saturdays."));
        let mut ended = entry();
        ended["valid_to"] = json!("2024-06-03");
        office.author.put(&of_entry, 2, &ended).await.expect_problem(412, "stale_version");
        let changed = office.author.put(&of_entry, 1, &ended).await.expect(200);
        assert_eq!((changed.header("etag"), &changed.body["version"]), ("\"2\"", &json!(2)));
        assert!(!draft().await.contains("Swimming"));
        let history = office.author.get(&of_entry).await.expect(200);
        assert_eq!((history.header("etag"), history.body["versions"].as_array().unwrap().len()), ("\"2\"", 2));
        assert_eq!(office.author.get(&entries).await.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(office.author.get(&format!("{entries}?on=2024-06-03")).await.body["items"], json!([]));
        let mut unreachable = entry();
        unreachable["link"] = json!("http://swim.example.org");
        unreachable["phone"] = json!("ring the bell");
        let refused = office.author.post(&entries, &unreachable).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/link", "/phone"]);
        office.author.post(&format!("/v1/providers/{}/public-entries", db::new_id()), &entry()).await.expect_problem(404, "not_found");
        app.as_role(Role::Practitioner).post(&entries, &entry()).await.expect_problem(403, "not_allowed");
    });
}
