//! The aggregator's SMS API while a drill goes on: it takes everything and keeps it, however often nodes die.

use std::sync::{Arc, Mutex};

use axum::{Form, Json, Router, extract::State, http::StatusCode, routing::post};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What was sent, to whom.
#[derive(Clone, Default)]
pub struct Sms(Arc<Mutex<Vec<(String, String)>>>);

#[derive(Deserialize)]
struct Message {
    to: String,
    message: String,
}

impl Sms {
    /// Listen; the API, and the settings of a route to it.
    pub async fn listen() -> (Self, Vec<(&'static str, String)>) {
        let sms = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().route("/version1/messaging", post(take)).with_state(sms.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let route = [
            ("DAFTARI_SMS__ROUTE__0__NAME", "at"),
            ("DAFTARI_SMS__ROUTE__0__KIND", "africastalking"),
            ("DAFTARI_SMS__ROUTE__0__BASE_URL", &url),
            ("DAFTARI_SMS__ROUTE__0__USERNAME", "daftari"),
            ("DAFTARI_SMS__ROUTE__0__API_KEY", "drill"),
            ("DAFTARI_SMS__ROUTE__0__SENDER", "DAFTARI"),
        ];
        (sms, route.map(|(key, value)| (key, value.to_owned())).to_vec())
    }

    pub fn sent(&self) -> Vec<(String, String)> {
        self.0.lock().expect("messages").clone()
    }
}

async fn take(State(sms): State<Sms>, Form(message): Form<Message>) -> (StatusCode, Json<Value>) {
    let mut sent = sms.0.lock().expect("messages");
    sent.push((message.to.clone(), message.message));
    let id = format!("ATXid_{}", sent.len());
    let recipient =
        json!({ "statusCode": 101, "number": message.to, "status": "Success", "cost": "0", "messageId": id });
    let data = json!({ "Message": "Sent", "Recipients": [recipient] });
    (StatusCode::CREATED, Json(json!({ "SMSMessageData": data })))
}
