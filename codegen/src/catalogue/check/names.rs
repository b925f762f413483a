//! Names: each must be possible in Rust, and mean one thing. Generated code's own names make way for them
//! (`emit/abi/hygiene.rs`).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::bases::ROOT;
use super::{Kind, Names, raw};
use crate::catalogue::types::is_built_in;
use crate::diag::{Code, Diagnostic, Errors, Source};
use crate::toml_tree::Spanned;

/// The function that a module of status codes has.
const IN_MODULES: [&str; 1] = ["status_name"];

/// What the names of generated items end in, after the interface's.
const ENDINGS: [&str; 3] = ["_Vtbl", "_Impl", "_Forward"];

/// The keywords for which `r#` doesn't help.
const NEVER: [&str; 5] = ["self", "Self", "super", "crate", "_"];

/// Every name that a type may use. The first meaning stays, so definitions that hide others come first.
pub(super) fn gather<'a>(own: &'a [raw::File], shipped: &'a [raw::File]) -> Names<'a> {
    let types = own.iter().chain(shipped).flat_map(types_of);
    Names::new(types.map(|(_, name, kind)| (name.value.as_str(), kind)))
}

/// The types that files define, and where.
pub(super) fn defined(files: &[raw::File]) -> BTreeMap<&str, (&Source, &Spanned<String>)> {
    let types = files.iter().flat_map(types_of);
    types
        .map(|(source, name, _)| (name.value.as_str(), (source, name)))
        .collect()
}

/// Every name is valid, and has one meaning.
pub(super) fn check(files: &[raw::File], shipped: &[raw::File], errors: &Errors) {
    unique(files.iter().flat_map(in_order), errors);
    roots(files, errors);
    derived(files, shipped, errors);
    members(files, errors);
}

/// Types and numbers of a file, in the order of the file.
fn in_order(file: &raw::File) -> Vec<(&Source, &Spanned<String>)> {
    let types = types_of(file).map(|(source, name, _)| (source, name));
    let mut names: Vec<_> = types.chain(numbers_of(file)).collect();
    names.sort_by_key(|(_, name)| name.span.start);
    names
}

/// The root is known only by its name.
fn roots(files: &[raw::File], errors: &Errors) {
    for file in files {
        let external = file.interfaces.iter().filter(|i| i.external.is_some());
        let external: HashSet<*const Spanned<String>> =
            external.map(|i| &raw const i.name).collect();
        let own = types_of(file).filter(|(_, name, _)| name.value == ROOT);
        for (source, name, _) in
            own.filter(|(_, name, _)| !external.contains(&std::ptr::from_ref(*name)))
        {
            taken(source, name, errors);
        }
    }
}

/// `IThing_Vtbl` is taken if there is an `IThing`.
fn derived(files: &[raw::File], shipped: &[raw::File], errors: &Errors) {
    let interfaces: BTreeSet<&str> = files
        .iter()
        .chain(shipped)
        .flat_map(|file| &file.interfaces)
        .map(|interface| interface.name.value.as_str())
        .collect();
    for (source, name, _) in files.iter().flat_map(types_of) {
        let mut stems = ENDINGS
            .iter()
            .filter_map(|end| name.value.strip_suffix(end));
        if stems.any(|stem| interfaces.contains(stem)) {
            taken(source, name, errors);
        }
    }
}

fn numbers_of(file: &raw::File) -> impl Iterator<Item = (&Source, &Spanned<String>)> {
    let statuses = file.statuses.iter().map(|status| &status.name);
    let statuses = statuses.map(|name| (&file.source, name));
    statuses.chain(codeless(file))
}

/// Numbers that are not status codes.
fn codeless(file: &raw::File) -> impl Iterator<Item = (&Source, &Spanned<String>)> {
    let constants = file.constants.iter().map(|constant| &constant.name);
    let tags = file.tags.iter().map(|tag| &tag.named.name);
    let guids = file.guids.iter().map(|guid| &guid.name);
    let all = constants.chain(tags).chain(guids);
    all.map(|name| (&file.source, name))
}

fn types_of(file: &raw::File) -> impl Iterator<Item = (&Source, &Spanned<String>, Kind)> {
    let interfaces = file.interfaces.iter().map(|i| (&i.name, Kind::Interface));
    let structures = file.structures.iter().map(|s| (&s.name, Kind::Structure));
    let callbacks = file.callbacks.iter().map(|c| (&c.name, Kind::Callback));
    let flags = file.flags.iter().map(|f| (&f.name, Kind::Flags));
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
    let all = interfaces
        .chain(structures)
        .chain(callbacks)
        .chain(flags)
        .chain(opaques);
    all.map(|(name, kind)| (&file.source, name, kind))
}

/// To users, the modules are one namespace.
fn unique<'a>(names: impl Iterator<Item = (&'a Source, &'a Spanned<String>)>, errors: &Errors) {
    let mut first: BTreeMap<&str, (&Source, &Spanned<String>)> = BTreeMap::new();
    for (source, name) in names {
        identifier(source, name, &IN_MODULES, errors);
        let mistake = |text| Diagnostic::new(Code::DuplicateName, source, name.span.clone(), text);
        if is_built_in(&name.value) {
            let text = format!("`{}` already exists without a definition", name.value);
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
            identifier(source, &method.name, &[], errors);
            distinct(
                source,
                method.params.iter().map(|p| &p.name),
                "parameter",
                errors,
            );
        }
        for callback in &file.callbacks {
            distinct(
                source,
                callback.params.iter().map(|p| &p.name),
                "parameter",
                errors,
            );
        }
        for structure in &file.structures {
            distinct(
                source,
                structure.fields.iter().map(|f| &f.name),
                "field",
                errors,
            );
        }
    }
}

/// Identifiers that must be unique.
fn distinct<'a>(
    source: &Source,
    names: impl Iterator<Item = &'a Spanned<String>>,
    what: &str,
    errors: &Errors,
) {
    let mut first: BTreeMap<&str, &Spanned<String>> = BTreeMap::new();
    for name in names {
        identifier(source, name, &[], errors);
        if let Some(earlier) = first.get(name.value.as_str()) {
            let text = format!("there is already a {what} `{}`", name.value);
            let mistake = Diagnostic::new(Code::DuplicateName, source, name.span.clone(), text);
            let mistake = mistake.context(source, earlier.span.clone(), "first defined here");
            errors.push(mistake.help("rename one"));
        } else {
            first.insert(&name.value, name);
        }
    }
}

/// A name that is possible in Rust, as `r#name` if need be, and is not one of `others`.
pub(super) fn identifier(
    source: &Source,
    name: &Spanned<String>,
    others: &[&str],
    errors: &Errors,
) {
    if others.contains(&name.value.as_str()) {
        taken(source, name, errors);
    } else if !is_identifier(&name.value) {
        let text = format!("`{}` can't be a name in Rust", name.value.escape_debug());
        let mistake = Diagnostic::new(Code::BadIdentifier, source, name.span.clone(), text);
        errors.push(mistake.help(
            "use letters, digits and `_`, and no digit first; not `self`, `super` or `crate`",
        ));
    }
}

/// Something else has the name.
fn taken(source: &Source, name: &Spanned<String>, errors: &Errors) {
    let text = format!("`{}` means something else in generated code", name.value);
    let mistake = Diagnostic::new(Code::BadIdentifier, source, name.span.clone(), text);
    errors
        .push(mistake.help("give it another name: only the order and the types matter to callers"));
}

/// Whether `text` is a name, or a keyword that `r#` makes into one. ASCII, as everything in MAPI's headers is.
pub(super) fn is_identifier(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !NEVER.contains(&text)
}
