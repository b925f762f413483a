//! Stands in for cargo: answers what the environment says, and writes down what it was asked.

use std::{env, fs::OpenOptions, io::Write, process};

fn main() {
    let asked: Vec<String> = env::args().skip(1).collect();
    let log = env::var("FAKE_CARGO_LOG").expect("a file");
    let mut log = OpenOptions::new()
        .append(true)
        .create(true)
        .open(log)
        .expect("it opens");
    writeln!(log, "{}", asked.join(" ")).expect("written");
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
