//! The provider. `provider!` makes the DLL's entry points, its COM objects and `Settings` from
//! provider.toml; `cargo mapi expand provider.toml` shows them. The logic is in [`{% if kind == "transport" %}send{% elsif kind == "address-book" %}directory{% else %}sync{% endif %}`].

{% if kind == "transport" -%}
pub mod send;
{% elsif kind == "address-book" -%}
pub mod directory;
{% elsif kind == "store-object" -%}
pub mod sync;
{% else -%}
pub mod server;
pub mod sync;
{% endif %}
mapi_provider::provider!("provider.toml");
