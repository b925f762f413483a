//! What is done with very many messages is done in transactions of some hundred: nobody waits for all of it (STORE-33).

use crate::object_support;
use std::collections::BTreeMap;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::store::EntryId;
use mapi_provider::view::{self, EntryList, MapiBuffer};
use mapi_provider_mailbox::database::{self, FolderId, MessageData, MessageId, Save, What};
use object_support::*;

const COUNT: usize = 1_101;
/// What one transaction may do at most.
const MOST: usize = 500;

struct Stage {
    session: Session,
    store: database::Store,
    feed: database::Feed,
}

impl Stage {
    fn new() -> Self {
        let (session, store) = Session::in_memory();
        let feed = store.feed().expect("a feed");
        Self {
            session,
            store,
            feed,
        }
    }

    /// A folder with very many messages, and its number.
    fn folder(&self, name: &str, count: usize) -> (IMAPIFolder, FolderId) {
        let folder = self.session.raw_folder(name);
        let id = folder_id(&entry_id_of(&self.session, &folder).into());
        self.fill(id, count);
        (folder, id)
    }

    fn fill(&self, folder: FolderId, count: usize) {
        let mut data = MessageData::default();
        data.props.set_tag(PR_SUBJECT_W, "one of many");
        let fill = self.store.write(|tx| {
            for _ in 0..count {
                tx.save_message(&Save {
                    id: tx.new_message_id(),
                    folder,
                    associated: false,
                    base: None,
                    force: false,
                    read: false,
                    keep_time: false,
                    data: &data,
                })?;
            }
            Ok(())
        });
        fill.expect("filled");
    }

    fn messages(&self, folder: FolderId) -> Vec<MessageId> {
        let ids = self.store.read(|reader| reader.message_ids(folder));
        ids.expect("read")
    }

    fn list(&self, messages: &[MessageId]) -> MapiBuffer<SBinaryArray> {
        let id = |id: &MessageId| EntryId::from(entry_id(&self.store, *id));
        let ids: Vec<view::EntryId<'_>> = messages.iter().map(id).collect();
        let list = self.session.allocators().build(&EntryList(ids));
        list.expect("memory")
    }

    /// What has happened to how many messages since the last time, none of it to too many in one transaction.
    #[track_caller]
    fn happened(&mut self, is_it: impl Fn(What) -> bool) -> usize {
        let mut commits: BTreeMap<u64, usize> = BTreeMap::new();
        for change in self.feed.poll().expect("read").list {
            let is_message = matches!(change.object, Some(database::ObjectId::Message(_)));
            if is_message && is_it(change.what) {
                *commits.entry(change.commit).or_default() += 1;
            }
        }
        assert!(commits.values().all(|count| *count <= MOST), "{commits:?}");
        commits.values().sum()
    }

    fn close(self) {
        self.session.close();
    }
}

#[test]
fn store_33_and_store_24_a_large_folder_is_copied_marked_and_emptied_in_steps() {
    let mut stage = Stage::new();
    let (folder, id) = stage.folder("Large", COUNT);
    let top = stage.session.raw_folder("Top");
    let mut entry_id = entry_id_of(&stage.session, &folder);
    let (size, bytes) = (entry_id.len() as u32, entry_id.as_mut_ptr().cast());
    stage.feed.poll().expect("read");
    // All of the messages.
    let marked =
        unsafe { folder.SetReadFlags(ptr::null_mut(), 0, ptr::null_mut(), ReadFlags::empty()) };
    assert_eq!(marked, S_OK);
    assert_eq!(stage.happened(|what| what == What::Read), COUNT);
    let subtree = stage.session.client().ipm_subtree().expect("there");
    let parent = subtree.entry_id().expect("an ID").into_owned();
    let parent = raw_folder(&stage.session, &parent);
    let copied = unsafe {
        let flags = CopyFolderFlags::COPY_SUBFOLDERS;
        parent.CopyFolder(
            size,
            bytes,
            ptr::null(),
            top.as_raw(),
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            flags,
        )
    };
    assert_eq!(copied, S_OK);
    let copies = |what: What| matches!(what, What::Copied { .. });
    assert_eq!(stage.happened(copies), COUNT);
    let of_top = folder_id(&entry_id_of(&stage.session, &top).into());
    let copy = stage
        .store
        .read(|reader| reader.child_named(of_top, "Large"));
    let copy = copy.expect("read").expect("made");
    assert_eq!(stage.messages(copy).len(), COUNT);
    // Of folders within, too.
    let emptied = unsafe { top.EmptyFolder(0, ptr::null_mut(), EmptyFolderFlags::empty()) };
    assert_eq!(emptied, S_OK);
    assert_eq!(stage.happened(|what| what == What::Deleted), COUNT);
    let left = stage.store.read(|reader| reader.children(of_top));
    assert!(left.expect("read").is_empty());
    let deleted = unsafe {
        let flags = DeleteFolderFlags::DEL_MESSAGES | DeleteFolderFlags::DEL_FOLDERS;
        parent.DeleteFolder(size, bytes, 0, ptr::null_mut(), flags)
    };
    assert_eq!(deleted, S_OK);
    assert_eq!(stage.happened(|what| what == What::Deleted), COUNT);
    assert!(
        stage
            .store
            .read(|reader| reader.folder(id))
            .expect("read")
            .is_none()
    );
    drop((folder, top, parent, subtree));
    stage.close();
}

#[test]
fn store_33_what_must_stay_is_told_once_and_what_is_refused_deletes_nothing() {
    let mut stage = Stage::new();
    let (folder, id) = stage.folder("Large", COUNT);
    let first = stage.messages(id)[0];
    let time = view::FileTime::from_ticks(1);
    let submitted = stage.store.write(|tx| tx.submit(first, time, 0));
    submitted.expect("queued");
    stage.feed.poll().expect("read");
    let mut entry_id = entry_id_of(&stage.session, &folder);
    let (size, bytes) = (entry_id.len() as u32, entry_id.as_mut_ptr().cast());
    let subtree = stage.session.client().ipm_subtree().expect("there");
    let parent = subtree.entry_id().expect("an ID").into_owned();
    let parent = raw_folder(&stage.session, &parent);
    let delete = |flags| unsafe { parent.DeleteFolder(size, bytes, 0, ptr::null_mut(), flags) };
    assert_eq!(delete(DeleteFolderFlags::empty()), MAPI_E_HAS_MESSAGES);
    assert_eq!(stage.happened(|what| what == What::Deleted), 0);
    assert_eq!(
        delete(DeleteFolderFlags::DEL_MESSAGES),
        MAPI_W_PARTIAL_COMPLETION
    );
    assert_eq!(stage.happened(|what| what == What::Deleted), COUNT - 1);
    assert_eq!(stage.messages(id), [first]);
    drop((folder, parent, subtree));
    stage.close();
}

#[test]
fn store_33_a_long_list_is_copied_moved_and_deleted_in_steps() {
    let mut stage = Stage::new();
    let (folder, id) = stage.folder("Large", COUNT);
    let (other, other_id) = stage.folder("Other", 0);
    let mut all = stage.messages(id);
    // One is in it twice, far apart.
    all.push(all[0]);
    let list = stage.list(&all);
    let copy = |flags| unsafe {
        let none = ptr::null_mut();
        folder.CopyMessages(list.as_ptr(), ptr::null(), other.as_raw(), 0, none, flags)
    };
    stage.feed.poll().expect("read");
    assert_eq!(copy(CopyMessagesFlags::empty()), S_OK);
    let copies = |what: What| matches!(what, What::Copied { .. });
    assert_eq!(stage.happened(copies), COUNT);
    assert_eq!(copy(CopyMessagesFlags::MESSAGE_MOVE), S_OK);
    let moves = |what: What| matches!(what, What::Moved { .. });
    assert_eq!(stage.happened(moves), COUNT);
    assert_eq!(stage.messages(other_id).len(), 2 * COUNT);
    let delete = || unsafe {
        let flags = DeleteMessagesFlags::empty();
        other.DeleteMessages(list.as_ptr(), 0, ptr::null_mut(), flags)
    };
    assert_eq!(delete(), S_OK);
    assert_eq!(stage.happened(|what| what == What::Deleted), COUNT);
    // They are gone.
    assert_eq!(delete(), MAPI_W_PARTIAL_COMPLETION);
    assert_eq!(stage.messages(other_id).len(), COUNT);
    drop((folder, other, list));
    stage.close();
}
