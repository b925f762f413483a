//! HTML of the store in any code page, or as a string, as it comes out.

use mapi_provider_abi::mapi::{PR_HTML, PR_INTERNET_CPID, PT_UNICODE};
use mapi_provider_abi::view::Property;
use mapi_provider_mime::Mail;

fn html(properties: Vec<Property<'_>>) -> String {
    let octets = Mail::from_properties(properties)
        .to_octets()
        .expect("not too large");
    let read = Mail::parse(&octets).expect("a message").into_mail();
    read.html.expect("HTML").trim().to_owned()
}

#[test]
fn html_is_what_its_code_page_says() {
    for (page, octets, shown) in [
        (932, &b"<p>\x93\xFA\x96\x7B</p>"[..], "日本"),
        (936, b"<p>\xC4\xE3\xBA\xC3</p>", "你好"),
        (949, b"<p>\xBE\xC8\xB3\xE7</p>", "안녕"),
        (950, b"<p>\xB7\x7C\xC4\xB3</p>", "會議"),
        (50220, b"<p>\x1B$BF|K\\\x1B(B</p>", "日本"),
        (50221, b"<p>\x1B$BF|K\\\x1B(B</p>", "日本"),
        (874, b"<p>\xE4\xB7\xC2</p>", "ไทย"),
        (20866, b"<p>\xE4\xC1</p>", "Да"),
        (21866, b"<p>\xE4\xC1</p>", "Да"),
        (28591, b"<p>Gr\xF6\xDFe</p>", "Größe"),
        (437, b"<p>Gr\x94\xE1e</p>", "Größe"),
        (54936, b"<p>\xC4\xE3\xBA\xC3</p>", "你好"),
        (1251, b"<p>\xC4\xE0</p>", "Да"),
        (65001, "<p>Größe</p>".as_bytes(), "Größe"),
        (20127, b"<p>Gr\xF6\xDFe</p>", "Größe"),
        // A page that nobody knows: what the HTML says itself counts.
        (
            99999,
            b"<meta charset=gb2312><p>\xC4\xE3\xBA\xC3</p>",
            "你好",
        ),
    ] {
        let properties = vec![
            Property::new(PR_INTERNET_CPID, page),
            Property::new(PR_HTML, octets),
        ];
        assert!(html(properties).contains(shown), "{page}");
    }
}

#[test]
fn html_may_be_a_string() {
    let tag = PR_HTML.with_type(PT_UNICODE);
    assert_eq!(
        html(vec![Property::new(tag, "<p>Größe</p>")]),
        "<p>Größe</p>"
    );
}
