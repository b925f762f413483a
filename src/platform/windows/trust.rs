//! Whether the process has more rights than whoever may have written its environment.
//!
//! A program that was elevated by consent, and a service, are given an environment that the account's programs without
//! those rights can write too: a value in the registry is enough. So what it says decides nothing there (SYNC-23).

use std::ffi::c_void;
use std::io;
use std::ptr;

use super::api;
use super::library::Library;

/// Is the process elevated, or a service's? If the system doesn't say, it is taken for one.
pub(crate) fn is_privileged() -> bool {
    !is_wine() && Standing::of_process().is_none_or(Standing::is_privileged)
}

/// Wine gives all programs the token of an elevated one, so the token says nothing: no program has fewer rights. No
/// Windows has this export, and a program can put it there only from inside the process.
fn is_wine() -> bool {
    let system = Library::loaded("ntdll");
    system.is_some_and(|system| system.symbol(c"wine_get_version").is_some())
}

/// What decides it.
#[derive(Debug, Clone, Copy)]
struct Standing {
    /// 0 is that of the services.
    session: u32,
    /// A `TOKEN_ELEVATION_TYPE`.
    elevation: u32,
    /// Does the token have an administrator's rights?
    is_elevated: bool,
    /// The integrity level: the last number of its SID.
    integrity: u32,
}

impl Standing {
    fn of_process() -> Option<Self> {
        let token = Token::of_process().ok()?;
        let mut session = 0;
        // SAFETY: a live variable.
        let has_session =
            unsafe { api::ProcessIdToSessionId(api::GetCurrentProcessId(), &raw mut session) };
        (has_session != 0).then_some(())?;
        Some(Standing {
            session,
            elevation: token.number(api::TOKEN_ELEVATION_TYPE)?,
            is_elevated: token.number(api::TOKEN_ELEVATION)? != 0,
            integrity: token.integrity()?,
        })
    }

    fn is_privileged(self) -> bool {
        let is_service = self.session == 0 || self.integrity >= api::INTEGRITY_SYSTEM;
        // An administrator who works without consent (`Default`: UAC is off) has no programs with fewer rights, and
        // so nobody with fewer rights has written the environment.
        let has_consent = self.elevation == api::TOKEN_ELEVATION_TYPE_FULL;
        // A program for accessibility: above others' windows without being an administrator's.
        let is_above = !self.is_elevated && self.integrity > api::INTEGRITY_MEDIUM;
        is_service || has_consent || is_above
    }
}

/// The process's access token.
struct Token(api::Handle);

impl Token {
    fn of_process() -> io::Result<Self> {
        let mut token = ptr::null_mut();
        // SAFETY: a live variable; the handle that comes is ours.
        let opened = unsafe {
            api::OpenProcessToken(api::GetCurrentProcess(), api::TOKEN_QUERY, &raw mut token)
        };
        if opened == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(token))
    }

    /// Fills the room with the token's data of a class; returns how many bytes.
    fn read(&self, class: u32, room: &mut [usize]) -> Option<usize> {
        let size = u32::try_from(size_of_val(room)).ok()?;
        let mut length = 0;
        // SAFETY: an open token, and as much room as is said.
        let answered = unsafe {
            api::GetTokenInformation(
                self.0,
                class,
                room.as_mut_ptr().cast(),
                size,
                &raw mut length,
            )
        };
        (answered != 0).then_some(length as usize)
    }

    fn number(&self, class: u32) -> Option<u32> {
        let mut room = [0];
        let length = self.read(class, &mut room)?;
        // A DWORD, and both Windows' are little-endian.
        (length >= size_of::<u32>()).then_some(room[0] as u32)
    }

    fn integrity(&self) -> Option<u32> {
        // A TOKEN_MANDATORY_LABEL: a pointer to a SID that follows it.
        let mut room = [0; 16];
        let length = self.read(api::TOKEN_INTEGRITY_LEVEL, &mut room)?;
        if length < size_of::<*const c_void>() {
            return None;
        }
        let sid = room[0] as *const c_void;
        // SAFETY: the system's SID, in the room; it has at least one number, and the last is the level.
        unsafe {
            let count = *api::GetSidSubAuthorityCount(sid);
            let last = u32::from(count).checked_sub(1)?;
            Some(*api::GetSidSubAuthority(sid, last))
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        // SAFETY: ours.
        unsafe { api::CloseHandle(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITED: u32 = 3;
    const DEFAULT: u32 = 1;

    #[test]
    fn sync_23_who_was_raised_above_others_is_privileged() {
        let standing = |session, elevation, is_elevated, integrity| Standing {
            session,
            elevation,
            is_elevated,
            integrity,
        };
        let full = api::TOKEN_ELEVATION_TYPE_FULL;
        for (standing, expected) in [
            // A user's program, an administrator's without consent, one in a sandbox.
            (standing(1, DEFAULT, false, 0x2000), false),
            (standing(1, LIMITED, false, 0x2000), false),
            (standing(2, DEFAULT, false, 0x1000), false),
            // UAC is off.
            (standing(1, DEFAULT, true, 0x3000), false),
            // With consent; a service of the system's, and a user's; the system in somebody's session.
            (standing(1, full, true, 0x3000), true),
            (standing(0, DEFAULT, true, 0x4000), true),
            (standing(0, DEFAULT, false, 0x2000), true),
            (standing(1, DEFAULT, true, 0x4000), true),
            // For accessibility.
            (standing(1, LIMITED, false, 0x3000), true),
            (standing(1, DEFAULT, false, 0x2010), true),
        ] {
            assert_eq!(standing.is_privileged(), expected, "{standing:?}");
        }
    }

    #[test]
    fn the_system_says_how_a_process_stands() {
        let standing = Standing::of_process().expect("Windows knows");
        assert!(
            (1..=3).contains(&standing.elevation) && standing.integrity > 0,
            "{standing:?}"
        );
    }
}
