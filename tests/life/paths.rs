//! Places where a store can't be: each gives a clear error, and nothing is half done.

use std::env;
use std::fs::{self, OpenOptions};
use std::path::Path;

use mapi_provider::abi::{
    MAPI_E_FAILONEPROVIDER, MAPI_E_NOT_ENOUGH_DISK, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, S_OK,
};
use mapi_provider_host::{
    CallKind, Failure, Host, Profile, ProgressCallback, Property, ProviderLibrary, Status,
    SyncRequest,
};

use crate::rig::{PATH, alone, beside, inner, subjects};
use crate::support::{Orders, SOON};

/// A host whose service is configured with this path.
fn configured(path: &Path) -> Host {
    inner();
    let library = ProviderLibrary::load(beside("wrapped_probe32")).expect("a provider");
    let host = Host::new(library, Profile::in_memory()).expect("a set of allocators");
    host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    let path = Property::with_id(PATH, path.to_str().expect("UTF-8"));
    host.service(MSG_SERVICE_CONFIGURE, &[path])
        .expect("CONFIGURE");
    host
}

/// The failure of a logon to a store at this path; nothing is left behind.
#[track_caller]
fn refused(path: &Path) -> Failure {
    let host = configured(path);
    let provider = host.init().expect("MSProviderInit");
    let failure = provider.logon().err().expect("there can be no store");
    provider.shutdown().expect("Shutdown");
    drop(provider);
    host.finish().assert_clean();
    failure
}

#[track_caller]
fn says(failure: &Failure, path: &Path) {
    assert_eq!(
        failure.status,
        Status(MAPI_E_FAILONEPROVIDER),
        "(ENTRY-06) {failure}"
    );
    let text = failure.text.as_deref().expect("a text");
    assert!(text.contains("the PST store can't be opened"), "{text}");
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name");
    assert!(text.contains(name), "{text}");
}

#[test]
fn a_folder_is_no_store() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("folder.nst");
    fs::create_dir(&path).expect("a folder");
    says(&refused(&path), &path);
    assert_eq!(fs::read_dir(&path).expect("still a folder").count(), 0);
}

#[test]
fn a_store_in_a_folder_that_is_not_there_is_refused() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("missing").join("store.nst");
    says(&refused(&path), &path);
    assert!(!folder.path().join("missing").exists());
}

#[test]
fn another_file_is_no_store_and_stays_as_it_is() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("letter.txt");
    fs::write(&path, "Dear Ann, this is no store.").expect("written");
    says(&refused(&path), &path);
    assert_eq!(
        fs::read_to_string(&path).expect("read"),
        "Dear Ann, this is no store."
    );
}

#[test]
fn a_read_only_store_is_refused_and_stays_as_it_is() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.nst");
    let host = configured(&path);
    let provider = host.init().expect("MSProviderInit");
    drop(provider.logon().expect("Logon").logoff());
    drop(provider);
    host.finish().assert_clean();
    let before = fs::read(&path).expect("read");
    let mut permissions = fs::metadata(&path).expect("a file").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("set");
    if OpenOptions::new().append(true).open(&path).is_ok() {
        println!("skipped: this user may write to read-only files");
        return;
    }
    says(&refused(&path), &path);
    assert_eq!(fs::read(&path).expect("read"), before);
    #[allow(
        clippy::permissions_set_readonly_false,
        reason = "so that it can be deleted"
    )]
    {
        let mut permissions = fs::metadata(&path).expect("a file").permissions();
        permissions.set_readonly(false);
        fs::set_permissions(&path, permissions).expect("set");
    }
}

#[test]
fn a_disk_that_fills_up_fails_the_run_and_leaves_no_half_message() {
    let _alone = alone();
    type SetQuota = unsafe extern "system" fn(u64);
    let fill = |most: u64| {
        // SAFETY: the type is the function's.
        let function = unsafe { inner().get::<SetQuota>(b"MspstSetQuota\0") };
        // SAFETY: a number.
        unsafe { function.expect("exported")(most) };
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.nst");
    let orders = Orders::steps(1).give();
    // SAFETY: whoever reads or writes it in this process holds the orders.
    unsafe { env::set_var("SYNC_TEST_STORE", "1") };
    let host = configured(&path);
    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let run = || {
        let callback = host.callback(ProgressCallback::builder());
        let run = store.synchronize(&SyncRequest::default().callback(&callback));
        assert!(run.started().expect("accepted").wait(SOON));
        let errors = callback
            .calls()
            .into_iter()
            .filter_map(|call| match call.kind {
                CallKind::Error { text, .. } => Some(text),
                _ => None,
            });
        (run.result().expect("Done"), errors.collect::<Vec<_>>())
    };
    assert_eq!(run().0, Status(S_OK));
    fill(fs::metadata(&path).expect("a file").len() + 16);
    let (status, errors) = run();
    fill(u64::MAX);
    assert_eq!(status, Status(MAPI_E_NOT_ENOUGH_DISK));
    assert_eq!(errors.len(), 1, "told once (SYNC-12): {errors:?}");
    assert_eq!(subjects(&store).len(), 1, "the message from before");
    // And with room it goes on.
    assert_eq!(run().0, Status(S_OK));
    assert_eq!(subjects(&store).len(), 2);
    // SAFETY: as above.
    unsafe { env::set_var("SYNC_TEST_STORE", "0") };
    drop((store, provider));
    host.finish().assert_clean();
    drop(orders);
}
