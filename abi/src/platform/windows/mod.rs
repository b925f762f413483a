//! Windows: where providers ship.

mod pass_on;
mod text;

pub(crate) use pass_on::pass_on;
pub use text::{ansi_to_string, ansi_to_utf16, string_to_ansi};
