//! Logon and logoff, the service, what is recorded, and what is wrong with a path.

use std::fs;
use std::path::Path;
use std::ptr;
use std::sync::Mutex;

use crate::support::*;
use mapi_provider::abi::*;
use mapi_provider_host::{
    Failure, Host, LogonOptions, Profile, Property, SectionUid, ServiceCall, SupportRecord, Value,
};
use mapi_provider_mailbox::database;
use windows_core::{IUnknown, Interface};

/// `PR_OST_OLFI`.
const OLFI: PropTag = PropTag(0x7C07_0102);

/// The library has one record, and tests run in parallel.
static RECORD: Mutex<()> = Mutex::new(());

fn record() -> String {
    let mut bytes = vec![0; unsafe { mspst32::MspstRecord(ptr::null_mut(), 0) } + 4096];
    let length = unsafe { mspst32::MspstRecord(bytes.as_mut_ptr(), bytes.len()) };
    assert!(length <= bytes.len());
    bytes.truncate(length);
    String::from_utf8(bytes).expect("UTF-8")
}

fn failure(path: &Path) -> (HRESULT, String) {
    let failure = Session::try_open(path)
        .map(Session::close)
        .expect_err("no store");
    (failure.status.0, failure.text.expect("a text"))
}

#[test]
fn a_wrapped_store_is_found_in_the_section_of_all_of_them() {
    let (folder, path) = place();
    let host = host(&path);
    // What is in the own section is for PSTs of their own.
    let other = Value::from(&*folder.path().join("other.pst").to_string_lossy());
    let property = Property::with_id(PR_PST_PATH.id(), other);
    host.profile()
        .set(SectionUid::PROVIDER, property)
        .expect("in memory");
    let provider = host.init().expect("a provider");
    let store = provider.logon_with(&nst_options()).expect("a logon");
    let path = fs::canonicalize(&path).expect("it was made");
    let told = store.properties(&[PR_PST_PATH.unicode()]).expect("a path");
    assert_eq!(told[0].value, Value::from(&*path.to_string_lossy()));
    assert!(!folder.path().join("other.pst").exists());
    let logoff = store.logoff();
    assert_eq!(
        logoff.support.logoff_transports,
        [LogoffFlags::LOGOFF_ORDERLY]
    );
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn without_a_path_it_is_not_configured() {
    let host = Host::new(library(), Profile::in_memory()).expect("a host");
    let provider = host.init().expect("a provider");
    for options in [LogonOptions::default(), nst_options()] {
        let Failure { status, text, .. } =
            provider.logon_with(&options).map(drop).expect_err("none");
        assert_eq!(status.0, MAPI_E_UNCONFIGURED);
        assert!(text.expect("a text").contains("PATH"));
    }
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn without_a_support_object_there_is_no_logon() {
    let (_folder, path) = place();
    let host = host(&path);
    let provider = host.init().expect("a provider");
    let (mut logon, mut store, none) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    let status = unsafe {
        provider.interface().SpoolerLogon(
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            StoreLogonFlags::empty(),
            ptr::null(),
            0,
            ptr::null_mut(),
            none,
            &mut logon,
            &mut store,
        )
    };
    assert!(status.is_err() && logon.is_null() && store.is_null());
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn entry_04_an_open_store_is_given_again() {
    let (_folder, path) = place();
    let host = host(&path);
    let provider = host.init().expect("a provider");
    let first = provider.logon().expect("a logon");
    // By another name for the same file, too.
    let same = path
        .parent()
        .expect("a folder")
        .join(".")
        .join(path.file_name().expect("a name"));
    set_path(&host, &same);
    let second = provider.logon().expect("the same store");
    let identity = |store: &mapi_provider_host::Store| {
        store
            .interface()
            .cast::<IUnknown>()
            .expect("an identity")
            .as_raw()
    };
    assert_eq!(identity(&first), identity(&second));
    assert!(first.logon().is_some() && second.logon().is_none());
    let mut untouched = SupportRecord::default();
    untouched.released = true;
    assert_eq!(
        second.support(),
        untouched,
        "the support object is left alone"
    );
    // The spooler has a store object of its own, over the same data.
    let spooler = provider.spooler_logon().expect("a logon");
    assert_ne!(identity(&first), identity(&spooler));
    assert_eq!(
        first.properties(&[PR_RECORD_KEY]).expect("a key"),
        spooler.properties(&[PR_RECORD_KEY]).expect("a key")
    );
    let record = first.support();
    assert_eq!(record.provider_uids.len(), 1);
    assert!(
        first.logoff().support.logoff_transports.is_empty(),
        "the second is still there"
    );
    assert!(
        second.release().logoff_transports.is_empty(),
        "it has its own record"
    );
    spooler.logoff();
    provider.shutdown().expect("a shutdown");
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn the_first_status_row_has_an_identity_that_a_wrapper_takes_out() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let record = session.store.support();
    // STORE-05: MAPI finds the store of an entry ID by the store's own UID; all stores of the provider have the other.
    let key = session.store.properties(&[PR_RECORD_KEY]).expect("a key");
    assert_eq!(
        key[0].value,
        Value::Binary(record.provider_uids[0].to_vec())
    );
    let provider = session.store.properties(&[PR_MDB_PROVIDER]).expect("a UID");
    let Value::Binary(provider) = &provider[0].value else {
        panic!("{provider:?}");
    };
    assert_eq!(provider[..4], [0xE9, 0x2F, 0xEB, 0x75]);
    assert_eq!(record.status_rows.len(), 1);
    let row: Vec<u16> = record.status_rows[0]
        .iter()
        .map(|property| property.id)
        .collect();
    let expected = [
        PR_DISPLAY_NAME_W,
        PR_PROVIDER_DISPLAY_W,
        PR_STATUS_CODE,
        PR_RESOURCE_METHODS,
        PR_MDB_PROVIDER,
        PR_IDENTITY_DISPLAY_W,
        PR_IDENTITY_ENTRYID,
        PR_IDENTITY_SEARCH_KEY,
    ];
    assert_eq!(row, expected.map(PropTag::id));
    session.close();
}

#[test]
fn entry_09_a_store_that_was_never_logged_off_says_so_once() {
    let (_folder, path) = place();
    let host = host(&path);
    let provider = host.init().expect("a provider");
    let store = provider.logon().expect("a logon");
    let record = store.release();
    assert_eq!(record.logoff_transports, [LogoffFlags::LOGOFF_ABORT]);
    assert!(record.released && record.logoff.is_some());
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn what_is_wrong_with_a_path_is_told() {
    let (folder, path) = place();
    let cases = [
        (folder.path().to_owned(), MAPI_E_NO_ACCESS, "is a folder"),
        (
            folder.path().join("missing").join("x.ost"),
            MAPI_E_NOT_FOUND,
            "can't open",
        ),
    ];
    for (path, status, text) in cases {
        let (answered, told) = failure(&path);
        assert_eq!(answered, status, "{told}");
        assert!(told.contains(text), "{told}");
    }
    fs::write(
        &path,
        b"This is no store, and longer than the head of one would be.",
    )
    .expect("written");
    let (status, text) = failure(&path);
    assert_eq!(
        (status, text.contains("is no store")),
        (MAPI_E_CORRUPT_STORE, true),
        "{text}"
    );
    assert!(
        fs::read(&path)
            .expect("still there")
            .starts_with(b"This is no store")
    );
    // A file where a folder should be.
    let (status, _) = failure(&path.join("x.ost"));
    assert_eq!(status, MAPI_E_NOT_FOUND);
}

#[test]
fn store_43_a_file_that_others_have_open_is_shared() {
    let (_folder, path) = place();
    Session::open(&path).close();
    // As another process has it.
    let other = database::Store::open_existing(&path).expect("opened");
    let session = Session::open(&path);
    assert_eq!(other.others().expect("counted"), 1);
    drop(folder_with(&session, "Mail", &["a"]));
    session.close();
    assert_eq!(other.others().expect("counted"), 0);
    let messages = other.check().expect("readable").messages;
    assert_eq!(messages, 1);
}

#[test]
fn a_file_that_may_not_be_written_is_refused() {
    let (_folder, path) = place();
    Session::open(&path).close();
    let mut permissions = fs::metadata(&path).expect("there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("set");
    if fs::OpenOptions::new().append(true).open(&path).is_ok() {
        eprintln!("skipped: this user may write whatever is read-only");
        return;
    }
    let (status, text) = failure(&path);
    assert_eq!(status, MAPI_E_NO_ACCESS, "{text}");
}

#[test]
fn the_service_wants_a_path() {
    let (_folder, path) = place();
    let host = Host::new(library(), Profile::in_memory()).expect("a host");
    for context in [
        MSG_SERVICE_INSTALL,
        MSG_SERVICE_DELETE,
        MSG_SERVICE_UNINSTALL,
    ] {
        let call = ServiceCall {
            support: false,
            admin: false,
            ..ServiceCall::new(context)
        };
        host.service_with(&call).expect("nothing to do");
    }
    for context in [MSG_SERVICE_CREATE, MSG_SERVICE_CONFIGURE] {
        let failure = host.service(context, &[]).expect_err("no path");
        assert_eq!(failure.status.0, MAPI_E_UNCONFIGURED);
        assert!(failure.text.expect("a text").contains("PR_PST_PATH"));
        let given = Property::with_id(PR_PST_PATH.id(), &*path.to_string_lossy());
        host.service(context, &[given]).expect("a path");
    }
    let failure = host.service(77, &[]).expect_err("no such context");
    assert_eq!(failure.status.0, MAPI_E_NO_SUPPORT);
    let section = Property::with_id(PR_PST_PATH.id(), "x.pst");
    host.profile()
        .set(SectionUid::SERVICE, section)
        .expect("in memory");
    host.service(MSG_SERVICE_CONFIGURE, &[])
        .expect("the profile has it");
    host.finish().assert_clean();
}

#[test]
fn the_service_of_wrapped_stores_looks_in_their_section() {
    let _guard = RECORD.lock();
    let host = Host::new(library(), Profile::in_memory()).expect("a host");
    let support = host.support();
    let call = |support: *mut std::ffi::c_void, properties: &[Property]| {
        let mut properties = mapi_provider_host::PropertyArray::new(properties);
        let mut error = ptr::null_mut();
        let status = unsafe {
            mspst32::NSTServiceEntry(
                ptr::without_provenance_mut(0x1234),
                ptr::null_mut(),
                support,
                0,
                0,
                MSG_SERVICE_CREATE,
                properties.count(),
                properties.as_mut_ptr(),
                ptr::null_mut(),
                &mut error,
            )
        };
        unsafe { host.allocators().free(error.cast()) };
        status
    };
    assert_eq!(call(support.as_raw(), &[]), MAPI_E_UNCONFIGURED);
    assert_eq!(call(ptr::null_mut(), &[]), MAPI_E_UNCONFIGURED);
    mspst32::MspstReset();
    let given = Property::with_id(OFFLINE_STORE_PATH, "x.ost");
    assert_eq!(call(support.as_raw(), &[given]), S_OK);
    let line = "NSTServiceEntry context=2 flags=0x0 hInstance=0x1234 admin=null props=6610001F";
    assert!(record().lines().any(|one| one == line), "{}", record());
    set_path(&host, Path::new("y.ost"));
    assert_eq!(call(support.as_raw(), &[]), S_OK);
    drop(support);
    host.finish().assert_clean();
}

#[test]
fn calls_are_recorded() {
    let _guard = RECORD.lock();
    let (_folder, path) = place();
    let host = host(&path);
    let provider = host.init().expect("a provider");
    let mut options = nst_options();
    options.entry_id = vec![0xAB, 0xCD];
    let store = provider.logon_with(&options).expect("a logon");
    store.logoff();
    provider.shutdown().expect("a shutdown");
    drop(provider);
    host.finish().assert_clean();
    let record = record();
    let flags = options.flags.bits();
    let expected = [
        "MSProviderInit hInstance=0x0 flags=0x0 version=0x10010".to_owned(),
        format!("Logon flags=0x{flags:X} spooler=0 entryid=abcd support=0x"),
        "StoreLogoff flags=0x2".to_owned(),
        "Logoff".to_owned(),
        "Shutdown".to_owned(),
    ];
    for line in expected {
        assert!(
            record.lines().any(|one| one.starts_with(&line)),
            "{line} in {record}"
        );
    }
    // As much as fits.
    let mut few = [0; 4];
    let length = unsafe { mspst32::MspstRecord(few.as_mut_ptr(), few.len()) };
    assert!(length >= record.len() && record.as_bytes().starts_with(&few));
}

#[test]
fn entry_02_a_host_that_is_too_old_is_refused() {
    let host = Host::new(library(), Profile::in_memory()).expect("a host");
    let options = mapi_provider_host::InitOptions {
        version: CURRENT_SPI_VERSION - 1,
        ..Default::default()
    };
    let failure = host.init_with(options).map(drop).expect_err("too old");
    assert_eq!(failure.status.0, MAPI_E_VERSION);
    let (mut version, mut out) = (0, ptr::dangling_mut());
    let status = unsafe {
        let none = ptr::null_mut();
        mspst32::MSProviderInit(
            none,
            none,
            None,
            None,
            None,
            0,
            0x10010,
            &mut version,
            &mut out,
        )
    };
    assert_eq!(
        (status, version, out),
        (MAPI_E_INVALID_PARAMETER, 0x10010, ptr::null_mut())
    );
    host.finish().assert_clean();
}

#[test]
fn replication_is_idle() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let store = session.store.interface();
    let identity = store.cast::<IUnknown>().expect("an identity").as_raw();
    let pstx: IPSTX6 = store.cast().expect("the store has it");
    assert_eq!(
        pstx.cast::<IUnknown>().expect("an identity").as_raw(),
        identity
    );
    for iid in [
        IPSTX::IID,
        IPSTX2::IID,
        IPSTX3::IID,
        IPSTX4::IID,
        IPSTX5::IID,
    ] {
        let mut out = ptr::null_mut();
        unsafe {
            assert_eq!(store.query(&iid, &mut out), S_OK, "{iid:?}");
            drop(IUnknown::from_raw(out));
        }
    }
    let mut out = ptr::null_mut();
    unsafe {
        assert_eq!(
            pstx.GetSyncObject(ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
        assert_eq!(pstx.GetSyncObject(&mut out), S_OK);
        let ostx = IOSTX::from_raw(out);
        let mut state = ptr::null_mut();
        assert_eq!(ostx.SyncEnd(), MAPI_E_CALL_FAILED);
        assert_eq!(
            ostx.SyncBeg(LR_SYNC, &mut state),
            MAPI_E_CALL_FAILED,
            "before InitSync"
        );
        assert_eq!(ostx.InitSync(SyncFlags::UPLOAD_CONTENTS), S_OK);
        assert_eq!(
            ostx.SyncBeg(LR_SYNC_CONTENTS, &mut state),
            MAPI_E_CALL_FAILED,
            "no such edge"
        );
        assert_eq!(ostx.SyncBeg(LR_SYNC, &mut state), MAPI_E_NO_SUPPORT);
        assert_eq!(ostx.SetSyncResult(S_OK), MAPI_E_CALL_FAILED);
        assert_eq!(pstx.EmulateSpooler(1), S_OK);
        drop(ostx);
    }
    drop(pstx);
    session.close();
}

#[test]
fn the_store_keeps_its_id_ranges() {
    let (_folder, path) = place();
    let olfi = vec![9; 80];
    let session = Session::open(&path);
    session.client().set(OLFI, &olfi[..]).expect("set");
    session.close();
    let session = Session::open(&path);
    assert_eq!(session.client().binary(OLFI).expect("readable"), Some(olfi));
    session.close();
}
