//! `--set TAG=VALUE`, for providers that don't tell their settings: `0x6601001F=mail.example.org`.

use mapi_provider::profile::{boolean, integer};
use mapi_provider_host::abi::{PT_BOOLEAN, PT_LONG, PT_UNICODE, PropTag};
use mapi_provider_host::{Property, Value};

/// The property of an assignment to a tag; `None` if it assigns to a name.
///
/// # Errors
///
/// The tag or the value is wrong: a sentence, without the value, which may be a secret.
pub(super) fn parse(assignment: &str) -> Result<Option<Property>, String> {
    let Some((tag, value)) = assignment.split_once('=') else {
        return Ok(None);
    };
    let Some(digits) = tag.strip_prefix("0x") else {
        return Ok(None);
    };
    if digits.len() != 8 {
        return Err(format!(
            "`{tag}` is not a property tag: it needs eight digits, the ID and the type, as in 0x6601001F"
        ));
    }
    let number = u32::from_str_radix(digits, 16).map_err(|_| {
        format!("`{tag}` is not a property tag: it contains something that is not a digit")
    })?;
    let tag = PropTag(number);
    let value = match tag.prop_type() {
        PT_UNICODE if !value.contains('\0') => Value::from(value),
        PT_UNICODE => return Err(format!("the value of 0x{number:08X} contains a NUL")),
        PT_LONG => integer(value)
            .map(Value::from)
            .ok_or_else(|| format!("0x{number:08X} must be a 32-bit integer"))?,
        PT_BOOLEAN => boolean(value)
            .map(Value::from)
            .ok_or_else(|| format!("0x{number:08X} must be true or false"))?,
        _ => {
            return Err(format!(
                "0x{number:08X} is of a type that can't be set here: 001F (text), 0003 (a number) and 000B (true or \
                 false) can"
            ));
        }
    };
    Ok(Some(Property {
        id: tag.id(),
        value,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_says_of_what_type_its_value_is() {
        let parsed = |text| parse(text).expect("right").expect("a tag");
        assert_eq!(parsed("0x6601001F=a=b"), Property::with_id(0x6601, "a=b"));
        assert_eq!(parsed("0x66020003=-5"), Property::with_id(0x6602, -5));
        assert_eq!(parsed("0x6603000b=yes"), Property::with_id(0x6603, true));
    }

    #[test]
    fn what_is_wrong_is_told_without_the_value() {
        for text in [
            "0x6601=sesame",
            "0x6601001G=sesame",
            "0x66010003=sesame",
            "0x6601000B=sesame",
            "0x66010102=sesame",
            "0x6601001F=ses\0ame",
        ] {
            let sentence = parse(text).expect_err("wrong");
            assert!(!sentence.contains("ses"), "{sentence}");
        }
    }

    #[test]
    fn names_are_left_to_others() {
        assert_eq!(parse("server=0x6601001F"), Ok(None));
        assert_eq!(parse("0x6601001F"), Ok(None));
    }
}
