//! Any error becomes a `SyncError` or a `LogonError` by `?`, and comes back as what it was.

use std::error::Error;
use std::fmt;
use std::io;

use mapi_provider::abi::{
    MAPI_E_CALL_FAILED, MAPI_E_FAILONEPROVIDER, MAPI_E_LOGON_FAILED, MAPI_E_NETWORK_ERROR,
    MAPI_E_NOT_FOUND, MAPI_E_TOO_BIG, S_OK,
};
use mapi_provider::{LogonError, SyncError};

type Boxed = Box<dyn Error + Send + Sync>;

/// An error of a team's own.
#[derive(Debug)]
struct Refused(io::Error);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server refuses")
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn refused() -> Refused {
    Refused(io::Error::new(
        io::ErrorKind::ConnectionRefused,
        "nobody listens",
    ))
}

fn by_question_mark(error: Result<(), impl Into<SyncError>>) -> Result<(), SyncError> {
    error.map_err(Into::into)
}

fn sync_error<E: Into<SyncError>>(error: E) -> SyncError {
    by_question_mark(Err(error)).expect_err("an error")
}

#[test]
fn an_error_keeps_code_text_and_source() {
    fn fails() -> Result<(), SyncError> {
        Err(refused())?;
        Ok(())
    }
    fn fails_at_logon() -> Result<(), LogonError> {
        Err(refused())?;
        Ok(())
    }
    let error = fails().expect_err("an error");
    assert_eq!(error.code(), MAPI_E_NETWORK_ERROR);
    assert_eq!(error.text(), "the server refuses: nobody listens");
    assert!(error.source().expect("a source").is::<Refused>());

    let error = fails_at_logon().expect_err("an error");
    assert_eq!(error.code(), MAPI_E_NETWORK_ERROR);
    assert_eq!(error.answer(), MAPI_E_FAILONEPROVIDER);
    assert_eq!(error.text(), "the server refuses: nobody listens");
    assert!(error.source().expect("a source").is::<Refused>());
}

#[test]
fn boxed_errors_and_texts_are_taken_too() {
    let boxed: Boxed = Box::new(refused());
    let error = sync_error(boxed);
    assert_eq!(error.code(), MAPI_E_NETWORK_ERROR);
    assert!(error.source().expect("a source").is::<Refused>());
    let error = sync_error("no such account");
    assert_eq!(
        (error.code(), error.text()),
        (MAPI_E_CALL_FAILED, "no such account")
    );
    assert_eq!(LogonError::from(String::from("away")).text(), "away");
}

#[test]
fn what_was_boxed_comes_back_as_it_was() {
    let error = SyncError::new(MAPI_E_TOO_BIG, "enough").with_source(refused());
    let boxed = error.into_boxed();
    assert_eq!(boxed.to_string(), "enough");
    assert!(boxed.source().expect("a source").is::<Refused>());
    let back = SyncError::from(boxed);
    assert_eq!((back.code(), back.text()), (MAPI_E_TOO_BIG, "enough"));
    assert!(back.source().expect("a source").is::<Refused>());

    // One that stands for another error is that one.
    assert!(sync_error(refused()).into_boxed().is::<Refused>());
    assert!(SyncError::from(SyncError::cancelled().into_boxed()).is_cancelled());

    let back = LogonError::from(LogonError::logon_failed("who?").into_boxed());
    assert_eq!((back.answer(), back.text()), (MAPI_E_LOGON_FAILED, "who?"));
}

#[test]
fn main_may_return_them() {
    fn program() -> Result<(), Box<dyn Error>> {
        Err(SyncError::cancelled())?;
        Ok(())
    }
    assert_eq!(program().expect_err("an error").to_string(), "cancelled");
}

#[test]
fn a_success_is_no_error() {
    assert_eq!(SyncError::new(S_OK, "").code(), MAPI_E_CALL_FAILED);
    assert_eq!(LogonError::new(S_OK, "").code(), MAPI_E_CALL_FAILED);
}

#[test]
fn anyhow_is_taken_with_its_context() {
    use anyhow::Context;
    fn fails() -> Result<(), SyncError> {
        let missing: Result<(), _> = Err(io::Error::from(io::ErrorKind::NotFound));
        missing.context("no mailbox")?;
        Ok(())
    }
    let error = fails().expect_err("an error");
    assert_eq!(error.code(), MAPI_E_NOT_FOUND);
    assert_eq!(error.text(), "no mailbox: entity not found");
    assert!(error.source().is_some());

    let error = LogonError::from(anyhow::anyhow!("the account {} is gone", 7));
    assert_eq!(error.text(), "the account 7 is gone");
    assert_eq!(error.answer(), MAPI_E_FAILONEPROVIDER);
}

#[cfg(feature = "anyhow")]
#[test]
fn with_the_feature_anyhow_goes_both_ways() {
    fn inner() -> anyhow::Result<()> {
        Err(SyncError::new(MAPI_E_TOO_BIG, "enough"))?;
        Ok(())
    }
    fn outer() -> Result<(), SyncError> {
        inner()?;
        Ok(())
    }
    let error = outer().expect_err("an error");
    assert_eq!((error.code(), error.text()), (MAPI_E_TOO_BIG, "enough"));

    // What has no context keeps its meaning.
    let error = SyncError::from(anyhow::Error::from(refused()));
    assert_eq!(error.code(), MAPI_E_NETWORK_ERROR);
    assert!(error.source().expect("a source").is::<Refused>());

    // So does what was handed through functions of anyhow's.
    let error = anyhow::Error::from(SyncError::cancelled()).context("while downloading");
    assert!(SyncError::from(error).is_cancelled());
    let error = anyhow::Error::from(LogonError::from(refused())).context("at logon");
    let text = "at logon: the server refuses: nobody listens";
    assert_eq!(format!("{error:#}"), text);
    let error = LogonError::from(error);
    assert_eq!((error.code(), error.text()), (MAPI_E_NETWORK_ERROR, text));
}
