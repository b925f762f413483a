//! Users, lists, their details, and what is not there: AB-27 to AB-31.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    ControlFlags, CopyEntriesFlags, CreateEntryFlags, DTBLEDIT, DTCT_EDIT, DTCT_PAGE,
    IMAPIAdviseSink, IMAPITable, MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND, MAPI_MAILUSER,
    NotificationEvents, OpenPropertyFlags, PR_ADDRTYPE_W, PR_CONTROL_FLAGS, PR_CONTROL_ID,
    PR_CONTROL_STRUCTURE, PR_CONTROL_TYPE, PR_CREATE_TEMPLATES, PR_DEF_CREATE_DL,
    PR_DEF_CREATE_MAILUSER, PR_DELTAX, PR_DELTAY, PR_DETAILS_TABLE, PR_DISPLAY_NAME_W,
    PR_DISPLAY_TYPE, PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_OBJECT_TYPE, PR_RECORD_KEY, PR_SEARCH,
    PR_SEARCH_KEY, PR_SEND_RICH_INFO, PR_SMTP_ADDRESS_W, PR_XPOS, PR_YPOS, PT_STRING8, PT_UNICODE,
    PropTag, SBinaryArray, UnicodeFlags,
};
use mapi_provider_host::{BookObject, Profile, Value};
use windows_core::{IUnknown, Interface};

use crate::rig::{self, Rig, binary, few, list, long, person, text, value};

#[test]
fn ab_27_a_user_has_what_its_row_has() {
    let rig = Rig::new(few());
    let tags = [
        PR_ADDRTYPE_W,
        PR_DISPLAY_NAME_W,
        PR_DISPLAY_TYPE,
        PR_EMAIL_ADDRESS_W,
        PR_ENTRYID,
        PR_OBJECT_TYPE,
        PR_RECORD_KEY,
        PR_SEARCH_KEY,
        PR_SMTP_ADDRESS_W,
        PR_SEND_RICH_INFO,
    ];
    let contents = rig.container("All").contents().expect("contents");
    contents.set_columns(&tags).expect("SetColumns");
    for row in contents.all().expect("all rows") {
        let object = rig.book.open(&binary(&row, PR_ENTRYID)).expect("OpenEntry");
        assert_eq!(object.properties(&tags).expect("GetProps"), row);
    }
    let ann = rig.entry("Ann Lee").properties(&tags).expect("GetProps");
    assert_eq!(long(&ann, PR_OBJECT_TYPE), MAPI_MAILUSER);
    assert_eq!(binary(&ann, PR_SEARCH_KEY), b"SMTP:ANN@EXAMPLE.ORG\0");
    assert_eq!(text(&ann, PR_SMTP_ADDRESS_W), "ann@example.org");
    assert_eq!(value(&ann, PR_SEND_RICH_INFO), Some(&Value::Boolean(false)));
    drop(contents);
    rig.finish();
}

#[test]
fn ab_27_an_internet_address_is_told_where_there_is_one() {
    let mut smtp = person("Ann Lee", "ann@example.org");
    smtp.address_type = Some("SMTP".to_owned());
    let book = rig::book(vec![smtp, person("Bob Miller", "/o=x/cn=bob")]);
    let rig = Rig::of(&rig::small::PROVIDER, &Profile::in_memory(), book);
    let told = |name: &str| {
        let entry = rig.entry(name);
        (
            entry.property(PR_ADDRTYPE_W),
            entry.property(PR_SMTP_ADDRESS_W),
        )
    };
    let address = Some(Value::from("ann@example.org"));
    assert_eq!(told("Ann Lee"), (Some(Value::from("SMTP")), address));
    // The manifest's type is what an entry has that names none.
    assert_eq!(told("Bob Miller"), (Some(Value::from("EX")), None));
    rig.finish();
}

#[test]
fn ab_28_a_list_has_its_members_and_an_address_where_it_has_one() {
    let mut book = few();
    let mut sales = list("Sales", &["Bob Miller", "gone", "Team"]);
    sales.address = Some("sales@example.org".to_owned());
    book.people.push(sales);
    let rig = Rig::new(book);
    let names = |list: &BookObject| {
        let members = list.entries().expect("its members");
        members
            .into_iter()
            .map(|member| member.name)
            .collect::<Vec<_>>()
    };
    let (team, sales) = (rig.entry("Team"), rig.entry("Sales"));
    assert_eq!(names(&team), ["Ann Lee", "Bob Miller"]);
    // One level: what is in a list of the list is not there.
    assert_eq!(names(&sales), ["Bob Miller", "Team"]);
    assert_eq!(team.property(PR_ADDRTYPE_W), Some(Value::from("MAPIPDL")));
    assert_eq!(team.property(PR_EMAIL_ADDRESS_W), None);
    assert_eq!(sales.property(PR_ADDRTYPE_W), Some(Value::from("SMTP")));
    let address = Some(Value::from("sales@example.org"));
    assert_eq!(sales.property(PR_EMAIL_ADDRESS_W), address);
    drop((team, sales));
    rig.finish();
}

#[test]
fn ab_28_lists_in_each_other_and_long_ones_end() {
    let mut people: Vec<_> = (0..40)
        .map(|number| person(&format!("P{number:02}"), "p@x"))
        .collect();
    let members: Vec<String> = people.iter().map(|person| person.key.clone()).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    people.push(list("Long", &members));
    people.push(list("One", &["Other", "One"]));
    people.push(list("Other", &["One"]));
    // The container shows five entries; the list has forty.
    people.rotate_right(3);
    let rig = Rig::of(
        &rig::small::PROVIDER,
        &Profile::in_memory(),
        rig::book(people),
    );
    let open = |name: &str| {
        let found = rig.container("All").search(name).expect("a search");
        rig.book
            .open(&found.expect("a list").entry_id)
            .expect("OpenEntry")
    };
    assert_eq!(open("Long").entries().expect("members").len(), 40);
    let one = open("One").entries().expect("members");
    assert_eq!(one.len(), 2);
    let other = rig.book.open(&one[1].entry_id).expect("OpenEntry");
    assert_eq!(other.entries().expect("members").len(), 1);
    drop(other);
    rig.finish();
}

/// The tag that an edit shows.
fn edits(structure: &[u8]) -> PropTag {
    let at = std::mem::offset_of!(DTBLEDIT, ulPropTag);
    let bytes: [u8; 4] = structure[at..at + 4].try_into().expect("four bytes");
    PropTag(u32::from_ne_bytes(bytes))
}

#[test]
fn ab_29_the_details_are_a_page_that_nobody_can_edit() {
    let rig = Rig::new(few());
    let mut shown = Vec::new();
    for object in [
        rig.entry("Ann Lee"),
        rig.entry("Team"),
        rig.container("All"),
    ] {
        let table = object.open_table(PR_DETAILS_TABLE).expect("OpenProperty");
        let rows = table.all().expect("all rows");
        assert_eq!(long(&rows[0], PR_CONTROL_TYPE), DTCT_PAGE);
        let mut ids: Vec<_> = rows.iter().map(|row| binary(row, PR_CONTROL_ID)).collect();
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for row in &rows {
            for tag in [PR_XPOS, PR_YPOS, PR_DELTAX, PR_DELTAY] {
                long(row, tag);
            }
            let flags = ControlFlags::from_bits_retain(long(row, PR_CONTROL_FLAGS));
            assert!(!flags.contains(ControlFlags::DT_EDITABLE), "{row:?}");
            if long(row, PR_CONTROL_TYPE) == DTCT_EDIT {
                let tag = edits(&binary(row, PR_CONTROL_STRUCTURE));
                assert!(matches!(tag.prop_type(), PT_UNICODE | PT_STRING8), "{tag}");
                let told = object.properties(&[tag]).expect("GetProps");
                match &told[0].value {
                    Value::Unicode(text) => shown.push(text.clone()),
                    Value::String8(_) => {}
                    other => assert_eq!(other, &Value::Error(MAPI_E_NOT_FOUND)),
                }
            }
        }
    }
    for text in ["Ann Lee", "ann@example.org", "+1 555"] {
        assert!(shown.iter().any(|one| one == text), "{text} in {shown:?}");
    }
    rig.finish();
}

#[test]
fn ab_30_nothing_is_created_copied_or_deleted() {
    let rig = Rig::new(few());
    let (ann, all) = (rig.entry_id("Ann Lee"), rig.container("All"));
    let garbage = || ptr::without_provenance_mut::<c_void>(usize::MAX);
    let mut entries = SBinaryArray {
        cValues: 0,
        lpbin: ptr::null_mut(),
    };
    let mut out = garbage();
    let logon = rig.book.interface();
    let container = all.resolver().expect("a container");
    let id = ann.as_ptr().cast_mut().cast();
    let size = ann.len() as u32;
    // SAFETY: the bytes and the places are live; the lists are empty.
    unsafe {
        let status = logon.GetOneOffTable(UnicodeFlags::MAPI_UNICODE, &mut out);
        assert_eq!((status, out.is_null()), (MAPI_E_NO_SUPPORT, true));
        out = garbage();
        let data = all.interface().as_raw();
        let flags = Default::default();
        let none = ptr::null_mut();
        let status = logon.OpenTemplateID(size, id, flags, data, ptr::null(), &mut out, none);
        assert_eq!((status, out.is_null()), (MAPI_E_NO_SUPPORT, true));
        out = garbage();
        let status = container.CreateEntry(size, id, CreateEntryFlags::empty(), &mut out);
        assert_eq!((status, out.is_null()), (MAPI_E_NO_SUPPORT, true));
        let flags = CopyEntriesFlags::empty();
        let status = container.CopyEntries(&mut entries, 0, ptr::null_mut(), flags);
        assert_eq!(status, MAPI_E_NO_SUPPORT);
        assert_eq!(container.DeleteEntries(&mut entries, 0), MAPI_E_NO_SUPPORT);
        let status =
            container.SetSearchCriteria(ptr::null_mut(), ptr::null_mut(), Default::default());
        assert_eq!(status, MAPI_E_NO_SUPPORT);
        for tag in [PR_CREATE_TEMPLATES, PR_SEARCH] {
            out = garbage();
            let iid = &IMAPITable::IID;
            let flags = OpenPropertyFlags::empty();
            let status = all.interface().OpenProperty(tag, iid, 0, flags, &mut out);
            assert_eq!((status, out.is_null()), (MAPI_E_NO_SUPPORT, true), "{tag}");
        }
    }
    for tag in [PR_DEF_CREATE_MAILUSER, PR_DEF_CREATE_DL] {
        assert_eq!(all.property(tag), None);
    }
    drop(all);
    rig.finish();
}

/// A sink that nobody ever calls.
#[derive(mapi_provider::MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
struct Sink;

impl mapi_provider::abi::IMAPIAdviseSink_Impl for Sink {}

#[test]
fn ab_31_nobody_is_told_of_changes() {
    let rig = Rig::new(few());
    let sink = mapi_provider::object::ObjectRef::new(Sink);
    let sink: IMAPIAdviseSink = sink.into_interface();
    let unknown: IUnknown = sink.cast().expect("IUnknown");
    let before = mapi_provider_host::count(&unknown);
    let all = rig.container("All");
    let contents = all.contents().expect("contents");
    let ann = rig.entry_id("Ann Lee");
    let events = NotificationEvents::fnevTableModified;
    // SAFETY: the sink is alive, and the places are locals.
    unsafe {
        let (id, size) = (ann.as_ptr().cast_mut().cast(), ann.len() as u32);
        let mut connection = usize::MAX;
        let logon = rig.book.interface();
        let status = logon.Advise(size, id, events, sink.as_raw(), &mut connection);
        assert_eq!((status, connection), (MAPI_E_NO_SUPPORT, 0));
        connection = usize::MAX;
        let table = contents.interface();
        let status = table.Advise(events, sink.as_raw(), &mut connection);
        assert_eq!((status, connection), (MAPI_E_NO_SUPPORT, 0));
    }
    assert_eq!(mapi_provider_host::count(&unknown), before);
    drop((all, contents));
    rig.finish();
}
