//! As it should go.

use std::path::absolute;

use mapi_provider::abi::MAPI_E_NO_SUPPORT;
use mapi_provider::profile::{AddOptions, ProfileRow, ServiceUid};
use mapi_provider_host::{AdminCall, Value};

use crate::manifest::{FOLDER, PASSWORD, PORT, SERVER, TLS};
use crate::{User, name_of};

#[test]
fn a_service_is_added_with_its_settings_once_and_removed_without_a_trace() {
    let user = User::new();
    let values = user.values(&[
        "server=mail.example.org",
        "port=143",
        "tls=no",
        "folder=mail",
        "password=hunter2",
    ]);
    let profiles = user.profiles();
    let added = profiles.add("Outlook", &user.service, &values, AddOptions::default());
    let added = added.expect("added");
    assert!(added.is_new);
    let settings = user.settings("Outlook", added.uid);
    assert_eq!(settings[&SERVER], Value::from("mail.example.org"));
    assert_eq!(settings[&PORT], Value::Long(143));
    assert_eq!(settings[&TLS], Value::Boolean(false));
    let folder = absolute("mail").expect("a folder").display().to_string();
    assert_eq!(settings[&FOLDER], Value::from(folder.as_str()));
    assert_eq!(settings[&PASSWORD], Value::from("hunter2"));

    let rows = profiles.services("Outlook").expect("listed");
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].id.as_str(), rows[0].name.as_str()),
        ("tested", "Tested")
    );
    assert_eq!(rows[0].uid, added.uid);

    let again = user.values(&["server=other.example.org"]);
    let again = profiles.add("Outlook", &user.service, &again, AddOptions::default());
    let again = again.expect("configured");
    assert_eq!((again.is_new, again.uid), (false, added.uid));
    let settings = user.settings("Outlook", added.uid);
    assert_eq!(settings[&SERVER], Value::from("other.example.org"));
    assert_eq!(settings[&PASSWORD], Value::from("hunter2"));

    let removed = profiles.remove("Outlook", &user.service, None);
    assert_eq!(removed.expect("removed"), added.uid);
    assert_eq!(user.sections("Outlook"), 1);
    drop(profiles);
    user.assert_clean();
}

#[test]
fn a_service_gets_other_settings_and_another_name() {
    let user = User::new();
    let profiles = user.profiles();
    let added = profiles.add(
        "outlook",
        &user.service,
        &user.complete(),
        AddOptions::default(),
    );
    let uid = added.expect("case doesn't matter").uid;
    let values = user.values(&["port=0x3E1", "PR_DISPLAY_NAME=Office"]);
    let configured = profiles.configure("Outlook", &user.service, &values, None);
    assert_eq!(configured.expect("configured"), uid);
    let settings = user.settings("Outlook", uid);
    assert_eq!(settings[&PORT], Value::Long(993));
    assert_eq!(settings[&0x3001], Value::from("Office"));
    // MAPI's own row has the name from mapisvc.inf.
    assert_eq!(name_of(&user, uid), Some(Value::from("Tested")));
    drop(profiles);
    user.assert_clean();
}

#[test]
fn a_profile_is_made_for_a_service_if_that_is_wanted() {
    let user = User::new();
    let profiles = user.profiles();
    let options = AddOptions {
        create_profile: true,
        ..AddOptions::default()
    };
    let added = profiles.add("Fresh One", &user.service, &user.complete(), options);
    let uid = added.expect("added").uid;
    assert_eq!(user.services("Fresh One"), [uid]);
    // There is one now: nothing is made.
    let again = profiles.add("Fresh One", &user.service, &user.complete(), options);
    assert_eq!(again.expect("configured").uid, uid);
    let listed = profiles.list().expect("listed");
    let names: Vec<&str> = listed.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["Fresh One", "Outlook"]);
    assert_eq!(
        listed
            .iter()
            .filter(|row: &&ProfileRow| row.is_default)
            .count(),
        1
    );
}

#[test]
fn of_two_services_each_is_meant_by_its_uid() {
    let user = User::new();
    let profiles = user.profiles();
    let another = AddOptions {
        another: true,
        ..AddOptions::default()
    };
    let uids: Vec<ServiceUid> = (0..2)
        .map(|_| {
            let added = profiles.add("Outlook", &user.service, &user.complete(), another);
            added.expect("added").uid
        })
        .collect();
    let values = user.values(&["server=second.example.org"]);
    let configured = profiles.configure("Outlook", &user.service, &values, Some(uids[1]));
    assert_eq!(configured.expect("configured"), uids[1]);
    let first = user.settings("Outlook", uids[0]);
    assert_eq!(first[&SERVER], Value::from("mail.example.org"));
    let removed = profiles.remove("Outlook", &user.service, Some(uids[0]));
    assert_eq!(removed.expect("removed"), uids[0]);
    assert_eq!(user.services("Outlook"), [uids[1]]);
}

/// As Outlook's before 2003.
#[test]
fn a_mapi_that_does_not_tell_the_new_services_uid_is_asked_for_its_table() {
    let user = User::new();
    let refused = AdminCall::CreateMsgServiceEx;
    user.mapi.refuse(refused, MAPI_E_NO_SUPPORT);
    let profiles = user.profiles();
    for _ in 0..2 {
        let another = AddOptions {
            another: true,
            ..AddOptions::default()
        };
        let before = user.services("Outlook");
        let added = profiles.add("Outlook", &user.service, &user.complete(), another);
        let uid = added.expect("added").uid;
        assert!(!before.contains(&uid) && user.services("Outlook").contains(&uid));
        assert!(user.settings("Outlook", uid).contains_key(&SERVER));
    }
}
