//! The settings dialog (ENTRY-14), as a user of the host's support object sees it.

use std::sync::{Arc, Mutex};

use mapi_provider::LogonError;
use mapi_provider::abi::{
    ControlFlags, MAPI_E_DISK_ERROR, MAPI_E_INVALID_PARAMETER, MAPI_E_LOGON_FAILED,
    MAPI_E_NO_SUPPORT, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, MAPI_NT_SERVICE,
    MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, PR_DISPLAY_NAME_W, PT_BOOLEAN, PT_UNICODE, PropTag,
    SERVICE_UI_ALLOWED, ServiceFlags,
};
use mapi_provider_host::{
    ControlKind, Host, InitOptions, Operation, Profile, Property, SectionUid, ServiceCall, Sheet,
    SheetAnswer, SheetControl, Status, Value,
};

use crate::support::Gate;
use crate::support::script::{
    COUNT_TAG, FLAG_TAG, FOLDER_TAG, SCRIPT_TAG, Script, TOKEN_TAG, Variant,
};

const ALWAYS: u32 = ServiceFlags::SERVICE_UI_ALWAYS.bits();
const READ_ONLY: u32 = ServiceFlags::MSG_SERVICE_UI_READ_ONLY.bits();

/// The window that the sheet is to be shown over.
const WINDOW: usize = 0x1234;

/// The sheets that a host has shown.
type Shown = Arc<Mutex<Vec<Sheet>>>;

/// A host whose user answers with these, one after the other, and cancels after that.
fn asked(variant: Variant, answers: Vec<SheetAnswer>) -> (Host, Shown) {
    let host = Host::new(variant.library(), Profile::in_memory()).expect("allocators");
    host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    let shown = Shown::default();
    let seen = Arc::clone(&shown);
    let answers = Mutex::new(answers.into_iter());
    host.answer_sheets(move |sheet| {
        seen.lock().expect("not poisoned").push(sheet.clone());
        let next = answers.lock().expect("not poisoned").next();
        next.unwrap_or(SheetAnswer::Cancel)
    });
    (host, shown)
}

fn entered(properties: &[Property]) -> SheetAnswer {
    SheetAnswer::Ok(properties.to_vec())
}

fn script(text: &str) -> Property {
    Property::with_id(SCRIPT_TAG, text)
}

fn call(host: &Host, context: u32, flags: u32, properties: &[Property]) -> Result<(), Status> {
    told(host, context, flags, properties).map_err(|(status, _)| status)
}

/// The same with the text of the error.
fn told(
    host: &Host,
    context: u32,
    flags: u32,
    properties: &[Property],
) -> Result<(), (Status, String)> {
    let call = ServiceCall {
        window: WINDOW,
        flags,
        properties: properties.to_vec(),
        ..ServiceCall::new(context)
    };
    let answer = host.service_with(&call);
    answer.map_err(|failure| (failure.status, failure.text.unwrap_or_default()))
}

fn value(host: &Host, id: u16) -> Option<Value> {
    host.profile().get(SectionUid::PROVIDER, id)
}

fn is_empty(host: &Host) -> bool {
    host.profile().section(SectionUid::PROVIDER).is_empty()
}

fn count(shown: &Shown) -> usize {
    shown.lock().expect("not poisoned").len()
}

/// The sheet that was shown at this turn.
fn sheet(shown: &Shown, turn: usize) -> Sheet {
    shown.lock().expect("not poisoned")[turn].clone()
}

fn controls(sheet: &Sheet) -> Vec<SheetControl> {
    let pages = sheet.pages.iter();
    pages.flat_map(|page| page.controls.clone()).collect()
}

/// The control of a setting.
fn control(sheet: &Sheet, id: u16) -> SheetControl {
    let mut controls = controls(sheet).into_iter();
    let found = controls.find(|control| control.tag().is_some_and(|tag| tag.id() == id));
    found.expect("it has a control")
}

/// All texts of a sheet that stand on it as they are.
fn labels(sheet: &Sheet) -> Vec<String> {
    let text = |control: SheetControl| match control.kind {
        ControlKind::Label { text } => Some(text),
        _ => None,
    };
    controls(sheet).into_iter().filter_map(text).collect()
}

#[test]
fn entry_14_what_is_missing_is_asked_for_once_and_written() {
    for context in [MSG_SERVICE_CREATE, MSG_SERVICE_CONFIGURE] {
        let all = [
            script("one"),
            Property::with_id(COUNT_TAG, "12"),
            Property::with_id(FLAG_TAG, true),
            Property::with_id(TOKEN_TAG, "hunter2"),
        ];
        let (host, shown) = asked(Variant::Asking, vec![entered(&all)]);
        call(&host, context, SERVICE_UI_ALLOWED, &[]).expect("it is configured");
        assert_eq!(count(&shown), 1);
        let sheet = sheet(&shown, 0);
        assert_eq!((sheet.title.as_str(), sheet.window), ("Asking", WINDOW));
        assert_eq!(value(&host, SCRIPT_TAG), Some(Value::from("one")));
        assert_eq!(value(&host, COUNT_TAG), Some(Value::from(12)));
        assert_eq!(value(&host, FLAG_TAG), Some(Value::from(true)));
        assert_eq!(value(&host, TOKEN_TAG), Some(Value::from("hunter2")));
        assert_eq!(value(&host, FOLDER_TAG), None);
        host.finish().assert_clean();
    }
}

#[test]
fn entry_14_nobody_is_asked_without_need_or_leave() {
    let (host, shown) = asked(Variant::Asking, vec![entered(&[script("two")])]);
    // No window is allowed.
    for flags in [0, READ_ONLY] {
        call(&host, MSG_SERVICE_CREATE, flags, &[]).expect("CREATE");
        let missing = call(&host, MSG_SERVICE_CONFIGURE, flags, &[]);
        assert_eq!(missing, Err(Status(MAPI_E_UNCONFIGURED)));
    }
    // Nothing is missing: the caller gives it, or it is there.
    let given = [script("one")];
    call(&host, MSG_SERVICE_CONFIGURE, SERVICE_UI_ALLOWED, &given).expect("CONFIGURE");
    call(&host, MSG_SERVICE_CONFIGURE, SERVICE_UI_ALLOWED, &[]).expect("CONFIGURE");
    call(&host, MSG_SERVICE_CREATE, SERVICE_UI_ALLOWED, &[]).expect("CREATE");
    assert_eq!(count(&shown), 0);
    // Always is always.
    call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]).expect("CONFIGURE");
    assert_eq!(count(&shown), 1);
    assert_eq!(value(&host, SCRIPT_TAG), Some(Value::from("two")));
    host.finish().assert_clean();
}

#[test]
fn entry_14_other_contexts_and_a_null_support_object_ask_nobody() {
    let (host, shown) = asked(Variant::Asking, vec![]);
    for context in [1, 4, 5] {
        call(&host, context, ALWAYS, &[]).expect("nothing to do");
    }
    let alone = ServiceCall {
        support: false,
        flags: ALWAYS,
        ..ServiceCall::new(MSG_SERVICE_CREATE)
    };
    host.service_with(&alone).expect("CREATE");
    assert_eq!(count(&shown), 0);
    host.finish().assert_clean();
}

#[test]
fn entry_14_nobody_is_asked_in_a_service() {
    let (host, shown) = asked(Variant::Asking, vec![]);
    let flags = ALWAYS | MAPI_NT_SERVICE;
    let missing = call(&host, MSG_SERVICE_CONFIGURE, flags, &[]);
    assert_eq!(missing, Err(Status(MAPI_E_UNCONFIGURED)));
    assert_eq!(count(&shown), 0);
    host.finish().assert_clean();

    let (host, shown) = asked(Variant::AskingService, vec![]);
    let options = InitOptions {
        flags: MAPI_NT_SERVICE,
        ..InitOptions::default()
    };
    let provider = host.init_with(options).expect("MSProviderInit");
    call(&host, MSG_SERVICE_CREATE, ALWAYS, &[]).expect("CREATE");
    let missing = call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]);
    assert_eq!(missing, Err(Status(MAPI_E_UNCONFIGURED)));
    assert_eq!(count(&shown), 0);
    provider.shutdown().expect("Shutdown");
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn entry_14_each_setting_has_a_label_and_a_control() {
    let (host, shown) = asked(Variant::Asking, vec![]);
    let known = [Property::with_id(TOKEN_TAG, "hunter2")];
    let cancelled = call(&host, MSG_SERVICE_CONFIGURE, SERVICE_UI_ALLOWED, &known);
    assert_eq!(cancelled, Err(Status(MAPI_E_USER_CANCEL)));
    let sheet = sheet(&shown, 0);
    assert_eq!(sheet.pages.len(), 1);
    assert_eq!(sheet.pages[0].title, "Scripted");
    let controls = controls(&sheet);
    let names = ["script", "count", "flag", "folder", "token"];
    assert_eq!(labels(&sheet), names, "in the order of the manifest");
    assert_eq!(controls.len(), 2 * names.len());
    for pair in controls.chunks(2) {
        assert!(matches!(pair[0].kind, ControlKind::Label { .. }));
        let [left, top, width, _] = pair[0].place;
        assert!(pair[1].place[0] >= left + width, "{pair:?}");
        assert!((top - pair[1].place[1]).abs() <= 2, "{pair:?}");
    }
    let edit = |id, allowed: &str, longest| ControlKind::Edit {
        tag: PropTag::new(id, PT_UNICODE),
        allowed: allowed.to_owned(),
        longest,
    };
    let editable = ControlFlags::DT_EDITABLE;
    let text = editable | ControlFlags::DT_ACCEPT_DBCS;
    let expected = [
        (
            edit(SCRIPT_TAG, "*", 4096),
            text | ControlFlags::DT_REQUIRED,
            None,
        ),
        (
            edit(COUNT_TAG, r"[\-0-9]", 11),
            editable,
            Some(Value::from("7")),
        ),
        (
            ControlKind::CheckBox {
                tag: PropTag::new(FLAG_TAG, PT_BOOLEAN),
                text: String::new(),
            },
            editable,
            None,
        ),
        (edit(FOLDER_TAG, "*", 4096), text, None),
        (
            edit(TOKEN_TAG, "*", 4096),
            text | ControlFlags::DT_PASSWORD_EDIT,
            Some(Value::from("hunter2")),
        ),
    ];
    for (pair, (kind, flags, shown)) in controls.chunks(2).zip(expected) {
        assert_eq!(pair[1].kind, kind);
        assert_eq!((pair[1].flags, &pair[1].value), (flags, &shown), "{kind:?}");
    }
    // What is printed of a sheet is not what is hidden in it.
    let printed = format!("{sheet} {sheet:?}");
    assert!(!printed.contains("hunter2"), "{printed}");
    host.finish().assert_clean();
}

/// The structures of the controls, as MAPI's headers lay them out on every target.
#[test]
fn entry_14_structures_are_mapis_byte_by_byte() {
    let (host, shown) = asked(Variant::Asking, vec![]);
    let _ = call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]);
    let sheet = sheet(&shown, 0);
    let controls = controls(&sheet);
    let bytes = |longs: &[u32], text: &str| -> Vec<u8> {
        let longs = longs.iter().flat_map(|long| long.to_le_bytes());
        let units = text.encode_utf16().chain([0]);
        longs.chain(units.flat_map(u16::to_le_bytes)).collect()
    };
    let unicode = 0x8000_0000;
    assert_eq!(controls[0].structure, bytes(&[8, unicode], "script"));
    let edit = bytes(&[16, unicode, 4096, 0x6601_001F], "*");
    assert_eq!(control(&sheet, SCRIPT_TAG).structure, edit);
    let edit = bytes(&[16, unicode, 11, 0x6602_001F], r"[\-0-9]");
    assert_eq!(control(&sheet, COUNT_TAG).structure, edit);
    let check_box = bytes(&[12, unicode, 0x6603_000B], "");
    assert_eq!(control(&sheet, FLAG_TAG).structure, check_box);
    // The provider's uid, and a number.
    let ids = controls.iter().map(|control| control.id.clone());
    for (number, id) in (1_u32..).zip(ids) {
        let expected = [b"scripted store's".as_slice(), &number.to_le_bytes()].concat();
        assert_eq!(id, expected);
    }
    host.finish().assert_clean();
}

#[test]
fn entry_14_pages_are_in_order_and_continued_where_they_are_full() {
    let (host, shown) = asked(
        Variant::Paged,
        vec![
            entered(&[Property::with_id(0x660D, "1x")]),
            entered(&[Property::with_id(0x660D, "-1")]),
        ],
    );
    call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]).expect("it is right in the end");
    let first = sheet(&shown, 0);
    // 8-bit text, which is Latin-1 here.
    assert_eq!(first.title, "Büro & Co.");
    let pages: Vec<_> = first.pages.iter().map(|page| page.title.as_str()).collect();
    assert_eq!(pages, ["Server", "Server (2)", "User"]);
    let counts: Vec<_> = first.pages.iter().map(|page| page.controls.len()).collect();
    assert_eq!(counts, [20, 4, 4]);
    let names: Vec<String> = ('a'..='n').map(String::from).collect();
    assert_eq!(labels(&first), names);
    for control in controls(&first) {
        let [_, top, _, height] = control.place;
        assert!(top + height <= 215, "{control:?}");
    }
    // What is wrong is told where it is.
    let second = sheet(&shown, 1);
    assert_eq!((first.top_page, second.top_page), (0, 2));
    assert_eq!(second.pages[2].controls.len(), 5);
    assert_eq!(value(&host, 0x660D), Some(Value::from(-1)));
    host.finish().assert_clean();
}

#[test]
fn entry_14_a_service_without_settings_has_a_sheet_too() {
    let (host, shown) = asked(Variant::Bare, vec![entered(&[])]);
    call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]).expect("there is nothing to configure");
    let sheet = sheet(&shown, 0);
    assert_eq!(sheet.pages.len(), 1);
    assert_eq!(sheet.pages[0].title, "Scripted");
    assert!(is_empty(&host));
    host.finish().assert_clean();
}

#[test]
fn entry_14_cancel_writes_nothing() {
    for context in [MSG_SERVICE_CREATE, MSG_SERVICE_CONFIGURE] {
        let (host, shown) = asked(Variant::Asking, vec![SheetAnswer::Cancel]);
        let given = match context {
            MSG_SERVICE_CREATE => vec![],
            _ => vec![
                Property::with_id(COUNT_TAG, 3),
                Property::new(PR_DISPLAY_NAME_W, "Mine"),
            ],
        };
        let (status, text) = told(&host, context, SERVICE_UI_ALLOWED, &given).expect_err("no");
        assert_eq!(status, Status(MAPI_E_USER_CANCEL));
        assert!(!text.is_empty());
        assert!(is_empty(&host), "{context}");
        assert_eq!(count(&shown), 1);
        host.finish().assert_clean();
    }
    // After a wrong answer too.
    let wrong = entered(&[Property::with_id(COUNT_TAG, "many")]);
    let (host, shown) = asked(Variant::Asking, vec![wrong, SheetAnswer::Cancel]);
    let cancelled = call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]);
    assert_eq!(cancelled, Err(Status(MAPI_E_USER_CANCEL)));
    assert!(is_empty(&host) && count(&shown) == 2);
    host.finish().assert_clean();
}

#[test]
fn entry_14_a_wrong_value_is_told_and_asked_for_again() {
    let wrong = [
        (vec![], "“script” is missing."),
        (vec![script(" ")], "“script” is missing."),
        (
            vec![script("one"), Property::with_id(COUNT_TAG, "many")],
            "“count” must be a whole number",
        ),
        (
            vec![script("one"), Property::with_id(COUNT_TAG, "2147483648")],
            "“count” must be a whole number",
        ),
    ];
    for (wrong, said) in wrong {
        let right = [script("right"), Property::with_id(COUNT_TAG, " 5 ")];
        let answers = vec![entered(&wrong), entered(&right)];
        let (host, shown) = asked(Variant::Asking, answers);
        call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]).expect("it is right in the end");
        assert_eq!(count(&shown), 2, "{said}");
        let [first, second] = [0, 1].map(|turn| sheet(&shown, turn));
        assert!(!labels(&first).iter().any(|text| text.contains(said)));
        assert!(labels(&second)[0].contains(said), "{:?}", labels(&second));
        // What was entered is still there.
        for property in &wrong {
            let shown = control(&second, property.id).value;
            assert_eq!(shown.as_ref(), Some(&property.value));
        }
        assert_eq!(value(&host, SCRIPT_TAG), Some(Value::from("right")));
        assert_eq!(value(&host, COUNT_TAG), Some(Value::from(5)));
        host.finish().assert_clean();
    }
}

#[test]
fn entry_14_what_no_control_gives_is_not_taken() {
    let rubbish = [
        script("one"),
        Property::with_id(SCRIPT_TAG, 5),
        Property::with_id(FLAG_TAG, "yes"),
        Property::with_id(0x6699, "unknown"),
        Property::with_id(TOKEN_TAG, Value::Binary(vec![1, 2])),
    ];
    let (host, shown) = asked(Variant::Asking, vec![entered(&rubbish)]);
    call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]).expect("the rest is right");
    assert_eq!(count(&shown), 1);
    assert_eq!(value(&host, SCRIPT_TAG), Some(Value::from("one")));
    assert_eq!(host.profile().section(SectionUid::PROVIDER).len(), 1);
    host.finish().assert_clean();
}

#[test]
fn entry_14_who_never_answers_right_is_not_asked_for_ever() {
    let (host, shown) = asked(Variant::Asking, vec![]);
    let seen = Arc::clone(&shown);
    host.answer_sheets(move |sheet| {
        seen.lock().expect("not poisoned").push(sheet.clone());
        entered(&[Property::with_id(COUNT_TAG, "x")])
    });
    let given = [script("one")];
    let (status, text) =
        told(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &given).expect_err("it is never right");
    assert_eq!(status, Status(MAPI_E_INVALID_PARAMETER));
    assert!(text.contains("“count”"), "{text}");
    assert_eq!(count(&shown), 20);
    assert!(is_empty(&host));
    host.finish().assert_clean();
}

#[test]
fn entry_14_all_is_written_or_nothing() {
    for operation in [Operation::SetProps, Operation::SaveChanges] {
        let all = [script("one"), Property::with_id(COUNT_TAG, "12")];
        let (host, _) = asked(Variant::Asking, vec![entered(&all), entered(&all)]);
        host.profile().fail(operation, MAPI_E_DISK_ERROR);
        let failed = call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]);
        assert_eq!(failed, Err(Status(MAPI_E_DISK_ERROR)));
        host.profile().heal();
        assert!(is_empty(&host), "{operation:?}");
        call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]).expect("it works again");
        assert_eq!(value(&host, COUNT_TAG), Some(Value::from(12)));
        host.finish().assert_clean();
    }
}

#[test]
fn entry_14_what_is_emptied_goes_and_a_default_stays_one() {
    let answers = vec![
        // Left as it stands, with its default.
        entered(&[script("one"), Property::with_id(FOLDER_TAG, "mail")]),
        entered(&[Property::with_id(FOLDER_TAG, "")]),
        entered(&[Property::with_id(FOLDER_TAG, "elsewhere")]),
    ];
    let (host, shown) = asked(Variant::Asking, answers);
    call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]).expect("CONFIGURE");
    assert_eq!(value(&host, COUNT_TAG), None, "the default may change");
    assert_eq!(value(&host, FOLDER_TAG), Some(Value::from("mail")));
    call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]).expect("CONFIGURE");
    assert_eq!(
        control(&sheet(&shown, 1), FOLDER_TAG).value,
        Some(Value::from("mail"))
    );
    assert_eq!(value(&host, FOLDER_TAG), None);
    assert_eq!(value(&host, SCRIPT_TAG), Some(Value::from("one")));
    // What the caller gives is what the sheet shows, and what the user answers is what counts.
    let given = [
        Property::with_id(FOLDER_TAG, "given"),
        Property::new(PR_DISPLAY_NAME_W, "Mine"),
    ];
    call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &given).expect("CONFIGURE");
    let shown = control(&sheet(&shown, 2), FOLDER_TAG).value;
    assert_eq!(shown, Some(Value::from("given")));
    assert_eq!(value(&host, FOLDER_TAG), Some(Value::from("elsewhere")));
    assert_eq!(value(&host, 0x3001), Some(Value::from("Mine")));
    host.finish().assert_clean();
}

#[test]
fn entry_14_read_only_changes_nothing() {
    let changed = entered(&[script("changed")]);
    let (host, shown) = asked(Variant::Asking, vec![changed.clone(), changed]);
    let given = [script("one")];
    call(&host, MSG_SERVICE_CONFIGURE, ALWAYS | READ_ONLY, &given).expect("CONFIGURE");
    let sheet = sheet(&shown, 0);
    let settings = controls(&sheet)
        .into_iter()
        .filter(|one| one.tag().is_some());
    for control in settings {
        assert!(
            !control.flags.contains(ControlFlags::DT_EDITABLE),
            "{control:?}"
        );
    }
    assert_eq!(value(&host, SCRIPT_TAG), Some(Value::from("one")));
    call(&host, MSG_SERVICE_CONFIGURE, ALWAYS | READ_ONLY, &[]).expect("CONFIGURE");
    assert_eq!(value(&host, SCRIPT_TAG), Some(Value::from("one")));
    assert_eq!(count(&shown), 2);
    host.finish().assert_clean();
}

#[test]
fn entry_14_where_none_can_be_shown_there_is_none() {
    let fail = || vec![SheetAnswer::Fail(MAPI_E_NO_SUPPORT)];
    let (host, _) = asked(Variant::Asking, fail());
    call(&host, MSG_SERVICE_CREATE, SERVICE_UI_ALLOWED, &[]).expect("as without a window");
    host.finish().assert_clean();
    let (host, _) = asked(Variant::Asking, fail());
    let missing = call(&host, MSG_SERVICE_CONFIGURE, SERVICE_UI_ALLOWED, &[]);
    assert_eq!(missing, Err(Status(MAPI_E_UNCONFIGURED)));
    host.finish().assert_clean();
    let (host, _) = asked(Variant::Asking, fail());
    let given = [script("one")];
    let failed = call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &given);
    assert_eq!(failed, Err(Status(MAPI_E_NO_SUPPORT)));
    assert!(is_empty(&host));
    host.finish().assert_clean();
}

#[test]
fn entry_14_the_logic_tries_settings_before_they_are_kept() {
    let tried = Arc::new(Mutex::new(Vec::new()));
    let trying = Arc::clone(&tried);
    let script = Script::new(|_| Ok(())).on_test(move |settings| {
        trying.lock().expect("not poisoned").push(settings.count);
        let token = settings.token.as_ref().map(|token| token.expose());
        match (settings.count, token) {
            (1, _) => Err(LogonError::logon_failed("the server & user disagree")),
            (2, _) => panic!("no server"),
            (3, Some("hunter2")) => Ok(()),
            _ => Err(LogonError::other("this is not what was entered")),
        }
    });
    let script = script.register();
    let numbered = |count: &str| {
        entered(&[
            Property::with_id(SCRIPT_TAG, script.name()),
            Property::with_id(COUNT_TAG, count),
            Property::with_id(TOKEN_TAG, "hunter2"),
        ])
    };
    let answers = vec![numbered("1"), numbered("2"), numbered("3")];
    let (host, shown) = asked(Variant::Asking, answers);
    call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]).expect("the third is right");
    assert_eq!(count(&shown), 3);
    assert_eq!(*tried.lock().expect("not poisoned"), [1, 2, 3]);
    // A lone `&` would mark a letter.
    assert_eq!(labels(&sheet(&shown, 1))[0], "the server && user disagree");
    let text = &labels(&sheet(&shown, 2))[0];
    assert!(text.contains("panicked: no server"), "{text}");
    assert_eq!(value(&host, COUNT_TAG), Some(Value::from(3)));
    // Nobody tries what no user has entered.
    let given = [Property::with_id(COUNT_TAG, 1)];
    call(&host, MSG_SERVICE_CONFIGURE, 0, &given).expect("it is written as it is");
    assert_eq!(tried.lock().expect("not poisoned").len(), 3);
    // Refused to the end: nothing is kept.
    let refused = numbered("1");
    host.answer_sheets(move |_| refused.clone());
    let given = [Property::with_id(FLAG_TAG, true)];
    let failed = call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &given);
    assert_eq!(failed, Err(Status(MAPI_E_LOGON_FAILED)));
    assert_eq!(value(&host, FLAG_TAG), None);
    host.finish().assert_clean();
}

#[test]
fn entry_14_a_trial_that_takes_too_long_is_left_behind() {
    let gate = Gate::default();
    let held = gate.clone();
    let script = Script::new(|_| Ok(())).on_test(move |_| {
        held.pass();
        Ok(())
    });
    let script = script.register();
    let answer = entered(&[Property::with_id(SCRIPT_TAG, script.name())]);
    let (host, shown) = asked(Variant::HastyAsking, vec![answer]);
    let cancelled = call(&host, MSG_SERVICE_CONFIGURE, ALWAYS, &[]);
    assert_eq!(cancelled, Err(Status(MAPI_E_USER_CANCEL)));
    assert_eq!(count(&shown), 2, "asked again, and cancelled");
    let text = &labels(&sheet(&shown, 1))[0];
    assert!(text.contains("took longer than 200ms"), "{text}");
    assert!(is_empty(&host));
    gate.open();
    host.finish().assert_clean();
}
