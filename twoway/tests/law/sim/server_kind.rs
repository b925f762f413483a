//! What a server that is played can do.

use mapi_provider_twoway::{Abilities, Editing};

/// What kind of server it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) abilities: Abilities,
    /// It says what a new item is called.
    pub(crate) says_keys: bool,
    /// It says which items are the same.
    pub(crate) says_identity: bool,
    /// It tells what has changed since a cursor, and what is gone.
    pub(crate) tells_changes: bool,
    /// Folders keep their keys when they are renamed.
    pub(crate) has_folder_ids: bool,
}

impl Kind {
    pub(crate) fn imap() -> Self {
        let mut abilities = Abilities::all();
        abilities.per_folder = true;
        abilities.editing = Editing::ByNewItem;
        Self {
            abilities,
            says_keys: true,
            says_identity: true,
            tells_changes: true,
            has_folder_ids: false,
        }
    }

    pub(crate) fn bare_imap() -> Self {
        let mut kind = Self::imap();
        kind.abilities.find = false;
        kind.says_keys = false;
        kind.says_identity = false;
        kind.tells_changes = false;
        kind
    }

    pub(crate) fn jmap() -> Self {
        Self {
            abilities: Abilities::all(),
            says_keys: true,
            says_identity: true,
            tells_changes: true,
            has_folder_ids: true,
        }
    }
}
