//! The reference data.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The data, by name.
pub(crate) struct Reference {
    pub(crate) interfaces: BTreeMap<String, Value>,
    pub(crate) structures: BTreeMap<String, Value>,
    pub(crate) functions: BTreeMap<String, Value>,
    /// Enumerations, which are numbers for us.
    pub(crate) enumerations: BTreeSet<String>,
    /// The names of structures by their tags: `_SRowSet`.
    pub(crate) tags: BTreeMap<String, String>,
    /// The function types that named pointers point to.
    pub(crate) pointers: BTreeMap<String, String>,
    /// Status codes, flags, values of enumerations.
    pub(crate) numbers: BTreeMap<String, Number>,
    pub(crate) prop_tags: BTreeMap<String, Number>,
    pub(crate) guids: BTreeMap<String, Guid>,
    /// Macros that are not numbers: strings, and what no compiler could evaluate.
    pub(crate) others: Vec<(String, String)>,
}

/// A number: its bits, and where it is.
pub(crate) struct Number {
    pub(crate) value: u32,
    pub(crate) source: String,
}

/// A GUID, with its digits as written, and where it is.
pub(crate) struct Guid {
    pub(crate) value: u128,
    pub(crate) source: String,
}

impl Reference {
    /// The data, if it is here.
    pub(crate) fn load() -> Option<Self> {
        let folder = env::var_os("MAPI_REFERENCE").map_or_else(beside, PathBuf::from);
        let interfaces = read(&folder, "interfaces.json")?;
        let structures = read(&folder, "structs.json")?;
        let functions = read(&folder, "entrypoints.json")?;
        let constants = read(&folder, "constants.json")?;
        // Headers win over pages, so they come last.
        let listed = ["docs", "integers", "scodes"].map(|list| numbers(&constants, list));
        let enumerated = list_of(&structures, "enums").flat_map(members);
        Some(Self {
            interfaces: by_name(&interfaces, "interfaces"),
            enumerations: list_of(&structures, "enums")
                .map(|entry| text(&entry["enum"]).to_owned())
                .collect(),
            tags: list_of(&structures, "structs").map(tag).collect(),
            structures: by_name(&structures, "structs"),
            pointers: list_of(&functions, "function_pointer_aliases")
                .map(|entry| {
                    (
                        text(&entry["name"]).to_owned(),
                        text(&entry["pointer_to"]).to_owned(),
                    )
                })
                .collect(),
            functions: by_name(&functions, "function_types"),
            numbers: enumerated.chain(listed.into_iter().flatten()).collect(),
            prop_tags: numbers(&constants, "prop_tags").into_iter().collect(),
            guids: guids(&constants),
            others: ["strings", "unevaluated"]
                .iter()
                .flat_map(|list| list_of(&constants, list))
                .map(|entry| (text(&entry["name"]).to_owned(), source(entry)))
                .collect(),
        })
    }
}

fn beside() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/mapi")
}

fn read(folder: &Path, file: &str) -> Option<Value> {
    let text = fs::read_to_string(folder.join(file)).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}")))
}

fn list_of<'a>(value: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value[list].as_array().into_iter().flatten()
}

fn by_name(value: &Value, list: &str) -> BTreeMap<String, Value> {
    list_of(value, list)
        .map(|entry| (text(&entry["name"]).to_owned(), entry.clone()))
        .collect()
}

fn tag(structure: &Value) -> (String, String) {
    let name = text(&structure["name"]);
    let tag = structure["tag"].as_str().unwrap_or(name);
    (tag.to_owned(), name.to_owned())
}

fn source(entry: &Value) -> String {
    text(&entry["source"]).to_owned()
}

fn numbers(constants: &Value, list: &str) -> Vec<(String, Number)> {
    let found = list_of(constants, list).filter_map(|entry| {
        let number = Number {
            value: bits(&entry["value"])?,
            source: source(entry),
        };
        Some((text(&entry["name"]).to_owned(), number))
    });
    found.collect()
}

/// The values of an enumeration.
fn members(entry: &Value) -> Vec<(String, Number)> {
    let values = entry["values"].as_object().into_iter().flatten();
    let members = values.filter_map(|(name, value)| {
        let number = Number {
            value: bits(value)?,
            source: source(entry),
        };
        Some((name.clone(), number))
    });
    members.collect()
}

/// A number as its 32 bits in C, signed or not.
fn bits(value: &Value) -> Option<u32> {
    let value = value.as_i64()?;
    u32::try_from(value)
        .or_else(|_| i32::try_from(value).map(i32::cast_unsigned))
        .ok()
}

/// GUIDs, and sixteen bytes that are a GUID in memory.
fn guids(constants: &Value) -> BTreeMap<String, Guid> {
    let written = list_of(constants, "guids").filter_map(|entry| {
        let digits = text(&entry["guid"]).replace('-', "");
        Some((entry, u128::from_str_radix(&digits, 16).ok()?))
    });
    let bytes = list_of(constants, "byte_arrays").chain(list_of(constants, "byte_strings"));
    let bytes = bytes.filter_map(|entry| {
        let number = u128::from_str_radix(text(&entry["hex"]), 16).ok()?;
        Some((entry, of_memory(number.to_be_bytes())))
    });
    let guids = written.chain(bytes).map(|(entry, value)| {
        let source = source(entry);
        (text(&entry["name"]).to_owned(), Guid { value, source })
    });
    guids.collect()
}

/// The number as its digits are written: in memory the first three groups begin with their last byte.
fn of_memory(mut bytes: [u8; 16]) -> u128 {
    for group in [0..4, 4..6, 6..8] {
        bytes[group].reverse();
    }
    u128::from_be_bytes(bytes)
}

/// A string; empty if there is none.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The entries of an array.
pub(crate) fn entries(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Whether something is MAPI's, from its headers or pages; not of `mimeole.h`, which is another library's.
pub(crate) fn is_mapi(entry: &Value) -> bool {
    matches!(text(&entry["family"]), "mapi" | "docs")
}
