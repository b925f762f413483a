//! Results as the XML that CI systems read.

use std::fmt::Write;
use std::time::Duration;

use mapi_provider_host::conformance::{Finding, Results, RuleResult, Verdict};

/// The results as one test suite, with a test case for each rule.
pub(super) fn of(results: &Results, took: Duration) -> String {
    let cases: String = results.rules.iter().map(case).collect();
    let stopped = results.stopped.as_ref();
    let errors = usize::from(stopped.is_some());
    let stopped = stopped.map(|why| {
        format!(
            "    <testcase classname=\"conformance\" name=\"the provider can be checked\">\n      <error message=\"{}\"/>\n    \
             </testcase>\n",
            escaped(&why.to_string())
        )
    });
    let (tests, failures, skipped) = (
        results.rules.len() + errors,
        results.count("fail"),
        results.count("not applicable"),
    );
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"cargo mapi host check\" \
         tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{:.3}\">\n{}{cases}  \
         </testsuite>\n</testsuites>\n",
        took.as_secs_f64(),
        stopped.unwrap_or_default(),
    )
}

fn case(result: &RuleResult) -> String {
    let rule = result.rule;
    let family = rule.id.split('-').next().unwrap_or_default();
    let open = format!(
        "    <testcase classname=\"conformance.{family}\" name=\"{}: {}\"",
        rule.id,
        escaped(rule.title)
    );
    match &result.verdict {
        Verdict::Fail(findings) => format!("{open}>\n{}    </testcase>\n", failure(findings)),
        Verdict::NotApplicable(why) => format!(
            "{open}>\n      <skipped message=\"{}\"/>\n    </testcase>\n",
            escaped(&why.to_string())
        ),
        _ => format!("{open}/>\n"),
    }
}

fn failure(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| escaped(&finding.to_string()))
        .collect();
    let first = lines.first().map(String::as_str).unwrap_or_default();
    format!(
        "      <failure message=\"{first}\">{}</failure>\n",
        lines.join("\n")
    )
}

/// A text for XML, in an attribute or not: characters that XML doesn't allow are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' | '\r' => {
                // Writing to a string can't fail.
                let _ = write!(escaped, "&#{};", u32::from(letter));
            }
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use mapi_provider_host::conformance::RULES;

    use super::*;

    #[test]
    fn a_suite_has_a_case_for_each_rule() {
        let finding = Finding {
            scenario: "null",
            what: "S_OK & \"more\"\n<\u{1}>".into(),
            printed: vec!["a\u{1B}[2J\u{FFFE}".into()],
        };
        let verdicts = [
            Verdict::Pass,
            Verdict::Fail(vec![finding]),
            Verdict::NotApplicable("no < run".into()),
        ];
        let rules = RULES.iter().zip(verdicts);
        let results = Results {
            rules: rules
                .map(|(rule, verdict)| RuleResult { rule, verdict })
                .collect(),
            stopped: None,
        };
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites>
  <testsuite name=\"cargo mapi host check\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" time=\"1.500\">
    <testcase classname=\"conformance.SYNC\" name=\"SYNC-01: NULL for MAPISIB is refused\"/>
    <testcase classname=\"conformance.SYNC\" name=\"SYNC-02: MAPISIB’s size is checked\">
      <failure message=\"S_OK &amp; &quot;more&quot;\\n&lt;\\u{1}&gt; (null)&#10;          | a\\u{1b}[2J\u{FFFD}\">S_OK &amp; &quot;more&quot;\\n&lt;\\u{1}&gt; (null)&#10;          | a\\u{1b}[2J\u{FFFD}</failure>
    </testcase>
    <testcase classname=\"conformance.SYNC\" name=\"SYNC-03: a refused request leaves no event\">
      <skipped message=\"no &lt; run\"/>
    </testcase>
  </testsuite>
</testsuites>
";
        assert_eq!(of(&results, Duration::from_millis(1500)), expected);
    }

    #[test]
    fn a_check_that_stopped_is_an_error() {
        let results = Results {
            rules: Vec::new(),
            stopped: Some("no logon".into()),
        };
        let text = of(&results, Duration::ZERO);
        assert!(text.contains("errors=\"1\"") && text.contains("<error message=\"no logon\"/>"));
    }
}
