//! Making, changing, moving, copying and deleting folders (STORE-33).

use mapi_provider_abi::mapi::{PR_CONTAINER_CLASS_W, PR_DISPLAY_NAME_W, PR_LAST_MODIFICATION_TIME};
use rusqlite::ErrorCode;

use super::codec;
use super::error::{Error, Result};
use super::folder::{Folder, FolderKind, new_props};
use super::id::{FolderId, MessageId, ObjectId};
use super::message::Outcome;
use super::property::PropertySet;
use super::steps::Copying;
use super::transaction::Transaction;
use mapi_provider_table::text::folded;

const NAME: u16 = PR_DISPLAY_NAME_W.id();

/// A folder that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewFolder<'a> {
    /// The folder that it is to be in.
    pub parent: FolderId,
    /// Generic or search.
    pub kind: FolderKind,
    /// Its properties, `PR_DISPLAY_NAME` included.
    pub props: &'a PropertySet,
    /// A folder that has the name is taken instead of an error (`OPEN_IF_EXISTS`).
    pub open_existing: bool,
}

/// How much is deleted with a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeleteFolder {
    /// `DEL_MESSAGES`.
    pub messages: bool,
    /// `DEL_FOLDERS`.
    pub folders: bool,
}

impl Transaction<'_> {
    /// Makes a folder. Tells its ID, and whether it is new.
    ///
    /// # Errors
    ///
    /// [`Error::Collision`]: a folder beside it has the name. [`Error::SearchFolder`]: the parent is one.
    /// [`Error::Invalid`]: it has no name. [`Error::NotFound`]: the parent is gone.
    pub fn create_folder(&self, new: &NewFolder<'_>) -> Result<(FolderId, bool)> {
        self.check_takes_folders(new.parent)?;
        let name = name_of(new.props)?;
        if let Some(known) = self.child_named(new.parent, &name)? {
            if !new.open_existing {
                return Err(Error::Collision(name));
            }
            return Ok((known, false));
        }
        let mut props = new_props(self.now());
        for (id, property) in new.props.iter() {
            props.put(id, property.clone());
        }
        let id = self.insert_folder(new.parent, new.kind, &name, props, None)?;
        Ok((id, true))
    }

    fn insert_folder(
        &self,
        parent: FolderId,
        kind: FolderKind,
        name: &str,
        mut props: PropertySet,
        origin: Option<FolderId>,
    ) -> Result<FolderId> {
        let id = self.new_folder_id();
        let name = named(name)?;
        self.put_large(id.raw(), &mut props)?;
        self.execute(
            "INSERT INTO folder (id, parent, kind, name, name_key, class, origin, version, props)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                id,
                parent,
                kind as i64,
                name,
                folded(name),
                props.text(PR_CONTAINER_CLASS_W),
                origin,
                self.version().0,
                codec::encode(&props),
            ),
        )
        .map_err(|error| collision(error, name))?;
        Ok(id)
    }

    /// Changes the properties of a folder, its name included. Tells what `change` does.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Collision`], [`Error::Invalid`] where it would lose its name, or those of `change`.
    pub fn change_folder<T>(
        &self,
        id: FolderId,
        change: impl FnOnce(&mut PropertySet) -> Result<T>,
    ) -> Result<T> {
        let folder = self.existing_folder(id)?;
        let mut props = folder.props.clone();
        let told = change(&mut props)?;
        if props == folder.props {
            return Ok(told);
        }
        if !props.contains(PR_LAST_MODIFICATION_TIME.id())
            || props.get(PR_LAST_MODIFICATION_TIME.id())
                == folder.props.get(PR_LAST_MODIFICATION_TIME.id())
        {
            props.set_tag(PR_LAST_MODIFICATION_TIME, self.now());
        }
        self.put_folder(&folder, props)?;
        Ok(told)
    }

    fn put_folder(&self, folder: &Folder, mut props: PropertySet) -> Result<()> {
        let name = match folder.parent {
            // The root has no name.
            None => props.text(PR_DISPLAY_NAME_W).unwrap_or_default(),
            // A very long one lies apart, where it is not looked for.
            Some(_) if props.get(NAME) == folder.props.get(NAME) => folder.name.clone(),
            Some(_) => name_of(&props)?,
        };
        self.execute("DELETE FROM large WHERE object = ?1", [folder.id])?;
        self.put_large(folder.id.raw(), &mut props)?;
        self.execute(
            "UPDATE folder SET name = ?2, name_key = ?3, class = ?4, version = ?5, props = ?6 WHERE id = ?1",
            (
                folder.id,
                &name,
                folded(&name),
                props.text(PR_CONTAINER_CLASS_W),
                self.version().0,
                codec::encode(&props),
            ),
        )
        .map_err(|error| collision(error, &name))?;
        Ok(())
    }

    /// Moves a folder, with all in it, perhaps under another name. Its ID stays.
    ///
    /// # Errors
    ///
    /// [`Error::SpecialFolder`], [`Error::FolderCycle`], [`Error::Collision`], [`Error::NotFound`],
    /// [`Error::SearchFolder`].
    pub fn move_folder(&self, id: FolderId, to: FolderId, name: Option<&str>) -> Result<()> {
        let folder = self.existing_folder(id)?;
        if folder.special.is_some() || folder.kind == FolderKind::Root {
            return Err(Error::SpecialFolder);
        }
        self.check_takes_folders(to)?;
        if self.is_within(to, id)? {
            return Err(Error::FolderCycle);
        }
        let new_name = name.unwrap_or(&folder.name);
        if self
            .child_named(to, new_name)?
            .is_some_and(|known| known != id)
        {
            return Err(Error::Collision(new_name.to_owned()));
        }
        // Name and place change in one statement: either alone could collide.
        let mut props = folder.props.clone();
        if let Some(name) = name {
            props.set_tag(PR_DISPLAY_NAME_W, name);
        }
        let is_renamed = props != folder.props;
        let version = if is_renamed {
            self.version()
        } else {
            folder.version
        };
        self.execute(
            "UPDATE folder SET parent = ?2, name = ?3, name_key = ?4, version = ?5, props = ?6 WHERE id = ?1",
            (
                id,
                to,
                new_name,
                folded(new_name),
                version.0,
                codec::encode(&props),
            ),
        )
        .map_err(|error| collision(error, new_name))?;
        Ok(())
    }

    /// Copies a folder with its messages, and with `folders` all below it too. Tells the copy, and the messages that have
    /// no copy because they wait to be sent.
    ///
    /// # Errors
    ///
    /// As [`move_folder`](Self::move_folder); a special folder can be copied.
    pub fn copy_folder(
        &self,
        id: FolderId,
        to: FolderId,
        name: Option<&str>,
        folders: bool,
    ) -> Result<(FolderId, Vec<MessageId>)> {
        let (copy, copying) = self.begin_copy(id, to, name, folders, usize::MAX)?;
        Ok((copy, copying.left))
    }

    /// The same, with no more than some of the messages. Tells which others are still to be copied.
    pub(crate) fn begin_copy(
        &self,
        id: FolderId,
        to: FolderId,
        name: Option<&str>,
        folders: bool,
        most: usize,
    ) -> Result<(FolderId, Copying)> {
        self.check_takes_folders(to)?;
        // A copy of all would have itself in it.
        if folders && self.is_within(to, id)? {
            return Err(Error::FolderCycle);
        }
        let folder = self.existing_folder(id)?;
        let new_name = name.unwrap_or(&folder.name);
        if self.child_named(to, new_name)?.is_some() {
            return Err(Error::Collision(new_name.to_owned()));
        }
        let mut copying = Copying::of(most);
        let top = self.copy_one(&folder, to, name, &mut copying)?;
        if !folders {
            return Ok((top, copying));
        }
        let mut copies = vec![top];
        for (depth, folder) in self.tree(id)? {
            copies.truncate(depth as usize + 1);
            let parent = copies[depth as usize];
            copies.push(self.copy_one(&folder, parent, None, &mut copying)?);
        }
        Ok((top, copying))
    }

    fn copy_one(
        &self,
        folder: &Folder,
        to: FolderId,
        name: Option<&str>,
        copying: &mut Copying,
    ) -> Result<FolderId> {
        let mut props = folder.props.clone();
        if let Some(name) = name {
            props.set_tag(PR_DISPLAY_NAME_W, name);
        }
        let kind = match folder.kind {
            FolderKind::Root => FolderKind::Generic,
            kind => kind,
        };
        let name = name.unwrap_or(&folder.name);
        let copy = self.insert_folder(to, kind, name, props, Some(folder.id))?;
        if kind == FolderKind::Search {
            self.copy_search(folder.id, copy)?;
            return Ok(copy);
        }
        let messages = self.message_ids(folder.id)?;
        let (now, later) = copying.split(&messages);
        for id in now {
            // As `copy_messages` does: it would be a draft of what is sent meanwhile.
            if self.queued(*id)?.is_some() {
                copying.left.push(*id);
                continue;
            }
            if let Some(message) = self.message(*id)? {
                self.insert_copy(&message, copy)?;
            }
        }
        if !later.is_empty() {
            copying.later.push((copy, later.to_vec()));
        }
        Ok(copy)
    }

    /// Deletes a folder, with what is in it as far as that is said.
    ///
    /// What can't be deleted (messages that are being sent) stays, and so do the folders around it: the outcome names
    /// them.
    ///
    /// # Errors
    ///
    /// [`Error::SpecialFolder`], [`Error::HasMessages`], [`Error::HasFolders`], [`Error::NotFound`].
    pub fn delete_folder(&self, id: FolderId, how: DeleteFolder) -> Result<Outcome<ObjectId>> {
        let folder = self.existing_folder(id)?;
        if folder.special.is_some() || folder.kind == FolderKind::Root {
            return Err(Error::SpecialFolder);
        }
        let is_search = folder.kind == FolderKind::Search;
        if !how.messages && !is_search && folder.total + folder.associated > 0 {
            return Err(Error::HasMessages);
        }
        if !how.folders && folder.children > 0 {
            return Err(Error::HasFolders);
        }
        let mut outcome = Outcome::default();
        self.delete_tree(&folder, &mut outcome)?;
        Ok(outcome)
    }

    /// Deletes all messages of a folder and all folders in it; associated messages only if that is said.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::SearchFolder`].
    pub fn empty_folder(&self, id: FolderId, associated: bool) -> Result<Outcome<ObjectId>> {
        let folder = self.existing_folder(id)?;
        if folder.kind == FolderKind::Search {
            return Err(Error::SearchFolder);
        }
        let mut outcome = Outcome::default();
        for child in self.children(id)? {
            if child.special.is_some() {
                let kept = (ObjectId::Folder(child.id), Error::SpecialFolder);
                outcome.failed.push(kept);
                continue;
            }
            self.delete_tree(&child, &mut outcome)?;
        }
        self.delete_contents(id, associated, &mut outcome)?;
        Ok(outcome)
    }

    /// From the bottom up: what stays keeps the folders above it.
    fn delete_tree(&self, top: &Folder, outcome: &mut Outcome<ObjectId>) -> Result<()> {
        let mut folders = vec![(top.id, top.special)];
        let below = self.tree(top.id)?;
        folders.extend(below.iter().map(|(_, folder)| (folder.id, folder.special)));
        for (id, special) in folders.into_iter().rev() {
            if special.is_some() {
                let kept = (ObjectId::Folder(id), Error::SpecialFolder);
                outcome.failed.push(kept);
                continue;
            }
            self.delete_contents(id, true, outcome)?;
            let gone = self.execute(
                "DELETE FROM folder WHERE id = ?1 AND (kind = 2 OR total + assoc = 0) AND children = 0",
                [id],
            )?;
            match gone {
                0 => outcome
                    .failed
                    .push((ObjectId::Folder(id), Error::HasMessages)),
                _ => outcome.done.push(ObjectId::Folder(id)),
            }
        }
        Ok(())
    }

    fn delete_contents(
        &self,
        id: FolderId,
        associated: bool,
        outcome: &mut Outcome<ObjectId>,
    ) -> Result<()> {
        let messages = self.own_messages(id, associated)?;
        let deleted = self.delete_messages(&messages)?;
        outcome
            .done
            .extend(deleted.done.into_iter().map(ObjectId::Message));
        outcome.failed.extend(deleted.failed);
        Ok(())
    }

    fn check_takes_folders(&self, parent: FolderId) -> Result<()> {
        match self.folder_kind(parent)? {
            None => Err(Error::NotFound("folder")),
            Some(FolderKind::Search) => Err(Error::SearchFolder),
            Some(_) => Ok(()),
        }
    }
}

fn name_of(props: &PropertySet) -> Result<String> {
    let name = props.text(PR_DISPLAY_NAME_W).unwrap_or_default();
    named(&name)?;
    Ok(name)
}

fn named(name: &str) -> Result<&str> {
    match name {
        "" => Err(Error::Invalid(
            "a folder needs a name of at least one character",
        )),
        name => Ok(name),
    }
}

/// Two processes that make the same name at once are kept apart by the index.
fn collision(error: Error, name: &str) -> Error {
    match error {
        Error::Internal(rusqlite::Error::SqliteFailure(failure, _))
            if failure.code == ErrorCode::ConstraintViolation =>
        {
            Error::Collision(name.to_owned())
        }
        other => other,
    }
}
