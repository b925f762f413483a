//! Settings that the logic writes: kept across runs, logons and provider objects, the old value intact where a new one can't
//! be saved.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use mapi_provider::__private::ServiceSettings;
use mapi_provider::abi::{
    HRESULT, MAPI_E_DISK_ERROR, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPI_E_TOO_BIG, S_OK,
};
use mapi_provider::{Secret, SyncError, SyncJob, WritableSetting};
use mapi_provider_host::{Operation, Profile, SectionUid, Status, Value};

use crate::support::Rig;
use crate::support::script::{COUNT_TAG, Registered, Script, Settings, TOKEN_TAG, Variant};

const COUNT: WritableSetting<i32> = WritableSetting::new(&Settings::SETTINGS[1]);
const FLAG: WritableSetting<bool> = WritableSetting::new(&Settings::SETTINGS[2]);
const FOLDER: WritableSetting<PathBuf> = WritableSetting::new(&Settings::SETTINGS[3]);
const TOKEN: WritableSetting<Secret> = WritableSetting::new(&Settings::SETTINGS[4]);

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// Logic that counts its runs in a setting and renews its token in each.
fn renew(job: &SyncJob) -> Result<(), SyncError> {
    let settings = job.settings();
    let count = settings.get(COUNT)?.unwrap_or_default();
    settings.set(TOKEN, secret(&format!("token {count}")))?;
    settings.set(COUNT, count + 1)
}

/// What logons found: the count and the token.
type Opened = Arc<Mutex<Vec<(i32, Option<String>)>>>;

fn renewing() -> (Registered, Opened) {
    let opened = Opened::default();
    let log = Arc::clone(&opened);
    let script = Script::new(renew).on_open(move |settings| {
        let token = settings
            .token
            .as_ref()
            .map(|token| token.expose().to_owned());
        log.lock()
            .expect("not poisoned")
            .push((settings.count, token));
        Ok(())
    });
    (script.register(), opened)
}

fn rig(profile: &Profile) -> Rig {
    Rig::open(Variant::Merge.library(), profile.clone())
}

fn in_profile(profile: &Profile, tag: u16) -> Option<Value> {
    profile.get(SectionUid::PROVIDER, tag)
}

#[test]
fn a_setting_that_the_logic_writes_is_found_by_the_next_run_and_the_next_logon() {
    let (registered, opened) = renewing();
    let profile = registered.profile();
    let first = rig(&profile);
    // The manifest's default is 7.
    assert_eq!(first.run(), Status(S_OK));
    assert_eq!(first.run(), Status(S_OK));
    assert_eq!(in_profile(&profile, COUNT_TAG), Some(Value::Long(9)));
    first.finish();

    let second = rig(&profile);
    assert_eq!(second.run(), Status(S_OK));
    second.finish();
    let opened = opened.lock().expect("not poisoned");
    let token = |text: &str| Some(text.to_owned());
    assert_eq!(*opened, [(7, None), (9, token("token 8"))]);
}

#[test]
fn all_logons_of_a_section_share_what_is_written() {
    let (registered, _) = renewing();
    let rig = rig(&registered.profile());
    let spooler = rig.provider.spooler_logon().expect("SpoolerLogon");
    let other = rig.host.init().expect("MSProviderInit");
    let elsewhere = other.logon().expect("Logon");
    for store in [&rig.store, &spooler, &elsewhere] {
        let callback = rig.callback();
        let request = mapi_provider_host::SyncRequest::default().callback(&callback);
        let run = store.synchronize(&request);
        assert!(run.wait(crate::support::SOON));
        assert_eq!(callback.results(), [Status(S_OK)]);
    }
    assert_eq!(
        in_profile(rig.host.profile(), COUNT_TAG),
        Some(Value::Long(10))
    );
    drop((spooler, elsewhere, other));
    rig.finish();
}

#[test]
fn entry_07_the_old_value_is_intact_where_the_new_one_can_not_be_saved() {
    let (registered, _) = renewing();
    let profile = registered.profile();
    let rig = rig(&profile);
    assert_eq!(rig.run(), Status(S_OK));
    for operation in [Operation::SetProps, Operation::SaveChanges] {
        profile.fail(operation, MAPI_E_DISK_ERROR);
        assert_eq!(rig.run(), Status(MAPI_E_DISK_ERROR));
        profile.heal();
        assert_eq!(
            in_profile(&profile, TOKEN_TAG),
            Some(Value::from("token 7"))
        );
    }
    rig.finish();
}

/// What a write is answered, with the text of the error.
fn refused(
    write: impl Fn(&SyncJob) -> Result<(), SyncError> + Send + Sync + 'static,
) -> (HRESULT, String) {
    let seen = Arc::<Mutex<Option<(HRESULT, String)>>>::default();
    let log = Arc::clone(&seen);
    let script = Script::new(move |job| {
        let error = write(job).expect_err("it is refused");
        *log.lock().expect("not poisoned") = Some((error.code(), error.text().to_owned()));
        Ok(())
    });
    let registered = script.register();
    let rig = rig(&registered.profile());
    assert_eq!(rig.run(), Status(S_OK));
    rig.finish();
    let seen = seen.lock().expect("not poisoned").take();
    seen.expect("it ran")
}

#[test]
fn entry_11_what_a_profile_can_not_keep_is_refused_without_telling_it() {
    let nul = refused(|job| job.settings().set(TOKEN, secret("hunter2\0")));
    assert_eq!(nul.0, MAPI_E_INVALID_PARAMETER);
    let long = refused(|job| job.settings().set(TOKEN, secret(&"hunter2".repeat(3000))));
    assert_eq!(long.0, MAPI_E_TOO_BIG);
    for (_, text) in [nul, long] {
        assert!(
            text.contains("`token`") && !text.contains("hunter2"),
            "{text}"
        );
    }
}

#[test]
fn every_type_is_read_as_it_was_written() {
    let script = Script::new(|job| {
        let settings = job.settings();
        assert_eq!(settings.get(FLAG)?, None);
        settings.set(FLAG, true)?;
        settings.set(COUNT, -1)?;
        settings.set(FOLDER, PathBuf::from("Größe"))?;
        settings.set(TOKEN, secret("\u{1F980}"))?;
        assert_eq!(settings.get(FLAG)?, Some(true));
        assert_eq!(settings.get(COUNT)?, Some(-1));
        assert_eq!(settings.get(FOLDER)?, Some(PathBuf::from("Größe")));
        assert_eq!(settings.get(TOKEN)?, Some(secret("\u{1F980}")));
        Ok(())
    });
    let registered = script.register();
    let rig = rig(&registered.profile());
    assert_eq!(rig.run(), Status(S_OK));
    rig.finish();
}

#[test]
fn a_unit_tests_job_keeps_settings_too() {
    let test = SyncJob::for_test().setting(COUNT, 3);
    renew(&test.job()).expect("it writes");
    renew(&test.job()).expect("it writes");
    assert_eq!(test.next_setting(COUNT), Some(5));
    assert_eq!(test.next_setting(TOKEN), Some(secret("token 4")));
    let nowhere = SyncJob::for_test().without_profile();
    let error = renew(&nowhere.job()).expect_err("there is no profile");
    assert_eq!(error.code(), MAPI_E_NO_ACCESS);
}
