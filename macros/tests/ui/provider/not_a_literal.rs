mapi_provider::provider!(provider.toml);
mapi_provider::provider!();
mapi_provider::provider!("a.toml", "b.toml");
mapi_provider::provider!(concat!("provider", ".toml"));

fn main() {}
