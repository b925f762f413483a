//! The ranges of IDs (WRAP-06).

use mapi_provider_host::SyncRequest;

use crate::inner::Rig;
use crate::support::SOON;

/// The size of an OLFI.
const SIZE: usize = 80;

/// An OLFI as hexadecimal digits: version, how many are left, how many are next, and a byte of each GUID.
fn olfi(version: u32, left: u32, next: u32, guids: [u8; 2]) -> String {
    let mut bytes = [0_u8; SIZE];
    bytes[..4].copy_from_slice(&version.to_le_bytes());
    bytes[24..28].copy_from_slice(&left.to_le_bytes());
    bytes[28..32].copy_from_slice(&next.to_le_bytes());
    bytes[32] = guids[0];
    bytes[56] = guids[1];
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn writes(rig: &Rig) -> usize {
    rig.inner.lines("SetProps 1 7C070102 80").len()
}

#[test]
fn wrap_06_a_new_store_gets_its_ranges_once() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    drop(provider.logon().expect("Logon"));
    assert_eq!(writes(&rig), 1);
    // The inner provider keeps what was written: at the next logon there is nothing to do.
    drop(provider.logon().expect("Logon"));
    assert_eq!(writes(&rig), 1);
    drop(provider);
    rig.finish();
}

#[test]
fn wrap_06_ranges_in_use_are_left() {
    let rig = Rig::new();
    rig.inner.order(&format!("ids={}", olfi(1, 5, 7, [9, 8])));
    let provider = rig.host.init().expect("MSProviderInit");
    drop(provider.logon().expect("Logon"));
    assert_eq!(writes(&rig), 0);
    drop(provider);
    rig.finish();
}

#[test]
fn wrap_06_another_version_is_left() {
    let rig = Rig::new();
    rig.inner.order(&format!("ids={}", olfi(2, 0, 0, [0, 0])));
    let provider = rig.host.init().expect("MSProviderInit");
    drop(provider.logon().expect("Logon"));
    assert_eq!(writes(&rig), 0);
    drop(provider);
    rig.finish();
}

#[test]
fn wrap_06_a_next_range_that_was_taken_is_filled_before_a_run() {
    let rig = Rig::new();
    rig.inner.order(&format!("ids={}", olfi(1, 5, 7, [9, 8])));
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    for (taken, expected) in [(false, 0), (true, 1), (false, 1)] {
        if taken {
            rig.inner.order(&format!("ids={}", olfi(1, 7, 0, [8, 0])));
        }
        let run = store.synchronize(&SyncRequest::default());
        assert!(run.started().expect("accepted").wait(SOON));
        assert_eq!(writes(&rig), expected);
    }
    drop((store, provider));
    rig.finish();
}
