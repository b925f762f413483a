//! Whether a restriction holds for a row.

use std::cmp::Ordering;

use mapi_provider_abi::mapi::{PT_UNSPECIFIED, PropTag};
use mapi_provider_abi::view::{PropValue, RelOp};

use super::super::facts::{Facts, PartFacts};
use super::super::fault::Result;
use super::super::source::NEVER_CUT;
use super::super::value::{compare, fits, instances, size};
use super::compile::NAMES;
use super::names::NameWords;
use super::{Column, Condition, Counters, Node};

impl Condition {
    /// Where counts begin, before the first row.
    pub(in super::super) fn counters(&self) -> Counters {
        Counters {
            seen: vec![0; self.counts.len()],
            holds: vec![false; self.counts.len()],
        }
    }

    /// Whether it holds for a row. With counts, all rows have to be asked for, in the order of their IDs.
    ///
    /// # Errors
    ///
    /// The row's parts can't be read.
    pub(in super::super) fn holds(
        &self,
        facts: &dyn Facts,
        counters: &mut Counters,
    ) -> Result<bool> {
        for (place, count) in self.counts.iter().enumerate() {
            let seen = counters.seen[place];
            let holds = seen < count.most && count.node.holds(facts, counters)?;
            counters.holds[place] = holds;
            counters.seen[place] = seen + u32::from(holds);
        }
        self.root.holds(facts, counters)
    }
}

impl Node {
    fn holds(&self, facts: &dyn Facts, counters: &Counters) -> Result<bool> {
        Ok(match self {
            Self::All(parts) => {
                for part in parts {
                    if !part.holds(facts, counters)? {
                        return Ok(false);
                    }
                }
                true
            }
            Self::Any(parts) => {
                for part in parts {
                    if part.holds(facts, counters)? {
                        return Ok(true);
                    }
                }
                false
            }
            Self::Not(part) => !part.holds(facts, counters)?,
            // What asks of a property that is not there is false.
            Self::Content { column, needle } => {
                column.is(facts, |value| any(value, |one| needle.is_in(one)))
            }
            Self::Compare {
                column,
                relop,
                with,
            } => column.is(facts, |value| compares(value, *relop, with)),
            Self::Columns { relop, left, right } => left.is(facts, |left| {
                right.is(facts, |right| follows(*relop, compare(left, right)))
            }),
            Self::Bits { column, mask, set } => column.is(facts, |value| {
                let bits = value.as_long();
                bits.is_some_and(|bits| (bits as u32 & mask != 0) == *set)
            }),
            Self::Size {
                column,
                relop,
                bytes,
            } => {
                let size = size_of(facts, *column)?;
                follows(*relop, size.map(|size| size.cmp(&(*bytes as u64))))
            }
            Self::Exists(column) => column.is(facts, |_| true),
            Self::Part { parts, condition } => {
                let mut found = false;
                let mut counters = condition.counters();
                let properties = condition.properties();
                facts.parts(*parts, properties, &mut |values| {
                    found = condition.holds(&PartFacts { properties, values }, &mut counters)?;
                    Ok(!found)
                })?;
                found
            }
            Self::Count(place) => counters.holds[*place],
            Self::Names(wanted) => has_names(facts, wanted),
        })
    }
}

impl Column {
    /// Whether the property is there and is as asked.
    fn is(self, facts: &dyn Facts, asked: impl FnOnce(&PropValue<'_>) -> bool) -> bool {
        let value = facts.value(self.property);
        value.is_some_and(|value| self.fits(&value) && asked(&value))
    }

    fn fits(self, value: &PropValue<'_>) -> bool {
        self.prop_type == PT_UNSPECIFIED || fits(value, self.prop_type)
    }
}

/// How many bytes a property has; none where it is not there. Of a value that is known only in part its source says it.
fn size_of(facts: &dyn Facts, column: Column) -> Result<Option<u64>> {
    let value = facts.value(column.property);
    let Some(known) = value
        .filter(|value| column.fits(value))
        .map(|value| size(&value))
    else {
        return Ok(None);
    };
    // STORE-12: what is not cut is not asked for.
    let whole = match known < NEVER_CUT {
        true => None,
        false => facts.whole_size(column.property)?,
    };
    Ok(Some(whole.unwrap_or(known as u64)))
}

/// Whether something holds for a value, or for one of a list.
fn any(value: &PropValue<'_>, holds: impl Fn(&PropValue<'_>) -> bool) -> bool {
    match instances(value) {
        Some(all) => all.iter().any(holds),
        None => holds(value),
    }
}

fn compares(value: &PropValue<'_>, relop: RelOp, with: &PropValue<'_>) -> bool {
    match instances(with) {
        // Two lists are the same or not.
        Some(with) => {
            let own = instances(value).unwrap_or_default();
            let pairs = || own.iter().zip(&with);
            let same = own.len() == with.len()
                && pairs().all(|(one, other)| compare(one, other) == Some(Ordering::Equal));
            same == (relop == RelOp::Eq)
        }
        None => any(value, |one| follows(relop, compare(one, with))),
    }
}

fn follows(relop: RelOp, ordering: Option<Ordering>) -> bool {
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

/// AB-17: each word begins some word of the row's names.
fn has_names(facts: &dyn Facts, wanted: &NameWords) -> bool {
    let names = NAMES.map(PropTag::id).map(|name| {
        let value = facts.value(name);
        value.and_then(|value| value.to_text()).unwrap_or_default()
    });
    wanted.mean(names.iter().map(String::as_str))
}
