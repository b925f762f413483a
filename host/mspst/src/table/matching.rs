//! Which rows match a restriction.

use std::cmp::Ordering;

use mapi_provider::abi::{
    FL_IGNORECASE, FL_IGNORENONSPACE, FL_LOOSE, FL_PREFIX, FL_SUBSTRING, MAPI_E_TOO_COMPLEX,
    PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_RECIPIENTS, PropTag,
};
use mapi_provider::view::{BitTest, PropValue, Property, RelOp, Restriction};

use super::compare::{compare, instances};
use super::row::Row;
use super::text::{folded, without_marks};
use crate::db::{Identity, size};
use crate::fault::{Fault, Result};

/// Refuses a restriction that can't be evaluated here.
pub(crate) fn check(restriction: &Restriction<'_>) -> Result<()> {
    let too_complex = |what| Err(Fault::new(MAPI_E_TOO_COMPLEX, what));
    match restriction {
        Restriction::And(parts) | Restriction::Or(parts) => parts.iter().try_for_each(check),
        Restriction::Not(part) => check(part),
        Restriction::Sub { restriction, .. } => check(restriction),
        Restriction::Comment { restriction, .. } | Restriction::Annotation { restriction, .. } => {
            restriction.as_deref().map_or(Ok(()), check)
        }
        Restriction::Property { relop, .. } | Restriction::CompareProps { relop, .. } => {
            match relop {
                RelOp::Re | RelOp::MemberOfDl => too_complex("this relation is not supported"),
                _ => Ok(()),
            }
        }
        Restriction::Content { .. }
        | Restriction::BitMask { .. }
        | Restriction::Size { .. }
        | Restriction::Exist(_) => Ok(()),
        _ => too_complex("this kind of restriction is not supported"),
    }
}

/// Whether a row matches a restriction. A condition on a property that the row doesn't have is false.
pub(super) fn matches(row: &Row, identity: &Identity, restriction: &Restriction<'_>) -> bool {
    let value = |tag: PropTag| row.value(identity, tag.id());
    match restriction {
        Restriction::And(parts) => parts.iter().all(|part| matches(row, identity, part)),
        Restriction::Or(parts) => parts.iter().any(|part| matches(row, identity, part)),
        Restriction::Not(part) => !matches(row, identity, part),
        Restriction::Content {
            fuzzy_level,
            tag,
            property,
        } => value(*tag)
            .is_some_and(|value| any(&value, |one| contains(one, *fuzzy_level, property))),
        Restriction::Property {
            relop,
            tag,
            property,
        } => value(*tag).is_some_and(|value| compares(&value, *relop, &property.value)),
        Restriction::CompareProps { relop, left, right } => match (value(*left), value(*right)) {
            (Some(left), Some(right)) => holds(*relop, compare(&left, &right)),
            _ => false,
        },
        Restriction::BitMask { test, tag, mask } => value(*tag)
            .and_then(|value| value.as_long())
            .is_some_and(|bits| match test {
                BitTest::AllClear => bits as u32 & mask == 0,
                _ => bits as u32 & mask != 0,
            }),
        Restriction::Size { relop, tag, bytes } => value(*tag)
            .is_some_and(|value| holds(*relop, Some(size(&value).cmp(&(*bytes as usize))))),
        Restriction::Exist(tag) => value(*tag).is_some(),
        Restriction::Sub {
            object,
            restriction,
        } => parts(row, *object)
            .iter()
            .any(|part| matches(part, identity, restriction)),
        Restriction::Comment { restriction, .. } | Restriction::Annotation { restriction, .. } => {
            let inner = restriction.as_deref();
            inner.is_none_or(|inner| matches(row, identity, inner))
        }
        // Refused before.
        _ => false,
    }
}

/// The recipients or attachments of a message, as rows.
fn parts(row: &Row, object: PropTag) -> Vec<Row> {
    let Row::Message(message) = row else {
        return Vec::new();
    };
    let data = &message.data;
    if object.id() == PR_MESSAGE_RECIPIENTS.id() {
        data.recipients
            .iter()
            .cloned()
            .map(Row::Recipient)
            .collect()
    } else if object.id() == PR_MESSAGE_ATTACHMENTS.id() {
        let attachments = data.attachments.iter();
        attachments
            .map(|(number, one)| Row::Attachment(*number, one.clone()))
            .collect()
    } else {
        Vec::new()
    }
}

/// Whether something is true for a value, or for one in a list.
fn any(value: &PropValue<'_>, holds: impl Fn(&PropValue<'_>) -> bool) -> bool {
    instances(value).iter().any(holds)
}

fn compares(value: &PropValue<'_>, relop: RelOp, with: &PropValue<'_>) -> bool {
    match compare(value, with) {
        Some(ordering) => holds(relop, Some(ordering)),
        // A list and a single value: one of the list will do.
        None => any(value, |one| holds(relop, compare(one, with))),
    }
}

fn holds(relop: RelOp, ordering: Option<Ordering>) -> bool {
    let Some(ordering) = ordering else {
        return false;
    };
    match relop {
        RelOp::Lt => ordering.is_lt(),
        RelOp::Le => ordering.is_le(),
        RelOp::Gt => ordering.is_gt(),
        RelOp::Ge => ordering.is_ge(),
        RelOp::Eq => ordering.is_eq(),
        RelOp::Ne => ordering.is_ne(),
        _ => false,
    }
}

fn contains(value: &PropValue<'_>, fuzzy: u32, looked_for: &Property<'_>) -> bool {
    if let (Some(value), Some(wanted)) = (value.to_text(), looked_for.value.to_text()) {
        let (value, wanted) = (as_fuzzy(value, fuzzy), as_fuzzy(wanted, fuzzy));
        return match fuzzy & 0xFFFF {
            FL_SUBSTRING => value.contains(&wanted),
            FL_PREFIX => value.starts_with(&wanted),
            _ => value == wanted,
        };
    }
    let (Some(value), Some(wanted)) = (value.as_binary(), looked_for.value.as_binary()) else {
        return false;
    };
    match fuzzy & 0xFFFF {
        FL_SUBSTRING if wanted.is_empty() => true,
        FL_SUBSTRING => value.windows(wanted.len()).any(|part| part == wanted),
        FL_PREFIX => value.starts_with(wanted),
        _ => value == wanted,
    }
}

/// Text without what a fuzzy level ignores.
fn as_fuzzy(text: String, fuzzy: u32) -> String {
    let loose = fuzzy & FL_LOOSE != 0;
    let text = if loose || fuzzy & FL_IGNORENONSPACE != 0 {
        without_marks(&text)
    } else {
        text
    };
    if loose || fuzzy & FL_IGNORECASE != 0 {
        folded(&text)
    } else {
        text
    }
}
