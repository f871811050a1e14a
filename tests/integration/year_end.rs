//! Closing a financial year: what is carried forward, what is refused after, and where late entries go.

use crate::support::panel_day::with;
use crate::support::payments::{home_care, order, pay};
use crate::support::program::{Program, Serving};
use crate::support::records::new_grant;
use crate::support::{Answer, Backend, Client, TestApp, instant, on_both};
use api::auth::CallerKind;
use api::auth::keys::SigningKeys;
use db::AnyConnection;
use diesel::RunQueryDsl;
use domain::Permission;
use serde_json::{Value, json};
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

pub const CLOSURE: &str = "/v1/financial-years/2023-24/closure";

pub fn closing(home_care: i64) -> Value {
    json!({ "carry_forward": [{ "budget_line": "home_care", "budget_pence": home_care }], "reason": "Accounts closed" })
}

/// 2023-24 with 366 pence a day of home care by a provider, of which 100,000 pence are paid, a budget of 150,000, and a grant of which
/// nothing is; 2024-25 open. Answers with the provider, the package and its line.
pub async fn year_before(caller: &Client, app: &TestApp) -> (String, String, String) {
    caller.opened("2023-24").await;
    caller.opened("2024-25").await;
    caller.moved("2023-24", "home_care", "original", 150_000).await;
    let provider = caller.provider("private").await;
    let (package, line) = caller.daily_between(Some(&provider), 366 * 366, "2023-04-01", "2024-04-01").await;
    pay(app, home_care("2024-03-28", 100_000).to(&provider));
    (provider, package, line)
}

/// A row in every table that matching, releasing and closing write to. The year 2023-24 is open, and closed after.
pub async fn in_every_table(app: &TestApp, caller: &Client) {
    let (_, line) = caller.daily_between(None, 36_600, "2023-04-01", "2024-04-01").await;
    let entry = pay(app, home_care("2023-05-12", 5));
    caller.record(&format!("/v1/ledger-entries/{entry}/match"), &json!({ "line_id": line, "reason": "-" })).await;
    let release = json!({ "year": "2023-24", "budget_line": "home_care", "line_id": line, "up_to": "2023-05-01", "reason": "-" });
    caller.record("/v1/commitment-releases", &release).await;
    // It may be open already.
    caller.post("/v1/financial-years", &json!({ "year": "2024-25" })).await;
    caller.record(CLOSURE, &json!({ "reason": "-" })).await;
}

fn line_of(closure: &Value, budget_line: &str) -> Value {
    let lines = closure["budget_lines"].as_array().unwrap();
    lines.iter().find(|line| line["budget_line"] == budget_line).unwrap().clone()
}

#[test]
fn what_is_open_and_unspent_is_carried_into_the_next_year() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let (provider, package, line) = year_before(&caller, app).await;
        let grant = caller.grant().await;
        let (open, unspent) = (366 * 366 - 100_000, 50_000);
        let asked = json!({ "carry_forward": [{ "budget_line": "home_care", "budget_pence": unspent }] });
        let preview = caller.post(&format!("{CLOSURE}/preview"), &asked).await.expect(200).body;
        let by_its_own_body = caller.post(&format!("{CLOSURE}/preview"), &closing(unspent)).await.expect(200).body;
        assert_eq!((app.count("year_closures"), &by_its_own_body), (0, &preview));
        let made = caller.post(CLOSURE, &closing(unspent)).await.expect(201);
        assert_eq!(preview["budget_lines"], made.body["budget_lines"]);
        let home = json!({
            "budget_line": "home_care", "budget_pence": 150_000, "actual_pence": 100_000, "unspent_pence": unspent,
            "carried_budget_pence": unspent, "carried_commitment_pence": open, "carried_commitments": 1
        });
        assert_eq!(line_of(&made.body, "home_care"), home);
        assert_eq!(line_of(&made.body, "voluntary_sector_grants")["carried_commitment_pence"], 2_400_000);
        assert_eq!(caller.get(made.header("location")).await.expect(200).body, made.body);
        // One row an arrangement or grant.
        let rows = caller.all_pages("/v1/commitment-carry-forwards?from_year=2023-24", 1).await.concat();
        let of = |budget_line: &str| rows.iter().find(|row| row["budget_line"] == budget_line).unwrap();
        let home = of("home_care");
        assert_eq!(
            (&home["line_id"], &home["provider_id"], &home["amount_pence"], &home["to_year"]),
            (&json!(line), &json!(provider), &json!(open), &json!("2024-25"))
        );
        assert_eq!((rows.len(), &of("voluntary_sector_grants")["grant_id"]), (2, &json!(grant)));
        // Two movements that add up to nothing.
        let moved = caller.all_pages("/v1/budget-movements?budget_line=home_care", 100).await.concat();
        let carried: Vec<_> = moved.iter().filter(|movement| movement["kind"] == "carry_forward").collect();
        let sides: Vec<_> = carried.iter().map(|m| (m["year"].clone(), m["amount_pence"].clone(), m["effective_on"].clone())).collect();
        let side = |year: &str, pence: i64, day: &str| (json!(year), json!(pence), json!(day));
        assert_eq!(sides, [side("2023-24", -unspent, "2024-03-31"), side("2024-25", unspent, "2024-04-01")]);
        // The closed year has nothing open, the next has what was carried.
        let (before, after) = (caller.control("2023-24", "home_care").await, caller.control("2024-25", "home_care").await);
        assert_eq!(
            (&before["is_closed"], &before["open_commitment_pence"], &before["available_pence"]),
            (&json!(true), &json!(0), &json!(0))
        );
        assert_eq!((&after["open_commitment_pence"], &after["budget_pence"]), (&json!(open), &json!(unspent)));
        assert_eq!(caller.commitments(&package, "2023-24").await, [366 * 366, 100_000, open, 0]);
        // A payment of the next year settles what was carried first.
        pay(app, home_care("2024-05-10", open - 1).to(&provider));
        assert_eq!(caller.commitments(&package, "2024-25").await, [open, open - 1, 0, 1]);
        assert_eq!(caller.control("2024-25", "home_care").await["open_commitment_pence"], 1);
    });
}

#[test]
fn a_year_is_closed_once_in_its_turn_and_when_it_has_ended() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let refused = |answer: Answer| {
            let answer = answer.expect_problem(409, "not_ready");
            answer.body["errors"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        caller.post(CLOSURE, &closing(0)).await.expect_problem(404, "not_found");
        caller.opened("2022-23").await;
        caller.opened("2023-24").await;
        caller.get(CLOSURE).await.expect_problem(404, "not_found");
        assert_eq!(refused(caller.post(CLOSURE, &closing(0)).await), ["next_not_open", "earlier_open"]);
        caller.opened("2024-25").await;
        let of_next = "/v1/financial-years/2024-25/closure";
        assert_eq!(refused(caller.post(of_next, &closing(0)).await), ["not_ended", "next_not_open", "earlier_open"]);
        let earlier = "/v1/financial-years/2022-23/closure";
        caller.record(earlier, &json!({ "reason": "Accounts closed" })).await;
        // In Britain the clocks went forward that morning.
        app.clock.set(instant("2024-03-31T22:59:59"));
        assert_eq!(refused(caller.post(CLOSURE, &closing(0)).await), ["not_ended"]);
        app.clock.set(instant("2024-03-31T23:00:00"));
        caller.record(CLOSURE, &closing(0)).await;
        let again = caller.post(CLOSURE, &closing(0)).await.expect_problem(409, "state_conflict");
        assert_eq!(again.body["detail"], "2023-24 was closed on 2024-04-01.");
        caller.post(&format!("{CLOSURE}/preview"), &json!({})).await.expect_problem(409, "state_conflict");
        // A year before a closed one is not opened any more.
        caller.post("/v1/financial-years", &json!({ "year": "2019-20" })).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn no_more_budget_is_carried_than_was_left() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        year_before(&caller, app).await;
        let before = (app.count("budget_movements"), app.count("commitment_carry_forwards"));
        let one = |budget_line: &str, pence: i64| json!({ "budget_line": budget_line, "budget_pence": pence });
        for (carry, pointer) in [
            (json!([one("home_care", 50_001)]), "/carry_forward/0/budget_pence"),
            (json!([one("home_care", -1)]), "/carry_forward/0/budget_pence"),
            (json!([one("nursery", 1)]), "/carry_forward/0/budget_pence"),
            (json!([one("chc_income", 0)]), "/carry_forward/0/budget_line"),
            (json!([one("no_such_line", 0)]), "/carry_forward/0/budget_line"),
            (json!([one("home_care", 1), one("home_care", 1)]), "/carry_forward/1/budget_line"),
        ] {
            let refused = caller.post(CLOSURE, &json!({ "carry_forward": carry, "reason": "-" })).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [pointer]);
        }
        assert_eq!((app.count("budget_movements"), app.count("commitment_carry_forwards")), before);
        assert_eq!(app.count("year_closures"), 0);
        caller.record(CLOSURE, &closing(50_000)).await;
    });
}

#[test]
fn nothing_is_recorded_in_a_closed_year_any_more() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let (provider, package, line) = year_before(&caller, app).await;
        let movement = caller.all_pages("/v1/budget-movements?year=2023-24", 1).await.concat()[0]["id"].as_str().unwrap().to_owned();
        let unsettled = pay(app, home_care("2023-05-01", 10).to(&provider));
        order(app, "PO-9", &package, &line, &provider);
        let match_body = json!({ "line_id": line, "reason": "-" });
        let matched = caller.record(&format!("/v1/ledger-entries/{unsettled}/match"), &match_body).await["id"].as_str().unwrap().to_owned();
        let release = json!({ "year": "2023-24", "budget_line": "home_care", "up_to": "2023-06-01", "reason": "-" });
        let released = caller.record("/v1/commitment-releases", &release).await["id"].as_str().unwrap().to_owned();
        caller.record(CLOSURE, &closing(0)).await;
        let new_movement = json!({
            "year": "2023-24", "budget_line": "home_care", "kind": "adjustment", "amount_pence": 1, "effective_on": "2023-04-01",
            "reason": "-"
        });
        let virement = json!({
            "year": "2023-24", "from_budget_line": "home_care", "to_budget_line": "nursery", "amount_pence": 1, "effective_on": "2023-04-01",
            "reason": "-"
        });
        let other = pay(app, home_care("2023-05-02", 20).to(&provider));
        let reason = json!({ "reason": "-" });
        for (path, body) in [
            ("/v1/budget-movements".to_owned(), &new_movement),
            (format!("/v1/budget-movements/{movement}/reversal"), &reason),
            ("/v1/virements".to_owned(), &virement),
            ("/v1/commitment-releases".to_owned(), &release),
            (format!("/v1/commitment-releases/{released}/reversal"), &reason),
            (format!("/v1/ledger-entries/{other}/match"), &match_body),
            (format!("/v1/ledger-matches/{matched}/reversal"), &reason),
        ] {
            let refused = caller.post(&path, body).await.expect_problem(409, "state_conflict");
            let detail = refused.body["detail"].as_str().unwrap().to_owned();
            assert_eq!(detail, "The financial year 2023-24 was closed: nothing is recorded in 2023-24 any more.", "{path}");
        }
        // What was carried forward stays carried.
        caller.moved("2024-25", "nursery", "original", 5).await;
        // Lines may still be dated in it: what they cost is open in the next.
        caller.daily_between(Some(&provider), 100, "2023-10-01", "2024-01-01").await;
        assert_eq!(caller.control("2023-24", "home_care").await["open_commitment_pence"], 0);
    });
}

#[test]
fn a_correction_of_a_closed_years_entry_counts_in_the_open_year() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let (provider, _, line) = year_before(&caller, app).await;
        let entry = pay(app, home_care("2023-05-01", 700).to(&provider));
        caller.record(&format!("/v1/ledger-entries/{entry}/match"), &json!({ "line_id": line, "reason": "-" })).await;
        caller.record(CLOSURE, &closing(0)).await;
        let recoding = json!({ "reason": "Wrong line", "recode_to": "nursery" });
        let made = caller.record(&format!("/v1/ledger-entries/{entry}/reversal"), &recoding).await;
        for (part, pence) in [("reversal", -700), ("replacement", 700)] {
            assert_eq!(
                (&made[part]["year"], &made[part]["posted_on"], &made[part]["amount_pence"], &made[part]["reason"]),
                (&json!("2024-25"), &json!("2023-05-01"), &json!(pence), &json!("Wrong line (posted in 2023-24, which was closed)"))
            );
        }
        assert_eq!(caller.control("2024-25", "nursery").await["actual_pence"], 700);
        assert_eq!(caller.control("2024-25", "home_care").await["actual_pence"], -700);
        assert_eq!(caller.control("2023-24", "home_care").await["actual_pence"], 100_700);
        // The correction of a correction is in the open year already.
        let replacement = made["replacement"]["id"].as_str().unwrap();
        let back = caller.record(&format!("/v1/ledger-entries/{replacement}/reversal"), &json!({ "reason": "Not at all" })).await;
        assert_eq!((&back["reversal"]["year"], &back["reversal"]["reason"]), (&json!("2024-25"), &json!("Not at all")));
    });
}

#[test]
fn of_many_closures_at_once_one_counts() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        year_before(&caller, app).await;
        let calls: Vec<_> = (0..6)
            .map(|_| {
                let caller = caller.clone();
                tokio::spawn(async move { caller.post(CLOSURE, &closing(50_000)).await.status })
            })
            .collect();
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
        assert_eq!((app.count("year_closures"), app.count("commitment_carry_forwards")), (1, 1));
        assert_eq!(app.count("budget_movements WHERE kind = 'carry_forward'"), 2);
    });
}

#[test]
fn what_was_carried_and_is_open_at_the_next_close_is_carried_again() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let (provider, package, _) = year_before(&caller, app).await;
        let open = 366 * 366 - 100_000;
        caller.record(CLOSURE, &closing(50_000)).await;
        caller.opened("2025-26").await;
        pay(app, home_care("2024-05-10", 3_000).to(&provider));
        app.clock.set(instant("2025-04-20T09:00:00"));
        let caller = app.as_anyone().await;
        let next = caller.record("/v1/financial-years/2024-25/closure", &closing(47_000)).await;
        let home = line_of(&next, "home_care");
        assert_eq!((&home["budget_pence"], &home["carried_commitment_pence"]), (&json!(50_000), &json!(open - 3_000)));
        assert_eq!(caller.commitments(&package, "2025-26").await, [open - 3_000, 0, 0, open - 3_000]);
        assert_eq!(caller.get("/v1/financial-years/2024-25/closure").await.expect(200).body, next);
        // The first closure still says what it said.
        assert_eq!(line_of(&caller.get(CLOSURE).await.expect(200).body, "home_care")["carried_commitment_pence"], open);
        // A grant of the past year that was taken back is not carried.
        let reversed = caller.record("/v1/grants", &new_grant(&caller.provider("voluntary").await)).await;
        let path = format!("/v1/grants/{}/reversal", reversed["id"].as_str().unwrap());
        caller.record(&path, &with(json!({}), "reason", json!("Not taken up"))).await;
        assert_eq!(caller.control("2025-26", "voluntary_sector_grants").await["open_commitment_pence"], 0);
    });
}

fn number(connection: &mut AnyConnection, table: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    diesel::sql_query(format!("SELECT COUNT(*) AS n FROM {table}")).get_result::<Number>(connection).unwrap().n
}

/// Open commitments of 2023-24, by SQL: so many that closing the year takes a while.
fn many_lines(connection: &mut AnyConnection, lines: usize) {
    let now = "'2024-04-01 09:00:00', 1";
    let mut statements = vec![
        format!("INSERT INTO financial_years VALUES ('2023-24', '2023-04-01', '2024-03-31', {now})"),
        format!("INSERT INTO financial_years VALUES ('2024-25', '2024-04-01', '2025-03-31', {now})"),
        format!(
            "INSERT INTO children (id, case_reference, date_of_birth, recorded_at, recorded_seq) VALUES ('c', 'c', '2014-01-01', {now})"
        ),
        format!("INSERT INTO packages (id, reference, child_id, recorded_at, recorded_seq) VALUES ('p', 'p', 'c', {now})"),
    ];
    statements.extend((0..lines).map(|line| {
        format!(
            "INSERT INTO package_lines (id, line_id, version, package_id, service, budget_line, unit, quantity_thousandths, frequency, \
             unit_rate_ten_thousandths, valid_from, valid_to, state, reason, recorded_by, recorded_at, recorded_seq) VALUES ('l{line}', \
             'l{line}', 1, 'p', 'home_care', 'home_care', 'item', 1000, 'per_year', 100000, '2023-04-01', '2024-04-01', 'recorded', '-', 't', {now})"
        )
    }));
    diesel::sql_query("BEGIN").execute(connection).unwrap();
    for statement in statements {
        diesel::sql_query(statement).execute(connection).unwrap();
    }
    diesel::sql_query("COMMIT").execute(connection).unwrap();
}

#[test]
fn a_killed_closure_leaves_all_of_it_or_nothing() {
    const LINES: usize = 1_500;
    for backend in Backend::all() {
        let program = Program::on(backend);
        drop(Serving::start(&program, &[]));
        let url: db::DatabaseUrl = program.database_url.parse().unwrap();
        let mut connection = url.connect().unwrap();
        many_lines(&mut connection, LINES);
        let keys = SigningKeys::open(&program.folder.path().join("data/keys")).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut usual = Duration::from_millis(800);
        for turn in 0..6 {
            let serving = Serving::start(&program, &[]);
            let token = keys.sign(&db::new_id(), CallerKind::Client, vec![Permission::BudgetsWrite]).unwrap();
            let request = reqwest::Client::new().post(format!("{}{CLOSURE}", serving.base)).bearer_auth(token);
            let request = request.json(&json!({ "reason": "Accounts closed" }));
            let started = Instant::now();
            let answer = runtime.spawn(request.send());
            let thousandths = u32::try_from(RandomState::new().hash_one(turn) % 1000).unwrap();
            // The last is left alone.
            if turn < 5 {
                std::thread::sleep(usual * thousandths / 1000);
            } else {
                assert!([201, 409].contains(&runtime.block_on(answer).unwrap().unwrap().status().as_u16()));
                usual = started.elapsed();
            }
            serving.stop();
            let closed = number(&mut connection, "year_closures");
            println!("{backend:?}: turn {turn}, {closed} closed, usually {usual:?}");
            assert_eq!(number(&mut connection, "commitment_carry_forwards"), closed * LINES as i64);
            program.run(&["audit", "verify"]).expect(0);
        }
        assert_eq!(number(&mut connection, "year_closures"), 1);
    }
}
