//! Copies of messages and attachments to another store's.

mod content;
mod which;

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

/// A large value, in the store.
fn large(stage: &Stage, prop_type: u32, bytes: &[u8]) -> Property {
    let mut staged = stage.store.new_blob().expect("new");
    staged.write_at(0, bytes).expect("written");
    staged.property(prop_type).expect("staged")
}

fn names(rows: &[Row<'static>]) -> Vec<String> {
    let name = |row: &Row<'static>| row.get(PR_DISPLAY_NAME_W)?.to_text();
    rows.iter().filter_map(name).collect()
}
