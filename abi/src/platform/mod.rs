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
pub use self::system::{ansi_to_string, ansi_to_utf16, string_to_ansi};

#[cfg(test)]
mod tests {
    use super::{ansi_to_string, string_to_ansi};

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
