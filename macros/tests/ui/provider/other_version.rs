//! What `provider!` writes at the top, as another version of the macros would: the versions must be the same.

const _: () = ::mapi_provider::__private::assert_contract(999);

fn main() {}
