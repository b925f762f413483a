//! Logic that works with the store does so in both kinds: around the PST provider, and around the mailbox engine.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::sync::OnceLock;

use mapi_provider::abi::{PR_COMMENT_W, S_OK};
use mapi_provider::{SyncError, SyncJob};
use mapi_provider_host::Status;

use crate::rig::{Rig, names};
use crate::support::script::{Script, Variant};

/// The simulated PST provider, loaded for the life of the process, as in Outlook (WRAP-07).
fn load_pst_provider() {
    static INNER: OnceLock<libloading::Library> = OnceLock::new();
    let program = env::current_exe().expect("a test knows where it is");
    let file = program.with_file_name(format!("{DLL_PREFIX}mspst32{DLL_SUFFIX}"));
    // SAFETY: the library is ours.
    INNER.get_or_init(|| unsafe { libloading::Library::new(file) }.expect("cargo has built it"));
}

/// What the logic of a team does in a run, whatever keeps the mail.
fn tidy_up(job: &SyncJob) -> Result<(), SyncError> {
    let store = job.store()?;
    let archive = store.ipm_subtree()?.open_or_create_folder("Archive")?;
    let years = names(&archive)?;
    let year = archive.open_or_create_folder(&format!("Year {}", years.len() + 1))?;
    year.set(PR_COMMENT_W, format!("after {years:?}").as_str())?;
    job.save_cursor(years.len().to_string())
}

fn in_kind(variant: Variant) {
    let rig = Rig::of(variant, Script::new(tidy_up));
    let store = rig.provider.logon().expect("Logon");
    assert_eq!(rig.run(&store), Status(S_OK));
    assert_eq!(rig.run(&store), Status(S_OK));
    {
        let client = store.client();
        let top = client.ipm_subtree().expect("the subtree");
        let archive = top.folder("Archive").expect("a table").expect("made");
        let mut years = names(&archive).expect("a table");
        years.sort_unstable();
        assert_eq!(years, ["Year 1", "Year 2"]);
        let last = archive.folder("Year 2").expect("a table").expect("made");
        let comment = last.text(PR_COMMENT_W).expect("a comment");
        assert_eq!(comment.as_deref(), Some("after [\"Year 1\"]"));
    }
    store.logoff();
    rig.finish();
}

#[test]
fn the_same_logic_runs_around_the_pst_provider() {
    load_pst_provider();
    in_kind(Variant::Wrapped);
}

#[test]
fn the_same_logic_runs_around_the_mailbox_engine() {
    in_kind(Variant::Mailbox);
}
