//! Rich text as a row of tokens.

/// A piece of rich text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A group begins.
    Open,
    /// A group ends.
    Close,
    /// `\word`, with its number.
    Word(&'t [u8], Option<i32>),
    /// `\*`, `\~` and the like.
    Symbol(u8),
    /// A byte of text, in whatever code page counts.
    Byte(u8),
}

/// Goes through a text from left to right; each byte is looked at once or twice.
pub(super) struct Tokens<'t>(&'t [u8]);

impl<'t> Tokens<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        Self(text)
    }

    /// What follows a backslash.
    fn control(&mut self) -> Option<Token<'t>> {
        let letters = self.0.iter().take_while(|byte| byte.is_ascii_alphabetic());
        let length = letters.count();
        if length > 0 {
            let (word, rest) = self.0.split_at(length);
            self.0 = rest;
            let number = self.number();
            self.0 = self.0.strip_prefix(b" ").unwrap_or(self.0);
            if word == b"bin" {
                let count = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
                self.0 = &self.0[count.min(self.0.len())..];
            }
            return Some(Token::Word(word, number));
        }
        let (symbol, rest) = self.0.split_first()?;
        self.0 = rest;
        if let (b'\'', [high, low, rest @ ..]) = (symbol, rest)
            && let (Some(high), Some(low)) =
                (crate::transfer::hex(*high), crate::transfer::hex(*low))
        {
            self.0 = rest;
            return Some(Token::Byte(high << 4 | low));
        }
        Some(match symbol {
            b'\\' | b'{' | b'}' => Token::Byte(*symbol),
            b'\r' | b'\n' => Token::Word(b"par", None),
            symbol => Token::Symbol(*symbol),
        })
    }

    /// A number after a word; one that is too long is none.
    fn number(&mut self) -> Option<i32> {
        let sign = usize::from(self.0.starts_with(b"-"));
        let digits = self.0[sign..].iter();
        let digits = digits.take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        let (number, rest) = self.0.split_at(sign + digits);
        self.0 = rest;
        std::str::from_utf8(number).ok()?.parse().ok()
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        loop {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            return match first {
                b'{' => Some(Token::Open),
                b'}' => Some(Token::Close),
                b'\\' => self.control(),
                b'\r' | b'\n' | 0 => continue,
                byte => Some(Token::Byte(*byte)),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_row_of_tokens() {
        let tokens = Tokens::of(b"{\\b1 x\\u-10 ?\\'e4\\'zz\\\\\\~\\bin2 ab\r\n}\\");
        assert_eq!(
            tokens.collect::<Vec<_>>(),
            [
                Token::Open,
                Token::Word(b"b", Some(1)),
                Token::Byte(b'x'),
                Token::Word(b"u", Some(-10)),
                Token::Byte(b'?'),
                Token::Byte(0xE4),
                Token::Symbol(b'\''),
                Token::Byte(b'z'),
                Token::Byte(b'z'),
                Token::Byte(b'\\'),
                Token::Symbol(b'~'),
                Token::Word(b"bin", Some(2)),
                Token::Close,
            ]
        );
        let long = Tokens::of(b"\\a99999999999 x\\bin-1 y\\bin9z").collect::<Vec<_>>();
        assert_eq!(long[0], Token::Word(b"a", None));
        assert_eq!(long.len(), 5);
    }
}
