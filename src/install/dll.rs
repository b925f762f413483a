//! How MAPI finds a provider's DLL.
//!
//! MAPI puts a 32 into the name that `mapisvc.inf` has, on 64 bits too. It does so at the first period of the whole
//! text: in a full path there can be no other. And it reads the text in the ANSI code page.

use std::fmt;

use mapi_provider_abi::internal::{ansi_to_string, string_to_ansi};

/// The name of a DLL as `mapisvc.inf` has it: without the 32.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DllName(String);

/// Windows' `MAX_PATH`, without the NUL.
const PATH_MAX: usize = 259;

impl DllName {
    /// The name without a path: MAPI looks in the folders where Windows looks for DLLs.
    pub fn bare(id: &str) -> Self {
        DllName(format!("{id}.dll"))
    }

    /// The name for the DLL of provider `id` in the file at `path`, a full path of Windows'.
    ///
    /// # Errors
    ///
    /// MAPI would not find it there.
    pub fn of_file(path: &str, id: &str) -> Result<Self, DllNameError> {
        let file = format!("{id}32.dll");
        let start = path.rfind(['\\', '/']).map_or(0, |at| at + 1);
        let (folder, name) = path.split_at(start);
        if !name.eq_ignore_ascii_case(&file) {
            return Err(DllNameError::OtherName { file });
        }
        if !is_full(folder) {
            return Err(DllNameError::NotFull);
        }
        if folder.contains('.') {
            return Err(DllNameError::Period);
        }
        if path.chars().any(char::is_control) || ansi_to_string(&string_to_ansi(path)) != path {
            return Err(DllNameError::NotAnsi);
        }
        if path.encode_utf16().count() > PATH_MAX {
            return Err(DllNameError::TooLong);
        }
        Ok(DllName(format!("{folder}{id}.dll")))
    }

    /// What goes into the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Does a folder's path begin with a drive or a server?
fn is_full(folder: &str) -> bool {
    let is_separator = |byte: &u8| matches!(byte, b'\\' | b'/');
    match folder.as_bytes() {
        [b'\\', b'\\', server, ..] => !is_separator(server) && !matches!(server, b'?' | b'.'),
        [drive, b':', separator, ..] => drive.is_ascii_alphabetic() && is_separator(separator),
        _ => false,
    }
}

/// Why MAPI would not find a DLL at its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DllNameError {
    /// The file has another name than the one that MAPI makes of the id.
    OtherName {
        /// The name that it must have.
        file: String,
    },
    /// The path doesn't begin with a drive or a server.
    NotFull,
    /// A folder has a period in its name.
    Period,
    /// A character is not in the ANSI code page.
    NotAnsi,
    /// The path is longer than `MAX_PATH`.
    TooLong,
}

impl DllNameError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            DllNameError::OtherName { file } => {
                format!("name the file {file}: MAPI puts the 32 there itself, on 64 bits too")
            }
            DllNameError::NotFull => {
                "write the whole path, such as `C:\\Contoso\\contoso32.dll`".into()
            }
            DllNameError::Period => {
                "move it into folders without periods: MAPI puts its 32 before the first one".into()
            }
            DllNameError::NotAnsi => {
                "move it into folders whose names the ANSI code page has, in which MAPI reads them"
                    .into()
            }
            DllNameError::TooLong => {
                "move it into a folder nearer to the drive: Windows wants 259 characters at most"
                    .into()
            }
        }
    }
}

impl fmt::Display for DllNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DllNameError::OtherName { .. } => "the DLL has another name than MAPI looks for",
            DllNameError::NotFull => "the DLL's path is not a full path of Windows'",
            DllNameError::Period => "the DLL's path has a period in the name of a folder",
            DllNameError::NotAnsi => {
                "the DLL's path has characters in it that the ANSI code page lacks"
            }
            DllNameError::TooLong => "the DLL's path is too long",
        })
    }
}

impl std::error::Error for DllNameError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(path: &str) -> Result<String, DllNameError> {
        DllName::of_file(path, "contoso").map(|name| name.0)
    }

    #[test]
    fn the_name_is_the_path_without_the_32() {
        for (path, expected) in [
            (r"C:\Contoso\contoso32.dll", r"C:\Contoso\contoso.dll"),
            (r"c:/CONTOSO32.DLL", r"c:/contoso.dll"),
            (
                r"\\server\share\contoso32.dll",
                r"\\server\share\contoso.dll",
            ),
            (
                r"C:\Program Files (x86)\Büro\contoso32.dll",
                r"C:\Program Files (x86)\Büro\contoso.dll",
            ),
        ] {
            assert_eq!(name(path), Ok(expected.into()));
        }
        assert_eq!(DllName::bare("contoso").as_str(), "contoso.dll");
    }

    #[test]
    fn what_mapi_would_not_find_is_refused() {
        let other = || DllNameError::OtherName {
            file: "contoso32.dll".into(),
        };
        for (path, error) in [
            ("", other()),
            (r"C:\contoso.dll", other()),
            (r"C:\other32.dll", other()),
            (r"C:\contoso32.dll\", other()),
            ("contoso32.dll", DllNameError::NotFull),
            (r"bin\contoso32.dll", DllNameError::NotFull),
            (r"\contoso32.dll", DllNameError::NotFull),
            (
                r"C:contoso32.dll",
                DllNameError::OtherName {
                    file: "contoso32.dll".into(),
                },
            ),
            (r"\\?\C:\contoso32.dll", DllNameError::NotFull),
            ("/usr/lib/contoso32.dll", DllNameError::NotFull),
            (r"C:\Contoso 2.0\contoso32.dll", DllNameError::Period),
            (r"C:\..\contoso32.dll", DllNameError::Period),
            ("C:\\a\nb\\contoso32.dll", DllNameError::NotAnsi),
            (r"C:\メール\contoso32.dll", DllNameError::NotAnsi),
            (
                &format!(r"C:\{}\contoso32.dll", "a".repeat(243)),
                DllNameError::TooLong,
            ),
        ] {
            assert_eq!(name(path), Err(error), "{path}");
        }
        assert!(name(&format!(r"C:\{}\contoso32.dll", "a".repeat(242))).is_ok());
    }
}
