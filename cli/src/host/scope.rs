//! What a run is asked to synchronise, in words.

use mapi_provider_codegen::diag::did_you_mean;
use mapi_provider_host::abi::SyncFlags;

/// Words for several flags at once.
const WORDS: [(&str, SyncFlags); 4] = [
    ("full", UPLOAD.union(DOWNLOAD)),
    ("upload", UPLOAD),
    ("download", DOWNLOAD),
    ("headers", DOWNLOAD.union(SyncFlags::HEADERS)),
];

const UPLOAD: SyncFlags = SyncFlags::UPLOAD_HIERARCHY.union(SyncFlags::UPLOAD_CONTENTS);
const DOWNLOAD: SyncFlags = SyncFlags::DOWNLOAD_HIERARCHY.union(SyncFlags::DOWNLOAD_CONTENTS);

/// The flags of a list of words, separated by commas.
pub(super) fn parse(words: &str) -> Result<SyncFlags, String> {
    words
        .split(',')
        .map(|word| flag(word.trim()))
        .try_fold(SyncFlags::empty(), |flags, flag| Ok(flags | flag?))
}

fn flag(word: &str) -> Result<SyncFlags, String> {
    if let Some(digits) = word.strip_prefix("0x") {
        return u32::from_str_radix(digits, 16)
            .map(SyncFlags::from_bits_retain)
            .map_err(|_| format!("`{word}` is not a 32-bit number"));
    }
    let plain = word.to_ascii_lowercase();
    if let Some((_, flags)) = WORDS.iter().find(|(name, _)| *name == plain) {
        return Ok(*flags);
    }
    let name = word.to_ascii_uppercase().replace('-', "_");
    let name = name.strip_prefix("SYNC_").unwrap_or(&name);
    SyncFlags::from_name(name).ok_or_else(|| unknown(word))
}

fn unknown(word: &str) -> String {
    let mut known: Vec<String> = WORDS.iter().map(|(name, _)| (*name).to_owned()).collect();
    known.extend(
        SyncFlags::all()
            .iter_names()
            .map(|(name, _)| format!("SYNC_{name}")),
    );
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    match did_you_mean(word, &known) {
        Some(help) => format!("there is no scope `{word}`; {help}"),
        None => format!("there is no scope `{word}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn words_names_and_numbers_add_up() {
        let parse = |words| parse(words).map(|flags| flags.bits());
        assert_eq!(parse("full"), Ok(0xC3));
        assert_eq!(parse("upload"), Ok(0x41));
        assert_eq!(parse("Download"), Ok(0x82));
        assert_eq!(parse("headers"), Ok(0x0200_0082));
        assert_eq!(parse("SYNC_UPLOAD_CONTENTS, download-hierarchy"), Ok(0x42));
        assert_eq!(parse("sync_global_headers,0x40000000"), Ok(0x4200_0000));
        assert_eq!(parse("0x0"), Ok(0));
    }

    #[test]
    fn wrong_words_are_explained() {
        let wrong = |words| parse(words).expect_err(words);
        assert_eq!(
            wrong("uplaod"),
            "there is no scope `uplaod`; did you mean `upload`?"
        );
        assert!(wrong("SYNC_UPLOAD_CONTENT").contains("`SYNC_UPLOAD_CONTENTS`"));
        assert!(wrong("full,").contains("there is no scope ``"));
        assert_eq!(wrong("0x1FFFFFFFF"), "`0x1FFFFFFFF` is not a 32-bit number");
    }
}
