//! Stands in for cargo: answers what the environment says, or asks the real one, and writes down what it was asked and what
//! that answered. Under the name `rustc` it is a compiler of Linux, whose folder it lies in itself.

use std::{
    env,
    fs::OpenOptions,
    io::{self, Write},
    process::{self, Command, Stdio},
};

fn main() {
    let asked: Vec<String> = env::args().skip(1).collect();
    let program = env::current_exe().expect("a program");
    if program.file_stem().is_some_and(|name| name == "rustc") {
        match asked.join(" ").as_str() {
            "--version" => println!("rustc 1.95.0 (abc 2026-01-01)"),
            "-vV" => println!("host: x86_64-unknown-linux-gnu"),
            "--print sysroot" => println!("{}", program.parent().expect("a folder").display()),
            _ => process::exit(1),
        }
        return;
    }
    let log = env::var("FAKE_CARGO_LOG").expect("a file");
    let mut log = OpenOptions::new()
        .append(true)
        .create(true)
        .open(log)
        .expect("it opens");
    writeln!(log, "{}", asked.join(" ")).expect("written");
    if let Some(real) = env::var_os("FAKE_CARGO_REAL") {
        let mut real = Command::new(real);
        let real = real.args(&asked).stderr(Stdio::inherit());
        let output = real.output().expect("cargo starts");
        log.write_all(&output.stdout).expect("written");
        io::stdout().write_all(&output.stdout).expect("written");
        process::exit(output.status.code().unwrap_or(101));
    }
    let answer = match asked.first().map(String::as_str) {
        Some("metadata") => "FAKE_CARGO_METADATA",
        _ => "FAKE_CARGO_BUILD",
    };
    match env::var(answer) {
        Ok(answer) => println!("{answer}"),
        Err(_) => {
            eprintln!("error: cargo's own words");
            process::exit(101);
        }
    }
}
