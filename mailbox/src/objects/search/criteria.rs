//! `SetSearchCriteria` and `GetSearchCriteria`.

use std::sync::Arc;

use mapi_provider_abi::mapi::{
    HRESULT, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT, MAPI_E_NOT_INITIALIZED, PropTag, S_OK,
    SBinaryArray, SRestriction, SearchState, SetSearchCriteriaFlags as Flags, UnicodeFlags,
};
use mapi_provider_abi::view::{self, EntryId, EntryList, Limits, PropValue, Property, Restriction};

use super::super::arguments;
use super::super::fault::{Fault, Result};
use super::super::shared::StoreShared;
use crate::database::{
    self, FolderId, FolderKind, ObjectId, Reader, Search, decode_restriction, encode_restriction,
};
use mapi_provider_table::table::Matcher;

/// Flags of which only one may be set.
const EXCLUSIVE: [(Flags, &str); 3] = [
    (
        Flags::STOP_SEARCH.union(Flags::RESTART_SEARCH),
        "STOP_SEARCH and RESTART_SEARCH",
    ),
    (
        Flags::RECURSIVE_SEARCH.union(Flags::SHALLOW_SEARCH),
        "RECURSIVE_SEARCH and SHALLOW_SEARCH",
    ),
    (
        Flags::FOREGROUND_SEARCH.union(Flags::BACKGROUND_SEARCH),
        "FOREGROUND_SEARCH and BACKGROUND_SEARCH",
    ),
];

/// What a caller asks for. What it does not say stays as it was.
struct Asked {
    restriction: Option<Vec<u8>>,
    scope: Option<Vec<FolderId>>,
    flags: Flags,
}

/// `SetSearchCriteria`.
///
/// # Safety
///
/// The restriction is NULL or one, the list NULL or as long as it says.
pub(in super::super) unsafe fn set(
    shared: &Arc<StoreShared>,
    folder: FolderId,
    restriction: *const SRestriction,
    scope: *const SBinaryArray,
    flags: Flags,
) -> Result<HRESULT> {
    for (both, names) in EXCLUSIVE {
        if flags.contains(both) {
            let text = format!("{names} can't be set together");
            return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
        }
    }
    // SAFETY: the caller's word.
    let asked = unsafe {
        Asked {
            restriction: read_restriction(restriction)?,
            scope: read_scope(shared, scope)?,
            flags,
        }
    };
    // Who can't search says so before he promises to.
    shared.opened().search(&shared.identity)?;
    shared.write(|tx| {
        check_folder(tx, folder)?;
        if let Some(scope) = &asked.scope {
            check_scope(tx, scope)?;
        }
        let old = tx.search(folder)?;
        let (search, begins) = asked.over(old)?;
        tx.set_search(folder, &search, begins)
    })?;
    shared.opened().wake_search();
    Ok(S_OK)
}

impl Asked {
    /// The criteria from now on, and whether the search begins anew.
    fn over(&self, old: Option<Search>) -> database::Result<(Search, bool)> {
        let none = || {
            let text = "a search folder needs a restriction and folders the first time";
            database::Error::refused(MAPI_E_NOT_INITIALIZED, text)
        };
        let flags = self.flags;
        let old_state = old.as_ref().map_or(0, |old| old.state);
        let before = SearchState::from_bits_retain(old_state);
        let is_new = old.is_none();
        let (old_restriction, old_scope) = old.map(|old| (old.restriction, old.scope)).unzip();
        let keeps_restriction = self.restriction.is_none() || self.restriction == old_restriction;
        let keeps_scope = self.scope.is_none() || self.scope == old_scope;
        let restriction = self.restriction.clone().or(old_restriction);
        let scope = self.scope.clone().or(old_scope);

        let is_recursive = flags.contains(Flags::RECURSIVE_SEARCH)
            || (before.contains(SearchState::SEARCH_RECURSIVE)
                && self.scope.is_none()
                && !flags.contains(Flags::SHALLOW_SEARCH));
        let is_foreground = flags.contains(Flags::FOREGROUND_SEARCH)
            || (before.contains(SearchState::SEARCH_FOREGROUND)
                && !flags.contains(Flags::BACKGROUND_SEARCH));
        let ran = before.contains(SearchState::SEARCH_RUNNING);
        let asks = is_new || self.restriction.is_some() || self.scope.is_some();
        let restarts = flags.contains(Flags::RESTART_SEARCH);
        let runs = !flags.contains(Flags::STOP_SEARCH) && (ran || asks || restarts);
        let is_same = keeps_restriction
            && keeps_scope
            && is_recursive == before.contains(SearchState::SEARCH_RECURSIVE);
        let is_rebuilding = before.contains(SearchState::SEARCH_REBUILD);
        // The same criteria again, while it looks, start nothing anew: Outlook repeats them as long as it does.
        let begins = runs && (!ran || !is_same || (restarts && !is_rebuilding));

        let mut state = SearchState::empty();
        state.set(SearchState::SEARCH_RUNNING, runs);
        state.set(
            SearchState::SEARCH_REBUILD,
            begins || (runs && is_rebuilding),
        );
        state.set(SearchState::SEARCH_RECURSIVE, is_recursive);
        state.set(SearchState::SEARCH_FOREGROUND, is_foreground);
        let search = Search {
            restriction: restriction.ok_or_else(none)?,
            scope: scope.ok_or_else(none)?,
            state: state.bits(),
        };
        Ok((search, begins))
    }
}

/// A restriction as it is kept; none at NULL.
///
/// # Safety
///
/// NULL or a restriction.
unsafe fn read_restriction(restriction: *const SRestriction) -> Result<Option<Vec<u8>>> {
    // SAFETY: the caller's word.
    let read =
        unsafe { view::read_optional::<Restriction<'_>>(restriction, &arguments::limits()) }?;
    let Some(restriction) = read else {
        return Ok(None);
    };
    // What can't be decided is refused now, and not on some thread.
    Matcher::new(&restriction)?;
    Ok(Some(encode_restriction(&restriction)?))
}

/// Folders; none at NULL, and where the list is empty.
///
/// # Safety
///
/// NULL, or a list with as many entry IDs as it says.
unsafe fn read_scope(
    shared: &StoreShared,
    list: *const SBinaryArray,
) -> Result<Option<Vec<FolderId>>> {
    // SAFETY: the caller's word.
    let list = unsafe { view::read_optional::<EntryList<'_>>(list, &Limits::default()) }?;
    let Some(list) = list.filter(|list| !list.0.is_empty()) else {
        return Ok(None);
    };
    let folder = |id: &EntryId<'_>| match shared.identity.parse(id.as_bytes())? {
        ObjectId::Folder(id) => Ok(id),
        ObjectId::Message(_) => {
            let text = "only folders can be searched";
            Err(Fault::new(MAPI_E_INVALID_PARAMETER, text))
        }
    };
    list.0.iter().map(folder).collect::<Result<_>>().map(Some)
}

fn check_folder(reader: &Reader<'_>, folder: FolderId) -> database::Result<()> {
    if reader.existing_folder(folder)?.kind == FolderKind::Search {
        return Ok(());
    }
    let text = "only a folder of the kind FOLDER_SEARCH has criteria";
    Err(database::Error::refused(MAPI_E_NO_SUPPORT, text))
}

fn check_scope(reader: &Reader<'_>, scope: &[FolderId]) -> database::Result<()> {
    for folder in scope {
        if reader.existing_folder(*folder)?.kind == FolderKind::Search {
            let text = "a search folder can't be searched: name the folders that it searches";
            return Err(database::Error::refused(MAPI_E_NO_SUPPORT, text));
        }
    }
    Ok(())
}

/// Where the results of `GetSearchCriteria` go; each may be NULL.
pub(in super::super) struct Outs {
    pub(in super::super) restriction: *mut *mut SRestriction,
    pub(in super::super) scope: *mut *mut SBinaryArray,
    pub(in super::super) state: *mut SearchState,
}

/// `GetSearchCriteria`.
///
/// # Safety
///
/// Each out is NULL or valid for a write.
pub(in super::super) unsafe fn get(
    shared: &StoreShared,
    folder: FolderId,
    flags: UnicodeFlags,
    outs: &Outs,
) -> Result<HRESULT> {
    let search = shared.read(|reader| {
        check_folder(reader, folder)?;
        let search = reader.search(folder)?;
        search.ok_or(database::Error::NotInitialized)
    })?;
    let mut restriction = decode_restriction(&search.restriction)?;
    if !flags.contains(UnicodeFlags::MAPI_UNICODE) {
        restriction = narrowed(restriction);
    }
    let entries = search.scope.iter().map(|folder| {
        let id = shared.identity.entry_id(*folder);
        EntryId::from(id)
    });
    let allocators = shared.allocators;
    // All of it, or nothing.
    let wants_restriction = !outs.restriction.is_null();
    let restriction = wants_restriction.then(|| allocators.build(&restriction));
    let restriction = restriction.transpose()?;
    let wants_scope = !outs.scope.is_null();
    let scope = wants_scope.then(|| allocators.build(&EntryList(entries.collect())));
    let scope = scope.transpose()?;
    // SAFETY: the caller's word.
    unsafe {
        if let Some(restriction) = restriction {
            *outs.restriction = restriction.into_raw();
        }
        if let Some(scope) = scope {
            *outs.scope = scope.into_raw();
        }
        if !outs.state.is_null() {
            *outs.state = SearchState::from_bits_retain(search.state);
        }
    }
    Ok(S_OK)
}

/// A restriction with its strings in the ANSI code page.
fn narrowed(restriction: Restriction<'static>) -> Restriction<'static> {
    let all = |parts: Vec<Restriction<'static>>| parts.into_iter().map(narrowed).collect();
    let boxed = |part: Box<Restriction<'static>>| Box::new(narrowed(*part));
    let tag = PropTag::ansi;
    match restriction {
        Restriction::And(parts) => Restriction::And(all(parts)),
        Restriction::Or(parts) => Restriction::Or(all(parts)),
        Restriction::Not(part) => Restriction::Not(boxed(part)),
        Restriction::Content {
            fuzzy_level,
            tag: column,
            property,
        } => Restriction::Content {
            fuzzy_level,
            tag: tag(column),
            property: narrow(property),
        },
        Restriction::Property {
            relop,
            tag: column,
            property,
        } => Restriction::Property {
            relop,
            tag: tag(column),
            property: narrow(property),
        },
        Restriction::CompareProps { relop, left, right } => Restriction::CompareProps {
            relop,
            left: tag(left),
            right: tag(right),
        },
        Restriction::Size {
            relop,
            tag: column,
            bytes,
        } => Restriction::Size {
            relop,
            tag: tag(column),
            bytes,
        },
        Restriction::Exist(column) => Restriction::Exist(tag(column)),
        Restriction::Sub {
            object,
            restriction,
        } => Restriction::Sub {
            object,
            restriction: boxed(restriction),
        },
        Restriction::Comment {
            properties,
            restriction,
        } => Restriction::Comment {
            properties: properties.into_iter().map(narrow).collect(),
            restriction: restriction.map(boxed),
        },
        Restriction::Annotation {
            properties,
            restriction,
        } => Restriction::Annotation {
            properties: properties.into_iter().map(narrow).collect(),
            restriction: restriction.map(boxed),
        },
        // Nothing in these has a width; counts are not kept.
        other => other,
    }
}

fn narrow(property: Property<'static>) -> Property<'static> {
    let text = |units: &[u16]| match PropValue::ansi(&String::from_utf16_lossy(units)) {
        PropValue::String8(text) => text,
        _ => Vec::new().into(),
    };
    let value = match property.value {
        PropValue::Unicode(units) => PropValue::String8(text(&units)),
        PropValue::MvUnicode(all) => {
            PropValue::MvString8(all.iter().map(|units| text(units)).collect())
        }
        other => other,
    };
    Property {
        tag: property.tag.ansi(),
        value,
    }
}
