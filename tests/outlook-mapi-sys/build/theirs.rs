//! Their bindings, as far as names go: what is there, and under which spelling.

use std::collections::BTreeMap;

use syn::{Fields, FieldsNamed, GenericArgument, Item, PathArguments, ReturnType, Type};

use crate::Error;

/// Their definitions by name.
#[derive(Default)]
pub(crate) struct Theirs {
    structures: BTreeMap<String, Vec<Field>>,
    callbacks: BTreeMap<String, Callback>,
    constants: BTreeMap<String, String>,
}

/// A field of a structure, a union or a vtable.
pub(crate) struct Field {
    pub(crate) name: String,
    /// The last word of its type's path; empty where the type isn't a path.
    pub(crate) ty: String,
}

/// A function type.
pub(crate) struct Callback {
    pub(crate) convention: String,
    pub(crate) params: usize,
    pub(crate) returns: bool,
}

impl Theirs {
    /// Reads the definitions of a source file.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut theirs = Self::default();
        for item in syn::parse_file(text)?.items {
            theirs.add(item);
        }
        Ok(theirs)
    }

    fn add(&mut self, item: Item) {
        match item {
            Item::Struct(item) => {
                if let Fields::Named(fields) = &item.fields {
                    self.structures
                        .insert(item.ident.to_string(), named(fields));
                }
            }
            Item::Union(item) => {
                self.structures
                    .insert(item.ident.to_string(), named(&item.fields));
            }
            Item::Type(item) => {
                if let Some(callback) = callback(&item.ty) {
                    self.callbacks.insert(item.ident.to_string(), callback);
                }
            }
            Item::Const(item) => {
                self.constants
                    .insert(item.ident.to_string(), last_word(&item.ty));
            }
            _ => {}
        }
    }

    /// The fields of a structure, union or vtable.
    pub(crate) fn fields(&self, name: &str) -> Option<&[Field]> {
        self.structures.get(name).map(Vec::as_slice)
    }

    /// A function type and their name for it: some they have under the name of the pointer alone.
    pub(crate) fn callback(&self, name: &str) -> Option<(&str, &Callback)> {
        let pointer = match name {
            "ACCELERATEABSDI" => "LPFNABSDI".to_owned(),
            "BUTTONCALLBACK" => "LPFNBUTTON".to_owned(),
            "DISMISSMODELESS" => "LPFNDISMISS".to_owned(),
            "FNIDLE" => "PFNIDLE".to_owned(),
            _ => format!("LP{name}"),
        };
        let found = self
            .callbacks
            .get_key_value(name)
            .or_else(|| self.callbacks.get_key_value(&pointer));
        found.map(|(name, callback)| (name.as_str(), callback))
    }

    /// The last word of the path of a constant's type.
    pub(crate) fn constant(&self, name: &str) -> Option<&str> {
        self.constants.get(name).map(String::as_str)
    }
}

/// The field that is `name` in the catalogue: under that name, or the one that it has with them.
pub(crate) fn field<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    let named = |name: &str| fields.iter().find(|field| field.name == name);
    // C has macros, such as GetMessage, which rename methods too; and what has no name in C gets one in Rust.
    named(name)
        .or_else(|| named(&format!("{name}A")))
        .or_else(|| named("Anonymous").filter(|_| name == "u"))
}

fn named(fields: &FieldsNamed) -> Vec<Field> {
    let fields = fields.named.iter().filter_map(|field| {
        let name = field.ident.as_ref()?.to_string();
        Some(Field {
            name: name.trim_start_matches("r#").to_owned(),
            ty: last_word(&field.ty),
        })
    });
    fields.collect()
}

fn last_word(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
    .unwrap_or_default()
}

/// The function in `Option<unsafe extern "system" fn(…) -> …>`.
fn callback(ty: &Type) -> Option<Callback> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    let Some(GenericArgument::Type(Type::BareFn(function))) = arguments.args.first() else {
        return None;
    };
    Some(Callback {
        convention: function.abi.as_ref()?.name.as_ref()?.value(),
        params: function.inputs.len(),
        returns: !matches!(function.output, ReturnType::Default),
    })
}
