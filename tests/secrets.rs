//! The log file of a provider, and what is never in it (ENTRY-11, COM-04, SYNC-23).
//!
//! A separate program, because a process has one log.

mod support;

use mapi_provider::abi::{
    E_UNEXPECTED, MAPI_E_DISK_ERROR, MAPI_E_LOGON_FAILED, MAPI_E_NETWORK_ERROR, MAPI_NT_SERVICE,
    MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, S_OK, SyncFlags,
};
use mapi_provider::{LogonError, SyncError};
use mapi_provider_host::{
    Host, InitOptions, Operation, Property, SectionUid, Status, SyncRequest, Value,
};

use support::Rig;
use support::script::{SCRIPT_TAG, Script, TOKEN_TAG, Variant};

const SECRET: &str = "correct horse battery staple";

/// Everything that has to do with a secret and can go wrong, goes wrong.
fn a_day_full_of_trouble() {
    let registered = Script::new(|job| match job.raw_flags() {
        1 => Err(SyncError::new(MAPI_E_NETWORK_ERROR, "no network")),
        2 => panic!("a panic in the logic"),
        _ => Ok(job.save_cursor(b"here")?),
    })
    .on_open(|settings| {
        let token = settings.token.as_ref().map(|token| token.expose());
        assert_eq!(token, Some(SECRET));
        if settings.count == 8 {
            Err(LogonError::logon_failed(format!("refused: {settings:?}")))
        } else {
            Ok(())
        }
    })
    .register();
    let host = Host::new(Variant::Merge.library(), registered.profile()).expect("allocators");
    host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    // The log begins with a provider object.
    drop(host.init().expect("MSProviderInit"));
    let token = Property::with_id(TOKEN_TAG, SECRET);
    host.profile()
        .fail(Operation::SaveChanges, MAPI_E_DISK_ERROR);
    host.service(MSG_SERVICE_CONFIGURE, std::slice::from_ref(&token))
        .expect_err("it can't be saved");
    host.profile().heal();
    let wrong = Property::with_id(TOKEN_TAG, Value::Binary(SECRET.into()));
    host.service(MSG_SERVICE_CONFIGURE, &[wrong])
        .expect_err("another type");
    let settings = [
        token,
        Property::with_id(SCRIPT_TAG, registered.name()),
        Property::with_id(0x6602, 8),
    ];
    host.service(MSG_SERVICE_CONFIGURE, &settings)
        .expect("CONFIGURE");
    let provider = host.init().expect("MSProviderInit");
    let failure = provider.logon().err().expect("it fails");
    assert_eq!(failure.status, Status(MAPI_E_LOGON_FAILED));
    host.profile()
        .set(SectionUid::PROVIDER, Property::with_id(0x6602, 7))
        .expect("set");
    let profile = host.profile().clone();
    drop(provider);
    host.finish().assert_clean();

    let rig = Rig::open(Variant::Merge.library(), profile);
    let runs = [
        (SyncFlags::empty(), S_OK),
        (SyncFlags::UPLOAD_HIERARCHY, MAPI_E_NETWORK_ERROR),
        (SyncFlags::DOWNLOAD_HIERARCHY, E_UNEXPECTED),
    ];
    for (flags, result) in runs {
        let callback = rig.callback();
        let run = rig
            .store
            .synchronize(&SyncRequest::new(flags).callback(&callback));
        assert!(run.wait(support::SOON));
        assert_eq!(run.result(), Some(Status(result)));
    }
    rig.finish();
}

/// Tries to have a log where there is something else.
#[cfg(unix)]
fn a_log_behind_a_link(folder: &std::path::Path) {
    let [victim, link] = ["victim", "link"].map(|name| folder.join(name));
    std::fs::write(&victim, "precious").expect("writable");
    std::os::unix::fs::symlink(&victim, &link).expect("a link");
    // SAFETY: this program's only test; no other thread reads the environment.
    unsafe { std::env::set_var("MAPI_PROVIDER_LOG", &link) };
    let profile = mapi_provider_host::Profile::in_memory();
    let host = Host::new(Variant::Merge.library(), profile).expect("allocators");
    drop(host.init().expect("MSProviderInit"));
    host.finish().assert_clean();
    let text = std::fs::read_to_string(&victim).expect("a text");
    assert_eq!(text, "precious");
}

/// A service's process, by MAPI's word alone: the variable names a file, and no log is made.
fn a_log_in_a_service(folder: &std::path::Path) {
    let file = folder.join("service.log");
    // SAFETY: this program's only test; no other thread reads the environment.
    unsafe { std::env::set_var("MAPI_PROVIDER_LOG", &file) };
    for variant in [Variant::Merge, Variant::Wrapped] {
        let profile = mapi_provider_host::Profile::in_memory();
        let host = Host::new(variant.library(), profile).expect("allocators");
        let options = InitOptions {
            flags: MAPI_NT_SERVICE,
            ..InitOptions::default()
        };
        drop(host.init_with(options).expect("MSProviderInit"));
        host.finish().assert_clean();
        assert!(!file.exists(), "{variant:?}");
    }
}

/// What others log, and what they try to log.
fn others() {
    tracing::info!("of the provider's own crate");
    tracing::info!(target: "some_http_client::wire", authorization = SECRET, "sending");
    tracing::info!("a text\n1764363000.000 ERROR \u{1b}[31mforged");
}

#[test]
fn entry_11_com_04_sync_23_the_log_tells_what_went_wrong_and_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    #[cfg(unix)]
    a_log_behind_a_link(folder.path());
    a_log_in_a_service(folder.path());
    let file = folder.path().join("provider.log");
    // SAFETY: this program's only test; no other thread reads the environment.
    unsafe { std::env::set_var("MAPI_PROVIDER_LOG", &file) };
    a_day_full_of_trouble();
    others();
    let log = std::fs::read(&file).expect("a log");
    let log = String::from_utf8_lossy(&log);
    for said in [
        "Secret(…)",
        "no network",
        "a panic in the logic",
        "MAPI_E_DISK_ERROR",
        "of the provider's own crate",
        r"a text\n1764363000.000 ERROR \u{1b}[31mforged",
    ] {
        assert!(log.contains(said), "{said} is not in the log:\n{log}");
    }
    assert!(!log.contains(SECRET), "the secret is in the log:\n{log}");
}
