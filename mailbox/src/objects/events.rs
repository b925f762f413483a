//! What has happened, as sinks are told it (STORE-39).

use std::collections::HashSet;

use mapi_provider_abi::view::ObjectEvent;

use crate::database::{Change, FolderId, MessageId, ObjectId, Special, Store, What};

/// Something that happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Event {
    pub(super) what: ObjectEvent,
    /// None for the store itself.
    pub(super) object: Option<ObjectId>,
    /// The folder that it is in, or was in when it was deleted.
    pub(super) parent: Option<FolderId>,
    /// What was moved or copied.
    pub(super) old: Option<ObjectId>,
    /// The folder of that.
    pub(super) old_parent: Option<FolderId>,
}

/// The events of some changes, in their order. What happens to an object several times in one commit is told once.
pub(super) fn events(store: &Store, changes: &[Change]) -> Vec<Event> {
    let mut told = HashSet::new();
    let events = changes.iter().filter_map(|change| {
        let event = event(store, change)?;
        let is_new = matches!(event.what, ObjectEvent::Created | ObjectEvent::Copied);
        let key = |what| (change.commit, change.object, what);
        // What comes into being in a commit is not also modified in it.
        if is_new {
            told.insert(key(ObjectEvent::Modified));
        }
        told.insert(key(event.what)).then_some(event)
    });
    events.collect()
}

fn event(store: &Store, change: &Change) -> Option<Event> {
    let plain = Event {
        what: ObjectEvent::Modified,
        object: change.object,
        parent: change.folder,
        old: None,
        old_parent: None,
    };
    Some(match change.what {
        What::Created => Event {
            what: ObjectEvent::Created,
            ..plain
        },
        What::Copied { from } => Event {
            what: ObjectEvent::Copied,
            old: Some(from),
            old_parent: parent_of(store, from),
            ..plain
        },
        What::Moved { from } => Event {
            what: ObjectEvent::Moved,
            old: change.object,
            old_parent: Some(from),
            ..plain
        },
        What::Deleted => Event {
            what: ObjectEvent::Deleted,
            ..plain
        },
        What::Saved | What::Read | What::Marked => plain,
        What::SearchComplete => Event {
            what: ObjectEvent::SearchComplete,
            parent: parent_of(store, change.object?),
            ..plain
        },
        _ => return None,
    })
}

/// What is told where more has happened than the log keeps: store and folders, and the messages that sinks have named, may be
/// different in any way.
pub(super) fn missed(store: &Store, named: &HashSet<MessageId>) -> Vec<Event> {
    let event = |what, object, parent| Event {
        what,
        object,
        parent,
        old: None,
        old_parent: None,
    };
    let found = store.read(|reader| {
        let root = reader.special(Special::Root)?;
        let mut all = vec![
            event(ObjectEvent::Modified, None, None),
            event(ObjectEvent::Modified, Some(root.into()), None),
        ];
        for (_, folder) in reader.tree(root)? {
            let object = Some(folder.id.into());
            all.push(event(ObjectEvent::Modified, object, folder.parent));
        }
        for id in named {
            let info = reader.message_info(*id)?;
            let what = match info {
                Some(_) => ObjectEvent::Modified,
                None => ObjectEvent::Deleted,
            };
            let parent = info.map(|info| info.folder);
            all.push(event(what, Some((*id).into()), parent));
        }
        Ok(all)
    });
    // Where nothing can be read, nobody can look at what is different either.
    found.unwrap_or_default()
}

fn parent_of(store: &Store, object: ObjectId) -> Option<FolderId> {
    // An original that is gone by now has no parent to be told.
    let found = store.read(|reader| match object {
        ObjectId::Folder(id) => Ok(reader.folder(id)?.and_then(|folder| folder.parent)),
        ObjectId::Message(id) => Ok(reader.message_info(id)?.map(|info| info.folder)),
    });
    found.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::By;

    fn change(seq: u64, commit: u64, what: What) -> Change {
        Change {
            seq,
            commit,
            what,
            object: Some(MessageId::new(9).into()),
            associated: false,
            folder: Some(FolderId::new(1)),
            by: By::Client,
        }
    }

    #[test]
    fn store_39_what_happens_twice_in_a_commit_is_told_once() {
        let store = Store::in_memory(crate::database::Options::new()).expect("memory");
        let changes = [
            change(1, 1, What::Created),
            change(2, 1, What::Saved),
            change(3, 2, What::Saved),
            change(4, 2, What::Read),
            change(5, 3, What::Marked),
            change(6, 3, What::Queued),
        ];
        let told: Vec<ObjectEvent> = events(&store, &changes)
            .into_iter()
            .map(|event| event.what)
            .collect();
        use ObjectEvent::{Created, Modified};
        assert_eq!(told, [Created, Modified, Modified]);
    }
}
