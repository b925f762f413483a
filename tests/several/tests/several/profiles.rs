//! The service in a profile, as a setup program puts it there.

use mapi_provider::profile::{AddOptions, Assignments, Profiles, ServiceSpec};
use mapi_provider_host::{self as host, InstalledService, ProviderLibrary, Value};

use crate::logic::both::PROVIDER;
use crate::rig::{SERVER, STORE_PATH};

#[test]
fn a_service_is_added_configured_and_removed_with_all_its_sections() {
    let mapi = host::Profiles::in_memory().expect("a set of allocators");
    mapi.create("Outlook").expect("made");
    let load = || Ok(ProviderLibrary::linked(&PROVIDER));
    mapi.install(InstalledService::new("both", "Both", load).with_transport());
    let empty = mapi.profile("Outlook").expect("it is there").sections();
    let service = ServiceSpec::of(&PROVIDER);
    let values = |texts: &[&str]| {
        let mut values = Assignments::default();
        for text in texts {
            values.assign(service.settings(), text).expect("right");
        }
        values
    };
    let profiles = Profiles::from_interface(mapi.admin(), mapi.allocators().for_views());
    let first = values(&[
        "server=old.example.org",
        "PR_PROFILE_OFFLINE_STORE_PATH=/mail/store.db",
    ]);
    let options = AddOptions::default();
    profiles
        .add("Outlook", &service, &first, options)
        .expect("added");
    let profile = mapi.profile("Outlook").expect("it is there");
    assert_eq!(profile.sections().len(), empty.len() + 3);
    let second = values(&["server=mail.example.org"]);
    profiles
        .configure("Outlook", &service, &second, None)
        .expect("configured");
    let having = |id: u16| {
        let sections = profile.sections().into_iter();
        sections
            .filter_map(|uid| profile.get(uid, id))
            .collect::<Vec<_>>()
    };
    assert_eq!(having(SERVER), [Value::from("mail.example.org")]);
    assert_eq!(having(STORE_PATH), [Value::from("/mail/store.db")]);
    profiles.remove("Outlook", &service, None).expect("removed");
    assert_eq!(profile.sections(), empty);
    drop(profiles);
    mapi.report().assert_clean();
}
