//! `cargo xtask bench`: builds the programs in `benches/`, runs them, and makes a table of what they print.

use std::process::Command;

use serde_json::{Value, json};

use crate::toolchain::{self, Toolchain};
use crate::{command, workspace};

mod builds;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print one object a line instead of the table.
    #[arg(long)]
    json: bool,
    /// Measure the Windows build, under Wine.
    #[arg(long, value_name = "ARCH", value_parser = ["x64", "x86"])]
    windows: Option<String>,
    /// Measure clean builds for Windows and the size of what ships instead: minutes.
    #[arg(long, conflicts_with = "windows")]
    builds: bool,
    /// Measure the mailbox instead, beside SQL by hand: minutes.
    #[arg(long, conflicts_with_all = ["windows", "builds"])]
    mailbox: bool,
    /// Measure the IMAP provider instead, beside mbsync, with a Dovecot: minutes.
    #[arg(long, conflicts_with_all = ["windows", "builds", "mailbox"])]
    imap: bool,
}

/// Measures, and prints.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let rows = if args.builds {
        builds::measure()?
    } else {
        measured_by(programs(args)?)?
    };
    if args.json {
        rows.iter().for_each(|row| println!("{}", row.line));
    } else {
        print!("{}", table(&rows));
    }
    Ok(())
}

/// The programs that measure. The generator runs only on the developer's machine.
fn programs(args: &Args) -> Result<Vec<Command>, String> {
    match &args.windows {
        Some(arch) => Ok(vec![windows_program(arch)?]),
        None if args.imap => Ok(vec![native_program("bench-imap")?]),
        None if args.mailbox => Ok(vec![native_program("bench-mailbox")?]),
        None => Ok(vec![native_program("bench")?, generator()?]),
    }
}

/// The rows that programs print.
fn measured_by(programs: Vec<Command>) -> Result<Vec<Row>, String> {
    command::say("measuring");
    let mut rows = Vec::new();
    for mut program in programs {
        let output = command::output(&mut program)?;
        let printed: Vec<Row> = output.lines().map(Row::parse).collect::<Result<_, _>>()?;
        if printed.is_empty() {
            return Err("the program printed no row".to_owned());
        }
        rows.extend(printed);
    }
    Ok(rows)
}

/// Every function starts at a cache line. A tiny method takes about four cycles, and five if it happens to
/// cross the end of a line: we would measure the linker's luck, and not what the code costs.
const ALIGNED: &str = "-Cllvm-args=-align-all-functions=6";

/// Cargo runs it itself, so only cargo needs to know the program's place.
fn native_program(name: &str) -> Result<Command, String> {
    let toolchain = Toolchain::for_target(&toolchain::native_target()?)?;
    let cargo = |subcommand| {
        let mut cargo = toolchain.cargo(subcommand, &workspace::target_dir("bench"), &[ALIGNED]);
        cargo.args(["--release", "--package", "benches", "--bin", name]);
        cargo
    };
    command::run(&mut cargo("build"))?;
    let mut bench = cargo("run");
    bench.arg("--quiet");
    Ok(bench)
}

/// `cargo bench` of the generator, built before anything is measured.
fn generator() -> Result<Command, String> {
    let toolchain = Toolchain::for_target(&toolchain::native_target()?)?;
    let cargo = || {
        let mut cargo = toolchain.cargo("bench", &workspace::target_dir("bench"), &[ALIGNED]);
        cargo.args(["--package", "benches", "--bench", "generate"]);
        cargo
    };
    command::run(cargo().arg("--no-run"))?;
    let mut bench = cargo();
    bench.arg("--quiet");
    Ok(bench)
}

/// `cargo xtask windows build` and its runner.
fn windows_program(arch: &str) -> Result<Command, String> {
    let xtask = std::env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    let mut build = Command::new(xtask);
    build.args([
        "windows",
        "build",
        "--arch",
        arch,
        "--release",
        "-p",
        "benches",
        "--bin",
        "bench",
    ]);
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    build.env("RUSTFLAGS", format!("{flags} {ALIGNED}"));
    let printed = command::output(&mut build)?;
    let program = printed.lines().last().ok_or("the build printed no path")?;
    let runner = workspace::shared_windows(&format!("wine-{arch}"));
    let mut bench = Command::new(runner.unwrap_or_else(|| "wine".into()));
    bench.arg(program);
    Ok(bench)
}

/// What the program printed about one pair.
struct Row {
    line: String,
    name: String,
    unit: Unit,
    ours: f64,
    other: f64,
    ratio: f64,
    /// Infinite where nothing is asked for.
    bar: f64,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Nanoseconds,
    Bytes,
}

impl Row {
    /// Two times, in nanoseconds. Their ratio need not be that of the medians.
    fn of_times(name: &str, ours: f64, other: f64, ratio: f64, bar: f64) -> Self {
        let line =
            json!({ "name": name, "ours_ns": ours, "other_ns": other, "ratio": ratio, "bar": bar });
        Self {
            line: line.to_string(),
            name: name.to_owned(),
            unit: Unit::Nanoseconds,
            ours,
            other,
            ratio,
            bar,
        }
    }

    /// Two sizes, in bytes.
    fn of_sizes(name: &str, ours: u64, other: u64, bar: f64) -> Self {
        let ratio = ours as f64 / other as f64;
        let line = json!({ "name": name, "ours_bytes": ours, "other_bytes": other, "ratio": ratio, "bar": bar });
        Self {
            line: line.to_string(),
            name: name.to_owned(),
            unit: Unit::Bytes,
            ours: ours as f64,
            other: other as f64,
            ratio,
            bar,
        }
    }

    fn parse(line: &str) -> Result<Self, String> {
        // Under Wine, lines end with CR too.
        let line = line.trim_end();
        let value: Value =
            serde_json::from_str(line).map_err(|error| format!("`{line}`: {error}"))?;
        let number = |field: &str| {
            value[field]
                .as_f64()
                .ok_or_else(|| format!("`{line}` has no {field}"))
        };
        let (unit, ours, other) = if value["ours_bytes"].is_null() {
            (Unit::Nanoseconds, "ours_ns", "other_ns")
        } else {
            (Unit::Bytes, "ours_bytes", "other_bytes")
        };
        Ok(Self {
            name: value["name"]
                .as_str()
                .ok_or_else(|| format!("`{line}` has no name"))?
                .to_owned(),
            unit,
            ours: number(ours)?,
            other: number(other)?,
            ratio: number("ratio")?,
            bar: if value["bar"].is_null() {
                f64::INFINITY
            } else {
                number("bar")?
            },
            line: line.to_owned(),
        })
    }
}

fn table(rows: &[Row]) -> String {
    let wide = rows
        .iter()
        .map(|row| row.name.len())
        .max()
        .unwrap_or_default();
    let mut text = format!(
        "{:wide$} {:>12} {:>12} {:>7} {:>6}\n",
        "", "ours", "the other", "ratio", "bar"
    );
    for row in rows {
        let missed = if row.ratio > row.bar { "  missed" } else { "" };
        let bar = if row.bar.is_finite() {
            row.bar.to_string()
        } else {
            "-".to_owned()
        };
        text += &format!(
            "{:wide$} {:>12} {:>12} {:>7.2} {bar:>6}{missed}\n",
            row.name,
            row.unit.shown(row.ours),
            row.unit.shown(row.other),
            row.ratio,
        );
    }
    text
}

impl Unit {
    /// A value in the multiple that suits it.
    fn shown(self, value: f64) -> String {
        let multiples: &[(&str, f64)] = match self {
            Self::Nanoseconds => &[("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)],
            Self::Bytes => &[("B", 1.0), ("kB", 1e3), ("MB", 1e6)],
        };
        let fitting = multiples.iter().rev().find(|(_, size)| value >= *size);
        let (unit, size) = fitting.unwrap_or(&multiples[0]);
        format!("{:.2} {unit}", value / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        r#"{"name":"a call","ours_ns":1.25,"other_ns":1000.0,"ratio":1.3,"bar":1.2}"#;

    #[test]
    fn a_row_is_read_and_its_line_kept() {
        let row = Row::parse(&format!("{LINE}\r")).expect("a row");
        assert_eq!(row.line, LINE);
        assert_eq!(
            (row.ours, row.other, row.ratio, row.bar),
            (1.25, 1000.0, 1.3, 1.2)
        );
        let bytes = Row::parse(&LINE.replace("_ns", "_bytes").replace("1.2}", "null}"));
        let bytes = bytes.expect("a row");
        assert_eq!((bytes.unit, bytes.bar), (Unit::Bytes, f64::INFINITY));
        assert!(Row::parse("error").is_err());
        assert!(Row::parse(r#"{"name":"a call"}"#).is_err_and(|why| why.contains("ours_ns")));
    }

    #[test]
    fn the_table_shows_units_and_what_is_missed() {
        let missed = Row::parse(LINE).expect("a row");
        let met = Row::parse(&LINE.replace("1.3", "1.2")).expect("a row");
        let table = table(&[missed, met]);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines[1],
            "a call      1.25 ns      1.00 µs    1.30    1.2  missed"
        );
        assert!(!lines[2].ends_with("missed"));
    }

    #[test]
    fn a_row_without_a_bar_can_not_miss_it() {
        let row = Row::parse(&LINE.replace("1.2}", "null}")).expect("a row");
        let table = table(&[row]);
        assert!(table.ends_with("1.30      -\n"), "{table}");
    }

    #[test]
    fn values_have_the_unit_that_suits_them() {
        let times =
            [0.5, 999.0, 1000.0, 2_500_000.0, 31e9].map(|time| Unit::Nanoseconds.shown(time));
        assert_eq!(
            times,
            ["0.50 ns", "999.00 ns", "1.00 µs", "2.50 ms", "31.00 s"]
        );
        let sizes = [12.0, 580_000.0, 1_550_000.0].map(|size| Unit::Bytes.shown(size));
        assert_eq!(sizes, ["12.00 B", "580.00 kB", "1.55 MB"]);
    }

    #[test]
    fn sizes_are_told_in_bytes() {
        let row = Row::of_sizes("a DLL", 130, 100, 1.3);
        assert_eq!(
            row.line,
            r#"{"bar":1.3,"name":"a DLL","other_bytes":100,"ours_bytes":130,"ratio":1.3}"#
        );
        assert!(!table(&[row]).contains("missed"));
    }
}
