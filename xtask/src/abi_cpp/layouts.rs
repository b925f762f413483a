//! `layouts.cpp`: size, alignment and offsets of structures, and the types of callbacks.

use std::fmt::Write;

use mapi_provider_codegen::ir::interface::{Callback, Catalogue, Field, Layout, Structure};

use super::Width;
use super::exceptions::{Exceptions, Kind};
use super::spelling::{cpp, cpp_params, cpp_return};

pub(super) fn text(catalogue: &Catalogue, exceptions: &Exceptions, width: Width) -> String {
    let mut text = String::from("#include \"declarations.h\"\n\n");
    for module in &catalogue.modules {
        for structure in &module.structures {
            write_structure(&mut text, structure, exceptions, width);
        }
        for callback in &module.callbacks {
            write_callback(&mut text, callback, exceptions);
        }
    }
    text
}

fn write_structure(
    text: &mut String,
    structure: &Structure,
    exceptions: &Exceptions,
    width: Width,
) {
    let name = &structure.name;
    let ty = exceptions.spelling(name);
    let Layout { size, align } = width.of(structure.layout);
    let mut assertions = vec![
        (format!("sizeof({ty})"), format!("sizeof {name}"), size),
        (format!("alignof({ty})"), format!("alignof {name}"), align),
    ];
    for field in &structure.fields {
        let key = format!("{name}::{}", field.name);
        if exceptions.has(Kind::Field, &key) {
            write_absence(text, ty, &field.name);
            continue;
        }
        let member = exceptions.spelling(&key);
        let member = member.rsplit("::").next().unwrap_or(member);
        write_size(text, &format!("{ty}::{member}"), &key, field, exceptions);
        assertions.push((
            format!("offsetof({ty}, {member})"),
            key,
            width.of(field.offsets),
        ));
    }
    for (found, key, expected) in assertions {
        let differing = exceptions.differing(&key);
        let expected = differing.map_or_else(|| expected.to_string(), |pair| of_width(pair, width));
        let _ = writeln!(text, "static_assert({found} == {expected}, \"{key}\");");
    }
}

fn write_size(text: &mut String, member: &str, key: &str, field: &Field, exceptions: &Exceptions) {
    let length = field
        .ty
        .array
        .map_or_else(String::new, |length| format!("[{length}]"));
    let ty = cpp(&field.ty, exceptions);
    let _ = writeln!(
        text,
        "static_assert(sizeof({member}) == sizeof({ty}{length}), \"size of {key}\");"
    );
}

/// A field that the headers lack: an error if they have it.
fn write_absence(text: &mut String, ty: &str, field: &str) {
    let _ = writeln!(
        text,
        "template <typename T> auto has_{field}(int) -> decltype(T::{field}, std::true_type());\n\
         template <typename T> std::false_type has_{field}(...);\n\
         static_assert(!decltype(has_{field}<{ty}>(0))::value, \"{field}: exceptions.toml says that {ty} lacks it\");"
    );
}

/// The number for the width from a pair `x64, x86`.
fn of_width(pair: &str, width: Width) -> String {
    let (wide, narrow) = pair.split_once(',').unwrap_or((pair, pair));
    width.of([wide, narrow]).trim().to_owned()
}

fn write_callback(text: &mut String, callback: &Callback, exceptions: &Exceptions) {
    let name = &callback.name;
    let convention = if callback.cdecl {
        "__cdecl"
    } else {
        "__stdcall"
    };
    let params = cpp_params(name, &callback.params, exceptions);
    let ours = format!(
        "{} ({convention} *)({params})",
        cpp_return(callback.returns)
    );
    let wanted = exceptions.differing(name).map_or(ours, str::to_owned);
    let _ = writeln!(
        text,
        "static_assert(abi::same_function<{} *, {wanted}>, \"{name}\");",
        exceptions.spelling(name)
    );
}
