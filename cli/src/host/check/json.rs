//! Results for programs.

use std::path::Path;
use std::time::Duration;

use mapi_provider_host::conformance::{Results, RuleResult, Verdict};
use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

/// The results as one object.
pub(super) fn of(results: &Results, library: &Path, took: Duration) -> Json {
    json!({
        "provider": library,
        "ok": results.is_kept(),
        "stopped": results.stopped.as_ref().map(Untrusted::raw),
        "passed": results.count("pass"),
        "failed": results.count("fail"),
        "not_applicable": results.count("not applicable"),
        "seconds": (took.as_secs_f64() * 1000.0).round() / 1000.0,
        "rules": results.rules.iter().map(rule).collect::<Vec<Json>>(),
    })
}

fn rule(result: &RuleResult) -> Json {
    let (findings, reason) = match &result.verdict {
        Verdict::Fail(findings) => (&findings[..], None),
        Verdict::NotApplicable(why) => (&[][..], Some(why)),
        _ => (&[][..], None),
    };
    let seen = |finding: &mapi_provider_host::conformance::Finding| {
        let printed: Vec<&str> = finding.printed.iter().map(Untrusted::raw).collect();
        json!({"scenario": finding.scenario, "what": finding.what.raw(), "printed": printed})
    };
    json!({
        "rule": result.rule.id,
        "title": result.rule.title,
        "verdict": result.verdict.word(),
        "seen": findings.iter().map(seen).collect::<Vec<Json>>(),
        "reason": reason.map(Untrusted::raw),
    })
}
