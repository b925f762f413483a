//! `values.cpp`: constants, status codes, property tags, flags and GUIDs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use mapi_provider_codegen::ir::interface::Catalogue;

use super::exceptions::{Exceptions, Kind};
use super::spelling::cpp_guid;

/// The text, and what is wrong: numbers that the headers turn out to lack, or to have.
pub(super) fn text(
    catalogue: &Catalogue,
    exceptions: &Exceptions,
    macros: &BTreeSet<String>,
) -> (String, Vec<String>) {
    let guids = guids(catalogue);
    let mut text = String::from("#define INITGUID\n");
    for name in guids.keys() {
        let _ = writeln!(text, "#define USES_{}", exceptions.spelling(name));
    }
    text.push_str("#include \"declarations.h\"\n\n");
    let mut wrong = Wrong::default();
    for (name, value) in numbers(catalogue) {
        let found = macros.contains(name) || exceptions.has(Kind::Enumerator, name);
        match (exceptions.has(Kind::Macro, name), found) {
            (true, true) => _ = wrong.present.insert(name),
            (true, false) => write_absence(&mut text, name),
            (false, true) => write_number(&mut text, name, value, exceptions),
            (false, false) => _ = wrong.missing.insert(name),
        }
    }
    write_guids(&mut text, &guids, exceptions);
    (text, wrong.sentences())
}

/// Numbers about which the headers and exceptions.toml disagree.
#[derive(Default)]
struct Wrong<'a> {
    missing: BTreeSet<&'a str>,
    present: BTreeSet<&'a str>,
}

impl Wrong<'_> {
    fn sentences(&self) -> Vec<String> {
        let cases = [
            ("the headers lack", &self.missing),
            (
                "the headers have, and exceptions.toml says that they don't",
                &self.present,
            ),
        ];
        let cases = cases.into_iter().filter(|(_, names)| !names.is_empty());
        cases
            .map(|(what, names)| format!("{what}: {:?}", names.iter().collect::<Vec<_>>()))
            .collect()
    }
}

/// A name with another type: a redeclaration error if the headers do have it.
fn write_absence(text: &mut String, name: &str) {
    let _ = writeln!(
        text,
        "extern const char {name}; // The headers lack it, says exceptions.toml."
    );
}

/// All numbers, each once, in the order of their names; a flag may be in several families.
pub(super) fn numbers(catalogue: &Catalogue) -> BTreeSet<(&str, u32)> {
    let mut numbers = BTreeSet::new();
    for module in &catalogue.modules {
        let flags = module.flags.iter().flat_map(|family| &family.values);
        let tags = module.tags.iter().map(|tag| &tag.named);
        let named = module
            .constants
            .iter()
            .chain(&module.statuses)
            .chain(tags)
            .chain(flags);
        numbers.extend(named.map(|named| (named.name.as_str(), named.value)));
    }
    numbers
}

/// All GUIDs by name, those of interfaces as `IID_…`.
pub(super) fn guids(catalogue: &Catalogue) -> BTreeMap<String, u128> {
    let named = catalogue.modules.iter().flat_map(|module| &module.guids);
    let named = named.map(|guid| (guid.name.clone(), guid.value));
    let iids = catalogue
        .interfaces()
        .filter_map(|interface| Some((format!("IID_{}", interface.name), interface.iid?)));
    named.chain(iids).collect()
}

fn write_number(text: &mut String, name: &str, value: u32, exceptions: &Exceptions) {
    let differing = exceptions.differing(name);
    let value = differing.map_or_else(|| format!("{value:#X}"), str::to_owned);
    let _ = writeln!(
        text,
        "static_assert(static_cast<uint32_t>({name}) == {value}, \"{name}\");"
    );
}

fn write_guids(text: &mut String, guids: &BTreeMap<String, u128>, exceptions: &Exceptions) {
    let mut checks = String::new();
    let mut count = 0;
    for (name, value) in guids {
        if exceptions.has(Kind::Guid, name) {
            write_absence(text, name);
        } else {
            count += 1;
            let differing = exceptions.differing(name);
            let value = differing.map_or_else(|| cpp_guid(*value), |value| format!("GUID{value}"));
            let _ = writeln!(
                checks,
                "    check_guid(\"{name}\", {}, {value});",
                exceptions.spelling(name)
            );
        }
    }
    let _ = write!(
        text,
        "\nuint32_t abi::check_guids() {{\n{checks}    return {count};\n}}\n"
    );
}
