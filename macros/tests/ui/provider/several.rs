mapi_provider::provider!("manifests/several.toml");

fn main() {}
