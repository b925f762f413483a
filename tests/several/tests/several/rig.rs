//! A service in a profile, and what its sections have.

use std::time::Duration;

use mapi_provider::Provider;
use mapi_provider::abi::{
    MAPI_MAILUSER, MAPI_TO, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, PR_ADDRTYPE_W, PR_BODY_W,
    PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_MESSAGE_CLASS_W, PR_OBJECT_TYPE, PR_RECIPIENT_TYPE,
    PR_RESPONSIBILITY, PR_SEARCH_KEY, PR_SUBJECT_W, PropTag,
};
use mapi_provider_host::{
    Host, OutgoingMessage, Profile, ProgressCallback, Property, ProviderLibrary, SectionUid,
    Spooler, Status, Store, SyncRequest, Value,
};

/// No wait is for so long, but for one that has failed.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) const SERVER: u16 = 0x6601;
pub(crate) const TOKEN: u16 = 0x67F1;
pub(crate) const CURSOR: u16 = 0x67E0;
/// `PR_PROFILE_OFFLINE_STORE_PATH`.
pub(crate) const STORE_PATH: u16 = 0x6610;

/// The sections of a service: its own, the store's, the transport's.
pub(crate) const SECTIONS: [SectionUid; 3] = [
    SectionUid::SERVICE,
    SectionUid::PROVIDER,
    SectionUid::TRANSPORT,
];

/// A host with the service in its profile, created and not configured.
pub(crate) fn created(provider: &'static Provider) -> Host {
    let library = ProviderLibrary::linked(provider);
    let host = Host::new(library, Profile::in_memory()).expect("a host");
    host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    host
}

/// Configures the service with a server, and says where the store's file is.
pub(crate) fn configure(host: &Host, server: &str, file: &str) {
    let properties = [
        Property::with_id(SERVER, server),
        Property::with_id(STORE_PATH, file),
    ];
    host.service(MSG_SERVICE_CONFIGURE, &properties)
        .expect("CONFIGURE");
}

/// Which of the sections have a property.
pub(crate) fn with(host: &Host, id: u16) -> [bool; 3] {
    SECTIONS.map(|section| host.profile().get(section, id).is_some())
}

pub(crate) fn text(host: &Host, section: SectionUid, id: u16) -> Option<String> {
    match host.profile().get(section, id)? {
        Value::Unicode(text) => Some(text),
        other => panic!("{other:?}"),
    }
}

/// A run from request to end.
pub(crate) fn run(host: &Host, store: &Store) -> Status {
    let callback = host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(run.wait(SOON), "the run ends");
    callback.results()[0]
}

/// A message to somebody.
pub(crate) fn message(spooler: &Spooler) -> OutgoingMessage {
    let text = |tag: PropTag, text: &str| Property::with_id(tag.id(), text);
    let long = |tag: PropTag, number: u32| Property::with_id(tag.id(), number.cast_signed());
    let properties = [
        text(PR_MESSAGE_CLASS_W, "IPM.Note"),
        text(PR_SUBJECT_W, "Hello"),
        text(PR_BODY_W, "How are you?"),
        Property::with_id(PR_SEARCH_KEY.id(), Value::Binary(vec![7; 16])),
    ];
    let recipient = vec![
        long(PR_RECIPIENT_TYPE, MAPI_TO),
        text(PR_DISPLAY_NAME_W, "Bob"),
        text(PR_ADDRTYPE_W, "SMTP"),
        text(PR_EMAIL_ADDRESS_W, "bob@example.org"),
        long(PR_OBJECT_TYPE, MAPI_MAILUSER),
        Property::with_id(PR_RESPONSIBILITY.id(), Value::Boolean(false)),
    ];
    spooler.message(&properties, &[recipient])
}
