//! The entry points and the provider object (ENTRY-01 to ENTRY-03, ENTRY-08, ENTRY-10).

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    CURRENT_SPI_VERSION, HRESULT, IMAPIProviderShutdown, MAPI_E_INVALID_PARAMETER,
    MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, MAPI_E_VERSION, MAPI_NT_SERVICE,
    MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, MSGSERVICEENTRY, MSPROVIDERINIT, S_OK,
    SERVICE_UI_ALLOWED,
};
use mapi_provider_host::{
    Host, InitOptions, Profile, ProgressCallback, ProviderLibrary, SectionUid, ServiceCall, Status,
    SyncRequest, Value, count,
};
use windows_core::{IUnknown, Interface};

use crate::support::script::{CURSOR_TAG, Script, Variant};
use crate::support::{Gate, Orders, SOON, contract_tests, library_path, wait_for_call};

/// What MSProviderInit is given.
struct Init<'a> {
    host: &'a Host,
    version: u32,
    malloc: *mut c_void,
    allocators: bool,
}

impl Init<'_> {
    /// Calls it with these places for version and object.
    fn call(&self, version: *mut u32, provider: *mut *mut c_void) -> HRESULT {
        let allocators = self.host.allocators();
        let init = self.host.library().store_init().expect("a store");
        // SAFETY: what MAPI gives, or leaves out.
        unsafe {
            init(
                ptr::null_mut(),
                self.malloc,
                self.allocators.then(|| allocators.allocate_buffer()),
                Some(allocators.allocate_more()),
                Some(allocators.free_buffer()),
                0,
                self.version,
                version,
                provider,
            )
        }
    }
}

fn init(host: &Host) -> Init<'_> {
    Init {
        host,
        version: CURRENT_SPI_VERSION,
        malloc: ptr::null_mut(),
        allocators: true,
    }
}

#[test]
fn entry_01_the_types_of_the_entry_points_are_mapis() {
    // cdecl and stdcall are different types if they are different conventions.
    let _: MSPROVIDERINIT = probe32::MSProviderInit;
    let _: MSGSERVICEENTRY = probe32::ServiceEntry;
    let init: unsafe extern "C" fn(_, _, _, _, _, _, _, _, _) -> HRESULT = probe32::MSProviderInit;
    let entry: unsafe extern "system" fn(_, _, _, _, _, _, _, _, _, _) -> HRESULT =
        probe32::ServiceEntry;
    assert!(init as usize != 0 && entry as usize != 0);
}

#[test]
fn entry_01_the_exports_have_their_plain_names() {
    let library = ProviderLibrary::load(library_path()).expect("MSProviderInit is exported");
    assert!(
        library.service_entry().is_some(),
        "ServiceEntry is exported"
    );
    let manifest = library
        .manifest()
        .expect("MapiProviderManifest is exported");
    assert!(manifest.contains("Sync Probe"));
}

#[test]
fn entry_08_nothing_that_shows_a_window_is_linked() {
    let bytes = std::fs::read(library_path()).expect("the probe");
    let lower: Vec<u8> = bytes.iter().map(u8::to_ascii_lowercase).collect();
    // A library contains the names of the modules and functions that it needs. `user32`
    // itself is needed, because a waiting thread answers messages sent to it (SYNC-16). So is the box in which
    // `rundll32` shows the error of an export that MAPI never calls: `cargo test -p xtask` sees that nobody else uses it.
    for name in [
        "comctl32.dll",
        "comdlg32.dll",
        "libx11",
        "taskdialog",
        "dialogbox",
        "createdialog",
        "createwindow",
        "showwindow",
    ] {
        assert!(
            !lower
                .windows(name.len())
                .any(|window| window == name.as_bytes()),
            "{name}"
        );
    }
}

contract_tests! {
    fn entry_02_null_outs_are_refused_and_the_version_is_told(backend) {
        let host = Host::new(backend.provider(), Profile::in_memory()).expect("allocators");
        let rubbish = ptr::without_provenance_mut(usize::MAX);
        let (mut version, mut provider) = (0, rubbish);
        assert_eq!(init(&host).call(&raw mut version, ptr::null_mut()), MAPI_E_INVALID_PARAMETER);
        assert_eq!(version, CURRENT_SPI_VERSION, "without a place for the object too");
        assert_eq!(init(&host).call(ptr::null_mut(), &raw mut provider), MAPI_E_INVALID_PARAMETER);
        assert_eq!(provider, ptr::null_mut());
        assert_eq!(init(&host).call(ptr::null_mut(), ptr::null_mut()), MAPI_E_INVALID_PARAMETER);
        host.finish().assert_clean();
    }

    fn entry_02_a_host_that_is_too_old_is_refused(backend) {
        let host = Host::new(backend.provider(), Profile::in_memory()).expect("allocators");
        for old in [0, 1, 0x0001_0000, CURRENT_SPI_VERSION - 1] {
            let (mut version, mut provider) = (0, ptr::without_provenance_mut(usize::MAX));
            let result = Init { version: old, ..init(&host) }.call(&raw mut version, &raw mut provider);
            assert_eq!((result, version), (MAPI_E_VERSION, CURRENT_SPI_VERSION), "{old:08X}");
            assert_eq!(provider, ptr::null_mut());
        }
        for new in [CURRENT_SPI_VERSION, CURRENT_SPI_VERSION + 1, 0x0002_0000, u32::MAX] {
            let options = InitOptions { version: new, ..InitOptions::default() };
            drop(host.init_with(options).expect("a newer host is welcome"));
        }
        host.finish().assert_clean();
    }

    fn entry_03_each_call_makes_an_object(backend) {
        let host = Host::new(backend.provider(), Profile::in_memory()).expect("allocators");
        let (first, second) = (host.init().expect("MSProviderInit"), host.init().expect("MSProviderInit"));
        assert_ne!(first.interface().as_raw(), second.interface().as_raw());
        // Each has its own stores.
        let (a, b) = (first.logon().expect("Logon"), second.logon().expect("Logon"));
        assert_ne!(a.interface().as_raw(), b.interface().as_raw());
        assert!(b.logon().is_some());
        drop((a, b, first, second));
        host.finish().assert_clean();
    }

    fn entry_03_each_object_keeps_its_allocators(backend) {
        let open = || {
            let host = Host::new(backend.provider(), Profile::in_memory()).expect("allocators");
            let provider = host.init().expect("MSProviderInit");
            let store = provider.logon().expect("Logon");
            (store, provider, host)
        };
        let rigs = [open(), open()];
        let before = rigs.each_ref().map(|(_, _, host)| host.allocators().requests());
        rigs[1].0.properties(&[]).expect("GetProps");
        let after = rigs.each_ref().map(|(_, _, host)| host.allocators().requests());
        assert_eq!(after[0], before[0], "memory comes from the other one's allocators");
        assert!(after[1] > before[1]);
        for (store, provider, host) in rigs {
            drop((store, provider));
            host.finish().assert_clean();
        }
    }

    fn entry_03_the_allocators_are_required_and_malloc_is_not_kept(backend) {
        let host = Host::new(backend.provider(), Profile::in_memory()).expect("allocators");
        let (mut version, mut provider) = (0, ptr::without_provenance_mut(usize::MAX));
        let without = Init { allocators: false, ..init(&host) };
        assert_eq!(without.call(&raw mut version, &raw mut provider), MAPI_E_INVALID_PARAMETER);
        assert_eq!(provider, ptr::null_mut());
        // An object as lpMalloc: whoever kept it would count it.
        let malloc = ProgressCallback::recording();
        let unknown = malloc.to_unknown();
        let with = Init { malloc: unknown.as_raw(), ..init(&host) };
        assert_eq!(with.call(&raw mut version, &raw mut provider), S_OK);
        // SAFETY: the provider's object, whose reference is ours.
        let provider = unsafe { IUnknown::from_raw(provider) };
        assert_eq!(count(&unknown), 2, "kept or not: not counted");
        drop(malloc);
        drop(unknown);
        drop(provider);
        host.finish().assert_clean();
    }

    fn entry_08_a_service_gets_answers_and_no_questions(backend) {
        let rig = backend.rig(Orders::steps(1));
        let options = InitOptions { flags: MAPI_NT_SERVICE, ..InitOptions::default() };
        let provider = rig.host.init_with(options).expect("MSProviderInit");
        // All that could ask somebody something answers instead.
        drop(provider.logon().expect("Logon"));
        provider.shutdown().expect("Shutdown");
        drop(provider);
        rig.finish();
    }

    fn entry_10_fast_shutdown_is_answered_on_the_provider_object(backend) {
        let rig = backend.rig(Orders::until_cancelled());
        let shutdown: IMAPIProviderShutdown = rig.provider.interface().cast().expect("it is answered");
        let callback = rig.callback();
        let run = rig.ask(&callback);
        wait_for_call(&callback);
        // SAFETY: calls without pointers.
        unsafe {
            assert_eq!(shutdown.QueryFastShutdown(), S_OK);
            assert_eq!(shutdown.NotifyProcessShutdown(), S_OK);
            assert_eq!(shutdown.DoFastShutdown(), S_OK);
        }
        assert_eq!(run.result(), Some(Status(MAPI_E_USER_CANCEL)));
        drop((shutdown, run, callback));
        rig.finish();
    }
}

#[test]
fn entry_08_missing_settings_are_told_even_where_a_window_is_allowed() {
    let host = Host::new(Variant::Merge.library(), Profile::in_memory()).expect("allocators");
    host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    let call = ServiceCall {
        flags: SERVICE_UI_ALLOWED,
        ..ServiceCall::new(MSG_SERVICE_CONFIGURE)
    };
    assert_eq!(
        host.service_with(&call).expect_err("missing").status,
        Status(MAPI_E_UNCONFIGURED)
    );
    let options = InitOptions {
        flags: MAPI_NT_SERVICE,
        ..InitOptions::default()
    };
    let provider = host.init_with(options).expect("MSProviderInit");
    assert_eq!(
        provider.logon().err().expect("missing").status,
        Status(MAPI_E_UNCONFIGURED)
    );
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn entry_10_a_run_that_is_shut_down_saves_its_place() {
    let arrived = Gate::default();
    arrived.open();
    let here = arrived.clone();
    let registered = Script::new(move |job| {
        assert_eq!(job.cursor(), None);
        here.pass();
        let cancelled = job.wait(SOON);
        job.save_cursor("as far as I came")?;
        cancelled
    })
    .register();
    let host = registered.host();
    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let callback = host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    arrived.wait_for_arrival();
    provider.fast_shutdown().expect("fast shutdown");
    // The process may end now.
    assert_eq!(run.result(), Some(Status(MAPI_E_USER_CANCEL)));
    let kept = host.profile().get(SectionUid::PROVIDER, CURSOR_TAG);
    assert_eq!(kept, Some(Value::Binary(b"as far as I came".to_vec())));
    drop((run, callback, store, provider));
    host.finish().assert_clean();
}
