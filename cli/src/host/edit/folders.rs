//! Folders by their paths, and what a user does with them.

use mapi_provider::abi::PR_CONTAINER_CLASS_W;
use mapi_provider::store::{Folder, Store, StoreError};

use super::carry_out::{is_folder, said};
use crate::host::protocol::{Done, bounded};
use crate::host::show::find;

/// The class of folders for mail.
const MAIL: &str = "IPF.Note";
/// A deleted folder gets a number if there is one of its name, up to this.
const MOST_NUMBERS: u32 = 1000;

/// A folder that was found.
pub(super) struct Place<'run> {
    pub(super) folder: Folder<'run>,
    /// The folder that it is in.
    parent: Folder<'run>,
    /// The names from the first one that users see to its own.
    pub(super) names: Vec<String>,
    /// Whether it is the folder of deleted items, or lies in it.
    pub(super) deleted: bool,
}

impl Place<'_> {
    fn done(&self, detail: Option<String>) -> Done {
        Done {
            place: self.names.iter().cloned().map(bounded).collect(),
            detail: detail.map(bounded),
            ..Done::default()
        }
    }
}

/// The folder of a path.
pub(super) fn at<'run>(store: &Store<'run>, path: &str) -> Result<Place<'run>, String> {
    below(store, &names(path)?, path)
}

/// The folder of these names; the top one for none. The path is the whole one that was asked for.
fn below<'run>(store: &Store<'run>, names: &[String], path: &str) -> Result<Place<'run>, String> {
    let top = store.ipm_subtree().map_err(said)?;
    let trash = store.wastebasket().and_then(|trash| trash.entry_id()).ok();
    let mut place = Place {
        folder: top.clone(),
        parent: top,
        names: Vec::new(),
        deleted: false,
    };
    for name in names {
        let Some(folder) = place.folder.folder(name).map_err(said)? else {
            return Err(missing(&place, name, path));
        };
        let is_trash = match &trash {
            Some(trash) => is_folder(store, &folder, trash).map_err(said)?,
            None => false,
        };
        place.names.push(folder.name().map_err(said)?);
        place.deleted |= is_trash;
        place.parent = std::mem::replace(&mut place.folder, folder);
    }
    Ok(place)
}

/// That there is no such folder, with those that there are.
fn missing(place: &Place<'_>, name: &str, path: &str) -> String {
    let there = find::folders(&place.folder).unwrap_or_default();
    let there: Vec<String> = there.into_iter().map(|(name, _)| name).collect();
    let parent = match place.names.as_slice() {
        [] => "the store".to_owned(),
        names => format!("`{}`", names.join("/")),
    };
    let there = match there.as_slice() {
        [] => "it has none".to_owned(),
        names => format!("there are {}", names.join(", ")),
    };
    format!("`{path}`: {parent} has no folder `{name}`; {there}. `--new-folder` makes one")
}

/// The names in a path: `/` separates them, `\/` and `\\` are the letters themselves.
fn names(path: &str) -> Result<Vec<String>, String> {
    let mut names = vec![String::new()];
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        let escaped = letter == '\\' && matches!(letters.peek(), Some('/' | '\\'));
        match (letter, escaped) {
            ('/', _) => names.push(String::new()),
            (_, true) => names
                .last_mut()
                .into_iter()
                .for_each(|name| name.extend(letters.next())),
            (letter, false) => names
                .last_mut()
                .into_iter()
                .for_each(|name| name.push(letter)),
        }
    }
    if names.iter().any(String::is_empty) {
        return Err(format!(
            "`{path}` is not the path of a folder: it has the names of folders with one `/` between them, as in \
             `Inbox/2026`"
        ));
    }
    Ok(names)
}

/// Makes a folder for mail, in one that is there.
pub(super) fn make(store: &Store, path: &str) -> Result<Done, String> {
    let mut names = names(path)?;
    let name = names.pop().unwrap_or_default();
    let parent = below(store, &names, path)?;
    let folder = parent
        .folder
        .create_folder(&name)
        .map_err(|error| collision(error, &name))?;
    let classed = folder.set(PR_CONTAINER_CLASS_W, MAIL);
    classed
        .map_err(|error| format!("the folder is there now, but not as one for mail: {error}"))?;
    let place = parent.names.into_iter().chain([name]);
    Ok(Done {
        place: place.map(bounded).collect(),
        ..Done::default()
    })
}

pub(super) fn rename(store: &Store, path: &str, name: &str) -> Result<Done, String> {
    let place = at(store, path)?;
    refuse_special(store, &place, "renamed")?;
    if name.is_empty() {
        return Err("a folder needs a name".to_owned());
    }
    let renamed = place.folder.rename(name);
    renamed.map_err(|error| collision(error, name))?;
    Ok(place.done(None))
}

/// Moves a folder to the deleted items; deletes it for good if it is there already.
pub(super) fn delete(store: &Store, path: &str) -> Result<Done, String> {
    let place = at(store, path)?;
    refuse_special(store, &place, "deleted")?;
    let id = place.folder.entry_id().map_err(said)?;
    if place.deleted {
        place.parent.delete_folder_tree(&id).map_err(said)?;
        return Ok(place.done(Some("deleted for good".to_owned())));
    }
    let trash = store.wastebasket().map_err(said)?;
    let name = place.folder.name().map_err(said)?;
    let free = free_name(&trash, &name)?;
    let other = (free != name).then_some(free.as_str());
    place.parent.move_folder(&id, &trash, other).map_err(said)?;
    let trash = trash.name().map_err(said)?;
    let detail = match other {
        None => format!("moved to {trash}"),
        Some(name) => format!("moved to {trash} as {name}"),
    };
    Ok(place.done(Some(detail)))
}

/// The name, or if a folder has it, the name with the first number that is free, as Outlook does it.
fn free_name(parent: &Folder, name: &str) -> Result<String, String> {
    let numbered = (1..MOST_NUMBERS).map(|number| format!("{name}{number}"));
    for free in [name.to_owned()].into_iter().chain(numbered) {
        if parent.folder(&free).map_err(said)?.is_none() {
            return Ok(free);
        }
    }
    Err(format!("too many folders there have the name `{name}`"))
}

/// Outlook's user can't rename or delete the folders that every store has.
fn refuse_special(store: &Store, place: &Place<'_>, what: &str) -> Result<(), String> {
    let special = [
        store.receive_folder(""),
        store.receive_folder("IPM.Note"),
        store.outbox(),
        store.sent_items(),
        store.wastebasket(),
    ];
    for special in special.into_iter().flatten() {
        let id = special.entry_id().map_err(said)?;
        if is_folder(store, &place.folder, &id).map_err(said)? {
            let name = place.names.last().map_or("it", String::as_str);
            return Err(format!("every store has {name}, so it can't be {what}"));
        }
    }
    Ok(())
}

fn collision(error: StoreError, name: &str) -> String {
    match error.is_collision() {
        true => format!("there is a folder `{name}` already"),
        false => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_names() {
        let split = |path: &str| names(path).expect("a path");
        assert_eq!(split("Inbox"), ["Inbox"]);
        assert_eq!(split("Inbox/2026/März"), ["Inbox", "2026", "März"]);
        assert_eq!(split(r"In\/out/x\\y\z"), ["In/out", r"x\y\z"]);
        assert_eq!(split(r"a\"), [r"a\"]);
        for wrong in ["", "/", "/Inbox", "Inbox/", "a//b"] {
            assert!(names(wrong).is_err(), "{wrong}");
        }
    }
}
