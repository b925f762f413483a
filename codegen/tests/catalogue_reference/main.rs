//! The shipped catalogue against data that compilers made of Microsoft's headers: slots, IIDs, parameters, calling
//! conventions, layouts, values. The data are no part of the repository: they lie beside a checkout, in
//! `../shared/reference/mapi`, or where `MAPI_REFERENCE` says; elsewhere the tests print a note and pass.

mod data;
mod layouts;
mod numbers;
mod signatures;

use mapi_provider_codegen::{catalogue, ir::interface::Catalogue};

use crate::data::Reference;

/// Runs a comparison where there is something to compare with.
fn compare(check: impl FnOnce(&Catalogue, &Reference, &mut Vec<String>)) {
    let Some(reference) = Reference::load() else {
        eprintln!("note: no reference data here, nothing compared");
        return;
    };
    let catalogue = catalogue::shipped().unwrap_or_else(|report| panic!("{report}"));
    let mut problems = Vec::new();
    check(&catalogue, &reference, &mut problems);
    assert!(
        problems.is_empty(),
        "the catalogue says otherwise than the headers:\n{}",
        problems.join("\n")
    );
}

#[test]
fn interfaces_have_the_headers_iids_and_slots() {
    compare(signatures::interfaces);
}

#[test]
fn methods_have_the_headers_signatures() {
    compare(signatures::methods);
}

#[test]
fn callbacks_have_the_headers_signatures() {
    compare(signatures::callbacks);
}

#[test]
fn structures_have_the_compilers_layout() {
    compare(layouts::structures);
}

#[test]
fn numbers_have_the_headers_values() {
    compare(numbers::numbers);
}
