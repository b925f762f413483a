//! The house rules that a compiler doesn't check. Each failure names the place and says what to do.

mod alias;
mod arrows;
mod contract;
mod emitters;
mod environment;
mod links;
mod platform;
mod publish;
mod rooms;
mod source;
mod status_codes;
mod style;
mod unsafe_rooms;
mod windows_shown;
mod words;

/// Fails with all problems at once, and with the rule that they break.
fn report(rule: &str, problems: &[String]) {
    assert!(
        problems.is_empty(),
        "{rule}\n\n  {}\n",
        problems.join("\n  ")
    );
}
