mapi_provider::provider!("manifests/right.toml", exports = false);

fn main() {}
