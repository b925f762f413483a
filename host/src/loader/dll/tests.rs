//! DLLs made by hand, whole and broken.

use super::*;

/// Where the one section lies in memory, and in the file.
const MEMORY: u32 = 0x1000;
const FILE: usize = 0x400;

/// A DLL with these exports and these libraries.
fn dll(machine: u16, exports: &[&str], needs: &[&str]) -> Vec<u8> {
    let wide = machine != 0x014C;
    let mut section = vec![0; 40 + exports.len() * 4 + (needs.len() + 1) * IMPORT];
    let put = |section: &mut Vec<u8>, at: usize, value: u32| {
        section[at..at + 4].copy_from_slice(&value.to_le_bytes());
    };
    let imports = 40 + exports.len() * 4;
    put(&mut section, 24, exports.len() as u32);
    put(&mut section, 32, MEMORY + 40);
    for (index, name) in exports.iter().chain(needs).enumerate() {
        let place = match index.checked_sub(exports.len()) {
            None => 40 + index * 4,
            Some(index) => imports + index * IMPORT + 12,
        };
        let address = MEMORY + section.len() as u32;
        put(&mut section, place, address);
        section.extend(name.bytes().chain([0]));
    }

    let mut bytes = vec![0; FILE];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, b"MZ");
    put(0x3C, &[0x80]);
    put(0x80, b"PE\0\0");
    put(0x84, &machine.to_le_bytes());
    put(0x86, &[1]);
    let (size, magic, start) = if wide {
        (0xF0_u16, 0x20B_u16, 108)
    } else {
        (0xE0, 0x10B, 92)
    };
    put(0x94, &size.to_le_bytes());
    put(0x96, &0x2000_u16.to_le_bytes());
    let optional = 0x98;
    put(optional, &magic.to_le_bytes());
    put(optional + start, &[16]);
    put(optional + start + 4, &MEMORY.to_le_bytes());
    let table = MEMORY + imports as u32;
    put(optional + start + 12, &table.to_le_bytes());
    let header = optional + usize::from(size);
    put(header + 12, &MEMORY.to_le_bytes());
    put(header + 16, &(section.len() as u32).to_le_bytes());
    put(header + 20, &(FILE as u32).to_le_bytes());
    bytes.extend(section);
    bytes
}

const EXPORTS: [&str; 2] = ["MSProviderInit", "ServiceEntry"];
const NEEDS: [&str; 2] = ["KERNEL32.dll", "vcruntime140.dll"];

#[test]
fn what_a_dll_says_is_read_for_each_machine() {
    for (machine, arch) in [(0x8664, "x64"), (0x014C, "x86"), (0xAA64, "arm64")] {
        let bytes = dll(machine, &EXPORTS, &NEEDS);
        let read = Dll::parse(&bytes).expect("it is one");
        assert_eq!(read.arch(), Some(arch));
        assert_eq!(read.exports(), EXPORTS);
        assert_eq!(read.needs(), NEEDS);
        assert_eq!(read.size(), bytes.len() as u64);
    }
}

#[test]
fn a_dll_may_export_and_need_nothing() {
    let read = Dll::parse(&dll(0x8664, &[], &[])).expect("it is one");
    assert!(read.exports().is_empty() && read.needs().is_empty());
    let mut bytes = dll(0x8664, &EXPORTS, &NEEDS);
    bytes[0x98 + 108] = 0;
    let read = Dll::parse(&bytes).expect("without any table");
    assert!(read.exports().is_empty() && read.needs().is_empty());
}

#[test]
fn a_library_is_needed_once() {
    let needs = ["KERNEL32.dll", "ole32.dll", "kernel32.dll"];
    let read = Dll::parse(&dll(0x8664, &EXPORTS, &needs)).expect("it is one");
    assert_eq!(read.needs(), &needs[..2]);
}

#[test]
fn a_provider_is_known_by_its_entry_point() {
    let path = Path::new("a.dll");
    let check = |exports: &[&str]| {
        let read = Dll::parse(&dll(0x014C, exports, &[])).expect("it is one");
        read.check_provider(path)
    };
    assert!(check(&EXPORTS).is_ok());
    assert!(matches!(
        check(&["ServiceEntry"]),
        Err(LoadError::NotAProvider { .. })
    ));
    assert!(matches!(
        check(&["_MSProviderInit@36"]),
        Err(LoadError::Decorated { .. })
    ));
}

#[test]
fn programs_and_libraries_of_other_systems_are_no_dlls() {
    let mut program = dll(0x8664, &EXPORTS, &NEEDS);
    program[0x96..0x98].fill(0);
    assert!(Dll::parse(&program).is_none());
    assert!(Dll::parse(b"\x7FELF0123456789abcdef").is_none());
    let folder = tempfile::tempdir().expect("a folder");
    assert!(Dll::read(folder.path()).is_err());
    assert!(matches!(
        Dll::read(folder.path().join("gone.dll")),
        Err(LoadError::Unreadable { .. })
    ));
}

#[test]
fn a_file_that_is_cut_off_or_changed_anywhere_harms_nobody() {
    for machine in [0x8664, 0x014C] {
        let whole = dll(machine, &EXPORTS, &NEEDS);
        for length in 0..whole.len() {
            // Cut off within the last name there may be a DLL still, but never another one.
            let read = Dll::parse(&whole[..length]);
            assert!(read.is_none_or(|read| read.exports() == EXPORTS));
        }
        for place in 0..whole.len() {
            for value in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
                let mut wild = whole.clone();
                wild[place] = value;
                let _ = Dll::parse(&wild);
                let end = wild.len().min(place + 4);
                wild[place..end].fill(value);
                let _ = Dll::parse(&wild);
            }
        }
    }
}

#[test]
fn a_list_without_an_end_has_one() {
    let long = "n".repeat(LONGEST_NAME);
    assert!(Dll::parse(&dll(0x8664, &[&long], &[])).is_none());
    // Many exports of one name, which a small file can claim.
    let mut bytes = dll(0x8664, &["MSProviderInit"; 600], &[]);
    let first = bytes[FILE + 40..FILE + 44].to_vec();
    for name in 0..600 {
        let at = FILE + 40 + name * 4;
        bytes[at..at + 4].copy_from_slice(&first);
    }
    assert!(
        Dll::parse(&bytes).is_some(),
        "as many bytes as there are may be said"
    );
    bytes.truncate(FILE + 40 + 600 * 4 + IMPORT + 20);
    let size = (bytes.len() - FILE) as u32;
    let header = 0x98 + 0xF0;
    bytes[header + 16..header + 20].copy_from_slice(&size.to_le_bytes());
    assert!(Dll::parse(&bytes).is_none());
}
