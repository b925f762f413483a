mapi_provider::provider!("manifests/interface_files_of_one_name.toml");

fn main() {}
