//! Objects that forward every method, between a caller and an inner object that are both in C++ (WRAP-01). The
//! caller makes each call with each kind of result, with outs that are set, cleared or left alone, and with NULL
//! for each pointer: `cpp/forward.cpp`.

use crate::recorders::{Entry, INTERFACES};
use crate::{Class, Cpp, cpp, finish};
use mapi_provider::abi::Interface;

#[test]
fn wrap_01_every_method_of_every_interface_with_a_forwarder_goes_through_as_it_is() {
    let cpp = cpp();
    let through = cpp.classes.iter().zip(INTERFACES);
    let through = through.filter(|(_, entry)| entry.forward.is_some());
    let (mut interfaces, mut methods) = (0, 0);
    for (class, entry) in through {
        let called = forward(class, entry);
        assert_eq!(
            called,
            class.slots as usize - 3 - entry.placeholders,
            "{}",
            entry.name
        );
        interfaces += 1;
        methods += called;
    }
    finish(Vec::new());
    println!(
        "{methods} slots of {interfaces} interfaces called by C++ through a Rust object that forwards"
    );
    assert!(interfaces >= 34 && methods >= 294, "{interfaces} {methods}");
}

#[test]
fn wrap_01_the_interfaces_of_a_wrapped_store_are_whole() {
    let cpp = cpp();
    for (name, methods) in [
        ("IMSProvider", 4),
        ("IMSLogon", 7),
        ("IMsgStore", 24),
        ("IMAPISupport", 41),
        ("IMAPIFolder", 27),
        ("IMessage", 19),
        ("IMAPITable", 23),
    ] {
        let (class, entry) = find(&cpp, name);
        assert_eq!(forward(class, entry), methods, "{name}");
        println!("{name}: {methods} methods go through");
    }
    finish(Vec::new());
}

/// Calls all methods through the generated forwarder; returns how many there are.
fn forward(class: &Class, entry: &Entry) -> usize {
    let make = entry.forward.expect("the interface has a forwarder");
    // SAFETY: the inner object implements the interface and is never deleted; the outer one has the vtable of the
    // interface that the class declares, which is what is tested.
    unsafe {
        let object = make((class.make)());
        (class.forward)(object.as_raw(), None) as usize
    }
}

/// An interface on both sides.
pub(crate) fn find<'a>(cpp: &'a Cpp, name: &str) -> (&'a Class, &'static Entry) {
    let mut both = cpp.classes.iter().copied().zip(INTERFACES);
    both.find(|(_, entry)| entry.name == name)
        .expect("an interface of the catalogue")
}
