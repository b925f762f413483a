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

/// A team's own file on top of ours: the mistakes in it.
fn own_mistakes(text: &str) -> Vec<Code> {
    let source = Source::new("own.toml", text);
    let report = super::load_own([("own".to_owned(), source)]).err();
    let report = report.iter().flat_map(Report::diagnostics);
    report.map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn an_interface_of_ours_may_be_written_in_other_words() {
    let own = |ty| {
        let method = format!(
            "[[interface.method]]\nname = \"Go\"\nparams = [{{ name = \"block\", type = \"{ty}\" }}]"
        );
        let sync = "5024a385-2d44-486a-81a8-8f0ecb6071dd";
        format!(
            "doc = \"\"\n{}",
            interface("IMAPISync", "IUnknown", sync, &method)
        )
    };
    assert_eq!(own_mistakes(&own("*const MAPISIB")), []);
    assert_eq!(own_mistakes(&own("*mut c_void")), [Code::DuplicateIid]);
    let hidden = "\n[[struct]]\nname = \"MAPISIB\"\nlayout = { x64 = [4, 4], x86 = [4, 4] }\nfields = [{ name = \"a\", type = \"u32\", at = [0, 0] }]";
    let text = own("*mut MAPISIB") + hidden;
    assert_eq!(own_mistakes(&text), [Code::DuplicateIid]);
}

#[test]
fn flags_are_numbers_and_a_team_may_know_what_a_placeholder_is() {
    let methods = "[[interface.method]]\nname = \"GetSupportMask\"\nparams = [{ name = \"mask\", type = \"*mut u32\", dir = \"out\" }]";
    let support = interface(
        "IFolderSupport",
        "IUnknown",
        "00375ac3-ecaf-4ef8-a527-34f452fa9c67",
        methods,
    );
    let methods = "[[interface.method]]\nname = \"First\"\n[[interface.method]]\nname = \"UnwrapNoRef\"\nparams = [{ name = \"object\", type = \"*mut *mut c_void\", dir = \"out\" }]\n[[interface.method]]\nname = \"Last\"\nreturns = \"u32\"";
    let proxy = interface(
        "IProxyStoreObject",
        "IUnknown",
        "29f3ab10-554d-11d0-a97c-00a0c911f50a",
        methods,
    );
    assert_eq!(own_mistakes(&format!("doc = \"\"\n{support}{proxy}")), []);
}
