//! Whatever is done, in whatever order: a search folder has the messages that restricted tables of its folders show.

use crate::object_support;
use crate::search_stage;
use std::collections::BTreeSet;
use std::sync::Arc;

use mapi_provider::abi::*;
use mapi_provider::store::EntryId;
use mapi_provider::view::{BitTest, PropValue, Property, RelOp, Restriction};
use mapi_provider_mailbox::database::{
    self, FolderId, FolderKind, MessageData, MessageId, NewFolder, PropertySet, Recipient, Save,
    Special,
};
use object_support::*;
use search_stage::*;

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below.max(1)
    }
}

fn restrictions() -> Vec<Restriction<'static>> {
    let unread = Restriction::BitMask {
        test: BitTest::AllClear,
        tag: PR_MESSAGE_FLAGS,
        mask: MessageFlags::READ.bits(),
    };
    let important = Restriction::property(RelOp::Ge, Property::new(PR_IMPORTANCE, 1));
    let to_ann = Restriction::Sub {
        object: PR_MESSAGE_RECIPIENTS,
        restriction: Box::new(Restriction::property(
            RelOp::Eq,
            Property::new(PR_DISPLAY_NAME_W, "Ann"),
        )),
    };
    let lies_in_a_box = Restriction::Content {
        fuzzy_level: FL_PREFIX,
        tag: PR_PARENT_DISPLAY_W,
        property: Property::new(PR_PARENT_DISPLAY_W, "Box"),
    };
    vec![
        contains("a"),
        Restriction::And(vec![unread.clone(), contains("b")]),
        Restriction::Or(vec![important, to_ann]),
        Restriction::Not(Box::new(contains("c"))),
        Restriction::And(vec![unread, lies_in_a_box]),
    ]
}

fn data(dice: &mut Dice) -> MessageData {
    let mut data = MessageData::default();
    let letters = ["a", "b", "c", "d"];
    let subject: String = (0..2).map(|_| letters[dice.roll(4)]).collect();
    data.props.set_tag(PR_SUBJECT_W, &*subject);
    data.props
        .set_tag(PR_IMPORTANCE, PropValue::Long(dice.roll(3) as i32));
    if dice.roll(3) == 0 {
        data.recipients.push(recipient("Ann"));
    }
    data
}

fn recipient(name: &str) -> Recipient {
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, name);
    Recipient {
        row: 0,
        props: Arc::new(props),
    }
}

/// Does something. Folders are made in `top`.
fn act(store: &database::Store, dice: &mut Dice, folders: &mut Vec<FolderId>) {
    let messages: Vec<MessageId> = store
        .read(|r| {
            let mut all = Vec::new();
            for folder in folders.iter() {
                all.extend(r.message_ids(*folder)?);
            }
            Ok(all)
        })
        .expect("read");
    let message = messages.get(dice.roll(messages.len())).copied();
    let folder = folders[dice.roll(folders.len())];
    let read = dice.roll(2) == 0;
    // What can't be done is not: a folder into itself, a name twice.
    match (dice.roll(12), message) {
        (0, Some(id)) => drop(store.write(|tx| tx.delete_messages(&[id]))),
        (1, Some(id)) => drop(store.write(|tx| tx.move_messages(&[id], folder))),
        (2, Some(id)) => drop(store.write(|tx| tx.copy_messages(&[id], folder))),
        (3, Some(id)) => drop(store.write(|tx| tx.set_read(&[id], read))),
        (4 | 5, Some(id)) => {
            let info = store.read(|r| r.existing_message(id)).expect("there");
            let data = data(dice);
            let base = Some(info.version);
            drop(store.write(|tx| tx.save_message(&as_saved(id, folder, base, false, &data))));
        }
        (6, _) => {
            let mut props = PropertySet::default();
            let name = format!("{} {}", ["Box", "Bag"][dice.roll(2)], dice.roll(5));
            props.set_tag(PR_DISPLAY_NAME_W, &*name);
            let new = NewFolder {
                parent: folder,
                kind: FolderKind::Generic,
                props: &props,
                open_existing: true,
            };
            let (made, is_new) = store.write(|tx| tx.create_folder(&new)).expect("made");
            folders.extend(is_new.then_some(made));
        }
        (7, _) => {
            let other = folders[dice.roll(folders.len())];
            drop(store.write(|tx| tx.move_folder(folder, other, None)));
        }
        (8, _) => {
            let name = format!("{} {}", ["Box", "Bag"][dice.roll(2)], dice.roll(50));
            drop(store.write(|tx| {
                tx.change_folder(folder, |props| {
                    props.set_tag(PR_DISPLAY_NAME_W, &*name);
                    Ok(())
                })
            }));
        }
        _ => {
            let id = store.reserve_message().expect("an ID");
            let data = data(dice);
            let save = as_saved(id, folder, None, read, &data);
            drop(store.write(|tx| tx.save_message(&save)).expect("saved"));
        }
    }
}

fn as_saved(
    id: MessageId,
    folder: FolderId,
    base: Option<database::Version>,
    read: bool,
    data: &MessageData,
) -> Save<'_> {
    Save {
        id,
        folder,
        associated: false,
        base,
        force: false,
        read,
        keep_time: false,
        data,
    }
}

fn entry(store: &database::Store, folder: FolderId) -> EntryId {
    let number = folder.number().to_le_bytes();
    EntryId::from([&[0; 4][..], &store.uid(), &[1, 1, 0, 0], &number].concat())
}

fn shown(session: &Session, table: &IMAPITable) -> BTreeSet<Vec<u8>> {
    let rows = query_all(session, table, &[PR_ENTRYID]);
    let id = |row: &mapi_provider::view::Row<'_>| {
        let value = row.get(PR_ENTRYID).and_then(PropValue::as_binary);
        value.expect("an ID").to_vec()
    };
    rows.iter().map(id).collect()
}

#[test]
fn store_42_and_store_15_a_search_has_what_restricted_tables_show() {
    for seed in [1, 99, 12_345] {
        let (session, store) = Session::in_memory();
        let mut dice = Dice(seed * 0x9E37_79B9 + 1);
        let (inside, outside) = (
            folder_id(&session.folder("Box in").entry_id().expect("an ID")),
            special(&store, Special::SentItems),
        );
        let mut folders = vec![inside, outside];
        let searches: Vec<SearchFolder<'_>> = (0..restrictions().len())
            .map(|number| SearchFolder::new(&session, &format!("Search {number}")))
            .collect();
        let tables: Vec<LiveTable<'_>> = searches.iter().map(SearchFolder::table).collect();
        let scope = [entry(&store, inside)];
        for step in 0..120 {
            // Searches begin while there is something, and something happens.
            if step % 20 == 5
                && let Some(search) = searches.get(step / 20)
            {
                let flags = SetSearchCriteriaFlags::RECURSIVE_SEARCH;
                let restriction = restrictions().swap_remove(step / 20);
                assert_eq!(search.set(Some(&restriction), Some(&scope), flags), S_OK);
            }
            act(&store, &mut dice, &mut folders);
        }
        // What comes last is known last.
        let mut last = data(&mut dice);
        last.props.set_tag(PR_SUBJECT_W, "ab, the last");
        last.recipients = vec![recipient("Ann")];
        let last = entry_id(&store, save(&store, inside, &last));
        store
            .write(|tx| {
                tx.change_folder(inside, |props| {
                    props.set_tag(PR_DISPLAY_NAME_W, "Box of the end");
                    Ok(())
                })
            })
            .expect("renamed");
        let within = store
            .read(|r| r.folders_within(&[inside], true))
            .expect("read");
        for ((search, table), restriction) in searches.iter().zip(&tables).zip(restrictions()) {
            let mut expected = BTreeSet::new();
            for folder in &within {
                // Only a search folder tells the names of folders: there the row is asked instead.
                let name = store
                    .read(|r| r.existing_folder(*folder))
                    .expect("there")
                    .name;
                let restriction = without_names(&restriction, &name);
                let plain = contents(&raw_folder(&session, &entry(&store, *folder)));
                assert_eq!(restrict(&session, &plain, &restriction), S_OK);
                expected.extend(shown(&session, &plain));
            }
            assert!(expected.contains(&last));
            table.until_all(|| {
                let id = folder_id(&search.id);
                let progress = store.read(|r| r.search_progress(id)).expect("read");
                let is_done = progress.expect("there").phase == database::Phase::Following;
                is_done && shown(&session, &table.table) == expected
            });
        }
        assert_eq!(
            store.check().expect("readable").problems,
            Vec::<String>::new()
        );
        drop((searches, tables));
        session.close();
    }
}

/// A restriction as it holds in a folder of a name.
fn without_names(restriction: &Restriction<'static>, name: &str) -> Restriction<'static> {
    match restriction {
        Restriction::And(parts) => {
            let part = |part| without_names(part, name);
            Restriction::And(parts.iter().map(part).collect())
        }
        Restriction::Content { tag, .. } if *tag == PR_PARENT_DISPLAY_W => {
            // None of nothing is always true, one of nothing never.
            match name.starts_with("Box") {
                true => Restriction::And(vec![]),
                false => Restriction::Or(vec![]),
            }
        }
        other => other.clone(),
    }
}
