//! `mapisvc.inf`: exactly what was installed is removed, and a second time changes nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mapi_provider::install::{Edit, InfSection, Registration};

/// What a store's manifest makes.
const STORE: [InfSection<'static>; 3] = [
    InfSection {
        name: "Services",
        entries: &[("contoso", "Contoso Büro")],
    },
    InfSection {
        name: "contoso",
        entries: &[
            ("PR_DISPLAY_NAME", "Contoso Büro"),
            ("Providers", "contoso_store"),
            ("PR_SERVICE_DLL_NAME", "contoso.dll"),
        ],
    },
    InfSection {
        name: "contoso_store",
        entries: &[
            ("PR_PROVIDER_DLL_NAME", "contoso.dll"),
            ("34140102", "7B3F0D5C41E84C0A9D2B6A1F0C5E7D91"),
        ],
    },
];

/// A wrapped store's section, which is recognised only by its uid.
const WRAPPED: InfSection<'static> = InfSection {
    name: "contoso_store",
    entries: &[
        ("34140102", "E92FEB759650448683B87DE522AA4948"),
        ("67E10102", "7B3F0D5C41E84C0A9D2B6A1F0C5E7D91"),
    ],
};

fuzz_target!(|text: &[u8]| {
    for sections in [&STORE[..], &[STORE[0], WRAPPED]] {
        let provider = Registration::new(sections);
        stands(&provider, text);
        stands(&provider.forced(), text);
    }
});

fn stands(provider: &Registration, text: &[u8]) {
    if let Ok(merged) = provider.merge(text) {
        is_honest(&merged, text);
        let twice = provider.merge(&merged.text).expect("it was merged before");
        is_same(&twice, &merged.text);
        let removed = provider.remove(&merged.text).expect("it was merged before");
        is_honest(&removed, &merged.text);
        if !names_us(text) {
            assert_eq!(
                removed.text,
                text,
                "install then uninstall: {}",
                text.escape_ascii()
            );
        }
    }
    if let Ok(removed) = provider.remove(text) {
        is_honest(&removed, text);
        let twice = provider
            .remove(&removed.text)
            .expect("it was removed before");
        is_same(&twice, &removed.text);
    }
}

/// If no change is reported, there was none.
fn is_honest(edit: &Edit, before: &[u8]) {
    if edit.changes.is_empty() {
        is_same(edit, before);
    }
}

fn is_same(edit: &Edit, before: &[u8]) {
    assert_eq!(edit.changes, []);
    assert_eq!(edit.text, before, "{}", before.escape_ascii());
}

/// Is there anything in the file that may be from an older installation?
fn names_us(text: &[u8]) -> bool {
    let name = b"contoso";
    text.windows(name.len())
        .any(|part| part.eq_ignore_ascii_case(name))
}
