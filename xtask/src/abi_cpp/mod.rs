//! The catalogue against a C++ compiler: from the IR, C++ that asserts layouts and values and calls every slot
//! both ways, and the Rust on the other side. `tests/abi/README.md` says what it proves.

mod declarations;
mod exceptions;
mod figures;
mod interfaces;
mod layouts;
mod recorders;
mod spelling;
mod values;

use std::collections::BTreeSet;

use mapi_provider_codegen::ir::interface::Catalogue;

pub(crate) use exceptions::Exceptions;
use figures::Figures;

/// The number of files for the interfaces, so each processor has something to do.
const PARTS: usize = 4;

/// How wide a pointer is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Width {
    /// 64 bits.
    Wide,
    /// 32 bits.
    Narrow,
}

impl Width {
    /// The number for this width from a pair.
    fn of<T>(self, pair: [T; 2]) -> T {
        let [wide, narrow] = pair;
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// What is generated, and what it checks.
pub(crate) struct Generated {
    /// Name of the file, text.
    pub(crate) files: Vec<(String, String)>,
    /// What is checked, in numbers.
    pub(crate) figures: Figures,
}

/// What is known about the compiler whose headers the catalogue is compared with.
pub(crate) struct Compiler {
    /// How wide its pointers are.
    pub(crate) width: Width,
    /// The macros that its headers define.
    pub(crate) macros: BTreeSet<String>,
}

/// Generates everything. What the headers turn out to lack, and exceptions that nothing asks for, are errors.
pub(crate) fn generate(
    catalogue: &Catalogue,
    exceptions: &Exceptions,
    compiler: &Compiler,
) -> Result<Generated, String> {
    let (values, mut wrong) = values::text(catalogue, exceptions, &compiler.macros);
    let layouts = layouts::text(catalogue, exceptions, compiler.width);
    let declarations = declarations::text(catalogue, exceptions);
    let mut files = vec![
        ("declarations.h".to_owned(), declarations),
        ("layouts.cpp".to_owned(), layouts),
        ("values.cpp".to_owned(), values),
        ("recorders.rs".to_owned(), recorders::text(catalogue)),
    ];
    files.extend(interfaces::texts(catalogue, exceptions, PARTS));
    let figures = Figures::count(catalogue, exceptions);
    let unused = exceptions.unused();
    if !unused.is_empty() {
        wrong.push(format!(
            "nothing in the catalogue has these names of exceptions.toml: {unused:?}"
        ));
    }
    if wrong.is_empty() {
        Ok(Generated { files, figures })
    } else {
        Err(format!("tests/abi/exceptions.toml: {}", wrong.join("\n")))
    }
}

#[cfg(test)]
mod tests;
