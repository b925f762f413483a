//! One IID, one shape. `cast` and QueryInterface go by the IID alone, and safe code calls the result. So a
//! team's interface with the IID of one of ours must have the same slots.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, names, parse_guid, raw};
use crate::catalogue::types::{Names, returns};
use crate::diag::{Code, Diagnostic, Source};
use crate::ir::interface::Base;
use crate::toml_tree::Spanned;

/// A definition, and where it is.
type At<'a, T> = (&'a Source, &'a T);

/// Where two definitions of one interface differ.
struct Difference<'a> {
    what: String,
    own: At<'a, Spanned<String>>,
    shipped: At<'a, Spanned<String>>,
}

impl<'a> Check<'a> {
    /// Reports a team's interfaces that differ from ours with the same names and IIDs.
    pub(super) fn same_shapes(&self, own: &'a [raw::File], shipped: &'a [raw::File]) {
        let shapes = Shapes {
            shipped,
            own_names: &self.names,
            ours_names: names::gather(&[], shipped),
            own_interfaces: own
                .iter()
                .flat_map(interfaces)
                .map(|(_, interface)| (interface.name.value.as_str(), interface))
                .collect(),
            hidden: self.own.keys().copied().collect(),
        };
        for (source, interface) in own.iter().flat_map(interfaces) {
            let Some(ours) = shapes.ours(interface) else {
                continue;
            };
            if let Some(difference) = shapes.interfaces((source, interface), ours) {
                self.other_shape(interface, &difference);
            }
        }
    }

    fn other_shape(&self, interface: &raw::Interface, difference: &Difference) {
        let (source, own) = difference.own;
        let (shipped_source, shipped) = difference.shipped;
        let message = format!(
            "`{}` has the IID of the one that we ship, but {}",
            interface.name.value, difference.what
        );
        let mistake = Diagnostic::new(Code::DuplicateIid, source, own.span.clone(), message)
            .context(shipped_source, shipped.span.clone(), "ours")
            .help("follow ours, or leave the definition out: ours is there anyway");
        self.errors.push(mistake);
    }
}

fn interfaces(file: &raw::File) -> impl Iterator<Item = At<'_, raw::Interface>> {
    file.interfaces.iter().map(|i| (&file.source, i))
}

struct Shapes<'a> {
    shipped: &'a [raw::File],
    own_names: &'a Names<'a>,
    ours_names: Names<'a>,
    own_interfaces: BTreeMap<&'a str, &'a raw::Interface>,
    /// Our types that others replace.
    hidden: BTreeSet<&'a str>,
}

impl<'a> Shapes<'a> {
    /// Our interface with the name and the IID of this one.
    fn ours(&self, own: &raw::Interface) -> Option<At<'a, raw::Interface>> {
        let iid = |interface: &raw::Interface| parse_guid(&interface.iid.as_ref()?.value);
        let wanted = iid(own)?;
        let mut all = self.shipped.iter().flat_map(interfaces);
        all.find(|(_, ours)| ours.name.value == own.name.value && iid(ours) == Some(wanted))
    }

    fn interfaces(
        &self,
        own: At<'a, raw::Interface>,
        ours: At<'a, raw::Interface>,
    ) -> Option<Difference<'a>> {
        let here = |what: &str, own_at, our_at| Difference {
            what: what.to_owned(),
            own: (own.0, own_at),
            shipped: (ours.0, our_at),
        };
        let (own_base, our_base) = (own.1.base.right(), ours.1.base.right());
        let name = |base: Option<&'a Spanned<String>>| base.map(|base| base.value.as_str());
        if name(own_base) != name(our_base) || self.is_another(own_base) {
            let own_at = own_base.unwrap_or(&own.1.name);
            let our_at = our_base.unwrap_or(&ours.1.name);
            return Some(here("extends another interface", own_at, our_at));
        }
        if own.1.threading.value != ours.1.threading.value {
            let (own_at, our_at) = (&own.1.threading, &ours.1.threading);
            return Some(here("has another `threading`", own_at, our_at));
        }
        for (method, our_method) in own.1.methods.iter().zip(&ours.1.methods) {
            if !self.methods_agree(method, our_method) {
                let what = format!("has another `{}`", our_method.name.value);
                return Some(here(&what, &method.name, &our_method.name));
            }
        }
        let [count, our_count] = [own, ours].map(|(_, interface)| interface.methods.len());
        if count != our_count {
            let what = format!("has {count} methods of its own instead of {our_count}");
            return Some(here(&what, &own.1.name, &ours.1.name));
        }
        None
    }

    /// Whether a base has the name of one of ours but is not ours.
    fn is_another(&self, base: Option<&Spanned<String>>) -> bool {
        let own = base.and_then(|base| self.own_interfaces.get(base.value.as_str()));
        own.is_some_and(|own| own.external.is_none() && self.ours(own).is_none())
    }

    /// Names may differ: only the order and the types matter to callers.
    fn methods_agree(&self, own: &raw::Method, ours: &raw::Method) -> bool {
        let unknown = |method: &raw::Method| method.placeholder.as_ref().is_some_and(|p| p.value);
        // A team may know what is in a slot that we know nothing about.
        if unknown(ours) || unknown(own) {
            return unknown(ours);
        }
        let result =
            |method: &raw::Method| returns(method.returns.as_ref().map(|text| text.value.as_str()));
        let pairs = || own.params.iter().zip(&ours.params);
        result(own) == result(ours)
            && own.params.len() == ours.params.len()
            && pairs().all(|(own, ours)| direction(own) == direction(ours))
            && pairs().all(|(own, ours)| self.types_agree(&own.ty.value, &ours.ty.value))
    }

    fn types_agree(&self, own: &str, ours: &str) -> bool {
        // If one is not a type, that is reported elsewhere.
        let (Ok(own), Ok(ours)) = (self.own_names.resolve(own), self.ours_names.resolve(ours))
        else {
            return true;
        };
        let hidden = match &own.base {
            Base::Structure(name) | Base::Callback(name) => self.hidden.contains(name.as_str()),
            _ => false,
        };
        !hidden
            && own.pointers.len() == ours.pointers.len()
            && own.array == ours.array
            && same_at_the_abi(&own.base, &ours.base)
    }
}

fn direction(param: &raw::Param) -> &str {
    let given = param.direction.right();
    given.map_or("in", |direction| direction.value.as_str())
}

/// Flags and property tags are numbers to a caller, and any interface is a pointer.
fn same_at_the_abi(own: &Base, ours: &Base) -> bool {
    let number = |base: &Base| match base {
        Base::Number(name) => Some(*name),
        Base::Flags(_) | Base::PropTag => Some("u32"),
        _ => None,
    };
    let pointee = |base: &Base| matches!(base, Base::Void | Base::Interface(_));
    own == ours
        || (number(own).is_some() && number(own) == number(ours))
        || (pointee(own) && pointee(ours))
}
