//! The text form of a profile.
//!
//! ```text
//! # A profile of mapi-provider-host. Binary values are in hexadecimal.
//! [6b1f…]
//! 6601 unicode mail.example.org
//! 67E0 binary 00ff
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;

use windows_core::{GUID, HRESULT};

use super::{Section, SectionUid, is_secure};
use crate::property::Value;

const HEADER: &str = "# A profile of mapi-provider-host. Binary values are in hexadecimal.\n";

/// The sections as text, secrets left out.
pub(super) fn format(sections: &BTreeMap<SectionUid, Section>) -> String {
    let mut out = HEADER.to_owned();
    for (uid, section) in sections {
        let _ = write!(out, "\n[{uid}]\n");
        for (id, value) in section.iter().filter(|(id, _)| !is_secure(**id)) {
            let (kind, value) = format_value(value);
            let _ = writeln!(out, "{id:04X} {kind} {value}");
        }
    }
    out
}

fn format_value(value: &Value) -> (&'static str, String) {
    match value {
        Value::Short(value) => ("short", value.to_string()),
        Value::Long(value) => ("long", value.to_string()),
        Value::Float(value) => ("float", value.to_string()),
        Value::Double(value) => ("double", value.to_string()),
        Value::Currency(value) => ("currency", value.to_string()),
        Value::AppTime(value) => ("apptime", value.to_string()),
        Value::Error(status) => ("error", format!("{:08X}", status.0)),
        Value::Boolean(value) => ("boolean", value.to_string()),
        Value::LongLong(value) => ("longlong", value.to_string()),
        Value::String8(bytes) => ("string8", hex(bytes)),
        Value::Unicode(text) => ("unicode", text.escape_default().to_string()),
        Value::Time(value) => ("time", value.to_string()),
        Value::Guid(guid) => ("guid", format!("{:032x}", guid.to_u128())),
        Value::Binary(bytes) => ("binary", hex(bytes)),
    }
}

/// The sections of a text, or the line (from 1) that is wrong and why.
pub(super) fn parse(text: &str) -> Result<BTreeMap<SectionUid, Section>, (usize, String)> {
    let mut sections = BTreeMap::<SectionUid, Section>::new();
    let mut current = None;
    for (index, line) in text.lines().enumerate() {
        let wrong = |what: String| (index + 1, what);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            let uid = unhex(name).and_then(|bytes| bytes.try_into().ok());
            let uid = uid.ok_or_else(|| wrong(format!("`{name}` is not 32 hexadecimal digits")))?;
            current = Some(sections.entry(SectionUid(uid)).or_default());
            continue;
        }
        let section = current
            .as_mut()
            .ok_or_else(|| wrong("a property before the first section".to_owned()))?;
        let (id, value) =
            parse_property(line).ok_or_else(|| wrong(format!("`{line}` is not a property")))?;
        section.insert(id, value);
    }
    Ok(sections)
}

fn parse_property(line: &str) -> Option<(u16, Value)> {
    let (id, rest) = line.split_once(' ')?;
    let (kind, text) = rest.split_once(' ')?;
    let id = u16::from_str_radix(id, 16).ok()?;
    let value = match kind {
        "short" => Value::Short(text.parse().ok()?),
        "long" => Value::Long(text.parse().ok()?),
        "float" => Value::Float(text.parse().ok()?),
        "double" => Value::Double(text.parse().ok()?),
        "currency" => Value::Currency(text.parse().ok()?),
        "apptime" => Value::AppTime(text.parse().ok()?),
        "error" => Value::Error(HRESULT(u32::from_str_radix(text, 16).ok()?.cast_signed())),
        "boolean" => Value::Boolean(text.parse().ok()?),
        "longlong" => Value::LongLong(text.parse().ok()?),
        "string8" => Value::String8(unhex(text)?),
        "unicode" => Value::Unicode(unescape(text)?),
        "time" => Value::Time(text.parse().ok()?),
        "guid" => Value::Guid(GUID::from_u128(u128::from_str_radix(text, 16).ok()?)),
        "binary" => Value::Binary(unhex(text)?),
        _ => return None,
    };
    Some((id, value))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| (pair[0] << 4 | pair[1]) as u8)
            .collect(),
    )
}

/// Undoes `escape_default`.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        out.push(match rest.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            quoted @ ('\\' | '\'' | '"') => quoted,
            'u' => {
                let code: String = rest
                    .by_ref()
                    .skip_while(|c| *c == '{')
                    .take_while(|c| *c != '}')
                    .collect();
                char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(out)
}
