//! Rich text, as Outlook keeps it: compressed, and often made of HTML or plain text, which is still in it.

mod packed;
mod reader;
mod tokens;

/// What there is in a rich text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rtf {
    /// It was made of this HTML (\[MS-OXRTFEX\]).
    OfHtml(String),
    /// It was made of this plain text.
    OfText(String),
    /// It was written as rich text. This is what it says.
    Rich(String),
}

/// What is in the bytes of `PR_RTF_COMPRESSED`; `None` if they are damaged.
pub(crate) fn read(packed: &[u8]) -> Option<Rtf> {
    Some(reader::read(&unpack(packed)?))
}

/// The rich text itself; `None` if it is damaged.
pub(crate) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    packed::unpack(packed).filter(|rtf| rtf.starts_with(b"{\\rtf"))
}

/// A rich text as `PR_RTF_COMPRESSED` may have it: in the form that compresses nothing.
#[cfg(test)]
pub(crate) fn pack(rtf: &str) -> Vec<u8> {
    packed::stored(rtf.as_bytes())
}
