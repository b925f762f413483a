//! What happens in a store while tables of it are open. Numbers choose among what there is.

use std::sync::Arc;

use mapi_provider_abi::mapi::{
    MAPI_TO, PR_CLIENT_SUBMIT_TIME, PR_CONVERSATION_ID, PR_DISPLAY_NAME_W, PR_IMPORTANCE,
    PR_LAST_MODIFICATION_TIME, PR_MESSAGE_DELIVERY_TIME, PR_RECIPIENT_TYPE,
    PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PT_MV_UNICODE, PropTag,
};
use mapi_provider_abi::view::{FileTime, PropValue};
use proptest::prelude::*;

use crate::database::{
    self, DeleteFolder, FolderId, FolderKind, MessageData, MessageId, NewFolder, PropertySet,
    Recipient, Save, Special, Store,
};

/// A property with several values.
pub(super) const KEYWORDS: PropTag = PropTag::new(0x8001, PT_MV_UNICODE);

/// What is known of a message.
#[derive(Debug, Clone, Default)]
pub(super) struct Mail {
    subject: Option<&'static str>,
    /// So often the subject is repeated: very long ones are in no column.
    times: usize,
    sender: Option<&'static str>,
    to: Option<&'static str>,
    importance: Option<i32>,
    delivered: Option<u64>,
    submitted: Option<u64>,
    modified: Option<u64>,
    conversation: Option<u8>,
    keywords: Vec<&'static str>,
}

#[derive(Debug, Clone)]
pub(super) enum Act {
    Save {
        folder: usize,
        mail: Mail,
        associated: bool,
        read: bool,
    },
    Many(usize, Vec<Mail>),
    Edit(usize, Mail),
    /// It is as large as said.
    Grow(usize, i64),
    Read(usize, bool),
    Mark(usize, u32),
    Move(usize, usize),
    Copy(usize, usize),
    Delete(usize),
    MakeFolder(usize, usize, bool),
    Rename(usize, usize),
    MoveFolder(usize, usize),
    CopyFolder(usize, usize),
    DeleteFolder(usize),
    Find(usize, usize),
    Lose(usize, usize),
    Submit(usize, u64),
    Lock(usize, bool),
    Abort(usize),
    Finish(usize),
}

fn mail() -> impl Strategy<Value = Mail> {
    let texts = |all: &'static [&'static str]| prop::option::of(prop::sample::select(all));
    let times = |odd| prop::option::of(prop_oneof![20 => 0..4_u64, 1 => Just(odd)]);
    (
        texts(&["a", "A", "b", "RE: a", "abc", "RE: ABC", ""]),
        prop_oneof![12 => Just(1_usize), 1 => Just(5000)],
        texts(&["Ann", "ann", "Bob", ""]),
        texts(&["Ann", "Bob"]),
        prop::option::of(0..3_i32),
        // One that is in no column: there is no such number in SQLite.
        times(u64::MAX),
        times(3),
        times(2),
        prop::option::of(0..3_u8),
        prop::collection::vec(prop::sample::select(vec!["x", "X", "y"]), 0..3),
    )
        .prop_map(
            |(
                subject,
                times,
                sender,
                to,
                importance,
                delivered,
                submitted,
                modified,
                conversation,
                keywords,
            )| Mail {
                subject,
                times,
                sender,
                to,
                importance,
                delivered,
                submitted,
                modified,
                conversation,
                keywords,
            },
        )
}

impl Act {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let one = || 0..64_usize;
        let sizes = prop::sample::select(vec![1_i64, 2, 0x7FFF_FFFF, 0x8000_0000, 0x1_0000_0000]);
        prop_oneof![
            10 => (one(), mail(), prop::bool::weighted(0.2), any::<bool>()).prop_map(
                |(folder, mail, associated, read)| Self::Save { folder, mail, associated, read }
            ),
            1 => (one(), prop::collection::vec(mail(), 60..80)).prop_map(|(to, all)| Self::Many(to, all)),
            6 => (one(), mail()).prop_map(|(id, mail)| Self::Edit(id, mail)),
            2 => (one(), sizes).prop_map(|(id, size)| Self::Grow(id, size)),
            5 => (one(), any::<bool>()).prop_map(|(id, read)| Self::Read(id, read)),
            1 => (one(), 0..4_u32).prop_map(|(id, status)| Self::Mark(id, status)),
            4 => (one(), one()).prop_map(|(id, to)| Self::Move(id, to)),
            2 => (one(), one()).prop_map(|(id, to)| Self::Copy(id, to)),
            4 => one().prop_map(Self::Delete),
            2 => (one(), 0..4_usize, prop::bool::weighted(0.3))
                .prop_map(|(to, name, search)| Self::MakeFolder(to, name, search)),
            2 => (one(), 0..4_usize).prop_map(|(id, name)| Self::Rename(id, name)),
            2 => (one(), one()).prop_map(|(id, to)| Self::MoveFolder(id, to)),
            1 => (one(), one()).prop_map(|(id, to)| Self::CopyFolder(id, to)),
            1 => one().prop_map(Self::DeleteFolder),
            6 => (one(), one()).prop_map(|(search, id)| Self::Find(search, id)),
            3 => (one(), one()).prop_map(|(search, id)| Self::Lose(search, id)),
            4 => (one(), 0..4_u64).prop_map(|(id, at)| Self::Submit(id, at)),
            2 => (one(), any::<bool>()).prop_map(|(id, locked)| Self::Lock(id, locked)),
            1 => one().prop_map(Self::Abort),
            1 => one().prop_map(Self::Finish),
        ]
    }
}

/// A store, and what can be done something with.
pub(super) struct World {
    store: Store,
    /// Two folders, one in the other, and those that were made since.
    pub(super) folders: Vec<FolderId>,
    /// Search folders.
    pub(super) searches: Vec<FolderId>,
    messages: Vec<MessageId>,
}

impl World {
    pub(super) fn new(store: &Store) -> Self {
        let mut world = Self {
            store: store.clone(),
            folders: Vec::new(),
            searches: Vec::new(),
            messages: Vec::new(),
        };
        let special = |one| store.read(|r| r.special(one)).expect("there");
        let subtree = special(Special::IpmSubtree);
        world.make_folder(subtree, "Outer", FolderKind::Generic);
        world.make_folder(world.folders[0], "Inner", FolderKind::Generic);
        world.make_folder(special(Special::SearchRoot), "Found", FolderKind::Search);
        world
    }

    fn make_folder(&mut self, parent: FolderId, name: &str, kind: FolderKind) {
        let props = named(name);
        let new = NewFolder {
            parent,
            kind,
            props: &props,
            open_existing: false,
        };
        let made = self.store.write(|tx| tx.create_folder(&new));
        if let Ok((made, _)) = made {
            match kind {
                FolderKind::Search => self.searches.push(made),
                _ => self.folders.push(made),
            }
        }
    }

    fn folder(&self, number: usize) -> FolderId {
        self.folders[number % self.folders.len()]
    }

    /// One of all folders, search folders too.
    fn any_folder(&self, number: usize) -> FolderId {
        let all = self.folders.len() + self.searches.len();
        match (number % all).checked_sub(self.folders.len()) {
            Some(search) => self.searches[search],
            None => self.folder(number % all),
        }
    }

    fn save(&mut self, folder: FolderId, all: &[Mail], associated: bool, read: bool) {
        let saved = self.store.write(|tx| {
            let save = |mail: &Mail| {
                let data = mail.data();
                let id = tx.new_message_id();
                let new = save(id, folder, None, (associated, read), mail, &data);
                tx.save_message(&new).map(|message| message.info.id)
            };
            all.iter().map(save).collect::<database::Result<Vec<_>>>()
        });
        self.messages.extend(saved.unwrap_or_default());
    }

    /// Does it. What can't be done is not: a folder into itself, a name twice, something that is gone.
    pub(super) fn act(&mut self, act: &Act) {
        let store = self.store.clone();
        match act {
            Act::Save {
                folder,
                mail,
                associated,
                read,
            } => {
                let folder = self.folder(*folder);
                self.save(folder, std::slice::from_ref(mail), *associated, *read);
            }
            Act::Many(folder, all) => self.save(self.folder(*folder), all, false, false),
            Act::MakeFolder(parent, name, true) => {
                self.make_folder(self.folder(*parent), NAMES[*name], FolderKind::Search);
            }
            Act::MakeFolder(parent, name, false) => {
                self.make_folder(self.folder(*parent), NAMES[*name], FolderKind::Generic);
            }
            Act::Rename(id, name) => drop(store.write(|tx| {
                tx.change_folder(self.any_folder(*id), |props| {
                    props.set_tag(PR_DISPLAY_NAME_W, NAMES[*name]);
                    Ok(())
                })
            })),
            Act::MoveFolder(id, to) => {
                let (id, to) = (self.any_folder(*id), self.folder(*to));
                drop(store.write(|tx| tx.move_folder(id, to, None)));
            }
            Act::CopyFolder(id, to) => {
                let (id, to) = (self.any_folder(*id), self.folder(*to));
                let copied = store.write(|tx| tx.copy_folder(id, to, Some("Copy"), true));
                let copied = copied.ok().map(|(copy, _)| copy);
                self.folders
                    .extend(copied.filter(|_| self.folders.contains(&id)));
            }
            Act::DeleteFolder(id) => {
                let all = DeleteFolder {
                    messages: true,
                    folders: true,
                };
                drop(store.write(|tx| tx.delete_folder(self.any_folder(*id), all)));
            }
            of_message => self.act_on_message(of_message),
        }
    }

    fn act_on_message(&mut self, act: &Act) {
        let store = self.store.clone();
        let there = |id: &&MessageId| {
            store
                .read(|r| r.message_info(**id))
                .expect("read")
                .is_some()
        };
        let there: Vec<MessageId> = self.messages.iter().filter(there).copied().collect();
        if there.is_empty() {
            return;
        }
        let one = |number: &usize| there[number % there.len()];
        let search = |number: &usize| self.searches[number % self.searches.len()];
        match act {
            Act::Edit(id, mail) => {
                let info = store
                    .read(|r| r.existing_message(one(id)))
                    .expect("it is there");
                let (data, base) = (mail.data(), Some(info.version));
                let kind = (info.associated, info.read);
                let save = save(info.id, info.folder, base, kind, mail, &data);
                drop(store.write(|tx| tx.save_message(&save)));
            }
            Act::Grow(id, size) => drop(store.write(|tx| tx.pretend_size(one(id), *size))),
            Act::Read(id, read) => drop(store.write(|tx| tx.set_read(&[one(id)], *read))),
            Act::Mark(id, status) => drop(store.write(|tx| tx.set_status(one(id), *status, 3))),
            Act::Move(id, to) => {
                drop(store.write(|tx| tx.move_messages(&[one(id)], self.folder(*to))));
            }
            Act::Copy(id, to) => {
                let to = self.folder(*to);
                let copied = store.write(|tx| tx.copy_messages(&[one(id)], to));
                let copies = copied.map(|outcome| outcome.done).unwrap_or_default();
                let copies = copies.into_iter().map(|(_, copy)| copy);
                self.messages.extend(copies);
            }
            Act::Delete(id) => drop(store.write(|tx| tx.delete_messages(&[one(id)]))),
            Act::Find(to, id) => drop(store.write(|tx| {
                // Nobody finds anything for a folder that has gone.
                tx.existing_folder(search(to))?;
                tx.add_hits(search(to), &[one(id)])
            })),
            Act::Lose(from, id) => {
                drop(store.write(|tx| tx.remove_hits(search(from), &[one(id)])));
            }
            Act::Submit(id, at) => {
                let at = FileTime::from_ticks(*at);
                drop(store.write(|tx| tx.submit(one(id), at, 0)));
            }
            Act::Lock(id, true) => drop(store.write(|tx| tx.lock_queued(one(id)))),
            Act::Lock(id, false) => drop(store.write(|tx| tx.unlock_queued(one(id)))),
            Act::Abort(id) => drop(store.write(|tx| tx.abort_submit(one(id)))),
            Act::Finish(id) => drop(store.write(|tx| tx.finish_queued(one(id)))),
            _ => {}
        }
    }
}

const NAMES: [&str; 4] = ["Box", "Bag", "Chest", "Drawer"];

fn named(name: &str) -> PropertySet {
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, name);
    props
}

fn save<'d>(
    id: MessageId,
    folder: FolderId,
    base: Option<database::Version>,
    (associated, read): (bool, bool),
    mail: &Mail,
    data: &'d MessageData,
) -> Save<'d> {
    Save {
        id,
        folder,
        associated,
        base,
        force: false,
        read,
        keep_time: mail.modified.is_some(),
        data,
    }
}

impl Mail {
    /// One with a subject, so many times repeated.
    pub(super) fn of(subject: &'static str, times: usize) -> Self {
        Self {
            subject: Some(subject),
            times,
            ..Self::default()
        }
    }

    fn data(&self) -> MessageData {
        let mut data = MessageData::default();
        let mut set = |tag, value: Option<PropValue<'static>>| {
            value
                .into_iter()
                .for_each(|value| data.props.set_tag(tag, value));
        };
        let text = |text: Option<&'static str>| text.map(PropValue::from);
        let time = |ticks: Option<u64>| ticks.map(|ticks| FileTime::from_ticks(ticks).into());
        let subject = self.subject.map(|subject| subject.repeat(self.times));
        set(PR_SUBJECT_W, subject.map(|subject| (&*subject).into()));
        set(PR_SENT_REPRESENTING_NAME_W, text(self.sender));
        set(PR_IMPORTANCE, self.importance.map(PropValue::Long));
        set(PR_MESSAGE_DELIVERY_TIME, time(self.delivered));
        set(PR_CLIENT_SUBMIT_TIME, time(self.submitted));
        set(PR_LAST_MODIFICATION_TIME, time(self.modified));
        let conversation = self.conversation.map(|one| vec![one; 22].into());
        set(PR_CONVERSATION_ID, conversation);
        let words = self.keywords.iter();
        let words = words.map(|word| word.encode_utf16().collect::<Vec<u16>>().into());
        let words = PropValue::MvUnicode(words.collect());
        set(KEYWORDS, (!self.keywords.is_empty()).then_some(words));
        data.recipients.extend(self.to.map(|name| {
            let mut props = named(name);
            props.set_tag(PR_RECIPIENT_TYPE, PropValue::Long(MAPI_TO.cast_signed()));
            Recipient {
                row: 0,
                props: Arc::new(props),
            }
        }));
        data
    }
}
