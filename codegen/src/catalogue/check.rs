//! From [`raw`](super::raw) to the IR: names, types, bases, IIDs and slots.

mod bases;
mod cycles;
mod flags;
mod layout;
mod names;
mod params;
mod results;
mod shape;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use super::raw;
use super::types::{Kind, Names};
use crate::diag::{Code, Diagnostic, Errors, Source};
use crate::ir::interface as ir;
use crate::toml_tree::Spanned;

/// Checks `own` together; what is wrong is reported. `shipped` was checked long ago and is there to build on: a
/// name of `own` hides the same name there, so what we ship tomorrow doesn't break today's files.
pub(super) fn catalogue(
    shipped: &[raw::File],
    own: &[raw::File],
    errors: &Errors,
) -> ir::Catalogue {
    let all = || shipped.iter().chain(own);
    names::check(own, shipped, errors);
    let interfaces: BTreeMap<&str, (&raw::File, &raw::Interface)> = all()
        .flat_map(|file| {
            let interfaces = file.interfaces.iter();
            interfaces.map(move |i| (i.name.value.as_str(), (file, i)))
        })
        .collect();
    let statuses = all()
        .flat_map(|file| &file.statuses)
        .map(|status| status.name.value.as_str())
        .collect();
    let mut check = Check {
        names: names::gather(own, shipped),
        methods: bases::methods_by_name(interfaces.values().map(|(_, interface)| *interface)),
        spoken_of: RefCell::default(),
        cyclic: BTreeSet::new(),
        own: names::defined(own),
        interfaces,
        structures: all()
            .flat_map(|file| &file.structures)
            .map(|structure| (structure.name.value.as_str(), structure))
            .collect(),
        statuses,
        errors,
    };
    check.cyclic = check.cycles();
    check.unique_iids(own, shipped);
    check.same_shapes(own, shipped);
    let modules: Vec<ir::Module> = own.iter().map(|file| check.module(file)).collect();
    // A definition that hides a shipped name may not fit its other uses. That is nobody's mistake: they are not
    // emitted.
    let silent = Errors::new();
    let check = Check {
        errors: &silent,
        ..check
    };
    let base = shipped.iter().map(|file| check.module(file));
    ir::Catalogue {
        modules: base.chain(modules).collect(),
    }
}

struct Check<'a> {
    names: Names<'a>,
    /// The types that are defined here, and not by us.
    own: BTreeMap<&'a str, (&'a Source, &'a Spanned<String>)>,
    interfaces: BTreeMap<&'a str, (&'a raw::File, &'a raw::Interface)>,
    /// The methods of each of these, and the position of each.
    methods: BTreeMap<&'a str, HashMap<&'a str, usize>>,
    /// The types that one of our interfaces uses, as far as somebody asked.
    spoken_of: RefCell<HashMap<String, Rc<[String]>>>,
    /// Fields by which a structure contains itself: the structure, the field's type.
    cyclic: BTreeSet<(String, String)>,
    structures: BTreeMap<&'a str, &'a raw::Structure>,
    statuses: BTreeSet<&'a str>,
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

    /// No two interfaces of a team have the same IID, and one may share an IID with ours only under the same
    /// name: the library asks for ours by IID, whether or not another one hides their names here.
    fn unique_iids(&self, own: &[raw::File], shipped: &[raw::File]) {
        let mut first: BTreeMap<u128, (&raw::File, &raw::Interface)> = BTreeMap::new();
        let all = shipped.iter().chain(own);
        let all = all.flat_map(|file| file.interfaces.iter().map(move |i| (file, i)));
        for (file, interface) in all {
            let Some(spanned) = &interface.iid else {
                continue;
            };
            let Some(iid) = parse_guid(&spanned.value) else {
                continue;
            };
            let Some((other_file, other)) = first.insert(iid, (file, interface)) else {
                continue;
            };
            // A name that occurs twice in a team's files has already been reported.
            if other.name.value == interface.name.value {
                continue;
            }
            let message = format!(
                "`{}` and `{}` have the same IID",
                other.name.value, interface.name.value
            );
            let source = &file.source;
            let mistake =
                Diagnostic::new(Code::DuplicateIid, source, spanned.span.clone(), message)
                    .help("look up the right one: QueryInterface can't tell these two apart");
            let earlier = other.iid.as_ref().unwrap_or(spanned).span.clone();
            self.errors
                .push(mistake.context(&other_file.source, earlier, "first used here"));
        }
    }

    fn module(&self, file: &raw::File) -> ir::Module {
        let source = &file.source;
        ir::Module {
            name: file.module.clone(),
            doc: paragraphs(&file.doc),
            feature: self.feature(source, file),
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
            tags: file.tags.iter().map(tag).collect(),
            guids: file
                .guids
                .iter()
                .filter_map(|g| self.guid(source, g))
                .collect(),
            callbacks: file
                .callbacks
                .iter()
                .filter_map(|c| self.callback(source, c))
                .collect(),
        }
    }

    fn interface(&self, source: &Source, raw: &raw::Interface) -> Option<ir::Interface> {
        let iid = raw
            .iid
            .as_ref()
            .map(|iid| self.digits(source, iid, "IID", &raw.name.value));
        let first_slot = self.inherited_slots(source, raw);
        self.unique_methods(source, raw);
        self.hidden_names(source, raw);
        // If the base is wrong, slots are useless, but the methods' own mistakes aren't.
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
        self.external(source, raw);
        first_slot?;
        Some(ir::Interface {
            name: raw.name.value.clone(),
            base: raw.base.right().map(|base| base.value.clone()),
            iid: iid.map_or(Some(None), |number| number.map(Some))?,
            methods,
            free_threaded: free_threaded?,
            forward: raw.forward.as_ref().map(|forward| forward.value),
            external: raw.external.as_ref().map(|external| external.value.clone()),
            docs: docs(&raw.docs),
        })
    }

    fn method(&self, source: &Source, raw: &raw::Method, slot: usize) -> Option<ir::Method> {
        self.no_answer(source, raw);
        self.placeholder(source, raw);
        Some(ir::Method {
            name: raw.name.value.clone(),
            slot,
            params: self.params(source, &raw.params),
            returns: self.returns(source, raw.returns.as_ref())?,
            placeholder: is_placeholder(raw),
            results: self.results(source, &raw.results),
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
        let message = format!("`{}` means nothing here", word.value.escape_debug());
        let mistake = Diagnostic::new(Code::UnknownValue, source, word.span.clone(), message);
        let known = || words.iter().map(|(known, _)| *known).collect();
        let help = self.errors.did_you_mean(&word.value, known);
        self.errors
            .push(mistake.help(help.unwrap_or_else(|| "see docs/interfaces.md".into())));
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
                doc: text(&field.doc),
            })
        });
        ir::Structure {
            name: raw.name.value.clone(),
            union: raw.union,
            packed: raw.packed,
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
        summary: text(&raw.summary),
    }
}

fn tag(raw: &raw::Tag) -> ir::Tag {
    ir::Tag {
        named: named(&raw.named),
        canonical: text(&raw.canonical),
        page: text(&raw.page),
    }
}

/// An optional text of one line; an empty one counts as none.
fn text(raw: &Option<Spanned<String>>) -> Option<String> {
    let text = raw.as_ref().map(|text| line(&text.value));
    text.filter(|text| !text.is_empty())
}

/// A text on one line, however many lines it is written on.
fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// A text of paragraphs. Doc comments have no carriage returns.
fn paragraphs(text: &str) -> String {
    text.replace('\r', "").trim_end().to_owned()
}

/// Whether nobody has published what is in the slot.
fn is_placeholder(method: &raw::Method) -> bool {
    method.placeholder.as_ref().is_some_and(|word| word.value)
}

fn docs(raw: &raw::Docs) -> ir::Docs {
    ir::Docs {
        summary: text(&raw.summary),
        more: raw.more.as_ref().map(|more| paragraphs(&more.value)),
        page: text(&raw.page),
    }
}

/// The number that a GUID's digits make.
fn parse_guid(text: &str) -> Option<u128> {
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
