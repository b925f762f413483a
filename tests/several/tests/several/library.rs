//! The DLL: both entry points once each, and one module behind them.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;

use mapi_provider::abi::{MSG_SERVICE_CREATE, S_OK};
use mapi_provider_host::{Host, Profile, ProviderLibrary, Status};

use crate::rig::{message, run};

/// Cargo has put it beside this program.
fn library() -> PathBuf {
    let program = env::current_exe().expect("a test knows where it is");
    program.with_file_name(format!("{DLL_PREFIX}several_probe32{DLL_SUFFIX}"))
}

#[test]
fn entry_15_a_store_and_a_transport_work_through_one_library() {
    let folder = tempfile::tempdir().expect("a folder");
    // SAFETY: no other test of this program reads the variable.
    unsafe { env::set_var("STORE_TEST_DIR", folder.path()) };
    let library = ProviderLibrary::load(library()).expect("a provider");
    assert!(library.has_several() && !library.is_transport());
    let host = Host::new(library, Profile::in_memory()).expect("a host");
    host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let transport = host.init_transport().expect("XPProviderInit");
    let spooler = transport.logon().expect("TransportLogon");
    let sent = message(&spooler);
    for _ in 0..2 {
        assert_eq!(run(&host, &store), Status(S_OK));
    }
    assert_eq!(spooler.submit(&sent).status, S_OK);
    // One goes, and the other is as before.
    drop((sent, spooler, transport));
    assert_eq!(run(&host, &store), Status(S_OK));
    drop((store, provider));
    host.finish().assert_clean();
}
