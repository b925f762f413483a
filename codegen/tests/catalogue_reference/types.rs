//! Types of parameters and fields.

use mapi_provider_codegen::ir::interface::{Base, Catalogue, Type};
use serde_json::Value;

use crate::{
    data::{Reference, text},
    exceptions::Problems,
};

/// Pointer depth, what is at its end, and whether that is `const`.
pub(crate) fn same_type(
    ours: &Type,
    theirs: &Value,
    reference: &Reference,
    problems: &Problems,
) -> bool {
    let array = theirs["array"].as_u64() == ours.array.map(|length| length as u64);
    let mut depth = ours.pointers.len();
    // A function pointer type is one pointer in the data.
    depth += usize::from(matches!(ours.base, Base::Callback(_)));
    let constant = ours
        .pointers
        .last()
        .is_none_or(|constant| *constant == is_constant(theirs));
    pointers(theirs) == depth as u64
        && constant
        && array
        && same_base(ours, theirs, reference, problems)
}

/// How many pointers there are. An array without a length is one more; the data doesn't count those before an
/// array.
fn pointers(theirs: &Value) -> u64 {
    match text(&theirs["canonical"]).split_once('[') {
        Some((element, length)) => {
            element.matches('*').count() as u64 + u64::from(length.starts_with(']'))
        }
        None => theirs["ptr"].as_u64().unwrap_or_default(),
    }
}

/// Whether what the innermost pointer points at is `const`.
fn is_constant(theirs: &Value) -> bool {
    theirs["const"].as_bool() == Some(true) || text(&theirs["canonical"]).starts_with("const ")
}

/// What C writes before the pointers.
fn element(theirs: &Value) -> &str {
    let element = text(&theirs["canonical"]).split(['*', '&', '[']).next();
    let element = element.unwrap_or_default().trim();
    let element = element.strip_prefix("const ").unwrap_or(element);
    element.strip_suffix(" const").unwrap_or(element)
}

fn same_base(ours: &Type, theirs: &Value, reference: &Reference, problems: &Problems) -> bool {
    let element = element(theirs);
    match &ours.base {
        Base::Number(number) => same_number(number, element, theirs, reference),
        Base::HResult => text(&theirs["type"]) == "HRESULT",
        Base::TChar => element == "char" && is_tchar(text(&theirs["type"])),
        // Both are numbers to C.
        Base::PropTag | Base::Flags(_) => matches!(element, "unsigned long" | "unsigned int"),
        Base::Guid => matches!(element, "_GUID" | "GUID"),
        Base::Void => element == "void" || is_foreign(element),
        Base::Structure(name) => {
            let theirs = reference.tags.get(element).map_or(element, String::as_str);
            problems.theirs(name) == theirs
        }
        Base::Interface(name) => name == element,
        Base::Callback(name) => {
            // The name of the function type, or of the pointer to it.
            let theirs = text(&theirs["type"]).trim_end_matches([' ', '*']);
            let theirs = theirs.strip_prefix("const ").unwrap_or(theirs);
            let pointer = reference.pointers.get(theirs);
            problems.theirs(name) == pointer.map_or(theirs, String::as_str)
        }
    }
}

fn same_number(ours: &str, element: &str, theirs: &Value, reference: &Reference) -> bool {
    let wide_only = theirs.get("canonical_x86").is_some();
    let enumeration = element.strip_prefix("tag").unwrap_or(element);
    if reference.enumerations.contains(enumeration) {
        return ours == "i32";
    }
    match element {
        // As long as a pointer: long long on one, long on the other.
        "unsigned long long" | "long long" if wide_only => ours == "usize",
        "unsigned long" | "unsigned int" => ours == "u32",
        "long" | "int" => ours == "i32",
        "unsigned short" | "wchar_t" => ours == "u16",
        "short" => ours == "i16",
        "unsigned char" => ours == "u8",
        "char" | "signed char" => matches!(ours, "u8" | "i8"),
        // A union of the number and its halves.
        "long long" | "_LARGE_INTEGER" | "LARGE_INTEGER" => ours == "i64",
        "float" => ours == "f32",
        "double" => ours == "f64",
        _ => false,
    }
}

/// Strings whose width depends on a flag: `LPTSTR`, which the data spells for ANSI.
fn is_tchar(theirs: &str) -> bool {
    theirs.contains("TSTR") || theirs.contains("TCHAR")
}

/// Windows' own types, which are just pointers for us: handles, and what no provider looks into.
fn is_foreign(element: &str) -> bool {
    let handle = element.ends_with("__");
    handle
        || matches!(
            element,
            "IMalloc" | "IDispatch" | "tagMSG" | "MAPIOFFLINE_CONNECTINFO"
        )
}

/// What a parameter takes on the stack of an x86.
pub(crate) fn stack_bytes(ty: &Type, catalogue: &Catalogue) -> u64 {
    if !ty.pointers.is_empty() {
        return 4;
    }
    match &ty.base {
        Base::Number("i64" | "f64") => 8,
        Base::Guid => 16,
        Base::Structure(name) => {
            let structures = catalogue
                .modules
                .iter()
                .flat_map(|module| &module.structures);
            let found = structures
                .filter(|structure| structure.name == *name)
                .map(|structure| structure.layout[1].size as u64);
            found.sum::<u64>().next_multiple_of(4)
        }
        _ => 4,
    }
}
