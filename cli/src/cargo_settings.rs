//! What cargo is told in a folder, as far as it decides whether a DLL has the C runtime in it; and how TOML is written.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

/// Where cargo's settings are, below a folder.
pub(crate) const FILE: &str = ".cargo/config.toml";

/// The second file does the same, and cargo reads it first.
const FILES: [&str; 2] = [FILE, ".cargo/config"];

/// Whether the settings in a folder put the C runtime into DLLs, or say otherwise on purpose.
pub(crate) fn links_runtime(folder: &Path) -> bool {
    let files = FILES.map(|name| table(&folder.join(name)));
    let mut tables = files.into_iter().flatten();
    tables.any(|settings| mentions(&Value::Table(settings), "crt-static"))
}

/// A TOML file. Complaining about a wrong one is cargo's job.
pub(crate) fn table(file: &Path) -> Option<Table> {
    fs::read_to_string(file).ok()?.parse().ok()
}

/// A TOML string.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => quoted += &format!("\\u{:04X}", u32::from(control)),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

/// Whether a text is in one of the strings of a value.
fn mentions(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string.contains(text),
        Value::Array(all) => all.iter().any(|value| mentions(value, text)),
        Value::Table(table) => table.values().any(|value| mentions(value, text)),
        _ => false,
    }
}
