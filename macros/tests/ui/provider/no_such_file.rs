mapi_provider::provider!("/no/such/folder/provider.toml");

fn main() {}
