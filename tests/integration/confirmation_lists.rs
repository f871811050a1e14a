//! A signed-off list of lines that no decision brought, confirmed in one call.

use crate::support::confirming::{HEAD, LIST, PREVIEW, SUM, item, previewed, told_apart};
use crate::support::families::{Family, weekly};
use crate::support::on_both;
use crate::support::people::{People, id_of, in_force, with};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn a_list_is_confirmed_whole_by_the_posts_responsible_or_not_at_all() {
    on_both(async |app| {
        let people = People::of(app).await;
        let support = &people.support.client;
        let line = async |pence: i64| people.package_line(&people.package_of(&people.child().await).await, in_force(pence)).await;
        let (small, other, dear) = (line(100_000).await, line(200_000).await, line(1_500_000).await);
        let (sum, head) = (&people.post(SUM).client, &people.post(HEAD).client);
        let items = [item(&small, 1), item(&other, 1), item(&dear, 1)];
        let (seen, signed) = previewed(sum, SUM, &items).await;
        let tiers = json!([
            { "posts": [HEAD], "lines": 1, "children": 1, "full_year_pence": 1_500_000 },
            { "posts": [SUM], "lines": 2, "children": 2, "full_year_pence": 300_000 }
        ]);
        assert_eq!((&seen["tiers"], &seen["full_year_pence"]), (&tiers, &json!(1_800_000)));
        assert_eq!((&seen["items"][2]["may_confirm"], &seen["mistakes"][0]["pointer"]), (&json!(false), &json!("/items/2")));
        let refused = sum.post(LIST, &signed).await.expect_problem(403, "no_authority");
        assert_eq!(refused.pointers(), ["/items/2"]);
        // Everything that is wrong is told at once, and nothing was confirmed.
        support.record(&format!("/v1/package-lines/{other}/end"), &json!({ "valid_to": "2024-09-02", "reason": "-" })).await;
        let wrong = [item(&small, 1), item(&small, 1), item(&other, 1), item(&dear, 1), item(&db::new_id(), 1)];
        let (seen, signed) = previewed(sum, SUM, &wrong).await;
        let codes: Vec<_> = seen["mistakes"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["repeated", "changed", "unknown_reference", "no_authority"]);
        let refused = sum.post(LIST, &signed).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/items/1/line_id", "/items/2/version", "/items/3", "/items/4/line_id"]);
        assert_eq!(app.count("package_line_confirmations"), 0);
        // Whoever recorded them confirms none, in whatever post.
        people.put(SUM, &people.support.id, "deputy", "2024-04-01", None).await;
        let own = [item(&small, 1)];
        let (_, signed) = previewed(support, SUM, &own).await;
        support.post(LIST, &signed).await.expect_problem(403, "not_allowed");
        // Each post its own list; the same call again gives the first answer.
        let (_, signed) = previewed(sum, SUM, &[item(&small, 1), item(&other, 2)]).await;
        let done = sum.post_once("list-1", LIST, &signed).await.expect(201).body;
        assert_eq!((&done["full_year_pence"], done["items"].as_array().unwrap().len()), (&json!(300_000), 2));
        assert_eq!(sum.post_once("list-1", LIST, &signed).await.expect(201).body, done);
        let again = sum.post(LIST, &signed).await.expect_problem(422, "invalid_body");
        assert_eq!(again.body["errors"][0]["code"], "agreed");
        let (_, signed) = previewed(head, HEAD, &[item(&dear, 1)]).await;
        // Another line of the child's since: what was looked at is not what would be confirmed.
        let package = head.get(&format!("/v1/package-lines/{dear}")).await.body["versions"][0]["package_id"].as_str().unwrap().to_owned();
        people.package_line(&package, in_force(100)).await;
        let changed = head.post(LIST, &signed).await.expect_problem(409, "state_conflict");
        assert!(changed.text.contains("changed since the preview"), "{}", changed.text);
        let (_, signed) = previewed(head, HEAD, &[item(&dear, 1)]).await;
        head.record(LIST, &signed).await;
        assert_eq!(app.count("package_line_confirmations"), 3);
        assert_eq!(app.events("package_lines", "confirm").await.len(), 3);
    });
}

#[test]
fn three_hundred_packages_are_brought_over_in_one_call() {
    on_both(async |app| {
        let people = People::of(app).await;
        let mut items = Vec::new();
        for _ in 0..300 {
            let package = people.package_of(&people.child().await).await;
            items.push(item(&people.package_line(&package, in_force(100_000)).await, 1));
        }
        let sum = &people.post(SUM).client;
        let start = Instant::now();
        let (seen, signed) = previewed(sum, SUM, &items).await;
        assert_eq!((&seen["tiers"][0]["children"], &seen["mistakes"]), (&json!(300), &json!([])));
        let done = sum.record(LIST, &signed).await;
        let took = start.elapsed();
        assert_eq!(done["items"].as_array().unwrap().len(), 300);
        assert!(took < Duration::from_secs(60), "{took:?}");
        assert_eq!(told_apart(&app.as_anyone().await).await.0, 0);
    });
}

#[test]
fn an_account_is_paid_from_the_day_that_a_list_names() {
    on_both(async |app| {
        let family = Family::unconfirmed(app, "2020-04-06", None).await;
        family.all_steps().await;
        let manager = &family.manager.client;
        let (seen, _) = previewed(manager, SUM, &[item(&family.line, 1)]).await;
        assert_eq!((&seen["mistakes"][0]["pointer"], &seen["mistakes"][0]["code"]), (&json!("/items/0/paid_from"), &json!("required")));
        let (_, signed) = previewed(manager, SUM, &[with(item(&family.line, 1), "paid_from", "2024-06-03")]).await;
        manager.record(LIST, &signed).await;
        assert_eq!(family.export("2024-06-03").await["total_pence"], 30_000);
        let beside = weekly(&family.package, 1, "2024-06-03", None);
        let beside = id_of(&family.caller.record("/v1/package-lines", &beside).await);
        let (_, signed) = previewed(&family.caller, SUM, &[with(item(&beside, 1), "paid_from", "2024-06-03")]).await;
        family.caller.post(LIST, &signed).await.expect_problem(403, "no_authority");
    });
}

#[test]
fn a_list_with_mistakes_was_read_all_the_same() {
    on_both(async |app| {
        let people = People::of(app).await;
        let package = people.package_of(&people.child().await).await;
        let line = people.package_line(&package, in_force(1_000)).await;
        let reads = async || app.events("packages", "read").await.iter().filter(|event| event["entity_id"] == package).count();
        let before = reads().await;
        let list = json!({ "post": SUM, "items": [{ "line_id": line, "version": 2 }] });
        let told = people.post(SUM).client.post(PREVIEW, &list).await.expect(200).body;
        assert_eq!((told["items"].as_array().unwrap().len(), told["mistakes"].as_array().unwrap().len()), (0, 1));
        assert_eq!(reads().await, before + 1);
    });
}
