//! What the process that runs a provider writes: its own lines are heard, and whatever else comes is shown harmlessly.

#![no_main]

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use libfuzzer_sys::fuzz_target;
use mapi_provider_host::channel::{Heard, Seal, Teller, listen};
use mapi_provider_host::conformance::told_anew;
use mapi_provider_host::untrusted::is_harmful;

/// A known seal: the seeds have lines with it.
const KNOWN: &[u8] = b"00000000000000000000000000000000\n";

fuzz_target!(|bytes: &[u8]| {
    let seal = Seal::read(&mut &KNOWN[..]).expect("a seal");
    for heard in heard(bytes, &seal) {
        match heard {
            Heard::Told(text) => is_message_or_none(&text),
            Heard::Printed(line) => {
                let harmful = line.to_string().chars().find(|letter| is_harmful(*letter));
                assert_eq!(harmful, None, "it would reach the terminal");
            }
            Heard::Lost => {}
        }
    }
    is_message_or_none(&String::from_utf8_lossy(bytes));
    is_heard_among(bytes);
});

/// Written again, a message says the same.
fn is_message_or_none(text: &str) {
    if let Some(anew) = told_anew(text) {
        assert_eq!(told_anew(&anew).as_ref(), Some(&anew));
    }
}

/// A provider that prints these bytes can neither forge what is told under a seal that it doesn't know, nor hide it.
fn is_heard_among(bytes: &[u8]) {
    let seal = Seal::new();
    let mut output = Output::default();
    let same = Seal::read(&mut seal.introduction().as_bytes()).expect("a seal");
    let mut teller = Teller::new(same, Box::new(output.clone()));
    let texts = [String::from_utf8_lossy(bytes), "kept\tSYNC-16".into()];
    for text in &texts {
        output.write_all(bytes).expect("memory");
        teller.tell(text).expect("memory");
        output.write_all(bytes).expect("memory");
    }
    let written = output.0.borrow();
    let heard = heard(&written, &seal);
    let told = heard.into_iter().filter_map(|heard| match heard {
        Heard::Told(text) => Some(text),
        Heard::Printed(_) => None,
        Heard::Lost => panic!("something was lost"),
    });
    assert!(told.eq(texts.iter().map(AsRef::<str>::as_ref)));
}

fn heard(output: &[u8], seal: &Seal) -> Vec<Heard> {
    let mut all = Vec::new();
    listen(output, Some(seal), |heard| {
        all.push(heard);
        true
    });
    all
}

/// An output that can be looked at while it is written to.
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
