//! The message service (ENTRY-07).

use mapi_provider::abi::{
    MAPI_E_DISK_ERROR, MAPI_E_INVALID_PARAMETER, MAPI_E_INVALID_TYPE, MAPI_E_NO_ACCESS,
    MAPI_E_NO_SUPPORT, MAPI_E_UNCONFIGURED, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE,
    MSG_SERVICE_DELETE, MSG_SERVICE_INSTALL, MSG_SERVICE_PROVIDER_CREATE,
    MSG_SERVICE_PROVIDER_DELETE, MSG_SERVICE_UNINSTALL, PR_DISPLAY_NAME_W,
};
use mapi_provider_host::{
    Host, Operation, Profile, Property, SectionUid, ServiceCall, Status, Value,
};

use crate::support::script::{COUNT_TAG, FLAG_TAG, SCRIPT_TAG, TOKEN_TAG, Variant};
use crate::support::{Orders, contract_tests};

/// A host with a service that was created, whose one required setting is missing.
fn created() -> Host {
    let host = Host::new(Variant::Merge.library(), Profile::in_memory()).expect("allocators");
    host.service(MSG_SERVICE_CREATE, &[])
        .expect("CREATE works without settings");
    host
}

fn configure(host: &Host, properties: &[Property]) -> Result<(), (Status, String)> {
    let failure = host.service(MSG_SERVICE_CONFIGURE, properties);
    failure.map_err(|failure| (failure.status, failure.text.unwrap_or_default()))
}

contract_tests! {
    fn entry_07_every_context_has_its_answer(backend) {
        let rig = backend.rig(Orders::steps(1));
        let accepted = [
            MSG_SERVICE_INSTALL,
            MSG_SERVICE_CREATE,
            MSG_SERVICE_CONFIGURE,
            MSG_SERVICE_DELETE,
            MSG_SERVICE_UNINSTALL,
        ];
        for context in accepted {
            rig.host.service(context, &[]).unwrap_or_else(|failure| panic!("{context}: {failure}"));
        }
        for context in [MSG_SERVICE_PROVIDER_CREATE, MSG_SERVICE_PROVIDER_DELETE, 0, 8, 99, u32::MAX] {
            let failure = rig.host.service(context, &[]).expect_err("no such thing");
            assert_eq!(failure.status, Status(MAPI_E_NO_SUPPORT), "{context}");
        }
        rig.finish();
    }

    fn entry_07_without_a_support_object(backend) {
        let rig = backend.rig(Orders::steps(1));
        for context in [MSG_SERVICE_INSTALL, MSG_SERVICE_CREATE, MSG_SERVICE_DELETE, MSG_SERVICE_UNINSTALL] {
            for admin in [false, true] {
                let call = ServiceCall { support: false, admin, ..ServiceCall::new(context) };
                rig.host.service_with(&call).unwrap_or_else(|failure| panic!("{context}: {failure}"));
            }
        }
        // Something to write, and nowhere to write it.
        let call = ServiceCall {
            support: false,
            admin: false,
            properties: vec![Property::with_id(0x6601, "label")],
            ..ServiceCall::new(MSG_SERVICE_CONFIGURE)
        };
        let failure = rig.host.service_with(&call).expect_err("it can't be written");
        assert_eq!(failure.status, Status(MAPI_E_NO_ACCESS));
        rig.finish();
    }

    fn entry_07_configure_writes_and_saves(backend) {
        let rig = backend.rig(Orders::steps(1));
        rig.host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
        let settings = [Property::with_id(0x6601, "Größe"), Property::new(PR_DISPLAY_NAME_W, "My account")];
        rig.host.service(MSG_SERVICE_CONFIGURE, &settings).expect("CONFIGURE");
        let profile = rig.host.profile();
        assert_eq!(profile.get(SectionUid::PROVIDER, 0x6601), Some(Value::from("Größe")));
        assert_eq!(profile.get(SectionUid::PROVIDER, 0x3001), Some(Value::from("My account")));
        rig.finish();
    }
}

#[test]
fn entry_07_configure_tells_which_settings_are_missing() {
    let host = created();
    let (status, text) = configure(&host, &[]).expect_err("one is missing");
    assert_eq!(status, Status(MAPI_E_UNCONFIGURED));
    assert!(text.contains("`script`"), "{text}");
    // The others are still written, so they can be configured one after another.
    let (status, _) =
        configure(&host, &[Property::with_id(COUNT_TAG, 5)]).expect_err("one is missing");
    assert_eq!(status, Status(MAPI_E_UNCONFIGURED));
    assert_eq!(
        host.profile().get(SectionUid::PROVIDER, COUNT_TAG),
        Some(Value::Long(5))
    );
    configure(&host, &[Property::with_id(SCRIPT_TAG, "one")]).expect("all are there");
    configure(&host, &[]).expect("all are there");
    host.finish().assert_clean();
}

#[test]
fn entry_07_what_is_no_setting_or_of_another_type_is_refused_and_nothing_written() {
    let wrong = [
        (
            Property::with_id(0x6699, "unknown"),
            MAPI_E_INVALID_PARAMETER,
            "0x6699",
        ),
        (
            Property::with_id(0x3002, "no name"),
            MAPI_E_INVALID_PARAMETER,
            "0x3002",
        ),
        (
            Property::with_id(COUNT_TAG, "five"),
            MAPI_E_INVALID_TYPE,
            "`count`",
        ),
        (
            Property::with_id(FLAG_TAG, 1),
            MAPI_E_INVALID_TYPE,
            "`flag`",
        ),
        (
            Property::with_id(SCRIPT_TAG, Value::Binary(vec![1])),
            MAPI_E_INVALID_TYPE,
            "`script`",
        ),
        (
            Property::with_id(TOKEN_TAG, true),
            MAPI_E_INVALID_TYPE,
            "`token`",
        ),
    ];
    for (property, code, said) in wrong {
        let host = created();
        let good = Property::with_id(SCRIPT_TAG, "one");
        for properties in [
            vec![property.clone()],
            vec![good.clone(), property.clone()],
            vec![property.clone(), good],
        ] {
            let (status, text) = configure(&host, &properties).expect_err("refused");
            assert_eq!(status, Status(code), "{property:?}");
            assert!(text.contains(said), "{text}");
            assert!(
                host.profile().section(SectionUid::PROVIDER).is_empty(),
                "something was written"
            );
        }
        host.finish().assert_clean();
    }
}

#[test]
fn entry_07_configure_writes_all_or_nothing() {
    let old = [
        Property::with_id(SCRIPT_TAG, "old"),
        Property::with_id(COUNT_TAG, 1),
    ];
    let new = [
        Property::with_id(SCRIPT_TAG, "new"),
        Property::with_id(COUNT_TAG, 2),
        Property::with_id(FLAG_TAG, true),
    ];
    for operation in [Operation::SetProps, Operation::SaveChanges] {
        let host = created();
        configure(&host, &old).expect("CONFIGURE");
        let before = host.profile().section(SectionUid::PROVIDER);
        host.profile().fail(operation, MAPI_E_DISK_ERROR);
        let (status, text) = configure(&host, &new).expect_err("it can't be written");
        assert_eq!(status, Status(MAPI_E_DISK_ERROR));
        assert!(!text.is_empty());
        assert_eq!(
            host.profile().section(SectionUid::PROVIDER),
            before,
            "{operation:?}"
        );
        host.profile().heal();
        // What failed is not saved later by accident.
        configure(&host, &[]).expect("as it was");
        assert_eq!(
            host.profile().section(SectionUid::PROVIDER),
            before,
            "{operation:?}, later"
        );
        configure(&host, &new).expect("it works again");
        assert_eq!(
            host.profile().get(SectionUid::PROVIDER, FLAG_TAG),
            Some(Value::Boolean(true))
        );
        host.finish().assert_clean();
    }
}

#[test]
fn entry_07_configure_never_writes_half() {
    let new = [
        Property::with_id(SCRIPT_TAG, "new"),
        Property::with_id(COUNT_TAG, 2),
        Property::with_id(FLAG_TAG, true),
    ];
    for operation in [Operation::SetProps, Operation::SaveChanges] {
        for after in 0..4 {
            let host = created();
            host.profile()
                .fail_after(after, operation, MAPI_E_DISK_ERROR);
            let configured = configure(&host, &new);
            let written = host.profile().section(SectionUid::PROVIDER).len();
            let expected = if configured.is_ok() { new.len() } else { 0 };
            assert_eq!(
                written, expected,
                "{operation:?} fails after {after}: {configured:?}"
            );
            host.finish().assert_clean();
        }
    }
}

#[test]
fn entry_07_a_section_that_cannot_be_opened_fails() {
    let host = created();
    host.profile().fail(Operation::Open, MAPI_E_NO_ACCESS);
    assert!(configure(&host, &[Property::with_id(SCRIPT_TAG, "one")]).is_err());
    host.profile().heal();
    assert!(host.profile().section(SectionUid::PROVIDER).is_empty());
    host.finish().assert_clean();
}

#[test]
fn entry_07_text_of_either_width_is_taken() {
    let host = created();
    configure(
        &host,
        &[Property::with_id(
            SCRIPT_TAG,
            Value::String8(b"Gr\xF6\xDFe".to_vec()),
        )],
    )
    .expect("ANSI");
    let kept = host.profile().get(SectionUid::PROVIDER, SCRIPT_TAG);
    assert_eq!(kept, Some(Value::from("Größe")));
    host.finish().assert_clean();
}

#[test]
fn entry_07_an_ansi_programs_setting_is_read() {
    let host = created();
    host.profile()
        .set(
            SectionUid::PROVIDER,
            Property::with_id(SCRIPT_TAG, Value::String8(b"one".to_vec())),
        )
        .expect("set");
    configure(&host, &[]).expect("it is there");
    host.finish().assert_clean();
}

#[test]
fn entry_11_a_secret_is_in_no_error_text_of_the_service() {
    let host = created();
    let secret = Property::with_id(TOKEN_TAG, "hunter2");
    let (_, text) = configure(&host, std::slice::from_ref(&secret)).expect_err("one is missing");
    assert!(!text.contains("hunter2"));
    assert_eq!(
        host.profile().get(SectionUid::PROVIDER, TOKEN_TAG),
        Some(Value::from("hunter2"))
    );
    host.profile()
        .fail(Operation::SaveChanges, MAPI_E_DISK_ERROR);
    let (_, text) = configure(&host, &[secret]).expect_err("it can't be written");
    assert!(!text.is_empty() && !text.contains("hunter2"), "{text}");
    host.finish().assert_clean();
}

#[test]
fn entry_11_secrets_live_in_the_secure_range() {
    use mapi_provider::__private::{ServiceSettings, SettingKind};
    let specs = <crate::support::script::Settings as ServiceSettings>::SETTINGS;
    let secrets = specs.iter().filter(|spec| spec.kind == SettingKind::Secret);
    assert!(
        secrets
            .clone()
            .all(|spec| mapi_provider_host::is_secure(spec.tag))
    );
    assert_eq!(secrets.count(), 1);
}
