//! The folder object: IMAPIFolder.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    CopyFolderFlags, CopyMessagesFlags, CreateFolderFlags, CreateMessageFlags, DeleteFolderFlags,
    DeleteMessagesFlags, ENTRYID, EmptyFolderFlags, GUID, GetContentsTableFlags,
    GetHierarchyTableFlags, HRESULT, IMAPIContainer_Impl, IMAPIFolder, IMAPIFolder_Impl,
    IMAPITable, Interface, MAPI_E_NO_ACCESS, MAPI_E_OBJECT_DELETED, MessageStatus, OpenEntryFlags,
    OpenPropertyFlags, PR_CONTAINER_CONTENTS, PR_CONTAINER_HIERARCHY,
    PR_FOLDER_ASSOCIATED_CONTENTS, PropTag, ReadFlags, S_OK, SBinaryArray, SRestriction,
    SSortOrderSet, SaveContentsSortFlags, SearchState, SetSearchCriteriaFlags, TCHAR, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef};

use super::arguments;
use super::computed::FolderView;
use super::fault::{Fault, LastFault, Result};
use super::folder_content as content;
use super::folder_tree as tree;
use super::open_entry::{self, FOLDER, MESSAGE, read_folder, read_message};
use super::owners::FolderOwner;
use super::progress::Asked;
use super::search;
use super::shared::StoreShared;
use super::stream;
use super::tables::{self, Which};
use crate::database::FolderId;

/// A folder, as its interface.
///
/// # Errors
///
/// It is gone.
pub(super) fn open(shared: &Arc<StoreShared>, id: FolderId, writable: bool) -> Result<*mut c_void> {
    shared.read(|reader| reader.existing_folder(id))?;
    let folder = ObjectRef::new(FolderObject {
        shared: Arc::clone(shared),
        id,
        is_writable: writable,
        last: LastFault::default(),
    });
    Ok(folder.into_interface::<IMAPIFolder>().into_raw())
}

/// A folder. It holds nothing of it: each call looks at the store as it is.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMAPIFolder)))]
pub(super) struct FolderObject {
    pub(super) shared: Arc<StoreShared>,
    pub(super) id: FolderId,
    pub(super) is_writable: bool,
    pub(super) last: LastFault,
}
include!("objects/folder.rs");

impl FolderObject {
    /// The folder as it is now.
    pub(super) fn view(&self) -> Result<FolderView> {
        view(&self.shared, self.id, self.is_writable)
    }

    pub(super) fn check_writable(&self) -> Result<()> {
        if self.is_writable {
            Ok(())
        } else {
            Err(Fault::new(
                MAPI_E_NO_ACCESS,
                "the folder is open for reading only",
            ))
        }
    }

    fn table(&self, which: Which, soft: bool, unicode: bool) -> Result<*mut c_void> {
        self.view()?;
        if soft {
            // STORE-33: nothing is deleted softly.
            let folders = matches!(which, Which::Hierarchy { .. });
            return tables::empty(&self.shared, folders, unicode);
        }
        tables::open(&self.shared, which, unicode)
    }

    fn contents(&self, associated: bool) -> Which {
        let folder = self.id;
        Which::Contents { folder, associated }
    }

    fn hierarchy(&self, deep: bool) -> Which {
        let folder = self.id;
        Which::Hierarchy { folder, deep }
    }

    /// An object under a property: one of the tables, or a stream.
    pub(super) fn open_property(
        &self,
        tag: PropTag,
        iid: &GUID,
        options: u32,
        flags: OpenPropertyFlags,
    ) -> Result<*mut c_void> {
        let unicode = options & UnicodeFlags::MAPI_UNICODE.bits() != 0;
        let is_table = *iid == IMAPITable::IID;
        // STORE-19: the same tables as by the methods.
        let which = match tag.id() {
            id if is_table && id == PR_CONTAINER_CONTENTS.id() => self.contents(false),
            id if is_table && id == PR_FOLDER_ASSOCIATED_CONTENTS.id() => self.contents(true),
            id if is_table && id == PR_CONTAINER_HIERARCHY.id() => self.hierarchy(false),
            _ => {
                let owner = FolderOwner {
                    shared: Arc::clone(&self.shared),
                    id: self.id,
                    is_writable: self.is_writable,
                };
                return stream::open(Arc::new(owner), tag, iid, options, flags);
            }
        };
        self.table(which, false, unicode)
    }
}

/// A folder as it is now.
///
/// # Errors
///
/// It has been deleted.
pub(super) fn view(shared: &StoreShared, id: FolderId, writable: bool) -> Result<FolderView> {
    let folder = shared.read(|reader| reader.folder(id))?;
    let gone = || Fault::new(MAPI_E_OBJECT_DELETED, "the folder has been deleted");
    Ok(FolderView {
        folder: folder.ok_or_else(gone)?,
        writable,
    })
}

impl IMAPIContainer_Impl for FolderObject {
    unsafe fn GetContentsTable(
        this: &Object<Self>,
        ulFlags: GetContentsTableFlags,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        let unicode = ulFlags.contains(GetContentsTableFlags::MAPI_UNICODE);
        let soft = ulFlags.contains(GetContentsTableFlags::SHOW_SOFT_DELETES);
        let which = this.contents(ulFlags.contains(GetContentsTableFlags::MAPI_ASSOCIATED));
        this.last
            .answer(this.table(which, soft, unicode).map(|table| {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lppTable = table };
                S_OK
            }))
    }

    unsafe fn GetHierarchyTable(
        this: &Object<Self>,
        ulFlags: GetHierarchyTableFlags,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        let unicode = ulFlags.contains(GetHierarchyTableFlags::MAPI_UNICODE);
        let soft = ulFlags.contains(GetHierarchyTableFlags::SHOW_SOFT_DELETES);
        let which = this.hierarchy(ulFlags.contains(GetHierarchyTableFlags::CONVENIENT_DEPTH));
        this.last
            .answer(this.table(which, soft, unicode).map(|table| {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lppTable = table };
                S_OK
            }))
    }

    unsafe fn OpenEntry(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        lpInterface: *const GUID,
        ulFlags: OpenEntryFlags,
        lpulObjType: *mut u32,
        lppUnk: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        this.last.answer(unsafe {
            open_entry::open(
                &this.shared,
                (cbEntryID, lpEntryID),
                lpInterface,
                ulFlags,
                lpulObjType,
                lppUnk,
            )
        })
    }

    unsafe fn SetSearchCriteria(
        this: &Object<Self>,
        lpRestriction: *mut SRestriction,
        lpContainerList: *mut SBinaryArray,
        ulSearchFlags: SetSearchCriteriaFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        this.last
            .answer(this.check_writable().and_then(|()| unsafe {
                let (shared, id) = (&this.shared, this.id);
                search::set(shared, id, lpRestriction, lpContainerList, ulSearchFlags)
            }))
    }

    unsafe fn GetSearchCriteria(
        this: &Object<Self>,
        ulFlags: UnicodeFlags,
        lppRestriction: *mut *mut SRestriction,
        lppContainerList: *mut *mut SBinaryArray,
        lpulSearchState: *mut SearchState,
    ) -> HRESULT {
        let outs = search::Outs {
            restriction: lppRestriction,
            scope: lppContainerList,
            state: lpulSearchState,
        };
        // SAFETY: each is NULL or the caller's to be written to.
        this.last
            .answer(unsafe { search::get(&this.shared, this.id, ulFlags, &outs) })
    }
}

impl IMAPIFolder_Impl for FolderObject {
    unsafe fn CreateMessage(
        this: &Object<Self>,
        lpInterface: *const GUID,
        ulFlags: CreateMessageFlags,
        lppMessage: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let checked = unsafe { arguments::check_interface(lpInterface, &MESSAGE) };
        let associated = ulFlags.contains(CreateMessageFlags::MAPI_ASSOCIATED);
        let created = checked.and_then(|()| {
            this.view()?;
            content::create_message(&this.shared, this.id, associated)
        });
        this.last.answer(created.map(|message| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppMessage = message };
            S_OK
        }))
    }

    unsafe fn CopyMessages(
        this: &Object<Self>,
        lpMsgList: *mut SBinaryArray,
        _lpInterface: *const GUID,
        lpDestFolder: *mut c_void,
        ulUIParam: usize,
        lpProgress: *mut c_void,
        ulFlags: CopyMessagesFlags,
    ) -> HRESULT {
        let asked = Asked {
            is_wanted: ulFlags.contains(CopyMessagesFlags::MESSAGE_DIALOG),
            window: ulUIParam,
            display: lpProgress,
        };
        let shared = &this.shared;
        // SAFETY: the caller's word.
        this.last.answer(unsafe {
            content::copy_messages(shared, this.id, lpMsgList, lpDestFolder, ulFlags, &asked)
        })
    }

    unsafe fn DeleteMessages(
        this: &Object<Self>,
        lpMsgList: *mut SBinaryArray,
        _ulUIParam: usize,
        _lpProgress: *mut c_void,
        _ulFlags: DeleteMessagesFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        this.last
            .answer(unsafe { content::delete_messages(&this.shared, this.id, lpMsgList) })
    }

    unsafe fn CreateFolder(
        this: &Object<Self>,
        ulFolderType: u32,
        lpszFolderName: *mut TCHAR,
        lpszFolderComment: *mut TCHAR,
        lpInterface: *const GUID,
        ulFlags: CreateFolderFlags,
        lppFolder: *mut *mut c_void,
    ) -> HRESULT {
        let unicode = ulFlags.contains(CreateFolderFlags::MAPI_UNICODE);
        // SAFETY: the caller's word.
        let read = unsafe {
            arguments::check_interface(lpInterface, &FOLDER).and_then(|()| {
                let name = arguments::text_value(lpszFolderName, unicode)?;
                Ok((name, arguments::text_value(lpszFolderComment, unicode)?))
            })
        };
        let created = read.and_then(|(name, comment)| {
            let new = tree::New {
                folder_type: ulFolderType,
                name: name.unwrap_or_else(|| "".into()),
                comment,
                open_if_exists: ulFlags.contains(CreateFolderFlags::OPEN_IF_EXISTS),
            };
            tree::create_folder(&this.shared, this.id, &new)
        });
        this.last.answer(created.map(|folder| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppFolder = folder };
            S_OK
        }))
    }

    unsafe fn CopyFolder(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        _lpInterface: *const GUID,
        lpDestFolder: *mut c_void,
        lpszNewFolderName: *mut TCHAR,
        ulUIParam: usize,
        lpProgress: *mut c_void,
        ulFlags: CopyFolderFlags,
    ) -> HRESULT {
        let unicode = ulFlags.contains(CopyFolderFlags::MAPI_UNICODE);
        let asked = Asked {
            is_wanted: ulFlags.contains(CopyFolderFlags::FOLDER_DIALOG),
            window: ulUIParam,
            display: lpProgress,
        };
        let shared = &this.shared;
        // SAFETY: the caller's word.
        this.last.answer(unsafe {
            read_folder(shared, (cbEntryID, lpEntryID)).and_then(|id| {
                let name = arguments::text(lpszNewFolderName, unicode)?;
                let name = name.as_deref();
                tree::copy_folder(shared, id, lpDestFolder, name, ulFlags, &asked)
            })
        })
    }

    unsafe fn DeleteFolder(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        _ulUIParam: usize,
        _lpProgress: *mut c_void,
        ulFlags: DeleteFolderFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let id = unsafe { read_folder(&this.shared, (cbEntryID, lpEntryID)) };
        this.last
            .answer(id.and_then(|id| tree::delete_folder(&this.shared, this.id, id, ulFlags)))
    }

    unsafe fn SetReadFlags(
        this: &Object<Self>,
        lpMsgList: *mut SBinaryArray,
        _ulUIParam: usize,
        _lpProgress: *mut c_void,
        ulFlags: ReadFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        this.last
            .answer(unsafe { content::set_read_flags(&this.shared, this.id, lpMsgList, ulFlags) })
    }

    unsafe fn GetMessageStatus(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        _ulFlags: u32,
        lpulMessageStatus: *mut MessageStatus,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let id = unsafe { read_message(&this.shared, (cbEntryID, lpEntryID)) };
        let status = id.and_then(|id| content::message_status(&this.shared, id));
        this.last.answer(status.map(|status| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpulMessageStatus = status };
            S_OK
        }))
    }

    unsafe fn SetMessageStatus(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        ulNewStatus: MessageStatus,
        ulNewStatusMask: MessageStatus,
        lpulOldStatus: *mut MessageStatus,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let id = unsafe { read_message(&this.shared, (cbEntryID, lpEntryID)) };
        let set = id.and_then(|id| {
            content::set_message_status(&this.shared, id, ulNewStatus, ulNewStatusMask)
        });
        this.last.answer(set.map(|old| {
            if !lpulOldStatus.is_null() {
                // SAFETY: not NULL, so the caller's to be written to.
                unsafe { *lpulOldStatus = old };
            }
            S_OK
        }))
    }

    unsafe fn SaveContentsSort(
        this: &Object<Self>,
        lpSortCriteria: *mut SSortOrderSet,
        _ulFlags: SaveContentsSortFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        this.last
            .answer(unsafe { content::save_sort(&this.shared, this.id, lpSortCriteria) })
    }

    unsafe fn EmptyFolder(
        this: &Object<Self>,
        _ulUIParam: usize,
        _lpProgress: *mut c_void,
        ulFlags: EmptyFolderFlags,
    ) -> HRESULT {
        this.last
            .answer(tree::empty_folder(&this.shared, this.id, ulFlags))
    }
}
