//! What a call asks for.

use mapi_provider_abi::mapi::*;

use super::*;

#[test]
fn store_32_excluded_properties_stay_whatever_their_type() {
    let stage = Stage::new();
    let (data, to) = (message(), node(&stage));
    let tags = [PR_SUBJECT_A, PR_MESSAGE_RECIPIENTS, PR_MESSAGE_ATTACHMENTS];
    let asked = Asked {
        tags: Some(&tags),
        ..Asked::default()
    };
    assert_eq!(copy_to(&stage, From::Message(&data), &to, &asked), done());
    assert_eq!(to.text(PR_SUBJECT_W), None);
    assert!(to.get(PR_IMPORTANCE.id()).is_some());
    assert!(held(&to.recipients).is_empty() && held(&to.parts).is_empty());
    let to = node(&stage);
    let asked = Asked {
        tags: Some(&[]),
        ..Asked::default()
    };
    let answer = copy_to(&stage, From::Message(&data), &to, &asked);
    assert_eq!(answer, refused(MAPI_E_INVALID_PARAMETER));
}

#[test]
fn store_32_an_excluded_interface_takes_all_derived_ones_along() {
    let stage = Stage::new();
    let data = message();
    let with = |interfaces: &[GUID]| {
        let to = node(&stage);
        let asked = Asked {
            interfaces,
            ..Asked::default()
        };
        let answer = copy_to(&stage, From::Message(&data), &to, &asked);
        let parts = held(&to.parts).len() + held(&to.recipients).len();
        (answer.status, to.text(PR_SUBJECT_W).is_some(), parts)
    };
    assert_eq!(with(&[IMAPIFolder::IID]), (S_OK, true, 4), "another kind's");
    assert_eq!(with(&[IMessage::IID]), (S_OK, true, 0));
    for iid in [IMAPIProp::IID, IUnknown::IID] {
        let none = (MAPI_E_INTERFACE_NOT_SUPPORTED, false, 0);
        assert_eq!(with(&[IMessage::IID, iid]), none);
    }
    let many = vec![IMessage::IID; 2000];
    assert_eq!(with(&many), (MAPI_E_TOO_BIG, false, 0));
}

#[test]
fn store_32_what_is_there_can_be_kept() {
    let stage = Stage::new();
    let (data, to) = (message(), node(&stage));
    let old = PropValue::from("Old").into_owned();
    held(&to.props).insert(PR_SUBJECT_W.id(), old);
    held(&to.recipients).push(Row::default());
    let asked = Asked {
        flags: CopyFlags::MAPI_NOREPLACE,
        ..Asked::default()
    };
    assert_eq!(copy_to(&stage, From::Message(&data), &to, &asked), done());
    assert_eq!(to.text(PR_SUBJECT_W).as_deref(), Some("Old"));
    assert!(to.get(PR_IMPORTANCE.id()).is_some());
    assert_eq!(held(&to.recipients).len(), 1);
    assert_eq!(to.saved().len(), 2);
    assert_eq!(copy_to(&stage, From::Message(&data), &to, &asked), done());
    assert_eq!(to.saved().len(), 2, "there are some by now");
    assert_eq!(
        copy_to(&stage, From::Message(&data), &to, &Asked::default()),
        done()
    );
    assert_eq!(to.text(PR_SUBJECT_W).as_deref(), Some("Lunch"));
    assert_eq!(names(&held(&to.recipients)), ["Ann", "Bob"]);
    assert_eq!(to.saved().len(), 4);
}

#[test]
fn store_32_what_was_moved_is_removed_and_nothing_else() {
    let stage = Stage::new();
    let data = message();
    let mut rules = Rules::new(stage.allocators());
    rules.refused = BTreeMap::from([(PR_IMPORTANCE.id(), MAPI_E_NO_ACCESS)]);
    rules.computed = vec![PR_MESSAGE_FLAGS.id()];
    let to = Node::root(rules);
    let asked = Asked {
        flags: CopyFlags::MAPI_MOVE | CopyFlags::MAPI_DECLINE_OK,
        ..Asked::default()
    };
    let answer = copy_to(&stage, From::Message(&data), &to, &asked);
    let mut removed = answer.removed.clone();
    removed.sort_unstable();
    let mut expected = [
        PR_SUBJECT_W.id(),
        PR_MESSAGE_RECIPIENTS.id(),
        PR_MESSAGE_ATTACHMENTS.id(),
    ];
    expected.sort_unstable();
    assert_eq!(removed, expected);
    assert_eq!(answer.status, S_OK);
    let problems: Vec<_> = answer.problems.iter().map(|one| (one.1, one.2)).collect();
    assert!(problems.contains(&(PR_IMPORTANCE.id(), MAPI_E_NO_ACCESS)));
    assert!(problems.contains(&(PR_MESSAGE_FLAGS.id(), MAPI_E_COMPUTED)));
    let reading = Asked {
        is_writable: false,
        ..asked
    };
    let answer = copy_to(&stage, From::Message(&data), &to, &reading);
    assert_eq!(answer, refused(MAPI_E_NO_ACCESS));
}

#[test]
fn store_32_only_what_is_named_is_copied_by_copy_props() {
    let stage = Stage::new();
    let (data, to) = (message(), node(&stage));
    let tags = [PR_SUBJECT_A, PR_BODY_W, PR_ENTRYID, PR_MESSAGE_ATTACHMENTS];
    let answer = copy_props(&stage, From::Message(&data), &to, &tags);
    let problems = vec![
        (1, PR_BODY_W.id(), MAPI_E_NOT_FOUND),
        (2, PR_ENTRYID.id(), MAPI_E_COMPUTED),
    ];
    assert_eq!(answer, Answer { problems, ..done() });
    assert_eq!(to.text(PR_SUBJECT_W).as_deref(), Some("Lunch"));
    assert_eq!(to.get(PR_IMPORTANCE.id()), None);
    assert!(held(&to.recipients).is_empty());
    assert_eq!(to.saved().len(), 2);
    let answer = copy_props(&stage, From::Message(&data), &to, &[]);
    assert_eq!(answer, refused(MAPI_E_INVALID_PARAMETER));
}

#[test]
fn store_32_an_object_is_not_copied_onto_itself() {
    let stage = Stage::new();
    let (data, to) = (message(), node(&stage));
    let (from, itself) = (From::Message(&data), to.message());
    let answer = copy(&stage, from, &itself, &itself, &Asked::default(), false);
    assert_eq!(answer, refused(MAPI_E_NO_ACCESS));
    // Nor to another object that is the same.
    let key = b"a key".to_vec();
    let store = PropValue::from(stage.store.uid().to_vec());
    held(&to.props).insert(PR_RECORD_KEY.id(), PropValue::from(key.clone()));
    held(&to.props).insert(
        PR_OBJECT_TYPE.id(),
        PropValue::Long(MAPI_MESSAGE.cast_signed()),
    );
    let asked = Asked {
        record_key: Some(key),
        ..Asked::default()
    };
    assert_eq!(
        copy_to(&stage, from, &to, &asked),
        done(),
        "of another store"
    );
    held(&to.props).insert(PR_STORE_RECORD_KEY.id(), store);
    assert_eq!(
        copy_to(&stage, from, &to, &asked),
        refused(MAPI_E_NO_ACCESS)
    );
    // An attachment has its own key.
    let attached = attachment(5, "a");
    let key = PropValue::from(5_u64.to_le_bytes().to_vec());
    held(&to.props).insert(PR_RECORD_KEY.id(), key);
    let from = From::Attachment(&attached);
    assert_eq!(copy_to(&stage, from, &to, &Asked::default()), done());
    held(&to.props).insert(
        PR_OBJECT_TYPE.id(),
        PropValue::Long(MAPI_ATTACH.cast_signed()),
    );
    let answer = copy_to(&stage, from, &to, &Asked::default());
    assert_eq!(answer, refused(MAPI_E_NO_ACCESS));
}

#[test]
fn store_32_a_destination_must_have_the_interface() {
    let stage = Stage::new();
    let (data, to) = (message(), node(&stage));
    let (table, shown): (_, Arc<Mutex<_>>) = (to.attachment(), Arc::default());
    // Properties go to whatever has them; recipients and attachments only to messages.
    let from = From::Message(&data);
    let object = node(&stage).message();
    let answer = copy(&stage, from, &object, &table, &Asked::default(), false);
    assert_eq!(answer.status, S_OK);
    let problems: Vec<_> = answer.problems.iter().map(|one| (one.1, one.2)).collect();
    let without = MAPI_E_INTERFACE_NOT_SUPPORTED;
    let expected = [PR_MESSAGE_RECIPIENTS, PR_MESSAGE_ATTACHMENTS].map(|tag| (tag.id(), without));
    assert_eq!(problems, expected);
    let other: IMAPIProgress = ObjectRef::new(MockProgress {
        is_top: true,
        shown,
        answer: S_OK,
    })
    .into_interface();
    let answer = copy(&stage, from, &object, &other, &Asked::default(), false);
    assert_eq!(answer, refused(without));
}

#[test]
fn store_32_progress_is_shown_and_may_stop_it() {
    let stage = Stage::new();
    let data = message();
    let shown: Arc<Mutex<Vec<_>>> = Arc::default();
    let display = |is_top, answer| -> IMAPIProgress {
        let shown = Arc::clone(&shown);
        let progress = MockProgress {
            is_top,
            shown,
            answer,
        };
        ObjectRef::new(progress).into_interface()
    };
    let asked = |progress, flags| Asked {
        progress,
        flags,
        ..Asked::default()
    };
    let from = From::Message(&data);
    let dialog = CopyFlags::MAPI_DIALOG;
    let call = |asked: &Asked<'_>| copy_to(&stage, from, &node(&stage), asked);
    assert_eq!(call(&asked(Some(display(true, S_OK)), dialog)), done());
    let steps = std::mem::take(&mut *held(&shown));
    assert_eq!(steps, [(250, 1, 4), (500, 2, 4), (750, 3, 4), (1000, 4, 4)]);
    // Below another operation counts are none of its affair.
    assert_eq!(call(&asked(Some(display(false, S_OK)), dialog)), done());
    let steps = std::mem::take(&mut *held(&shown));
    assert_eq!(steps[3], (1000, 0, 0));
    // Without the flag nothing is shown, and without a display MAPI has one.
    assert_eq!(
        call(&asked(Some(display(true, S_OK)), CopyFlags::empty())),
        done()
    );
    assert_eq!(call(&asked(None, dialog)), done());
    assert!(held(&shown).is_empty());
    *held(&stage.progress) = Some(display(true, MAPI_E_USER_CANCEL));
    assert_eq!(call(&asked(None, dialog)), refused(MAPI_E_USER_CANCEL));
    assert_eq!(held(&shown).len(), 1);
    *held(&stage.progress) = None;
}

#[test]
fn store_32_nothing_is_locked_while_the_destination_is_called() {
    let stage = Stage::new();
    let mut data = message();
    data.props
        .put(PR_HTML.id(), large(&stage, PT_BINARY, &[7; 20_000]));
    let mut rules = Rules::new(stage.allocators());
    let shared = Arc::clone(&stage.shared);
    rules.then = Box::new(move || {
        // On another thread, which no lock of this one lets in.
        let shared = Arc::clone(&shared);
        let other = std::thread::spawn(move || {
            shared.write(|tx| {
                tx.change_store(|props| {
                    props.set_tag(PR_COMMENT_W, "changed");
                    Ok(())
                })
            })
        });
        other.join().expect("no panic").expect("written");
    });
    let to = Node::root(rules);
    assert_eq!(
        copy_to(&stage, From::Message(&data), &to, &Asked::default()),
        done()
    );
    assert_eq!(to.saved().len(), 2);
}
