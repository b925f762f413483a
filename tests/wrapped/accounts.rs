//! Two accounts of one provider, neither with a path in its profile.

use mapi_provider_host::{LogonOptions, SectionUid, Value};

use crate::inner::{PATH, Rig};
use crate::support::script::{PLACE, Script, Variant};

/// The section of another account.
const ANOTHER: SectionUid = SectionUid(*b"another account.");

/// The path in a section.
fn path(rig: &Rig, section: SectionUid) -> String {
    match rig.host.profile().get(section, PATH) {
        Some(Value::Unicode(path)) => path,
        other => panic!("no path: {other:?}"),
    }
}

#[test]
fn two_accounts_never_share_a_default_path() {
    let rig = Rig::unconfigured(Variant::Placed.library(), Script::new(|_| Ok(())));
    rig.configure_in(ANOTHER);
    let provider = rig.host.init().expect("MSProviderInit");
    let another = LogonOptions {
        section: ANOTHER,
        ..LogonOptions::default()
    };
    let first = provider.logon().expect("Logon");
    let second = provider.logon_with(&another).expect("Logon");
    drop((first, second));
    let paths = [SectionUid::PROVIDER, ANOTHER].map(|section| path(&rig, section));
    assert_ne!(paths[0], paths[1]);
    let stem = PLACE.strip_suffix(".nst").expect("it ends so");
    for path in &paths {
        assert!(path.starts_with(stem) && path.ends_with(".nst"), "{path}");
    }

    // What is written stays.
    let again = provider.logon_with(&another).expect("Logon");
    assert_eq!(path(&rig, ANOTHER), paths[1]);
    drop((again, provider));
    rig.finish();
}
