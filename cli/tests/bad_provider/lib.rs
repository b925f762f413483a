//! A library that calls itself a provider and ends badly, as the environment says.

use std::{env, process, ptr, thread, time::Duration};

/// The entry point of a provider, as far as the host gets with it.
#[unsafe(no_mangle)]
pub extern "C" fn MSProviderInit() -> i32 {
    println!("printed by the provider");
    print!("and without an end of the line");
    match env::var("BAD_PROVIDER").as_deref() {
        Ok("abort") => process::abort(),
        Ok("fault") => unsafe { ptr::null_mut::<i32>().write_volatile(1) },
        Ok("exit") => process::exit(0),
        Ok("flood") => loop {
            println!("{}", "printed by the provider".repeat(100));
        },
        Ok("hang") => thread::sleep(Duration::from_secs(600)),
        _ => {}
    }
    0x8004_0110_u32 as i32
}
