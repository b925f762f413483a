//! Linux: where providers are tested.

mod files;
mod pass_on;
mod thread;

pub use files::file_identity;
pub(crate) use pass_on::pass_on;
pub use thread::OwnThread;

/// Whether a drive's letter stands for a folder of another computer: there are no such letters.
pub fn is_remote_drive(_letter: u8) -> bool {
    false
}

/// The simulated ANSI code page is Latin-1: each byte is the character with that number.
pub fn ansi_to_string(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Text in the simulated ANSI code page as UTF-16, in memory that was not reallocated.
pub fn ansi_to_utf16(bytes: &[u8]) -> Vec<u16> {
    bytes.iter().copied().map(u16::from).collect()
}

/// A string in the simulated ANSI code page; characters that it lacks become `?`.
pub fn string_to_ansi(text: &str) -> Vec<u8> {
    // Room for all of it: growing would leave copies behind of what may be a secret.
    let mut bytes = Vec::with_capacity(text.len());
    let characters = text.chars();
    bytes.extend(characters.map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')));
    bytes
}
