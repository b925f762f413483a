//! Definitions as they stand in a file: every value with its span, nothing checked yet.

use crate::diag::Source;
use crate::toml_tree::Spanned;

pub(super) struct File {
    pub(super) module: String,
    pub(super) source: Source,
    pub(super) doc: String,
    pub(super) interfaces: Vec<Interface>,
    pub(super) structures: Vec<Structure>,
    pub(super) opaques: Vec<Opaque>,
    pub(super) flags: Vec<Flags>,
    pub(super) statuses: Vec<Named>,
    pub(super) constants: Vec<Named>,
    pub(super) callbacks: Vec<Callback>,
}

pub(super) struct Interface {
    pub(super) name: Spanned<String>,
    pub(super) base: Option<Spanned<String>>,
    pub(super) iid: Spanned<String>,
    pub(super) external: Option<Spanned<String>>,
    pub(super) threading: Spanned<String>,
    pub(super) methods: Vec<Method>,
    pub(super) docs: Docs,
}

pub(super) struct Method {
    pub(super) name: Spanned<String>,
    pub(super) returns: Option<Spanned<String>>,
    pub(super) params: Vec<Param>,
    pub(super) docs: Docs,
}

pub(super) struct Param {
    pub(super) name: Spanned<String>,
    pub(super) ty: Spanned<String>,
    pub(super) direction: Option<Spanned<String>>,
    pub(super) required: Option<Spanned<bool>>,
    pub(super) on_failure: Option<Spanned<String>>,
}

pub(super) struct Structure {
    pub(super) name: Spanned<String>,
    pub(super) union: bool,
    pub(super) layout: [(u32, u32); 2],
    pub(super) fields: Vec<Field>,
    pub(super) docs: Docs,
}

pub(super) struct Field {
    pub(super) name: Spanned<String>,
    pub(super) ty: Spanned<String>,
    pub(super) offsets: [u32; 2],
}

pub(super) struct Opaque {
    pub(super) name: Spanned<String>,
    pub(super) kind: Spanned<String>,
    pub(super) docs: Docs,
}

pub(super) struct Flags {
    pub(super) name: Spanned<String>,
    pub(super) prefix: Option<Spanned<String>>,
    pub(super) values: Vec<Bit>,
    pub(super) docs: Docs,
}

pub(super) struct Named {
    pub(super) name: Spanned<String>,
    pub(super) value: Spanned<u32>,
    pub(super) summary: Option<Spanned<String>>,
}

pub(super) struct Bit {
    pub(super) named: Named,
    /// The flag of the same value that this is another name of.
    pub(super) alias_of: Option<Spanned<String>>,
}

pub(super) struct Callback {
    pub(super) name: Spanned<String>,
    pub(super) convention: Spanned<String>,
    pub(super) returns: Option<Spanned<String>>,
    pub(super) params: Vec<Param>,
    pub(super) docs: Docs,
}

pub(super) struct Docs {
    pub(super) summary: Option<Spanned<String>>,
    pub(super) page: Option<Spanned<String>>,
}
