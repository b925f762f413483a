//! Definitions as they are in a file: every value with its span, nothing checked yet.

use crate::diag::Source;
use crate::toml_tree::{Given, Spanned};

pub(super) struct File {
    pub(super) module: String,
    pub(super) source: Source,
    pub(super) doc: String,
    /// The cargo feature that the module needs.
    pub(super) feature: Option<Spanned<String>>,
    pub(super) interfaces: Vec<Interface>,
    pub(super) structures: Vec<Structure>,
    pub(super) opaques: Vec<Opaque>,
    pub(super) flags: Vec<Flags>,
    pub(super) statuses: Vec<Named>,
    pub(super) constants: Vec<Named>,
    pub(super) tags: Vec<Tag>,
    pub(super) guids: Vec<NamedGuid>,
    pub(super) callbacks: Vec<Callback>,
}

pub(super) struct Interface {
    pub(super) name: Spanned<String>,
    pub(super) base: Given<Spanned<String>>,
    pub(super) iid: Option<Spanned<String>>,
    pub(super) external: Option<Spanned<String>>,
    pub(super) threading: Spanned<String>,
    /// Whether it has a forwarder; `None` if the file doesn't say.
    pub(super) forward: Option<Spanned<bool>>,
    pub(super) methods: Vec<Method>,
    pub(super) docs: Docs,
}

pub(super) struct Method {
    pub(super) name: Spanned<String>,
    pub(super) returns: Option<Spanned<String>>,
    pub(super) params: Vec<Param>,
    /// A slot whose signature nobody has published.
    pub(super) placeholder: Option<Spanned<bool>>,
    pub(super) results: Vec<Outcome>,
    pub(super) docs: Docs,
}

/// A status code that a method answers, and when.
pub(super) struct Outcome {
    pub(super) status: Spanned<String>,
    pub(super) when: Spanned<String>,
}

pub(super) struct Param {
    pub(super) name: Spanned<String>,
    pub(super) ty: Spanned<String>,
    pub(super) direction: Given<Spanned<String>>,
    pub(super) required: Option<Spanned<bool>>,
    pub(super) on_failure: Option<Spanned<String>>,
    pub(super) doc: Option<Spanned<String>>,
}

pub(super) struct Structure {
    pub(super) name: Spanned<String>,
    pub(super) union: bool,
    pub(super) packed: bool,
    pub(super) layout: [(u32, u32); 2],
    pub(super) fields: Vec<Field>,
    pub(super) docs: Docs,
}

pub(super) struct Field {
    pub(super) name: Spanned<String>,
    pub(super) ty: Spanned<String>,
    pub(super) offsets: [u32; 2],
    pub(super) doc: Option<Spanned<String>>,
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

pub(super) struct Tag {
    pub(super) named: Named,
    /// The name in the protocol specifications: `PidTagSubject`.
    pub(super) canonical: Option<Spanned<String>>,
    pub(super) page: Option<Spanned<String>>,
}

pub(super) struct NamedGuid {
    pub(super) name: Spanned<String>,
    pub(super) value: Spanned<String>,
    pub(super) summary: Option<Spanned<String>>,
}

pub(super) struct Bit {
    pub(super) named: Named,
    /// The flag with the same value of which this is an alias.
    pub(super) alias_of: Given<Spanned<String>>,
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
    /// What one sentence can't hold.
    pub(super) more: Option<Spanned<String>>,
    pub(super) page: Option<Spanned<String>>,
}
