//! Interfaces with their slots, and function types.

use mapi_provider_codegen::ir::interface::{Callback, Catalogue, Interface, Method};
use serde_json::Value;

use crate::{
    data::{Reference, entries, is_mapi, text},
    exceptions::{Problems, Subject},
    signatures::Signature,
};

pub(crate) fn interfaces(catalogue: &Catalogue, reference: &Reference, problems: &mut Problems) {
    for (name, theirs) in &reference.interfaces {
        if is_mapi(theirs) && catalogue.interface(name).is_none() {
            let source = text(&theirs["source"]);
            problems.add(
                Subject::Interface,
                name,
                source,
                format!("{name} is missing"),
            );
        }
    }
    for interface in catalogue.interfaces() {
        match reference.interfaces.get(&interface.name) {
            Some(theirs) => {
                head(catalogue, interface, theirs, problems);
                methods(catalogue, reference, interface, theirs, problems);
            }
            None => differs(problems, &interface.name, "is in no header and on no page"),
        }
    }
}

fn differs(problems: &mut Problems, place: &str, how: &str) {
    let text = format!("{place} {how}");
    problems.add(Subject::Interface, place, "", text);
}

/// Base, IID and slots.
fn head(catalogue: &Catalogue, interface: &Interface, theirs: &Value, problems: &mut Problems) {
    let name = &interface.name;
    if interface.base.as_deref() != theirs["base"].as_str() {
        differs(problems, name, &format!("extends {}", theirs["base"]));
    }
    let iid = theirs["iid_docs"].as_str().or(theirs["iid"].as_str());
    let iid = iid.and_then(|iid| u128::from_str_radix(&iid.replace('-', ""), 16).ok());
    if iid != interface.iid {
        differs(problems, name, &format!("has the IID {iid:x?}"));
    }
    let chain = catalogue.chain(interface);
    let slots = chain.iter().flat_map(|base| {
        let methods = base.methods.iter();
        methods.map(|method| format!("{}::{}", base.name, method.name))
    });
    let slots: Vec<String> = slots.collect();
    let vtable: Vec<&str> = entries(&theirs["vtable"]).iter().map(text).collect();
    if slots != vtable {
        let how = format!("are {vtable:?}, not {slots:?}");
        differs(problems, &format!("{name}: slots"), &how);
    }
}

fn methods(
    catalogue: &Catalogue,
    reference: &Reference,
    interface: &Interface,
    theirs: &Value,
    problems: &mut Problems,
) {
    let their_methods = entries(&theirs["own_methods"]);
    if their_methods.len() != interface.methods.len() {
        let how = format!("has {} methods of its own", their_methods.len());
        differs(problems, &interface.name, &how);
    }
    for (method, theirs) in interface.methods.iter().zip(their_methods) {
        let place = format!("{}::{}", interface.name, method.name);
        slot(&place, method, theirs, problems);
        let signature = Signature {
            subject: Subject::Interface,
            place: &place,
            params: &method.params,
            returns: method.returns,
            cdecl: false,
            this: 4,
            theirs,
        };
        signature.compare(catalogue, reference, problems);
    }
}

fn slot(place: &str, method: &Method, theirs: &Value, problems: &mut Problems) {
    if method.name != text(&theirs["name"]) {
        differs(problems, place, &format!("is called {}", theirs["name"]));
    }
    if theirs["slot"].as_u64() != Some(method.slot as u64) {
        let how = format!("is in slot {}, not {}", theirs["slot"], method.slot);
        differs(problems, place, &how);
    }
    let known = theirs["signature_known"].as_bool() != Some(false);
    if method.placeholder == known {
        let how = if known {
            "is no placeholder"
        } else {
            "is a placeholder"
        };
        differs(problems, place, how);
    }
}

pub(crate) fn functions(catalogue: &Catalogue, reference: &Reference, problems: &mut Problems) {
    let callbacks = || {
        catalogue
            .modules
            .iter()
            .flat_map(|module| &module.callbacks)
    };
    for (name, theirs) in &reference.functions {
        let ours = problems.ours(Subject::Function, name);
        if !callbacks().any(|callback| callback.name == ours) {
            let source = text(&theirs["source"]);
            problems.add(
                Subject::Function,
                name,
                source,
                format!("{name} is missing"),
            );
        }
    }
    for callback in callbacks() {
        function(catalogue, reference, callback, problems);
    }
}

fn function(
    catalogue: &Catalogue,
    reference: &Reference,
    callback: &Callback,
    problems: &mut Problems,
) {
    let name = &callback.name;
    let Some(theirs) = reference.functions.get(problems.theirs(name)) else {
        let text = format!("{name} is in no header and on no page");
        problems.add(Subject::Function, name, "", text);
        return;
    };
    let signature = Signature {
        subject: Subject::Function,
        place: name,
        params: &callback.params,
        returns: callback.returns,
        cdecl: callback.cdecl,
        this: 0,
        theirs,
    };
    signature.compare(catalogue, reference, problems);
}
