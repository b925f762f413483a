//! Events of this crate's own. A subscriber is foreign code: it may panic, and what goes on around the event must not end
//! with it (SYNC-22). So `tracing`'s macros are used nowhere else.

/// An error, in the log.
macro_rules! error {
    ($($event:tt)+) => { $crate::object::unlogged(|| ::tracing::error!($($event)+)) };
}

/// A warning, in the log.
macro_rules! warning {
    ($($event:tt)+) => { $crate::object::unlogged(|| ::tracing::warn!($($event)+)) };
}

/// What went well, in the log.
macro_rules! info {
    ($($event:tt)+) => { $crate::object::unlogged(|| ::tracing::info!($($event)+)) };
}

pub(crate) use {error, info, warning as warn};
