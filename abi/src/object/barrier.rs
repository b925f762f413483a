//! The panic barrier (COM-04): no panic leaves a method, and none aborts the process.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use windows_core::HRESULT;

use crate::mapi::E_UNEXPECTED;

/// Runs a method's body; a panic becomes `E_UNEXPECTED` and a log record (COM-04).
///
/// The result is written inside the barrier: that way the common path costs a handful of instructions, because
/// nothing needs to be moved out of a `Result`.
#[inline(always)]
pub fn barrier(body: impl FnOnce() -> HRESULT) -> HRESULT {
    let mut result = E_UNEXPECTED;
    let place = &mut result;
    if let Err(payload) = catch_unwind(AssertUnwindSafe(move || *place = body())) {
        panicked(payload);
    }
    result
}

/// As [`barrier`], for methods that don't return an HRESULT: a panic becomes the default value.
#[inline(always)]
pub fn barrier_plain<R: Default>(body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        panicked(payload);
        R::default()
    })
}

/// Runs something that must not end its caller; a panic is logged, and the result is `None`.
pub fn quietly<R>(body: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(body)).map_err(panicked).ok()
}

/// Logs a panic and drops its payload, whose own drop may panic too.
#[cold]
#[inline(never)]
pub fn panicked(payload: Box<dyn Any + Send>) {
    let logged = catch_unwind(AssertUnwindSafe(|| {
        tracing::error!(panic = panic_text(&*payload), "a method panicked");
    }));
    dispose(payload);
    if let Err(second) = logged {
        dispose(second);
    }
}

/// Runs something that must not panic and whose failure doesn't matter. Nothing is logged, because it may be the
/// log.
pub fn unlogged(what: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(what)) {
        dispose(payload);
    }
}

/// How many panics in a row a payload may cause before it is leaked.
const PATIENCE: usize = 4;

/// Drops a payload, and the payload of a panic in its drop, and so on; if that goes on for too long, the payload
/// is leaked.
fn dispose(mut payload: Box<dyn Any + Send>) {
    for _ in 0..PATIENCE {
        match catch_unwind(AssertUnwindSafe(move || drop(payload))) {
            Ok(()) => return,
            Err(next) => payload = next,
        }
    }
    mem::forget(payload);
}

/// A panic's text.
pub fn panic_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
}
