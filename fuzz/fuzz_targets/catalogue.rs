//! Definitions of interfaces: Rust that can be read, or a report that can be shown.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mapi_provider_codegen::{
    catalogue,
    diag::{Report, Source, Style, is_invisible},
    emit::abi,
};

/// Reading all of ours takes long, so only one in this many texts is read on top of them.
const ON_TOP_OF_ALL: usize = 128;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let source = || ("own".to_owned(), Source::new("own.toml", text.as_ref()));
    let unknown = include_str!("../../codegen/interfaces/unknown.toml");
    let unknown = ("unknown".to_owned(), Source::new("unknown.toml", unknown));
    match catalogue::load([unknown, source()]) {
        Ok(catalogue) => {
            for module in &catalogue.modules {
                syn::parse2::<syn::File>(abi::module(&catalogue, module))
                    .expect("what was checked is emitted as Rust");
            }
            syn::parse2::<syn::File>(abi::root(&catalogue)).expect("so is the root");
        }
        Err(report) => can_be_shown(&report),
    }
    if text.len().is_multiple_of(ON_TOP_OF_ALL) {
        match catalogue::load_own([source()]) {
            Ok(catalogue) => {
                let own = abi::own_modules(&catalogue, 1);
                syn::parse2::<syn::File>(own).expect("what was checked is emitted as Rust");
            }
            Err(report) => can_be_shown(&report),
        }
    }
});

fn can_be_shown(report: &Report) {
    assert!(
        !report.diagnostics().is_empty(),
        "no catalogue and no reason"
    );
    let shown = report.render(Style::Plain);
    let odd = shown.chars().find(|c| is_invisible(*c) && *c != '\n');
    assert!(odd.is_none(), "{odd:?} would reach the terminal: {shown:?}");
    report.render(Style::Coloured);
}
