//! Interfaces, methods and callbacks.

use mapi_provider_codegen::ir::interface::{Base, Catalogue, Param, Return, Type};
use serde_json::Value;

use crate::data::{Reference, entries, text};

/// Function types that the headers name by their pointers only.
const RENAMED: [(&str, &str); 1] = [("BUTTONCALLBACK", "LPFNBUTTON")];

pub(crate) fn interfaces(catalogue: &Catalogue, reference: &Reference, problems: &mut Vec<String>) {
    for interface in catalogue.interfaces() {
        let name = &interface.name;
        let Some(theirs) = reference.interfaces.get(name) else {
            problems.push(format!("{name} is in no header and on no page"));
            continue;
        };
        let iid = u128::from_str_radix(&text(&theirs["iid"]).replace('-', ""), 16);
        if iid != Ok(interface.iid) {
            problems.push(format!("{name}: IID {}", theirs["iid"]));
        }
        let chain = catalogue.chain(interface);
        let slots: Vec<String> = chain
            .iter()
            .flat_map(|base| {
                base.methods
                    .iter()
                    .map(|method| format!("{}::{}", base.name, method.name))
            })
            .collect();
        let vtable: Vec<&str> = entries(&theirs["vtable"]).iter().map(text).collect();
        if slots != vtable {
            problems.push(format!("{name}: {slots:?} is not {vtable:?}"));
        }
        let numbers = interface.methods.iter().map(|method| method.slot as u64);
        if !numbers.eq(entries(&theirs["own_methods"])
            .iter()
            .filter_map(|method| method["slot"].as_u64()))
        {
            problems.push(format!("{name}: slot numbers"));
        }
    }
}

pub(crate) fn methods(catalogue: &Catalogue, reference: &Reference, problems: &mut Vec<String>) {
    for interface in catalogue.interfaces() {
        let Some(theirs) = reference.interfaces.get(&interface.name) else {
            continue;
        };
        for (method, theirs) in interface
            .methods
            .iter()
            .zip(entries(&theirs["own_methods"]))
        {
            let place = format!("{}::{}", interface.name, method.name);
            if text(&theirs["cc_x86"]) != "stdcall" {
                problems.push(format!("{place} is {}", theirs["cc_x86"]));
            }
            // The callee pops `this` too.
            signature(
                &place,
                &method.params,
                method.returns,
                theirs,
                4,
                catalogue,
                problems,
            );
        }
    }
}

pub(crate) fn callbacks(catalogue: &Catalogue, reference: &Reference, problems: &mut Vec<String>) {
    for callback in catalogue
        .modules
        .iter()
        .flat_map(|module| &module.callbacks)
    {
        let renamed = RENAMED.iter().find(|(ours, _)| *ours == callback.name);
        let name = renamed.map_or(callback.name.as_str(), |(_, theirs)| theirs);
        let Some(theirs) = reference.functions.get(name) else {
            problems.push(format!("{} is in no header", callback.name));
            continue;
        };
        if callback.cdecl != (text(&theirs["cc_x86"]) == "cdecl") {
            problems.push(format!("{} is {}", callback.name, theirs["cc_x86"]));
        }
        signature(
            &callback.name,
            &callback.params,
            callback.returns,
            theirs,
            0,
            catalogue,
            problems,
        );
    }
}

fn signature(
    place: &str,
    params: &[Param],
    returns: Return,
    theirs: &Value,
    this: u64,
    catalogue: &Catalogue,
    problems: &mut Vec<String>,
) {
    let expected = match text(&theirs["ret"]) {
        "HRESULT" => Some(Return::HResult),
        "SCODE" | "LONG" => Some(Return::I32),
        "ULONG" => Some(Return::U32),
        "void" => Some(Return::Unit),
        _ => None,
    };
    if expected != Some(returns) {
        problems.push(format!("{place} returns {}", theirs["ret"]));
    }
    let their_params = entries(&theirs["params"]);
    if params.len() != their_params.len() {
        problems.push(format!("{place} has {} parameters", their_params.len()));
        return;
    }
    for (param, theirs) in params.iter().zip(their_params) {
        if param.name != text(&theirs["name"]) || !same_type(&param.ty, theirs) {
            problems.push(format!("{place}: {param:?} is not {theirs}"));
        }
    }
    let popped = this
        + params
            .iter()
            .map(|param| stack_bytes(&param.ty, catalogue))
            .sum::<u64>();
    let cdecl = text(&theirs["cc_x86"]) == "cdecl";
    if !cdecl && theirs["x86_bytes"].as_u64() != Some(popped) {
        problems.push(format!(
            "{place} pops {} bytes on x86, not {popped}",
            theirs["x86_bytes"]
        ));
    }
}

/// Pointer depth, and what is at its end.
pub(crate) fn same_type(ours: &Type, theirs: &Value) -> bool {
    // A type for a pointer to a function is one pointer in the data.
    let callback = usize::from(matches!(ours.base, Base::Callback(_)));
    let depth = theirs["ptr"].as_u64() == Some((ours.pointers.len() + callback) as u64);
    depth
        && theirs["array"].as_u64() == ours.array.map(|length| length as u64)
        && same_base(ours, theirs)
}

fn same_base(ours: &Type, theirs: &Value) -> bool {
    let element = text(&theirs["canonical"])
        .split(['*', '&', '['])
        .next()
        .unwrap_or_default();
    let element = element
        .trim()
        .trim_start_matches("const ")
        .trim_end_matches(" const");
    let wide_only = theirs.get("canonical_x86").is_some();
    match &ours.base {
        Base::Number(number) => match element {
            // As long as a pointer: long long on the one, long on the other.
            "unsigned long long" | "long long" if wide_only => *number == "usize",
            "unsigned long" | "unsigned int" => *number == "u32",
            "long" | "int" => *number == "i32",
            "unsigned short" | "wchar_t" => *number == "u16",
            "short" => *number == "i16",
            "unsigned char" => *number == "u8",
            "char" | "signed char" => matches!(*number, "u8" | "i8"),
            "long long" | "_LARGE_INTEGER" => *number == "i64",
            "float" => *number == "f32",
            "double" => *number == "f64",
            _ => false,
        },
        Base::HResult => element == "long",
        Base::TChar => element == "char",
        Base::Guid => matches!(element, "_GUID" | "GUID"),
        // `HINSTANCE__` and `IMalloc` are nothing to us but pointers.
        Base::Void => matches!(element, "void" | "HINSTANCE__" | "IMalloc"),
        Base::Structure(name) | Base::Interface(name) => {
            let tag = element.trim_start_matches('_');
            tag.strip_prefix("tag").unwrap_or(tag) == name
        }
        Base::Callback(_) => true,
    }
}

/// What a parameter takes on the stack of an x86.
fn stack_bytes(ty: &Type, catalogue: &Catalogue) -> u64 {
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
                .map(|s| s.layout[1].size as u64);
            found.sum::<u64>().next_multiple_of(4)
        }
        _ => 4,
    }
}
