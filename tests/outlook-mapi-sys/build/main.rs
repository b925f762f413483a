//! Writes the facts that the tests compare: what the catalogue defines and `outlook-mapi-sys` defines too.
//!
//! Both sides of a fact are expressions, so the compiler evaluates them. The names on their side come
//! from their source, on ours from the catalogue.

mod exceptions;
mod numbers;
mod shapes;
mod source;
mod structures;
mod theirs;

use std::path::Path;
use std::{env, fs};

use mapi_provider_codegen::catalogue;
use quote::quote;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    for watched in ["build", "exceptions.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    let theirs = theirs::Theirs::parse(&source::bindings()?)?;
    let catalogue = catalogue::shipped().map_err(|report| report.to_string())?;
    let facts = [
        shapes::interfaces(&catalogue, &theirs),
        shapes::callbacks(&catalogue, &theirs),
        structures::facts(&catalogue, &theirs),
        numbers::facts(&catalogue, &theirs),
    ];
    let exceptions = exceptions::read(&fs::read_to_string("exceptions.toml")?)?;
    let file = quote! {
        /// What both sides say of the same thing.
        pub static FACTS: &[Fact] = &[#(#facts)*];
        /// What is known to differ.
        pub static EXCEPTIONS: &[Exception] = &[#exceptions];
    };
    let folder = env::var_os("OUT_DIR").ok_or("cargo gives no OUT_DIR")?;
    fs::write(Path::new(&folder).join("facts.rs"), file.to_string())?;
    Ok(())
}
