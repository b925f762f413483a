//! `cargo xtask bench --imap` runs this program: the IMAP provider beside `mbsync`, with the same Dovecot and the same mail.
//!
//! Ours is a whole provider, loaded as its library, from the request to `Done`. `mbsync` is a process from its beginning to
//! its end. Times are those of the processors; what the server takes is counted on neither side.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use benches::measure::{Row, print_sizes};

#[allow(dead_code, reason = "the tests of the example use the rest")]
#[path = "../../../examples/imap/tests/imap/client.rs"]
mod client;
#[allow(dead_code, reason = "the tests of the example use the rest")]
#[path = "../../../examples/imap/tests/imap/dovecot.rs"]
mod dovecot;
mod mail;
mod mbsync;
mod provider;
mod taken;

use dovecot::Dovecot;
use mbsync::Mbsync;
use provider::Provider;
use taken::Taken;

/// How many messages there are, unless a number is given.
const MESSAGES: usize = 20_000;
/// How often there is a first run, and then one with nothing new.
const FIRST: usize = 3;
const IDLE: usize = 15;

/// How much of the other's time ours may take.
const FIRST_BAR: f64 = 3.0;
const IDLE_BAR: f64 = 1.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [] => measure(MESSAGES),
        // This program again, as the process that has the provider.
        ["provider", port, path] => provider::serve(port, path),
        [messages] => messages.parse().map_err(Into::into).and_then(measure),
        _ => Err("a number of messages".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(messages: usize) -> Result<(), Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let theirs = Mbsync::new(place.path())?;
    let dovecot = Dovecot::start(&[]).ok_or("without a server there is nothing to measure")?;
    mail::fill(&dovecot, messages);
    theirs.configure(dovecot.port)?;
    let (mut first, mut idle) = (Vec::new(), Vec::new());
    for round in 0..FIRST {
        let path = place.path().join(format!("{round}.db"));
        let mut ours = Provider::start(dovecot.port, &path)?;
        theirs.forget()?;
        first.push(in_turns(round, || ours.run(), || theirs.run())?);
        theirs.check(messages)?;
        // What is new at either side since is told now, and nothing after that.
        ours.run()?;
        theirs.run()?;
        for round in 0..IDLE {
            idle.push(in_turns(round, || ours.run(), || theirs.run())?);
        }
        ours.end()?;
    }
    let name = |what: &str| format!("{what} {} messages", separated(messages));
    print(&name("first sync of"), &first, FIRST_BAR)?;
    print(&name("nothing new in"), &idle, IDLE_BAR)?;
    let most = |side: fn(&Both) -> &Taken| first.iter().map(|both| side(both).memory).max();
    let (ours, theirs) = (most(|both| &both.0), most(|both| &both.1));
    let name = format!("memory: {}", name("first sync of"));
    print_sizes(
        &name,
        ours.unwrap_or_default(),
        theirs.unwrap_or_default(),
        f64::INFINITY,
    )?;
    Ok(())
}

/// What both have taken for the same: ours, and the other.
type Both = (Taken, Taken);

type Run = Result<Taken, Box<dyn Error>>;

fn in_turns(
    round: usize,
    mut ours: impl FnMut() -> Run,
    mut theirs: impl FnMut() -> Run,
) -> Result<Both, Box<dyn Error>> {
    if round.is_multiple_of(2) {
        return Ok((ours()?, theirs()?));
    }
    let other = theirs()?;
    Ok((ours()?, other))
}

fn print(name: &str, rounds: &[Both], bar: f64) -> Result<(), Box<dyn Error>> {
    let pairs = |of: fn(&Taken) -> f64| rounds.iter().map(move |(a, b)| (of(a), of(b)));
    let processor = format!("{name}, processor time");
    Row::of_rounds(&processor, pairs(|taken| taken.processor), bar).print()?;
    let clock = format!("{name}, on the clock");
    Row::of_rounds(&clock, pairs(|taken| taken.clock), f64::INFINITY).print()?;
    Ok(())
}

/// 20,000
fn separated(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        number => format!("{},{:03}", separated(number / 1000), number % 1000),
    }
}
