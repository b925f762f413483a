mapi_provider::provider!("manifests/interface_file_wrong.toml");

fn main() {}
