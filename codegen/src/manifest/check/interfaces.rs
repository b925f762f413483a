//! Files with definitions of the team's own interfaces: each becomes a module with its name.

use std::{collections::HashMap, ops::Range, path::Path};

use super::{Check, Words};
use crate::{diag::Code, toml_tree::Spanned};

/// A file with definitions of interfaces.
pub(in crate::manifest) struct InterfaceFile {
    /// Where it is, relative to the manifest.
    pub(in crate::manifest) path: String,
    /// The name of the module that it becomes: the file's name without its extension.
    pub(in crate::manifest) module: String,
    /// Where the manifest names it.
    pub(in crate::manifest) span: Range<usize>,
}

/// Names that every crate knows; a module with such a name beside the team's code would make them
/// ambiguous.
const EVERYWHERE: [&str; 22] = [
    "alloc",
    "core",
    "mapi_provider",
    "proc_macro",
    "std",
    "bool",
    "char",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "str",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
];

impl Check<'_> {
    pub(super) fn interfaces(&self, files: Option<&Words>) -> Vec<InterfaceFile> {
        let mut known: Vec<InterfaceFile> = Vec::new();
        let mut modules: HashMap<String, usize> = HashMap::new();
        for path in files.into_iter().flat_map(|files| &files.value) {
            let Some(file) = self.interface_file(path) else {
                continue;
            };
            if let Some(other) = modules.get(&file.module).map(|index| &known[*index]) {
                let message = format!(
                    "`{}` and `{}` would become the same module",
                    other.path, file.path
                );
                let mistake = self.error(Code::DuplicateName, &file.span, message);
                let mistake = mistake.context(self.source, other.span.clone(), "first named here");
                self.push(mistake.help("give one of the files another name"));
                continue;
            }
            modules.insert(file.module.clone(), known.len());
            known.push(file);
        }
        known
    }

    /// The file's name without `.toml` is the module's.
    fn interface_file(&self, path: &Spanned<String>) -> Option<InterfaceFile> {
        if let Some((problem, help)) = path_problem(&path.value) {
            let message = format!("`{}` {problem}", path.value);
            self.push(self.error(Code::Unreadable, &path.span, message).help(help));
            return None;
        }
        let module = Path::new(&path.value)
            .file_stem()
            .and_then(|stem| stem.to_str());
        let module = module.unwrap_or_default();
        if !is_module(module) {
            let message = format!("`{module}` can't be the name of a module");
            self.push(
                self.error(Code::BadIdentifier, &path.span, message)
                    .help("use lowercase letters, digits and `_`, begin with a letter, and don't use a Rust keyword"),
            );
            return None;
        }
        if EVERYWHERE.contains(&module) || self.crates.iter().any(|name| name == module) {
            let message = format!(
                "`{module}` can't be the name of a module: it means something else in this crate"
            );
            self.push(
                self.error(Code::BadIdentifier, &path.span, message)
                    .help(format!(
                        "call the file `{module}_interfaces.toml`, for example"
                    )),
            );
            return None;
        }
        Some(InterfaceFile {
            path: path.value.clone(),
            module: module.to_owned(),
            span: path.span.clone(),
        })
    }
}

/// Why a path doesn't name a file of definitions that may be read, and what to do.
fn path_problem(path: &str) -> Option<(&'static str, &'static str)> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.contains(['\n', '\r', '\t']) {
        Some((
            "is not a path: it contains control characters",
            "in double quotes `\\` begins an escape: write `/`",
        ))
    } else if path.starts_with(['/', '\\', '~']) || drive {
        Some((
            "is not relative to the manifest",
            "write the path from the manifest's folder: `abi/proxy.toml`, `../abi/proxy.toml`",
        ))
    } else if path.contains('\\') {
        Some((
            "contains a `\\`",
            "write `/` between folders, on Windows too",
        ))
    } else if !path.ends_with(".toml") {
        Some((
            "is not a `.toml` file",
            "definitions of interfaces are TOML: `proxy.toml`",
        ))
    } else {
        None
    }
}

fn is_module(name: &str) -> bool {
    let small = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.bytes().all(small)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && syn::parse_str::<syn::Ident>(name).is_ok()
}
