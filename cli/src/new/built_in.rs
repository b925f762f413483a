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

macro_rules! template {
    ($name:literal, $about:literal, [$($file:literal),* $(,)?]) => {
        Template {
            name: $name,
            about: $about,
            options: include_str!(concat!("../../embedded/templates/", $name, "/cargo-generate.toml")),
            script: include_str!(concat!("../../embedded/templates/", $name, "/answers.rhai")),
            files: &[$(($file, include_str!(concat!("../../embedded/templates/", $name, "/", $file)))),*],
        }
    };
}

/// All templates; the first one is the default.
pub(super) static TEMPLATES: &[Template] = &[template!(
    "store",
    "a message store with a background synchronisation",
    [
        ".cargo/config.toml",
        ".github/workflows/ci.yml",
        ".gitignore",
        "Cargo.toml.liquid",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "install/README.md",
        "install/install.cmd",
        "install/places.cmd",
        "install/uninstall.cmd",
        "provider.toml",
        "src/lib.rs",
        "src/sync.rs",
        "tests/sync.rs",
    ]
)];

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
}
