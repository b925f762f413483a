//! The functions of kernel32, advapi32, ole32 and shell32 that are needed, as the Windows SDK declares them.

#![allow(non_snake_case, reason = "names are Windows'")]

use std::ffi::{c_char, c_void};

use windows_core::{GUID, HRESULT};

pub(super) type Handle = *mut c_void;
pub(super) type Bool = i32;
pub(super) type ThreadStart = unsafe extern "system" fn(*mut c_void) -> u32;

pub(super) const DUPLICATE_SAME_ACCESS: u32 = 2;
pub(super) const INFINITE: u32 = 0xFFFF_FFFF;
pub(super) const WAIT_OBJECT_0: u32 = 0;
pub(super) const STACK_SIZE_PARAM_IS_A_RESERVATION: u32 = 0x0001_0000;
pub(super) const GET_MODULE_HANDLE_EX_FLAG_PIN: u32 = 1;
pub(super) const GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT: u32 = 2;
pub(super) const GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS: u32 = 4;
pub(super) const LOAD_WITH_ALTERED_SEARCH_PATH: u32 = 8;
pub(super) const LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR: u32 = 0x100;
pub(super) const LOAD_LIBRARY_SEARCH_APPLICATION_DIR: u32 = 0x200;
pub(super) const LOAD_LIBRARY_SEARCH_SYSTEM32: u32 = 0x800;
pub(super) const ERROR_INVALID_PARAMETER: i32 = 87;
pub(super) const COINIT_MULTITHREADED: u32 = 0;
pub(super) const QS_SENDMESSAGE: u32 = 0x40;
pub(super) const MWMO_INPUTAVAILABLE: u32 = 4;
pub(super) const PM_NOREMOVE: u32 = 0;
pub(super) const PM_QS_SENDMESSAGE: u32 = QS_SENDMESSAGE << 16;

/// `BY_HANDLE_FILE_INFORMATION`.
#[repr(C)]
#[derive(Default)]
pub(super) struct FileInformation {
    pub(super) attributes: u32,
    /// Three of two halves each.
    pub(super) times: [u32; 6],
    pub(super) volume: u32,
    pub(super) size: [u32; 2],
    pub(super) links: u32,
    pub(super) index: [u32; 2],
}

/// MSG.
#[repr(C)]
pub(super) struct Message {
    window: Handle,
    message: u32,
    wide: usize,
    long: isize,
    time: u32,
    point: [i32; 2],
}

impl Default for Message {
    fn default() -> Self {
        Self {
            window: std::ptr::null_mut(),
            message: 0,
            wide: 0,
            long: 0,
            time: 0,
            point: [0; 2],
        }
    }
}

pub(super) const ERROR_BAD_EXE_FORMAT: i32 = 193;
pub(super) const ERROR_INVALID_FUNCTION: i32 = 1;
pub(super) const ERROR_SHARING_VIOLATION: i32 = 32;
pub(super) const ERROR_NOT_SUPPORTED: i32 = 50;
pub(super) const ERROR_INSUFFICIENT_BUFFER: i32 = 122;
pub(super) const GENERIC_READ: u32 = 0x8000_0000;
pub(super) const GENERIC_WRITE: u32 = 0x4000_0000;
pub(super) const WRITE_DAC: u32 = 0x0004_0000;
pub(super) const WRITE_OWNER: u32 = 0x0008_0000;
pub(super) const OWNER_SECURITY_INFORMATION: u32 = 1;
pub(super) const GROUP_SECURITY_INFORMATION: u32 = 2;
pub(super) const DACL_SECURITY_INFORMATION: u32 = 4;
pub(super) const SECURITY_IMPERSONATION: i32 = 2;
pub(super) const SE_RESTORE_PRIVILEGE: u32 = 18;
pub(super) const SE_PRIVILEGE_ENABLED: u32 = 2;
pub(super) const TOKEN_QUERY: u32 = 8;
pub(super) const TOKEN_ADJUST_PRIVILEGES: u32 = 0x20;
pub(super) const TOKEN_ELEVATION_TYPE: u32 = 18;
pub(super) const TOKEN_ELEVATION: u32 = 20;
pub(super) const TOKEN_INTEGRITY_LEVEL: u32 = 25;
pub(super) const TOKEN_ELEVATION_TYPE_FULL: u32 = 2;
pub(super) const INTEGRITY_MEDIUM: u32 = 0x2000;
pub(super) const INTEGRITY_SYSTEM: u32 = 0x4000;
pub(super) const FILE_ATTRIBUTE_HIDDEN: u32 = 2;
pub(super) const FILE_ATTRIBUTE_SYSTEM: u32 = 4;
pub(super) const FILE_ATTRIBUTE_DIRECTORY: u32 = 0x10;
pub(super) const FILE_ATTRIBUTE_ARCHIVE: u32 = 0x20;
pub(super) const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;
pub(super) const FILE_ATTRIBUTE_NOT_CONTENT_INDEXED: u32 = 0x2000;
pub(super) const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
pub(super) const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
pub(super) const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
pub(super) const FILE_SHARE_READ: u32 = 1;
pub(super) const FILE_SHARE_WRITE: u32 = 2;
/// What the machine's software says of itself, and no user can change.
pub(super) const HKEY_LOCAL_MACHINE: usize = 0x8000_0002;
pub(super) const RRF_RT_REG_SZ: u32 = 2;
pub(super) const RRF_NOEXPAND: u32 = 0x1000_0000;
pub(super) const MB_ICONERROR: u32 = 0x10;
pub(super) const MB_SETFOREGROUND: u32 = 0x0001_0000;
pub(super) const KF_FLAG_DEFAULT_PATH: u32 = 0x400;
pub(super) const FILE_TYPE_DISK: u32 = 1;
pub(super) const SECURITY_IDENTIFICATION: u32 = 0x0001_0000;

/// `TOKEN_PRIVILEGES` with one of them.
#[repr(C)]
pub(super) struct TokenPrivilege {
    pub(super) count: u32,
    /// A LUID: its lower half first.
    pub(super) id: [u32; 2],
    pub(super) attributes: u32,
}

#[link(name = "kernel32")]
unsafe extern "system" {
    pub(super) fn CloseHandle(handle: Handle) -> Bool;
    pub(super) fn CreateEventW(
        attributes: *const c_void,
        manual: Bool,
        signalled: Bool,
        name: *const u16,
    ) -> Handle;
    pub(super) fn CreateThread(
        attributes: *const c_void,
        stack: usize,
        start: ThreadStart,
        parameter: *mut c_void,
        flags: u32,
        id: *mut u32,
    ) -> Handle;
    pub(super) fn DuplicateHandle(
        from_process: Handle,
        handle: Handle,
        to_process: Handle,
        duplicate: *mut Handle,
        access: u32,
        inherit: Bool,
        options: u32,
    ) -> Bool;
    pub(super) fn FreeLibrary(module: Handle) -> Bool;
    pub(super) fn FreeLibraryAndExitThread(module: Handle, code: u32) -> !;
    pub(super) fn GetCurrentProcess() -> Handle;
    pub(super) fn GetCurrentProcessId() -> u32;
    pub(super) fn GetCurrentThread() -> Handle;
    pub(super) fn GetCurrentThreadId() -> u32;
    pub(super) fn GetFileInformationByHandle(
        file: Handle,
        information: *mut FileInformation,
    ) -> Bool;
    pub(super) fn GetFileType(file: Handle) -> u32;
    pub(super) fn GetModuleFileNameW(module: Handle, path: *mut u16, count: u32) -> u32;
    pub(super) fn GetModuleHandleExW(flags: u32, name: *const u16, module: *mut Handle) -> Bool;
    pub(super) fn GetProcAddress(module: Handle, name: *const c_char) -> *const c_void;
    pub(super) fn LoadLibraryExW(path: *const u16, file: Handle, flags: u32) -> Handle;
    pub(super) fn GetSystemDirectoryW(path: *mut u16, count: u32) -> u32;
    pub(super) fn ProcessIdToSessionId(process: u32, session: *mut u32) -> Bool;
    pub(super) fn SetEvent(event: Handle) -> Bool;
    pub(super) fn WaitForSingleObject(handle: Handle, milliseconds: u32) -> u32;
}

#[link(name = "advapi32")]
unsafe extern "system" {
    pub(super) fn AdjustTokenPrivileges(
        token: Handle,
        disable_all: Bool,
        wanted: *const TokenPrivilege,
        size: u32,
        before: *mut TokenPrivilege,
        length: *mut u32,
    ) -> Bool;
    pub(super) fn GetKernelObjectSecurity(
        object: Handle,
        information: u32,
        descriptor: *mut c_void,
        size: u32,
        needed: *mut u32,
    ) -> Bool;
    pub(super) fn GetSidSubAuthority(sid: *const c_void, index: u32) -> *const u32;
    pub(super) fn GetSidSubAuthorityCount(sid: *const c_void) -> *const u8;
    pub(super) fn GetTokenInformation(
        token: Handle,
        class: u32,
        information: *mut c_void,
        size: u32,
        length: *mut u32,
    ) -> Bool;
    pub(super) fn ImpersonateSelf(level: i32) -> Bool;
    pub(super) fn OpenProcessToken(process: Handle, access: u32, token: *mut Handle) -> Bool;
    pub(super) fn OpenThreadToken(
        thread: Handle,
        access: u32,
        as_self: Bool,
        token: *mut Handle,
    ) -> Bool;
    pub(super) fn RegGetValueW(
        key: Handle,
        below: *const u16,
        value: *const u16,
        flags: u32,
        kind: *mut u32,
        data: *mut c_void,
        size: *mut u32,
    ) -> i32;
    pub(super) fn RevertToSelf() -> Bool;
    pub(super) fn SetKernelObjectSecurity(
        object: Handle,
        information: u32,
        descriptor: *const c_void,
    ) -> Bool;
}

#[link(name = "ole32")]
unsafe extern "system" {
    pub(super) fn CoCreateGuid(guid: *mut GUID) -> HRESULT;
    pub(super) fn CoInitializeEx(reserved: *const c_void, flags: u32) -> HRESULT;
    pub(super) fn CoTaskMemFree(memory: *mut c_void);
    pub(super) fn CoUninitialize();
}

#[link(name = "shell32")]
unsafe extern "system" {
    pub(super) fn SHGetKnownFolderPath(
        folder: *const GUID,
        flags: u32,
        token: Handle,
        path: *mut *mut u16,
    ) -> HRESULT;
}

#[link(name = "user32")]
unsafe extern "system" {
    pub(super) fn MessageBoxW(
        window: Handle,
        text: *const u16,
        title: *const u16,
        kind: u32,
    ) -> i32;
    pub(super) fn MsgWaitForMultipleObjectsEx(
        count: u32,
        handles: *const Handle,
        milliseconds: u32,
        wake_mask: u32,
        flags: u32,
    ) -> u32;
    pub(super) fn PeekMessageW(
        message: *mut Message,
        window: Handle,
        first: u32,
        last: u32,
        remove: u32,
    ) -> Bool;
}
