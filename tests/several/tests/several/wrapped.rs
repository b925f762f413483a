//! A wrapped store beside a transport, around the simulated PST provider.

use mapi_provider::abi::{PR_MDB_PROVIDER, S_OK};
use mapi_provider_host::Status;

use crate::logic::opened;
use crate::logic::wrapped::PROVIDER;
use crate::rig::{CURSOR, SERVER, STORE_PATH, configure, created, message, run, with};

/// The profile property with a wrapped store's own uid.
const OWN_UID: u16 = 0x67E1;

#[test]
fn entry_15_a_wrapped_store_and_a_transport_share_their_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("store.nst");
    let host = created(&PROVIDER);
    configure(&host, "mail.example.org", file.to_str().expect("Unicode"));
    assert_eq!(with(&host, SERVER), [true, false, false]);
    // The PST provider looks for its own in the service's section, MAPI in the store's; nothing of it is the transport's.
    for of_store in [STORE_PATH, OWN_UID, PR_MDB_PROVIDER.id()] {
        assert_eq!(with(&host, of_store), [true, true, false], "{of_store:04X}");
    }
    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let transport = host.init_transport().expect("XPProviderInit");
    let spooler = transport.logon().expect("TransportLogon");
    let expected = [
        "store: mail.example.org, none",
        "transport: mail.example.org, none",
    ];
    assert_eq!(opened(), expected);
    let sent = message(&spooler);
    assert_eq!(run(&host, &store), Status(S_OK));
    assert_eq!(spooler.submit(&sent).status, S_OK);
    assert_eq!(with(&host, CURSOR), [false, true, false]);
    drop((sent, spooler, transport, store, provider));
    host.finish().assert_clean();
}
