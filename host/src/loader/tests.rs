//! Different kinds of files that are not providers are distinguished.

use std::fs;

use super::*;

fn error(path: &Path) -> LoadError {
    ProviderLibrary::load(path).expect_err("not a provider")
}

/// An image of some format and machine, good enough to be recognised.
fn image(windows: bool, machine: u16) -> Vec<u8> {
    let mut bytes = vec![0; 256];
    if windows {
        bytes[..2].copy_from_slice(b"MZ");
        bytes[0x3C] = 0x80;
        bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
        bytes[0x84..0x86].copy_from_slice(&machine.to_le_bytes());
    } else {
        bytes[..4].copy_from_slice(b"\x7FELF");
        bytes[18..20].copy_from_slice(&machine.to_le_bytes());
    }
    bytes
}

#[test]
fn machines_are_recognised() {
    let shown =
        |windows, machine| Image::parse(&image(windows, machine)).map(|image| image.to_string());
    assert_eq!(
        shown(true, 0x8664).as_deref(),
        Some("Windows on 64-bit x86")
    );
    assert_eq!(
        shown(true, 0x014C).as_deref(),
        Some("Windows on 32-bit x86")
    );
    assert_eq!(
        shown(true, 0xAA64).as_deref(),
        Some("Windows on 64-bit ARM")
    );
    assert_eq!(shown(false, 62).as_deref(), Some("Linux on 64-bit x86"));
    assert_eq!(shown(false, 3).as_deref(), Some("Linux on 32-bit x86"));
    assert_eq!(shown(false, 183).as_deref(), Some("Linux on 64-bit ARM"));
    assert_eq!(
        shown(false, 243).as_deref(),
        Some("Linux on machine 0x00F3")
    );
}

#[test]
fn cut_off_images_are_no_libraries() {
    for whole in [image(true, 0x8664), image(false, 62)] {
        for length in 0..20 {
            assert_eq!(Image::parse(&whole[..length.min(19)]), None);
        }
    }
    let mut wild = image(true, 0x8664);
    wild[0x3C..0x40].fill(0xFF);
    assert_eq!(Image::parse(&wild), None);
}

#[test]
fn our_own_program_is_for_us() {
    let program = std::env::current_exe().expect("a program");
    assert_eq!(Image::read(&program).expect("readable"), Some(Image::OURS));
}

#[test]
fn a_missing_file_is_said_to_be_missing() {
    let error = error(Path::new("no/such/provider"));
    assert!(matches!(error, LoadError::NoSuchFile { .. }), "{error}");
}

#[test]
fn folders_texts_and_empty_files_are_no_libraries() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(
        error(folder.path()),
        LoadError::NotALibrary { .. }
    ));
    let file = folder.path().join("provider");
    for content in ["", "#!/bin/sh\n"] {
        fs::write(&file, content).expect("written");
        assert!(matches!(error(&file), LoadError::NotALibrary { .. }));
    }
}

#[test]
fn a_library_for_another_machine_is_said_to_be_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("provider");
    fs::write(&file, image(true, 0x0200)).expect("written");
    let error = error(&file);
    assert!(
        matches!(error, LoadError::WrongArchitecture { .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("Windows on machine 0x0200"),
        "{error}"
    );
}

#[test]
fn a_damaged_library_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("provider");
    let program = fs::read(std::env::current_exe().expect("a program")).expect("readable");
    fs::write(&file, &program[..512]).expect("written");
    let error = error(&file);
    assert!(matches!(error, LoadError::Refused { .. }), "{error}");
}

#[test]
fn what_is_inside_has_its_own_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = std::env::current_exe().expect("a program");
    let error = InnerLibrary::load(&program).err().expect("another name");
    assert!(matches!(error, LoadError::WrongName { .. }), "{error}");
    let file = folder.path().join(&InnerLibrary::file_names()[0]);
    let error = InnerLibrary::load(&file).err().expect("no file");
    assert!(matches!(error, LoadError::NoSuchFile { .. }), "{error}");
    fs::write(&file, "no library").expect("written");
    let error = InnerLibrary::load(&file).err().expect("no library");
    assert!(matches!(error, LoadError::NotALibrary { .. }), "{error}");
}
