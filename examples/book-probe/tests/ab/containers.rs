//! The root, the containers and their tables: AB-11 to AB-14.

use mapi_provider::abi::{
    AddressContainerFlags, DT_GLOBAL, DT_LOCAL, GetContentsTableFlags, GetHierarchyTableFlags,
    IMAPIContainer, MAPI_ABCONT, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_NO_SUPPORT,
    OpenPropertyFlags, PR_AB_PROVIDER_ID, PR_COMMENT_W, PR_CONTAINER_CONTENTS, PR_CONTAINER_FLAGS,
    PR_CONTAINER_HIERARCHY, PR_DEPTH, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE, PR_ENTRYID,
    PR_INSTANCE_KEY, PR_OBJECT_TYPE, PR_STATUS, PropTag,
};
use mapi_provider::address_book::Container;
use mapi_provider_host::{BookObject, Profile, Status, Value};
use windows_core::Interface;

use crate::rig::{self, Rig, UID, binary, few, long, names, text};

/// Containers in containers.
fn nested() -> book_probe32::Book {
    let inside = |key: &str, name: &str, parent: &str| Container {
        parent: Some(parent.to_owned()),
        ..rig::container(key, name)
    };
    let mut book = few();
    book.containers.extend([
        inside("north", "North", "all"),
        inside("fjord", "Fjord", "north"),
        rig::container("zone", "Zone"),
    ]);
    book
}

fn flags(object: &BookObject) -> AddressContainerFlags {
    match object.property(PR_CONTAINER_FLAGS) {
        Some(Value::Long(bits)) => AddressContainerFlags::from_bits_retain(bits.cast_unsigned()),
        other => panic!("no flags: {other:?}"),
    }
}

#[test]
fn ab_11_the_root_has_containers_and_no_entries() {
    let rig = Rig::new(nested());
    let root = rig.book.root().expect("the root");
    let expected = AddressContainerFlags::SUBCONTAINERS | AddressContainerFlags::UNMODIFIABLE;
    assert_eq!(flags(&root), expected);
    let contents = root.contents().expect("contents");
    assert_eq!(contents.count().expect("GetRowCount"), 0);
    let first = root.hierarchy(GetHierarchyTableFlags::empty());
    assert_eq!(names(&first.expect("hierarchy")), ["All", "Zone"]);
    drop((root, contents));
    rig.finish();
}

#[test]
fn ab_11_a_container_has_a_hierarchy_where_it_has_children() {
    let rig = Rig::new(nested());
    for (name, has_children) in [
        ("All", true),
        ("North", true),
        ("Fjord", false),
        ("Zone", false),
    ] {
        let container = rig.container(name);
        let says = flags(&container).contains(AddressContainerFlags::SUBCONTAINERS);
        assert_eq!(says, has_children, "{name}");
        let table = container.hierarchy(GetHierarchyTableFlags::empty());
        match has_children {
            true => assert_eq!(table.expect("hierarchy").count().expect("GetRowCount"), 1),
            false => {
                let status = table.err().map(|failure| failure.status);
                assert_eq!(status, Some(Status(MAPI_E_NO_SUPPORT)), "{name}");
            }
        }
    }
    rig.finish();
}

#[test]
fn ab_12_a_hierarchy_row_has_its_columns_and_its_place_in_the_tree() {
    let rig = Rig::new(nested());
    let root = rig.book.root().expect("the root");
    let table = root.hierarchy(GetHierarchyTableFlags::CONVENIENT_DEPTH);
    let table = table.expect("hierarchy");
    let rows = table.all().expect("all rows");
    let shown: Vec<(u32, String)> = rows
        .iter()
        .map(|row| (long(row, PR_DEPTH), text(row, PR_DISPLAY_NAME_W)))
        .collect();
    let expected = [(0, "All"), (1, "North"), (2, "Fjord"), (0, "Zone")];
    assert_eq!(
        shown,
        expected.map(|(depth, name)| (depth, name.to_owned()))
    );
    for row in &rows {
        let ids: Vec<u16> = row.iter().map(|property| property.id).collect();
        for tag in [PR_COMMENT_W, PR_INSTANCE_KEY, PR_STATUS] {
            assert!(ids.contains(&tag.id()), "{tag}");
        }
        assert_eq!(long(row, PR_OBJECT_TYPE), MAPI_ABCONT);
        assert_eq!(long(row, PR_DISPLAY_TYPE), DT_GLOBAL);
        assert_eq!(binary(row, PR_AB_PROVIDER_ID), UID);
        let object = rig.book.open(&binary(row, PR_ENTRYID)).expect("OpenEntry");
        assert_eq!(flags(&object).bits(), long(row, PR_CONTAINER_FLAGS));
    }
    drop((root, table));
    rig.finish();
}

#[test]
fn ab_12_thunderbird_finds_the_containers_of_recipients() {
    let rig = Rig::new(nested());
    let found = rig.book.thunderbird_folders().expect("a list");
    let named: Vec<_> = found
        .iter()
        .map(|container| container.property(PR_DISPLAY_NAME_W))
        .collect();
    let expected = ["All", "Zone"].map(|name| Some(Value::from(name)));
    assert_eq!(named, expected);
    let parents = rig.book.thunderbird_parents().expect("a list");
    assert_eq!(parents.len(), 1);
    drop((found, parents));
    rig.finish();
}

#[test]
fn ab_12_the_manifest_says_which_kind_of_list_it_is() {
    let rig = Rig::of(&rig::small::PROVIDER, &Profile::in_memory(), few());
    let all = rig.container("All");
    let shown = Value::Long(DT_LOCAL.cast_signed());
    assert_eq!(all.property(PR_DISPLAY_TYPE), Some(shown));
    drop(all);
    rig.finish();
}

#[test]
fn ab_13_a_container_can_not_be_modified_and_asks_for_a_name_where_that_is_said() {
    let usual = AddressContainerFlags::RECIPIENTS | AddressContainerFlags::UNMODIFIABLE;
    for (provider, expected) in [
        (&rig::usual::PROVIDER, usual),
        (
            &rig::careful::PROVIDER,
            usual | AddressContainerFlags::FIND_ON_OPEN,
        ),
    ] {
        let rig = Rig::of(provider, &Profile::in_memory(), few());
        let all = rig.container("All");
        assert_eq!(flags(&all), expected);
        drop(all);
        rig.finish();
    }
}

#[test]
fn ab_13_what_is_more_than_is_shown_asks_for_a_name() {
    let people = (0..9).map(|number| rig::person(&format!("P{number}"), "p"));
    let book = rig::book(people.collect());
    let rig = Rig::of(&rig::small::PROVIDER, &Profile::in_memory(), book);
    let all = rig.container("All");
    assert_eq!(all.entries().expect("entries").len(), 5);
    assert!(flags(&all).contains(AddressContainerFlags::FIND_ON_OPEN));
    drop(all);
    rig.finish();
}

#[test]
fn ab_14_both_ways_lead_to_equal_tables() {
    let rig = Rig::new(nested());
    let all = rig.container("All");
    let root = rig.book.root().expect("the root");
    let contents = all.contents().expect("contents").all().expect("all rows");
    let opened = all.open_table(PR_CONTAINER_CONTENTS).expect("OpenProperty");
    assert_eq!(opened.all().expect("all rows"), contents);
    drop(opened);
    let hierarchy = root.hierarchy(GetHierarchyTableFlags::empty());
    let hierarchy = hierarchy.expect("hierarchy").all().expect("all rows");
    let opened = root
        .open_table(PR_CONTAINER_HIERARCHY)
        .expect("OpenProperty");
    assert_eq!(opened.all().expect("all rows"), hierarchy);
    drop(opened);
    let associated = all.contents_with(GetContentsTableFlags::MAPI_ASSOCIATED);
    let status = associated.err().map(|failure| failure.status);
    assert_eq!(status, Some(Status(MAPI_E_NO_SUPPORT)));
    for tag in [PR_CONTAINER_CONTENTS, PR_CONTAINER_HIERARCHY] {
        another_interface(&all, tag);
        let listed = all.tags().expect("GetPropList");
        assert!(listed.iter().any(|one| one.id() == tag.id()), "{tag}");
        let told = all.properties(&[tag]).expect("GetProps");
        assert!(matches!(told[0].value, Value::Error(_)), "{told:?}");
    }
    drop((all, root));
    rig.finish();
}

fn another_interface(object: &BookObject, tag: PropTag) {
    let mut out = std::ptr::null_mut();
    let iid = &IMAPIContainer::IID;
    let flags = OpenPropertyFlags::empty();
    // SAFETY: the place is a local.
    let status = unsafe {
        object
            .interface()
            .OpenProperty(tag, iid, 0, flags, &mut out)
    };
    assert_eq!(status, MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert!(out.is_null());
}
