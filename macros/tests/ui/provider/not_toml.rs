mapi_provider::provider!("manifests/syntax.toml");

fn main() {}
