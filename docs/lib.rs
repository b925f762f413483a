//! The pages of the manual that a program shows too. A package holds what lies in its own folder and nothing else, so
//! this folder is one: the pages are written where they are read, and ship from there.

/// The rules that a provider keeps, each a row of a table.
pub const CONTRACT: &str = include_str!("contract.md");

/// The status codes that the runtime answers, each a section.
pub const STATUS_CODES: &str = include_str!("manual/status-codes.md");
