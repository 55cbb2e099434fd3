//! Its SIM swap look-up (`wire.md` 6). The question is answered with `Queued` and a request id; the result is a JSON
//! `POST` without the number.

use chrono::NaiveDate;
use reqwest::Client;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{AfricasTalking, key::with_key};
use crate::{
    gateways::{
        BadCallback, Raw, SimSwap, SwapAnswer, SwapAsked, SwapCallbacks, SwapFinding, SwapNotAsked, exchange,
        fields, sim_swap::SwapQuestion,
    },
    model::Msisdn,
};

/// The way the provider writes a day first; the others are what its customers' code expects.
const DAYS: [&str; 3] = ["%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y"];

/// The look-up through Africa's Talking.
pub struct AfricasTalkingSimSwap {
    url: String,
    username: String,
    api_key: SecretString,
    client: Client,
}

impl AfricasTalkingSimSwap {
    /// A look-up by the configuration; `base_url` is the host's, with or without `/v1`.
    pub fn new(base_url: &str, username: String, api_key: SecretString, client: Client) -> Self {
        let host = base_url.trim_end_matches('/').trim_end_matches("/v1").trim_end_matches('/');
        Self { url: format!("{host}/v1/sim-swap"), username, api_key, client }
    }

    async fn asked(&self, lines: &[Msisdn]) -> Result<Vec<SwapAsked>, SwapNotAsked> {
        let numbers: Vec<&str> = lines.iter().map(Msisdn::as_e164).collect();
        let question = json!({"username": self.username, "phoneNumbers": numbers});
        let request = with_key(self.client.post(&self.url).json(&question), &self.api_key);
        let request = request.ok_or(SwapNotAsked::Unreachable)?;
        let said = exchange::ask(request).await.map_err(|_| SwapNotAsked::Unreachable)?;
        if !said.status.is_success() {
            return Err(SwapNotAsked::Refused(said.status));
        }
        let taken = taken(lines, &said.body.unwrap_or_default());
        if taken.is_empty() { Err(SwapNotAsked::NotTaken) } else { Ok(taken) }
    }
}

impl SimSwap for AfricasTalkingSimSwap {
    fn ask<'a>(&'a self, lines: &'a [Msisdn]) -> SwapQuestion<'a> {
        Box::pin(self.asked(lines))
    }
}

impl SwapCallbacks for AfricasTalking {
    fn sim_swap(&self, raw: &Raw<'_>) -> Result<SwapAnswer, BadCallback> {
        fields::expect_post(raw, "application/json")?;
        let whole: Value = serde_json::from_slice(raw.body).map_err(|_| BadCallback::Unreadable("JSON"))?;
        let text = |name: &str| whole.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        if text("requestId").is_empty() {
            return Err(BadCallback::Missing("requestId"));
        }
        let swapped_on = day(text("lastSimSwapDate"));
        Ok(SwapAnswer {
            request_id: fields::message_id("requestId", text("requestId"))?,
            finding: finding(text("status"), swapped_on),
            swapped_on,
            status: fields::words(text("status"), 64),
        })
    }
}

/// The questions that were taken. A number comes alone or within an object; one that can't be read is known by its
/// place among the lines, as long as there is an entry for each.
fn taken(lines: &[Msisdn], body: &[u8]) -> Vec<SwapAsked> {
    let whole: Value = serde_json::from_slice(body).unwrap_or_default();
    let entries = whole.get("responses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let in_order = entries.len() == lines.len();
    let read = |(at, entry): (usize, &Value)| {
        let request_id = entry.get("requestId")?.as_str()?;
        let request_id = fields::message_id("requestId", request_id).ok()?;
        let named = number(entry).map(|number| lines.iter().find(|line| **line == number));
        let line = named.unwrap_or_else(|| lines.get(at).filter(|_| in_order))?;
        let real = !request_id.eq_ignore_ascii_case("none");
        real.then(|| SwapAsked { msisdn: line.clone(), request_id })
    };
    entries.iter().enumerate().filter_map(read).collect()
}

fn number(entry: &Value) -> Option<Msisdn> {
    let said = entry.get("phoneNumber")?;
    let number = said.get("number").unwrap_or(said);
    number.as_str().and_then(Msisdn::from_network)
}

/// "Swapped" is believed without a day too: then nobody knows how long ago. No word for "no day is known" counts as
/// "not swapped".
fn finding(status: &str, swapped_on: Option<NaiveDate>) -> SwapFinding {
    match fields::plain(status).as_str() {
        "swapped" => SwapFinding::Swapped,
        "notswapped" => SwapFinding::NotSwapped,
        _ if swapped_on.is_some() => SwapFinding::Swapped,
        _ => SwapFinding::Unknown,
    }
}

fn day(sent: &str) -> Option<NaiveDate> {
    DAYS.iter().find_map(|format| NaiveDate::parse_from_str(sent, format).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(end: u8) -> Msisdn {
        Msisdn::from_network(&format!("+2547000000{end:02}")).unwrap()
    }

    fn ids(body: &Value) -> Vec<(Msisdn, String)> {
        let taken = taken(&[line(10), line(11)], body.to_string().as_bytes());
        taken.into_iter().map(|asked| (asked.msisdn, asked.request_id)).collect()
    }

    #[test]
    fn a_request_belongs_to_the_line_it_names() {
        let body = json!({"status": "Processed", "responses": [
            {"phoneNumber": {"number": "+254700000011", "carrierName": "Safaricom"}, "status": "Queued",
             "requestId": "ATSwpid_b"},
            {"phoneNumber": "254700000010", "status": "Queued", "requestId": "ATSwpid_a"},
        ]});
        assert_eq!(ids(&body), [(line(11), "ATSwpid_b".to_owned()), (line(10), "ATSwpid_a".to_owned())]);
    }

    #[test]
    fn without_numbers_the_order_tells_unless_one_is_missing() {
        let entry = |id: &str| json!({"status": "Queued", "requestId": id});
        let both = json!({"responses": [entry("a"), entry("b")]});
        assert_eq!(ids(&both), [(line(10), "a".to_owned()), (line(11), "b".to_owned())]);
        assert!(ids(&json!({"responses": [entry("a")]})).is_empty());
        assert!(ids(&json!({"responses": [entry("None"), entry("")]})).is_empty());
        assert!(ids(&json!({"responses": [{"phoneNumber": "254700000099", "requestId": "c"}]})).is_empty());
        assert!(ids(&json!("x")).is_empty());
    }
}
