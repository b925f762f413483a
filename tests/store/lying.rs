//! Each call of a scenario answers `S_OK` and nothing, or more than it should: the result is never undefined
//! behaviour or a panic, and what can be freed is freed.

use mapi_provider::abi::{
    MAPI_E_CALL_FAILED, MAPI_E_NETWORK_ERROR, MAPI_E_TOO_COMPLEX, PR_MESSAGE_FLAGS, PR_SUBJECT_W,
};
use mapi_provider::store::{Recipient, Store, StoreError};
use mapi_provider::view::{BitTest, Restriction};

use crate::failing::everything;
use crate::fake::{Fake, Lie};

/// Calls for which nothing is a valid answer: no problems, nothing done.
const MAY_BE_NOTHING: [&str; 14] = [
    "SetProps",
    "DeleteProps",
    "GetLastError",
    "SetReceiveFolder",
    "ModifyRecipients",
    "SetReadFlag",
    "SetReadFlags",
    "CopyMessages",
    "DeleteMessages",
    "DeleteAttach",
    "DeleteFolder",
    "EmptyFolder",
    "CompareEntryIDs",
    "CopyFolder",
];

#[test]
fn nothing_is_no_answer() {
    for at in 0.. {
        let outcome = Fake::with_lie(Lie::Nothing, at, everything);
        let Some(call) = outcome.call else { break };
        let silent = [
            "SaveChanges",
            "Read",
            "Commit",
            "SetSize",
            "Stat",
            "SetColumns",
            "Restrict",
            "SortTable",
            "GetRowCount",
        ];
        if MAY_BE_NOTHING.contains(&call) || silent.contains(&call) {
            continue;
        }
        outcome.result.expect_err(call);
    }
}

#[test]
fn more_than_was_asked_for_is_no_answer() {
    // An object with another interface is the same as none: without a stream, a value goes in one call, or
    // isn't there.
    let told = [
        "GetProps",
        "GetIDsFromNames",
        "IMsgStore::OpenEntry",
        "IMAPIContainer::OpenEntry",
        "QueryRows",
        "ModifyRecipients",
        "Read",
        "Write",
    ];
    for at in 0.. {
        let outcome = Fake::with_lie(Lie::More, at, everything);
        let Some(call) = outcome.call else { break };
        if told.contains(&call) {
            outcome.result.expect_err(call);
        }
    }
}

/// The index of a scenario's call, and the result of its lie.
fn lie_in(name: &str, lie: Lie, scenario: impl Fn(&Store) -> Result<(), StoreError>) -> StoreError {
    let fake = Fake::new();
    let store = fake.store();
    scenario(&store).expect("honest");
    let at = fake.calls().iter().rposition(|call| *call == name);
    drop(store);
    let at = at.expect("the scenario calls it");
    let outcome = Fake::with_lie(lie, at, scenario);
    assert_eq!(outcome.call, Some(name));
    outcome.result.expect_err(name)
}

#[test]
fn errors_say_what_made_no_sense() {
    let error = lie_in("CreateMessage", Lie::Nothing, |store| {
        store.ipm_subtree()?.create_message()?;
        Ok(())
    });
    assert_eq!(error.status(), MAPI_E_CALL_FAILED);
    assert_eq!(
        error.to_string(),
        "can’t create a message: MAPI_E_CALL_FAILED (0x80004005): there is no object in the answer"
    );

    let error = lie_in("QueryRows", Lie::More, |store| {
        store.root()?.folders().first()?;
        Ok(())
    });
    assert_eq!(
        error.text(),
        Some("there are more rows than were asked for")
    );

    let error = lie_in("ModifyRecipients", Lie::More, |store| {
        let message = store.ipm_subtree()?.create_message()?;
        message.add_recipients(&[Recipient::to("", "ann@example.org")])
    });
    assert_eq!(error.operation(), "change recipients");
}

#[test]
fn an_error_has_the_text_of_its_object() {
    let error = lie_in("SaveChanges", Lie::Fail(MAPI_E_NETWORK_ERROR), |store| {
        store.ipm_subtree()?.create_message()?.save()?;
        Ok(())
    });
    assert_eq!(error.text(), Some("the fake says 80040115"));
    let error = lie_in("SetColumns", Lie::Fail(MAPI_E_NETWORK_ERROR), |store| {
        store.root()?.folders().columns(&[PR_SUBJECT_W]).first()?;
        Ok(())
    });
    assert_eq!(error.text(), Some("the fake says 80040115"));
}

#[test]
fn what_a_table_can_t_do_is_told() {
    let fake = Fake::new();
    let store = fake.store();
    let query = store.ipm_subtree().expect("a folder").messages();
    store
        .ipm_subtree()
        .and_then(|top| top.create_message()?.save())
        .expect("a message");
    let query = query.restrict(Restriction::BitMask {
        test: BitTest::AnySet,
        tag: PR_MESSAGE_FLAGS,
        mask: 1,
    });
    let error = query.rows().expect_err("too complex for this one");
    assert_eq!(error.status(), MAPI_E_TOO_COMPLEX);
    assert_eq!(error.operation(), "restrict a table");
    drop((query, store));
    fake.assert_clean();
}
