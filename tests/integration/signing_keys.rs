//! The keys that sign access tokens: whose tokens they take, and how an old key is replaced.

use api::auth::CallerKind;
use api::auth::keys::SigningKeys;
use domain::Permission;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn keys_in(folder: &Path) -> Vec<Value> {
    serde_json::from_slice(&fs::read(folder.join("tokens.json")).unwrap()).unwrap()
}

#[test]
fn a_token_is_good_for_the_keys_that_signed_it_only() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let keys = SigningKeys::open(ours.path()).unwrap();
    let token = keys.sign("someone", CallerKind::User, vec![Permission::ReportsRead]).unwrap();
    assert_eq!(SigningKeys::open(ours.path()).unwrap().verify(&token).unwrap().sub, "someone");
    assert!(SigningKeys::open(theirs.path()).unwrap().verify(&token).is_none());
    let (body, _) = token.rsplit_once('.').unwrap();
    for bad in [&format!("{body}."), "", "a.b.c"] {
        assert!(keys.verify(bad).is_none(), "{bad}");
    }
}

#[test]
fn an_old_key_is_replaced_and_still_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let keys = SigningKeys::open(folder.path()).unwrap();
    let token = keys.sign("someone", CallerKind::User, vec![]).unwrap();
    let mut aged = keys_in(folder.path());
    assert_eq!(aged.len(), 1);
    aged[0]["made_at"] = json!(chrono::Utc::now() - chrono::TimeDelta::days(91));
    fs::write(folder.path().join("tokens.json"), serde_json::to_vec(&aged).unwrap()).unwrap();
    let renewed = SigningKeys::open(folder.path()).unwrap();
    assert_eq!(keys_in(folder.path()).len(), 2);
    assert!(renewed.verify(&token).is_some());
    // The server that started first learns of the new key when it meets a token that it signed.
    let newer = renewed.sign("someone", CallerKind::User, vec![]).unwrap();
    assert!(keys.verify(&newer).is_some());
}
