//! A manifest as it is written: the right shape, not yet the right values.

use std::ops::Range;

use crate::toml_tree::{Given, Scalar, Spanned, Table};

/// A list of words.
pub(super) type Words = Spanned<Vec<Spanned<String>>>;

/// The file. What is missing or of the wrong type was reported and is `None`.
pub(super) struct Manifest {
    pub(super) provider: Option<Provider>,
    pub(super) sync: Option<Sync>,
    pub(super) service: Option<Service>,
    pub(super) store: Option<Store>,
}

/// `[provider]`
pub(super) struct Provider {
    pub(super) span: Range<usize>,
    pub(super) kind: Option<Spanned<String>>,
    pub(super) name: Option<Spanned<String>>,
    pub(super) id: Option<Spanned<String>>,
    pub(super) uid: Option<Spanned<String>>,
    pub(super) flags: Given<Words>,
    pub(super) interfaces: Option<Words>,
}

/// `[sync]`
pub(super) struct Sync {
    pub(super) logic: Option<Spanned<String>>,
    pub(super) overlap: Option<Spanned<String>>,
    pub(super) unload: Option<Spanned<String>>,
    pub(super) logoff_wait: Option<Spanned<String>>,
    pub(super) cursor_tag: Given<Spanned<i64>>,
}

/// `[service]`
pub(super) struct Service {
    pub(super) flags: Option<Words>,
    pub(super) test_timeout: Option<Spanned<String>>,
    pub(super) settings: Vec<Setting>,
}

/// `[[service.setting]]`
pub(super) struct Setting {
    pub(super) name: Option<Spanned<String>>,
    pub(super) description: Option<Spanned<String>>,
    pub(super) label: Option<Spanned<String>>,
    pub(super) page: Option<Spanned<String>>,
    pub(super) tag: Option<Spanned<i64>>,
    pub(super) kind: Option<Spanned<String>>,
    pub(super) required: Option<Spanned<bool>>,
    pub(super) default: Option<Spanned<Scalar>>,
    pub(super) writable: Option<Spanned<bool>>,
}

/// `[store]`
pub(super) struct Store {
    pub(super) object: Option<Spanned<String>>,
    pub(super) path: Option<Spanned<String>>,
    pub(super) support_mask: Option<Words>,
}

/// Reads the file.
pub(super) fn read(root: Table<'_>) -> Manifest {
    let manifest = Manifest {
        provider: root.required_table("provider").map(provider),
        sync: root.required_table("sync").map(sync),
        service: root.optional_table("service").map(service),
        store: root.optional_table("store").map(store),
    };
    root.finish();
    manifest
}

fn provider(table: Table<'_>) -> Provider {
    let provider = Provider {
        span: table.span(),
        kind: table.required("kind"),
        name: table.required("name"),
        id: table.required("id"),
        uid: table.required("uid"),
        flags: table.given_list("flags"),
        interfaces: table.optional_list("interfaces"),
    };
    let misspelt = table.finish();
    let flags = provider.flags.by_name("flags", &misspelt);
    Provider { flags, ..provider }
}

fn sync(table: Table<'_>) -> Sync {
    let sync = Sync {
        logic: table.required("logic"),
        overlap: table.optional("overlap"),
        unload: table.optional("unload"),
        logoff_wait: table.optional("logoff-wait"),
        cursor_tag: table.given("cursor-tag"),
    };
    let misspelt = table.finish();
    let cursor_tag = sync.cursor_tag.by_name("cursor-tag", &misspelt);
    Sync { cursor_tag, ..sync }
}

fn service(table: Table<'_>) -> Service {
    let service = Service {
        flags: table.optional_list("flags"),
        test_timeout: table.optional("test-timeout"),
        settings: table.tables("setting").into_iter().map(setting).collect(),
    };
    table.finish();
    service
}

fn setting(table: Table<'_>) -> Setting {
    let setting = Setting {
        name: table.required("name"),
        description: table.optional("description"),
        label: table.optional("label"),
        page: table.optional("page"),
        tag: table.required("tag"),
        kind: table.required("type"),
        required: table.optional("required"),
        default: table.optional_scalar("default"),
        writable: table.optional("writable"),
    };
    table.finish();
    setting
}

fn store(table: Table<'_>) -> Store {
    let store = Store {
        object: table.optional("object"),
        path: table.optional("path"),
        support_mask: table.optional_list("support-mask"),
    };
    table.finish();
    store
}
