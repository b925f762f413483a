//! Which drives are disks of other computers.

const DRIVE_REMOTE: u32 = 4;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetDriveTypeW(root: *const u16) -> u32;
}

/// Whether a drive's letter stands for a folder of another computer.
pub fn is_remote_drive(letter: u8) -> bool {
    let root = [u16::from(letter), u16::from(b':'), u16::from(b'\\'), 0];
    // SAFETY: a string with its terminator.
    unsafe { GetDriveTypeW(root.as_ptr()) == DRIVE_REMOTE }
}
