//! `mapisvc.inf`: what MAPI must know before it can put the provider into a profile.

use std::fmt::Write;

use crate::ir::provider::{
    FlagSet, Kind, PST_PROVIDER, Presence, Provider, Setting, SettingDefault, WRAPPED_UID_TAG,
};

/// `PR_MDB_PROVIDER`.
const MDB_PROVIDER: &str = "34140102";

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

/// The provider's sections: a line of `[Services]`, which all services share, its service, and its provider. The
/// text and the DLL's installer both use these.
pub fn sections(provider: &Provider) -> Vec<Section> {
    vec![services(provider), service(provider), store(provider)]
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
    inf.entry("Providers", provider_section(provider));
    inf.entry("PR_SERVICE_DLL_NAME", &dll);
    inf.entry("PR_SERVICE_ENTRY_NAME", "ServiceEntry");
    inf.entry("PR_SERVICE_SUPPORT_FILES", &dll);
    inf.entry("PR_SERVICE_DELETE_FILES", &dll);
    inf.entry("PR_RESOURCE_FLAGS", symbols(&provider.service_flags));
    inf
}

fn store(provider: &Provider) -> Section {
    let mut inf = Section::new(provider_section(provider));
    inf.entry("PR_PROVIDER_DLL_NAME", dll(provider));
    inf.entry("PR_RESOURCE_TYPE", resource_type(provider.kind));
    inf.entry("PR_RESOURCE_FLAGS", symbols(&provider.resource_flags));
    inf.entry("PR_DISPLAY_NAME", &provider.name);
    inf.entry("PR_PROVIDER_DISPLAY", &provider.name);
    match provider.kind {
        // Its uid is in no line: MAPI tells transports by their sections.
        Kind::Transport => {}
        Kind::Store => inf.entry(MDB_PROVIDER, hex(&provider.uid)),
        // All wrapped stores say that they are PSTs; ours are recognised by an additional uid.
        Kind::WrappedStore => {
            inf.entry(MDB_PROVIDER, hex(&PST_PROVIDER));
            inf.entry(format!("{WRAPPED_UID_TAG:04X}0102"), hex(&provider.uid));
        }
    }
    for setting in &provider.settings {
        if let Some((tag, value)) = default(setting) {
            inf.entry(format!("{tag:08X}"), value);
        }
    }
    inf
}

/// MAPI inserts the 32 of the file's real name itself.
fn dll(provider: &Provider) -> String {
    format!("{}.dll", provider.id)
}

fn provider_section(provider: &Provider) -> String {
    match provider.kind {
        Kind::Transport => format!("{}_transport", provider.id),
        _ => format!("{}_store", provider.id),
    }
}

fn resource_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Store | Kind::WrappedStore => "MAPI_STORE_PROVIDER",
        Kind::Transport => "MAPI_TRANSPORT_PROVIDER",
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
