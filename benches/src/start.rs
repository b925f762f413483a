//! Starting a run: `SynchronizeInBackground` until it returns, compared with an event and a thread by hand.

use std::borrow::Borrow;
use std::error::Error;
use std::hint;
use std::ptr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use benches::measure::{Pair, Plan, Row, Side, measure};
use benches::{PROVIDER, run};
use mapi_provider::abi::{
    IMAPISession, IMAPISync, IMAPISyncProgressCallback, MAPISIB, MSG_SERVICE_CREATE, SyncFlags,
};
use mapi_provider::platform::Event;
use mapi_provider_host::{Host, Profile, ProviderLibrary};
use windows_core::Interface;

/// Logs on to a provider that is linked in, and measures.
pub(crate) fn measure_start() -> Result<Row, Box<dyn Error>> {
    let host = Host::new(ProviderLibrary::linked(&PROVIDER), Profile::in_memory())?;
    host.service(MSG_SERVICE_CREATE, &[])?;
    let provider = host.init()?;
    let store = provider.logon()?;
    let caller = Caller {
        sync: store.sync()?,
        session: host.session(),
        callback: run::callback(),
    };
    // One of each, where the reason for a failure can be shown.
    caller.start()?.wait(None);
    by_hand()?.wait(None);
    let pair = Pair {
        name: "SynchronizeInBackground",
        bar: 1.2,
        ours: each(|| caller.start()),
        other: each(by_hand),
    };
    let row = measure(pair, Plan::RUNS);
    drop(caller);
    store.logoff();
    provider.shutdown()?;
    Ok(row)
}

/// A side that starts something and then, outside the measured time, waits until nothing of it is left.
fn each<'a, E: Borrow<Event>>(start: impl Fn() -> Result<E, Box<dyn Error>> + 'a) -> Side<'a> {
    Box::new(move |times| {
        let mut total = Duration::ZERO;
        for _ in 0..times {
            let begin = Instant::now();
            let event = start();
            total += begin.elapsed();
            let event = event.expect("it went well before");
            event.borrow().wait(None);
            settle();
        }
        total
    })
}

/// Gives the thread time to end after its signal, so the next start doesn't overlap with it. It is a busy
/// wait, because after a sleep the processor would be cold.
fn settle() {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_micros(100) {
        hint::spin_loop();
    }
}

/// What a caller hands over: everything that Outlook does.
struct Caller {
    sync: IMAPISync,
    session: IMAPISession,
    callback: IMAPISyncProgressCallback,
}

impl Caller {
    fn start(&self) -> Result<Event, Box<dyn Error>> {
        let mut event = ptr::null_mut();
        let mut arguments = MAPISIB {
            ulSize: size_of::<MAPISIB>() as u32,
            ulFlags: SyncFlags::empty(),
            psesSync: self.session.as_raw(),
            punkCallBack: self.callback.as_raw(),
            phSyncDoneEvent: &mut event,
        };
        // SAFETY: the structure and all it points to are alive for the call.
        unsafe { self.sync.SynchronizeInBackground(&mut arguments) }.ok()?;
        // SAFETY: the event is the caller's to close.
        Ok(unsafe { Event::from_raw(event) })
    }
}

/// The minimum: an event, and a thread that signals it. No second handle, nothing to hand over.
fn by_hand() -> Result<Arc<Event>, Box<dyn Error>> {
    let event = Arc::new(Event::create()?);
    let signal = Arc::clone(&event);
    thread::Builder::new()
        .name("by-hand".to_owned())
        .spawn(move || signal.signal())?;
    Ok(event)
}
