//! Files with definitions of the team's own interfaces: each becomes a module of its name.

use std::{ops::Range, path::Path};

use super::{Check, Words};
use crate::{diag::Code, toml_tree::Spanned};

/// A file with definitions of interfaces.
pub(in crate::manifest) struct InterfaceFile {
    /// Where it is, relative to the manifest.
    pub(in crate::manifest) path: String,
    /// The name of the module that it becomes: the file's own, without what follows the dot.
    pub(in crate::manifest) module: String,
    /// Where the manifest names it.
    pub(in crate::manifest) span: Range<usize>,
}

impl Check<'_> {
    pub(super) fn interfaces(&self, files: Option<&Words>) -> Vec<InterfaceFile> {
        let mut known: Vec<InterfaceFile> = Vec::new();
        for path in files.into_iter().flat_map(|files| &files.value) {
            let Some(file) = self.interface_file(path) else {
                continue;
            };
            if let Some(other) = known.iter().find(|other| other.module == file.module) {
                let message = format!("`{}` and `{}` become one module", other.path, file.path);
                let mistake = self.error(Code::DuplicateName, &file.span, message);
                let mistake = mistake.context(self.source, other.span.clone(), "first named here");
                self.push(mistake.help("give one of the files another name"));
                continue;
            }
            known.push(file);
        }
        known
    }

    /// The file's name without `.toml` is the module's.
    fn interface_file(&self, path: &Spanned<String>) -> Option<InterfaceFile> {
        let module = Path::new(&path.value)
            .file_stem()
            .and_then(|stem| stem.to_str());
        let module = module.unwrap_or_default();
        if !is_module(module) {
            let message = format!("`{}` can't be the name of a module", module.escape_debug());
            self.push(
                self.error(Code::BadIdentifier, &path.span, message)
                    .help("small letters, digits and `_`, a letter first, and no word of Rust’s"),
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

fn is_module(name: &str) -> bool {
    let small = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.bytes().all(small)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && syn::parse_str::<syn::Ident>(name).is_ok()
}
