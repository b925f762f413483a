//! `cargo xtask bench --mailbox` runs this program: the message store engine beside SQL by hand, through `rusqlite`.
//!
//! Both sides have the same file, or one of the same rows, indexes and settings (`bare.rs` says how). Times are processor
//! time of the thread that calls, since other work on the machine disturbs that less; the engine does nothing of what is
//! measured on another thread.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

mod allocators;
mod bare;
mod face;
mod folder;
mod import;
mod inserts;
mod mails;
mod memory;
mod properties;
mod tables;

#[global_allocator]
static HEAP: memory::Counting = memory::Counting;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [] => measure_all(""),
        // This program again, to import and to tell how much memory that took.
        ["import", path] => memory::import_alone(path.as_ref()),
        // The same pages again and again, to be looked at by a profiler.
        ["pages", path] => tables::repeat(path.as_ref()),
        // Of a store that was imported before, for who works on tables.
        ["tables", path] => of_tables(path.as_ref()),
        // A part of the rows, for who works on one.
        [part] => measure_all(part),
        _ => Err("no more than one part".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(part: &str) -> Result<(), Box<dyn Error>> {
    let is_part = |name: &str| part.is_empty() || part == name;
    let place = tempfile::tempdir()?;
    if is_part("tables") || is_part("memory") {
        let large = place.path().join("large.db");
        let peak = memory::import_by_another(&large)?;
        if is_part("tables") {
            of_tables(&large)?;
        }
        if is_part("memory") {
            memory::print_import(peak)?;
            memory::measure_table(&large)?;
            memory::measure_stream(place.path())?;
        }
    }
    if is_part("imports") {
        import::measure_import(place.path())?;
    }
    Ok(())
}

/// The rows about tables, of a store that has a folder of 100,000 messages.
fn of_tables(path: &Path) -> Result<(), Box<dyn Error>> {
    mails::fill(path, "Middle", 10_000)?;
    mails::fill(path, "Small", 1_000)?;
    tables::measure_tables(path)?;
    let place = tempfile::tempdir()?;
    properties::measure_properties(place.path(), path)
}
