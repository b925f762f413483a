//! Who is told of a table's events.

use std::collections::BTreeMap;
use std::mem::offset_of;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mapi_provider_abi::mapi::{
    HRESULT, IMAPIAdviseSink, IMAPISupport, Interface, MAPI_E_NOT_FOUND, NOTIFICATION, NOTIFKEY,
    NotificationEvents, NotifyFlags, SubscribeFlags,
};
use mapi_provider_abi::view::MapiBuffer;

use super::super::fault::Result;

/// Subscriptions to events of tables. All threads use it at once, and nothing is locked when it is called.
pub trait Sinks: Send + Sync + 'static {
    /// Subscribes a sink to the events of a key, and gives the number of the connection, not 0.
    ///
    /// # Errors
    ///
    /// It can't be.
    fn subscribe(&self, key: &[u8; 16], sink: &IMAPIAdviseSink) -> Result<usize>;

    /// Ends a subscription.
    ///
    /// # Errors
    ///
    /// There is none of this number.
    fn unsubscribe(&self, connection: usize) -> Result<()>;

    /// Tells all who have subscribed to a key.
    fn notify(&self, key: &[u8; 16], events: &MapiBuffer<NOTIFICATION>);
}

/// Sinks that MAPI's support object keeps and calls, as a provider's tables should have it: MAPI knows on which thread a
/// client wants to hear.
#[derive(Debug, Clone)]
pub struct SupportSinks(IMAPISupport);

impl SupportSinks {
    /// The sinks of a support object.
    pub fn new(support: IMAPISupport) -> Self {
        Self(support)
    }
}

impl Sinks for SupportSinks {
    fn subscribe(&self, key: &[u8; 16], sink: &IMAPIAdviseSink) -> Result<usize> {
        let mut key = notification_key(key);
        let mut connection = 0;
        // SAFETY: a key, a live sink, a live variable.
        let status = unsafe {
            self.0.Subscribe(
                key.as_mut_ptr().cast::<NOTIFKEY>(),
                NotificationEvents::fnevTableModified,
                SubscribeFlags::empty(),
                sink.as_raw(),
                &mut connection,
            )
        };
        checked(status).map(|()| connection)
    }

    fn unsubscribe(&self, connection: usize) -> Result<()> {
        // SAFETY: a call without pointers.
        checked(unsafe { self.0.Unsubscribe(connection) })
    }

    fn notify(&self, key: &[u8; 16], events: &MapiBuffer<NOTIFICATION>) {
        let mut key = notification_key(key);
        let mut flags = NotifyFlags::empty();
        // SAFETY: a key, as many notifications as there are, a live variable. Nothing depends on what it answers.
        let _ = unsafe {
            self.0.Notify(
                key.as_mut_ptr().cast::<NOTIFKEY>(),
                events.count(),
                events.as_ptr(),
                &mut flags,
            )
        };
    }
}

fn checked(status: HRESULT) -> Result<()> {
    match status.is_ok() {
        true => Ok(()),
        false => Err(status.into()),
    }
}

/// A `NOTIFKEY`, in units of 32 bits so that it is aligned.
fn notification_key(key: &[u8; 16]) -> [u32; 5] {
    const { assert!(offset_of!(NOTIFKEY, ab) == 4) };
    let (words, _) = key.as_chunks::<4>();
    let mut whole = [16; 5];
    for (to, word) in whole[1..].iter_mut().zip(words) {
        *to = u32::from_ne_bytes(*word);
    }
    whole
}

/// Sinks that are called at once, on the thread that commits: for tables that no support object stands behind.
#[derive(Debug, Default)]
pub struct DirectSinks(Mutex<Subscriptions>);

#[derive(Debug, Default)]
struct Subscriptions {
    last: usize,
    sinks: BTreeMap<usize, ([u8; 16], IMAPIAdviseSink)>,
}

impl DirectSinks {
    fn lock(&self) -> MutexGuard<'_, Subscriptions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sinks for DirectSinks {
    fn subscribe(&self, key: &[u8; 16], sink: &IMAPIAdviseSink) -> Result<usize> {
        let sink = sink.clone();
        let mut all = self.lock();
        all.last += 1;
        let connection = all.last;
        all.sinks.insert(connection, (*key, sink));
        Ok(connection)
    }

    fn unsubscribe(&self, connection: usize) -> Result<()> {
        let gone = self.lock().sinks.remove(&connection);
        // Released only here, with nothing locked: that may be foreign code.
        gone.map(drop).ok_or_else(|| MAPI_E_NOT_FOUND.into())
    }

    fn notify(&self, key: &[u8; 16], events: &MapiBuffer<NOTIFICATION>) {
        let all = self.lock();
        let sinks = all.sinks.values().filter(|(of, _)| of == key);
        let sinks: Vec<IMAPIAdviseSink> = sinks.map(|(_, sink)| sink.clone()).collect();
        drop(all);
        for sink in sinks {
            // SAFETY: as many notifications as there are. Its answer says nothing.
            let _ = unsafe { sink.OnNotify(events.count(), events.as_ptr()) };
        }
    }
}
