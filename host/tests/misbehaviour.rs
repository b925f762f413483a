//! A provider's mistakes become error values or lines in the report; what it does right does not.

mod fake;

use std::time::Duration;

use fake::*;
use mapi_provider::abi::*;
use mapi_provider_host::*;

const SOON: Duration = Duration::from_secs(5);

/// A whole session with the provider, which does the wrong things that `flags` name.
fn session(flags: u32) -> Report {
    let host = host();
    let provider = provider(&host, flags);
    let store = provider.logon().expect("logged on");
    let callback = host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().session(&host).callback(&callback));
    if flags & FAIL_SYNC_DIRTY == 0 && flags & NO_EVENT == 0 {
        assert!(run.wait(SOON));
        assert!(callback.wait_until(SOON, |calls| flags & NO_DONE != 0 || calls.len() >= 4));
    }
    // The worker releases its last reference just before the event is signalled, or just after Done.
    while callback_count(&callback) > 1 && flags & LEAK_CALLBACK == 0 {
        std::thread::yield_now();
    }
    drop((run, callback));
    let _ = store.logoff();
    let _ = provider.shutdown();
    drop(provider);
    host.finish()
}

fn rules(report: &Report) -> Vec<&str> {
    report
        .violations
        .iter()
        .map(|violation| violation.rule)
        .collect()
}

#[test]
fn a_good_provider_leaves_nothing() {
    let report = session(0);
    report.assert_clean();
    assert_eq!(report.to_string(), "nothing was left behind");
}

#[test]
fn leaked_memory_is_reported() {
    let report = session(LEAK_MEMORY);
    assert_eq!(report.leaks.len(), 1);
    assert!(
        report
            .to_string()
            .contains("memory leaked: 40 bytes, allocated by the provider"),
        "{report}"
    );
    assert!(!report.is_clean());
}

#[test]
fn misused_memory_is_reported() {
    assert!(matches!(
        session(DOUBLE_FREE).faults[..],
        [MemoryFault::DoubleFree { size: 4, .. }]
    ));
    assert!(matches!(
        session(OVERRUN).faults[..],
        [MemoryFault::Overrun { size: 4, .. }]
    ));
}

#[test]
fn leaked_objects_are_reported_by_kind() {
    assert_eq!(session(LEAK_SECTION).objects, [(Kind::ProfileSection, 1)]);
    assert_eq!(
        session(LEAK_CALLBACK).objects,
        [(Kind::ProgressCallback, 1)]
    );
    let support = session(LEAK_SUPPORT);
    assert_eq!(support.objects, [(Kind::Support, 1)]);
    assert!(
        support
            .to_string()
            .contains("objects not released: 1 IMAPISupport"),
        "{support}"
    );
    let session = session(LEAK_SESSION);
    assert_eq!(
        session.references,
        [Reference {
            what: "the session",
            count: 1
        }]
    );
    assert_eq!(session.objects, [(Kind::Session, 1)]);
}

#[test]
fn a_store_that_stays_is_reported() {
    let report = session(KEEP_STORE);
    assert!(
        report.references.contains(&Reference {
            what: "IMsgStore",
            count: 1
        }),
        "{report}"
    );
    assert_eq!(
        report.objects,
        [(Kind::Support, 1)],
        "which the store holds"
    );
}

#[test]
fn stores_that_the_test_forgot_are_reported() {
    let host = host();
    let provider = provider(&host, 0);
    let store = provider.logon().expect("logged on");
    let report = host.finish();
    assert_eq!(report.open, 2);
    drop((store, provider));
}

#[test]
fn a_failed_init_is_an_error() {
    let host = host();
    let options = InitOptions {
        flags: FAIL_INIT,
        ..InitOptions::default()
    };
    let failure = host.init_with(options).map(drop).expect_err("it fails");
    assert_eq!(failure, Failure::new("MSProviderInit", MAPI_E_VERSION));
    host.finish().assert_clean();
}

#[test]
fn entry_02_a_wrong_version_is_a_broken_rule() {
    let host = host();
    drop(provider(&host, WRONG_VERSION));
    assert_eq!(rules(&host.finish()), ["ENTRY-02"]);
}

#[test]
fn a_failed_logon_says_why() {
    let host = host();
    let provider = provider(&host, FAIL_LOGON);
    for failure in [
        provider.logon().map(drop),
        provider.spooler_logon().map(drop),
    ] {
        let failure = failure.expect_err("it fails");
        assert_eq!(failure.status, Status(MAPI_E_FAILONEPROVIDER));
        assert_eq!(failure.text.as_deref(), Some("the server is away"));
    }
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn com_05_a_logon_without_a_store_is_a_broken_rule() {
    let host = host();
    let provider = provider(&host, NO_STORE);
    let failure = provider.logon().map(drop).expect_err("there is no store");
    assert!(
        failure.to_string().contains("it gave no store"),
        "{failure}"
    );
    drop(provider);
    assert_eq!(rules(&host.finish()), ["COM-05"]);
}

#[test]
fn the_spooler_logs_on_too() {
    let host = host();
    let provider = provider(&host, 0);
    let store = provider.spooler_logon().expect("logged on");
    assert!(store.logon().is_some());
    drop((store, provider));
    host.finish().assert_clean();
}

#[test]
fn sync_08_a_run_without_an_event_is_a_broken_rule() {
    assert_eq!(rules(&session(NO_EVENT)), ["SYNC-08"]);
}

#[test]
fn sync_03_a_refusal_with_an_event_is_a_broken_rule() {
    assert_eq!(rules(&session(FAIL_SYNC_DIRTY)), ["SYNC-03"]);
}

#[test]
fn sync_11_an_event_before_done_is_a_broken_rule() {
    assert_eq!(rules(&session(EARLY_EVENT)), ["SYNC-11"]);
    assert_eq!(rules(&session(NO_DONE)), ["SYNC-11"]);
}

#[test]
fn the_last_release_of_the_store_logs_the_logon_off() {
    let host = host();
    let provider = provider(&host, 0);
    let store = provider.logon().expect("logged on");
    assert!(store.logon().is_some());
    assert_eq!(store.support().logoff, None);
    let logoff = store.logoff();
    assert_eq!(logoff.status, Status(S_OK));
    assert_eq!(logoff.flags, LogoffFlags::LOGOFF_COMPLETE);
    assert_eq!(
        logoff.support.logoff_transports,
        [LogoffFlags::LOGOFF_ORDERLY]
    );
    assert_eq!(
        logoff.support.logoff,
        Some((LOGOFF_ORDERLY, LOGOFF_COMPLETE))
    );
    assert!(logoff.support.released);
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn a_store_may_be_released_without_a_logoff() {
    let host = host();
    let provider = provider(&host, 0);
    drop(provider.logon().expect("logged on"));
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn fast_shutdown_is_asked_told_and_done() {
    let host = host();
    assert_eq!(provider(&host, 0).fast_shutdown(), Ok(()));
    let failure = provider(&host, FAIL_SHUTDOWN)
        .fast_shutdown()
        .expect_err("it fails");
    assert_eq!(
        failure,
        Failure::new("IMAPIProviderShutdown::DoFastShutdown", MAPI_E_BUSY)
    );
    host.finish().assert_clean();
}

#[test]
fn a_service_is_configured_and_says_what_is_missing() {
    let host = host();
    host.service(MSG_SERVICE_CREATE, &[]).expect("created");
    host.service(
        MSG_SERVICE_CONFIGURE,
        &[Property::with_id(0x6601, "mail.example.org")],
    )
    .expect("configured");
    assert_eq!(
        host.profile().get(SectionUid::PROVIDER, 0x6601),
        Some(Value::from("mail.example.org"))
    );
    let failure = host
        .service(MSG_SERVICE_CONFIGURE, &[Property::with_id(0x66FF, 1)])
        .expect_err("it fails");
    assert_eq!(
        failure.to_string(),
        "ServiceEntry failed with MAPI_E_UNCONFIGURED (0x8004011C): setting `server` is missing"
    );
    let call = ServiceCall {
        support: false,
        admin: false,
        ..ServiceCall::new(MSG_SERVICE_INSTALL)
    };
    host.service_with(&call)
        .expect("nothing is given, nothing is asked");
    host.finish().assert_clean();
}

#[test]
fn a_provider_without_service_entry_says_so() {
    let library = ProviderLibrary::from_functions(init, None);
    let host = Host::new(library, Profile::in_memory()).expect("a host");
    let failure = host
        .service(MSG_SERVICE_INSTALL, &[])
        .expect_err("it has none");
    assert_eq!(failure.status, Status(E_NOTIMPL));
}

#[test]
fn the_profile_can_fail_on_purpose() {
    let host = host();
    let provider = provider(&host, 0);
    host.profile().fail(Operation::Open, MAPI_E_NETWORK_ERROR);
    assert_eq!(
        provider
            .logon()
            .map(drop)
            .expect_err("it can't open")
            .status,
        Status(MAPI_E_NETWORK_ERROR)
    );
    host.profile().heal();
    drop(provider.logon().expect("it can"));
    host.service(MSG_SERVICE_CREATE, &[]).expect("created");
    for operation in [Operation::SetProps, Operation::SaveChanges] {
        host.profile().fail(operation, MAPI_E_NO_ACCESS);
        let failure = host
            .service(MSG_SERVICE_CONFIGURE, &[Property::with_id(0x6601, 1)])
            .expect_err("it can't");
        assert_eq!(failure.status, Status(MAPI_E_NO_ACCESS));
        assert_eq!(host.profile().get(SectionUid::PROVIDER, 0x6601), None);
        host.profile().heal();
    }
    drop(provider);
    host.finish().assert_clean();
}
