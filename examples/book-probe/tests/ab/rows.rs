//! Rows, their columns, and the cursor: AB-15, AB-16, AB-19 to AB-21.

use mapi_provider::abi::{
    DT_DISTLIST, DT_MAILUSER, FindRowFlags, MAPI_DISTLIST, MAPI_E_INVALID_PARAMETER,
    MAPI_E_NOT_FOUND, MAPI_MAILUSER, PR_ADDRTYPE_A, PR_ADDRTYPE_W, PR_BUSINESS_TELEPHONE_NUMBER_W,
    PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE, PR_DISPLAY_TYPE_EX, PR_EMAIL_ADDRESS_W,
    PR_ENTRYID, PR_INSTANCE_KEY, PR_OBJECT_TYPE, PR_RECORD_KEY, PR_SEARCH_KEY, PR_SEND_RICH_INFO,
    PR_SMTP_ADDRESS_W, PR_TRANSMITABLE_DISPLAY_NAME_W, PT_UNSPECIFIED, PropTag, QueryRowsFlags,
    S_OK, UnicodeFlags,
};
use mapi_provider::view::{
    Property as Sought, RelOp, Restriction, SortDirection, SortOrder, SortOrderSet,
};
use mapi_provider_host::{BookTable, Status, Value};

use crate::rig::{self, BEGINNING, END, Rig, binary, few, here, long, names, text, value};

/// The contents of the container.
fn table(rig: &Rig) -> BookTable {
    let table = rig.container("All").contents().expect("contents");
    table.set_columns(&[PR_DISPLAY_NAME_W]).expect("SetColumns");
    table
}

#[test]
fn ab_15_a_contents_row_has_its_columns() {
    let rig = Rig::new(few());
    let contents = rig.container("All").contents().expect("contents");
    let rows = contents.all().expect("all rows");
    assert_eq!(rows.len(), 4);
    for row in &rows {
        for tag in [
            PR_ADDRTYPE_W,
            PR_DISPLAY_NAME_W,
            PR_DISPLAY_TYPE,
            PR_ENTRYID,
            PR_INSTANCE_KEY,
            PR_OBJECT_TYPE,
            PR_RECORD_KEY,
            PR_EMAIL_ADDRESS_W,
            PR_SMTP_ADDRESS_W,
            PR_SEARCH_KEY,
            PR_SEND_RICH_INFO,
            PR_TRANSMITABLE_DISPLAY_NAME_W,
            PR_DISPLAY_TYPE_EX,
        ] {
            assert!(value(row, tag).is_some(), "{tag}");
        }
        let (kind, display) = match text(row, PR_DISPLAY_NAME_W) == "Team" {
            true => (MAPI_DISTLIST, DT_DISTLIST),
            false => (MAPI_MAILUSER, DT_MAILUSER),
        };
        assert_eq!(long(row, PR_OBJECT_TYPE), kind);
        assert_eq!(long(row, PR_DISPLAY_TYPE), display);
    }
    // What an entry lacks is an error in its row alone.
    contents
        .set_columns(&[PR_DISPLAY_NAME_W, PR_BUSINESS_TELEPHONE_NUMBER_W])
        .expect("SetColumns");
    let rows = contents.all().expect("all rows");
    assert_eq!(rows[0][1].value, Value::from("+1 555"));
    assert_eq!(rows[1][1].value, Value::Error(MAPI_E_NOT_FOUND));
    drop(contents);
    rig.finish();
}

#[test]
fn ab_16_strings_have_any_width() {
    let rig = Rig::new(few());
    let table = table(&rig);
    let any = |tag: PropTag| PropTag::new(tag.id(), PT_UNSPECIFIED);
    table
        .set_columns(&[PR_DISPLAY_NAME_A, any(PR_ADDRTYPE_W), PR_DISPLAY_NAME_W])
        .expect("SetColumns");
    let row = &table.all().expect("all rows")[0];
    assert_eq!(row[0].value, Value::String8(b"Ann Lee".to_vec()));
    assert_eq!(row[1].value, Value::from("SMTP"));
    assert_eq!(row[2].value, Value::from("Ann Lee"));
    let ann = rig.entry("Ann Lee");
    let tags = [PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W, any(PR_DISPLAY_NAME_W)];
    let read = |flags| {
        let told = ann.properties_with(Some(&tags), flags).expect("GetProps");
        told.into_iter()
            .map(|property| property.value)
            .collect::<Vec<_>>()
    };
    let (narrow, wide) = (Value::String8(b"Ann Lee".to_vec()), Value::from("Ann Lee"));
    let both = [narrow.clone(), wide.clone()];
    assert_eq!(read(UnicodeFlags::empty()), [&both[..], &[narrow]].concat());
    assert_eq!(
        read(UnicodeFlags::MAPI_UNICODE),
        [&both[..], &[wide]].concat()
    );
    for tag in [PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W] {
        let direction = SortDirection::Descend;
        let order = SortOrderSet {
            orders: vec![SortOrder { tag, direction }],
            ..SortOrderSet::default()
        };
        assert_eq!(table.sort(&order), S_OK);
        assert_eq!(names(&table), ["Team", "Cy Young", "Bob Miller", "Ann Lee"]);
    }
    let narrow = Sought::new(
        PR_DISPLAY_NAME_A,
        mapi_provider::view::PropValue::String8(b"Cy Young"[..].into()),
    );
    table
        .restrict(Some(&Restriction::property(RelOp::Eq, narrow)))
        .expect("Restrict");
    assert_eq!(names(&table), ["Cy Young"]);
    let narrow = ann.properties_with(Some(&[PR_ADDRTYPE_A]), UnicodeFlags::empty());
    assert_eq!(
        narrow.expect("GetProps")[0].value,
        Value::String8(b"SMTP".to_vec())
    );
    drop((table, ann));
    rig.finish();
}

fn from(prefix: &'static str) -> Restriction<'static> {
    Restriction::property(RelOp::Ge, Sought::new(PR_DISPLAY_NAME_W, prefix))
}

#[test]
fn ab_19_a_prefix_leads_to_the_first_row_not_below_it() {
    let rig = Rig::new(few());
    let table = table(&rig);
    for (prefix, row) in [
        ("a", "Ann Lee"),
        ("b", "Bob Miller"),
        ("BOC", "Cy Young"),
        ("d", "Team"),
    ] {
        let status = table.find(&from(prefix), BEGINNING, FindRowFlags::empty());
        assert_eq!(
            (status, here(&table)),
            (S_OK, Some(row.to_owned())),
            "{prefix}"
        );
    }
    // Not found: the position stays.
    let status = table.find(&from("z"), BEGINNING, FindRowFlags::empty());
    assert_eq!(
        (status, here(&table)),
        (MAPI_E_NOT_FOUND, Some("Team".to_owned()))
    );
    let back = table.find(&from("a"), END, FindRowFlags::DIR_BACKWARD);
    assert_eq!((back, here(&table)), (S_OK, Some("Team".to_owned())));
    let name = Sought::new(PR_DISPLAY_NAME_W, "Team");
    let before = Restriction::property(RelOp::Ne, name);
    let back = table.find(&before, END, FindRowFlags::DIR_BACKWARD);
    assert_eq!((back, here(&table)), (S_OK, Some("Cy Young".to_owned())));
    drop(table);
    rig.finish();
}

#[test]
fn ab_19_rows_come_by_their_names() {
    let people = ["émile", "Zoe", "anna", "Bea", "ANTON"];
    let rig = Rig::new(rig::book(
        people.map(|name| rig::person(name, "x@y")).to_vec(),
    ));
    let table = table(&rig);
    let sorted = names(&table);
    assert_eq!(&sorted[..3], ["anna", "ANTON", "Bea"]);
    for name in &sorted {
        let whole = Restriction::property(RelOp::Ge, Sought::new(PR_DISPLAY_NAME_W, name.as_str()));
        let status = table.find(&whole, BEGINNING, FindRowFlags::empty());
        assert_eq!((status, here(&table)), (S_OK, Some(name.clone())));
    }
    drop(table);
    rig.finish();
}

#[test]
fn ab_20_any_fraction_leads_to_a_row() {
    let people = (0..100).map(|number| rig::person(&format!("P{number:03}"), "p@x"));
    let rig = Rig::new(rig::book(people.collect()));
    let table = table(&rig);
    let refused = table.seek_approx(1, 0).err().map(|failure| failure.status);
    assert_eq!(refused, Some(Status(MAPI_E_INVALID_PARAMETER)));
    for (numerator, denominator) in [
        (0, 1),
        (1, 3),
        (2, 3),
        (1, u32::MAX),
        (u32::MAX - 1, u32::MAX),
        (u32::MAX, u32::MAX),
        (u32::MAX, 1),
        (7, 7),
        (50, 100),
    ] {
        table
            .seek_approx(numerator, denominator)
            .expect("SeekRowApprox");
        let (row, above, of) = table.position().expect("QueryPosition");
        let wanted = (f64::from(numerator) / f64::from(denominator)).min(1.0) * 100.0;
        assert!(
            (f64::from(row) - wanted).abs() <= 1.0,
            "{numerator}/{denominator}: {row}"
        );
        let told = f64::from(above) / f64::from(of) * 100.0;
        assert!(
            (told - wanted).abs() <= 1.0,
            "{numerator}/{denominator}: {above}/{of}"
        );
        if numerator >= denominator {
            assert_eq!((row, here(&table)), (100, None));
        }
    }
    drop(table);
    rig.finish();
}

#[test]
fn ab_21_rows_are_given_from_the_cursor_on_both_ways() {
    let rig = Rig::new(few());
    let table = table(&rig);
    let query = |count, flags| {
        let rows = table.query(count, flags).expect("QueryRows");
        rows.iter()
            .map(|row| text(row, PR_DISPLAY_NAME_W))
            .collect::<Vec<_>>()
    };
    let (advance, stay) = (QueryRowsFlags::empty(), QueryRowsFlags::TBL_NOADVANCE);
    assert_eq!(query(3, stay), ["Ann Lee", "Bob Miller", "Cy Young"]);
    assert_eq!(query(1, advance), ["Ann Lee"]);
    assert_eq!(query(9, advance).len(), 3);
    assert!(query(9, advance).is_empty());
    assert_eq!(query(-2, stay), ["Cy Young", "Team"]);
    table.seek(END, 0).expect("SeekRow");
    assert_eq!(query(-9, advance).len(), 4);
    table.seek(END, 0).expect("SeekRow");
    assert!(query(i32::MIN, stay).len() <= 4);
    drop(table);
    rig.finish();
}

#[test]
fn ab_15_two_rows_of_one_key_are_two_rows() {
    let twin = rig::person("Ann Lee", "ann@example.org");
    let rig = Rig::new(rig::book(vec![twin.clone(), twin]));
    let contents = rig.container("All").contents().expect("contents");
    let rows = contents.all().expect("all rows");
    let keys: Vec<_> = rows.iter().map(|row| binary(row, PR_RECORD_KEY)).collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "one entry");
    drop(contents);
    rig.finish();
}
