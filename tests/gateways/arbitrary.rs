//! Whatever arrives, nothing panics; whatever is typed, it arrives unchanged.

use daftari::gateways::{
    Raw, ReportCallbacks, SmsCallbacks, SwapCallbacks, Typed, UssdCallback, UssdGateway,
    africastalking::{AfricasTalking, CallEnds},
    hubtel::Hubtel,
    kannel::Kannel,
};
use http::{HeaderMap, HeaderValue, Method, header::CONTENT_TYPE};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

/// Hand a body to `look` as a `POST` of this content type.
pub fn posted<T>(content_type: &'static str, body: &[u8], look: impl FnOnce(&Raw<'_>) -> T) -> T {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
    look(&Raw { method: &Method::POST, headers: &headers, query: "", body })
}

/// The content type of a form.
pub const FORM: &str = "application/x-www-form-urlencoded";

fn every_parser(body: &[u8]) -> usize {
    let forms = posted(FORM, body, |raw| {
        [
            AfricasTalking.callback(raw).is_ok(),
            AfricasTalking.end(raw).is_ok(),
            AfricasTalking.inbound(raw).is_ok(),
            AfricasTalking.report(raw).is_ok(),
            AfricasTalking.opt_out(raw).is_ok(),
            CallEnds.report(raw).is_ok(),
        ]
    });
    let json = posted("application/json", body, |raw| {
        [Hubtel.callback(raw).is_ok(), AfricasTalking.sim_swap(raw).is_ok()]
    });
    forms.into_iter().chain(json).filter(|read| *read).count()
}

fn cumulative(callback: UssdCallback) -> Option<String> {
    match callback {
        UssdCallback::Hop(hop) => match hop.typed {
            Typed::Cumulative(text) => Some(text.expose_secret().to_owned()),
            Typed::Latest { .. } => None,
        },
        UssdCallback::Over { .. } => None,
    }
}

fn latest(callback: UssdCallback) -> Option<String> {
    match callback {
        UssdCallback::Hop(hop) => match hop.typed {
            Typed::Latest { input, .. } => input.map(|input| input.expose_secret().to_owned()),
            Typed::Cumulative(_) => None,
        },
        UssdCallback::Over { .. } => None,
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(every_parser(&body), 0);
    }

    #[test]
    fn arbitrary_bytes_in_the_fields_make_no_parser_panic(
        values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 14),
    ) {
        const NAMES: [&str; 14] = [
            "sessionId", "phoneNumber", "serviceCode", "networkCode", "text", "date", "status", "cost",
            "durationInMillis", "hopsCount", "hopsMetadata", "id", "from", "failureReason",
        ];
        let fields = NAMES.iter().zip(&values);
        let body: Vec<u8> = fields.flat_map(|(name, value)| [name.as_bytes(), b"=", value, b"&"].concat()).collect();
        prop_assert!(every_parser(&body) <= 6);
    }

    #[test]
    fn an_arbitrary_query_makes_no_report_panic(id in any::<String>(), reply in any::<String>(), raw in "\\PC*") {
        let query = form_urlencoded::Serializer::new(raw)
            .append_pair("id", &id)
            .append_pair("type", "2")
            .append_pair("reply", &reply)
            .finish();
        let headers = HeaderMap::new();
        let report = Kannel.report(&Raw { method: &Method::GET, headers: &headers, query: &query, body: b"" });
        let detail = report.ok().flatten().and_then(|report| report.detail).unwrap_or_default();
        prop_assert!(detail.len() <= 60 && detail.is_ascii());
    }

    #[test]
    fn an_arbitrary_text_arrives_unchanged(text in any::<String>()) {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("sessionId", "s-1")
            .append_pair("text", &text)
            .append_pair("phoneNumber", "+254700000010")
            .append_pair("serviceCode", "*384*2547#")
            .finish();
        let callback = posted(FORM, body.as_bytes(), |raw| AfricasTalking.callback(raw)).unwrap();
        prop_assert_eq!(cumulative(callback), Some(text));
    }

    #[test]
    fn an_arbitrary_message_arrives_unchanged(text in any::<String>()) {
        let body = serde_json::json!({
            "Type": "Response", "SessionId": "s-1", "Mobile": "254700000010", "ServiceCode": "713", "Message": text,
        });
        let callback = posted("application/json", body.to_string().as_bytes(), |raw| Hubtel.callback(raw)).unwrap();
        prop_assert_eq!(latest(callback), Some(text));
    }
}
