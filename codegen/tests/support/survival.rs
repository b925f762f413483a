//! What is true of a manifest whatever is in it. The property tests and the fuzz target `manifest` try
//! it.

use mapi_provider_codegen::{
    diag::{SHOWN, Source, Style, is_invisible},
    emit, manifest,
};

/// Reads a text as a manifest, and shows or uses the result.
pub(crate) fn survive(text: &str) {
    match manifest::load(&Source::new("provider.toml", text)) {
        Ok(provider) => {
            let tokens = emit::provider::emit(&provider, "/provider.toml");
            syn::parse2::<syn::File>(tokens).expect("what was checked expands to Rust");
            let inf = emit::inf::emit(&provider);
            assert!(
                inf.lines().all(|line| !line.contains(char::is_control)),
                "{inf:?}"
            );
        }
        Err(report) => {
            assert!(
                !report.diagnostics().is_empty(),
                "no provider and no reason"
            );
            let shown = report.render(Style::Plain);
            let odd = shown.chars().find(|c| is_invisible(*c) && *c != '\n');
            assert!(odd.is_none(), "{odd:?} would reach the terminal: {shown:?}");
            assert!(shown.len() < 4_000 * (SHOWN + 1), "{} bytes", shown.len());
            report.render(Style::Coloured);
        }
    }
}
