//! The reference data.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The data, by name.
pub(crate) struct Reference {
    pub(crate) interfaces: BTreeMap<String, Value>,
    pub(crate) structures: BTreeMap<String, Value>,
    pub(crate) functions: BTreeMap<String, Value>,
    /// Status codes, flags, property tags: the bits.
    pub(crate) numbers: BTreeMap<String, u32>,
}

impl Reference {
    /// The data, if they lie here.
    pub(crate) fn load() -> Option<Self> {
        let folder = env::var_os("MAPI_REFERENCE").map_or_else(beside, PathBuf::from);
        let interfaces = read(&folder, "interfaces.json")?;
        let structures = read(&folder, "structs.json")?;
        let functions = read(&folder, "entrypoints.json")?;
        let constants = read(&folder, "constants.json")?;
        // Headers win over pages, so they come last.
        let numbers = ["docs", "prop_tags", "integers", "scodes"]
            .iter()
            .flat_map(|list| list_of(&constants, list));
        Some(Self {
            interfaces: by_name(&interfaces, "interfaces"),
            structures: by_name(&structures, "structs"),
            functions: by_name(&functions, "function_types"),
            numbers: numbers.filter_map(number).collect(),
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

/// A number as the 32 bits that it is in C, signed or not.
fn number(entry: &Value) -> Option<(String, u32)> {
    let value = entry["value"].as_i64()?;
    let bits = u32::try_from(value)
        .or_else(|_| i32::try_from(value).map(i32::cast_unsigned))
        .ok()?;
    Some((text(&entry["name"]).to_owned(), bits))
}

/// A string; empty where there is none.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The entries of an array.
pub(crate) fn entries(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
