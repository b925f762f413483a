//! What a rich text says, without its format; or the HTML that it was made of.

use std::collections::BTreeMap;

use super::Rtf;
use super::tokens::{Token, Tokens};
use crate::charset;

/// The code page of a text that names none.
const WESTERN: i32 = 1252;

/// Groups that hold no text. Others of which nobody knows begin with `\*`.
const NO_TEXT: [&[u8]; 7] = [
    b"fonttbl",
    b"colortbl",
    b"stylesheet",
    b"info",
    b"pict",
    b"objdata",
    b"filetbl",
];

/// Reads a text from left to right.
pub(super) fn read(rtf: &[u8]) -> Rtf {
    let mut reader = Reader::default();
    for token in Tokens::of(rtf) {
        reader.token(token);
    }
    reader.flush();
    match reader.made_of {
        MadeOf::Html => Rtf::OfHtml(reader.text),
        MadeOf::Text => Rtf::OfText(reader.text),
        MadeOf::Nothing => Rtf::Rich(reader.text),
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum MadeOf {
    Html,
    Text,
    #[default]
    Nothing,
}

/// What counts in a group, until it ends.
#[derive(Clone, Copy)]
struct Group {
    /// It holds no text.
    is_silent: bool,
    /// The table of fonts.
    is_fonts: bool,
    /// What was made of HTML, where that itself is elsewhere.
    is_twice: bool,
    font: i32,
    /// How many bytes stand for a character that is also there as Unicode.
    stand_ins: usize,
}

#[derive(Default)]
struct Reader {
    text: String,
    made_of: MadeOf,
    /// Bytes of a code page, and units of Unicode, that are no text yet: a character may have several. One of them is empty.
    bytes: Vec<u8>,
    units: Vec<u16>,
    page: Option<i32>,
    fonts: BTreeMap<i32, i32>,
    groups: Vec<Group>,
    now: Group,
    /// The group has just begun with `\*`.
    is_optional: bool,
    /// So many bytes stand for a character that was read.
    skip: usize,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            is_silent: false,
            is_fonts: false,
            is_twice: false,
            font: -1,
            stand_ins: 1,
        }
    }
}

impl Reader {
    fn token(&mut self, token: Token<'_>) {
        let is_optional = std::mem::take(&mut self.is_optional);
        match token {
            Token::Open => {
                self.skip = 0;
                self.groups.push(self.now);
            }
            Token::Close => {
                self.skip = 0;
                self.flush();
                self.now = self.groups.pop().unwrap_or_default();
            }
            Token::Symbol(b'*') => self.is_optional = true,
            Token::Symbol(b'~') => self.char('\u{A0}'),
            Token::Symbol(b'_') => self.char('-'),
            Token::Symbol(_) => {}
            Token::Byte(_) if self.skip > 0 => self.skip -= 1,
            Token::Byte(byte) => self.byte(byte),
            Token::Word(b"htmltag", _) if is_optional && self.made_of == MadeOf::Html => {}
            Token::Word(..) if is_optional => self.now.is_silent = true,
            Token::Word(word, number) => self.word(word, number),
        }
    }

    fn is_heard(&self) -> bool {
        !(self.now.is_silent || self.made_of == MadeOf::Html && self.now.is_twice)
    }

    fn word(&mut self, word: &[u8], number: Option<i32>) {
        match (word, number) {
            (b"fromhtml", number) if number != Some(0) && self.is_at_start() => {
                self.made_of = MadeOf::Html;
            }
            (b"fromtext", _) if self.is_at_start() => self.made_of = MadeOf::Text,
            (b"htmlrtf", number) => {
                self.flush();
                self.now.is_twice = number != Some(0);
            }
            (b"ansicpg", page) => self.page = page,
            (b"uc", count) => {
                self.now.stand_ins = usize::try_from(count.unwrap_or(1)).unwrap_or(1);
            }
            (b"u", Some(unit)) => {
                self.unit(unit);
                self.skip = self.now.stand_ins;
            }
            (b"f", Some(font)) => {
                self.flush();
                self.now.font = font;
            }
            (b"fcharset", Some(charset)) if self.now.is_fonts => {
                self.fonts
                    .extend(page_of(charset).map(|page| (self.now.font, page)));
            }
            (b"plain", _) => {
                self.flush();
                self.now.font = -1;
            }
            _ if NO_TEXT.contains(&word) => {
                self.now.is_silent = true;
                self.now.is_fonts = word == b"fonttbl";
            }
            _ => self.letter(word),
        }
    }

    /// Words that are letters.
    fn letter(&mut self, word: &[u8]) {
        match word {
            b"par" | b"line" | b"sect" | b"page" | b"row" => {
                self.char('\r');
                self.char('\n');
            }
            b"tab" | b"cell" => self.char('\t'),
            b"lquote" => self.char('‘'),
            b"rquote" => self.char('’'),
            b"ldblquote" => self.char('“'),
            b"rdblquote" => self.char('”'),
            b"bullet" => self.char('•'),
            b"endash" => self.char('–'),
            b"emdash" => self.char('—'),
            b"enspace" | b"emspace" => self.char(' '),
            _ => {}
        }
    }

    /// What a text was made of is said before it.
    fn is_at_start(&self) -> bool {
        self.text.is_empty() && self.bytes.is_empty() && self.units.is_empty()
    }

    fn char(&mut self, letter: char) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_heard() {
            self.flush();
            self.text.push(letter);
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.is_heard() {
            if !self.units.is_empty() {
                self.flush();
            }
            self.bytes.push(byte);
        }
    }

    /// A unit of UTF-16, of which the upper half are written as negative numbers.
    fn unit(&mut self, unit: i32) {
        if self.is_heard() {
            if !self.bytes.is_empty() {
                self.flush();
            }
            self.units.push(unit as u16);
        }
    }

    /// Bytes and units become text.
    fn flush(&mut self) {
        if !self.bytes.is_empty() {
            let font = self.fonts.get(&self.now.font).copied();
            let page = font.or(self.page).unwrap_or(WESTERN);
            let text = charset::decode_page(page, &self.bytes)
                .unwrap_or_else(|| charset::decode(None, &self.bytes));
            self.text.push_str(&text);
            self.bytes.clear();
        }
        if !self.units.is_empty() {
            self.text.push_str(&String::from_utf16_lossy(&self.units));
            self.units.clear();
        }
    }
}

/// The code page of a font's charset; none if the text's own counts.
fn page_of(charset: i32) -> Option<i32> {
    Some(match charset {
        77 => 10000,
        128 => 932,
        129 => 949,
        130 => 1361,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        254 => 437,
        255 => 850,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rich_text_says_what_it_says() {
        for (rtf, text) in [
            ("{\\rtf1\\ansi hello {\\b world}\\par}", "hello world\r\n"),
            ("{\\rtf1 Gr\\'f6\\'dfe\\tab x}", "Größe\tx"),
            ("{\\rtf1\\ansicpg1251 \\'c4\\'e0}", "Да"),
            ("{\\rtf1 \\u20250?\\u-10179?\\u-8704?.}", "会\u{1F600}."),
            ("{\\rtf1\\uc2 \\u246 ab{\\uc0\\u246 c}d}", "ö\u{F6}cd"),
            (
                "{\\rtf1{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset128 M;}}\\f1\\'93\\'fa{\\f0 a}\\'96\\'7b}",
                "日a本",
            ),
            (
                "{\\rtf1{\\info{\\author Ann}}{\\*\\x secret}{\\field{\\*\\fldinst HYPERLINK}{\\fldrslt link}}}",
                "link",
            ),
            ("{\\rtf1{\\pict\\bin3 }}}4142}text}", "text"),
            ("}}}text{{{", "text"),
            ("{\\rtf1 \\lquote a\\rquote\\~\\emdash\\-b}", "‘a’\u{A0}—b"),
        ] {
            assert_eq!(read(rtf.as_bytes()), Rtf::Rich(text.to_owned()), "{rtf}");
        }
    }

    #[test]
    fn html_comes_out_of_what_was_made_of_it() {
        let rtf = concat!(
            "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0 Arial;}}\r\n",
            "{\\*\\htmltag19 <html>}{\\*\\htmltag34 \\par}{\\*\\htmltag148 <p title=\"\\'fc\">}\\htmlrtf {\\htmlrtf0 ",
            "a {\\*\\htmltag84 &lt;}\\htmlrtf <\\htmlrtf0  b\\htmlrtf\\par}\\htmlrtf0",
            "{\\*\\mhtmltag64 <img>}{\\*\\htmltag156 </p>}{\\*\\htmltag27 </html>}}"
        );
        let html = "<html>\r\n<p title=\"ü\">a &lt; b</p></html>";
        assert_eq!(read(rtf.as_bytes()), Rtf::OfHtml(html.to_owned()));
    }

    #[test]
    fn plain_text_comes_out_of_what_was_made_of_it() {
        let rtf = b"{\\rtf1\\ansi\\fromtext \\deff0 one\\par\r\ntwo}";
        assert_eq!(read(rtf), Rtf::OfText("one\r\ntwo".to_owned()));
    }

    #[test]
    fn a_text_that_speaks_of_it_was_not_made_of_html() {
        let rtf = b"{\\rtf1 one\\fromhtml1 two}";
        assert_eq!(read(rtf), Rtf::Rich("onetwo".to_owned()));
    }

    #[test]
    fn groups_by_the_hundred_thousand_have_an_end() {
        let rtf = "{\\b ".repeat(300_000) + "x";
        assert_eq!(read(rtf.as_bytes()), Rtf::Rich("x".to_owned()));
    }
}
