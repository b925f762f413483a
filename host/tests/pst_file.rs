//! A store is filled from PST files: real ones, where they lie beside the checkout or `MAPI_PST_FILES` names
//! their folder.
#![cfg(feature = "pst")]
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "the allocators are the host's own, and live as long as it"
)]

use std::fs;
use std::path::{Path, PathBuf};

use mapi_provider::abi::{
    PR_BODY_W, PR_DEPTH, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_HTML, PR_MESSAGE_CLASS_W, PR_PST_PATH,
    PR_RTF_COMPRESSED, PR_SUBJECT_W,
};
use mapi_provider::store::{Folder, Message, Store};
use mapi_provider::view::Allocators;
use mapi_provider_host::pst_file::{FillError, Filled, fill};
use mapi_provider_host::{Host, Profile, Property, ProviderLibrary, SectionUid};

/// The PST files to be read; none where there are none.
fn files() -> Vec<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/pst");
    let folder = std::env::var_os("MAPI_PST_FILES").map_or_else(|| beside.into(), PathBuf::from);
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "pst"));
    files.sort();
    if files.is_empty() {
        eprintln!("skipped: there are no PST files in {}", folder.display());
    }
    files
}

/// Fills a new store from a file, and looks at it.
fn filled(path: &Path, look: impl FnOnce(&Store)) -> Result<Filled, FillError> {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = Profile::in_memory();
    let place = folder.path().join("filled.ost");
    let place = Property::with_id(PR_PST_PATH.id(), &*place.to_string_lossy());
    profile.set(SectionUid::PROVIDER, place).expect("in memory");
    let library =
        ProviderLibrary::from_functions(mspst32::MSProviderInit, Some(mspst32::ServiceEntry));
    let host = Host::new(library, profile).expect("a host");
    let provider = host.init().expect("a provider");
    let store = provider.logon().expect("a logon");
    let memory = host.allocators();
    let allocators = unsafe {
        Allocators::new(
            Some(memory.allocate_buffer()),
            Some(memory.allocate_more()),
            Some(memory.free_buffer()),
        )
    };
    let allocators = allocators.expect("all three");
    let result = fill(store.interface(), allocators, path);
    look(&Store::from_interface(
        store.interface().clone(),
        allocators,
    ));
    store.logoff();
    provider.shutdown().expect("a shutdown");
    drop(provider);
    host.finish().assert_clean();
    result
}

fn tree(store: &Store) -> Vec<String> {
    let subtree = store.ipm_subtree().expect("there");
    let rows = subtree
        .all_folders()
        .columns(&[PR_DISPLAY_NAME_W, PR_DEPTH, PR_ENTRYID])
        .rows();
    let shown = |row: mapi_provider::store::Row| {
        let folder = store
            .open_folder(&row.entry_id().expect("an ID"))
            .expect("opens");
        format!(
            "{} {}: {} {}",
            row.long(PR_DEPTH).expect("a depth"),
            row.text(PR_DISPLAY_NAME_W).expect("a name"),
            folder.messages().count().expect("counted"),
            classes(&folder).join(" "),
        )
    };
    rows.expect("a table")
        .map(|row| shown(row.expect("a row")).trim_end().to_owned())
        .collect()
}

fn classes(folder: &Folder) -> Vec<String> {
    let rows = folder
        .messages()
        .columns(&[PR_MESSAGE_CLASS_W])
        .rows()
        .expect("a table");
    rows.map(|row| {
        row.expect("a row")
            .text(PR_MESSAGE_CLASS_W)
            .unwrap_or_default()
    })
    .collect()
}

/// How much is in the messages of a store.
#[derive(Debug, Default, PartialEq)]
struct Content {
    messages: usize,
    bodies: usize,
    with_recipients: usize,
    attachments: usize,
    /// Subjects of messages in attachments.
    inner: Vec<String>,
}

fn content(store: &Store) -> Content {
    let mut content = Content::default();
    let subtree = store.ipm_subtree().expect("there");
    let below = subtree.all_folders().columns(&[PR_ENTRYID]).rows();
    let below: Vec<Folder> = below
        .expect("a table")
        .map(|row| row.expect("a row").entry_id().expect("an ID"))
        .map(|id| store.open_folder(&id).expect("opens"))
        .collect();
    for folder in std::iter::once(&subtree).chain(&below) {
        let rows = folder.messages().columns(&[PR_ENTRYID]).rows();
        for row in rows.expect("a table") {
            let id = row.expect("a row").entry_id().expect("an ID");
            look_at(&store.open_message(&id).expect("opens"), &mut content);
            content.messages += 1;
        }
    }
    content
}

fn look_at(message: &Message, content: &mut Content) {
    let has = |tag| message.tags().expect("listed").contains(&tag);
    content.bodies += usize::from([PR_BODY_W, PR_HTML, PR_RTF_COMPRESSED].into_iter().any(has));
    let recipients = message.recipients().expect("listed");
    content.with_recipients += usize::from(!recipients.is_empty());
    for attachment in message.attachments().expect("listed") {
        content.attachments += 1;
        if let Some(inner) = attachment.message().expect("opens") {
            let subject = inner.text(PR_SUBJECT_W).expect("readable");
            content.inner.push(subject.unwrap_or_default());
            look_at(&inner, content);
        }
    }
}

#[test]
fn real_files_are_read_and_left_as_they_are() {
    for path in files() {
        let before = fs::read(&path).expect("readable");
        let (mut folders, mut found) = (Vec::new(), Content::default());
        let result = filled(&path, |store| {
            folders = tree(store);
            found = content(store);
        });
        let result = result.unwrap_or_else(|error| panic!("{error}"));
        eprintln!("{}: {result:?}\n{folders:#?}\n{found:?}", path.display());
        assert!(result.folders >= 1);
        assert_eq!(result.skipped, []);
        assert_eq!(result.attachments, found.attachments);
        assert_eq!(fs::read(&path).expect("readable"), before);
        let name = path.file_name().expect("a name").to_string_lossy();
        let inner: Vec<&str> = found.inner.iter().map(String::as_str).collect();
        let counts = (found.messages, found.bodies, found.with_recipients);
        match &*name {
            // Heaps whose `cFree` is 0.
            "enron.pst" => {
                assert_eq!((counts, found.attachments), ((71, 71, 71), 70));
            }
            // Messages in attachments.
            "submessage.pst" => assert_eq!(inner.len(), 1),
            "alpha-beta-gamma-delta.pst" => assert_eq!(inner, ["Beta", "Gamma", "Delta"]),
            // The list itself has nothing below its node.
            "dist-list.pst" => {
                assert_eq!((result.folders, found.messages, inner.len()), (13, 3, 2));
                let mut folders = folders.iter();
                let contacts = folders.find(|folder| folder.starts_with("1 Contacts"));
                let contacts = contacts.expect("a folder");
                assert!(contacts.contains("IPM.Contact") && contacts.contains("IPM.DistList"));
            }
            _ => {}
        }
    }
}

#[test]
fn what_was_filled_can_be_read_again() {
    let Some(path) = files()
        .into_iter()
        .find(|path| path.ends_with("dist-list.pst"))
    else {
        return;
    };
    let look = |store: &Store| {
        let subtree = store.ipm_subtree().expect("there");
        for row in subtree
            .all_folders()
            .columns(&[PR_ENTRYID])
            .rows()
            .expect("a table")
        {
            let id = row.expect("a row").entry_id().expect("an ID");
            let folder = store.open_folder(&id).expect("opens");
            for row in folder
                .messages()
                .columns(&[PR_ENTRYID])
                .rows()
                .expect("a table")
            {
                let id = row.expect("a row").entry_id().expect("an ID");
                let message = store.open_message(&id).expect("opens");
                let all = message.all().expect("readable");
                assert!(all.properties().len() > 10);
                let subject = message.text(PR_SUBJECT_W).expect("readable");
                assert!(!subject.unwrap_or_default().starts_with('\u{1}'));
            }
        }
    };
    filled(&path, look).expect("filled");
}

#[test]
fn what_is_no_pst_file_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.pst");
    let missing = filled(&path, |_| ()).expect_err("it is not there");
    assert!(matches!(missing, FillError::Read { .. }), "{missing}");
    let told = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("written");
        let error = filled(&path, |_| ()).expect_err("it is none");
        assert!(error.to_string().contains("x.pst"), "{error}");
        error
    };
    let ost = told(b"!BDN\0\0\0\0SO\x24\0 and then nothing of the kind");
    assert!(matches!(ost, FillError::Ost { .. }), "{ost}");
    assert!(ost.to_string().contains("is an OST file"), "{ost}");
    for none in [&b""[..], b"From: Ada", b"!BDN", b"!BDN\0\0\0\0AB\x0E\0"] {
        let error = told(none);
        assert!(matches!(error, FillError::NotPst { .. }), "{error}");
    }
    for damaged in [
        &b"!BDN\0\0\0\0SM"[..],
        b"!BDN\0\0\0\0SM\x17\0",
        b"!BDN\0\0\0\0SM\xFF\0",
    ] {
        let error = told(damaged);
        assert!(matches!(error, FillError::Read { .. }), "{error}");
    }
}

#[test]
fn a_damaged_file_is_an_error_or_read_in_part() {
    let Some(path) = files().pop() else {
        return;
    };
    let whole = fs::read(&path).expect("readable");
    let folder = tempfile::tempdir().expect("a folder");
    let damaged = folder.path().join("damaged.pst");
    let cut_off = (1..8).map(|part| whole[..whole.len() * part / 8].to_vec());
    // Bytes all over the file that are others.
    let changed = (0..8_usize).map(|first| {
        let mut bytes = whole.clone();
        let places = (first * 97..bytes.len()).step_by(4099);
        places.for_each(|place| bytes[place] ^= 0x55);
        bytes
    });
    for bytes in cut_off.chain(changed) {
        fs::write(&damaged, &bytes).expect("written");
        // Whichever of the two it is: nothing is left behind, and the store goes on.
        if let Err(error) = filled(&damaged, |store| drop(store.root().expect("there"))) {
            assert!(error.to_string().contains("damaged.pst"), "{error}");
        }
    }
}
