//! Folders that are copied or moved to another store (STORE-33).

use std::collections::BTreeMap;
use std::ptr;

use mapi_provider_abi::mapi::{
    CreateFolderFlags, FOLDER_GENERIC, HRESULT, IMAPIFolder, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT,
    PR_DISPLAY_NAME_W, TCHAR,
};
use mapi_provider_abi::view::MapiStr;

use super::copier::Copier;
use super::copying::From;
use super::destination::{self, Tally};
use super::fault::{Fault, Result};
use super::foreign::given;
use super::progress::Progress;
use super::shared::StoreShared;
use super::which::Which;
use crate::database::{self, DeleteFolder, Folder, FolderId, FolderKind, MessageId};

/// How a folder is copied.
pub(super) struct How<'a> {
    /// What it is called there; none for the name that it has.
    pub(super) name: Option<&'a str>,
    /// Whether the folders in it go along.
    pub(super) deep: bool,
    /// Whether it is here no more afterwards, and so are all that go along.
    pub(super) moves: bool,
}

/// Copies or moves a folder to another store, one folder and one message after another.
///
/// # Errors
///
/// The folder can't be made there, or must stay here; or the user gives up.
pub(super) fn copy_folder(
    shared: &StoreShared,
    id: FolderId,
    to: &IMAPIFolder,
    how: &How<'_>,
    progress: &mut Progress,
) -> Result<HRESULT> {
    let (top, below) = shared.read(|reader| {
        let top = reader.existing_folder(id)?;
        Ok((top, reader.tree(id)?))
    })?;
    check(&top, how.moves)?;
    let is_deep = how.deep || how.moves;
    progress.expect(if is_deep { 1 + below.len() } else { 1 });
    // Those that are in it now. What comes later is not copied: a copy that goes into the original, by some way round,
    // would have no end.
    let mut inner: BTreeMap<Option<FolderId>, Vec<Folder>> = BTreeMap::new();
    for (_, folder) in below {
        inner.entry(folder.parent).or_default().push(folder);
    }
    let name = how.name.map_or_else(|| top.name.clone(), str::to_owned);
    let mut tally = Tally::default();
    // A folder that could not even be made is no half copy.
    let made = create(to, &name)?;
    let mut waiting = vec![(top, made)];
    let mut emptied = Vec::new();
    while let Some((folder, copy)) = waiting.pop() {
        copy_content(shared, &folder, &copy, how.moves, &mut tally)?;
        tally.done();
        progress.step()?;
        if is_deep {
            for child in inner.remove(&Some(folder.id)).unwrap_or_default() {
                let now = shared.read(|reader| reader.folder(child.id))?;
                if now.is_none_or(|now| now.parent != child.parent) {
                    // It has gone meanwhile, or is elsewhere.
                    tally.left();
                    continue;
                }
                match check(&child, how.moves).and_then(|()| create(&copy, &child.name)) {
                    Ok(made) => waiting.push((child, made)),
                    Err(fault) => tally.refused(fault),
                }
            }
        }
        emptied.push(folder.id);
    }
    if how.moves && !remove(shared, &emptied)? {
        tally.left();
    }
    tally.answer()
}

/// Whether a folder can be copied: the results of a search are no messages of its own.
fn check(folder: &Folder, moves: bool) -> Result<()> {
    let refused = match folder.kind {
        FolderKind::Generic => None,
        FolderKind::Search => Some("a search folder can't be copied to another store"),
        FolderKind::Root => Some("the root can't be copied to another store: copy what is in it"),
    };
    if let Some(text) = refused {
        return Err(Fault::new(MAPI_E_NO_SUPPORT, text));
    }
    if moves && folder.special.is_some() {
        let text = "a folder that every store has can't be moved";
        return Err(Fault::new(MAPI_E_NO_ACCESS, text)); // STORE-02
    }
    Ok(())
}

/// A new folder in one of another store.
fn create(parent: &IMAPIFolder, name: &str) -> Result<IMAPIFolder> {
    let mut units: Vec<u16> = match MapiStr::wide(name) {
        MapiStr::Wide(units) => units.into_owned(),
        MapiStr::Ansi(_) => Vec::new(),
    };
    // A name ends at its first NUL for whoever reads it.
    units.push(0);
    let mut out = ptr::null_mut();
    // SAFETY: a string with its terminator and a live variable; the reference is ours.
    unsafe {
        let status = parent.CreateFolder(
            FOLDER_GENERIC,
            units.as_mut_ptr().cast::<TCHAR>(),
            ptr::null_mut(),
            ptr::null(),
            CreateFolderFlags::MAPI_UNICODE,
            &mut out,
        );
        given(status, out)
    }
}

/// Copies properties and messages of a folder.
fn copy_content(
    shared: &StoreShared,
    folder: &Folder,
    copy: &IMAPIFolder,
    moves: bool,
    tally: &mut Tally,
) -> Result<()> {
    let target = destination::properties(shared, copy);
    let mut copier = Copier::new(shared, &target, Progress::none());
    let which = Which::AllBut {
        tags: vec![PR_DISPLAY_NAME_W],
        parts: true,
    };
    let mut props = folder.props.clone();
    shared.store().pin_all_properties(&mut props);
    match copier.copy(From::Folder(&props), &which, &target, false) {
        Ok(copied) if copied.lost.is_some() => tally.left(),
        Ok(_) => {}
        Err(fault) => tally.refused(fault),
    }
    let messages: Vec<MessageId> = shared.read(|reader| reader.message_ids(folder.id))?;
    for id in messages {
        destination::transfer(shared, folder.id, id, copy, moves, tally)?;
    }
    Ok(())
}

/// Deletes folders that have been moved, those within first. One that is not empty stays: something has stayed in it,
/// or has come meanwhile.
fn remove(shared: &StoreShared, folders: &[FolderId]) -> Result<bool> {
    let how = DeleteFolder {
        messages: false,
        folders: false,
    };
    let mut is_all = true;
    for id in folders.iter().rev() {
        let deleted = shared.write(|tx| match tx.delete_folder(*id, how) {
            Ok(outcome) => Ok(!outcome.is_partial()),
            Err(
                database::Error::HasMessages
                | database::Error::HasFolders
                | database::Error::NotFound(_),
            ) => Ok(false),
            Err(error) => Err(error),
        })?;
        is_all &= deleted;
    }
    Ok(is_all)
}
