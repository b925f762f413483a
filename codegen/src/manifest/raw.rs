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
    pub(super) transport: Option<Transport>,
    pub(super) address_book: Option<AddressBook>,
}

/// `[provider]`
pub(super) struct Provider {
    pub(super) span: Range<usize>,
    pub(super) kinds: Option<Words>,
    pub(super) name: Option<Spanned<String>>,
    pub(super) id: Option<Spanned<String>>,
    pub(super) uid: Option<Spanned<String>>,
    pub(super) flags: Given<Words>,
    pub(super) interfaces: Option<Words>,
}

/// `[sync]`
pub(super) struct Sync {
    pub(super) span: Range<usize>,
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
    pub(super) span: Range<usize>,
    pub(super) object: Option<Spanned<String>>,
    pub(super) path: Option<Spanned<String>>,
    pub(super) support_mask: Option<Words>,
    pub(super) flags: Given<Words>,
}

/// `[transport]`
pub(super) struct Transport {
    pub(super) span: Range<usize>,
    pub(super) logic: Option<Spanned<String>>,
    pub(super) address_types: Option<Words>,
    pub(super) classes: Option<Words>,
    pub(super) send_timeout: Option<Spanned<String>>,
    pub(super) on_temporary: Option<Spanned<String>>,
    pub(super) retry_after: Option<Spanned<String>>,
    pub(super) give_up_after: Option<Spanned<String>>,
    pub(super) queue: Option<Spanned<String>>,
    pub(super) receive: Option<Spanned<String>>,
    pub(super) receive_every: Option<Spanned<String>>,
    pub(super) retries: Option<Spanned<i64>>,
    pub(super) resolve: Option<Spanned<bool>>,
    pub(super) idle: Option<Spanned<bool>>,
    pub(super) unload: Option<Spanned<String>>,
    pub(super) logoff_wait: Option<Spanned<String>>,
    pub(super) flags: Given<Words>,
}

/// `[address-book]`
pub(super) struct AddressBook {
    pub(super) span: Range<usize>,
    pub(super) logic: Option<Spanned<String>>,
    pub(super) instances: Option<Spanned<String>>,
    pub(super) display_type: Option<Spanned<String>>,
    pub(super) address_type: Option<Spanned<String>>,
    pub(super) browse: Option<Spanned<String>>,
    pub(super) browse_limit: Option<Spanned<i64>>,
    pub(super) lookup_timeout: Option<Spanned<String>>,
    pub(super) cache: Option<Spanned<String>>,
    pub(super) details: Vec<Detail>,
    pub(super) unload: Option<Spanned<String>>,
    pub(super) flags: Given<Words>,
}

/// One of `details` in `[address-book]`.
pub(super) struct Detail {
    pub(super) label: Option<Spanned<String>>,
    pub(super) tag: Option<Spanned<String>>,
}

/// Reads the file. Which tables have the logic is a matter of the kinds.
pub(super) fn read(root: Table<'_>) -> Manifest {
    let provider = root.required_table("provider").map(provider);
    let kinds = provider
        .as_ref()
        .and_then(|provider| provider.kinds.as_ref());
    let table = |name: &str, is_needed: bool| match is_needed {
        true => root.required_table(name),
        false => root.optional_table(name),
    };
    let is = |kind: &Spanned<String>, word: &str| kind.value == word;
    let has = |word: &str| kinds.is_some_and(|kinds| kinds.value.iter().any(|kind| is(kind, word)));
    // Without a kind it is taken for a store.
    let other = |kind: &Spanned<String>| !is(kind, "transport") && !is(kind, "address-book");
    let is_store = kinds.is_none_or(|kinds| kinds.value.iter().any(other));
    let manifest = Manifest {
        sync: table("sync", is_store).map(sync),
        service: root.optional_table("service").map(service),
        store: root.optional_table("store").map(store),
        transport: table("transport", has("transport")).map(transport),
        address_book: table("address-book", has("address-book")).map(address_book),
        provider,
    };
    root.finish();
    manifest
}

fn provider(table: Table<'_>) -> Provider {
    let provider = Provider {
        span: table.span(),
        kinds: table.required_words("kind"),
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
        span: table.span(),
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
        span: table.span(),
        object: table.optional("object"),
        path: table.optional("path"),
        support_mask: table.optional_list("support-mask"),
        flags: table.given_list("flags"),
    };
    let misspelt = table.finish();
    let flags = store.flags.by_name("flags", &misspelt);
    Store { flags, ..store }
}

fn transport(table: Table<'_>) -> Transport {
    let transport = Transport {
        span: table.span(),
        logic: table.required("logic"),
        address_types: table.required_list("address-types"),
        classes: table.optional_list("classes"),
        send_timeout: table.optional("send-timeout"),
        on_temporary: table.required("on-temporary"),
        retry_after: table.optional("retry-after"),
        give_up_after: table.optional("give-up-after"),
        queue: table.optional("queue"),
        receive: table.optional("receive"),
        receive_every: table.optional("receive-every"),
        retries: table.optional("retries"),
        resolve: table.optional("resolve"),
        idle: table.optional("idle"),
        unload: table.optional("unload"),
        logoff_wait: table.optional("logoff-wait"),
        flags: table.given_list("flags"),
    };
    let misspelt = table.finish();
    let flags = transport.flags.by_name("flags", &misspelt);
    Transport { flags, ..transport }
}

fn address_book(table: Table<'_>) -> AddressBook {
    let book = AddressBook {
        span: table.span(),
        logic: table.required("logic"),
        instances: table.optional("instances"),
        display_type: table.optional("display-type"),
        address_type: table.optional("address-type"),
        browse: table.optional("browse"),
        browse_limit: table.optional("browse-limit"),
        lookup_timeout: table.optional("lookup-timeout"),
        cache: table.optional("cache"),
        details: table.tables("details").into_iter().map(detail).collect(),
        unload: table.optional("unload"),
        flags: table.given_list("flags"),
    };
    let misspelt = table.finish();
    let flags = book.flags.by_name("flags", &misspelt);
    AddressBook { flags, ..book }
}

fn detail(table: Table<'_>) -> Detail {
    let detail = Detail {
        label: table.required("label"),
        tag: table.required("tag"),
    };
    table.finish();
    detail
}
