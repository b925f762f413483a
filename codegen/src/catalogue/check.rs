//! From [`raw`](super::raw) to the IR: names, types, bases, IIDs and slots.

use std::collections::BTreeMap;

use super::raw;
use super::types::{Kind, Names, TypeError, returns};
use crate::diag::{Code, Diagnostic, Errors, Source, did_you_mean};
use crate::ir::interface as ir;
use crate::toml_tree::Spanned;

/// Checks all files together; what is wrong is reported.
pub(super) fn catalogue(files: &[raw::File], errors: &Errors) -> ir::Catalogue {
    let names = names(files, errors);
    let interfaces: BTreeMap<&str, (&raw::File, &raw::Interface)> = files
        .iter()
        .flat_map(|file| file.interfaces.iter().map(move |i| (i.name.value.as_str(), (file, i))))
        .collect();
    let check = Check { names, interfaces, errors };
    check.unique_iids();
    let modules = files.iter().map(|file| check.module(file)).collect();
    ir::Catalogue { modules }
}

/// Every name that a type may use, each once.
fn names<'a>(files: &'a [raw::File], errors: &Errors) -> Names<'a> {
    let mut names = Names::default();
    let mut first: BTreeMap<&str, (&Source, &Spanned<String>)> = BTreeMap::new();
    for file in files {
        for (name, kind) in names_of(file) {
            if !names.add(&name.value, kind) {
                let mistake = Diagnostic::new(
                    Code::DuplicateName,
                    &file.source,
                    name.span.clone(),
                    format!("`{}` is defined twice", name.value),
                );
                let (source, earlier) = first[name.value.as_str()];
                errors.push(mistake.context(source, earlier.span.clone(), "first defined here"));
            }
            first.entry(&name.value).or_insert((&file.source, name));
        }
    }
    names
}

fn names_of(file: &raw::File) -> impl Iterator<Item = (&Spanned<String>, Kind)> {
    let interfaces = file.interfaces.iter().map(|i| (&i.name, Kind::Interface));
    let structures = file.structures.iter().map(|s| (&s.name, Kind::Structure));
    let callbacks = file.callbacks.iter().map(|c| (&c.name, Kind::Callback));
    let opaques = file.opaques.iter().map(|o| {
        let kind = if o.kind.value == "interface" { Kind::Interface } else { Kind::Structure };
        (&o.name, kind)
    });
    interfaces.chain(structures).chain(callbacks).chain(opaques)
}

struct Check<'a> {
    names: Names<'a>,
    interfaces: BTreeMap<&'a str, (&'a raw::File, &'a raw::Interface)>,
    errors: &'a Errors,
}

impl<'a> Check<'a> {
    fn report(&self, code: Code, source: &Source, at: &Spanned<String>, message: String) {
        self.errors.push(Diagnostic::new(code, source, at.span.clone(), message));
    }

    fn unique_iids(&self) {
        let mut first: BTreeMap<u128, (&raw::File, &raw::Interface)> = BTreeMap::new();
        for (file, interface) in self.interfaces.values() {
            let Some(iid) = parse_iid(&interface.iid.value) else { continue };
            if let Some((other_file, other)) = first.insert(iid, (file, interface)) {
                let message = format!("`{}` and `{}` have the same IID", other.name.value, interface.name.value);
                let mistake =
                    Diagnostic::new(Code::DuplicateIid, &file.source, interface.iid.span.clone(), message);
                self.errors.push(mistake.context(&other_file.source, other.iid.span.clone(), "first used here"));
            }
        }
    }

    fn module(&self, file: &raw::File) -> ir::Module {
        let source = &file.source;
        ir::Module {
            name: file.module.clone(),
            doc: file.doc.value.clone(),
            interfaces: file.interfaces.iter().filter_map(|i| self.interface(source, i)).collect(),
            structures: file.structures.iter().map(|s| self.structure(source, s)).collect(),
            opaques: file.opaques.iter().map(opaque).collect(),
            flags: file.flags.iter().map(flags).collect(),
            statuses: file.statuses.iter().map(named).collect(),
            constants: file.constants.iter().map(named).collect(),
            callbacks: file.callbacks.iter().filter_map(|c| self.callback(source, c)).collect(),
        }
    }

    fn interface(&self, source: &Source, raw: &raw::Interface) -> Option<ir::Interface> {
        let iid = parse_iid(&raw.iid.value);
        if iid.is_none() {
            let message = "an IID is 8-4-4-4-12 hexadecimal digits".to_owned();
            self.report(Code::BadIid, source, &raw.iid, message);
        }
        let first_slot = self.inherited_slots(source, raw)?;
        self.unique_methods(source, raw);
        let methods = raw.methods.iter().enumerate();
        let methods = methods.filter_map(|(i, method)| self.method(source, method, first_slot + i)).collect();
        let free_threaded = self.word(source, &raw.threading, &[("free", true), ("apartment", false)])?;
        Some(ir::Interface {
            name: raw.name.value.clone(),
            base: raw.base.as_ref().map(|base| base.value.clone()),
            iid: iid?,
            methods,
            free_threaded,
            external: raw.external.as_ref().map(|external| external.value.clone()),
            docs: docs(&raw.docs),
        })
    }

    /// How many slots the bases take; none where the bases make no sense.
    fn inherited_slots(&self, source: &Source, raw: &raw::Interface) -> Option<usize> {
        let mut slots = 0;
        let mut seen = vec![raw.name.value.as_str()];
        let mut next = raw.base.as_ref();
        if next.is_none() && raw.external.is_none() {
            let message = format!("`{}` has no base; every interface extends one", raw.name.value);
            self.report(Code::UnknownBase, source, &raw.name, message);
            return None;
        }
        while let Some(base) = next {
            if seen.contains(&base.value.as_str()) {
                let message = format!("`{}` extends itself", raw.name.value);
                self.report(Code::InheritanceCycle, source, raw.base.as_ref()?, message);
                return None;
            }
            let Some((_, found)) = self.interfaces.get(base.value.as_str()) else {
                let known: Vec<&str> = self.interfaces.keys().copied().collect();
                let message = format!("there is no interface `{}`", base.value);
                let mistake = Diagnostic::new(Code::UnknownBase, source, raw.base.as_ref()?.span.clone(), message);
                self.errors.push(mistake.maybe_help(did_you_mean(&base.value, &known)));
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
        while let Some((_, base)) = next.and_then(|base| self.interfaces.get(base.value.as_str())) {
            seen.extend(base.methods.iter().map(|method| method.name.value.as_str()));
            next = base.base.as_ref();
        }
        for method in &raw.methods {
            if seen.contains(&method.name.value.as_str()) {
                let message = format!("`{}` has a method `{}` already", raw.name.value, method.name.value);
                self.report(Code::DuplicateName, source, &method.name, message);
            }
            seen.push(&method.name.value);
        }
    }

    fn method(&self, source: &Source, raw: &raw::Method, slot: usize) -> Option<ir::Method> {
        Some(ir::Method {
            name: raw.name.value.clone(),
            slot,
            params: self.params(source, &raw.params),
            returns: self.returns(source, raw.returns.as_ref())?,
            docs: docs(&raw.docs),
        })
    }

    fn params(&self, source: &Source, raw: &[raw::Param]) -> Vec<ir::Param> {
        raw.iter().filter_map(|param| self.param(source, param)).collect()
    }

    fn param(&self, source: &Source, raw: &raw::Param) -> Option<ir::Param> {
        use ir::Direction::{In, InOut, Out};
        let direction = match &raw.direction {
            Some(word) => self.word(source, word, &[("in", In), ("out", Out), ("inout", InOut)])?,
            None => In,
        };
        let kept = match &raw.on_failure {
            Some(word) => self.word(source, word, &[("keep", true), ("clear", false)])?,
            None => false,
        };
        let ty = self.ty(source, &raw.ty)?;
        let required = raw.required.as_ref().is_some_and(|required| required.value);
        if required && ty.pointers.is_empty() {
            let message = format!("`{}` is no pointer, so it can't be required", raw.name.value);
            self.report(Code::BadType, source, &raw.ty, message);
        }
        Some(ir::Param { name: raw.name.value.clone(), ty, direction, required, kept_on_failure: kept })
    }

    fn ty(&self, source: &Source, text: &Spanned<String>) -> Option<ir::Type> {
        let mistake = |message: String| Diagnostic::new(Code::BadType, source, text.span.clone(), message);
        match self.names.resolve(&text.value) {
            Ok(ty) => return Some(ty),
            Err(TypeError::Malformed) => self.errors.push(
                mistake(format!("`{}` is no type", text.value))
                    .help("write a name with `*mut` or `*const` before it, or an array such as `[u8; 16]`"),
            ),
            Err(TypeError::Unknown(name)) => self.errors.push(
                mistake(format!("there is no type `{name}`"))
                    .maybe_help(did_you_mean(&name, &self.names.all())),
            ),
            Err(TypeError::NeedsPointer(name)) => self.errors.push(
                mistake(format!("`{name}` can't be passed by value")).help(format!("write `*mut {name}`")),
            ),
        }
        None
    }

    fn returns(&self, source: &Source, text: Option<&Spanned<String>>) -> Option<ir::Return> {
        let found = returns(text.map(|text| text.value.as_str()));
        if let (None, Some(text)) = (found, text) {
            let message = format!("a method does not return `{}`", text.value);
            let mistake = Diagnostic::new(Code::BadType, source, text.span.clone(), message);
            self.errors.push(mistake.help("one of `HRESULT` (or nothing said), `u32`, `i32`, `()`"));
        }
        found
    }

    /// The meaning of one of a few words.
    fn word<T: Copy>(&self, source: &Source, word: &Spanned<String>, words: &[(&str, T)]) -> Option<T> {
        if let Some((_, meaning)) = words.iter().find(|(known, _)| *known == word.value) {
            return Some(*meaning);
        }
        let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
        let message = format!("expected one of {}", known.join(", "));
        self.report(Code::UnknownValue, source, word, message);
        None
    }

    fn structure(&self, source: &Source, raw: &raw::Structure) -> ir::Structure {
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
            layout: raw.layout.map(|(size, align)| ir::Layout { size: size as usize, align: align as usize }),
            docs: docs(&raw.docs),
        }
    }

    fn callback(&self, source: &Source, raw: &raw::Callback) -> Option<ir::Callback> {
        let cdecl = self.word(source, &raw.convention, &[("cdecl", true), ("stdcall", false)])?;
        Some(ir::Callback {
            name: raw.name.value.clone(),
            cdecl,
            params: self.params(source, &raw.params),
            returns: self.returns(source, raw.returns.as_ref())?,
            docs: docs(&raw.docs),
        })
    }
}

fn opaque(raw: &raw::Opaque) -> ir::Opaque {
    let interface = raw.kind.value == "interface";
    ir::Opaque { name: raw.name.value.clone(), interface, docs: docs(&raw.docs) }
}

fn flags(raw: &raw::Flags) -> ir::Flags {
    ir::Flags {
        name: raw.name.value.clone(),
        prefix: raw.prefix.as_ref().map(|prefix| prefix.value.clone()).unwrap_or_default(),
        values: raw.values.iter().map(named).collect(),
        docs: docs(&raw.docs),
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
    hexadecimal.then(|| u128::from_str_radix(&digits, 16).ok()).flatten()
}
