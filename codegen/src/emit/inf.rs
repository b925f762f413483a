//! `mapisvc.inf`: what MAPI must know before it can put the provider into a profile.

use std::fmt::Write;

use crate::ir::provider::{
    AddressBook, FlagSet, Kind, PST_PROVIDER, Presence, Provider, Setting, SettingDefault, Store,
    Transport, WRAPPED_UID_TAG,
};

/// `PR_MDB_PROVIDER`.
const MDB_PROVIDER: &str = "34140102";

/// `PR_AB_PROVIDER_ID`.
const AB_PROVIDER_ID: &str = "36150102";

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The name between the brackets.
    pub name: String,
    /// Keys and values.
    pub entries: Vec<(String, String)>,
}

impl Section {
    fn new(name: impl Into<String>) -> Self {
        Section {
            name: name.into(),
            entries: Vec::new(),
        }
    }

    fn entry(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.entries.push((key.into(), value.into()));
    }
}

/// The provider's sections: a line of `[Services]`, which all services share, its service, and its providers. The
/// text and the DLL's installer both use these.
pub fn sections(provider: &Provider) -> Vec<Section> {
    let store = provider
        .store
        .as_ref()
        .map(|store| of_store(provider, store));
    let transport = provider.transport.as_ref();
    let transport = transport.map(|transport| of_transport(provider, transport));
    let book = provider.address_book.as_ref();
    let book = book.map(|book| of_address_book(provider, book));
    let sections = [services(provider), service(provider)].into_iter();
    sections.chain(store).chain(transport).chain(book).collect()
}

/// The provider's part of `mapisvc.inf`, with the line ends of Windows.
pub fn emit(provider: &Provider) -> String {
    let mut lines = vec![format!(
        "; {}: merge this into the mapisvc.inf of the MAPI that Outlook uses.",
        provider.name
    )];
    for Section { name, entries } in sections(provider) {
        lines.extend([String::new(), format!("[{name}]")]);
        lines.extend(
            entries
                .into_iter()
                .map(|(key, value)| format!("{key}={value}")),
        );
    }
    lines.into_iter().map(|line| line + "\r\n").collect()
}

/// The file as Windows reads it: in the ANSI code page. Every text in it was checked to be the same there
/// and in Latin-1.
pub fn encode(inf: &str) -> Vec<u8> {
    inf.chars()
        .map(|c| u8::try_from(c).unwrap_or(b'?'))
        .collect()
}

fn services(provider: &Provider) -> Section {
    let mut inf = Section::new("Services");
    inf.entry(&provider.id, &provider.name);
    inf
}

fn service(provider: &Provider) -> Section {
    let dll = dll(provider);
    let mut inf = Section::new(&provider.id);
    inf.entry("PR_DISPLAY_NAME", &provider.name);
    let sections = provider.kinds().into_iter();
    let sections: Vec<String> = sections
        .map(|kind| provider_section(provider, kind))
        .collect();
    inf.entry("Providers", sections.join(", "));
    inf.entry("PR_SERVICE_DLL_NAME", &dll);
    inf.entry("PR_SERVICE_ENTRY_NAME", "ServiceEntry");
    inf.entry("PR_SERVICE_SUPPORT_FILES", &dll);
    inf.entry("PR_SERVICE_DELETE_FILES", &dll);
    inf.entry("PR_RESOURCE_FLAGS", symbols(&provider.service_flags));
    // Where several providers share the settings, these are the service's.
    if provider.has_several() {
        defaults(provider, &mut inf);
    }
    inf
}

fn of_store(provider: &Provider, store: &Store) -> Section {
    let kind = match store.is_wrapped {
        true => Kind::WrappedStore,
        false => Kind::Store,
    };
    let mut inf = of_provider(provider, kind, &store.resource_flags);
    // All wrapped stores say that they are PSTs; ours are recognised by an additional uid.
    if store.is_wrapped {
        inf.entry(MDB_PROVIDER, hex(&PST_PROVIDER));
        inf.entry(format!("{WRAPPED_UID_TAG:04X}0102"), hex(&provider.uid));
    } else {
        inf.entry(MDB_PROVIDER, hex(&provider.uid));
    }
    own_defaults(provider, inf)
}

/// Its uid is in no line: MAPI tells transports by their sections.
fn of_transport(provider: &Provider, transport: &Transport) -> Section {
    let inf = of_provider(provider, Kind::Transport, &transport.resource_flags);
    own_defaults(provider, inf)
}

fn of_address_book(provider: &Provider, book: &AddressBook) -> Section {
    let mut inf = of_provider(provider, Kind::AddressBook, &book.resource_flags);
    inf.entry(AB_PROVIDER_ID, hex(&provider.uid));
    own_defaults(provider, inf)
}

fn of_provider(provider: &Provider, kind: Kind, flags: &FlagSet) -> Section {
    let mut inf = Section::new(provider_section(provider, kind));
    inf.entry("PR_PROVIDER_DLL_NAME", dll(provider));
    inf.entry("PR_RESOURCE_TYPE", resource_type(kind));
    inf.entry("PR_RESOURCE_FLAGS", symbols(flags));
    inf.entry("PR_DISPLAY_NAME", &provider.name);
    inf.entry("PR_PROVIDER_DISPLAY", &provider.name);
    inf
}

/// The settings of a provider that is alone are in its section.
fn own_defaults(provider: &Provider, mut inf: Section) -> Section {
    if !provider.has_several() {
        defaults(provider, &mut inf);
    }
    inf
}

fn defaults(provider: &Provider, inf: &mut Section) {
    for (tag, value) in provider.settings.iter().filter_map(default) {
        inf.entry(format!("{tag:08X}"), value);
    }
}

/// MAPI inserts the 32 of the file's real name itself.
fn dll(provider: &Provider) -> String {
    format!("{}.dll", provider.id)
}

fn provider_section(provider: &Provider, kind: Kind) -> String {
    match kind {
        Kind::Transport => format!("{}_transport", provider.id),
        Kind::AddressBook => format!("{}_book", provider.id),
        Kind::Store | Kind::WrappedStore => format!("{}_store", provider.id),
    }
}

fn resource_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Store | Kind::WrappedStore => "MAPI_STORE_PROVIDER",
        Kind::Transport => "MAPI_TRANSPORT_PROVIDER",
        Kind::AddressBook => "MAPI_AB_PROVIDER",
    }
}

fn symbols(flags: &FlagSet) -> String {
    flags
        .0
        .iter()
        .map(|flag| flag.symbol)
        .collect::<Vec<_>>()
        .join("|")
}

/// A default as an entry, if the file can express it. If it can't, nothing is lost: the provider knows its
/// defaults itself.
fn default(setting: &Setting) -> Option<(u32, String)> {
    const PT_LONG: u32 = 0x0003;
    const PT_STRING8: u32 = 0x001E;
    let Presence::Default(default) = &setting.presence else {
        return None;
    };
    let id = u32::from(setting.tag) << 16;
    match default {
        SettingDefault::String(text) => survives(text).then(|| (id | PT_STRING8, text.clone())),
        // Numbers are written as their bytes in memory.
        SettingDefault::Integer(number) => Some((id | PT_LONG, hex(&number.to_le_bytes()))),
        // How a boolean is to be written is documented nowhere.
        SettingDefault::Boolean(_) => None,
    }
}

/// Does a text come back unchanged? Windows strips blanks and quotes, takes an empty value as none, and knows
/// only the characters of its code page.
pub(super) fn survives(text: &str) -> bool {
    let ansi = text
        .chars()
        .all(|c| matches!(c, ' '..='~' | '\u{A0}'..='\u{FF}'));
    let stripped = text.trim().trim_matches(['"', '\'']);
    ansi && !text.is_empty() && stripped == text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{encode, survives};

    #[test]
    fn texts_that_windows_would_change_are_left_out() {
        for good in ["a", "imap.example.com", "a=b;c", "Büro", r"C:\Mail"] {
            assert!(survives(good), "{good}");
        }
        for bad in ["", " a", "a ", "\"a\"", "'a", "メ", "a\tb"] {
            assert!(!survives(bad), "{bad}");
        }
    }

    #[test]
    fn the_file_is_one_byte_a_character() {
        assert_eq!(encode("ü=a\r\n"), b"\xFC=a\r\n");
    }
}
