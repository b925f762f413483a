//! Lets the test include the recorders written by `cargo xtask windows abi`; without them there is no test.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(recorders)");
    println!("cargo::rerun-if-env-changed=MAPI_ABI_RECORDERS");
    if let Ok(path) = std::env::var("MAPI_ABI_RECORDERS") {
        println!("cargo::rustc-cfg=recorders");
        println!("cargo::rerun-if-changed={path}");
    }
}
