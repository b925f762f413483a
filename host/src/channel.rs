//! How the process that runs a provider reports what happens to another process, on an output to which the provider
//! prints too.
//!
//! The listener makes a [`Seal`] for each process, a word that nobody can guess, and gives it to the process as the
//! first line of its standard input: it is in no environment, command line or file. Each line that is [told](Teller)
//! carries the word and its number. So nothing that a provider prints is taken for one of our lines, and if one of ours
//! gets lost in the output, that is noticed. (Code in the same process could find the word by reading our memory. A
//! provider is not confined, just as a plug-in of Outlook isn't.)
//!
//! Nothing grows with a provider's output: lines come in pieces, and [`listen`] waits until each has been dealt with.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, BufRead, BufReader, Read, Write};

use crate::escapes::Escapes;
use crate::untrusted::Untrusted;

/// The beginning of our lines, before the seal.
const MARK: char = '\u{1}';
/// How many letters a seal has.
const SEAL_LETTERS: usize = 32;
/// The size in bytes of the pieces in which a provider's lines come.
const LONGEST_PIECE: usize = 1 << 16;
/// The most bytes in one of our lines. Messages are cut to be shorter.
pub const LONGEST_LINE: usize = 1 << 22;

/// A word that two processes know.
#[derive(Clone, PartialEq, Eq)]
pub struct Seal(String);

impl Seal {
    /// A new one, of 128 secret bits: the system's randomness is in the keys of the hash.
    #[expect(clippy::new_without_default, reason = "no two are equal")]
    pub fn new() -> Self {
        let random = || RandomState::new().build_hasher().finish();
        Self(format!("{:016x}{:016x}", random(), random()))
    }

    /// The first line that the other process must find on its standard input.
    pub fn introduction(&self) -> String {
        format!("{}\n", self.0)
    }

    /// Reads the line that another process wrote with [`introduction`](Self::introduction).
    ///
    /// # Errors
    ///
    /// The line can't be read, or is wrong: this process was not started by a listener.
    pub fn read(input: &mut impl BufRead) -> io::Result<Self> {
        let mut line = String::new();
        input
            .by_ref()
            .take(SEAL_LETTERS as u64 + 2)
            .read_line(&mut line)?;
        let word = line.trim_end();
        let whole = word.len() == SEAL_LETTERS && word.bytes().all(|b| b.is_ascii_hexdigit());
        if !whole {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "no process is listening: this command is only for other processes of this program",
            ));
        }
        Ok(Self(word.to_owned()))
    }

    fn mark(&self) -> String {
        format!("{MARK}{} ", self.0)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

/// Tells lines under a seal.
pub struct Teller {
    seal: Seal,
    number: u64,
    out: Box<dyn Write>,
}

impl Teller {
    /// Tells on an output to which others may write too.
    pub fn new(seal: Seal, out: Box<dyn Write>) -> Self {
        Self {
            seal,
            number: 0,
            out,
        }
    }

    /// Tells a text of any number of lines, in one piece and on its own line, whatever was printed before.
    ///
    /// # Errors
    ///
    /// The output can't be written to.
    pub fn tell(&mut self, text: &str) -> io::Result<()> {
        self.number += 1;
        let line = format!("\n{}{} {}\n", self.seal.mark(), self.number, escape(text));
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }
}

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teller").finish_non_exhaustive()
    }
}

/// What is heard on an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A text that was told.
    Told(String),
    /// A line that was printed, or a piece of one.
    Printed(Untrusted),
    /// Something that was told did not arrive whole: others wrote into it.
    Lost,
}

/// Listens to an output until it ends or `each` returns false. Without a seal, everything counts as printed.
pub fn listen(output: impl Read, seal: Option<&Seal>, mut each: impl FnMut(Heard) -> bool) {
    let mark = seal.map(Seal::mark);
    let mark = mark.as_deref().map(str::as_bytes);
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    let mut next = 1;
    while read_piece(&mut output, mark, &mut line) {
        let heard = match mark.and_then(|mark| line.strip_prefix(mark)) {
            Some(told) => opened(told, &mut next),
            None => {
                let text = String::from_utf8_lossy(&line);
                let text = text.trim_end();
                if text.is_empty() {
                    continue;
                }
                Heard::Printed(text.into())
            }
        };
        if !each(heard) {
            return;
        }
    }
}

/// One of our lines, after its mark. `next` is the number that it should have.
fn opened(line: &[u8], next: &mut u64) -> Heard {
    let read = || {
        let line = std::str::from_utf8(line).ok()?;
        let (number, text) = line.strip_suffix('\n')?.split_once(' ')?;
        Some((number.parse::<u64>().ok()?, unescape(text)))
    };
    match read() {
        Some((number, text)) if number == *next => {
            *next = after(number);
            Heard::Told(text)
        }
        Some((number, _)) => {
            // A missing line is reported only once.
            *next = after(number);
            Heard::Lost
        }
        None => {
            *next = after(*next);
            Heard::Lost
        }
    }
}

/// The number after another. Nobody sends enough lines to run out of numbers, but somebody who knows the seal can
/// claim it.
fn after(number: u64) -> u64 {
    number.wrapping_add(1)
}

/// Reads a line with its end, or a piece of one that is too long; false at the end of the output, or if it can't be
/// read.
fn read_piece(output: &mut impl BufRead, mark: Option<&[u8]>, line: &mut Vec<u8>) -> bool {
    line.clear();
    let mut read = |longest: usize, line: &mut Vec<u8>| {
        let room = longest.saturating_sub(line.len()) as u64;
        output.by_ref().take(room).read_until(b'\n', line).is_ok()
    };
    let mut whole = read(LONGEST_PIECE, line);
    let is_ours = mark.is_some_and(|mark| line.starts_with(mark));
    if whole && is_ours && !line.ends_with(b"\n") {
        whole = read(LONGEST_LINE, line);
    }
    whole && !line.is_empty()
}

/// What would end a line.
const LINE_ENDS: Escapes = Escapes(&[('\n', 'n'), ('\r', 'r')]);

/// A text on one line.
fn escape(text: &str) -> String {
    LINE_ENDS.escape(text.chars())
}

fn unescape(text: &str) -> String {
    LINE_ENDS.unescape(text)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    /// An output that can be read while it is written to.
    #[derive(Clone, Default)]
    struct Output(Rc<RefCell<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Output {
        fn heard(&self, seal: &Seal) -> Vec<Heard> {
            let mut heard = Vec::new();
            listen(&self.0.borrow()[..], Some(seal), |one| {
                heard.push(one);
                true
            });
            heard
        }
    }

    fn told(text: &str) -> Heard {
        Heard::Told(text.to_owned())
    }

    fn printed(text: &str) -> Heard {
        Heard::Printed(text.into())
    }

    /// A teller, the output that it tells on, and its seal as the other process got it.
    fn teller() -> (Teller, Output, Seal) {
        let seal = Seal::new();
        let read = Seal::read(&mut seal.introduction().as_bytes()).expect("a seal");
        let output = Output::default();
        (Teller::new(read, Box::new(output.clone())), output, seal)
    }

    #[test]
    fn what_is_told_is_heard_whatever_is_printed() {
        let (mut teller, mut output, seal) = teller();
        let texts = ["a\\n\n\r\tb", "", "\u{1}", &"ü".repeat(100_000)];
        for text in texts {
            let _ = output.write_all(b"a line that nobody ended");
            teller.tell(text).expect("written");
        }
        let pairs = |text| [printed("a line that nobody ended"), told(text)];
        let expected: Vec<Heard> = texts.into_iter().flat_map(pairs).collect();
        assert_eq!(output.heard(&seal), expected);
    }

    #[test]
    fn nobody_forges_what_is_told() {
        let (mut teller, mut output, seal) = teller();
        teller.tell("kept SYNC-16").expect("written");
        let (mut forger, forged, _) = self::teller();
        forger.tell("kept SYNC-17").expect("written");
        let _ = output.write_all(&forged.0.borrow());
        let _ = output.write_all(b"kept SYNC-18\n\x01 2 kept SYNC-19\n");
        let heard = output.heard(&seal);
        assert_eq!(heard[0], told("kept SYNC-16"));
        assert_eq!(heard.len(), 4);
        let printed = |heard: &Heard| matches!(heard, Heard::Printed(_));
        assert!(heard[1..].iter().all(printed), "{heard:?}");
    }

    #[test]
    fn what_is_lost_is_noticed() {
        let (mut teller, output, seal) = teller();
        for text in ["one", "two", "three", "four"] {
            teller.tell(text).expect("written");
        }
        let whole = String::from_utf8(output.0.take()).expect("text");
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        // The second is not there, and the fourth has no end.
        let left = [lines[1], lines[5], lines[7].trim_end()].concat();
        output.0.replace(left.into_bytes());
        let expected = [told("one"), Heard::Lost, Heard::Lost];
        assert_eq!(output.heard(&seal), expected);
    }

    #[test]
    fn a_number_may_be_the_last_that_there_is() {
        let seal = Seal::new();
        let last = format!("{}{} end\n", seal.mark(), u64::MAX);
        let broken = format!("{}x\n", seal.mark());
        let mut heard = Vec::new();
        listen(
            [&*last, &*last, &*broken].concat().as_bytes(),
            Some(&seal),
            |one| {
                heard.push(one);
                true
            },
        );
        assert_eq!(heard, [Heard::Lost, Heard::Lost, Heard::Lost]);
    }

    #[test]
    fn a_line_without_an_end_comes_in_pieces() {
        let endless = io::repeat(b'x');
        let mut pieces = 0;
        listen(endless, Some(&Seal::new()), |heard| {
            let Heard::Printed(text) = heard else {
                panic!("{heard:?}")
            };
            assert_eq!(text.raw().len(), LONGEST_PIECE);
            pieces += 1;
            pieces < 3
        });
        assert_eq!(pieces, 3);
    }

    #[test]
    fn no_two_seals_are_equal_and_none_is_shown() {
        let (one, other) = (Seal::new(), Seal::new());
        assert_ne!(one, other);
        assert_eq!(format!("{one:?}"), "Seal");
        for wrong in ["", "\n", "kept\n", &"0".repeat(31), &"g".repeat(32)] {
            assert!(Seal::read(&mut wrong.as_bytes()).is_err(), "{wrong:?}");
        }
    }
}
