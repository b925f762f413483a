//! Characters.

/// A character of a string whose width a flag tells: `MAPI_UNICODE` in the call's flags makes it UTF-16,
/// else it is in the ANSI code page. Never read it as it is: cast the pointer first.
pub type TCHAR = u8;
