//! `declarations.h`: MAPI's headers, followed by what they lack, declared from the IR. A name that they do
//! have is a redefinition error there: an exception that is no longer needed.

use std::collections::BTreeSet;
use std::fmt::Write;

use mapi_provider_codegen::ir::interface::{Base, Callback, Catalogue, Interface, Structure};

use super::exceptions::{Exceptions, Kind};
use super::spelling::{cpp_field, cpp_params, cpp_return};

/// Tells the reader why a redefinition is an error.
const LACKING: &str = "// The headers lack it, says exceptions.toml.";

pub(super) fn text(catalogue: &Catalogue, exceptions: &Exceptions) -> String {
    let mut text = String::from("#pragma once\n#include \"headers.h\"\n#include \"forward.h\"\n\n");
    for interface in catalogue.interfaces() {
        let _ = writeln!(text, "struct {};", interface.name);
    }
    for opaque in catalogue.modules.iter().flat_map(|module| &module.opaques) {
        let _ = writeln!(text, "struct {};", opaque.name);
    }
    let mut writer = Writer {
        catalogue,
        exceptions,
        done: BTreeSet::new(),
        text,
    };
    for module in &catalogue.modules {
        for structure in &module.structures {
            writer.structure(structure);
        }
    }
    for callback in catalogue
        .modules
        .iter()
        .flat_map(|module| &module.callbacks)
    {
        writer.callback(callback);
    }
    for interface in catalogue.interfaces() {
        writer.interface(interface);
    }
    writer.text
}

/// Declares each name once, and before what needs it.
struct Writer<'a> {
    catalogue: &'a Catalogue,
    exceptions: &'a Exceptions,
    done: BTreeSet<&'a str>,
    text: String,
}

impl<'a> Writer<'a> {
    fn structure(&mut self, structure: &'a Structure) {
        let lacking = self.exceptions.has(Kind::Structure, &structure.name);
        if !lacking || !self.done.insert(&structure.name) {
            return;
        }
        for field in &structure.fields {
            self.needed(&field.ty.base);
        }
        let keyword = if structure.union { "union" } else { "struct" };
        let fields = structure.fields.iter();
        let fields = fields.map(|field| cpp_field(&field.name, &field.ty, self.exceptions));
        let fields: Vec<String> = fields.collect();
        let (before, after) = if structure.packed {
            ("#pragma pack(push, 1)\n", "#pragma pack(pop)\n")
        } else {
            ("", "")
        };
        let _ = write!(
            self.text,
            "{before}{keyword} {} {{ {LACKING}\n    {}\n}};\n{after}",
            structure.name,
            fields.join("\n    ")
        );
    }

    /// A structure that is inside another one, or is pointed to from there.
    fn needed(&mut self, base: &Base) {
        let structures = self
            .catalogue
            .modules
            .iter()
            .flat_map(|module| &module.structures);
        let callbacks = self
            .catalogue
            .modules
            .iter()
            .flat_map(|module| &module.callbacks);
        match base {
            Base::Structure(name) => {
                if let Some(found) = structures.into_iter().find(|known| known.name == *name) {
                    self.structure(found);
                }
            }
            Base::Callback(name) => {
                if let Some(found) = callbacks.into_iter().find(|known| known.name == *name) {
                    self.callback(found);
                }
            }
            _ => {}
        }
    }

    fn callback(&mut self, callback: &'a Callback) {
        if !self.exceptions.has(Kind::Callback, &callback.name) || !self.done.insert(&callback.name)
        {
            return;
        }
        let convention = if callback.cdecl {
            "__cdecl"
        } else {
            "__stdcall"
        };
        let _ = writeln!(
            self.text,
            "typedef {} ({convention} {})({}); {LACKING}",
            cpp_return(callback.returns),
            callback.name,
            cpp_params(&callback.name, &callback.params, self.exceptions)
        );
    }

    fn interface(&mut self, interface: &'a Interface) {
        if !self.exceptions.has(Kind::Interface, &interface.name)
            || !self.done.insert(&interface.name)
        {
            return;
        }
        let base = interface.base.as_deref().unwrap_or("IUnknown");
        if let Some(base) = self.catalogue.interface(base) {
            self.interface(base);
        }
        // As in MAPI's headers: declared again, to hide a template of the same name.
        let _ = writeln!(
            self.text,
            "struct {} : {base} {{ {LACKING}\n    virtual HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void **) = 0;",
            interface.name
        );
        for method in &interface.methods {
            let _ = writeln!(
                self.text,
                "    virtual {} STDMETHODCALLTYPE {}({}) = 0;",
                cpp_return(method.returns),
                method.name,
                cpp_params("", &method.params, self.exceptions)
            );
        }
        self.text.push_str("};\n");
    }
}
