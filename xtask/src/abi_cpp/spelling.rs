//! The IR's types in C++ and in Rust.

use mapi_provider_codegen::ir::interface::{Base, Param, Return, Type};

use super::exceptions::{Exceptions, Kind};

/// A type in C++.
pub(super) fn cpp(ty: &Type, exceptions: &Exceptions) -> String {
    let mut text = cpp_base(&ty.base, exceptions);
    for constant in ty.pointers.iter().rev() {
        if *constant {
            text.push_str(" const");
        }
        text.push_str(" *");
    }
    text
}

/// A field in C++, with its name and, for an array, its length.
pub(super) fn cpp_field(name: &str, ty: &Type, exceptions: &Exceptions) -> String {
    let length = ty
        .array
        .map_or_else(String::new, |length| format!("[{length}]"));
    format!("{} {name}{length};", cpp(ty, exceptions))
}

fn cpp_base(base: &Base, exceptions: &Exceptions) -> String {
    match base {
        Base::Number(name) => cpp_number(name).to_owned(),
        Base::Void => "void".to_owned(),
        Base::Guid => "GUID".to_owned(),
        Base::HResult => "HRESULT".to_owned(),
        Base::TChar => "char".to_owned(),
        Base::PropTag | Base::Flags(_) => "uint32_t".to_owned(),
        Base::Structure(name) => exceptions.spelling(name).to_owned(),
        Base::Interface(name) => format!("struct {name}"),
        Base::Callback(name) => format!("{} *", exceptions.spelling(name)),
    }
}

fn cpp_number(name: &str) -> &str {
    match name {
        "i8" => "int8_t",
        "u8" => "uint8_t",
        "i16" => "int16_t",
        "u16" => "uint16_t",
        "i32" => "int32_t",
        "u32" => "uint32_t",
        "i64" => "int64_t",
        "u64" => "uint64_t",
        "usize" => "uintptr_t",
        "isize" => "intptr_t",
        "f32" => "float",
        "f64" => "double",
        other => other,
    }
}

/// What a method returns, in C++.
pub(super) fn cpp_return(returns: Return) -> &'static str {
    match returns {
        Return::Unit => "void",
        Return::HResult => "HRESULT",
        Return::U32 => "uint32_t",
        Return::I32 => "int32_t",
    }
}

/// The types of a function's parameters in C++, with commas between them. `key` is the function's name in
/// exceptions.toml.
pub(super) fn cpp_params(key: &str, params: &[Param], exceptions: &Exceptions) -> String {
    let narrow = exceptions.has(Kind::Narrow, key);
    let types = params.iter().map(|param| match param.ty.base {
        // A number that became as wide as a pointer when Windows got 64 bits.
        Base::Number("usize") if narrow && param.ty.pointers.len() < 2 => {
            cpp(&param.ty, exceptions).replace("uintptr_t", "ULONG")
        }
        _ => cpp(&param.ty, exceptions),
    });
    types.collect::<Vec<_>>().join(", ")
}

/// A type in Rust, as the generated code of the runtime has it.
pub(super) fn rust(ty: &Type) -> String {
    let mut text = match &ty.base {
        Base::Number(name) => (*name).to_owned(),
        Base::Void | Base::Interface(_) => "c_void".to_owned(),
        Base::Guid => "GUID".to_owned(),
        Base::HResult => "HRESULT".to_owned(),
        Base::TChar => "TCHAR".to_owned(),
        Base::PropTag => "PropTag".to_owned(),
        Base::Structure(name) | Base::Flags(name) => name.clone(),
        Base::Callback(name) => format!("Option<{name}>"),
    };
    for constant in ty.pointers.iter().rev() {
        let kind = if *constant { "const" } else { "mut" };
        text = format!("*{kind} {text}");
    }
    text
}

/// A GUID in C++.
pub(super) fn cpp_guid(guid: u128) -> String {
    let bytes = guid.to_be_bytes();
    let last: Vec<String> = bytes[8..]
        .iter()
        .map(|byte| format!("{byte:#04X}"))
        .collect();
    format!(
        "GUID{{{:#X}, {:#X}, {:#X}, {{{}}}}}",
        (guid >> 96) as u32,
        (guid >> 80) as u16,
        (guid >> 64) as u16,
        last.join(", ")
    )
}
