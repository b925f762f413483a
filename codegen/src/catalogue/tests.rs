use super::{load, shipped};
use crate::diag::{Code, Report, Source};

fn mistakes(text: &str) -> Vec<Code> {
    let root = include_str!("../../interfaces/unknown.toml");
    let files = [("unknown", root), ("case", text)];
    let sources =
        files.map(|(name, text)| (name.to_owned(), Source::new(format!("{name}.toml"), text)));
    let report: Report = load(sources).expect_err("the definitions are wrong");
    report
        .diagnostics()
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect()
}

fn interface(name: &str, base: &str, iid: &str, rest: &str) -> String {
    format!(
        "[[interface]]\nname = \"{name}\"\nbase = \"{base}\"\niid = \"{iid}\"\nthreading = \"free\"\n{rest}\n"
    )
}

const IID: &str = "00020301-0000-0000-c000-000000000046";
const OTHER: &str = "00020302-0000-0000-c000-000000000046";

#[test]
fn the_shipped_catalogue_is_right() {
    let catalogue = shipped().unwrap_or_else(|report| panic!("{report}"));
    let store = catalogue
        .interface("IMsgStore")
        .expect("IMsgStore is shipped");
    let slots: Vec<usize> = store.methods.iter().map(|method| method.slot).collect();
    assert_eq!(slots, (14..27).collect::<Vec<_>>());
}

#[test]
fn an_unknown_base_is_a_mistake() {
    assert_eq!(
        mistakes(&format!(
            "doc = \"\"\n{}",
            interface("IA", "IUnknwon", IID, "")
        )),
        [Code::UnknownBase]
    );
}

#[test]
fn a_cycle_is_a_mistake_of_each_member() {
    let text = format!(
        "doc = \"\"\n{}{}",
        interface("IA", "IB", IID, ""),
        interface("IB", "IA", OTHER, "")
    );
    assert_eq!(
        mistakes(&text),
        [Code::InheritanceCycle, Code::InheritanceCycle]
    );
}

#[test]
fn an_iid_used_twice_is_a_mistake() {
    let text = format!(
        "doc = \"\"\n{}{}",
        interface("IA", "IUnknown", IID, ""),
        interface("IB", "IUnknown", IID, "")
    );
    assert_eq!(mistakes(&text), [Code::DuplicateIid]);
}

#[test]
fn several_mistakes_are_all_reported_in_order() {
    let method = "[[interface.method]]\nname = \"M\"\nparams = [{ name = \"p\", type = \"*mut Nothing\" }, { name = \"q\", type = \"c_void\" }]\n[[interface.method]]\nname = \"M\"";
    let text = format!(
        "doc = \"\"\n{}",
        interface("IA", "IUnknown", "0002", method)
    );
    assert_eq!(
        mistakes(&text),
        [
            Code::BadIid,
            Code::BadType,
            Code::BadType,
            Code::DuplicateName
        ]
    );
}
