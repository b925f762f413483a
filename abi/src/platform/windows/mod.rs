//! Windows: where providers ship.

mod drives;
mod files;
mod pass_on;
mod text;
mod thread;

pub use drives::is_remote_drive;
pub use files::file_identity;
pub(crate) use pass_on::pass_on;
pub use text::{ansi_to_string, ansi_to_utf16, string_to_ansi};
pub use thread::OwnThread;
