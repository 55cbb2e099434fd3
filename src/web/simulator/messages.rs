//! What the simulated route has sent to a phone, for whoever plays that phone. Only on a loopback listener.

use axum::{
    Json,
    extract::{Query, State},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use crate::{app::App, gateways::simulator::Kind, model::Msisdn};

/// Whose messages.
#[derive(Deserialize)]
pub struct To {
    to: String,
}

/// One message, as the phone has it.
#[derive(Serialize)]
pub struct Arrived {
    id: String,
    kind: &'static str,
    body: String,
    at: String,
}

/// The messages to a phone, oldest first.
pub async fn messages(State(app): State<App>, Query(To { to }): Query<To>) -> Json<Vec<Arrived>> {
    let sent = match (&app.simulator, Msisdn::from_network(&to)) {
        (Some(simulator), Some(to)) => simulator.sent_to(&to),
        _ => vec![],
    };
    let arrived = sent.into_iter().map(|sent| Arrived {
        id: sent.id,
        kind: match sent.kind {
            Kind::Sms => "sms",
            Kind::Call => "call",
        },
        body: sent.body.expose_secret().to_owned(),
        at: sent.at.to_rfc3339(),
    });
    Json(arrived.collect())
}
