//! Pay files: what is in them, that each payment is in exactly one, and what a killed program leaves.

use crate::support::families::{Family, go_to};
use crate::support::program::{Program, Serving};
use crate::support::{Backend, Client, TestApp, on_both};
use api::auth::CallerKind;
use api::auth::keys::SigningKeys;
use db::AnyConnection;
use diesel::RunQueryDsl;
use domain::Permission;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

const EXPORTS: &str = "/v1/direct-payment-exports";

fn sha256(text: &str) -> String {
    db::audit::hex(&Sha256::digest(text.as_bytes()))
}

/// The file of an export, whose hashes and totals must be the record's and its own.
#[track_caller]
fn assert_whole(export: &Value, file: &str) {
    assert_eq!(export["file_sha256"], sha256(file));
    let lines: Vec<_> = file.lines().collect();
    let (header, details, trailer) = (lines[0], &lines[1..lines.len() - 1], lines[lines.len() - 1]);
    let text: String = details.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!(export["details_sha256"], sha256(&text));
    let pence: i64 = details.iter().map(|line| pence(line.rsplit(',').next().unwrap())).sum();
    assert_eq!((&export["total_pence"], &export["payments"]), (&json!(pence), &json!(details.len())));
    let (count, pounds) = (details.len(), format!("{}.{:02}", pence / 100, pence % 100));
    assert!(header.starts_with(&format!("H,v1,{},", export["number"])) && header.contains(&format!(",{count},{pounds},")), "{header}");
    assert_eq!(trailer, format!("T,{count},{pounds},{}", sha256(&text)));
}

fn pence(pounds: &str) -> i64 {
    pounds.replace('.', "").parse().unwrap()
}

#[test]
fn a_pay_file_is_read_as_it_was_written_and_names_nobody() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        let export = family.export("2024-06-24").await;
        let path = format!("{EXPORTS}/{}/file", export["id"].as_str().unwrap());
        let answer = family.caller.get(&path).await.expect(200);
        assert_whole(&export, &answer.text);
        let details = format!("D,{},****4321,V-20417,period,2024-06-03,2024-07-01,2024-06-03,400.00\n", family.reference);
        let header = "H,v1,1,Tameside Metropolitan Borough Council,2024-06-24,1,400.00,original\n";
        assert_eq!(answer.text, format!("{header}{details}T,1,400.00,{}\n", sha256(&details)));
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"direct-payments-1.csv\"");
        let tag = answer.header("etag").to_owned();
        assert_eq!(tag, format!("\"{}\"", sha256(&answer.text)));
        let child = family.caller.get(&format!("/v1/children/{}", family.child)).await.expect(200).body;
        assert!(!answer.text.contains(child["case_reference"].as_str().unwrap()) && !answer.text.contains(&family.child));
        let known = family.caller.request(reqwest::Method::GET, &path).header("If-None-Match", tag);
        assert_eq!(crate::support::send(known).await.status, 304);
        assert_eq!(app.events("direct_payment_exports", "export").await.len(), 1);
        let listed = family.caller.all_pages(EXPORTS, 1).await.concat();
        assert_eq!(listed.len(), 1);
        assert!(listed[0].get("file").is_none() && listed[0]["number"] == 1);
    });
}

#[test]
fn a_file_given_out_again_says_so_and_the_first_stays_as_it_was() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        let export = family.export("2024-06-03").await;
        let original = family.file(&export).await;
        let path = format!("{EXPORTS}/{}", export["id"].as_str().unwrap());
        for copy in 2..4 {
            let made = family.caller.record(&format!("{path}/re-exports"), &json!({ "reason": "Lost on the way" })).await;
            let file = family.file(&export).await;
            assert_eq!((&made["copy"], &made["file_sha256"]), (&json!(copy), &json!(sha256(&file))));
            let header = file.lines().next().unwrap();
            assert!(header.ends_with(&format!(",copy {copy} of export 1: not to be paid twice")), "{header}");
            assert_eq!(file.split_once('\n').unwrap().1, original.split_once('\n').unwrap().1);
        }
        let copy = async |number: u32| family.caller.get(&format!("{path}/file?copy={number}")).await;
        assert_eq!(copy(1).await.expect(200).text, original);
        assert!(copy(2).await.expect(200).text.contains("copy 2 of export 1"));
        copy(4).await.expect_problem(404, "not_found");
        assert_eq!(family.caller.get(&path).await.expect(200).body["copies"].as_array().unwrap().len(), 2);
        assert_eq!(app.count("direct_payments"), 1, "nothing is paid again");
    });
}

#[test]
fn a_pay_file_is_for_today_or_the_next_period_and_for_accounts_that_exist() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        for (body, pointer) in [
            (json!({ "pay_on": "2024-05-31" }), "/pay_on"),
            (json!({ "pay_on": "2024-07-02" }), "/pay_on"),
            (json!({ "pay_on": "2099-04-01" }), "/pay_on"),
            (json!({ "pay_on": "2024-06-03", "account_ids": [] }), "/account_ids"),
            (json!({ "pay_on": "2024-06-03", "account_ids": [family.account, db::new_id()] }), "/account_ids/1"),
        ] {
            let refused = family.payer.post(EXPORTS, &body).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [pointer], "{body}");
        }
        let none = Family::without_anything(app, "2024-08-05", None).await;
        let named = json!({ "pay_on": "2024-06-03", "account_ids": [none.account] });
        family.payer.post(EXPORTS, &named).await.expect_problem(409, "state_conflict");
        let named = json!({ "pay_on": "2024-07-01", "account_ids": [family.account] });
        assert_eq!(family.payer.record(EXPORTS, &named).await["payments"], 2);
    });
}

async fn machines(app: &TestApp, count: usize) -> Vec<Client> {
    let mut clients = Vec::new();
    for _ in 0..count {
        clients.push(app.as_anyone().await);
    }
    clients
}

#[test]
fn of_two_pay_files_at_once_one_is_made_and_each_payment_is_in_one_file() {
    const ROUNDS: i64 = 20;
    on_both(async |app| {
        let families = [Family::ready(app, "2024-06-03", None).await, Family::ready(app, "2024-06-10", None).await];
        let callers = machines(app, 2).await;
        let mut day: chrono::NaiveDate = "2024-06-10".parse().unwrap();
        for round in 1..=ROUNDS {
            go_to(app, &day.to_string());
            let body = json!({ "pay_on": day });
            let calls: Vec<_> = callers
                .iter()
                .map(|caller| {
                    let (caller, body) = (caller.clone(), body.clone());
                    tokio::spawn(async move { caller.post(EXPORTS, &body).await })
                })
                .collect();
            let mut lost = 0;
            for call in calls {
                let answer = call.await.unwrap();
                if answer.status == 201 {
                    assert_whole(&answer.body, &families[0].file(&answer.body).await);
                } else {
                    let refused = answer.expect_problem(409, "state_conflict");
                    let said = refused.body["detail"].as_str().unwrap();
                    assert!(said.contains(&format!("Export {round}, for {day}, took the last.")), "{said}");
                    lost += 1;
                }
            }
            assert_eq!(lost, 1);
            assert_eq!(app.count("direct_payment_exports"), round);
            day = day + chrono::Days::new(28);
        }
        assert_eq!(app.count("direct_payments"), 2 * ROUNDS);
        assert_eq!(app.count("(SELECT account_id, period_from FROM direct_payments GROUP BY account_id, period_from) AS once"), 2 * ROUNDS);
    });
}

fn number(connection: &mut AnyConnection, query: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    diesel::sql_query(query).get_result::<Number>(connection).unwrap().n
}

/// So many accounts with everything on record and a payment due today, behind the program's back.
fn many_accounts(connection: &mut AnyConnection, batch: usize, count: usize) {
    let today = db::Clock::system(domain::TimeZone::default()).today();
    let now = "'2024-06-03 09:00:00', 1";
    let mut statements = vec!["BEGIN".to_owned()];
    if batch == 0 {
        let child = format!(
            "INSERT INTO children (id, case_reference, date_of_birth, recorded_at, recorded_seq) VALUES ('c', 'c', '2014-01-01', {now})"
        );
        statements.push(child);
        statements.push(format!("INSERT INTO packages (id, reference, child_id, recorded_at, recorded_seq) VALUES ('p', 'p', 'c', {now})"));
    }
    for account in 0..count {
        let id = format!("{batch}-{account}");
        statements.push(format!(
            "INSERT INTO package_lines (id, line_id, version, package_id, service, budget_line, unit, quantity_thousandths, frequency, \
             unit_rate_ten_thousandths, valid_from, state, reason, recorded_by, recorded_at, recorded_seq) VALUES ('{id}', '{id}', 1, 'p', \
             'personal_assistant', 'direct_payments', 'week', 1000, 'weekly', 1000000, '{today}', 'recorded', '-', 't', {now})"
        ));
        statements.push(format!(
            "INSERT INTO direct_payment_accounts (id, reference, child_id, package_id, line_id, opened_on, starts_on, weeks_per_payment, \
             recorded_by, recorded_at, recorded_seq) VALUES ('{id}', 'DP-{id}', 'c', 'p', '{id}', '{today}', '{today}', 4, 't', {now})"
        ));
        statements.push(format!(
            "INSERT INTO package_line_confirmations (id, line_id, version, confirmed_on, post, capacity, clause, total_pence, explanation, \
             recorded_by, recorded_at, recorded_seq) VALUES ('{id}', '{id}', 1, '{today}', 'p', 'holder', '-', 1, '{{}}', 'm', {now})"
        ));
        for (place, kind) in [(1, "agreement_signed"), (2, "bank_account_recorded"), (3, "dbs_seen")] {
            let bank = if place == 2 { "'****4321', 'V-1'" } else { "NULL, NULL" };
            statements.push(format!(
                "INSERT INTO direct_payment_steps (id, account_id, number, kind, taken_on, bank_reference, payee_reference, recorded_by, \
                 recorded_at, recorded_seq) VALUES ('{id}-{place}', '{id}', {place}, '{kind}', '{today}', {bank}, 't', {now})"
            ));
        }
    }
    statements.push("COMMIT".to_owned());
    for statement in statements {
        diesel::sql_query(statement).execute(connection).unwrap();
    }
}

#[test]
fn a_killed_export_leaves_file_and_payments_or_neither_and_the_next_completes() {
    const ACCOUNTS: usize = 600;
    const KILLS: usize = 6;
    for backend in Backend::all() {
        let program = Program::on(backend);
        drop(Serving::start(&program, &[]));
        let url: db::DatabaseUrl = program.database_url.parse().unwrap();
        let mut connection = url.connect().unwrap();
        let keys = SigningKeys::open(&program.folder.path().join("data/keys")).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let today = db::Clock::system(domain::TimeZone::default()).today();
        let (mut usual, mut killed) = (Duration::from_millis(500), 0);
        for turn in 0..=KILLS {
            many_accounts(&mut connection, turn, ACCOUNTS);
            let serving = Serving::start(&program, &[]);
            let before = number(&mut connection, "SELECT COUNT(*) AS n FROM direct_payment_exports");
            let call = || {
                let token = keys.sign(&db::new_id(), CallerKind::User, vec![Permission::DirectPaymentsWrite]).unwrap();
                let request = reqwest::Client::new().post(format!("{}{EXPORTS}", serving.base)).bearer_auth(token);
                request.json(&json!({ "pay_on": today })).send()
            };
            let started = Instant::now();
            if turn == 0 {
                assert_eq!(runtime.block_on(call()).unwrap().status().as_u16(), 201);
                usual = started.elapsed();
            } else {
                let answer = runtime.spawn(call());
                std::thread::sleep(usual * u32::try_from(RandomState::new().hash_one(turn) % 1000).unwrap() / 1000);
                serving.stop();
                drop(answer);
            }
            let files = number(&mut connection, "SELECT COUNT(*) AS n FROM direct_payment_exports");
            killed += usize::from(files == before);
            assert_files_are_whole(&mut connection);
            program.run(&["audit", "verify"]).expect(0);
        }
        // What a killed one left goes into the next.
        let serving = Serving::start(&program, &[]);
        let token = keys.sign(&db::new_id(), CallerKind::User, vec![Permission::DirectPaymentsWrite]).unwrap();
        let request = reqwest::Client::new().post(format!("{}{EXPORTS}", serving.base)).bearer_auth(token);
        let status = runtime.block_on(request.json(&json!({ "pay_on": today })).send()).unwrap().status().as_u16();
        assert!([201, 409].contains(&status));
        assert_files_are_whole(&mut connection);
        assert_eq!(number(&mut connection, "SELECT COUNT(*) AS n FROM direct_payments"), ((KILLS + 1) * ACCOUNTS) as i64);
        println!("{backend:?}: {killed} of {KILLS} were killed before their end");
        assert!(killed > 0, "none was killed before its end");
    }
}

/// Every file on record has exactly its payments, and adds up to them.
fn assert_files_are_whole(connection: &mut AnyConnection) {
    use db::schema::direct_payment_exports as exports;
    use diesel::prelude::*;
    type Row = (String, i64, i64, i64, String, String, String);
    let rows: Vec<Row> = exports::table
        .select((
            exports::id,
            exports::number,
            exports::payments,
            exports::total_pence,
            exports::details_sha256,
            exports::file_sha256,
            exports::file,
        ))
        .load(connection)
        .unwrap();
    let mut payments_in_files = 0;
    for (id, file_number, payments, total, details, sha, file) in rows {
        let export =
            json!({ "number": file_number, "payments": payments, "total_pence": total, "details_sha256": details, "file_sha256": sha });
        assert_whole(&export, &file);
        let of_the_file = format!("FROM direct_payments WHERE export_id = '{id}'");
        assert_eq!(number(connection, &format!("SELECT COUNT(*) AS n {of_the_file}")), payments);
        assert_eq!(number(connection, &format!("SELECT CAST(SUM(amount_pence) AS BIGINT) AS n {of_the_file}")), total);
        payments_in_files += payments;
    }
    assert_eq!(number(connection, "SELECT COUNT(*) AS n FROM direct_payments"), payments_in_files);
}
