//! Text as tables compare it, and as the database indexes it.
//!
//! Both fold by these functions: else an index would find other rows, or another order, than a scan. What they answer
//! stands in files (keys to sort by, the text index): whoever changes an answer makes a new version of the schema, which
//! folds anew.

use mapi_provider_abi::view::MapiStr;

/// Text as UTF-16.
pub fn units(text: &str) -> Vec<u16> {
    match MapiStr::wide(text) {
        MapiStr::Wide(units) => units.into_owned(),
        MapiStr::Ansi(_) => Vec::new(),
    }
}

/// Text without regard to the case of its letters.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Text without the marks above and below its letters.
pub fn without_marks(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.chars()
        .filter(|one| !is_mark(*one))
        .map(base)
        .collect()
}

/// Text as loosely as tables ever compare it: neither case nor marks count.
///
/// It is made letter by letter. So a text that contains another still contains it in this form, and an index of it finds
/// all that a restriction may match.
pub fn loose(text: &str) -> String {
    without_marks(&folded(&without_marks(text)))
}

/// Whether a character is nothing but a mark on the one before.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
}

/// Letters with marks, each family after its bare letter.
const FAMILIES: &[&str] = &[
    "AÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ",
    "aàáâãäåāăąǎǟǡǻȁȃȧḁẚạảấầẩẫậắằẳẵặ",
    "BḂḄḆ",
    "bḃḅḇ",
    "CÇĆĈĊČḈ",
    "cçćĉċčḉ",
    "DĎĐḊḌḎḐḒ",
    "dďđḋḍḏḑḓ",
    "EÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ",
    "eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ",
    "FḞ",
    "fḟ",
    "GĜĞĠĢǤǦǴḠ",
    "gĝğġģǥǧǵḡ",
    "HĤĦȞḢḤḦḨḪ",
    "hĥħȟḣḥḧḩḫẖ",
    "IÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ",
    "iìíîïĩīĭįǐȉȋḭḯỉị",
    "JĴ",
    "jĵǰ",
    "KĶǨḰḲḴ",
    "kķǩḱḳḵ",
    "LĹĻĽĿŁḶḸḺḼ",
    "lĺļľŀłḷḹḻḽ",
    "MḾṀṂ",
    "mḿṁṃ",
    "NÑŃŅŇǸṄṆṈṊ",
    "nñńņňǹṅṇṉṋ",
    "OÒÓÔÕÖØŌŎŐƠǑǪǬǾȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢ",
    "oòóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ",
    "PṔṖ",
    "pṕṗ",
    "RŔŖŘȐȒṘṚṜṞ",
    "rŕŗřȑȓṙṛṝṟ",
    "SŚŜŞŠȘṠṢṤṦṨ",
    "sśŝşšșṡṣṥṧṩ",
    "TŢŤŦȚṪṬṮṰ",
    "tţťŧțṫṭṯṱẗ",
    "UÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ",
    "uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự",
    "VṼṾ",
    "vṽṿ",
    "WŴẀẂẄẆẈ",
    "wŵẁẃẅẇẉẘ",
    "XẊẌ",
    "xẋẍ",
    "YÝŶŸȲẎỲỴỶỸ",
    "yýÿŷȳẏẙỳỵỷỹ",
    "ZŹŻŽẐẒẔ",
    "zźżžẑẓẕ",
    "ΑΆ",
    "αά",
    "ΕΈ",
    "εέ",
    "ΗΉ",
    "ηή",
    "ΙΊΪ",
    "ιίϊΐ",
    "ΟΌ",
    "οό",
    "ΥΎΫ",
    "υύϋΰ",
    "ΩΏ",
    "ωώ",
    "ÆǢǼ",
    "æǣǽ",
];

/// A letter without its marks.
fn base(letter: char) -> char {
    let may_have =
        matches!(letter, '\u{C0}'..='\u{24F}' | '\u{386}'..='\u{3CE}' | '\u{1E00}'..='\u{1EFF}');
    if !may_have {
        return letter;
    }
    let family = FAMILIES.iter().find(|family| family.contains(letter));
    family
        .and_then(|family| family.chars().next())
        .unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_marks_can_be_left_out() {
        assert_eq!(folded("GRÖSSE"), "grösse");
        assert_eq!(without_marks("Crème Brûlée"), "Creme Brulee");
        assert_eq!(loose("Crème BRU\u{302}LÉE İ"), "creme brulee i");
        assert_eq!(loose("Žižek Đurić"), "zizek duric");
    }

    #[test]
    fn the_loosest_form_is_made_letter_by_letter() {
        let text = "Grüße ĀŻ İǅ e\u{301}";
        let whole: String = text.chars().map(|one| loose(&one.to_string())).collect();
        assert_eq!(loose(text), whole);
    }
}
