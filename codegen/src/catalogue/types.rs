//! Types of parameters and fields: `*mut *mut SPropValue`, `[u8; 16]`.

use std::collections::BTreeMap;

use crate::ir::interface::{Base, Return, Type};

/// What the catalogue's names mean.
pub(super) struct Names<'a> {
    kinds: BTreeMap<&'a str, Kind>,
    /// All of them, for suggestions.
    all: Vec<&'a str>,
}

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Structure,
    Interface,
    Callback,
    Flags,
    /// A structure about which nothing is known.
    Opaque,
}

/// Longer than any useful type; the parser recurses once for each pointer in the text.
const LONGEST: usize = 200;

impl<'a> Names<'a> {
    /// Names with their meanings; the first meaning of a name stays.
    pub(super) fn new(names: impl Iterator<Item = (&'a str, Kind)>) -> Self {
        let mut kinds = BTreeMap::new();
        for (name, kind) in names {
            kinds.entry(name).or_insert(kind);
        }
        let defined = kinds.keys().copied();
        let all = defined.chain(NUMBERS).chain(OTHERS).collect();
        Names { kinds, all }
    }

    /// All names, for suggestions.
    pub(super) fn all(&self) -> &[&'a str] {
        &self.all
    }

    /// The type that a text stands for.
    pub(super) fn resolve(&self, text: &str) -> Result<Type, TypeError> {
        if text.len() > LONGEST {
            return Err(TypeError::Malformed);
        }
        let parsed: syn::Type = syn::parse_str(text).map_err(|_| TypeError::Malformed)?;
        let (element, array) = match parsed {
            syn::Type::Array(array) => (*array.elem, Some(length(&array.len)?)),
            other => (other, None),
        };
        let mut pointers = Vec::new();
        let mut inner = element;
        while let syn::Type::Ptr(pointer) = inner {
            pointers.push(pointer.const_token.is_some());
            inner = *pointer.elem;
        }
        let syn::Type::Path(path) = inner else {
            return Err(TypeError::Malformed);
        };
        let name = path
            .path
            .get_ident()
            .ok_or(TypeError::Malformed)?
            .to_string();
        let base = self.base(&name)?;
        let unsized_base = matches!(base, Base::Void | Base::Interface(_))
            || matches!(self.kinds.get(name.as_str()), Some(Kind::Opaque));
        if pointers.is_empty() && unsized_base {
            return Err(TypeError::NeedsPointer(name));
        }
        Ok(Type {
            pointers,
            base,
            array,
        })
    }

    fn base(&self, name: &str) -> Result<Base, TypeError> {
        if let Some(number) = NUMBERS.iter().find(|number| **number == name) {
            return Ok(Base::Number(number));
        }
        match (name, self.kinds.get(name)) {
            ("c_void", _) => Ok(Base::Void),
            ("GUID", _) => Ok(Base::Guid),
            ("HRESULT", _) => Ok(Base::HResult),
            ("TCHAR", _) => Ok(Base::TChar),
            ("PropTag", _) => Ok(Base::PropTag),
            (_, Some(Kind::Structure | Kind::Opaque)) => Ok(Base::Structure(name.to_owned())),
            (_, Some(Kind::Interface)) => Ok(Base::Interface(name.to_owned())),
            (_, Some(Kind::Callback)) => Ok(Base::Callback(name.to_owned())),
            (_, Some(Kind::Flags)) => Ok(Base::Flags(name.to_owned())),
            (_, None) => Err(TypeError::Unknown(name.to_owned())),
        }
    }
}

const NUMBERS: [&str; 11] = [
    "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "usize", "f32", "f64",
];
const OTHERS: [&str; 5] = ["c_void", "GUID", "HRESULT", "TCHAR", "PropTag"];

/// Rust's own types that generated code names though no definition does, and the macros it uses.
const RUST: [&str; 6] = ["bool", "char", "i128", "isize", "str", "u128"];

/// Whether a name is a type without being defined.
pub(super) fn is_built_in(name: &str) -> bool {
    NUMBERS.contains(&name) || OTHERS.contains(&name) || RUST.contains(&name)
}

/// What is wrong with a type.
pub(super) enum TypeError {
    Malformed,
    Unknown(String),
    NeedsPointer(String),
}

/// What a method returns; `None` if the text names nothing that methods return.
pub(super) fn returns(text: Option<&str>) -> Option<Return> {
    match text {
        None | Some("HRESULT") => Some(Return::HResult),
        Some("u32") => Some(Return::U32),
        Some("i32") => Some(Return::I32),
        Some("()") => Some(Return::Unit),
        Some(_) => None,
    }
}

fn length(expression: &syn::Expr) -> Result<usize, TypeError> {
    match expression {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(number),
            ..
        }) => number.base10_parse().map_err(|_| TypeError::Malformed),
        _ => Err(TypeError::Malformed),
    }
}
