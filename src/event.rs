//! Events of this crate's own. A subscriber is foreign code: it may panic, and what goes on around the event must not end
//! with it (SYNC-22). So `tracing`'s macros are used nowhere else.

/// An error, in the log.
macro_rules! error {
    ($($event:tt)+) => { ::mapi_provider_abi::internal::unlogged(|| ::tracing::error!($($event)+)) };
}

/// A warning, in the log.
macro_rules! warning {
    ($($event:tt)+) => { ::mapi_provider_abi::internal::unlogged(|| ::tracing::warn!($($event)+)) };
}

/// What went well, in the log.
macro_rules! info {
    ($($event:tt)+) => { ::mapi_provider_abi::internal::unlogged(|| ::tracing::info!($($event)+)) };
}

pub(crate) use {error, info, warning as warn};

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    /// A log of somebody's that fails.
    struct Fails;

    impl Subscriber for Fails {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {
            resume_unwind(Box::new("on purpose"));
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn sync_22_a_subscriber_that_panics_ends_nothing_else() {
        tracing::subscriber::with_default(Fails, || {
            crate::event::error!("one");
            crate::event::warn!(status = 2, "two");
            crate::event::info!("three");
        });
    }
}
