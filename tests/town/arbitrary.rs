//! Callbacks nobody would send: whatever bytes arrive, nothing answers with a 5xx (`security.md` 23). For an aggregator a
//! 5xx means "send it again", for hours.

use daftari::clock::Chance;

use crate::{
    histories::pick,
    raw::{self, FORM, JSON},
    town::{CODE, Town, on_every_back_end},
};

const PATHS: [(&str, &str, &str); 8] = [
    ("africastalking", "ussd", FORM),
    ("africastalking", "ussd-end", FORM),
    ("africastalking", "sms", FORM),
    ("africastalking", "delivery", FORM),
    ("africastalking", "opt-out", FORM),
    ("hubtel", "ussd", JSON),
    ("hubtel", "ussd-end", JSON),
    ("hubtel", "sms", JSON),
];
const FIELDS: [&str; 20] = [
    "sessionId",
    "phoneNumber",
    "networkCode",
    "serviceCode",
    "text",
    "date",
    "status",
    "cost",
    "durationInMillis",
    "hopsCount",
    "hopsMetadata",
    "input",
    "lastAppResponse",
    "id",
    "from",
    "to",
    "linkId",
    "failureReason",
    "senderId",
    "retryCount",
];
/// Values at the edges of what a field or a column can hold.
const VALUES: [&str; 22] = [
    "",
    "s-1",
    "+254700000010",
    "254700000011",
    "*384*2547#",
    "63902",
    "\u{0}",
    "a\u{0}b",
    "\u{202e}é\u{10ffff}",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "KES 99999999999999999.99",
    "-5000-01-01 00:00:00",
    "+200000-01-01T00:00:00Z",
    "0000-00-00",
    "2026-11-22 10:00:00",
    "Success",
    "Failed",
    "%",
    "'\"\\",
    "x|y|z",
];

fn random_bytes(chance: &Chance) -> Vec<u8> {
    let mut bytes = vec![0; pick(chance, 300)];
    chance.fill(&mut bytes);
    bytes
}

/// All fields with values from the edges, now and then with arbitrary bytes.
fn random_form(chance: &Chance) -> Vec<u8> {
    let mut body = vec![];
    for field in FIELDS {
        let value = match pick(chance, 8) {
            0 => random_bytes(chance),
            _ => VALUES[pick(chance, VALUES.len())].as_bytes().to_vec(),
        };
        body.extend_from_slice(field.as_bytes());
        body.push(b'=');
        body.extend(form_urlencoded::byte_serialize(&value).collect::<String>().into_bytes());
        body.push(b'&');
    }
    body
}

fn random_json(chance: &Chance) -> Vec<u8> {
    let value = || VALUES[pick(chance, VALUES.len())];
    let kind = ["Initiation", "Response", "Timeout", "Other"][pick(chance, 4)];
    let said = serde_json::json!({
        "Type": kind, "Mobile": value(), "SessionId": value(), "ServiceCode": value(), "Message": value(),
        "Sequence": value(), "ClientState": value(), "Operator": value(),
    });
    said.to_string().into_bytes()
}

on_every_back_end! {
    async fn arbitrary_callbacks_never_break_anything(town: Town) {
        let url = town.nodes[0].url.clone();
        let mut taken = 0;
        for case in 0..60 {
            let chance = Chance::seeded(case);
            for (gateway, event, content_type) in PATHS {
                let body = match (case % 3, content_type) {
                    (0, _) => random_bytes(&chance),
                    (_, FORM) => random_form(&chance),
                    _ => random_json(&chance),
                };
                let answer = raw::send(&url, "POST", &raw::path(gateway, event), content_type, &body).await;
                assert!(answer.status < 500, "case {case}, {gateway} {event}: {answer:?}");
                taken += u32::from(answer.status == 200);
            }
        }
        assert!(taken >= 20, "only {taken} were taken");
        assert_eq!(town.count("SELECT COUNT(*) FROM accounts").await, 0);
    }
}

on_every_back_end! {
    async fn each_value_at_an_edge_is_taken_or_refused_in_each_field(town: Town) {
        let good = [
            ("sessionId", "s-1"), ("phoneNumber", "+254700000010"), ("serviceCode", CODE), ("status", "Failed"),
            ("id", "m-1"), ("from", "+254700000010"), ("to", "22384"), ("text", "HELP"), ("senderId", "DAFTARI"),
        ];
        for field in FIELDS {
            for value in VALUES {
                let mut fields: Vec<_> = good.into_iter().filter(|(name, _)| *name != field).collect();
                fields.push((field, value));
                let body = raw::form(&fields);
                for event in ["ussd-end", "sms", "delivery", "opt-out"] {
                    let answer = raw::post(&town, event, &body).await;
                    assert!(matches!(answer.status, 200 | 400), "{event}, {field} = {value:?}: {answer:?}");
                }
            }
        }
    }
}
