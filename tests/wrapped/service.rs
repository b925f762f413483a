//! ServiceEntry of a wrapped store (WRAP-05, ENTRY-07).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mapi_provider::abi::{
    MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT, MAPI_E_UNCONFIGURED,
    MAPI_E_USER_CANCEL, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, MSG_SERVICE_DELETE,
    MSG_SERVICE_INSTALL, MSG_SERVICE_PROVIDER_CREATE, MSG_SERVICE_PROVIDER_DELETE,
    MSG_SERVICE_UNINSTALL, PR_ENTRYID, PR_MDB_PROVIDER, SERVICE_UI_ALLOWED, ServiceFlags,
};
use mapi_provider_host::{
    Operation, Property, SectionUid, ServiceCall, SheetAnswer, Status, Value,
};

use crate::inner::{PATH, Rig, instance};
use crate::support::script::{COUNT_TAG, Script, Variant};

const STORE: &str = r"C:\mail\contoso.nst";

/// A profile in which the script is named, and no path.
fn rig() -> Rig {
    Rig::unconfigured(Variant::Wrapped.library(), Script::new(|_| Ok(())))
}

fn path() -> Property {
    Property::with_id(PATH, STORE)
}

fn value(rig: &Rig, section: SectionUid, id: u16) -> Option<Value> {
    rig.host.profile().section(section).get(&id).cloned()
}

#[test]
fn wrap_05_create_and_configure_go_to_the_inner_service() {
    let rig = rig();
    for (context, properties) in [
        (MSG_SERVICE_CREATE, Vec::new()),
        (MSG_SERVICE_CONFIGURE, vec![path()]),
    ] {
        rig.host
            .service(context, &properties)
            .expect("it goes well");
    }
    let calls = rig.inner.lines("NSTServiceEntry");
    assert_eq!(calls.len(), 2);
    for (call, context) in calls.iter().zip([2, 3]) {
        assert!(
            call.contains(&format!("instance={} ", instance())),
            "{call}"
        );
        assert!(call.contains(&format!("context={context} ")), "{call}");
        assert!(call.ends_with("admin=0x0"), "{call}");
    }
    assert!(calls[0].contains("properties=34140102 "), "{}", calls[0]);
    assert!(
        calls[1].contains("properties=6610001E,34140102 "),
        "{}",
        calls[1]
    );
    assert_eq!(rig.inner.lines("global section").len(), 2);
    rig.finish();
}

#[test]
fn wrap_05_other_contexts_are_ours() {
    let rig = rig();
    for context in [
        MSG_SERVICE_INSTALL,
        MSG_SERVICE_DELETE,
        MSG_SERVICE_UNINSTALL,
    ] {
        for support in [true, false] {
            let call = ServiceCall {
                support,
                admin: support,
                ..ServiceCall::new(context)
            };
            rig.host.service_with(&call).expect("S_OK (ENTRY-07)");
        }
    }
    for context in [MSG_SERVICE_PROVIDER_CREATE, MSG_SERVICE_PROVIDER_DELETE, 99] {
        let failure = rig.host.service(context, &[]).expect_err("it is refused");
        assert_eq!(failure.status, Status(MAPI_E_NO_SUPPORT));
    }
    assert!(rig.inner.lines("NSTServiceEntry").is_empty());
    rig.finish();
}

#[test]
fn entry_07_the_sections_are_those_of_a_wrapped_store() {
    let rig = rig();
    rig.host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    let properties = [path(), Property::with_id(COUNT_TAG, 12)];
    rig.host
        .service(MSG_SERVICE_CONFIGURE, &properties)
        .expect("CONFIGURE");
    let nst = [
        0xE9, 0x2F, 0xEB, 0x75, 0x96, 0x50, 0x44, 0x86, 0x83, 0xB8, 0x7D, 0xE5, 0x22, 0xAA, 0x49,
        0x48,
    ];
    for section in [SectionUid::PROVIDER, SectionUid::SERVICE] {
        let text = Some(Value::Unicode(STORE.to_owned()));
        assert_eq!(value(&rig, section, PATH), text);
        assert_eq!(value(&rig, section, 0x6700), text, "PR_PST_PATH");
        let provider = value(&rig, section, PR_MDB_PROVIDER.id());
        assert_eq!(provider, Some(Value::Binary(nst.to_vec())));
        let own = Value::Binary(b"scripted store's".to_vec());
        assert_eq!(value(&rig, section, 0x67E1), Some(own));
        let Some(Value::Binary(entry_id)) = value(&rig, section, PR_ENTRYID.id()) else {
            panic!("no entry ID");
        };
        let ends = entry_id.ends_with(format!("\0{STORE}\0").as_bytes());
        assert!(ends, "wrapped, with the path in it: {entry_id:?}");
    }
    assert_eq!(
        value(&rig, SectionUid::PROVIDER, COUNT_TAG),
        Some(Value::Long(12))
    );
    assert_eq!(value(&rig, SectionUid::SERVICE, COUNT_TAG), None);
    // And so it can be logged on to.
    let provider = rig.host.init().expect("MSProviderInit");
    drop(provider.logon().expect("Logon"));
    drop(provider);
    rig.finish();
}

#[test]
fn entry_07_create_goes_well_where_the_path_is_missing() {
    let rig = rig();
    rig.inner.order("service=8004011c");
    rig.host
        .service(MSG_SERVICE_CREATE, &[])
        .expect("it can be configured later");
    rig.inner.order("service");
    let failure = rig
        .host
        .service(MSG_SERVICE_CONFIGURE, &[])
        .expect_err("no path");
    assert_eq!(failure.status, Status(MAPI_E_UNCONFIGURED));
    let text = failure.text.expect("a text");
    assert!(text.contains("PR_PROFILE_OFFLINE_STORE_PATH"), "{text}");
    rig.finish();
}

#[test]
fn entry_07_what_the_inner_service_says_is_passed_on() {
    for context in [MSG_SERVICE_CREATE, MSG_SERVICE_CONFIGURE] {
        let rig = rig();
        rig.inner.order("service=80070005");
        rig.inner.order("service-text=the folder is read-only");
        let failure = rig.host.service(context, &[]).expect_err("it fails");
        assert_eq!(failure.status, Status(MAPI_E_NO_ACCESS));
        let text = failure.text.expect("a text");
        assert!(text.contains("the folder is read-only"), "{text}");
        rig.finish();
    }
}

#[test]
fn entry_07_all_settings_are_written_or_none() {
    let rig = rig();
    rig.host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    let before = [SectionUid::PROVIDER, SectionUid::SERVICE]
        .map(|section| rig.host.profile().section(section));
    let wrong: [&[Property]; 2] = [
        &[path(), Property::with_id(COUNT_TAG, "twelve")],
        &[path(), Property::with_id(0x6677, 1)],
    ];
    for properties in wrong {
        rig.host
            .service(MSG_SERVICE_CONFIGURE, properties)
            .expect_err("refused");
    }
    let failure = rig
        .host
        .service(MSG_SERVICE_CONFIGURE, &[Property::with_id(PATH, 3)]);
    let failure = failure.expect_err("a path is text");
    assert_ne!(failure.status, Status(MAPI_E_INVALID_PARAMETER));
    rig.host
        .profile()
        .fail(Operation::SaveChanges, MAPI_E_NO_ACCESS);
    let properties = [path(), Property::with_id(COUNT_TAG, 12)];
    let failure = rig
        .host
        .service(MSG_SERVICE_CONFIGURE, &properties)
        .expect_err("not saved");
    assert_eq!(failure.status, Status(MAPI_E_NO_ACCESS));
    rig.host.profile().heal();
    let after = [SectionUid::PROVIDER, SectionUid::SERVICE]
        .map(|section| rig.host.profile().section(section));
    assert_eq!(before, after);
    rig.finish();
}

#[test]
fn entry_07_a_null_support_object_is_survived() {
    let rig = rig();
    let bare = |context| ServiceCall {
        support: false,
        admin: false,
        ..ServiceCall::new(context)
    };
    rig.host
        .service_with(&bare(MSG_SERVICE_CREATE))
        .expect("S_OK");
    let failure = rig
        .host
        .service_with(&bare(MSG_SERVICE_CONFIGURE))
        .expect_err("nowhere");
    assert_eq!(failure.status, Status(MAPI_E_NO_ACCESS));
    rig.finish();
}

#[test]
fn entry_07_where_the_inner_service_fails_nothing_was_written() {
    let rig = rig();
    rig.host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    let sections = [SectionUid::PROVIDER, SectionUid::SERVICE];
    let before = sections.map(|section| rig.host.profile().section(section));
    rig.inner.order("service=80070005");
    let properties = [path(), Property::with_id(COUNT_TAG, 12)];
    let failure = rig.host.service(MSG_SERVICE_CONFIGURE, &properties);
    assert_eq!(
        failure.expect_err("it fails").status,
        Status(MAPI_E_NO_ACCESS)
    );
    let after = sections.map(|section| rig.host.profile().section(section));
    assert_eq!(before, after);
    rig.finish();
}

#[test]
fn entry_14_a_wrapped_store_asks_once_and_the_inner_service_is_told_not_to() {
    let rig = rig();
    let shown = Arc::new(AtomicUsize::new(0));
    let sheets = Arc::clone(&shown);
    rig.host.answer_sheets(move |sheet| {
        sheets.fetch_add(1, Ordering::Relaxed);
        assert_eq!(sheet.window, 7);
        SheetAnswer::Ok(vec![Property::with_id(COUNT_TAG, "9")])
    });
    let always = ServiceFlags::SERVICE_UI_ALWAYS.bits();
    let call = ServiceCall {
        window: 7,
        flags: always | SERVICE_UI_ALLOWED,
        properties: vec![path()],
        ..ServiceCall::new(MSG_SERVICE_CONFIGURE)
    };
    rig.host.service_with(&call).expect("it goes well");
    assert_eq!(shown.load(Ordering::Relaxed), 1);
    assert_eq!(
        value(&rig, SectionUid::PROVIDER, COUNT_TAG),
        Some(Value::from(9))
    );
    let calls = rig.inner.lines("NSTServiceEntry");
    assert!(calls[0].contains("window=7 flags=80000010 "), "{calls:?}");
    rig.finish();
}

#[test]
fn entry_14_a_wrapped_store_that_is_cancelled_is_as_it_was() {
    let rig = rig();
    rig.host.answer_sheets(|_| SheetAnswer::Cancel);
    let before = rig.host.profile().section(SectionUid::PROVIDER);
    for context in [MSG_SERVICE_CREATE, MSG_SERVICE_CONFIGURE] {
        let call = ServiceCall {
            flags: ServiceFlags::SERVICE_UI_ALWAYS.bits(),
            ..ServiceCall::new(context)
        };
        let failure = rig.host.service_with(&call).expect_err("cancelled");
        assert_eq!(failure.status, Status(MAPI_E_USER_CANCEL));
    }
    assert!(rig.inner.lines("NSTServiceEntry").is_empty());
    assert_eq!(rig.host.profile().section(SectionUid::PROVIDER), before);
    rig.finish();
}
