//! The provider. `provider!` makes the DLL's entry points, its COM objects and `Settings` from
//! provider.toml; `cargo mapi expand provider.toml` shows them. The logic is in [`sync`].

{% if kind != "store-object" -%}
pub mod server;
{% endif -%}
pub mod sync;

mapi_provider::provider!("provider.toml");
