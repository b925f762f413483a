//! The provider as MAPI sees it: the store is our own, the rest is generated.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mapi_provider_host::abi::{
    HRESULT, MAPI_E_NOT_FOUND, MSG_SERVICE_CONFIGURE, PR_CONTENT_COUNT, PR_DISPLAY_NAME_W,
    PR_MDB_PROVIDER, S_OK,
};
use mapi_provider_host::conformance::Conformance;
use mapi_provider_host::{
    Host, Profile, ProgressCallback, Property, ProviderLibrary, Store, SyncRequest, Value,
};
use own_store32::PROVIDER;

/// No wait of these tests is for so long, but for one that has failed.
const SOON: Duration = Duration::from_secs(20);

fn host(notices: &Path) -> Host {
    let host = Host::new(ProviderLibrary::linked(&PROVIDER), Profile::in_memory()).expect("a host");
    let path = notices.to_str().expect("UTF-8");
    host.service(MSG_SERVICE_CONFIGURE, &[Property::with_id(0x6601, path)])
        .expect("configured");
    host
}

fn notices(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notices.txt");
    fs::write(&file, text).expect("writable");
    (folder, file)
}

/// A run from request to end: what `Done` was told.
fn synchronize(host: &Host, store: &Store) -> HRESULT {
    let callback = host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(run.wait(SOON), "the run ends");
    let results = callback.results();
    assert_eq!(results.len(), 1);
    results[0].0
}

/// What the store says of itself.
fn count(store: &Store) -> Option<Value> {
    let mut found = store.properties(&[PR_CONTENT_COUNT]).expect("properties");
    found.pop().map(|property| property.value)
}

#[test]
fn the_store_is_our_own_and_synchronises() {
    let (_folder, file) = notices("Lunch at noon\nThe lift is out of order\n");
    let host = host(&file);
    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    assert_eq!(count(&store), Some(Value::Long(0)));
    let said = store
        .properties(&[PR_DISPLAY_NAME_W, PR_MDB_PROVIDER])
        .expect("properties");
    assert_eq!(said[0].value, Value::from("Notice Board"));
    assert_eq!(said[1].value, Value::Binary(PROVIDER.manifest.uid.to_vec()));

    assert_eq!(synchronize(&host, &store), S_OK);
    assert_eq!(count(&store), Some(Value::Long(2)));

    drop((store, provider));
    host.finish().assert_clean();
}

#[test]
fn com_08_what_a_run_said_is_the_stores_last_error() {
    let (folder, _) = notices("");
    let host = host(&folder.path().join("missing.txt"));
    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    assert_eq!(synchronize(&host, &store), MAPI_E_NOT_FOUND);
    assert!(store.last_error(MAPI_E_NOT_FOUND).is_some());
    drop((store, provider));
    host.finish().assert_clean();
}

#[test]
fn the_contract_is_kept() {
    // Each scenario is a process of its own, which cleans nothing up.
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own_store.txt");
    fs::write(&file, "Lunch at noon\nThe lift is out of order\n").expect("writable");
    let setting = |path: &Path| Property::with_id(0x6601, path.to_str().expect("UTF-8"));
    Conformance::linked(&PROVIDER)
        .settings(vec![setting(&file)])
        .failing(vec![setting(&file.with_extension("missing"))])
        .check_in_test("the_contract_is_kept")
        .assert_kept();
}
