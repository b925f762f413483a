mapi_provider::provider!("manifests/interface_file_missing.toml");

fn main() {}
