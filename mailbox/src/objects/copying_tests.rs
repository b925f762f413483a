//! Copies of messages and attachments to another store's.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ptr;
use std::sync::{Arc, Mutex};

use mapi_provider_abi::mapi::*;
use mapi_provider_abi::object::ObjectRef;
use mapi_provider_abi::view::{Limits, NameId, PropName, PropProblems, PropTags, PropValue, Row};

use super::copying::{self, CopyProps, CopyTo, From, Origin, Target};
use super::fault::Result;
use super::object_mock::{FIRST_NAME, MockProgress, Node, Rules, held};
use super::testing::Stage;
use crate::database::{
    Attachment, AttachmentId, DEEPEST, MessageData, Property, PropertySet, Recipient,
};

/// What a copy is asked for besides.
struct Asked<'a> {
    interfaces: &'a [GUID],
    tags: Option<&'a [PropTag]>,
    flags: CopyFlags,
    record_key: Option<Vec<u8>>,
    is_writable: bool,
    progress: Option<IMAPIProgress>,
}

impl Default for Asked<'_> {
    fn default() -> Self {
        Self {
            interfaces: &[],
            tags: None,
            flags: CopyFlags::empty(),
            record_key: None,
            is_writable: true,
            progress: None,
        }
    }
}

/// How a call went.
#[derive(Debug, PartialEq)]
struct Answer {
    status: HRESULT,
    problems: Vec<(u32, u16, HRESULT)>,
    removed: Vec<u16>,
}

fn done() -> Answer {
    Answer {
        status: S_OK,
        problems: Vec::new(),
        removed: Vec::new(),
    }
}

fn refused(status: HRESULT) -> Answer {
    Answer { status, ..done() }
}

/// `CopyTo` or, with `these`, `CopyProps`.
fn copy(
    stage: &Stage,
    from: From<'_>,
    object: &IUnknown,
    to: &IUnknown,
    asked: &Asked<'_>,
    these: bool,
) -> Answer {
    let removed = RefCell::new(Vec::new());
    let remove = |tags: &[PropTag]| -> Result<()> {
        removed.borrow_mut().extend(tags.iter().map(|tag| tag.id()));
        Ok(())
    };
    let origin = Origin {
        object: object.clone(),
        record_key: asked.record_key.clone(),
        remove: if asked.is_writable {
            Some(&remove)
        } else {
            None
        },
    };
    let tags = asked
        .tags
        .map(|tags| stage.allocators().build(&PropTags::from(tags)));
    let tags = tags.map(|tags| tags.expect("memory"));
    let tags = tags.as_ref().map_or(ptr::null_mut(), |tags| tags.as_ptr());
    let mut problems = ptr::null_mut();
    let progress = asked.progress.as_ref();
    let target = Target {
        interface: &IMAPIProp::IID,
        object: to.as_raw(),
        flags: asked.flags,
        window: 0,
        progress: progress.map_or(ptr::null_mut(), Interface::as_raw),
        problems: &raw mut problems,
    };
    // SAFETY: live objects and arrays.
    let answered = unsafe {
        if these {
            let arguments = CopyProps {
                origin,
                included: tags,
                target,
            };
            copying::copy_props(&stage.shared, from, &arguments)
        } else {
            let arguments = CopyTo {
                origin,
                interface_count: asked.interfaces.len() as u32,
                interfaces: asked.interfaces.as_ptr(),
                excluded: tags,
                target,
            };
            copying::copy_to(&stage.shared, from, &arguments)
        }
    };
    // SAFETY: NULL or what was given.
    let problems = unsafe { stage.allocators().adopt(problems, 1) };
    let problems = problems.map(|problems| {
        let read: PropProblems = problems.read(&Limits::default()).expect("well-formed");
        let one =
            |one: &mapi_provider_abi::view::PropProblem| (one.index, one.tag.id(), one.status);
        read.0.iter().map(one).collect()
    });
    Answer {
        status: answered.unwrap_or_else(|fault| fault.status),
        problems: problems.unwrap_or_default(),
        removed: removed.into_inner(),
    }
}

fn copy_to(stage: &Stage, from: From<'_>, to: &Arc<Node>, asked: &Asked<'_>) -> Answer {
    let object = Node::root(Rules::new(stage.allocators())).message();
    copy(stage, from, &object, &to.message(), asked, false)
}

fn copy_props(stage: &Stage, from: From<'_>, to: &Arc<Node>, tags: &[PropTag]) -> Answer {
    let asked = Asked {
        tags: Some(tags),
        ..Asked::default()
    };
    let object = Node::root(Rules::new(stage.allocators())).message();
    copy(stage, from, &object, &to.message(), &asked, true)
}

fn node(stage: &Stage) -> Arc<Node> {
    Node::root(Rules::new(stage.allocators()))
}

fn recipient(row: u32, name: &str) -> Recipient {
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, name);
    let props = Arc::new(props);
    Recipient { row, props }
}

fn attachment(number: i64, name: &str) -> Attachment {
    let mut props = PropertySet::default();
    props.set_tag(PR_ATTACH_FILENAME_W, name);
    Attachment {
        id: AttachmentId::new(number),
        props,
        embedded: None,
    }
}

/// A message with recipients, an attachment, and one with a message in it.
fn message() -> MessageData {
    let mut data = MessageData::default();
    data.props.set_tag(PR_SUBJECT_W, "Lunch");
    data.props.set_tag(PR_IMPORTANCE, 2);
    let flags = MessageFlags::UNSENT | MessageFlags::SUBMIT;
    let flags = PropValue::Long(flags.bits().cast_signed());
    data.props.set_tag(PR_MESSAGE_FLAGS, flags);
    data.recipients = vec![recipient(3, "Ann"), recipient(7, "Bob")];
    let mut inner = MessageData::default();
    inner.props.set_tag(PR_SUBJECT_W, "Inner");
    inner.recipients = vec![recipient(0, "Cid")];
    let embedded = Attachment {
        embedded: Some(Arc::new(inner)),
        ..attachment(2, "inner")
    };
    let all = [attachment(1, "menu.txt"), embedded];
    data.attachments = (0..).zip(all.map(Arc::new)).collect();
    data
}

fn names(rows: &[Row<'static>]) -> Vec<String> {
    let name = |row: &Row<'static>| row.get(PR_DISPLAY_NAME_W)?.to_text();
    rows.iter().filter_map(name).collect()
}

#[test]
fn store_32_all_of_a_message_goes_along() {
    let stage = Stage::new();
    let (data, to) = (message(), node(&stage));
    assert_eq!(
        copy_to(&stage, From::Message(&data), &to, &Asked::default()),
        done()
    );
    assert_eq!(to.text(PR_SUBJECT_W).as_deref(), Some("Lunch"));
    let unsent = MessageFlags::UNSENT.bits().cast_signed();
    assert_eq!(
        to.get(PR_MESSAGE_FLAGS.id()),
        Some(PropValue::Long(unsent)),
        "it is not sent"
    );
    let rows = held(&to.recipients).clone();
    assert_eq!(names(&rows), ["Ann", "Bob"]);
    let row = &rows[0];
    assert_eq!(
        row.get(PR_RECIPIENT_TYPE),
        Some(&PropValue::Long(1)),
        "STORE-28"
    );
    assert_eq!(row.get(PR_ROWID), None, "the other store numbers them");
    let attachments = to.saved();
    assert_eq!(attachments.len(), 2);
    let name = |node: &Arc<Node>| node.text(PR_ATTACH_FILENAME_W);
    assert_eq!(name(&attachments[0]).as_deref(), Some("menu.txt"));
    let inner = attachments[1].saved();
    assert_eq!(inner[0].text(PR_SUBJECT_W).as_deref(), Some("Inner"));
    assert_eq!(names(&held(&inner[0].recipients)), ["Cid"]);
    assert!(
        !to.is_saved.load(std::sync::atomic::Ordering::Relaxed),
        "the caller saves"
    );
}

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
fn store_32_names_have_the_ids_of_the_destination() {
    let stage = Stage::new();
    let name = |text: &'static str| PropName {
        set: GUID::from_u128(7),
        id: NameId::Text(text.encode_utf16().collect()),
    };
    let ids = stage.store.ids_of_names(&[name("a"), name("b")], true);
    let ids: Vec<u16> = ids.expect("named").into_iter().flatten().collect();
    let unknown = 0xF000;
    let mut data = MessageData::default();
    for (id, value) in [(ids[1], "b"), (ids[0], "a"), (unknown, "?")] {
        data.props.set(id, PropValue::from(value).into_owned());
    }
    let mut named = PropertySet::clone(&recipient(1, "Ann").props);
    named.set(ids[1], PropValue::from("of Ann").into_owned());
    data.recipients = vec![Recipient {
        row: 1,
        props: Arc::new(named),
    }];
    let to = node(&stage);
    let answer = copy_to(&stage, From::Message(&data), &to, &Asked::default());
    assert_eq!(answer.problems, [(2, unknown, MAPI_E_NOT_FOUND)]);
    for text in ["a", "b"] {
        let there = to.id_of(&name(text)).expect("it has one");
        assert!(there >= FIRST_NAME);
        assert_eq!(to.get(there), Some(PropValue::from(text).into_owned()));
    }
    let tag = PropTag::new(to.id_of(&name("b")).expect("it has one"), PT_UNICODE);
    let of_ann = held(&to.recipients)[0]
        .get(tag)
        .and_then(PropValue::to_text);
    assert_eq!(of_ann.as_deref(), Some("of Ann"));
    // Where the mapping is the same, the IDs are.
    let to = node(&stage);
    let signature = PropValue::from(stage.store.uid().to_vec());
    held(&to.props).insert(PR_MAPPING_SIGNATURE.id(), signature);
    assert_eq!(
        copy_to(&stage, From::Message(&data), &to, &Asked::default()),
        done()
    );
    for id in [ids[0], ids[1], unknown] {
        assert!(to.get(id).is_some());
    }
}

/// A large value, in the store.
fn large(stage: &Stage, prop_type: u32, bytes: &[u8]) -> Property {
    let mut staged = stage.store.new_blob().expect("new");
    staged.write_at(0, bytes).expect("written");
    staged.property(prop_type).expect("staged")
}

#[test]
fn store_32_large_values_go_as_streams() {
    let stage = Stage::new();
    let text: String = "Grüße ".repeat(50_000);
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut data = MessageData::default();
    data.props
        .put(PR_BODY_W.id(), large(&stage, PT_UNICODE, &units));
    let tagged = large(&stage, PT_BINARY, &[7; 300_000]);
    data.props.put(PR_HTML.id(), tagged);
    let mut ole = attachment(1, "sheet");
    let object = large(&stage, PT_OBJECT, b"\xD0\xCF");
    ole.props.put(PR_ATTACH_DATA_OBJ.id(), object);
    data.attachments.insert(0, Arc::new(ole));
    for (takes_transacted, most) in [(true, u32::MAX), (false, 1000)] {
        let rules = Rules {
            takes_transacted,
            most,
            ..Rules::new(stage.allocators())
        };
        let to = Node::root(rules);
        assert_eq!(
            copy_to(&stage, From::Message(&data), &to, &Asked::default()),
            done()
        );
        assert_eq!(to.text(PR_BODY_W), Some(text.clone()));
        let html = to.get(PR_HTML.id());
        assert_eq!(html, Some(PropValue::from(vec![7; 300_000])));
        assert_eq!(*held(&to.commits), 2);
        let ole = &to.saved()[0];
        let bytes = PropValue::from(b"\xD0\xCF".to_vec());
        assert_eq!(ole.get(PR_ATTACH_DATA_OBJ.id()), Some(bytes));
    }
    // One without streams gets whole what is not too much.
    let much = large(&stage, PT_BINARY, &vec![1; 2 << 20]);
    data.props.put(PR_HTML.id(), much);
    data.attachments.clear();
    let rules = Rules {
        has_streams: false,
        ..Rules::new(stage.allocators())
    };
    let to = Node::root(rules);
    let answer = copy_to(&stage, From::Message(&data), &to, &Asked::default());
    assert_eq!(to.text(PR_BODY_W), Some(text));
    assert_eq!(answer.problems, [(1, PR_HTML.id(), MAPI_E_NO_SUPPORT)]);
}

#[test]
fn store_32_a_stream_that_takes_nothing_is_a_problem_and_no_endless_loop() {
    let stage = Stage::new();
    let mut data = MessageData::default();
    data.props
        .put(PR_HTML.id(), large(&stage, PT_BINARY, &[7; 20_000]));
    let rules = Rules {
        most: 0,
        ..Rules::new(stage.allocators())
    };
    let answer = copy_to(
        &stage,
        From::Message(&data),
        &Node::root(rules),
        &Asked::default(),
    );
    assert_eq!(answer.problems, [(0, PR_HTML.id(), STG_E_WRITEFAULT)]);
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
fn store_32_a_call_that_is_refused_as_a_whole_is_made_for_each_property() {
    let stage = Stage::new();
    let data = message();
    let rules = Rules {
        only_one: Some(MAPI_E_INVALID_PARAMETER),
        ..Rules::new(stage.allocators())
    };
    let to = Node::root(rules);
    assert_eq!(
        copy_to(&stage, From::Message(&data), &to, &Asked::default()),
        done()
    );
    assert_eq!(to.text(PR_SUBJECT_W).as_deref(), Some("Lunch"));
    // Where none is taken, the call has failed.
    let mut rules = Rules::new(stage.allocators());
    let ids = [PR_SUBJECT_W, PR_IMPORTANCE, PR_MESSAGE_FLAGS].map(|tag| tag.id());
    rules.refused = ids.into_iter().map(|id| (id, MAPI_E_NO_ACCESS)).collect();
    rules.only_one = Some(MAPI_E_NO_ACCESS);
    let answer = copy_to(
        &stage,
        From::Message(&data),
        &Node::root(rules),
        &Asked::default(),
    );
    assert_eq!(answer, refused(MAPI_E_NO_ACCESS));
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
fn store_32_messages_that_are_nested_too_deep_are_refused() {
    let stage = Stage::new();
    let nested = |depth: usize| {
        let mut data = message();
        for _ in 0..depth {
            let embedded = Attachment {
                embedded: Some(Arc::new(data)),
                ..attachment(1, "inner")
            };
            data = MessageData::default();
            data.attachments.insert(0, Arc::new(embedded));
        }
        data
    };
    // The message has one in it already.
    let data = nested(DEEPEST - 1);
    let (to, asked) = (node(&stage), Asked::default());
    assert_eq!(copy_to(&stage, From::Message(&data), &to, &asked), done());
    let data = nested(DEEPEST + 1);
    let answer = copy_to(&stage, From::Message(&data), &node(&stage), &asked);
    assert_eq!(answer, refused(MAPI_E_TOO_COMPLEX));
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
