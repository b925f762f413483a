//! Names: each is one that Rust can say, stands for one thing, and is none that generated code uses itself.

use std::collections::BTreeMap;

use super::{Kind, Names, raw};
use crate::catalogue::types::is_built_in;
use crate::diag::{Code, Diagnostic, Errors, Source};
use crate::toml_tree::Spanned;

/// What thunks say beside the parameters' names.
const IN_THUNKS: [&str; 7] = [
    "this",
    "result",
    "clear",
    "barrier",
    "barrier_plain",
    "SLOT",
    "T",
];

/// What vtables and clients say beside the methods' names.
const IN_TABLES: [&str; 3] = ["base__", "vtable", "as_raw"];

/// What no keyword may be made into by `r#`.
const NEVER: [&str; 5] = ["self", "Self", "super", "crate", "_"];

/// Every name that a type may use; and every name is checked.
pub(super) fn gather<'a>(files: &'a [raw::File], errors: &Errors) -> Names<'a> {
    let mut names = Names::default();
    for (_, name, kind) in files.iter().flat_map(types_of) {
        names.add(&name.value, kind);
    }
    let types = files.iter().flat_map(|file| {
        let flags = file
            .flags
            .iter()
            .map(move |flags| (&file.source, &flags.name));
        types_of(file)
            .map(|(source, name, _)| (source, name))
            .chain(flags)
    });
    let numbers = files.iter().flat_map(|file| {
        file.statuses
            .iter()
            .chain(&file.constants)
            .map(move |named| (&file.source, &named.name))
    });
    unique(types, errors);
    unique(numbers, errors);
    members(files, errors);
    names
}

fn types_of(file: &raw::File) -> impl Iterator<Item = (&Source, &Spanned<String>, Kind)> {
    let interfaces = file.interfaces.iter().map(|i| (&i.name, Kind::Interface));
    let structures = file.structures.iter().map(|s| (&s.name, Kind::Structure));
    let callbacks = file.callbacks.iter().map(|c| (&c.name, Kind::Callback));
    let opaques = file.opaques.iter().map(|o| {
        (
            &o.name,
            if o.kind.value == "interface" {
                Kind::Interface
            } else {
                Kind::Opaque
            },
        )
    });
    let all = interfaces.chain(structures).chain(callbacks).chain(opaques);
    all.map(|(name, kind)| (&file.source, name, kind))
}

/// The modules are one namespace to those who use them.
fn unique<'a>(names: impl Iterator<Item = (&'a Source, &'a Spanned<String>)>, errors: &Errors) {
    let mut first: BTreeMap<&str, (&Source, &Spanned<String>)> = BTreeMap::new();
    for (source, name) in names {
        identifier(source, name, &[], errors);
        let mistake = |text| Diagnostic::new(Code::DuplicateName, source, name.span.clone(), text);
        if is_built_in(&name.value) {
            let text = format!("`{}` is there already, without a definition", name.value);
            errors.push(mistake(text).help("leave the definition out, or give it another name"));
        } else if let Some((other, earlier)) = first.get(name.value.as_str()) {
            let mistake = mistake(format!("`{}` is defined twice", name.value));
            let mistake = mistake.context(other, earlier.span.clone(), "first defined here");
            errors.push(mistake.help("rename one, or take it out: all modules share their names"));
        } else {
            first.insert(&name.value, (source, name));
        }
    }
}

/// What is named inside a definition.
fn members(files: &[raw::File], errors: &Errors) {
    for file in files {
        let source = &file.source;
        for method in file
            .interfaces
            .iter()
            .flat_map(|interface| &interface.methods)
        {
            identifier(source, &method.name, &IN_TABLES, errors);
            distinct(
                source,
                method.params.iter().map(|p| &p.name),
                "parameter",
                &IN_THUNKS,
                errors,
            );
        }
        for callback in &file.callbacks {
            distinct(
                source,
                callback.params.iter().map(|p| &p.name),
                "parameter",
                &[],
                errors,
            );
        }
        for structure in &file.structures {
            distinct(
                source,
                structure.fields.iter().map(|f| &f.name),
                "field",
                &[],
                errors,
            );
        }
    }
}

/// Identifiers of which there may not be two.
fn distinct<'a>(
    source: &Source,
    names: impl Iterator<Item = &'a Spanned<String>>,
    what: &str,
    taken: &[&str],
    errors: &Errors,
) {
    let mut first: BTreeMap<&str, &Spanned<String>> = BTreeMap::new();
    for name in names {
        identifier(source, name, taken, errors);
        if let Some(earlier) = first.get(name.value.as_str()) {
            let text = format!("there is a {what} `{}` already", name.value);
            let mistake = Diagnostic::new(Code::DuplicateName, source, name.span.clone(), text);
            let mistake = mistake.context(source, earlier.span.clone(), "first defined here");
            errors.push(mistake.help("rename one"));
        } else {
            first.insert(&name.value, name);
        }
    }
}

/// A name that Rust can say, as `r#name` if need be, and that is not one of `taken`.
pub(super) fn identifier(source: &Source, name: &Spanned<String>, taken: &[&str], errors: &Errors) {
    let mistake = |text| Diagnostic::new(Code::BadIdentifier, source, name.span.clone(), text);
    if !is_identifier(&name.value) {
        let text = format!("`{}` can't be a name in Rust", name.value.escape_debug());
        errors.push(
            mistake(text)
                .help("letters, digits and `_`, no digit first; not `self`, `super` or `crate`"),
        );
    } else if taken.contains(&name.value.as_str()) {
        let text = format!("`{}` means something else in generated code", name.value);
        errors.push(
            mistake(text)
                .help("give it another name: only the order and the types matter to callers"),
        );
    }
}

/// Whether `text` is a name, or a keyword that `r#` makes into one. ASCII, as everything in MAPI's headers is.
pub(super) fn is_identifier(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !NEVER.contains(&text)
}
