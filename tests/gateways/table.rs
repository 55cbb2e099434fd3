//! Reads a table of payloads and holds each row against what the adapter makes of it.

use std::collections::BTreeMap;

use daftari::gateways::{
    BadCallback, DeliveryReport, Hop, InboundSms, OptOut, Raw, ReportCallbacks, SessionEnd, SmsCallbacks,
    SwapAnswer, SwapCallbacks, Typed, UssdCallback, UssdGateway,
    africastalking::{AfricasTalking, CallEnds},
    hubtel::Hubtel,
    kannel::Kannel,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

/// What a callback comes down to, field by field; an absent field has no entry.
pub type Facts = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    provider: String,
    content_type: String,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    title: String,
    callback: String,
    #[serde(default = "post")]
    method: String,
    content_type: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    query: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    gives_nothing: bool,
    gives: Option<Facts>,
    refused: Option<Refused>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    status: u16,
    says: String,
}

fn post() -> String {
    "POST".to_owned()
}

/// Check every row, and say of all failing ones what came instead.
pub fn holds(file: &str) {
    let text = std::fs::read_to_string(format!("tests/gateways/{file}")).expect(file);
    let table: Table = toml::from_str(&text).expect(file);
    assert!(!table.case.is_empty());
    let wrong: Vec<String> = table.case.iter().filter_map(|case| complaint(&table, case)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn complaint(table: &Table, case: &Case) -> Option<String> {
    let made = outcome(table, case);
    let right = match (&made, &case.gives, &case.refused) {
        (Ok(facts), Some(gives), None) => facts == gives,
        (Ok(facts), None, None) => case.gives_nothing && facts.is_empty(),
        (Err(bad), None, Some(refused)) => {
            bad.status().as_u16() == refused.status && bad.to_string() == refused.says
        }
        _ => false,
    };
    (!right)
        .then(|| format!("{}:\n  wanted {:?} {:?}\n  came {made:?}", case.title, case.gives, case.refused))
}

fn outcome(table: &Table, case: &Case) -> Result<Facts, BadCallback> {
    let method: Method = case.method.parse().expect("a method");
    let mut headers = HeaderMap::new();
    let content_type = case.content_type.as_deref().unwrap_or(&table.content_type);
    if !content_type.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).expect("a content type"));
    }
    for (name, value) in &case.headers {
        let name: HeaderName = name.parse().expect("a header's name");
        headers.insert(name, HeaderValue::from_str(value).expect("a header's value"));
    }
    let raw = Raw { method: &method, headers: &headers, query: &case.query, body: case.body.as_bytes() };
    match table.provider.as_str() {
        "kannel" => Kannel.report(&raw).map(of_news),
        "hubtel" => ussd(&Hubtel, &case.callback, &raw),
        _ => ussd_or_sms(&case.callback, &raw),
    }
}

fn ussd_or_sms(callback: &str, raw: &Raw<'_>) -> Result<Facts, BadCallback> {
    let at = AfricasTalking;
    match callback {
        "inbound" => at.inbound(raw).map(of_inbound),
        "voice" => CallEnds.report(raw).map(of_news),
        "sim-swap" => at.sim_swap(raw).map(of_swap),
        "delivery" => at.report(raw).map(of_report),
        "opt-out" => at.opt_out(raw).map(of_opt_out),
        other => ussd(&at, other, raw),
    }
}

fn ussd(gateway: &dyn UssdGateway, callback: &str, raw: &Raw<'_>) -> Result<Facts, BadCallback> {
    match callback {
        "ussd" => gateway.callback(raw).map(of_ussd),
        "ussd-end" => gateway.end(raw).map(of_end),
        other => panic!("no such callback: {other}"),
    }
}

fn facts<const N: usize>(pairs: [(&str, Option<String>); N]) -> Facts {
    pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn of_ussd(callback: UssdCallback) -> Facts {
    match callback {
        UssdCallback::Hop(hop) => of_hop(hop),
        UssdCallback::Over { session, .. } => facts([("over", Some(session.as_str().to_owned()))]),
    }
}

fn of_hop(hop: Hop) -> Facts {
    let (cumulative, input, sequence) = match hop.typed {
        Typed::Cumulative(text) => (Some(text.expose_secret().to_owned()), None, None),
        Typed::Latest { input, sequence } => (None, input.map(|i| i.expose_secret().to_owned()), sequence),
    };
    facts([
        ("session", Some(hop.session.as_str().to_owned())),
        ("msisdn", Some(hop.msisdn.as_e164().to_owned())),
        ("service_code", Some(hop.service_code)),
        ("network", hop.network.map(|n| n.code().to_owned())),
        ("text", cumulative),
        ("input", input),
        ("sequence", sequence.map(|n| n.to_string())),
        ("metadata", hop.metadata),
    ])
}

fn of_end(end: SessionEnd) -> Facts {
    facts([
        ("session", Some(end.session.as_str().to_owned())),
        ("msisdn", end.msisdn.map(|m| m.as_e164().to_owned())),
        ("at", end.at.map(|at| at.to_rfc3339())),
        ("status", Some(end.status)),
        ("network", end.network.map(|n| n.code().to_owned())),
        ("duration_ms", end.duration_ms.map(|n| n.to_string())),
        ("hops", end.hops.map(|n| n.to_string())),
        ("cost_cents", end.cost_cents.map(|n| n.to_string())),
        ("screens", end.screens),
    ])
}

fn of_inbound(sms: InboundSms) -> Facts {
    facts([
        ("id", Some(sms.provider_id)),
        ("from", Some(sms.from)),
        ("to", Some(sms.to)),
        ("text", Some(sms.text.expose_secret().to_owned())),
        ("at", sms.at.map(|at| at.to_rfc3339())),
        ("network", sms.network.map(|n| n.code().to_owned())),
        ("link_id", sms.link_id),
    ])
}

fn of_news(report: Option<DeliveryReport>) -> Facts {
    report.map(of_report).unwrap_or_default()
}

fn of_swap(answer: SwapAnswer) -> Facts {
    facts([
        ("request", Some(answer.request_id)),
        ("finding", Some(format!("{:?}", answer.finding))),
        ("swapped_on", answer.swapped_on.map(|day| day.to_string())),
        ("status", Some(answer.status)),
    ])
}

fn of_report(report: DeliveryReport) -> Facts {
    facts([
        ("id", Some(report.provider_id)),
        ("msisdn", report.msisdn.map(|m| m.as_e164().to_owned())),
        ("status", Some(report.status)),
        ("news", report.news.map(|news| format!("{news:?}"))),
        ("reason", report.reason.map(|reason| format!("{reason:?}"))),
        ("detail", report.detail),
        ("network", report.network.map(|n| n.code().to_owned())),
    ])
}

fn of_opt_out(opt_out: OptOut) -> Facts {
    facts([("sender", Some(opt_out.sender)), ("msisdn", Some(opt_out.msisdn.as_e164().to_owned()))])
}
