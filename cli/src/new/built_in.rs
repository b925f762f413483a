//! The templates, built in.

/// A template: its name, what it makes, its options, and its files.
pub(super) struct Template {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// `cargo-generate.toml`
    pub(super) options: &'static str,
    /// `answers.rhai`
    pub(super) script: &'static str,
    /// What comes out: paths with `/` between the parts, and the texts before they are rendered.
    pub(super) files: &'static [(&'static str, &'static str)],
}

/// A template whose files have the same names as those of all others: each kind differs in what they say.
macro_rules! template {
    ($name:literal, $about:literal) => {
        Template {
            name: $name,
            about: $about,
            options: text!($name, "cargo-generate.toml"),
            script: text!($name, "answers.rhai"),
            files: &[
                file!($name, ".cargo/config.toml"),
                file!($name, ".github/workflows/ci.yml"),
                file!($name, ".gitignore"),
                file!($name, "Cargo.toml.liquid"),
                file!($name, "LICENSE-APACHE"),
                file!($name, "LICENSE-MIT"),
                file!($name, "README.md"),
                file!($name, "install/README.md"),
                file!($name, "install/install.cmd"),
                file!($name, "install/places.cmd"),
                file!($name, "install/uninstall.cmd"),
                file!($name, "provider.toml"),
                file!($name, "src/lib.rs"),
                file!($name, "src/sync.rs"),
                file!($name, "tests/sync.rs"),
            ],
        }
    };
}

macro_rules! file {
    ($name:literal, $file:literal) => {
        ($file, text!($name, $file))
    };
}

macro_rules! text {
    ($name:literal, $file:literal) => {
        include_str!(concat!("../../embedded/templates/", $name, "/", $file))
    };
}

/// All templates; the first one is the default.
pub(super) static TEMPLATES: &[Template] = &[
    template!(
        "store",
        "a message store of your own, with a background synchronisation"
    ),
    template!(
        "wrapped-store",
        "a store that Outlook's PST provider keeps, and that you bring mail into"
    ),
];

/// The name of a file when it is written: what cargo must not take for one of its own has an ending more.
pub(super) fn written_name(file: &str) -> &str {
    file.strip_suffix(".liquid").unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use crate::new::options::Options;

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

    fn templates() -> PathBuf {
        let root = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
        PathBuf::from(root).join("../templates")
    }

    #[test]
    fn every_file_of_every_template_is_built_in() {
        let mut expected = BTreeSet::new();
        walk(&templates(), "", &mut expected);
        let built_in = TEMPLATES.iter().flat_map(|template| {
            let own = ["cargo-generate.toml", "answers.rhai"].into_iter();
            let files = template.files.iter().map(|(name, _)| *name).chain(own);
            files.map(|file| format!("{}/{file}", template.name))
        });
        let readme = "README.md".to_owned();
        assert_eq!(built_in.chain([readme]).collect::<BTreeSet<_>>(), expected);
    }

    #[test]
    fn what_an_option_leaves_out_is_there() {
        for template in TEMPLATES {
            let options = Options::parse(template.options).expect("right");
            for path in options.left_out.iter().flat_map(|(_, paths)| paths) {
                let found = template.files.iter().any(|(file, _)| {
                    file.strip_prefix(path.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                });
                assert!(found, "{}: {path}", template.name);
            }
        }
    }

    /// Where the kinds don't differ, no file may.
    #[test]
    fn templates_share_what_is_the_same() {
        const OWN: [&str; 5] = [
            "Cargo.toml.liquid",
            "README.md",
            "provider.toml",
            "src/sync.rs",
            "tests/sync.rs",
        ];
        let first = &TEMPLATES[0];
        for template in TEMPLATES {
            assert_eq!(template.options, first.options, "{}", template.name);
            assert_eq!(template.script, first.script, "{}", template.name);
            for ((name, text), (_, expected)) in template.files.iter().zip(first.files) {
                assert!(
                    OWN.contains(name) || text == expected,
                    "{}/{name}",
                    template.name
                );
            }
        }
    }

    #[test]
    fn a_crate_asks_for_our_own_compiler_and_repository() {
        let version = concat!("rust-version = \"", env!("CARGO_PKG_RUST_VERSION"), "\"\n");
        let repository = concat!("{ git = \"", env!("CARGO_PKG_REPOSITORY"), "\" }\n");
        for template in TEMPLATES {
            let cargo_toml = template
                .files
                .iter()
                .find(|(name, _)| *name == "Cargo.toml.liquid");
            let (_, cargo_toml) = cargo_toml.expect("there");
            assert!(cargo_toml.contains(version), "{}", template.name);
            let ours = cargo_toml.lines().filter(|line| line.contains("git = "));
            for line in ours {
                assert!(format!("{line}\n").ends_with(repository), "{line}");
            }
        }
    }
}
