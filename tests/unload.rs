//! SYNC-18, `unload = "never"`: a thread that the logic left behind goes on harmlessly when the host lets
//! go of the library. (Only Windows shows what happens to the module with `"after-run"`: `tests/cpp`.)

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider_host::{Host, Profile, ProviderLibrary, SyncRequest};

/// The library is a dev-dependency, so cargo has put it beside this program.
fn library() -> std::path::PathBuf {
    let program = env::current_exe().expect("a test knows where it is");
    program.with_file_name(format!("{DLL_PREFIX}lingering32{DLL_SUFFIX}"))
}

#[test]
fn sync_18_a_thread_left_behind_goes_on() {
    type Ticks = unsafe extern "system" fn() -> u32;
    // SAFETY: the library is ours.
    let by_hand =
        unsafe { libloading::Library::new(library()) }.expect("built beside this program");
    // SAFETY: the type is the function's.
    let ticks = *unsafe { by_hand.get::<Ticks>(b"lingering_ticks\0") }.expect("exported");
    let loaded = ProviderLibrary::load(library()).expect("a provider");
    let host = Host::new(loaded, Profile::in_memory()).expect("a free place");
    let provider = host.init().expect("initialised");
    let store = provider.logon().expect("logged on");
    let run = store.synchronize(&SyncRequest::default());
    assert!(run.wait(Duration::from_secs(20)));
    drop((run, store, provider));
    // The references to the library that the host and this test have.
    host.finish().assert_clean();
    drop(by_hand);

    // SAFETY: the run has pinned the library. If it has not, this is where the process ends.
    let before = unsafe { ticks() };
    let deadline = Instant::now() + Duration::from_secs(20);
    // SAFETY: as above.
    while unsafe { ticks() } < before + 5 {
        assert!(Instant::now() < deadline, "the thread has stopped");
        thread::sleep(Duration::from_millis(5));
    }
}
