//! Families of flags.

use std::collections::HashMap;

use super::names::is_identifier;
use super::{Check, docs, raw};
use crate::diag::{Code, Diagnostic, Source, visible};
use crate::ir::interface as ir;
use crate::toml_tree::Given;

/// The flags before one, by name and by value; the first if there are several.
#[derive(Default)]
struct Earlier<'a> {
    names: HashMap<&'a str, &'a raw::Bit>,
    values: HashMap<u32, &'a raw::Bit>,
}

impl<'a> Earlier<'a> {
    fn add(&mut self, bit: &'a raw::Bit) {
        self.names.entry(&bit.named.name.value).or_insert(bit);
        self.values.entry(bit.named.value.value).or_insert(bit);
    }
}

impl Check<'_> {
    pub(super) fn flags(&self, source: &Source, raw: &raw::Flags) -> ir::Flags {
        let prefix = raw
            .prefix
            .as_ref()
            .map(|prefix| prefix.value.clone())
            .unwrap_or_default();
        let mut earlier = Earlier::default();
        for bit in &raw.values {
            self.bit_name(source, bit, &prefix);
            self.bit_value(source, bit, &earlier);
            earlier.add(bit);
        }
        ir::Flags {
            name: raw.name.value.clone(),
            prefix,
            values: raw
                .values
                .iter()
                .map(|bit| super::named(&bit.named))
                .collect(),
            docs: docs(&raw.docs),
        }
    }

    /// The prefix is there, and what is left without it is a name.
    fn bit_name(&self, source: &Source, bit: &raw::Bit, prefix: &str) {
        let name = &bit.named.name;
        match name.value.strip_prefix(prefix) {
            None => {
                let prefix = visible(prefix);
                let message = format!("`{}` does not begin with `{prefix}`", name.value);
                self.report(
                    Code::BadIdentifier,
                    source,
                    name,
                    message,
                    "correct the name, or the family's `prefix`",
                );
            }
            Some(rest) if !is_identifier(rest) => {
                let message = format!(
                    "without `{}`, `{}` can't be a name in Rust",
                    visible(prefix),
                    name.value
                );
                self.report(
                    Code::BadIdentifier,
                    source,
                    name,
                    message,
                    "make the family's `prefix` shorter",
                );
            }
            Some(_) => {}
        }
    }

    /// Each name occurs once, and each value once, unless the name is declared to be an
    /// alias of another.
    fn bit_value(&self, source: &Source, bit: &raw::Bit, earlier: &Earlier) {
        let raw::Named { name, value, .. } = &bit.named;
        if let Some(other) = earlier.names.get(name.value.as_str()) {
            let message = format!("there is already a flag `{}`", name.value);
            let mistake = Diagnostic::new(Code::DuplicateName, source, name.span.clone(), message);
            let mistake =
                mistake.context(source, other.named.name.span.clone(), "first defined here");
            self.errors.push(mistake.help("rename one, or take it out"));
            return;
        }
        if value.value == 0 {
            let mistake = Diagnostic::new(
                Code::DuplicateValue,
                source,
                value.span.clone(),
                "a flag of value 0 has no bit",
            );
            self.errors
                .push(mistake.help("leave it out: the empty set of flags needs no name"));
            return;
        }
        let same = earlier.values.get(&value.value).copied();
        match (&bit.alias_of, same) {
            (Given::Absent, Some(other)) => {
                let other = &other.named;
                let message = format!(
                    "`{}` and `{}` have the same value",
                    other.name.value, name.value
                );
                let mistake =
                    Diagnostic::new(Code::DuplicateValue, source, value.span.clone(), message)
                        .context(source, other.value.span.clone(), "first used here")
                        .help(format!(
                            "correct one, or say that it is intended: `alias-of = \"{}\"`",
                            other.name.value
                        ));
                self.errors.push(mistake);
            }
            (Given::Right(alias), same)
                if same.is_none_or(|other| other.named.name.value != alias.value)
                    && !self.errors.is_left_out(&alias.value) =>
            {
                let message = format!("there is no earlier flag `{}` with this value", alias.value);
                let mistake =
                    Diagnostic::new(Code::UnknownValue, source, alias.span.clone(), message);
                let help = "an alias comes after its flag, and has the same value";
                self.errors.push(mistake.help(help));
            }
            _ => {}
        }
    }
}
