//! What can't be done is told, and leaves the profile as it was.

use mapi_provider::abi::{
    MAPI_E_CALL_FAILED, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT, MAPI_E_NOT_ENOUGH_DISK,
    MAPI_E_NOT_INITIALIZED, MAPI_E_UNCONFIGURED,
};
use mapi_provider::profile::{AddOptions, ProfileError, ServiceSpec, ServiceUid};
use mapi_provider_host::AdminCall;

use crate::manifest::{SERVER, refusing_entry};
use crate::{User, told};

const NEW_PROFILE: AddOptions = AddOptions {
    create_profile: true,
    another: false,
};

fn add(user: &User, profile: &str, options: AddOptions) -> ProfileError {
    let profiles = user.profiles();
    let added = profiles.add(profile, &user.service, &user.complete(), options);
    added.expect_err("refused")
}

/// A user whose profile has the service.
fn with_service() -> User {
    let user = User::new();
    let added = user.profiles().add(
        "Outlook",
        &user.service,
        &user.complete(),
        AddOptions::default(),
    );
    added.expect("added");
    user
}

#[test]
fn a_profile_that_is_not_there_is_told_with_those_that_are() {
    let user = User::new();
    let error = add(&user, "Outlok", AddOptions::default());
    assert_eq!(told(&error), "there is no profile `Outlok`");
    assert_eq!(error.help(), "the profiles of this user: Outlook");
    let profiles = user.profiles();
    for error in [
        profiles.services("").expect_err("no such profile"),
        profiles
            .remove("x", &user.service, None)
            .expect_err("no such profile"),
    ] {
        assert!(told(&error).starts_with("there is no profile"));
    }
}

#[test]
fn two_profiles_of_one_name_are_not_told_apart() {
    let user = User::new();
    user.mapi.create("OUTLOOK").expect("made");
    let error = add(&user, "Outlook", AddOptions::default());
    assert_eq!(
        told(&error),
        "there are several profiles that are called `Outlook`"
    );
    assert_eq!(user.sections("Outlook"), 1);
}

#[test]
fn a_service_that_is_not_there_or_there_twice_is_neither_configured_nor_removed() {
    let user = User::new();
    let profiles = user.profiles();
    let none = profiles.remove("Outlook", &user.service, None);
    let none = none.expect_err("none there");
    assert_eq!(told(&none), "the profile `Outlook` has no service `tested`");
    let another = AddOptions {
        another: true,
        ..AddOptions::default()
    };
    for _ in 0..2 {
        let added = profiles.add("Outlook", &user.service, &user.complete(), another);
        added.expect("added");
    }
    let values = user.values(&["server=x"]);
    let default = AddOptions::default();
    for error in [
        profiles.remove("Outlook", &user.service, None).map(drop),
        profiles
            .configure("Outlook", &user.service, &values, None)
            .map(drop),
        profiles
            .add("Outlook", &user.service, &values, default)
            .map(drop),
    ] {
        let error = error.expect_err("two of them");
        assert_eq!(
            told(&error),
            "the profile `Outlook` has the service `tested` 2 times"
        );
        for uid in user.services("Outlook") {
            assert!(error.help().contains(&uid.to_string()), "{}", error.help());
        }
    }
    let wrong = ServiceUid([1; 16]);
    let error = profiles.remove("Outlook", &user.service, Some(wrong));
    assert!(told(&error.expect_err("no such uid")).contains("has no service"));
    assert_eq!(user.services("Outlook").len(), 2);
}

#[test]
fn a_new_service_without_what_it_needs_is_not_even_created() {
    let user = User::new();
    user.mapi
        .refuse(AdminCall::CreateMsgServiceEx, MAPI_E_CALL_FAILED);
    let profiles = user.profiles();
    for options in [AddOptions::default(), NEW_PROFILE] {
        let profile = if options == NEW_PROFILE {
            "Fresh"
        } else {
            "Outlook"
        };
        let values = user.values(&["tls=yes"]);
        let error = profiles.add(profile, &user.service, &values, options);
        let error = error.expect_err("incomplete");
        assert_eq!(
            told(&error),
            "the settings `server`, `password` have no value"
        );
        assert_eq!(error.help(), "give them values too: server=… password=…");
    }
    assert_eq!(user.mapi.names(), ["Outlook"]);
}

#[test]
fn a_service_that_can_not_be_configured_is_taken_out_again() {
    let user = User::new();
    user.mapi
        .refuse(AdminCall::ConfigureMsgService, MAPI_E_NO_ACCESS);
    for options in [AddOptions::default(), NEW_PROFILE] {
        let profile = if options == NEW_PROFILE {
            "Fresh"
        } else {
            "Outlook"
        };
        let error = add(&user, profile, options);
        assert!(
            told(&error).contains("the service can't be configured"),
            "{error}"
        );
    }
    assert_eq!(user.mapi.names(), ["Outlook"]);
    assert_eq!(user.sections("Outlook"), 1);
    user.assert_clean();
}

/// The text is the service's own: through GetLastError.
#[test]
fn what_the_service_says_of_a_setting_is_told_and_nothing_of_it_is_written() {
    let user = User::new();
    let profiles = user.profiles();
    let other = ServiceSpec::new(
        "tested",
        "Tested",
        &[mapi_provider::spec::SettingSpec {
            name: "newer",
            tag: 0x6655,
            kind: mapi_provider::spec::SettingKind::String,
            required: false,
            default: None,
            label: "Newer",
            page: "",
        }],
        false,
    );
    let mut values = user.complete();
    values.assign(other.settings(), "newer=x").expect("right");
    let error = profiles.add("Outlook", &other, &values, AddOptions::default());
    let error = error.expect_err("the service that is installed is older");
    assert!(
        told(&error).contains("is no setting of this provider"),
        "{error}"
    );
    assert_eq!(user.sections("Outlook"), 1);

    let values = user.complete();
    let uid = profiles.add("Outlook", &user.service, &values, AddOptions::default());
    let uid = uid.expect("added").uid;
    let before = user.settings("Outlook", uid);
    let mut values = user.values(&["server=other"]);
    values.assign(other.settings(), "newer=x").expect("right");
    let error = profiles.configure("Outlook", &user.service, &values, None);
    told(&error.expect_err("refused"));
    assert_eq!(user.settings("Outlook", uid), before);
    assert_eq!(
        before[&SERVER],
        mapi_provider_host::Value::from("mail.example.org")
    );
}

#[test]
fn a_service_that_mapi_does_not_know_has_to_be_installed_first() {
    let user = User::new();
    let unknown = ServiceSpec::new("unknown", "Unknown", &[], false);
    let added = user.profiles().add(
        "Outlook",
        &unknown,
        &Default::default(),
        AddOptions::default(),
    );
    let error = added.expect_err("not installed");
    assert_eq!(told(&error), "MAPI knows no service `unknown`");
    assert!(
        error.help().contains("MergeWithMAPISVC"),
        "{}",
        error.help()
    );
}

#[test]
fn what_is_left_of_a_creation_that_failed_is_removed() {
    // MAPI takes away what the service itself refused to create.
    let user = User::with(refusing_entry);
    let error = add(&user, "Outlook", AddOptions::default());
    let no_disk = |error: &ProfileError| match error {
        ProfileError::Refused { status, .. } => *status == MAPI_E_NOT_ENOUGH_DISK,
        _ => false,
    };
    assert!(no_disk(&error), "{error}");
    told(&error);
    assert_eq!(user.sections("Outlook"), 1);
    // A MAPI that does not.
    let user = User::new();
    user.mapi
        .refuse_late(AdminCall::CreateMsgServiceEx, MAPI_E_CALL_FAILED);
    let error = add(&user, "Outlook", AddOptions::default());
    assert!(told(&error).contains("can't be added"), "{error}");
    assert_eq!(user.sections("Outlook"), 1);
}

#[test]
fn what_could_not_be_undone_is_told_too() {
    let user = User::new();
    user.mapi
        .refuse(AdminCall::ConfigureMsgService, MAPI_E_UNCONFIGURED);
    user.mapi
        .refuse(AdminCall::DeleteMsgService, MAPI_E_NO_ACCESS);
    let error = add(&user, "Outlook", AddOptions::default());
    let uid = user.services("Outlook")[0];
    let text = told(&error);
    assert!(
        text.contains(&format!(
            "the service {uid} in the profile `Outlook` could not be removed again"
        )),
        "{text}"
    );
    assert!(
        text.contains("MAPI_E_UNCONFIGURED") && text.contains("MAPI_E_NO_ACCESS"),
        "{text}"
    );
    user.mapi.refuse(AdminCall::DeleteProfile, MAPI_E_NO_ACCESS);
    let text = told(&add(&user, "Fresh", NEW_PROFILE));
    assert!(
        text.contains("the profile `Fresh` could not be removed again"),
        "{text}"
    );
}

#[test]
fn profiles_are_made_once_and_by_names_that_profiles_can_have() {
    let user = User::new();
    let profiles = user.profiles();
    let error = profiles.create("OUTLOOK").expect_err("there");
    assert_eq!(told(&error), "there is a profile `OUTLOOK` already");
    for name in ["", " x", "a\\b", "メール"] {
        let error = profiles.create(name).expect_err("no name");
        assert!(
            told(&error).starts_with("no profile can be called"),
            "{error}"
        );
    }
    user.mapi.refuse(AdminCall::CreateProfile, MAPI_E_NO_ACCESS);
    told(&profiles.create("Fresh").expect_err("refused"));
    assert_eq!(user.mapi.names(), ["Outlook"]);
}

#[test]
fn each_call_that_mapi_refuses_is_told_with_its_code() {
    for call in [
        AdminCall::GetProfileTable,
        AdminCall::AdminServices,
        AdminCall::GetMsgServiceTable,
        AdminCall::CreateMsgServiceEx,
    ] {
        let user = User::new();
        user.mapi.refuse(call, MAPI_E_NOT_INITIALIZED);
        let error = add(&user, "Outlook", AddOptions::default());
        assert!(
            told(&error).contains("MAPI_E_NOT_INITIALIZED"),
            "{call:?}: {error}"
        );
        assert_eq!(user.sections("Outlook"), 1);
        user.assert_clean();
    }
    let user = with_service();
    user.mapi
        .refuse(AdminCall::DeleteMsgService, MAPI_E_NO_SUPPORT);
    let removed = user.profiles().remove("Outlook", &user.service, None);
    assert!(told(&removed.expect_err("refused")).contains("can't be removed"));
    assert_eq!(user.services("Outlook").len(), 1);
}

#[test]
fn values_of_a_service_that_is_still_incomplete_are_written() {
    let user = with_service();
    user.mapi
        .refuse(AdminCall::ConfigureMsgService, MAPI_E_UNCONFIGURED);
    let values = user.complete();
    let configured = user
        .profiles()
        .configure("Outlook", &user.service, &values, None);
    let error = configured.expect_err("incomplete");
    let text = told(&error);
    assert!(
        text.starts_with("the values are written to the profile `Outlook`"),
        "{text}"
    );
    assert_eq!(user.services("Outlook").len(), 1);
}
