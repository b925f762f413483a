//! What the names of definitions mean in a team's own module: which are its own, and where the others are.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::names::keyword_or_name;
use crate::ir::interface::{Interface, Module};

/// Rust's own values that are in every module: a parameter with such a name would be a pattern that they match.
const VALUES: [&str; 4] = ["Err", "None", "Ok", "Some"];

/// Where our own types and numbers are for generated code.
const OURS: &str = "::mapi_provider::__private::prelude";

/// Where the modules of a team are for one another.
const BESIDE: &str = "super::";

/// What a module sees.
#[derive(Default)]
pub(super) struct Scope {
    /// Its own constants, and its own types that are functions too.
    values: BTreeSet<String>,
    /// For each name that it lacks, the path of the module that has it.
    elsewhere: BTreeMap<String, String>,
}

impl Scope {
    /// The scope of a team's module, which may use everything in our modules and in the team's other modules beside
    /// it. A nearer name hides a farther one.
    pub(super) fn new<'a>(
        here: &Module,
        beside: impl Iterator<Item = &'a Module>,
        ours: impl Iterator<Item = &'a Module>,
    ) -> Self {
        let mut elsewhere = BTreeMap::new();
        for module in ours {
            elsewhere.extend(names(module).map(|name| (name, OURS.to_owned())));
        }
        for module in beside {
            let path = format!("{BESIDE}{}", module.name);
            elsewhere.extend(names(module).map(|name| (name, path.clone())));
        }
        for name in names(here) {
            elsewhere.remove(&name);
        }
        let tuples = here.interfaces.iter().map(|interface| &interface.name);
        let tuples = tuples.chain(here.flags.iter().map(|flags| &flags.name));
        let values = tuples.cloned().chain(numbers(here)).collect();
        Scope { values, elsewhere }
    }

    /// Whether a name is a value: no parameter can have such a name.
    pub(super) fn is_value(&self, name: &str) -> bool {
        VALUES.contains(&name) || self.values.contains(name)
    }

    /// The path of the module that has a name; `None` if it is this one.
    pub(super) fn path(&self, name: &str) -> Option<TokenStream> {
        let path = self.elsewhere.get(name)?;
        let Some(module) = path.strip_prefix(BESIDE) else {
            return Some(quote!(::mapi_provider::__private::prelude));
        };
        let module = keyword_or_name(module);
        Some(quote!(super::#module))
    }

    /// The text of a doc comment, in which each link to another module's name says where that is. People's own texts
    /// have no such links, because their brackets are escaped.
    fn with_links(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, link)) = rest.split_once("[`") {
            out += before;
            out += "[`";
            rest = link;
            let Some((name, after)) = link.split_once("`]") else {
                break;
            };
            let first = name.split("::").next().unwrap_or_default();
            let elsewhere = self.elsewhere.get(first);
            let escaped = before.ends_with('\\') || after.starts_with('(');
            if let Some(path) = elsewhere.filter(|_| !escaped) {
                out += &format!("{name}`]({path}::{name})");
                rest = after;
            }
        }
        out + rest
    }

    /// The same for the literal of a `#[doc = "…"]`; `None` if it stays as it is.
    pub(super) fn linked(&self, literal: &Literal) -> Option<Literal> {
        let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok()?;
        let text = text.value();
        let linked = self.with_links(&text);
        (linked != text).then(|| Literal::string(&linked))
    }
}

/// The types of a module: what generated code uses from other modules.
pub(super) fn types(module: &Module) -> impl Iterator<Item = String> {
    let interfaces = module.interfaces.iter().flat_map(of_interface);
    let structures = module.structures.iter().map(|structure| &structure.name);
    let opaques = module.opaques.iter().filter(|opaque| !opaque.interface);
    let opaques = opaques.map(|opaque| &opaque.name);
    let callbacks = module.callbacks.iter().map(|callback| &callback.name);
    let flags = module.flags.iter().map(|flags| &flags.name);
    let others = structures.chain(opaques).chain(callbacks).chain(flags);
    interfaces.chain(others.cloned())
}

/// What is generated for an interface. For another crate's interface there is only what that crate has.
fn of_interface(interface: &Interface) -> Vec<String> {
    let endings: &[&str] = match interface.external {
        Some(_) => &["", "_Vtbl"],
        None => &["", "_Vtbl", "_Impl", "_Forward"],
    };
    let names = endings.iter();
    names
        .map(|ending| format!("{}{ending}", interface.name))
        .collect()
}

/// The numbers of a module.
fn numbers(module: &Module) -> impl Iterator<Item = String> {
    let named = module.statuses.iter().chain(&module.constants);
    let named = named.chain(module.tags.iter().map(|tag| &tag.named));
    let guids = module.guids.iter().map(|guid| &guid.name);
    named.map(|named| &named.name).chain(guids).cloned()
}

/// Everything that has a name in a module.
fn names(module: &Module) -> impl Iterator<Item = String> {
    types(module).chain(numbers(module))
}

#[cfg(test)]
mod tests {
    use super::{Module, Scope};
    use crate::ir::interface::Named;

    fn module(name: &str, constant: &str) -> Module {
        let constant = Named {
            name: constant.into(),
            value: 1,
            summary: None,
        };
        Module {
            name: name.into(),
            constants: vec![constant],
            ..Module::default()
        }
    }

    #[test]
    fn links_lead_to_the_module_that_has_the_name() {
        let (ours, beside) = (module("ours", "A"), module("beside", "C"));
        let scope = Scope::new(
            &module("here", "B"),
            [&beside].into_iter(),
            [&ours].into_iter(),
        );
        assert_eq!(
            scope.with_links("[`A::x`], [`B`], [`C`]; \\[`A`] and [`A`"),
            "[`A::x`](::mapi_provider::__private::prelude::A::x), [`B`], [`C`](super::beside::C); \\[`A`] and [`A`"
        );
        assert!(scope.is_value("B") && scope.is_value("None"));
        assert!(!scope.is_value("A") && !scope.is_value("C"));
    }
}
