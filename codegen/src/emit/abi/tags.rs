//! Property tags: their constants, their documentation, and the table that leads from a number to a name.
//!
//! Nobody has described most tags, but each tag contains the ID and the type of its values, and the names show
//! which tags are one property with strings of two widths.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::gen_docs;
use super::names::member;
use super::values::hex;
use crate::ir::interface::{Catalogue, Docs, Module, Tag};

/// The module, and its feature, that has the names of all tags.
const NAMES_ARE_IN: &str = "tags";

/// This bit is set in the type of a property with several values.
const SEVERAL: u32 = 0x1000;

/// The types of values, for one value and for several.
const TYPES: [(u32, &str, &str); 19] = [
    (0x0000, "a value of any type", "values of any type"),
    (0x0001, "without a value", "without values"),
    (0x0002, "a 16-bit integer", "16-bit integers"),
    (0x0003, "a 32-bit integer", "32-bit integers"),
    (0x0004, "a 32-bit float", "32-bit floats"),
    (0x0005, "a 64-bit float", "64-bit floats"),
    (0x0006, "an amount of money", "amounts of money"),
    (0x0007, "a time as a float", "times as floats"),
    (0x000A, "a status code", "status codes"),
    (0x000B, "a boolean", "booleans"),
    (0x000D, "an object", "objects"),
    (0x0014, "a 64-bit integer", "64-bit integers"),
    (
        0x001E,
        "a string in the ANSI code page",
        "strings in the ANSI code page",
    ),
    (0x001F, "a string in UTF-16", "strings in UTF-16"),
    (0x0040, "a time", "times"),
    (0x0048, "a GUID", "GUIDs"),
    (0x00FD, "a restriction", "restrictions"),
    (0x00FE, "the actions of a rule", "the actions of rules"),
    (0x0102, "bytes", "several times bytes"),
];

/// The tags of a module, and, in the module where they belong, the names of all.
pub(super) fn gen_tags(catalogue: &Catalogue, module: &Module) -> TokenStream {
    let known = names_in_reach(catalogue, module);
    let tags = module.tags.iter().map(|tag| {
        let docs = gen_tag_docs(tag, &known);
        let name = member(&tag.named.name);
        let value = hex(tag.named.value);
        quote!(#docs pub const #name: PropTag = PropTag(#value);)
    });
    let names = gen_names(catalogue, module);
    quote!(#(#tags)* #names)
}

/// The names that documentation may link to: those that exist whenever the module does.
fn names_in_reach<'a>(catalogue: &'a Catalogue, module: &'a Module) -> BTreeSet<&'a str> {
    let always = catalogue.modules.iter();
    let always = always.filter(|other| other.feature.is_none());
    let tags = always.flat_map(|other| &other.tags).chain(&module.tags);
    tags.map(|tag| tag.named.name.as_str()).collect()
}

/// What people say about a tag, if anything, and what it says itself.
fn gen_tag_docs(tag: &Tag, known: &BTreeSet<&str>) -> TokenStream {
    let facts = [facts(tag), other_width(&tag.named.name, known)];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let facts = facts.join(" ");
    let (summary, more) = match &tag.named.summary {
        Some(summary) => (summary.clone(), Some(facts)),
        None => (facts, None),
    };
    let docs = Docs {
        summary: Some(summary),
        more,
        page: tag.page.clone(),
    };
    gen_docs(&docs, "")
}

/// The canonical name, the type and the ID.
fn facts(tag: &Tag) -> Option<String> {
    let id = tag.named.value >> 16;
    let kind = match (&tag.canonical, type_name(tag.named.value & 0xFFFF)) {
        (Some(name), Some(kind)) => format!("`{name}`: {kind}"),
        (Some(name), None) => format!("`{name}`"),
        (None, Some(kind)) => capital(kind),
        (None, None) => "A value that is internal to its provider".to_owned(),
    };
    Some(format!("{kind}, ID 0x{id:04X}."))
}

fn type_name(prop_type: u32) -> Option<&'static str> {
    let several = prop_type & SEVERAL != 0;
    let found = TYPES
        .iter()
        .find(|(known, ..)| *known == prop_type & !SEVERAL);
    found.map(|(_, one, many)| if several { *many } else { *one })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The tag of the same property with strings of the other width.
fn other_width(name: &str, known: &BTreeSet<&str>) -> Option<String> {
    let there = |other: &String| known.contains(other.as_str());
    if let Some(base) = name.strip_suffix("_A") {
        let wide = Some(format!("{base}_W")).filter(there)?;
        return Some(format!("In UTF-16 it is [`{wide}`]."));
    }
    if let Some(base) = name.strip_suffix("_W") {
        let narrow = Some(format!("{base}_A")).filter(there)?;
        return Some(format!("In the ANSI code page it is [`{narrow}`]."));
    }
    let wide = Some(format!("{name}_W")).filter(there)?;
    Some(format!(
        "As in C without `UNICODE`; in UTF-16 it is [`{wide}`]."
    ))
}

/// The names of all tags, sorted by value, in the one module where they belong.
fn gen_names(catalogue: &Catalogue, module: &Module) -> TokenStream {
    if module.name != NAMES_ARE_IN || module.feature.as_deref() != Some(NAMES_ARE_IN) {
        return quote!();
    }
    let names = names(catalogue);
    let count = Literal::usize_unsuffixed(names.len());
    let entries = names.iter().map(|(value, name)| {
        let value = hex(*value);
        quote!((#value, #name))
    });
    quote! {
        /// Tags and their names, sorted by tag. The table is only in programs that ask for a name.
        pub(crate) static TAG_NAMES: [(u32, &str); #count] = [#(#entries),*];
    }
}

/// One name for each value: the first in the catalogue, but `PR_SUBJECT_A` before `PR_SUBJECT`, which does not
/// show that it is the narrow one.
fn names(catalogue: &Catalogue) -> BTreeMap<u32, &str> {
    let mut names: BTreeMap<u32, &str> = BTreeMap::new();
    for tag in catalogue.modules.iter().flat_map(|module| &module.tags) {
        let (value, name) = (tag.named.value, tag.named.name.as_str());
        let place = names.entry(value).or_insert(name);
        if name.strip_suffix("_A") == Some(*place) {
            *place = name;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{facts, names, other_width, type_name};
    use crate::catalogue;
    use crate::ir::interface::{Named, Tag};

    fn tag(value: u32, canonical: Option<&str>) -> Tag {
        Tag {
            named: Named {
                name: "PR_ANY".to_owned(),
                value,
                summary: None,
            },
            canonical: canonical.map(str::to_owned),
            page: None,
        }
    }

    #[test]
    fn a_tag_tells_its_name_type_and_id() {
        let subject = tag(0x0037_001F, Some("PidTagSubject"));
        let text = facts(&subject);
        assert_eq!(
            text.as_deref(),
            Some("`PidTagSubject`: a string in UTF-16, ID 0x0037.")
        );
        let text = facts(&tag(0x6601_1003, None));
        assert_eq!(text.as_deref(), Some("32-bit integers, ID 0x6601."));
        assert_eq!(type_name(0x0104), None);
    }

    #[test]
    fn only_a_tag_that_is_there_is_linked_to() {
        let known = BTreeSet::from(["PR_SUBJECT", "PR_SUBJECT_A", "PR_SUBJECT_W", "PR_LONE_W"]);
        let narrow = other_width("PR_SUBJECT_A", &known);
        assert_eq!(narrow.as_deref(), Some("In UTF-16 it is [`PR_SUBJECT_W`]."));
        let plain = other_width("PR_SUBJECT", &known);
        assert!(plain.is_some_and(|text| text.contains("[`PR_SUBJECT_W`]")));
        assert_eq!(other_width("PR_LONE_W", &known), None);
    }

    #[test]
    fn a_name_tells_the_width_where_one_does() {
        let catalogue = catalogue::shipped().unwrap_or_default();
        let names = names(&catalogue);
        assert_eq!(names.get(&0x0037_001E), Some(&"PR_SUBJECT_A"));
        assert_eq!(names.get(&0x0037_001F), Some(&"PR_SUBJECT_W"));
        assert_eq!(names.get(&0x0FFF_0102), Some(&"PR_ENTRYID"));
    }
}
