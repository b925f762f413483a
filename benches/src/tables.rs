//! Opening a large folder's contents table through a wrapped store, compared with the same without the
//! wrapper.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::error::Error;
use std::path::PathBuf;
use std::ptr;

use benches::measure::{Pair, Plan, Row, measure, timed};
use mapi_provider::abi::{
    ENTRYID, GetContentsTableFlags, IMAPIFolder, IMAPITable, IMsgStore, OpenEntryFlags, PR_PST_PATH,
};
use mapi_provider::store::{self, EntryId};
use mapi_provider_host::{Host, Profile, Property, ProviderLibrary, SectionUid, Value};
use windows_core::Interface;

/// How many messages the folder has.
const MESSAGES: u32 = 10_000;

/// PR_PROFILE_OFFLINE_STORE_PATH.
const OFFLINE_STORE_PATH: u16 = 0x6610;

/// For things that take microseconds.
const PLAN: Plan = Plan {
    warm_up: 10,
    rounds: 501,
    batch: 20,
};

/// Logs on to the simulated PST provider twice, once through the wrapper, fills a folder, and measures.
pub(crate) fn measure_table() -> Result<Row, Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let path = place.path().join("store.nst");
    let path = path
        .to_str()
        .ok_or("the folder for temporary files has no name in UTF-8")?;
    // Kept loaded, so the wrapper uses the same one and both see one store.
    let direct = host("mspst32", PR_PST_PATH.id(), path)?;
    let wrapped = host("wrapped_probe32", OFFLINE_STORE_PATH, path)?;
    let (direct_provider, wrapped_provider) = (direct.init()?, wrapped.init()?);
    let (direct_store, wrapped_store) = (direct_provider.logon()?, wrapped_provider.logon()?);
    let folder = fill(&direct_store.client())?;
    let (ours, other) = (wrapped_store.interface(), direct_store.interface());
    open(ours, &folder)?;
    open(other, &folder)?;
    let again = |store: &IMsgStore, times: u32| {
        for _ in 0..times {
            open(store, &folder).expect("it went well before");
        }
    };
    let pair = Pair {
        name: "contents table of 10,000 messages",
        bar: 1.05,
        ours: timed(|times| again(ours, times)),
        other: timed(|times| again(other, times)),
    };
    let row = measure(pair, PLAN);
    wrapped_store.logoff();
    direct_store.logoff();
    wrapped_provider.shutdown()?;
    direct_provider.shutdown()?;
    Ok(row)
}

/// A host for a provider that cargo has built for this program.
fn host(library: &str, id: u16, path: &str) -> Result<Host, Box<dyn Error>> {
    let profile = Profile::in_memory();
    let path = Property::with_id(id, Value::from(path));
    profile.set(SectionUid::PROVIDER, path)?;
    Ok(Host::new(ProviderLibrary::load(built(library)?)?, profile)?)
}

fn built(library: &str) -> Result<PathBuf, Box<dyn Error>> {
    let program = env::current_exe()?;
    let folder = program.parent().ok_or("the program is nowhere")?;
    Ok(folder.join(format!("deps/{DLL_PREFIX}{library}{DLL_SUFFIX}")))
}

/// Makes the folder and its messages.
fn fill(store: &store::Store) -> Result<EntryId, Box<dyn Error>> {
    let folder = store.ipm_subtree()?.open_or_create_folder("Large")?;
    for number in 0..MESSAGES {
        let message = folder.create_message()?;
        message.set_subject(&format!("Message {number}"))?;
        message.save()?;
    }
    Ok(folder.entry_id()?)
}

/// Opens the folder and its contents table, and releases them.
fn open(store: &IMsgStore, folder: &EntryId) -> windows_core::Result<()> {
    let bytes = folder.as_bytes();
    let (mut kind, mut object, mut table) = (0, ptr::null_mut(), ptr::null_mut());
    // SAFETY: live variables; what comes is a folder and a table, counted.
    unsafe {
        let entry_id = bytes.as_ptr().cast::<ENTRYID>().cast_mut();
        let flags = OpenEntryFlags::empty();
        let count = bytes.len() as u32;
        store
            .OpenEntry(
                count,
                entry_id,
                ptr::null(),
                flags,
                &raw mut kind,
                &raw mut object,
            )
            .ok()?;
        let folder = IMAPIFolder::from_raw(object);
        folder
            .GetContentsTable(GetContentsTableFlags::empty(), &raw mut table)
            .ok()?;
        let table = IMAPITable::from_raw(table);
        let mut rows = 0;
        table.GetRowCount(0, &raw mut rows).ok()?;
        assert_eq!(rows, MESSAGES);
    }
    Ok(())
}
