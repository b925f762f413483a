//! Characters.

/// A character of a string whose width depends on a flag: with `MAPI_UNICODE` in the call's flags it is
/// UTF-16, otherwise it is in the ANSI code page. Never read it directly: cast the pointer first.
pub type TCHAR = u8;
