//! `recorders.rs`: the Rust side. For each interface an object made by the project that records its calls, another one
//! that forwards them if the interface has a forwarder, and a function that calls all methods of a C++ object through
//! the client types.

use std::fmt::Write;

use mapi_provider_codegen::ir::interface::{Base, Catalogue, Interface, Method, Param, Return};

use super::interfaces::{numbered, slots};
use super::spelling::rust;

pub(super) fn text(catalogue: &Catalogue) -> String {
    let mut text = String::new();
    let mut entries = String::new();
    for (number, interface) in numbered(catalogue) {
        write_recorder(&mut text, catalogue, interface, number);
        let forwards = interface.forward == Some(true);
        if forwards {
            write_forwarder(&mut text, interface, number);
        }
        write_calls(&mut text, catalogue, interface, number);
        let name = &interface.name;
        let placeholders = slots(catalogue, interface)
            .filter(|(_, method)| method.placeholder)
            .count();
        let forward = if forwards {
            format!("Some(forward_{number})")
        } else {
            "None".to_owned()
        };
        let _ = writeln!(
            entries,
            "    Entry {{ name: {name:?}, placeholders: {placeholders}, make: make_{number}, forward: {forward}, call: call_{number} }},"
        );
    }
    let _ = write!(
        text,
        "\npub(super) static INTERFACES: &[Entry] = &[\n{entries}];\n"
    );
    text
}

/// An object whose methods record: the project's derive, thunks and vtable.
fn write_recorder(text: &mut String, catalogue: &Catalogue, interface: &Interface, number: usize) {
    let name = &interface.name;
    let _ = writeln!(
        text,
        "\n#[derive(MapiObject)]\n#[mapi(implements({name}))]\nstruct Recorder{number};"
    );
    for base in catalogue.chain(interface) {
        if base.external.is_some() {
            continue;
        }
        let _ = writeln!(text, "impl {}_Impl for Recorder{number} {{", base.name);
        for method in base.methods.iter().filter(|method| !method.placeholder) {
            write_method(text, method, number);
        }
        text.push_str("}\n");
    }
    let _ = writeln!(
        text,
        "fn make_{number}() -> IUnknown {{ ObjectRef::new(Recorder{number}).into_unknown() }}"
    );
}

/// An object that forwards everything to another one: the project's other vtable and thunks.
fn write_forwarder(text: &mut String, interface: &Interface, number: usize) {
    let name = &interface.name;
    let _ = writeln!(
        text,
        "#[derive(MapiObject)]\n#[mapi(forwards({name} = inner))]\nstruct Forwarder{number} {{ inner: {name} }}\n\
         // SAFETY: stays in the thread of the test, whatever the interface allows.\n\
         unsafe impl Send for Forwarder{number} {{}}\n\
         // SAFETY: as for Send.\n\
         unsafe impl Sync for Forwarder{number} {{}}\n\
         impl {name}_Forward for Forwarder{number} {{}}\n\
         unsafe fn forward_{number}(inner: *mut c_void) -> IUnknown {{ unsafe {{ \
         ObjectRef::new(Forwarder{number} {{ inner: {name}::from_raw(inner) }}).into_unknown() }} }}"
    );
}

fn write_method(text: &mut String, method: &Method, number: usize) {
    let params = method.params.iter().enumerate();
    let declared = params
        .clone()
        .map(|(n, param)| format!(", a{n}: {}", rust(&param.ty)));
    let recorded = params.map(|(n, _)| format!("bits(a{n})"));
    let (returns, answer) = match method.returns {
        Return::HResult => (" -> HRESULT", "HRESULT(answer(place) as i32)"),
        Return::U32 => (" -> u32", "answer(place)"),
        Return::I32 => (" -> i32", "answer(place) as i32"),
        Return::Unit => ("", ""),
    };
    let _ = writeln!(
        text,
        "    unsafe fn {}(_: &Object<Self>{}){returns} {{ let place = Place {{ interface: {number}, slot: {} }}; record(place, &[{}]); {answer} }}",
        method.name,
        declared.collect::<String>(),
        method.slot,
        recorded.collect::<Vec<_>>().join(", ")
    );
}

/// Calls of every method except those of `IUnknown`, which are not methods of the client types.
fn write_calls(text: &mut String, catalogue: &Catalogue, interface: &Interface, number: usize) {
    let name = &interface.name;
    let _ = writeln!(
        text,
        "unsafe fn call_{number}(object: *mut c_void, calls: &mut Calls) {{ unsafe {{"
    );
    let _ = writeln!(
        text,
        "    let Some(object) = {name}::from_raw_borrowed(&object) else {{ return }};"
    );
    for (owner, method) in slots(catalogue, interface) {
        if owner.external.is_some() || method.placeholder {
            continue;
        }
        let params = method.params.iter().enumerate();
        let arguments = params
            .clone()
            .map(|(n, param)| format!(", {}({n})", argument(param)));
        let kinds = params
            .map(|(n, param)| format!("bits::<{}>({}({n}))", rust(&param.ty), argument(param)));
        let answered = match method.returns {
            Return::HResult => "answered.0 as u32",
            Return::U32 => "answered",
            Return::I32 => "answered as u32",
            Return::Unit => "{ let () = answered; answer(place) }",
        };
        let _ = writeln!(
            text,
            "    let place = Place {{ interface: {number}, slot: {} }};\n    let before = calls.begin();\n    \
             let answered = {}::{}(object{});\n    \
             let stack = [before, stack_pointer()];\n    \
             calls.end(\"{name}::{}\", place, stack, {answered}, &[{}]);",
            method.slot,
            owner.name,
            method.name,
            arguments.collect::<String>(),
            method.name,
            kinds.collect::<Vec<_>>().join(", ")
        );
    }
    text.push_str("}}\n");
}

/// The function that makes an argument; pointers point somewhere.
fn argument(param: &Param) -> &'static str {
    let pointer = !param.ty.pointers.is_empty() || matches!(param.ty.base, Base::Callback(_));
    if pointer { "pointer" } else { "number" }
}
