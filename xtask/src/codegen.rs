//! `cargo xtask codegen`: writes `abi/src/generated` from the interface catalogue, and the code that makes the
//! runtime's own structs COM objects, or compares them. The runtime can't use its macros, because they are an
//! optional feature of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mapi_provider_codegen::emit::abi;
use mapi_provider_codegen::{catalogue, derive, in_file, runtime_name};

use crate::workspace;

/// The folders of the runtime that have objects. The code for `FOLDER/x.rs` is in `FOLDER/objects/x.rs`.
const WITH_OBJECTS: [&str; 8] = [
    "src/entry",
    "src/entry/address_book",
    "src/entry/dialog",
    "src/entry/transport",
    "src/entry/wrapped",
    "mailbox/src/objects",
    "mailbox/src/objects/message",
    "table/src/table/object",
];

/// Where such an object finds what it is made of: a crate can't name itself from outside.
const MADE_OF: &str = "mapi_provider_abi";

/// Writes all generated files; with `check`, fails if one differs and writes nothing.
pub(crate) fn run(check: bool) -> Result<(), String> {
    let abi = folder();
    let files = generate()?;
    let mut stale = stale(&abi, &files)?;
    let mut all = files;
    for folder in WITH_OBJECTS {
        let folder = workspace::root().join(folder);
        let files = objects(&folder)?;
        stale.extend(self::stale(&folder.join("objects"), &files)?);
        all.extend(files);
    }
    if check {
        return match stale.as_slice() {
            [] => Ok(()),
            _ => Err(format!(
                "not what the generator writes: {}; run `cargo xtask codegen`",
                stale
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
        };
    }
    for path in stale {
        write(&path, all.get(&path))?;
        eprintln!("{}", path.display());
    }
    Ok(())
}

/// Where all generated files are, and nothing else.
fn folder() -> PathBuf {
    workspace::root().join("abi").join("src").join("generated")
}

/// Every generated file with its text.
fn generate() -> Result<BTreeMap<PathBuf, String>, String> {
    let folder = folder();
    let catalogue = catalogue::shipped().map_err(|report| report.to_string())?;
    let mut files = BTreeMap::new();
    files.insert(
        folder.join("mod.rs"),
        format(syn::parse2(abi::root(&catalogue)), "")?,
    );
    for module in &catalogue.modules {
        let source = format!("codegen/interfaces/{}.toml", module.name);
        let text = format(syn::parse2(abi::module(&catalogue, module)), &source)?;
        files.insert(folder.join(format!("{}.rs", module.name)), text);
    }
    Ok(files)
}

/// The code that makes objects of the structs in the files of a folder.
fn objects(folder: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let unreadable = |path: &Path, error| format!("can't read {}: {error}", path.display());
    let mut objects = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let (Some(name), true) = (path.file_name(), path.is_file()) else {
            continue;
        };
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        let wrong = |mistakes: Vec<String>| format!("{}: {}", path.display(), mistakes.join("; "));
        if let Some(tokens) = derive::expand_file(&text).map_err(wrong)? {
            let tokens = runtime_name::rename(tokens, MADE_OF);
            let name = name.to_string_lossy();
            let source = format!("../{name}");
            let target = folder.join("objects").join(name.as_ref());
            objects.insert(target, format(in_file(tokens), &source)?);
        }
    }
    Ok(objects)
}

/// The files that differ, are missing, or should not be there.
fn stale(folder: &Path, files: &BTreeMap<PathBuf, String>) -> Result<Vec<PathBuf>, String> {
    let differs = |path: &PathBuf| {
        let found = fs::read_to_string(path).unwrap_or_default();
        found.replace("\r\n", "\n") != files[path]
    };
    let mut stale: Vec<PathBuf> = files.keys().filter(|path| differs(path)).cloned().collect();
    // A folder that doesn't exist yet has no extra files.
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.map_err(|e| e.to_string())?.path();
        if !files.contains_key(&path) {
            stale.push(path);
        }
    }
    Ok(stale)
}

/// Updates a file with its text, or removes it if it should not exist.
fn write(path: &Path, text: Option<&String>) -> Result<(), String> {
    let done = match text {
        Some(text) => path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(path, text)),
        None => fs::remove_file(path),
    };
    done.map_err(|e| format!("can't write {}: {e}", path.display()))
}

/// Tokens as a formatted file with a header.
fn format(file: syn::Result<syn::File>, source: &str) -> Result<String, String> {
    let file = file.map_err(|e| format!("{source}: {e}"))?;
    let body = abi::render(file, prettyplease::unparse);
    let from = if source.is_empty() {
        String::new()
    } else {
        format!(" from {source}")
    };
    let header = format!("// Generated by `cargo xtask codegen`{from}; do not edit by hand.\n");
    let safety = match source {
        "" => abi::SAFETY,
        _ => "// SAFETY, of all unsafe code here: it is in mod.rs, once.\n",
    };
    Ok(format!("{header}{safety}\n{body}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checked_in_files_are_what_the_catalogue_says() {
        super::run(true).unwrap();
    }
}
