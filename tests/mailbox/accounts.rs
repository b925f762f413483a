//! Where the file is: one for each section of a profile.

use std::path::Path;

use mapi_provider::abi::{MAPI_E_FAILONEPROVIDER, MAPI_E_UNKNOWN_ENTRYID, MSG_SERVICE_CONFIGURE};
use mapi_provider_host::{LogonOptions, Property, SectionUid, Status, Value};

use crate::rig::{PATH, Rig};
use crate::support::script::{SCRIPT_TAG, Script, Variant};

/// The section of another account.
const ANOTHER: SectionUid = SectionUid(*b"another account.");

#[test]
fn two_accounts_never_share_a_file_and_what_is_written_stays() {
    let rig = Rig::unconfigured(Variant::Mailbox, Script::new(|_| Ok(())));
    rig.script.configure_in(rig.host.profile(), ANOTHER);
    let another = LogonOptions {
        section: ANOTHER,
        ..LogonOptions::default()
    };
    let first = rig.provider.logon().expect("Logon");
    let second = rig.provider.logon_with(&another).expect("Logon");
    let path = |section| match rig.host.profile().get(section, PATH) {
        Some(Value::Unicode(path)) => path,
        other => panic!("no path: {other:?}"),
    };
    let paths = [SectionUid::PROVIDER, ANOTHER].map(path);
    assert_ne!(paths[0], paths[1]);
    for path in paths.each_ref().map(Path::new) {
        // The folder is made, and the separators are this system's.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("Contoso");
        assert_eq!(path.parent(), Some(&*folder));
        assert!(path.is_file(), "{path:?}");
    }
    drop((first, second));
    let again = rig.provider.logon_with(&another).expect("Logon");
    assert_eq!(path(ANOTHER), paths[1]);
    drop(again);
    rig.finish();
}

#[test]
fn entry_07_the_path_can_be_configured_with_the_settings() {
    let rig = Rig::unconfigured(Variant::Mailbox, Script::new(|_| Ok(())));
    let file = rig.folder().join("elsewhere.db");
    let configured = [
        Property::with_id(PATH, file.to_str().expect("UTF-8")),
        Property::with_id(SCRIPT_TAG, rig.script.name()),
    ];
    let configure = || rig.host.service(MSG_SERVICE_CONFIGURE, &configured);
    configure().expect("CONFIGURE");
    let store = rig.provider.logon().expect("Logon");
    assert!(file.is_file());
    drop(store);
    rig.finish();
}

#[test]
fn entry_12_an_entry_id_of_another_form_is_refused() {
    let rig = Rig::new(Script::new(|_| Ok(())));
    let foreign = LogonOptions {
        entry_id: vec![7; 40],
        ..LogonOptions::default()
    };
    let logged_on = rig.provider.logon_with(&foreign).map(drop);
    let failure = logged_on.expect_err("refused");
    assert_eq!(failure.status, Status(MAPI_E_FAILONEPROVIDER));
    assert_eq!(failure.low_level, Some(Status(MAPI_E_UNKNOWN_ENTRYID)));
    assert!(!rig.file().exists());
    rig.finish();
}
