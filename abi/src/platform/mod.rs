//! What differs between operating systems.

// What a forwarder does with a slot of unknown signature is written in assembler for these. arm64ec is not among
// them.
#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    all(windows, target_arch = "x86")
)))]
compile_error!(
    "mapi-provider can't be built for this target: build for x86_64-pc-windows-msvc, i686-pc-windows-msvc or, for \
     Outlook on ARM, aarch64-pc-windows-msvc"
);

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

/// Of whom the calls are passed on.
pub(crate) trait PassesOn {
    /// Where the pointer to the inner object lies, in bytes behind the vtable pointer that a caller has.
    const INNER: usize;
}

#[cfg(unix)]
use self::unix as system;
#[cfg(windows)]
use self::windows as system;

pub(crate) use self::system::pass_on;
pub use self::system::{
    OwnThread, ansi_to_string, ansi_to_utf16, file_identity, is_remote_drive, string_to_ansi,
};

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::{OwnThread, ansi_to_string, is_remote_drive, string_to_ansi};

    #[test]
    fn a_thread_of_our_own_runs_and_has_left_when_it_was_waited_for() {
        let (sender, receiver) = mpsc::channel();
        let (give, given) = mpsc::channel::<OwnThread>();
        let thread = OwnThread::spawn("own", move || {
            // It knows itself, and is left to itself by itself.
            let own = given.recv().expect("given");
            sender.send(own.is_current()).expect("heard");
        });
        give.send(thread.expect("a thread")).expect("it waits");
        assert_eq!(receiver.recv(), Ok(true));
        let (sender, receiver) = mpsc::channel();
        let thread = OwnThread::spawn("own", move || sender.send(1).expect("heard"));
        let thread = thread.expect("a thread");
        assert!(!thread.is_current());
        thread.join();
        assert_eq!(receiver.try_recv(), Ok(1));
        let panics = OwnThread::spawn("own", || panic!("on purpose"));
        panics.expect("a thread").join();
    }

    #[test]
    fn the_disk_of_this_computer_is_not_remote() {
        assert!(!is_remote_drive(b'C'));
    }

    #[test]
    fn text_survives_the_ansi_code_page_where_that_has_it() {
        assert_eq!(ansi_to_string(&string_to_ansi("plain")), "plain");
        assert_eq!(
            string_to_ansi("🦀")
                .iter()
                .filter(|byte| **byte != b'?')
                .count(),
            0
        );
        assert_eq!(ansi_to_string(b""), "");
    }
}
