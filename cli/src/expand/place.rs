//! A file that names others by paths relative to itself, so it means the same on every machine.

use std::path::{Component, Path, PathBuf};

use crate::failure::Failure;

/// The folder of such a file.
pub(super) struct Place(PathBuf);

impl Place {
    /// Where a file is, or will be.
    pub(super) fn of(file: &Path) -> Result<Self, Failure> {
        folder_of(file).map(Self)
    }

    /// The path from there to a file, as Rust reads it on every system.
    pub(super) fn path_to(&self, file: &Path) -> Result<String, Failure> {
        let shown = file.display();
        let name = file.file_name().unwrap_or_default();
        let target = folder_of(file)?.join(name);
        let path = relative(&self.0, &target);
        let path = path.ok_or_else(|| {
            Failure::new(format!(
                "no path leads from {} to {shown}",
                self.0.display()
            ))
        })?;
        if path.chars().any(char::is_control) {
            return Err(Failure::new(format!(
                "the path {shown} has control characters"
            )));
        }
        Ok(path)
    }
}

/// The folder of a file, without links.
fn folder_of(file: &Path) -> Result<PathBuf, Failure> {
    let parent = file.parent().filter(|parent| *parent != Path::new(""));
    let folder = parent.unwrap_or(Path::new("."));
    folder.canonicalize().map_err(|error| {
        Failure::new(format!(
            "can't find the folder {}: {error}",
            folder.display()
        ))
    })
}

/// The path from a folder to a file, both without links; `None` if there is none, or it is not UTF-8.
fn relative(folder: &Path, file: &Path) -> Option<String> {
    let shared = folder
        .components()
        .zip(file.components())
        .take_while(|(one, other)| one == other)
        .count();
    let mut up = folder.components().skip(shared);
    let down = file.components().skip(shared);
    let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let parents = up.clone().count();
    // Another Windows drive is not a name.
    if !up.all(|part| is_name(&part)) || !down.clone().all(|part| is_name(&part)) {
        return None;
    }
    let mut parts = vec!["..".to_owned(); parents];
    for part in down {
        parts.push(part.as_os_str().to_str()?.to_owned());
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_up_and_down() {
        let path = |folder, file| relative(Path::new(folder), Path::new(file));
        assert_eq!(path("/a/src", "/a/b.toml").as_deref(), Some("../b.toml"));
        assert_eq!(path("/a", "/a/b.toml").as_deref(), Some("b.toml"));
        assert_eq!(path("/a/b/c", "/a/d/e").as_deref(), Some("../../d/e"));
        assert_eq!(path("a", "/b"), None);
    }
}
