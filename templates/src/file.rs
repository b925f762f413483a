//! Files as texts.

/// A file of a new crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// Where it goes, with `/` between the parts.
    pub path: &'static str,
    /// What is in it.
    pub text: &'static str,
}

/// Files of a folder beside `src`, each by its path from there.
macro_rules! files {
    ($folder:literal: $($path:literal)*) => {
        &[$($crate::file::File {
            path: $path,
            text: include_str!(concat!("../", $folder, "/", $path)),
        }),*]
    };
}
pub(crate) use files;
