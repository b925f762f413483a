//! Who wants to hear about what: the subscriptions of all support objects of a host.

use std::sync::Mutex;

use mapi_provider::abi::{IMAPIAdviseSink, NOTIFICATION, NotificationEvents};

use crate::locks::lock;

/// The subscriptions of a host. A key that a provider notifies reaches all who have subscribed to it, through
/// whichever support object.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(Mutex<List>);

#[derive(Debug, Default)]
struct List {
    last: usize,
    subscriptions: Vec<Subscription>,
}

#[derive(Debug)]
struct Subscription {
    connection: usize,
    key: Vec<u8>,
    events: NotificationEvents,
    sink: IMAPIAdviseSink,
}

impl Subscriptions {
    /// Adds a subscription, and returns its connection, which is never 0.
    pub(super) fn add(
        &self,
        key: Vec<u8>,
        events: NotificationEvents,
        sink: IMAPIAdviseSink,
    ) -> usize {
        let mut list = lock(&self.0);
        list.last += 1;
        let connection = list.last;
        list.subscriptions.push(Subscription {
            connection,
            key,
            events,
            sink,
        });
        connection
    }

    /// Ends a subscription; returns whether there was one.
    pub(super) fn remove(&self, connection: usize) -> bool {
        let mut list = lock(&self.0);
        let is_it = |one: &Subscription| one.connection == connection;
        let place = list.subscriptions.iter().position(is_it);
        let removed = place.map(|place| list.subscriptions.remove(place));
        // This may release the sink's last reference, which runs foreign code.
        drop(list);
        removed.is_some()
    }

    /// Tells those who have subscribed to a key, on this thread, in the order of their subscriptions. No lock is
    /// held: a sink may call whatever it likes.
    pub(super) fn notify(&self, key: &[u8], notifications: &[NOTIFICATION]) {
        let wanted: Vec<(NotificationEvents, IMAPIAdviseSink)> = {
            let list = lock(&self.0);
            let of_key = list.subscriptions.iter().filter(|one| one.key == key);
            of_key.map(|one| (one.events, one.sink.clone())).collect()
        };
        for (events, sink) in wanted {
            let mut told: Vec<NOTIFICATION> = notifications
                .iter()
                .filter(|one| events.intersects(one.ulEventType))
                .copied()
                .collect();
            if told.is_empty() {
                continue;
            }
            let count = u32::try_from(told.len()).unwrap_or(u32::MAX);
            // SAFETY: as many notifications as there are; what they point to is the caller's for this call. A
            // sink's answer is of no use.
            let _ = unsafe { sink.OnNotify(count, told.as_mut_ptr()) };
        }
    }
}
