//! The texts from which `cargo mapi new` and `cargo mapi demo` make crates. A package contains only what is in its own
//! folder, so the files are here and ship from here; cargo-generate reads the same ones.

pub mod demo;
mod file;
pub mod provider;

pub use self::file::File;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::{demo, provider};

    fn walk(folder: &Path, prefix: &str, files: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("readable") {
            let entry = entry.expect("readable");
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{name}/"), files);
            } else {
                files.insert(name);
            }
        }
    }

    /// The files below a folder of this crate.
    fn below(folder: &str) -> BTreeSet<String> {
        let root = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
        let mut files = BTreeSet::new();
        walk(&PathBuf::from(root).join(folder), "", &mut files);
        files
    }

    #[test]
    fn every_file_of_the_template_is_built_in() {
        let own = ["cargo-generate.toml", "answers.rhai"].into_iter();
        let files = provider::FILES.iter().map(|file| file.path).chain(own);
        let built_in: BTreeSet<String> = files.map(str::to_owned).collect();
        assert_eq!(built_in, below("provider"));
    }

    #[test]
    fn every_file_of_the_demo_is_built_in() {
        let files = demo::FILES.iter().map(|file| file.path.to_owned());
        let messages = demo::MESSAGES.iter();
        let messages = messages.map(|(name, _)| format!("messages/{name}.eml"));
        let for_git = ["messages/.gitattributes".to_owned()];
        let built_in: BTreeSet<String> = files.chain(messages).chain(for_git).collect();
        assert_eq!(built_in, below("maildir"));
    }
}
