mapi_provider::provider!("manifests/interface_file_without_module.toml");

fn main() {}
