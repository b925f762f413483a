//! The service in `mapisvc.inf`.

use mapi_provider::install::Registration;
use several_probe32::PROVIDER;

const BEFORE: &[u8] =
    b"[Services]\r\nMSPST MS=Outlook Data File\r\n\r\n[MSPST MS]\r\nProviders=MSPST MSP\r\n";

#[test]
fn a_service_with_two_providers_is_merged_once_and_taken_out_again() {
    let ours = Registration::new(PROVIDER.manifest.inf);
    let merged = ours.merge(BEFORE).expect("merged").text;
    let text = String::from_utf8_lossy(&merged).into_owned();
    for line in [
        "several_probe=Several Probe\r\n",
        "[several_probe]\r\n",
        "Providers=several_probe_store, several_probe_transport\r\n",
        "PR_RESOURCE_FLAGS=SERVICE_SINGLE_COPY|SERVICE_PRIMARY_IDENTITY\r\n",
        "[several_probe_store]\r\n",
        "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\r\n",
        "PR_RESOURCE_FLAGS=STATUS_NO_PRIMARY_IDENTITY\r\n",
        "[several_probe_transport]\r\n",
        "PR_RESOURCE_TYPE=MAPI_TRANSPORT_PROVIDER\r\n",
        "PR_RESOURCE_FLAGS=STATUS_PRIMARY_IDENTITY\r\n",
        "PR_SERVICE_ENTRY_NAME=ServiceEntry\r\n",
        // The default of the shared setting is the service's.
        "6601001E=probe\r\n",
    ] {
        assert_eq!(text.matches(line).count(), 1, "{line:?} in {text}");
    }
    assert_eq!(ours.merge(&merged).expect("merged").changes, []);
    assert_eq!(ours.remove(&merged).expect("removed").text, BEFORE);
}
