//! Settings are the service's, what is a provider's alone is in its own section.

use mapi_provider::abi::{
    MAPI_E_DISK_ERROR, MAPI_E_FAILONEPROVIDER, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS,
    MAPI_E_UNCONFIGURED, MSG_SERVICE_CONFIGURE, S_OK,
};
use mapi_provider_host::{Operation, Property, SectionUid, Status};

use crate::logic::both::PROVIDER;
use crate::logic::opened;
use crate::rig::{CURSOR, SERVER, STORE_PATH, TOKEN, configure, created, message, run, text, with};

#[test]
fn entry_15_both_providers_have_the_settings_of_their_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("store.db");
    let file = file.to_str().expect("Unicode");
    let host = created(&PROVIDER);
    configure(&host, "mail.example.org", file);
    assert_eq!(with(&host, SERVER), [true, false, false]);
    // Where the store's file is no transport needs to know.
    assert_eq!(with(&host, STORE_PATH), [false, true, false]);
    assert_eq!(
        text(&host, SectionUid::PROVIDER, STORE_PATH).as_deref(),
        Some(file)
    );

    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let transport = host.init_transport().expect("XPProviderInit");
    let spooler = transport.logon().expect("TransportLogon");
    let expected = [
        "store: mail.example.org, none",
        "transport: mail.example.org, none",
    ];
    assert_eq!(opened(), expected);
    assert!(folder.path().join("store.db").exists());

    // Side by side: neither knows of the other.
    let sent = message(&spooler);
    assert_eq!(run(&host, &store), Status(S_OK));
    assert_eq!(spooler.submit(&sent).status, S_OK);
    assert_eq!(with(&host, CURSOR), [false, true, false]);
    // What a run writes is there for both.
    assert_eq!(with(&host, TOKEN), [true, false, false]);
    drop((sent, spooler));
    drop(transport.logon().expect("another TransportLogon"));
    assert_eq!(opened(), ["transport: mail.example.org, renewed"]);
    drop((transport, store, provider));
    host.finish().assert_clean();
}

#[test]
fn entry_15_a_service_that_is_not_configured_opens_neither() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder
        .path()
        .join("store.db")
        .to_string_lossy()
        .into_owned();
    let host = created(&PROVIDER);
    let place = Property::with_id(STORE_PATH, file.as_str());
    host.profile()
        .set(SectionUid::PROVIDER, place)
        .expect("in memory");
    // For settings, a provider's own section is not looked into.
    let alone = Property::with_id(SERVER, "mail.example.org");
    for section in [SectionUid::PROVIDER, SectionUid::TRANSPORT] {
        host.profile()
            .set(section, alone.clone())
            .expect("in memory");
    }
    let provider = host.init().expect("MSProviderInit");
    let transport = host.init_transport().expect("XPProviderInit");
    let refused = [
        provider.logon().map(drop).expect_err("no server"),
        transport.logon().map(drop).expect_err("no server"),
    ];
    for failure in refused {
        assert_eq!(failure.status, Status(MAPI_E_UNCONFIGURED));
        let text = failure.text.unwrap_or_default();
        assert!(text.contains("server"), "{text}");
    }
    drop((provider, transport));
    host.finish().assert_clean();
}

#[test]
fn entry_15_a_service_section_that_can_not_be_opened_is_no_section_without_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("store.db");
    let host = created(&PROVIDER);
    configure(&host, "mail.example.org", file.to_str().expect("Unicode"));
    // The provider's own section opens, the service's does not.
    host.profile()
        .fail_after(1, Operation::Open, MAPI_E_NO_ACCESS);
    let transport = host.init_transport().expect("XPProviderInit");
    let failure = transport.logon().map(drop).expect_err("not opened");
    assert_eq!(failure.status, Status(MAPI_E_FAILONEPROVIDER));
    let text = failure.text.unwrap_or_default();
    assert!(text.contains("the service's profile section"), "{text}");
    host.profile().heal();
    drop(transport.logon().expect("healed"));
    drop(transport);
    host.finish().assert_clean();
}

#[test]
fn entry_15_what_is_configured_is_written_to_both_sections_or_to_none() {
    let host = created(&PROVIDER);
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    configure(&host, "old.example.org", &path("old.db"));
    let properties = [
        Property::with_id(SERVER, "new.example.org"),
        Property::with_id(STORE_PATH, path("new.db").as_str()),
    ];
    let new = || {
        let server = text(&host, SectionUid::SERVICE, SERVER);
        let file = text(&host, SectionUid::PROVIDER, STORE_PATH);
        (
            server.as_deref() == Some("new.example.org"),
            file == Some(path("new.db")),
        )
    };
    // Nothing can be saved; then reading fails at each point, also between the one section and the other.
    host.profile()
        .fail(Operation::SaveChanges, MAPI_E_DISK_ERROR);
    let failure = host.service(MSG_SERVICE_CONFIGURE, &properties);
    assert_eq!(failure.expect_err("full").status, Status(MAPI_E_DISK_ERROR));
    host.profile().heal();
    assert_eq!(new(), (false, false));
    let mut failures = 0;
    while failures < 100 {
        host.profile()
            .fail_after(failures, Operation::GetProps, MAPI_E_DISK_ERROR);
        let done = host.service(MSG_SERVICE_CONFIGURE, &properties);
        host.profile().heal();
        let (server, file) = new();
        assert_eq!(server, file, "after {failures} reads");
        if done.is_ok() {
            break;
        }
        configure(&host, "old.example.org", &path("old.db"));
        failures += 1;
    }
    assert!((2..100).contains(&failures), "{failures}");
    configure(&host, "old.example.org", &path("old.db"));
    let wrong = [
        Property::with_id(STORE_PATH, path("new.db").as_str()),
        Property::with_id(0x6607, "no setting"),
    ];
    let failure = host.service(MSG_SERVICE_CONFIGURE, &wrong);
    assert_eq!(
        failure.expect_err("no setting").status,
        Status(MAPI_E_INVALID_PARAMETER)
    );
    assert_eq!(
        text(&host, SectionUid::PROVIDER, STORE_PATH),
        Some(path("old.db"))
    );
    host.finish().assert_clean();
}
