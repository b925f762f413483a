//! Numbers of bytes, as people read them.

/// `12.3 kB`.
pub(crate) fn words(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..10_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn sizes_are_told_in_words() {
        assert_eq!(
            [0, 1, 999, 1_000, 1_500_000, 20_000_000_000].map(words),
            [
                "0 bytes",
                "1 byte",
                "999 bytes",
                "1.0 kB",
                "1.5 MB",
                "20.0 GB"
            ]
        );
    }
}
