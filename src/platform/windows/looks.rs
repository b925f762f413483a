//! Whose a file is, who may do what with it, and how it is shown.
//!
//! Not by `ReplaceFile`, which does this by itself: if that is interrupted, no file of the name may be left.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::ptr;

use super::api;
use super::file::information;

/// What a file takes over from the one that it replaces. (Not its audit list, which only a privilege shows.)
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Looks {
    attributes: u32,
    /// A self-relative security descriptor; `None` on a volume that has none.
    descriptor: Option<Vec<u32>>,
}

const ATTRIBUTES: u32 = api::FILE_ATTRIBUTE_HIDDEN
    | api::FILE_ATTRIBUTE_SYSTEM
    | api::FILE_ATTRIBUTE_ARCHIVE
    | api::FILE_ATTRIBUTE_NOT_CONTENT_INDEXED;

const SECURITY: u32 = api::OWNER_SECURITY_INFORMATION
    | api::GROUP_SECURITY_INFORMATION
    | api::DACL_SECURITY_INFORMATION;

impl Looks {
    /// Those of an open file.
    ///
    /// # Errors
    ///
    /// The system doesn't tell.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        Ok(Self {
            attributes: information(file)?.attributes & ATTRIBUTES,
            descriptor: descriptor(file)?,
        })
    }

    /// Makes a new file that will get these looks.
    ///
    /// # Errors
    ///
    /// There is one of this name; or as [`OpenOptions::open`].
    pub(crate) fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .access_mode(api::GENERIC_READ | api::GENERIC_WRITE | api::WRITE_DAC | api::WRITE_OWNER)
            .attributes(self.attributes)
            .open(path)
    }

    /// Gives a file that [`create`](Self::create) has made these looks, all of them or none.
    ///
    /// # Errors
    ///
    /// It may not be given to that owner.
    pub(crate) fn give(&self, file: &File) -> io::Result<()> {
        let Some(wanted) = &self.descriptor else {
            return Ok(());
        };
        if descriptor(file)?.as_ref() == Some(wanted) {
            return Ok(());
        }
        let mut wanted = wanted.clone();
        // Without the request, the system would take entries that come from the folder for the file's own.
        if wanted[0] & AUTO_INHERITED != 0 {
            wanted[0] |= AUTO_INHERIT_REQUEST;
        }
        let set = || {
            // SAFETY: an open file, and a descriptor as the system has given it.
            let done = unsafe {
                api::SetKernelObjectSecurity(file.as_raw_handle(), SECURITY, wanted.as_ptr().cast())
            };
            (done != 0)
                .then_some(())
                .ok_or_else(io::Error::last_os_error)
        };
        // To another's name only with a privilege that administrators have, and that is off by default.
        set().or_else(|error| match Restoring::begin() {
            Some(_restoring) => set(),
            None => Err(error),
        })
    }
}

/// The flags of a descriptor are the upper half of its first word.
const AUTO_INHERIT_REQUEST: u32 = 0x0100 << 16;
const AUTO_INHERITED: u32 = 0x0400 << 16;

fn descriptor(file: &File) -> io::Result<Option<Vec<u32>>> {
    let read = |room: &mut [u32]| {
        let mut needed = 0;
        let size = u32::try_from(size_of_val(room)).unwrap_or(0);
        // SAFETY: an open file, and as much room as is said.
        let done = unsafe {
            api::GetKernelObjectSecurity(
                file.as_raw_handle(),
                SECURITY,
                room.as_mut_ptr().cast(),
                size,
                &raw mut needed,
            )
        };
        (done == 0, needed as usize)
    };
    let (_, needed) = read(&mut []);
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(api::ERROR_INVALID_FUNCTION | api::ERROR_NOT_SUPPORTED) => return Ok(None),
        Some(api::ERROR_INSUFFICIENT_BUFFER) if needed >= size_of::<u32>() => {}
        _ => return Err(error),
    }
    let mut room = vec![0; needed.div_ceil(size_of::<u32>())];
    let (has_failed, _) = read(&mut room);
    if has_failed {
        return Err(io::Error::last_os_error());
    }
    Ok(Some(room))
}

/// This thread may give files to others, until drop.
struct Restoring;

impl Restoring {
    /// `None` if it may not, or acts for somebody else.
    fn begin() -> Option<Self> {
        if ThreadToken::open(api::TOKEN_QUERY).is_some() {
            return None;
        }
        // SAFETY: the thread gets a copy of the process's token, which `drop` takes away.
        if unsafe { api::ImpersonateSelf(api::SECURITY_IMPERSONATION) } == 0 {
            return None;
        }
        let restoring = Restoring;
        let token = ThreadToken::open(api::TOKEN_ADJUST_PRIVILEGES)?;
        let wanted = api::TokenPrivilege {
            count: 1,
            id: [api::SE_RESTORE_PRIVILEGE, 0],
            attributes: api::SE_PRIVILEGE_ENABLED,
        };
        // SAFETY: the thread's own token, and one privilege as is said.
        let done = unsafe {
            api::AdjustTokenPrivileges(
                token.0,
                0,
                &raw const wanted,
                0,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        (done != 0).then_some(restoring)
    }
}

impl Drop for Restoring {
    fn drop(&mut self) {
        // SAFETY: a call without parameters.
        unsafe { api::RevertToSelf() };
    }
}

/// The token of a thread that doesn't act with the process's.
struct ThreadToken(api::Handle);

impl ThreadToken {
    fn open(access: u32) -> Option<Self> {
        let mut token = ptr::null_mut();
        // SAFETY: the calling thread, and a live variable; the handle that comes is ours.
        let found =
            unsafe { api::OpenThreadToken(api::GetCurrentThread(), access, 1, &raw mut token) };
        (found != 0).then(|| Self(token))
    }
}

impl Drop for ThreadToken {
    fn drop(&mut self) {
        // SAFETY: ours.
        unsafe { api::CloseHandle(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_looks_in_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        // A descriptor that no file gets by itself: nobody but the owner may do anything.
        let private = Looks {
            attributes: api::FILE_ATTRIBUTE_HIDDEN,
            descriptor: None,
        };
        let file = private.create(&one).expect("writable");
        let usual = Looks::of(&file).expect("Windows tells");
        let wanted = alone(usual.descriptor.as_deref().expect("there is one"));
        let wanted = Looks {
            attributes: 0,
            descriptor: Some(wanted),
        };
        wanted.give(&file).expect("ours");
        let before = Looks::of(&file).expect("Windows tells");
        assert_ne!(before.descriptor, usual.descriptor);
        assert_eq!(before.attributes & ATTRIBUTES, before.attributes);
        let copy = before.create(&other).expect("writable");
        before.give(&copy).expect("its owner is the same");
        assert_eq!(Looks::of(&copy).expect("Windows tells"), before);
        // So that the folder can be removed.
        for file in [file, copy] {
            usual.give(&file).expect("ours");
            assert_eq!(descriptor(&file).expect("Windows tells"), usual.descriptor);
        }
    }

    /// A self-relative descriptor without the entries of its list: nobody is allowed anything but by being the owner.
    fn alone(descriptor: &[u32]) -> Vec<u32> {
        let mut alone = descriptor.to_vec();
        // The fifth word says where the list is; its size and its count of entries are the halves of two words there.
        let list = alone[4] as usize / size_of::<u32>();
        assert_ne!(list, 0, "a list");
        alone[list + 1] = 0;
        alone
    }
}
