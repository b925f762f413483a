//! What goes along.

use mapi_provider_abi::mapi::*;

use super::*;

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
