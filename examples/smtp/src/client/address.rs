//! Which addresses can be said to a server.

/// RFC 5321, 4.5.3.1.
const LONGEST_LOCAL_PART: usize = 64;
const LONGEST_DOMAIN: usize = 255;

/// Why an address can't be said to a server, if it can't.
///
/// Only what needs no quotes is sent: letters, digits, and signs that mean nothing to a server. With quotes, brackets,
/// comments or spaces an address could end the command that it stands in, or name somebody else to the next server.
pub fn problem(address: &str) -> Option<&'static str> {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return Some("it is no address: it has no `@`");
    };
    if local.len() > LONGEST_LOCAL_PART || domain.len() > LONGEST_DOMAIN {
        return Some("the address is too long");
    }
    if !local.split('.').all(is_atom) || !domain.split('.').all(is_label) {
        return Some(
            "the address has something in it that is neither a letter nor a digit, nor a sign of plain addresses",
        );
    }
    None
}

fn is_atom(text: &str) -> bool {
    let may_be_in =
        |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter);
    !text.is_empty()
        && text
            .chars()
            .all(|letter| may_be_in(letter) || is_of_a_word(letter))
}

fn is_label(text: &str) -> bool {
    let may_be_in = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    !text.is_empty()
        && !text.starts_with('-')
        && text
            .chars()
            .all(|letter| may_be_in(letter) || is_of_a_word(letter))
}

/// Whether it is a letter that is not ASCII (RFC 6531). Joiners belong to the words of some languages, and accents may
/// stand apart; what turns the direction of a text, or is not seen at all, does not.
fn is_of_a_word(letter: char) -> bool {
    let is_mark = matches!(letter, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}');
    !letter.is_ascii() && (letter.is_alphanumeric() || is_mark)
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn plain_addresses_can_be_said() {
        for good in [
            "ann@example.org",
            "ann.lee+news@mail.example.org",
            "o'hara@example.org",
            "a@localhost",
            "größe@bücher.example",
            "用户@例子.广告",
            "a=b{c}@x-y.example",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
    }

    #[test]
    fn what_a_server_could_take_for_something_else_can_not() {
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "ann@example.org\r\nDATA",
            "ann\n@example.org",
            "ann@exa\rmple.org",
            "\"ann lee\"@example.org",
            "ann(comment)@example.org",
            "ann@example.org (comment)",
            "ann@example.org> NOTIFY=NEVER",
            "<ann@example.org>",
            "ann lee@example.org",
            "ann@example.org,bob@example.org",
            "ann@example.org;bob@example.org",
            "ann@evil.example@example.org",
            "@relay.example:ann@example.org",
            "ann\\@example.org",
            "ann..lee@example.org",
            "ann@[127.0.0.1]",
            "ann@-x.example",
            "ann\0@example.org",
            "ann\u{202e}@example.org",
            "ann\u{2028}@example.org",
            "ann\u{a0}@example.org",
            &long,
        ] {
            assert!(problem(bad).is_some(), "{bad:?}");
        }
    }
}
