mapi_provider::provider!("manifests/right.toml");
mapi_provider::provider!("manifests/right.toml");

struct Contoso;

fn main() {}
