//! From [`raw`](super::raw) to the IR: names, types, bases, IIDs and slots.

mod flags;
mod layout;
mod names;
mod params;

use std::collections::BTreeMap;

use super::raw;
use super::types::{Kind, Names};
use crate::diag::{Code, Diagnostic, Errors, Source, did_you_mean};
use crate::ir::interface as ir;
use crate::toml_tree::Spanned;

/// Checks all files together; what is wrong is reported.
pub(super) fn catalogue(files: &[raw::File], errors: &Errors) -> ir::Catalogue {
    let names = names::gather(files, errors);
    let interfaces: BTreeMap<&str, (&raw::File, &raw::Interface)> = files
        .iter()
        .flat_map(|file| {
            file.interfaces
                .iter()
                .map(move |i| (i.name.value.as_str(), (file, i)))
        })
        .collect();
    let check = Check {
        names,
        interfaces,
        errors,
    };
    check.unique_iids();
    let modules = files.iter().map(|file| check.module(file)).collect();
    ir::Catalogue { modules }
}

struct Check<'a> {
    names: Names<'a>,
    interfaces: BTreeMap<&'a str, (&'a raw::File, &'a raw::Interface)>,
    errors: &'a Errors,
}

impl<'a> Check<'a> {
    fn report(
        &self,
        code: Code,
        source: &Source,
        at: &Spanned<String>,
        message: String,
        help: &str,
    ) {
        self.errors
            .push(Diagnostic::new(code, source, at.span.clone(), message).help(help));
    }

    fn unique_iids(&self) {
        let mut first: BTreeMap<u128, (&raw::File, &raw::Interface)> = BTreeMap::new();
        for (file, interface) in self.interfaces.values() {
            let Some(iid) = parse_iid(&interface.iid.value) else {
                continue;
            };
            if let Some((other_file, other)) = first.insert(iid, (file, interface)) {
                let message = format!(
                    "`{}` and `{}` have the same IID",
                    other.name.value, interface.name.value
                );
                let mistake = Diagnostic::new(
                    Code::DuplicateIid,
                    &file.source,
                    interface.iid.span.clone(),
                    message,
                )
                .help("look the right one up: QueryInterface can't tell these two apart");
                self.errors.push(mistake.context(
                    &other_file.source,
                    other.iid.span.clone(),
                    "first used here",
                ));
            }
        }
    }

    fn module(&self, file: &raw::File) -> ir::Module {
        let source = &file.source;
        ir::Module {
            name: file.module.clone(),
            doc: file.doc.clone(),
            interfaces: file
                .interfaces
                .iter()
                .filter_map(|i| self.interface(source, i))
                .collect(),
            structures: file
                .structures
                .iter()
                .map(|s| self.structure(source, s))
                .collect(),
            opaques: file
                .opaques
                .iter()
                .filter_map(|o| self.opaque(source, o))
                .collect(),
            flags: file.flags.iter().map(|f| self.flags(source, f)).collect(),
            statuses: file.statuses.iter().map(named).collect(),
            constants: file.constants.iter().map(named).collect(),
            callbacks: file
                .callbacks
                .iter()
                .filter_map(|c| self.callback(source, c))
                .collect(),
        }
    }

    fn interface(&self, source: &Source, raw: &raw::Interface) -> Option<ir::Interface> {
        let iid = parse_iid(&raw.iid.value);
        if iid.is_none() {
            let message = format!("the IID of `{}` is not written as one", raw.name.value);
            let mistake = Diagnostic::new(Code::BadIid, source, raw.iid.span.clone(), message);
            self.errors
                .push(mistake.help("8-4-4-4-12 hexadecimal digits, without braces"));
        }
        let first_slot = self.inherited_slots(source, raw);
        self.unique_methods(source, raw);
        // Slots are of no use where the base is wrong, but the methods' own mistakes are.
        let slots = first_slot.unwrap_or_default()..;
        let methods = slots.zip(&raw.methods);
        let methods = methods
            .filter_map(|(slot, method)| self.method(source, method, slot))
            .collect();
        let free_threaded = self.word(
            source,
            &raw.threading,
            &[("free", true), ("apartment", false)],
        );
        if let Some(external) = &raw.external {
            self.word(source, external, &[("windows_core", ())]);
        }
        first_slot?;
        Some(ir::Interface {
            name: raw.name.value.clone(),
            base: raw.base.as_ref().map(|base| base.value.clone()),
            iid: iid?,
            methods,
            free_threaded: free_threaded?,
            external: raw.external.as_ref().map(|external| external.value.clone()),
            docs: docs(&raw.docs),
        })
    }

    /// How many slots the bases take; none where the bases make no sense.
    fn inherited_slots(&self, source: &Source, raw: &raw::Interface) -> Option<usize> {
        let mut slots: usize = 0;
        let mut seen = vec![raw.name.value.as_str()];
        let mut next = raw.base.as_ref();
        if next.is_none() && raw.external.is_none() {
            let message = format!(
                "`{}` has no base; every interface extends one",
                raw.name.value
            );
            self.report(
                Code::UnknownBase,
                source,
                &raw.name,
                message,
                "most extend `IUnknown`: add `base`",
            );
            return None;
        }
        while let Some(base) = next {
            if seen.contains(&base.value.as_str()) {
                // A cycle further down is a mistake of those in it.
                if base.value != raw.name.value {
                    return None;
                }
                let message = format!("`{}` extends itself", raw.name.value);
                self.report(
                    Code::InheritanceCycle,
                    source,
                    raw.base.as_ref()?,
                    message,
                    "in the end every interface extends `IUnknown`",
                );
                return None;
            }
            let Some((_, found)) = self.interfaces.get(base.value.as_str()) else {
                // Said of the interface that names it.
                if seen.len() > 1 {
                    return None;
                }
                let known: Vec<&str> = self.interfaces.keys().copied().collect();
                let message = format!("there is no interface `{}`", base.value);
                let mistake = Diagnostic::new(
                    Code::UnknownBase,
                    source,
                    raw.base.as_ref()?.span.clone(),
                    message,
                );
                self.errors
                    .push(mistake.maybe_help(did_you_mean(&base.value, &known)));
                return None;
            };
            seen.push(&base.value);
            slots += found.methods.len();
            next = found.base.as_ref();
        }
        Some(slots)
    }

    /// No method's name twice, the bases' included: a call would be ambiguous.
    fn unique_methods(&self, source: &Source, raw: &raw::Interface) {
        let mut seen: Vec<&str> = Vec::new();
        let mut next = raw.base.as_ref();
        for _ in 0..self.interfaces.len() {
            // No more bases than interfaces, for the bases may go round in a circle.
            let Some((_, base)) = next.and_then(|base| self.interfaces.get(base.value.as_str()))
            else {
                break;
            };
            seen.extend(base.methods.iter().map(|method| method.name.value.as_str()));
            next = base.base.as_ref();
        }
        for method in &raw.methods {
            if seen.contains(&method.name.value.as_str()) {
                let message = format!(
                    "`{}` has a method `{}` already",
                    raw.name.value, method.name.value
                );
                self.report(
                    Code::DuplicateName,
                    source,
                    &method.name,
                    message,
                    "rename it; those of the bases count",
                );
            }
            seen.push(&method.name.value);
        }
    }

    fn method(&self, source: &Source, raw: &raw::Method, slot: usize) -> Option<ir::Method> {
        self.no_answer(source, raw);
        Some(ir::Method {
            name: raw.name.value.clone(),
            slot,
            params: self.params(source, &raw.params),
            returns: self.returns(source, raw.returns.as_ref())?,
            docs: docs(&raw.docs),
        })
    }

    /// The meaning of one of a few words.
    fn word<T: Copy>(
        &self,
        source: &Source,
        word: &Spanned<String>,
        words: &[(&str, T)],
    ) -> Option<T> {
        if let Some((_, meaning)) = words.iter().find(|(known, _)| *known == word.value) {
            return Some(*meaning);
        }
        let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
        let message = format!("`{}` means nothing here", word.value.escape_debug());
        let mistake = Diagnostic::new(Code::UnknownValue, source, word.span.clone(), message);
        self.errors
            .push(mistake.maybe_help(did_you_mean(&word.value, &known)));
        None
    }

    fn opaque(&self, source: &Source, raw: &raw::Opaque) -> Option<ir::Opaque> {
        let interface = self.word(source, &raw.kind, &[("interface", true), ("struct", false)])?;
        Some(ir::Opaque {
            name: raw.name.value.clone(),
            interface,
            docs: docs(&raw.docs),
        })
    }

    fn structure(&self, source: &Source, raw: &raw::Structure) -> ir::Structure {
        self.layout(source, raw);
        let fields = raw.fields.iter().filter_map(|field| {
            Some(ir::Field {
                name: field.name.value.clone(),
                ty: self.ty(source, &field.ty)?,
                offsets: field.offsets.map(|offset| offset as usize),
            })
        });
        ir::Structure {
            name: raw.name.value.clone(),
            union: raw.union,
            fields: fields.collect(),
            layout: raw.layout.map(|(size, align)| ir::Layout {
                size: size as usize,
                align: align as usize,
            }),
            docs: docs(&raw.docs),
        }
    }

    fn callback(&self, source: &Source, raw: &raw::Callback) -> Option<ir::Callback> {
        let cdecl = self.word(
            source,
            &raw.convention,
            &[("cdecl", true), ("stdcall", false)],
        )?;
        Some(ir::Callback {
            name: raw.name.value.clone(),
            cdecl,
            params: self.params(source, &raw.params),
            returns: self.returns(source, raw.returns.as_ref())?,
            docs: docs(&raw.docs),
        })
    }
}

fn named(raw: &raw::Named) -> ir::Named {
    ir::Named {
        name: raw.name.value.clone(),
        value: raw.value.value,
        summary: raw.summary.as_ref().map(|summary| summary.value.clone()),
    }
}

fn docs(raw: &raw::Docs) -> ir::Docs {
    ir::Docs {
        summary: raw.summary.as_ref().map(|summary| summary.value.clone()),
        page: raw.page.as_ref().map(|page| page.value.clone()),
    }
}

/// The number that an IID's digits make.
fn parse_iid(text: &str) -> Option<u128> {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    if lengths != [8, 4, 4, 4, 12] {
        return None;
    }
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal
        .then(|| u128::from_str_radix(&digits, 16).ok())
        .flatten()
}
