//! The shipped catalogue against data that compilers made of Microsoft's headers, both ways: interfaces, slots, IIDs,
//! parameters, calling conventions, layouts, values. Intended differences are in `exceptions.toml`, which may hold
//! nothing else.
//!
//! The data is not part of the repository: it is beside a checkout, in `../shared/reference/mapi`, or where
//! `MAPI_REFERENCE` says; otherwise the tests print a note and pass.

mod data;
mod exceptions;
mod interfaces;
mod layouts;
mod numbers;
mod signatures;
mod types;

use std::sync::LazyLock;

use mapi_provider_codegen::{catalogue, ir::interface::Catalogue};

use crate::{
    data::Reference,
    exceptions::{Problems, Subject},
};

/// What all comparisons compare.
static LOADED: LazyLock<Option<(Result<Catalogue, String>, Reference)>> = LazyLock::new(|| {
    let reference = Reference::load()?;
    let catalogue = catalogue::shipped().map_err(|report| report.to_string());
    Some((catalogue, reference))
});

/// Runs a comparison if there is something to compare with.
fn compare(subject: Subject, check: impl FnOnce(&Catalogue, &Reference, &mut Problems)) {
    let Some((catalogue, reference)) = &*LOADED else {
        eprintln!("note: no reference data here, nothing compared");
        return;
    };
    let catalogue = catalogue
        .as_ref()
        .unwrap_or_else(|report| panic!("{report}"));
    let mut problems = Problems::new();
    check(catalogue, reference, &mut problems);
    let problems = problems.of(subject);
    assert!(
        problems.is_empty(),
        "the catalogue says otherwise than the headers, {} times:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

#[test]
fn interfaces_are_the_headers() {
    compare(Subject::Interface, interfaces::interfaces);
}

#[test]
fn function_types_are_the_headers() {
    compare(Subject::Function, interfaces::functions);
}

#[test]
fn structures_have_the_compilers_layout() {
    compare(Subject::Structure, layouts::structures);
}

#[test]
fn numbers_have_the_headers_values() {
    compare(Subject::Number, numbers::numbers);
}

#[test]
fn property_tags_have_the_headers_values() {
    compare(Subject::Tag, numbers::tags);
}

#[test]
fn guids_have_the_headers_values() {
    compare(Subject::Guid, numbers::guids);
}

#[test]
fn macros_that_are_no_numbers_are_left_out_with_a_reason() {
    compare(Subject::Other, numbers::others);
}
