//! The command line: what it says, where, and with which exit code.

use crate::support::Backend;
use crate::support::program::{Program, bare, run};
use serde_json::Value;

#[test]
fn a_user_is_added_once_and_the_password_is_good() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        let added = program.run(&["user", "add", "finance.team", "--role", "finance_officer"]).expect(0);
        let password = added.stdout.trim().rsplit(' ').next().unwrap().to_owned();
        assert_eq!(added.stdout, format!("finance.team may log in with the password {password}\n"));
        assert!(password.len() >= 16);
        let again = program.run(&["user", "add", "finance.team", "--role", "auditor"]).expect(1);
        assert!(again.stdout.is_empty() && again.stderr.contains("finance.team"), "{}", again.stderr);
        program.run(&["user", "add", "Finance Team", "--role", "auditor"]).expect(1);
        program.run(&["user", "add", "somebody", "--role", "king"]).expect(2);
        let sound = program.run(&["audit", "verify"]).expect(0);
        assert!(sound.stdout.starts_with("The audit trail is sound: "), "{}", sound.stdout);
    }
}

#[test]
fn a_client_is_added_with_its_scope() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        let added = program.run(&["client", "add", "Council dashboard", "--scope", "reports:read,budgets:read"]).expect(0);
        let lines: Vec<_> = added.stdout.lines().map(|line| line.split(' ').collect::<Vec<_>>()).collect();
        assert_eq!((lines[0][0], lines[0][1].len(), lines[1][0], lines[1][1].len()), ("client_id", 36, "client_secret", 64));
        program.run(&["client", "add", "Council dashboard", "--scope", "reports:read"]).expect(1);
        program.run(&["client", "add", "Tool", "--scope", "everything"]).expect(2);
        program.run(&["client", "add", "Tool"]).expect(2);
        program.run(&["client", "add", " ", "--scope", "reports:read"]).expect(1);
    }
}

#[test]
fn a_broken_trail_is_told_with_exit_code_1() {
    let program = Program::on(Backend::Sqlite);
    program.run(&["user", "add", "finance.team", "--role", "finance_officer"]).expect(0);
    let url: db::DatabaseUrl = program.database_url.parse().unwrap();
    let mut connection = url.connect().unwrap();
    crate::support::sql(&mut connection, "DROP TRIGGER audit_events_no_update");
    crate::support::sql(&mut connection, "UPDATE audit_events SET detail = '{}' WHERE seq = 2");
    let broken = program.run(&["audit", "verify"]).expect(1);
    assert_eq!(broken.stderr, "The audit trail is broken: event 2 is missing or not as it was written.\n");
}

#[test]
fn the_openapi_document_is_printed_without_any_settings() {
    let printed = run(bare().arg("openapi").current_dir(tempfile::tempdir().unwrap().path())).expect(0);
    assert_eq!(printed.json()["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    assert!(printed.stderr.is_empty());
}

#[test]
fn usage_is_exit_code_2_and_help_is_0() {
    for wrong in [&["fly"][..], &[], &["serve", "--loudly"], &["user"], &["import", "ledger"], &["report"]] {
        let refused = run(bare().args(wrong)).expect(2);
        assert!(refused.stdout.is_empty() && refused.stderr.contains("Usage"), "{wrong:?}: {}", refused.stderr);
    }
    assert!(run(bare().arg("--help")).expect(0).stdout.contains("Usage"));
    assert!(run(bare().arg("--version")).expect(0).stdout.starts_with("short-breaks "));
}

#[test]
fn bad_settings_are_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    let verify =
        |name: &str, value: &str| run(bare().args(["audit", "verify"]).current_dir(folder.path()).env(name, value)).expect(1).stderr;
    let told = verify("DATABASE_URL", "mysql://user:secret@host/name");
    assert!(told.contains("mysql") && !told.contains("secret"), "{told}");
    let told = verify("DATABASE_URL", "postgres://user:secret@127.0.0.1:1/name");
    assert!(told.contains("cannot be reached") && !told.contains("secret"), "{told}");
    let told = verify("DATABASE_URL", "sqlite:no/such/folder/file.sqlite");
    assert!(told.contains("there is no folder no/such/folder"), "{told}");
    let told = verify("SHORT_BREAKS_PROFILE", "atlantis");
    assert!(told.contains("atlantis") && told.contains("tameside"), "{told}");
    let told = verify("SHORT_BREAKS_PROFILE", "no-such-file.toml");
    assert!(told.contains("no-such-file.toml"), "{told}");
    let told = verify("SHORT_BREAKS_CONFIG", "no-such-file.toml");
    assert!(told.contains("no-such-file.toml"), "{told}");
    std::fs::write(&file, "listen = \"127.0.0.1:0\"\ncolour = \"red\"\n").unwrap();
    let told = verify("SHORT_BREAKS_CONFIG", file.to_str().unwrap());
    assert!(told.contains("colour"), "{told}");
    std::fs::write(&file, "this is no database").unwrap();
    let told = verify("DATABASE_URL", &format!("sqlite:{}", file.display()));
    assert!(told.contains("not a database"), "{told}");
    let told = run(bare().args(["serve", "--listen", "nowhere"]).current_dir(folder.path())).expect(1).stderr;
    assert!(told.contains("cannot listen on nowhere"), "{told}");
}

#[test]
fn a_setting_on_the_command_line_goes_before_the_environment_and_that_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("short-breaks.toml"), "data_dir = \"from-file\"\n").unwrap();
    let verify = |command: &mut std::process::Command| run(command.args(["audit", "verify"]).current_dir(folder.path())).expect(0);
    let exists = |name: &str| folder.path().join(name).join("short-breaks.sqlite").exists();
    verify(&mut bare());
    assert!(exists("from-file"));
    verify(bare().env("SHORT_BREAKS_DATA_DIR", "from-environment"));
    assert!(exists("from-environment") && !exists("from-flag"));
    verify(bare().env("SHORT_BREAKS_DATA_DIR", "from-environment").args(["--data-dir", "from-flag"]));
    assert!(exists("from-flag"));
}

#[test]
fn an_empty_variable_hides_nothing_that_the_settings_file_says() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "data_dir = \"from-file\"\ndatabase_url = \"sqlite:of-file.sqlite\"\nprofile = \"kirklees\"\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(folder.path().join("short-breaks.toml"), settings).unwrap();
    let mut command = bare();
    for name in ["DATABASE_URL", "SHORT_BREAKS_DATA_DIR", "SHORT_BREAKS_PROFILE", "SHORT_BREAKS_LISTEN", "SHORT_BREAKS_CONFIG"] {
        command.env(name, "");
    }
    run(command.args(["audit", "verify"]).current_dir(folder.path())).expect(0);
    let exists = |name: &str| folder.path().join(name).exists();
    assert!(exists("of-file.sqlite") && exists("from-file") && !exists("from-file/short-breaks.sqlite"));
    // The store is the authority's of the file's profile.
    let other = run(bare().env("SHORT_BREAKS_PROFILE", "tameside").args(["audit", "verify"]).current_dir(folder.path())).expect(1);
    assert!(other.stderr.contains("kirklees"), "{}", other.stderr);
}

#[test]
fn one_json_document_is_printed_whatever_happens() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        let ahead = program.run(&["etl", "--json", "--as-known-on", "2999-12-31"]).expect(1);
        assert!(ahead.json()["error"].as_str().unwrap().starts_with("No snapshot was published: "), "{}", ahead.stdout);
        assert!(ahead.stderr.starts_with("No snapshot was published: "), "{}", ahead.stderr);
        assert!(program.run(&["etl", "--json"]).expect(0).json()["snapshot_id"].is_string());
        let other = program.run(&["etl", "--json", "--profile", "kirklees"]).expect(1);
        assert!(other.json()["error"].as_str().unwrap().contains("belongs to the authority"), "{}", other.stdout);
        std::fs::write(program.folder.path().join("short-breaks.toml"), "colour = \"red\"\n").unwrap();
        for arguments in [&["etl", "--json"][..], &["import", "ledger", "ledger.csv", "--mapping", "map.toml", "--json"]] {
            let refused = program.run(arguments).expect(1);
            assert!(refused.json()["error"].as_str().unwrap().contains("short-breaks.toml"), "{}", refused.stdout);
        }
        let plain = program.run(&["etl"]).expect(1);
        assert!(plain.stdout.is_empty() && plain.stderr.contains("short-breaks.toml"), "{}", plain.stdout);
    }
}

#[cfg(unix)]
#[test]
fn keys_and_data_are_for_the_servers_user_only() {
    use std::os::unix::fs::PermissionsExt;
    let program = Program::on(Backend::Sqlite);
    let server = crate::support::program::Serving::start(&program, &[]);
    let mode = |path: &str| std::fs::metadata(program.folder.path().join("data").join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(""), mode("keys"), mode("keys/tokens.json")), (0o700, 0o700, 0o600));
    drop(server);
}

#[tokio::test]
async fn a_case_reference_is_in_no_log_however_much_is_logged() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        let added = program.run(&["client", "add", "tool", "--scope", "children:read,children:write"]).expect(0).stdout;
        let words: Vec<_> = added.split_whitespace().collect();
        let server = crate::support::program::Serving::start(&program, &[("RUST_LOG", "debug"), ("SHORT_BREAKS_LOG", "json")]);
        let http = reqwest::Client::new();
        let post = async |path: &str, token: &str, body: Value| {
            let request = http.post(format!("{}{path}", server.base)).bearer_auth(token).json(&body);
            crate::support::send(request).await
        };
        let credentials = serde_json::json!({ "grant_type": "client_credentials", "client_id": words[1], "client_secret": words[3] });
        let tokens = post("/v1/tokens", "-", credentials).await.expect(200).body;
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        let child = serde_json::json!({ "case_reference": "SECRET-0417", "date_of_birth": "2014-06-30" });
        post("/v1/children", &token, child.clone()).await.expect(201);
        post("/v1/children", &token, child).await.expect(409);
        post("/v1/child-lookups", &token, serde_json::json!({ "case_reference": "SECRET-0417" })).await.expect(200);
        let log = server.stop();
        assert!(log.contains("POST /v1/children 201"), "{log}");
        assert!(!log.contains("SECRET-0417") && !log.contains(&token) && !log.contains(words[3]));
        let lines: Vec<Value> = log.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.iter().all(|line| line["level"].is_string() && line["at"].is_string()));
    }
}
