//! Folders that the server has, and those that it has no more.

use mapi_provider_abi::mapi::PR_DISPLAY_NAME_W;

use crate::database::{
    DeleteFolder, Folder, FolderId, FolderKind, MessageId, NewFolder, ObjectId, Part, PropertySet,
    Reader, Remote, Result, Special, Store, Transaction, all_but_last,
};

/// Makes, renames or moves the folder that the server calls so; none where a client has deleted it.
pub(super) fn upsert(
    tx: &Transaction<'_>,
    parent: FolderId,
    server_id: &str,
    name: &str,
) -> Result<Option<FolderId>> {
    if tx.is_deleted_here(0, server_id)? {
        return Ok(None);
    }
    match tx.folder_of_server(server_id)? {
        Some(known) => {
            let folder = tx.existing_folder(known)?;
            rename(tx, &folder, parent, name)?;
            Ok(Some(known))
        }
        None => create(tx, parent, server_id, name).map(Some),
    }
}

/// What the server says of a folder's name and place, unless a client has changed them and the server does not know it.
fn rename(tx: &Transaction<'_>, folder: &Folder, parent: FolderId, name: &str) -> Result<()> {
    let pending = tx.pending(ObjectId::Folder(folder.id))?;
    let is_changed_here =
        pending.is_some_and(|pending| pending.bits.is_edited() || pending.bits.is_moved());
    let is_same = folder.parent == Some(parent) && folder.name == name;
    if is_same || is_changed_here || folder.special.is_some() {
        return Ok(());
    }
    let name = match tx.child_named(parent, name)? {
        Some(other) if other != folder.id && !makes_way(tx, other)? => {
            free_name(tx, parent, name, Some(folder.id))?
        }
        _ => name.to_owned(),
    };
    if folder.parent != Some(parent) || folder.name != name {
        tx.move_folder(folder.id, parent, Some(&name))?;
    }
    Ok(())
}

/// A new folder, or the one of that name where the server does not know it.
fn create(tx: &Transaction<'_>, parent: FolderId, server_id: &str, name: &str) -> Result<FolderId> {
    let name = match tx.child_named(parent, name)? {
        Some(other) if !is_free(tx, other)? && !makes_way(tx, other)? => {
            free_name(tx, parent, name, None)?
        }
        _ => name.to_owned(),
    };
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, &*name);
    let new = NewFolder {
        parent,
        kind: FolderKind::Generic,
        props: &props,
        open_existing: true,
    };
    let (id, _) = tx.create_folder(&new)?;
    let object = ObjectId::Folder(id);
    let remote = Remote {
        server_id: server_id.to_owned(),
        server_version: None,
    };
    tx.set_remote(object, &remote)?;
    // A client has made it too: now both have it.
    tx.drop_pending(object)?;
    Ok(id)
}

/// Whether a folder can be one that the server has: it is no other one of the server's, and takes messages.
fn is_free(tx: &Transaction<'_>, id: FolderId) -> Result<bool> {
    let is_known = tx.remote(ObjectId::Folder(id))?.is_some();
    Ok(!is_known && tx.existing_folder(id)?.kind != FolderKind::Search)
}

/// Gives the folder that has a name another one until the server says what it is called: it may have been renamed too, or
/// deleted, and is told so later. False where it must keep its name.
fn makes_way(tx: &Transaction<'_>, other: FolderId) -> Result<bool> {
    let other = tx.existing_folder(other)?;
    let (Some(parent), None) = (other.parent, other.special) else {
        return Ok(false);
    };
    let free = free_name(tx, parent, &other.name, None)?;
    tx.move_folder(other.id, parent, Some(&free))?;
    Ok(true)
}

/// A name like this one that no folder there has, but perhaps the one that is to get it.
fn free_name(
    tx: &Transaction<'_>,
    parent: FolderId,
    name: &str,
    of: Option<FolderId>,
) -> Result<String> {
    let mut number = 2_u64;
    loop {
        let free = format!("{name} ({number})");
        match tx.child_named(parent, &free)? {
            Some(other) if Some(other) != of => number += 1,
            _ => return Ok(free),
        }
    }
}

/// Deletes a folder with all in it, but for what clients made there and the server does not know yet: that is taken out of
/// it first. Tells what was kept.
///
/// Of many messages most go before, some hundred in one transaction: no client waits for all of them. Whoever is killed
/// meanwhile begins again, since the server says again that the folder is gone. // STORE-45
pub(super) fn remove(store: &Store, server_id: &str) -> Result<Vec<ObjectId>> {
    let mut kept = Vec::new();
    for some in all_but_last(&store.read(|reader| going(reader, server_id))?) {
        kept.extend(store.write(|tx| remove_some(tx, server_id, some))?);
    }
    kept.extend(store.write(|tx| remove_rest(tx, server_id))?);
    Ok(kept)
}

/// The messages that go with the folder, or are taken out of it.
fn going(reader: &Reader<'_>, server_id: &str) -> Result<Vec<MessageId>> {
    let all = DeleteFolder {
        messages: true,
        folders: true,
    };
    match reader.folder_of_server(server_id)? {
        Some(top) => reader.going_with_folder(top, all),
        None => Ok(Vec::new()),
    }
}

/// Deletes some messages of the folder, or takes them out of it. What waits to be sent is left to the end.
fn remove_some(tx: &Transaction<'_>, server_id: &str, some: &[MessageId]) -> Result<Vec<ObjectId>> {
    let Some(top) = tx.folder_of_server(server_id)? else {
        return Ok(Vec::new());
    };
    let mut rescue = Rescue::of(tx, top)?;
    rescue.folders()?;
    for message in tx.still_within(top, some)? {
        rescue.message(message)?;
    }
    for message in tx.delete_within(top, some)?.done {
        tx.drop_pending(ObjectId::Message(message))?;
    }
    Ok(rescue.kept)
}

fn remove_rest(tx: &Transaction<'_>, server_id: &str) -> Result<Vec<ObjectId>> {
    let Some(top) = tx.folder_of_server(server_id)? else {
        tx.drop_deleted(0, server_id)?;
        return Ok(Vec::new());
    };
    let mut rescue = Rescue::of(tx, top)?;
    rescue.folders()?;
    let left = tx.tree(top)?.into_iter().map(|(_, folder)| folder.id);
    for folder in std::iter::once(top).chain(left) {
        for message in tx.message_ids(folder)? {
            rescue.message(message)?;
        }
    }
    let mut kept = rescue.kept;
    let all = DeleteFolder {
        messages: true,
        folders: true,
    };
    let outcome = tx.delete_folder(top, all)?;
    for object in outcome.done {
        tx.drop_pending(object)?;
    }
    for (object, _) in outcome.failed {
        match object {
            // It waits to be sent, and the server has no part in it any more.
            ObjectId::Message(_) if tx.pending(object)?.is_none() => tx.forget_remote(object)?,
            // A client wrote it; or a folder with such a message in it.
            _ => tx.make_created(object)?,
        }
        kept.push(object);
    }
    Ok(kept)
}

/// Where mail goes whose folder is deleted: the next folder above that people have mail in.
fn refuge(tx: &Transaction<'_>, folder: FolderId) -> Result<FolderId> {
    let parent = tx.existing_folder(folder)?.parent;
    let parent = parent
        .map(|parent| tx.existing_folder(parent))
        .transpose()?;
    let takes_mail = |folder: &Folder| match folder.special {
        None | Some(Special::Inbox | Special::SentItems | Special::DeletedItems) => {
            folder.kind == FolderKind::Generic
        }
        Some(_) => false,
    };
    match parent {
        Some(parent) if takes_mail(&parent) => Ok(parent.id),
        _ => tx.special(Special::Inbox),
    }
}

/// Takes what clients made out of a folder that is to be deleted.
struct Rescue<'t, 'c> {
    tx: &'t Transaction<'c>,
    top: FolderId,
    refuge: FolderId,
    kept: Vec<ObjectId>,
}

impl<'t, 'c> Rescue<'t, 'c> {
    fn of(tx: &'t Transaction<'c>, top: FolderId) -> Result<Self> {
        Ok(Self {
            tx,
            top,
            refuge: refuge(tx, top)?,
            kept: Vec::new(),
        })
    }

    fn folders(&mut self) -> Result<()> {
        for (_, folder) in self.tx.tree(self.top)? {
            self.folder(&folder)?;
        }
        Ok(())
    }

    /// A folder that a client has made, or moved here from where the server has it, stays with all in it.
    fn folder(&mut self, folder: &Folder) -> Result<()> {
        let tx = self.tx;
        let object = ObjectId::Folder(folder.id);
        // One above it may have been taken out already.
        if !tx.is_within(folder.id, self.top)? {
            return Ok(());
        }
        let Some(pending) = tx.pending(object)? else {
            return Ok(());
        };
        let home = self.home(pending.moved_from)?;
        let is_moved = pending.bits.is_moved() && home.is_some();
        if !pending.bits.is_created() && !is_moved {
            return Ok(());
        }
        let to = home.filter(|_| !pending.bits.is_created());
        let to = to.unwrap_or(self.refuge);
        let name = match tx.child_named(to, &folder.name)? {
            None => folder.name.clone(),
            Some(_) => free_name(tx, to, &folder.name, None)?,
        };
        tx.move_folder(folder.id, to, Some(&name))?;
        if !pending.bits.is_created() {
            tx.drop_pending_but(object, &[Part::Edited])?;
        }
        self.kept.push(object);
        Ok(())
    }

    /// A message that a client has made or edited stays, as a new one; one that a client has moved here goes back to where
    /// the server has it.
    fn message(&mut self, id: MessageId) -> Result<()> {
        let tx = self.tx;
        let object = ObjectId::Message(id);
        let Some(pending) = tx.pending(object)? else {
            return Ok(());
        };
        let home = self.home(pending.moved_from)?;
        let home = home.filter(|_| pending.bits.is_moved() && !pending.bits.is_created());
        let is_made = pending.bits.is_created() || pending.bits.is_edited();
        if home.is_none() && !is_made {
            return Ok(());
        }
        let to = home.unwrap_or(self.refuge);
        if tx.move_messages(&[id], to)?.is_partial() {
            // It waits to be sent, and is told with its folder.
            return Ok(());
        }
        match home {
            None => tx.make_created(object)?,
            Some(_) => tx.drop_pending_but(object, &[Part::Edited, Part::Read])?,
        }
        self.kept.push(object);
        Ok(())
    }

    /// Where something was before a client moved it, if that stays.
    fn home(&self, moved_from: Option<FolderId>) -> Result<Option<FolderId>> {
        let Some(home) = moved_from else {
            return Ok(None);
        };
        let is_there = self.tx.folder(home)?.is_some();
        let stays = is_there && !self.tx.is_within(home, self.top)?;
        Ok(stays.then_some(home))
    }
}
