//! What correct manifests turn into: the expansion of `provider!` and `mapisvc.inf`.

use std::{fs, path::Path};

use mapi_provider_codegen::{
    diag::Source,
    emit,
    ir::provider::{Kind, Provider},
    manifest,
};

fn load(name: &str) -> Provider {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/manifests")
        .join(name);
    let source = Source::new(
        name,
        fs::read_to_string(path).expect("the manifest is there"),
    );
    manifest::load(&source).unwrap_or_else(|report| panic!("{report}"))
}

/// The expansion as `cargo mapi expand` shows it; that it parses is part of the test.
fn expand(name: &str) -> String {
    let tokens = emit::provider::emit(&load(name), "/contoso/provider.toml");
    let file = syn::parse2(tokens).expect("the expansion is Rust");
    prettyplease::unparse(&file)
}

#[test]
fn the_least_manifest_has_defaults_for_all_the_rest() {
    insta::assert_snapshot!("expand-minimal", expand("minimal.toml"));
}

#[test]
fn every_key_reaches_the_expansion() {
    insta::assert_snapshot!("expand-full", expand("full.toml"));
}

#[test]
fn a_wrapped_store_has_the_entry_points_of_one() {
    insta::assert_snapshot!("expand-wrapped", expand("wrapped.toml"));
}

#[test]
fn a_transport_has_the_entry_points_and_the_section_of_one() {
    insta::assert_snapshot!("expand-transport", expand("transport.toml"));
    insta::assert_snapshot!("inf-transport", emit::inf::emit(&load("transport.toml")));
}

#[test]
fn an_address_book_has_the_entry_points_and_the_section_of_one() {
    insta::assert_snapshot!("expand-address-book", expand("address-book.toml"));
    let inf = emit::inf::emit(&load("address-book.toml"));
    insta::assert_snapshot!("inf-address-book", inf);
}

#[test]
fn all_kinds_fit_into_one_service() {
    let provider = load("several-three.toml");
    let kinds = [Kind::Store, Kind::Transport, Kind::AddressBook];
    assert_eq!(provider.kinds(), kinds);
    let expanded = expand("several-three.toml");
    for part in [
        "mailbox_provider_init::<",
        "xp_provider_init::<",
        "ab_provider_init::<",
        "private::service_entry(",
    ] {
        assert_eq!(expanded.matches(part).count(), 1, "{part}");
    }
    insta::assert_snapshot!("inf-several-three", emit::inf::emit(&provider));
}

#[test]
fn several_kinds_share_a_service_and_have_a_section_and_an_entry_point_each() {
    let provider = load("several.toml");
    assert!(provider.has_several() && provider.is_mailbox());
    insta::assert_snapshot!("expand-several", expand("several.toml"));
    insta::assert_snapshot!("inf-several", emit::inf::emit(&provider));
}

#[test]
fn a_wrapped_store_can_stand_beside_a_transport() {
    let provider = load("several-wrapped.toml");
    assert!(provider.has_several() && provider.wraps_store());
    let expanded = expand("several-wrapped.toml");
    for part in [
        "wrapped_provider_init::<",
        "xp_provider_init::<",
        "wrapped_service_entry(",
    ] {
        assert_eq!(expanded.matches(part).count(), 1, "{part}");
    }
    insta::assert_snapshot!("inf-several-wrapped", emit::inf::emit(&provider));
}

#[test]
fn one_kind_in_a_list_is_that_kind() {
    let text = include_str!("manifests/transport.toml");
    let list = text.replace("\"transport\"", "[\"transport\"]");
    assert_ne!(text, list);
    let source = Source::new("transport.toml", list);
    let provider = manifest::load(&source).unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(
        format!("{provider:?}"),
        format!("{:?}", load("transport.toml"))
    );
}

#[test]
fn a_store_with_a_path_is_a_mailbox() {
    let provider = load("mailbox.toml");
    assert!(provider.is_mailbox() && provider.has_file());
    insta::assert_snapshot!("expand-mailbox", expand("mailbox.toml"));
    insta::assert_snapshot!("prf-mailbox", emit::prf::emit(&provider));
}

#[test]
fn a_mailbox_has_a_path_by_its_id_if_the_manifest_gives_none() {
    let store = load("mailbox-default.toml").store.expect("a store");
    assert_eq!(
        store.path.as_deref(),
        Some(r"%LOCALAPPDATA%\contoso\mail.db")
    );
}

#[test]
fn without_a_table_of_its_own_or_with_a_support_mask_a_store_keeps_nothing() {
    let mask = "\n[store]\nsupport-mask = [\"unicode-ok\"]\n";
    let minimal = include_str!("manifests/minimal.toml");
    for text in [minimal.to_owned(), format!("{minimal}{mask}")] {
        let provider = manifest::load(&Source::new("minimal.toml", text));
        assert!(!provider.expect("right").is_mailbox());
    }
    assert!(!load("full.toml").is_mailbox());
}

#[test]
fn a_wrapped_store_is_a_pst_to_mapi_and_has_its_own_uid_beside_that() {
    insta::assert_snapshot!("inf-wrapped", emit::inf::emit(&load("wrapped.toml")));
}

#[test]
fn a_profile_file_names_each_setting_with_its_property_and_gives_what_has_a_value() {
    insta::assert_snapshot!("prf-full", emit::prf::emit(&load("full.toml")));
    insta::assert_snapshot!("prf-wrapped", emit::prf::emit(&load("wrapped.toml")));
}

#[test]
fn each_file_of_interfaces_is_a_module_beside_the_provider() {
    let manifest = Path::new("tests/manifests/own.toml");
    let project = manifest::load_file(manifest, "own.toml");
    let project = project.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(project.interfaces.count(), 2);
    let modules = emit::provider::emit_project(&project, "/contoso/provider.toml").to_string();
    let alone = emit::provider::emit(&project.provider, "/contoso/provider.toml").to_string();
    let modules = modules
        .strip_prefix(&alone)
        .expect("the provider comes first");
    let file = syn::parse_str(modules).expect("the rest is Rust");
    insta::assert_snapshot!("expand-own", prettyplease::unparse(&file));
}

#[test]
fn the_inf_file_names_service_and_provider() {
    insta::assert_snapshot!("inf-minimal", emit::inf::emit(&load("minimal.toml")));
}

#[test]
fn the_inf_file_carries_the_defaults_that_it_can() {
    insta::assert_snapshot!("inf-full", emit::inf::emit(&load("full.toml")));
}

#[test]
fn the_inf_file_has_the_line_ends_of_windows_throughout() {
    let inf = emit::inf::emit(&load("full.toml"));
    assert_eq!(inf.matches('\n').count(), inf.matches("\r\n").count());
    assert!(inf.ends_with("\r\n"));
}

#[test]
fn the_same_manifest_gives_the_same_text_every_time() {
    assert_eq!(expand("full.toml"), expand("full.toml"));
    assert_eq!(
        emit::inf::emit(&load("full.toml")),
        emit::inf::emit(&load("full.toml"))
    );
}
