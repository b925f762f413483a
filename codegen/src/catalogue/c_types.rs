//! The names of C types, as in headers, in Rust. Only for diagnostics: definitions use Rust's names.

/// What each name is in Rust. `long` has 32 bits on Windows, and so has `BOOL`.
const NAMES: &[(&str, &[&str])] = &[
    ("i8", &["INT8", "int8_t", "__int8", "signed char"]),
    (
        "u8",
        &[
            "BYTE",
            "UCHAR",
            "CHAR",
            "char",
            "CCHAR",
            "unsigned char",
            "bool",
            "_Bool",
            "BOOLEAN",
            "UINT8",
            "uint8_t",
        ],
    ),
    (
        "i16",
        &[
            "SHORT",
            "short",
            "INT16",
            "int16_t",
            "VARIANT_BOOL",
            "__int16",
            "signed short",
            "short int",
        ],
    ),
    (
        "u16",
        &[
            "WORD",
            "USHORT",
            "WCHAR",
            "wchar_t",
            "OLECHAR",
            "char16_t",
            "UINT16",
            "uint16_t",
            "LANGID",
            "VARTYPE",
            "ATOM",
            "unsigned short",
            "unsigned short int",
        ],
    ),
    (
        "i32",
        &[
            "LONG",
            "long",
            "INT",
            "int",
            "BOOL",
            "INT32",
            "int32_t",
            "SCODE",
            "NTSTATUS",
            "LONG32",
            "__int32",
            "signed int",
            "signed long",
            "long int",
            "DISPID",
        ],
    ),
    (
        "u32",
        &[
            "ULONG",
            "DWORD",
            "UINT",
            "unsigned",
            "unsigned int",
            "unsigned long",
            "UINT32",
            "uint32_t",
            "ULONG32",
            "DWORD32",
            "COLORREF",
            "LCID",
            "FLAGS",
            "unsigned long int",
        ],
    ),
    (
        "i64",
        &[
            "LONGLONG",
            "INT64",
            "int64_t",
            "__int64",
            "long long",
            "LONG64",
            "LARGE_INTEGER",
            "time_t",
        ],
    ),
    (
        "u64",
        &[
            "ULONGLONG",
            "DWORDLONG",
            "UINT64",
            "uint64_t",
            "unsigned long long",
            "unsigned __int64",
            "DWORD64",
            "ULONG64",
            "ULARGE_INTEGER",
        ],
    ),
    (
        "usize",
        &[
            "size_t",
            "SIZE_T",
            "ULONG_PTR",
            "DWORD_PTR",
            "UINT_PTR",
            "uintptr_t",
            "WPARAM",
            "SSIZE_T",
            "ssize_t",
            "INT_PTR",
            "LONG_PTR",
            "intptr_t",
            "LPARAM",
            "LRESULT",
            "HWND",
            "HTASK",
        ],
    ),
    ("f32", &["float", "FLOAT"]),
    ("f64", &["double", "DOUBLE", "DATE", "DATE_TIME"]),
    ("c_void", &["void", "VOID"]),
    ("GUID", &["IID", "CLSID", "UUID", "FMTID"]),
    ("PropTag", &["PROPTAG"]),
    (
        "*mut c_void",
        &[
            "HANDLE",
            "PVOID",
            "LPVOID",
            "HINSTANCE",
            "HMODULE",
            "HKEY",
            "HMENU",
            "HICON",
            "HBITMAP",
            "HDC",
            "HGLOBAL",
            "FARPROC",
            "LPMALLOC",
        ],
    ),
    ("*const c_void", &["LPCVOID", "PCVOID"]),
    (
        "*mut u8",
        &[
            "LPSTR", "PSTR", "LPBYTE", "PBYTE", "PCHAR", "LPB", "PUCHAR", "PBOOLEAN",
        ],
    ),
    ("*const u8", &["LPCSTR", "PCSTR", "LPCBYTE"]),
    (
        "*mut u16",
        &[
            "LPWSTR", "PWSTR", "BSTR", "LPOLESTR", "PWCHAR", "LPWORD", "PUSHORT", "PWORD",
        ],
    ),
    ("*const u16", &["LPCWSTR", "PCWSTR", "LPCOLESTR"]),
    ("TCHAR", &["_TCHAR"]),
    ("*mut TCHAR", &["LPTSTR", "PTSTR", "PTCHAR"]),
    ("*const TCHAR", &["LPCTSTR", "PCTSTR"]),
    (
        "*mut i32",
        &["LPLONG", "PLONG", "LPINT", "PINT", "LPBOOL", "PBOOL"],
    ),
    (
        "*mut u32",
        &["LPULONG", "PULONG", "LPDWORD", "PDWORD", "LPUINT", "PUINT"],
    ),
    ("*mut i64", &["PLARGE_INTEGER", "LPLARGE_INTEGER"]),
    ("*mut u64", &["PULARGE_INTEGER", "LPULARGE_INTEGER"]),
    (
        "*const GUID",
        &[
            "REFIID", "REFGUID", "REFCLSID", "REFFMTID", "LPCIID", "LPCGUID", "LPIID", "LPCLSID",
        ],
    ),
    ("*mut GUID", &["LPGUID", "PGUID"]),
    ("*mut IUnknown", &["LPUNKNOWN", "PUNKNOWN"]),
    ("*mut IMsgStore", &["LPMDB", "LPMSGSTORE"]),
    ("*mut IMessage", &["LPMESSAGE"]),
    ("*mut IAddrBook", &["LPADRBOOK"]),
    ("*mut ADRLIST", &["LPADRLIST"]),
];

/// What the name of a C type is in Rust.
fn number(name: &str) -> Option<&'static str> {
    let found = NAMES.iter().find(|(_, names)| names.contains(&name));
    found.map(|(rust, _)| *rust)
}

/// The type of ours that a name stands for by MAPI's convention: `LPSPropValue` is a pointer to an `SPropValue`,
/// `LPMAPITABLE` one to an `IMAPITable`.
fn pointer(name: &str, known: &[&str]) -> Option<String> {
    let prefixes = [
        ("LPC", "*const"),
        ("PC", "*const"),
        ("LPP", "*mut *mut"),
        ("LP", "*mut"),
        ("P", "*mut"),
    ];
    prefixes.into_iter().find_map(|(prefix, pointer)| {
        let bare = name.strip_prefix(prefix)?;
        let stands_for = |known: &&&str| {
            known.eq_ignore_ascii_case(bare)
                || known
                    .strip_prefix('I')
                    .is_some_and(|known| known.eq_ignore_ascii_case(bare))
        };
        let found = known.iter().find(stands_for)?;
        Some(format!("{pointer} {found}"))
    })
}

/// A C type, name or declaration, in Rust: `ULONG`, `const char *`, `LPSPropValue`. `None` if it is no such thing.
pub(super) fn in_rust(text: &str, known: &[&str]) -> Option<String> {
    let stars = text.matches('*').count();
    let bare = text.replace('*', " ");
    let mut words: Vec<&str> = bare.split_whitespace().collect();
    let is_const = words.contains(&"const");
    words.retain(|word| {
        !matches!(
            *word,
            "const" | "struct" | "union" | "enum" | "FAR" | "volatile" | "IN" | "OUT"
        )
    });
    let name = words.join(" ");
    let base = match number(&name)
        .map(str::to_owned)
        .or_else(|| pointer(&name, known))
    {
        Some(base) => base,
        // One of our names, written as in C: `SPropValue *`.
        None if stars > 0 && known.contains(&name.as_str()) => name,
        None => return None,
    };
    let mutable = "*mut ".repeat(stars.saturating_sub(usize::from(is_const)));
    let constant = if is_const && stars > 0 { "*const " } else { "" };
    Some(format!("{mutable}{constant}{base}"))
}

#[cfg(test)]
mod tests {
    use super::{NAMES, in_rust};

    #[test]
    fn types_of_headers_have_their_names_in_rust() {
        let known = ["SPropValue", "IMAPITable", "ENTRYID"];
        for (c, rust) in [
            ("ULONG", "u32"),
            ("LPCSTR", "*const u8"),
            ("BOOL", "i32"),
            ("bool", "u8"),
            ("char", "u8"),
            ("LPTSTR", "*mut TCHAR"),
            ("HANDLE", "*mut c_void"),
            ("REFIID", "*const GUID"),
            ("size_t", "usize"),
            ("LPUNKNOWN", "*mut IUnknown"),
            ("ULONG *", "*mut u32"),
            ("const char*", "*const u8"),
            ("void**", "*mut *mut c_void"),
            ("const void * *", "*mut *const c_void"),
            ("unsigned long", "u32"),
            ("LPSPropValue", "*mut SPropValue"),
            ("LPMAPITABLE", "*mut IMAPITable"),
            ("LPMAPITABLE *", "*mut *mut IMAPITable"),
            ("struct ENTRYID *", "*mut ENTRYID"),
        ] {
            assert_eq!(in_rust(c, &known).as_deref(), Some(rust), "{c}");
        }
        for other in [
            "",
            "*",
            "Contoso",
            "SPropValue",
            "a b",
            "LPCONTOSO",
            "const",
        ] {
            assert_eq!(in_rust(other, &known), None, "{other}");
        }
    }

    #[test]
    fn no_name_has_two_meanings() {
        let mut names: Vec<&str> = NAMES
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
