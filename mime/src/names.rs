//! Names of files.

/// Only a file's name, whatever path the sender gave it.
pub(crate) fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = last.replace(char::is_control, " ");
    match clean.trim() {
        "" | "." | ".." => "attachment".to_owned(),
        clean => clean.to_owned(),
    }
}

/// The name of a file that has none.
pub(crate) fn nameless(kind: &str) -> String {
    let ending = match kind {
        "text/plain" => ".txt",
        "text/html" => ".html",
        "text/calendar" => ".ics",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "application/pdf" => ".pdf",
        "message/rfc822" => return "message.eml".to_owned(),
        "message/delivery-status" | "message/disposition-notification" => ".txt",
        _ => "",
    };
    format!("attachment{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_name_and_no_path() {
        for (name, clean) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            (r"C:\temp\a.txt", "a.txt"),
            ("a\r\nb", "a  b"),
            ("/", "attachment"),
            ("..", "attachment"),
        ] {
            assert_eq!(file_name(name), clean);
        }
    }
}
