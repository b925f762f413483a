//! The bodies of a message: plain text, HTML and rich text, of which some are made of others.

use crate::html;
use crate::mail::Mail;
use crate::rtf::{self, Rtf};

/// Rich text as a store has it.
#[derive(Default)]
pub(super) struct RichText {
    /// `PR_RTF_COMPRESSED`.
    pub(super) packed: Vec<u8>,
    /// `PR_RTF_IN_SYNC`: it is not older than the other bodies.
    pub(super) is_in_sync: bool,
}

impl RichText {
    /// Adds it to a message that has the other bodies, in the way that loses nothing. One that was made of another body says
    /// nothing of its own, unless somebody has edited it since; one that was made of HTML, which is no more there, is it.
    pub(super) fn add_to(self, mail: &mut Mail) {
        let has_text = mail.text.as_deref().is_some_and(|text| !text.is_empty());
        let is_alone = mail.html.is_none() && !has_text;
        // Where it is older than the others, those have replaced it (MS-OXBBODY, 2.1.3.1).
        if self.packed.is_empty() || !(is_alone || self.is_in_sync) {
            return;
        }
        match rtf::read(&self.packed) {
            Some(Rtf::OfHtml(html)) => set_html(mail, html),
            Some(Rtf::OfText(text)) => set_text(mail, text),
            Some(Rtf::Rich(text)) => {
                set_text(mail, text);
                mail.rtf = Some(self.packed);
            }
            // It can still be attached.
            None => mail.rtf = Some(self.packed),
        }
    }
}

/// The text is this; what says it already stays.
fn set_text(mail: &mut Mail, text: String) {
    let html = mail.html.as_deref().map(html::to_text);
    if html.is_some_and(|html| !is_same(&html, &text)) {
        mail.html = None;
    }
    let is_there = mail.text.as_deref().is_some_and(|old| is_same(old, &text));
    if !is_there && mail.html.is_none() {
        mail.text = Some(text);
    }
}

/// The HTML is this; what says it already stays.
fn set_html(mail: &mut Mail, html: String) {
    let text = html::to_text(&html);
    let old = mail.html.as_deref().map(html::to_text);
    if old.is_some_and(|old| is_same(&old, &text)) {
        return;
    }
    if !mail.text.as_deref().is_some_and(|old| is_same(old, &text)) {
        mail.text = Some(text);
    }
    mail.html = Some(html);
}

/// Whether two texts say the same, whatever white space they have.
fn is_same(one: &str, other: &str) -> bool {
    let is_shown = |letter: &char| !letter.is_whitespace() && *letter != '\0';
    let (one, other) = (one.chars(), other.chars());
    one.filter(is_shown).eq(other.filter(is_shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message with a text, with HTML, and with a rich text that is in sync.
    fn message(text: &str, html: Option<&str>, rtf: &str) -> Mail {
        read(text, html, rtf::pack(rtf), true)
    }

    fn read(text: &str, html: Option<&str>, packed: Vec<u8>, is_in_sync: bool) -> Mail {
        let mut mail = Mail {
            text: Some(text.to_owned()),
            html: html.map(str::to_owned),
            ..Mail::default()
        };
        let rich = RichText { packed, is_in_sync };
        rich.add_to(&mut mail);
        mail
    }

    fn shown(mail: &Mail) -> (Option<&str>, Option<&str>, bool) {
        (
            mail.text.as_deref(),
            mail.html.as_deref(),
            mail.rtf.is_some(),
        )
    }

    const OF_HTML: &str =
        "{\\rtf1\\fromhtml1{\\*\\htmltag64 <p>}one{\\*\\htmltag72 </p>}\\htmlrtf\\par\\htmlrtf0}";

    #[test]
    fn a_rich_text_alone_is_the_text_and_is_kept() {
        let mail = message("", None, "{\\rtf1 one {\\b two}}");
        assert_eq!(shown(&mail), (Some("one two"), None, true));
        let old = read("", None, rtf::pack("{\\rtf1 one}"), false);
        assert_eq!(shown(&old), (Some("one"), None, true));
        let damaged = read("", None, b"damaged".to_vec(), true);
        assert_eq!(shown(&damaged), (Some(""), None, true));
    }

    #[test]
    fn what_was_made_of_a_body_that_is_there_says_nothing() {
        let html = Some("<p>one</p>");
        assert_eq!(
            shown(&message("one\r\n", html, OF_HTML)),
            (Some("one\r\n"), html, false)
        );
        let of_text = "{\\rtf1\\fromtext one\\par two}";
        assert_eq!(
            shown(&message("one\n two", None, of_text)),
            (Some("one\n two"), None, false)
        );
    }

    #[test]
    fn what_was_made_of_html_that_is_gone_is_the_html() {
        let mail = message("one", None, OF_HTML);
        assert_eq!(shown(&mail), (Some("one"), Some("<p>one</p>"), false));
        let alone = message("", None, OF_HTML);
        assert_eq!(alone.html.as_deref(), Some("<p>one</p>"));
        assert_eq!(alone.text.as_deref().map(str::trim), Some("one"));
    }

    #[test]
    fn what_was_edited_since_goes_before_what_it_was_made_of() {
        let mail = message("old", Some("<p>old</p>"), OF_HTML);
        assert_eq!(mail.html.as_deref(), Some("<p>one</p>"));
        assert_eq!(mail.text.as_deref().map(str::trim), Some("one"));
        let text = message("old", Some("<p>old</p>"), "{\\rtf1\\fromtext new}");
        assert_eq!(shown(&text), (Some("new"), None, false));
        let rich = message("old", None, "{\\rtf1 new}");
        assert_eq!(shown(&rich), (Some("new"), None, true));
    }

    #[test]
    fn what_is_older_than_the_others_says_nothing() {
        for rtf in ["{\\rtf1 new}", OF_HTML] {
            let mail = read("text", Some("<p>text</p>"), rtf::pack(rtf), false);
            assert_eq!(shown(&mail), (Some("text"), Some("<p>text</p>"), false));
        }
    }
}
