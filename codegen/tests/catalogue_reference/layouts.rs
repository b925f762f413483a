//! Structures and unions.

use mapi_provider_codegen::ir::interface::{Catalogue, Structure};
use serde_json::Value;

use crate::{
    data::{Reference, entries, text},
    signatures::same_type,
};

/// Unions that have no name in the headers, or another one: the structure and the field that they are in.
const INNER: [(&str, &str, &str); 2] = [
    ("SPropValueUnion", "SPropValue", "Value"),
    ("MAPINAMEID_Kind", "MAPINAMEID", "Kind"),
];

/// A union of a number and of its halves, which to us is the number.
const NUMBER: &str = "CY";

pub(crate) fn structures(catalogue: &Catalogue, reference: &Reference, problems: &mut Vec<String>) {
    for structure in catalogue
        .modules
        .iter()
        .flat_map(|module| &module.structures)
    {
        if let Some((_, outer, field)) = INNER.iter().find(|(name, ..)| *name == structure.name) {
            let outer = reference.structures.get(*outer).unwrap_or(&Value::Null);
            inner_union(structure, outer, field, problems);
        } else if let Some(theirs) = reference.structures.get(&structure.name) {
            whole(structure, theirs, problems);
        } else {
            problems.push(format!("{} is in no header and on no page", structure.name));
        }
    }
}

fn whole(structure: &Structure, theirs: &Value, problems: &mut Vec<String>) {
    let name = &structure.name;
    for (width, bits) in ["x64", "x86"].iter().enumerate() {
        let layout = structure.layout[width];
        let numbers = [("size", layout.size), ("align", layout.align)];
        for (what, ours) in numbers {
            let theirs = &theirs[format!("{what}_{bits}")];
            if theirs.as_u64() != Some(ours as u64) {
                problems.push(format!("{name}: {what} on {bits} is {theirs}, not {ours}"));
            }
        }
    }
    if name == NUMBER {
        return;
    }
    if structure.union != (text(&theirs["kind"]) == "union") {
        problems.push(format!("{name} is a {}", theirs["kind"]));
    }
    // What is inside a field has a dot in its name.
    let theirs: Vec<&Value> = entries(&theirs["fields"])
        .iter()
        .filter(|field| !text(&field["name"]).contains('.'))
        .collect();
    let ours: Vec<&str> = structure
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    let names: Vec<&str> = theirs.iter().map(|field| text(&field["name"])).collect();
    if ours != names {
        problems.push(format!("{name} has the fields {names:?}, not {ours:?}"));
    }
    fields(structure, &theirs, problems);
}

/// A union inside a structure, of which we know the size, and that each field is as small or smaller.
fn inner_union(structure: &Structure, outer: &Value, field: &str, problems: &mut Vec<String>) {
    let place = entries(&outer["fields"])
        .iter()
        .find(|known| text(&known["name"]) == field);
    for (width, bits) in ["x64", "x86"].iter().enumerate() {
        let theirs = place
            .map(|place| &place[format!("size_{bits}")])
            .and_then(Value::as_u64);
        if !structure.union || theirs != Some(structure.layout[width].size as u64) {
            problems.push(format!("{}: size on {bits} is {theirs:?}", structure.name));
        }
    }
}

fn fields(structure: &Structure, theirs: &[&Value], problems: &mut Vec<String>) {
    for field in &structure.fields {
        let Some(theirs) = theirs
            .iter()
            .find(|known| text(&known["name"]) == field.name)
        else {
            continue;
        };
        let place = format!("{}::{}", structure.name, field.name);
        for (width, bits) in ["x64", "x86"].iter().enumerate() {
            let offset = &theirs[format!("off_{bits}")];
            if offset.as_u64() != Some(field.offsets[width] as u64) {
                problems.push(format!(
                    "{place} lies at {offset} on {bits}, not at {}",
                    field.offsets[width]
                ));
            }
        }
        let union = matches!(text(&theirs["canonical"]), "union" | "_PV");
        if !union && !same_type(&field.ty, theirs) {
            problems.push(format!("{place}: {:?} is not {theirs}", field.ty));
        }
    }
}
