//! Bases: which interface extends which, and what that means for slots and names.

use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use super::{Check, raw};
use crate::diag::{Code, Diagnostic, Source, visible};
use crate::ir::interface::Base;
use crate::toml_tree::Spanned;

/// The only interface without a base; another crate defines it.
pub(super) const ROOT: &str = "IUnknown";

/// The most interfaces in a chain of bases. MAPI's have three; many more is a mistake, or none of ours.
const MOST: usize = 32;

/// Where a method was first: its file, its interface, its name.
type Place<'a> = (&'a Source, &'a str, &'a Spanned<String>);

impl<'a> Check<'a> {
    /// How many slots the bases take; `None` if the bases make no sense.
    pub(super) fn inherited_slots(&self, source: &Source, raw: &raw::Interface) -> Option<usize> {
        let mut slots: usize = 0;
        let mut seen = vec![raw.name.value.as_str()];
        let mut next = raw.base.right();
        if !raw.base.is_there() && raw.external.is_none() {
            let name = &raw.name.value;
            let message = format!("`{name}` has no base; every interface extends one");
            let help = "most extend `IUnknown`: add `base`";
            self.report(Code::UnknownBase, source, &raw.name, message, help);
            return None;
        }
        while let Some(base) = next {
            if seen.contains(&base.value.as_str()) {
                // A cycle further down is the mistake of the interfaces in it.
                if base.value == raw.name.value {
                    self.cycle(source, raw);
                }
                return None;
            }
            let Some((_, found)) = self.interfaces.get(base.value.as_str()) else {
                // Reported for the interface that names it.
                if seen.len() == 1 {
                    self.no_such_base(source, base);
                }
                return None;
            };
            if seen.len() > MOST {
                let message = format!(
                    "`{}` extends more than {MOST} interfaces",
                    visible(&raw.name.value)
                );
                let help = "extend one higher up: MAPI’s own extend at most three";
                self.report(Code::InheritanceCycle, source, &raw.name, message, help);
                return None;
            }
            seen.push(&base.value);
            slots += found.methods.len();
            next = found.base.right();
        }
        Some(slots)
    }

    fn cycle(&self, source: &Source, raw: &raw::Interface) {
        let message = format!("`{}` extends itself", raw.name.value);
        let help = "every interface ultimately extends `IUnknown`";
        let at = raw.base.right().unwrap_or(&raw.name);
        self.report(Code::InheritanceCycle, source, at, message, help);
    }

    fn no_such_base(&self, source: &Source, base: &Spanned<String>) {
        if self.errors.is_left_out(&base.value) {
            return;
        }
        let message = format!("there is no interface `{}`", base.value.escape_debug());
        let mistake = Diagnostic::new(Code::UnknownBase, source, base.span.clone(), message);
        let known = || self.interfaces.keys().copied().collect();
        let help = self.errors.did_you_mean(&base.value, known);
        let help = help.unwrap_or_else(|| "correct the name, or define it: `[[interface]]`".into());
        self.errors.push(mistake.help(help));
    }

    /// The root is another crate's, and nothing else is.
    pub(super) fn external(&self, source: &Source, raw: &raw::Interface) {
        let Some(external) = &raw.external else {
            return;
        };
        if raw.name.value == ROOT {
            self.word(source, external, &[("windows_core", ())]);
            return;
        }
        let message = format!(
            "`{}` is not from another crate: only `{ROOT}` is",
            raw.name.value
        );
        let help = "leave `external` out";
        self.report(Code::UnknownValue, source, external, message, help);
    }

    /// The bases, nearest first, each once and not too many: they may go round in a circle.
    fn bases(&self, raw: &'a raw::Interface) -> Vec<(&'a raw::File, &'a raw::Interface)> {
        let mut bases: Vec<(&raw::File, &raw::Interface)> = Vec::new();
        let mut next = raw.base.right();
        while let Some((file, found)) =
            next.and_then(|base| self.interfaces.get(base.value.as_str()))
        {
            let known = bases.iter().any(|(_, base)| std::ptr::eq(*base, *found));
            if known || std::ptr::eq(*found, raw) || bases.len() > MOST {
                break;
            }
            bases.push((file, found));
            next = found.base.right();
        }
        bases
    }

    /// No method may be in two slots, including those of the bases: a call would be ambiguous.
    pub(super) fn unique_methods(&self, source: &'a Source, raw: &'a raw::Interface) {
        let chain = self.bases(raw);
        let inherited: usize = chain.iter().map(|(_, base)| base.methods.len()).sum();
        let mut own: HashMap<&str, (usize, Place)> = HashMap::new();
        for (index, method) in raw.methods.iter().enumerate() {
            let name = method.name.value.as_str();
            let this = (inherited + index, place(source, raw, index));
            let first =
                inherited_method(&chain, &self.methods, name).or_else(|| own.get(name).copied());
            match first {
                Some(first) => self.method_twice(this, first),
                None => {
                    own.insert(name, this);
                }
            }
        }
    }

    fn method_twice(&self, this: (usize, Place), first: (usize, Place)) {
        let (slot, (source, interface, name)) = this;
        let (first_slot, (first_source, first_interface, first_name)) = first;
        let interface = visible(interface);
        let message = format!(
            "`{interface}` has `{}` in slots {first_slot} and {slot}",
            name.value
        );
        let mistake = Diagnostic::new(Code::DuplicateName, source, name.span.clone(), message)
            .label(format!("slot {slot}"))
            .context(
                first_source,
                first_name.span.clone(),
                format!("slot {first_slot}, of `{first_interface}`"),
            )
            .help("rename one, or take it out: slots follow the order of the methods");
        self.errors.push(mistake);
    }

    /// A base of ours uses our types. Generated code names them, so they must not be hidden here.
    pub(super) fn hidden_names(&self, source: &Source, raw: &'a raw::Interface) {
        let Some(nearest) = raw.base.right() else {
            return;
        };
        for (_, base) in self.bases(raw) {
            if self.own.contains_key(base.name.value.as_str()) {
                continue;
            }
            let names = self.spoken_of(base);
            for name in names.iter() {
                if let Some((file, own)) = self.own.get(name.as_str()) {
                    let message = format!(
                        "`{}` extends `{}`, which uses another `{name}`",
                        visible(&raw.name.value),
                        base.name.value
                    );
                    let span = nearest.span.clone();
                    let mistake = Diagnostic::new(Code::DuplicateName, source, span, message)
                        .context(file, own.span.clone(), "hides that one")
                        .help(format!("give this `{name}` another name"));
                    self.errors.push(mistake);
                }
            }
        }
    }

    /// The types that generated code names for one of our interfaces. Looked up once, however many extend it.
    fn spoken_of(&self, base: &raw::Interface) -> Rc<[String]> {
        if let Some(known) = self.spoken_of.borrow().get(&base.name.value) {
            return known.clone();
        }
        let params = base.methods.iter().flat_map(|method| &method.params);
        let mut names: Vec<String> = params.filter_map(|param| self.named_type(param)).collect();
        names.extend(base.base.right().map(|base| base.value.clone()));
        names.sort();
        names.dedup();
        let names: Rc<[String]> = names.into();
        let mut all = self.spoken_of.borrow_mut();
        all.insert(base.name.value.clone(), names.clone());
        names
    }

    /// The catalogue's type that generated code names for a parameter. An interface is `c_void` there.
    fn named_type(&self, param: &raw::Param) -> Option<String> {
        match self.names.resolve(&param.ty.value).ok()?.base {
            Base::Structure(name) | Base::Flags(name) | Base::Callback(name) => Some(name),
            _ => None,
        }
    }
}

/// The first method with a name in the bases, and its slot. The chain is nearest first; the slots begin at its
/// end.
fn inherited_method<'a>(
    chain: &[(&'a raw::File, &'a raw::Interface)],
    methods: &BTreeMap<&'a str, HashMap<&'a str, usize>>,
    name: &str,
) -> Option<(usize, Place<'a>)> {
    let mut first = 0;
    for (file, base) in chain.iter().rev() {
        let named = methods.get(base.name.value.as_str());
        if let Some(index) = named.and_then(|named| named.get(name)) {
            return Some((first + index, place(&file.source, base, *index)));
        }
        first += base.methods.len();
    }
    None
}

fn place<'a>(source: &'a Source, interface: &'a raw::Interface, index: usize) -> Place<'a> {
    (
        source,
        interface.name.value.as_str(),
        &interface.methods[index].name,
    )
}

/// The methods of interfaces by name; the first one if there are several.
pub(super) fn methods_by_name<'a>(
    interfaces: impl Iterator<Item = &'a raw::Interface>,
) -> BTreeMap<&'a str, HashMap<&'a str, usize>> {
    let named = interfaces.map(|interface| {
        let mut methods = HashMap::new();
        for (index, method) in interface.methods.iter().enumerate() {
            methods.entry(method.name.value.as_str()).or_insert(index);
        }
        (interface.name.value.as_str(), methods)
    });
    named.collect()
}
