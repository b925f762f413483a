//! A store is filled from PST files: real ones, if they are beside the checkout or `MAPI_PST_FILES` names their
//! folder.
#![cfg(feature = "pst")]
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "the allocators are the host's own, and live as long as it"
)]

mod made_pst;

use std::fs;
use std::path::{Path, PathBuf};

use made_pst::{MadePst, Value, wide};
use mapi_provider::abi::{
    PR_BODY_W, PR_DEPTH, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_HTML, PR_MESSAGE_CLASS_W, PR_PST_PATH,
    PR_RTF_COMPRESSED, PR_SUBJECT_W,
};
use mapi_provider::store::{Folder, Message, Store};
use mapi_provider::view::Allocators;
use mapi_provider_host::pst_file::{FillError, Filled, fill};
use mapi_provider_host::{Host, Profile, Property, ProviderLibrary, SectionUid};

/// The PST files to read; none if there are none.
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
        assert_eq!(
            (result.skipped.as_slice(), result.more_skipped),
            (&[][..], 0)
        );
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
                let contacts = folders.find(|folder| folder.starts_with("0 Contacts"));
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

const SUBJECT: u16 = 0x0037;
const SUBJECT_COLUMN: [(u16, u16); 1] = [(SUBJECT, 0x001F)];

/// A row of a table of folders or messages.
fn row(id: u32, name: &'static str) -> (u32, Vec<Option<Value>>) {
    (id, vec![Some(Value::Text(name))])
}

/// A file with an inbox of three messages: one with everything a message may have, one with nothing, and one that
/// only the list names. Folders lie in one another in a circle.
fn made(word: usize, free: u16) -> Vec<u8> {
    let mut pst = MadePst::new(word, free);
    let (top, inbox) = (0x2002, 0x2022);
    let id = [&[0; 20][..], &u32::to_le_bytes(top)].concat();
    let store = pst.properties(&[(0x35E0, Value::Bytes(id))]);
    pst.node(0x21, store, 0);
    for (folder, name, below) in [(top, "Top", inbox), (inbox, "Inbox", top)] {
        let properties = pst.properties(&[(0x3001, Value::Text(name))]);
        pst.node(folder, properties, 0);
        let below = pst.table(&[(0x3001, 0x001F)], &[row(below, "Inbox")]);
        pst.node(folder & !0x1F | 0x0D, below, 0);
    }
    let all = [
        row(0x4004, "\u{1}\u{5}RE: Lunch"),
        row(0x4024, "Bare"),
        row(0x4044, "Gone"),
    ];
    let all = pst.table(&SUBJECT_COLUMN, &all);
    pst.node(inbox & !0x1F | 0x0E, all, 0);
    let bare = pst.properties(&[(SUBJECT, Value::Text("Bare"))]);
    pst.node(0x4024, bare, 0);

    // Within the message: a body that is too long for a block, two recipients, a file, and a message.
    let body = pst.data(&wide(&"Noon? ".repeat(2000)));
    let columns = [(0x3001, 0x001F), (0x0C15, 0x0003), (0x3003, 0x001F)];
    let recipient = |id, name| {
        let address = Some(Value::Text("a@example.org"));
        (
            id,
            vec![Some(Value::Text(name)), Some(Value::Long(2)), address],
        )
    };
    let recipients = pst.table(&columns, &[recipient(1, "Ada"), recipient(2, "Bob")]);
    let file = pst.properties(&[
        (0x3701, Value::Bytes(b"plan".to_vec())),
        (0x3705, Value::Long(1)),
        (0x3707, Value::Text("plan.txt")),
    ]);
    let inner = pst.properties(&[(SUBJECT, Value::Text("Inner"))]);
    let inner_file = pst.properties(&[
        (0x3701, Value::Bytes(b"deep".to_vec())),
        (0x3705, Value::Long(1)),
    ]);
    let inner_list = pst.table(&[(0x3705, 0x0003)], &[(0x8045, vec![None])]);
    let in_inner = pst.within(&[(0x671, inner_list, 0), (0x8045, inner_file, 0)]);
    let in_attachment = pst.within(&[(0x9004, inner, in_inner)]);
    let attached = pst.properties(&[
        (0x3001, Value::Text("Inner")),
        // What comes after an object is read, too.
        (0x3701, Value::Object(0x9004)),
        (0x3705, Value::Long(5)),
    ]);
    let list = [(0x8005, vec![Some(Value::Long(1))]), (0x8025, vec![None])];
    let list = pst.table(&[(0x3705, 0x0003)], &list);
    let within = pst.within(&[
        (0x671, list, 0),
        (0x692, recipients, 0),
        (0x8005, file, 0),
        (0x8025, attached, in_attachment),
        (0xA01F, body, 0),
    ]);
    let message = pst.properties(&[
        (SUBJECT, Value::Text("\u{1}\u{5}RE: Lunch")),
        (0x1000, Value::Within(0x001F, 0xA01F)),
    ]);
    pst.node(0x4004, message, within);
    pst.finish()
}

/// Fills a store from these bytes.
fn filled_from(bytes: &[u8], look: impl FnOnce(&Store)) -> Result<Filled, FillError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.pst");
    fs::write(&path, bytes).expect("written");
    filled(&path, look)
}

#[test]
fn all_that_a_file_has_is_in_the_store() {
    // Both formats, and whatever the heaps say is free, because real files say either.
    for (word, free) in [(8, 0), (8, 1), (4, 0), (4, 7)] {
        let mut found = Content::default();
        let mut texts = Vec::new();
        let result = filled_from(&made(word, free), |store| {
            found = content(store);
            let subtree = store.ipm_subtree().expect("there");
            let inbox = subtree.open_or_create_folder("Inbox").expect("there");
            for row in inbox
                .messages()
                .columns(&[PR_ENTRYID])
                .rows()
                .expect("a table")
            {
                let id = row.expect("a row").entry_id().expect("an ID");
                let message = store.open_message(&id).expect("opens");
                let text = |tag| message.text(tag).expect("readable").unwrap_or_default();
                texts.push((text(PR_SUBJECT_W), text(PR_BODY_W).len()));
            }
        });
        let result = result.unwrap_or_else(|error| panic!("{word} {free}: {error}"));
        assert_eq!(
            (result.folders, result.messages, result.attachments),
            (2, 3, 3)
        );
        assert_eq!(
            (found.bodies, found.with_recipients, found.attachments),
            (1, 1, 3)
        );
        assert_eq!(found.inner, ["Inner"]);
        texts.sort();
        let expected = [("Bare", 0), ("Gone", 0), ("RE: Lunch", 12_000)];
        assert_eq!(
            texts,
            expected.map(|(text, length)| (text.to_owned(), length))
        );
        let skipped: Vec<&str> = result.skipped.iter().map(|what| what.raw()).collect();
        assert_eq!(
            skipped,
            [
                "Inbox, “Gone”: everything that lists don't show: the file is damaged: there is no node 0x4044",
                "Inbox, Inbox: a folder: it is inside itself",
            ]
        );
    }
}

#[test]
fn what_is_damaged_is_left_out_alone_and_told() {
    let mut bytes = made(8, 0);
    let body = wide("Noon? Noon? ");
    let place = bytes.windows(body.len()).position(|part| part == body);
    bytes[place.expect("it is not encoded")] ^= 1;
    let mut found = Content::default();
    let result = filled_from(&bytes, |store| found = content(store)).expect("the rest");
    assert_eq!(
        (result.messages, found.bodies, found.attachments),
        (3, 0, 3)
    );
    let told = "Inbox, “RE: Lunch”: the property 0x1000: the file is damaged: block ";
    assert!(
        result
            .skipped
            .iter()
            .any(|what| what.raw().starts_with(told)),
        "{:?}",
        result.skipped
    );
}

#[test]
fn of_very_much_that_is_left_out_the_first_is_named_and_the_rest_counted() {
    let mut pst = MadePst::new(8, 0);
    let (top, message) = (0x2002, 0x4004);
    let id = [&[0; 20][..], &u32::to_le_bytes(top)].concat();
    let store = pst.properties(&[(0x35E0, Value::Bytes(id))]);
    pst.node(0x21, store, 0);
    let properties = pst.properties(&[(0x3001, Value::Text("Top"))]);
    pst.node(top, properties, 0);
    let list = pst.table(&SUBJECT_COLUMN, &[row(message, "Lunch")]);
    pst.node(top & !0x1F | 0x0E, list, 0);
    // Each of these values lies in a node that isn't there.
    let missing = |number: u16| (0x6000 + number, Value::Within(0x001F, 0xA01F));
    let missing: Vec<_> = (0..300).map(missing).collect();
    let properties = pst.properties(&missing);
    pst.node(message, properties, 0);

    let result = filled_from(&pst.finish(), |_| ()).expect("the rest");
    assert_eq!((result.skipped.len(), result.more_skipped), (100, 200));
    let last = result.skipped.last().map_or("", |what| what.raw());
    let expected = "“Lunch”: the property 0x6063: the file is damaged";
    assert!(last.starts_with(expected), "{last}");
}

#[test]
fn a_file_of_ours_may_be_damaged_anywhere() {
    let whole = made(8, 0);
    let mut read = 0;
    // Every few bytes in turn: no value of any of them causes a panic, a hang or a broken store.
    for place in (0..whole.len()).step_by(197) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xFF;
        if let Ok(filled) = filled_from(&bytes, |_| ()) {
            read += usize::from(filled.messages > 0);
        }
    }
    assert!(read > 0, "much of it says nothing");
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
    // Changed bytes all over the file.
    let changed = (0..8_usize).map(|first| {
        let mut bytes = whole.clone();
        let places = (first * 97..bytes.len()).step_by(4099);
        places.for_each(|place| bytes[place] ^= 0x55);
        bytes
    });
    for bytes in cut_off.chain(changed) {
        fs::write(&damaged, &bytes).expect("written");
        // In either case, nothing is left behind and the store still works.
        if let Err(error) = filled(&damaged, |store| drop(store.root().expect("there"))) {
            assert!(error.to_string().contains("damaged.pst"), "{error}");
        }
    }
}
