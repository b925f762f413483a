//! What cargo calls the library of the crate that a manifest is in.

use std::path::Path;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::read::read_regular;
use crate::diag::Source;

/// The name of the DLL, without its extension, of the crate whose `Cargo.toml` is beside a manifest. `None` if
/// there is no such file, if it makes no DLL, or if it makes no sense: complaining about that is cargo's job.
pub fn library_beside(manifest: &Path) -> Option<String> {
    library_in(cargo_toml(manifest)?.text())
}

/// The crates that the `Cargo.toml` beside a manifest depends on, as Rust names them: no module can have such a
/// name.
pub(super) fn crates_beside(manifest: &Path) -> Vec<String> {
    cargo_toml(manifest).map_or_else(Vec::new, |text| crates_in(text.text()))
}

fn cargo_toml(manifest: &Path) -> Option<Source> {
    let file = manifest.parent()?.join("Cargo.toml");
    read_regular(&file, "Cargo.toml").ok()
}

fn crates_in(cargo_toml: &str) -> Vec<String> {
    let Ok(root) = DeTable::parse(cargo_toml) else {
        return Vec::new();
    };
    let tables = ["dependencies", "dev-dependencies"]
        .map(|name| root.get_ref().get(name).and_then(as_table));
    let names = tables.into_iter().flatten().flat_map(|table| table.keys());
    names.map(|name| name.get_ref().replace('-', "_")).collect()
}

fn library_in(cargo_toml: &str) -> Option<String> {
    let root = DeTable::parse(cargo_toml).ok()?;
    let table = |name: &str| root.get_ref().get(name).and_then(as_table);
    let lib = table("lib")?;
    // Both are in use.
    let kinds = lib.get("crate-type").or_else(|| lib.get("crate_type"))?;
    let mut kinds = kinds.get_ref().as_array()?.iter();
    if !kinds.any(|kind| kind.get_ref().as_str() == Some("cdylib")) {
        return None;
    }
    match name_of(lib) {
        Some(name) => Some(name.to_owned()),
        None => Some(name_of(table("package")?)?.replace('-', "_")),
    }
}

fn name_of<'a>(table: &'a DeTable<'_>) -> Option<&'a str> {
    table.get("name")?.get_ref().as_str()
}

fn as_table<'a, 'i>(value: &'a Spanned<DeValue<'i>>) -> Option<&'a DeTable<'i>> {
    value.get_ref().as_table()
}

#[cfg(test)]
mod tests {
    use super::{crates_in, library_in};

    #[test]
    fn crates_are_named_as_rust_does() {
        let text = "[dependencies]\nserde = '1'\nmy-http = { version = '1' }\n[dev-dependencies]\ntempfile.version = '3'\n";
        let mut names = crates_in(text);
        names.sort();
        assert_eq!(names, ["my_http", "serde", "tempfile"]);
        for text in ["", "[", "dependencies = 1", "[package]"] {
            assert!(crates_in(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_dll_is_named_after_its_package_or_by_itself() {
        let package = "package.name = 'contoso-mail'\n";
        let with = |lib: &str| library_in(&format!("{package}[lib]\n{lib}"));
        let kinds = "crate-type = ['rlib', 'cdylib']\n";
        assert_eq!(with(kinds).as_deref(), Some("contoso_mail"));
        let named = format!("{kinds}name = 'contoso32'");
        assert_eq!(with(&named).as_deref(), Some("contoso32"));
        for no_dll in ["name = 'contoso'", "crate-type = ['rlib']"] {
            assert_eq!(with(no_dll), None);
        }
    }

    #[test]
    fn what_makes_no_sense_has_no_library() {
        for text in [
            "",
            "[workspace]",
            "package = 1",
            "lib = 'x'",
            "lib.crate-type = 'cdylib'",
            "lib.crate-type = ['cdylib']",
            "[",
        ] {
            assert_eq!(library_in(text), None, "{text}");
        }
    }
}
