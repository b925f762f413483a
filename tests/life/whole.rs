//! From installation to uninstallation.

use std::env;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::{
    HRESULT, LogoffFlags, MAPI_E_USER_CANCEL, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE,
    MSG_SERVICE_DELETE, MSG_SERVICE_INSTALL, MSG_SERVICE_UNINSTALL, S_OK,
};
use mapi_provider_host::{
    CallKind, Host, Profile, ProgressCallback, Property, Provider, ProviderLibrary, Status, Store,
    SyncRequest,
};
use windows_core::{IUnknown, Interface};

use crate::rig::{LABEL, PATH, alone, beside, inner, subjects};
use crate::support::findable::findable;
use crate::support::handles::open_handles;
use crate::support::module::is_loaded;
use crate::support::{Orders, SOON};

/// What there is before the installation: other providers' sections, and line ends of both kinds.
const INF: &str = "; Outlook's own\r\n[Services]\r\nMSEMS=Exchange\nCONTAB=Outlook Address Book\r\n\r\n\
                   [MSEMS]\r\nPR_DISPLAY_NAME=Exchange\r\n";

/// An export of the provider's DLL that installs or uninstalls it.
fn call(library: &libloading::Library, name: &str, inf: &Path) {
    type Export = unsafe extern "system" fn() -> HRESULT;
    // SAFETY: no other test of this program reads or writes the variable; the type is the function's.
    let result = unsafe {
        env::set_var("MAPI_PROVIDER_INF", inf);
        let name = format!("{name}\0");
        library.get::<Export>(name.as_bytes()).expect("exported")()
    };
    assert_eq!(result, S_OK);
}

/// A run from request to end: what Done got, and how often Progress was called.
fn run(host: &Host, store: &Store) -> (Status, usize) {
    let callback = host.callback(ProgressCallback::builder());
    let request = SyncRequest::default().session(host).callback(&callback);
    let run = store.synchronize(&request);
    assert!(run.started().expect("accepted").wait(SOON));
    let is_progress = |kind: &CallKind| matches!(kind, CallKind::Progress { .. });
    let calls = callback.calls();
    let told = calls.iter().filter(|call| is_progress(&call.kind)).count();
    (run.result().expect("Done"), told)
}

/// Logs off while a run goes on.
fn log_off_during_a_run(host: &Host, provider: &Provider, store: Store) {
    let callback = host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(callback.wait_until(SOON, |calls| !calls.is_empty()));
    let logoff = store.logoff();
    assert_eq!(logoff.status, Status(S_OK));
    assert_eq!(
        logoff.support.logoff_transports,
        [LogoffFlags::LOGOFF_ORDERLY]
    );
    assert!(logoff.support.released);
    assert!(run.wait(SOON));
    assert_eq!(run.result(), Some(Status(MAPI_E_USER_CANCEL)));
    provider.shutdown().expect("Shutdown");
}

fn live(folder: &Path) {
    let library = findable(beside("wrapped_probe32"));
    let inf = folder.join("mapisvc.inf");
    fs::write(&inf, INF).expect("written");
    // SAFETY: the library is ours.
    let exports = unsafe { libloading::Library::new(&library) }.expect("a library");
    call(&exports, "MergeWithMAPISVC", &inf);
    let installed = fs::read_to_string(&inf).expect("read");
    assert!(installed.contains("[wrapped_probe]"), "{installed}");
    drop(exports);

    let orders = Orders::steps(3).give();
    // SAFETY: whoever reads or writes it in this process holds the orders.
    unsafe { env::set_var("SYNC_TEST_STORE", "1") };
    let loaded = ProviderLibrary::load(&library).expect("a provider");
    let host = Host::new(loaded, Profile::in_memory()).expect("a set of allocators");
    host.service(MSG_SERVICE_INSTALL, &[]).expect("INSTALL");
    host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    let store_path = folder.join("store.nst");
    let text = store_path.to_str().expect("UTF-8");
    let settings = [
        Property::with_id(PATH, text),
        Property::with_id(LABEL, "life"),
    ];
    host.service(MSG_SERVICE_CONFIGURE, &settings)
        .expect("CONFIGURE");

    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let second = provider.logon().expect("Logon");
    let identity = |store: &Store| store.interface().cast::<IUnknown>().expect("IUnknown");
    assert_eq!(identity(&store), identity(&second));
    assert!(second.logon().is_none());
    drop(second);

    let (done, told) = run(&host, &store);
    assert_eq!(done, Status(S_OK));
    assert!(told >= 1, "progress is shown");
    let subjects_now = subjects(&store);
    assert_eq!(subjects_now, ["life"]);
    // SAFETY: as above.
    unsafe { env::set_var("SYNC_TEST_STORE", "0") };
    assert_eq!(run(&host, &store).0, Status(S_OK));
    assert_eq!(subjects(&store), subjects_now, "nothing to do");

    let spooler = provider.spooler_logon().expect("SpoolerLogon");
    assert_eq!(run(&host, &spooler).0, Status(S_OK));
    drop(spooler);
    orders.change(Orders::until_cancelled());
    log_off_during_a_run(&host, &provider, store);
    drop(provider);
    host.service(MSG_SERVICE_DELETE, &[]).expect("DELETE");
    host.service(MSG_SERVICE_UNINSTALL, &[]).expect("UNINSTALL");
    host.finish().assert_clean();
    drop(orders);

    if cfg!(windows) {
        // The worker lets go of it after the event, in the step that ends its thread (SYNC-18).
        let begin = Instant::now();
        while is_loaded(&library) && begin.elapsed() < SOON {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(!is_loaded(&library), "nothing keeps the DLL");
    }
    assert!(store_path.is_file(), "the mail stays");
    // SAFETY: the library is ours.
    let exports = unsafe { libloading::Library::new(&library) }.expect("a library");
    call(&exports, "RemoveFromMAPISVC", &inf);
    assert_eq!(fs::read_to_string(&inf).expect("read"), INF);
}

#[test]
fn a_wrapped_store_lives_and_leaves_nothing() {
    let _alone = alone();
    inner();
    let folder = tempfile::tempdir().expect("a folder");
    let once = || {
        let life = folder.path().join("life");
        fs::create_dir(&life).expect("a folder");
        live(&life);
        fs::remove_dir_all(&life).expect("nothing is open in it");
    };
    // The first creates what is created once and stays.
    once();
    let (handles, threads) = (open_handles(), threads());
    once();
    once();
    assert_eq!(open_handles(), handles, "handles");
    assert_eq!(self::threads(), threads, "threads");
}

/// How many threads the process has, where the system tells.
fn threads() -> Option<usize> {
    // Only Linux has the folder; elsewhere, threads' handles count with all others.
    fs::read_dir("/proc/self/task").ok().map(Iterator::count)
}
