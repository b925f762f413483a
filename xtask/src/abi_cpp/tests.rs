//! What is generated from a small catalogue.

use std::collections::BTreeSet;

use mapi_provider_codegen::catalogue::load;
use mapi_provider_codegen::diag::Source;
use mapi_provider_codegen::ir::interface::Catalogue;

use super::{Compiler, Exceptions, Generated, Width, generate};

const DEFINITIONS: &str = r#"
doc = "A case."
constant = [{ name = "NUMBER", value = 7, summary = "A number." }]

[[flags]]
name = "SmallFlags"
summary = "Flags."
values = [{ name = "NUMBER", value = 8, summary = "Another value for the same name." }]

[[interface]]
name = "ISmall"
base = "IUnknown"
iid = "00020301-0000-0000-c000-000000000046"
threading = "free"

[[interface.method]]
name = "Show"
params = [
  { name = "ulUIParam", type = "usize", dir = "in" },
  { name = "lppSmall", type = "*mut *mut ISmall", dir = "out" },
]

[[interface.method]]
name = "Placeholder1"
placeholder = true
"#;

fn catalogue() -> Catalogue {
    let root = "doc = \"COM.\"\n[[interface]]\nname = \"IUnknown\"\nexternal = \"windows_core\"\n\
                iid = \"00000000-0000-0000-c000-000000000046\"\nthreading = \"free\"\n\
                [[interface.method]]\nname = \"QueryInterface\"\nparams = []\n\
                [[interface.method]]\nname = \"AddRef\"\nreturns = \"u32\"\nparams = []\n\
                [[interface.method]]\nname = \"Release\"\nreturns = \"u32\"\nparams = []\n";
    let sources = [("unknown", root), ("case", DEFINITIONS)];
    let sources = sources.map(|(name, text)| (name.to_owned(), Source::new(name, text)));
    load(sources).unwrap_or_else(|report| panic!("{report}"))
}

fn generated(exceptions: &str, macros: &[&str]) -> Result<Generated, String> {
    let compiler = Compiler {
        width: Width::Narrow,
        macros: macros
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<_>>(),
    };
    let exceptions = Exceptions::parse(exceptions).expect("well formed");
    generate(&catalogue(), &exceptions, &compiler)
}

fn error(exceptions: &str, macros: &[&str]) -> String {
    match generated(exceptions, macros) {
        Ok(_) => panic!("nothing is wrong"),
        Err(why) => why,
    }
}

/// All files in one.
fn text(exceptions: &str) -> String {
    let generated = generated(exceptions, &["NUMBER"]).expect("nothing is wrong");
    generated.files.into_iter().map(|(_, text)| text).collect()
}

#[test]
fn a_number_that_the_headers_lack_is_an_error_without_an_exception() {
    let lacking = "[[lacking]]\nreason = \"r\"\nmacros = [\"NUMBER\"]";
    assert!(error("", &[]).contains("lack: [\"NUMBER\"]"));
    assert!(error(lacking, &["NUMBER"]).contains("have, and exceptions.toml says"));
    assert!(generated(lacking, &[]).is_ok());
}

#[test]
fn two_values_of_a_name_are_both_compared() {
    let text = text("");
    for value in ["0x7", "0x8"] {
        assert!(text.contains(&format!(
            "static_assert(static_cast<uint32_t>(NUMBER) == {value}, \"NUMBER\");"
        )));
    }
}

#[test]
fn an_exception_for_what_nobody_has_is_an_error() {
    let stranger = "[[lacking]]\nreason = \"r\"\ninterfaces = [\"IStranger\"]";
    assert!(error(stranger, &["NUMBER"]).contains("IStranger"));
}

#[test]
fn every_slot_but_placeholders_is_called_both_ways() {
    let text = text("");
    assert!(text.contains("abi::drive(object, &ISmall::Show, {0, 3, \"ISmall::Show\"});"));
    assert!(text.contains(
        "abi::check_slot({0, 4, \"ISmall::Placeholder1\"}, abi::slot_of(&ISmall::Placeholder1));"
    ));
    assert!(!text.contains("drive(object, &ISmall::Placeholder1"));
    assert!(text.contains("let answered = ISmall::Show(object, number(0), pointer(1));"));
    assert!(!text.contains("ISmall::Placeholder1(object"));
}

#[test]
fn every_slot_that_forwards_is_called_and_outs_are_known() {
    let text = text("");
    assert!(text.contains(
        "abi::forward(object, &ISmall::Show, {0, 3, \"ISmall::Show\"}, overridden);\n    return 1;"
    ));
    assert!(!text.contains("abi::forward(object, &ISmall::Placeholder1"));
    // The one parameter that is an out.
    assert!(text.contains("{abi::out<S3::Parameter<1>>(1, a1)});"));
}

#[test]
fn signatures_are_the_catalogues_but_for_exceptions() {
    let wide = "same_method<decltype(&ISmall::Show), HRESULT(uintptr_t, struct ISmall * *)>";
    assert!(text("").contains(wide));
    let narrow = text("[[narrow]]\nreason = \"r\"\nfunctions = [\"ISmall::Show\"]");
    assert!(narrow.contains(&wide.replace("uintptr_t", "ULONG")));
    assert!(!narrow.contains(wide));
}

#[test]
fn what_the_headers_lack_is_declared_for_them() {
    assert!(!text("").contains("struct ISmall : IUnknown"));
    let lacking = text("[[lacking]]\nreason = \"r\"\ninterfaces = [\"ISmall\"]");
    assert!(lacking.contains("struct ISmall : IUnknown {"));
    assert!(lacking.contains("virtual HRESULT STDMETHODCALLTYPE Placeholder1() = 0;"));
}
