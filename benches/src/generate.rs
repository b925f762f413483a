//! Generating the whole catalogue, from the text of its definitions to the text of `abi/src/generated`, compared with
//! parsing that result once.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use benches::measure::{Pair, Plan, measure, timed};
use mapi_provider_codegen::catalogue;
use mapi_provider_codegen::emit::abi;

fn main() -> ExitCode {
    match measure_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all() -> Result<(), Box<dyn Error>> {
    let result = generate()?;
    compare(&result)?;
    let pair = Pair {
        name: "generate the whole catalogue",
        bar: 2.0,
        ours: timed(|times| {
            for _ in 0..times {
                black_box(generate().expect("it went well before"));
            }
        }),
        other: timed(|times| {
            for _ in 0..times {
                parse(&result);
            }
        }),
    };
    measure(pair, Plan::WHOLE).print()?;
    Ok(())
}

/// A file of `abi/src/generated`: its name, and its text without the line that says where it comes from.
type File = (String, String);

/// What `cargo xtask codegen` does: parse and check all definitions, emit the tokens of every module, format them.
fn generate() -> Result<Vec<File>, Box<dyn Error>> {
    let catalogue = catalogue::shipped()?;
    let modules = catalogue.modules.iter();
    let modules = modules.map(|module| (module.name.as_str(), abi::module(&catalogue, module)));
    let root = std::iter::once(("mod", abi::root(&catalogue)));
    let files = root.chain(modules).map(|(name, tokens)| {
        let text = abi::render(syn::parse2(tokens)?, prettyplease::unparse);
        Ok((format!("{name}.rs"), text))
    });
    files.collect()
}

/// The other side: a syntax tree of each file.
fn parse(files: &[File]) {
    for (_, text) in files {
        black_box(syn::parse_file(text).expect("it compiles"));
    }
}

/// Fails if this isn't what is checked in, because then we would not measure the catalogue's code.
fn compare(files: &[File]) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../abi/src/generated");
    for (name, text) in files {
        let found = fs::read_to_string(folder.join(name))?;
        if found.split_once("\n\n").map(|(_, body)| body) != Some(text) {
            return Err(format!(
                "abi/src/generated/{name} isn't what is generated: run `cargo xtask codegen`"
            )
            .into());
        }
    }
    Ok(())
}
