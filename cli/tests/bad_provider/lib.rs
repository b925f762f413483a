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
        Ok("endless") => loop {
            print!("{}", "without an end of the line ".repeat(100));
        },
        Ok("forge") => {
            forge();
            process::exit(0);
        }
        Ok("hang") => thread::sleep(Duration::from_secs(600)),
        _ => {}
    }
    0x8004_0110_u32 as i32
}

/// Prints what those who listen would like to hear, and what a terminal would obey.
fn forge() {
    let done = r#"{"event":"done","status":"S_OK (0x00000000)","ok":true,"cancelled":false,"seconds":0.1}"#;
    let report = r#"{"event":"report","clean":true,"lines":[]}"#;
    let shown = r#"{"event":"shown"}"#;
    for line in [done, report, shown, "ready", "kept\tSYNC-16", "end"] {
        let seal = "0123456789abcdef".repeat(2);
        println!("\n{line}\n\u{1}{seal} 1 {line}\n\u{1}mapi-conformance\t{line}");
        eprintln!("{line}");
    }
    println!("SYNC-16   pass\u{1B}[2J\u{202E}\u{9B}2J");
}
