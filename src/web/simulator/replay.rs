//! The latest sessions, to be looked at again step by step and to be saved as transcripts.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::header;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::{Simulated, api::Refused, inbox::nairobi};
use crate::phones::{
    recorder::{Came, Read, Session, Step},
    transcript::{self, Act},
};

/// A session in the list.
#[derive(Serialize)]
pub struct Listed {
    number: u64,
    phone: String,
    at: String,
    steps: usize,
    standing: &'static str,
}

/// A session step by step. It may hold names and, when they are asked for, PINs: it has no `Debug`.
#[derive(Serialize)]
pub struct Replayed {
    #[serde(flatten)]
    listed: Listed,
    shown: Vec<Showing>,
}

/// One step.
#[derive(Serialize)]
struct Showing {
    did: &'static str,
    /// What was typed; of a secret only dots, unless they are asked for.
    input: Option<String>,
    secret: bool,
    twice: bool,
    screen: Option<String>,
    septets: usize,
    ends: bool,
    fault: Option<String>,
}

/// The latest sessions, newest first.
pub async fn sessions(State(simulated): State<Simulated>) -> Json<Vec<Listed>> {
    Json(simulated.exchange.recorder().latest().map(listed).collect())
}

/// Whether secrets are shown.
#[derive(Deserialize)]
pub struct Secrets {
    #[serde(default)]
    secrets: bool,
}

/// A session step by step.
pub async fn session(
    State(simulated): State<Simulated>,
    Path(number): Path<u64>,
    Query(Secrets { secrets }): Query<Secrets>,
) -> Result<Json<Replayed>, Refused> {
    let recorder = simulated.exchange.recorder();
    let session = recorder.session(number).ok_or(Refused::NoSession)?;
    let shown = session.steps.iter().map(|step| showing(step, secrets)).collect();
    Ok(Json(Replayed { listed: listed(session), shown }))
}

/// Whether the sessions of the same phone before it are part of a transcript.
#[derive(Deserialize)]
pub struct Earlier {
    #[serde(default)]
    earlier: bool,
}

/// A session as a transcript to be kept among the tests, with everything that was typed.
pub async fn transcript(
    State(simulated): State<Simulated>,
    Path(number): Path<u64>,
    Query(Earlier { earlier }): Query<Earlier>,
) -> Result<Response, Refused> {
    let recorder = simulated.exchange.recorder();
    let line = &recorder.session(number).ok_or(Refused::NoSession)?.line;
    let sent = simulated.app.simulator.as_ref().map(|route| route.sent_to(&line.msisdn)).unwrap_or_default();
    let read: Vec<Read> = sent
        .into_iter()
        .map(|sent| Read { at: sent.at, words: sent.body.expose_secret().to_owned() })
        .collect();
    let saved = recorder.transcript(number, earlier, &read).ok_or(Refused::NoSession)?;
    let file = format!("attachment; filename=\"session_{number}.txt\"");
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, file)];
    Ok((headers, transcript::write(&saved)).into_response())
}

fn listed(session: &Session) -> Listed {
    Listed {
        number: session.number,
        phone: session.line.msisdn.as_e164().to_owned(),
        at: nairobi(session.started_at, "%H:%M:%S"),
        steps: session.steps.len(),
        standing: session.standing(),
    }
}

fn showing(step: &Step, secrets: bool) -> Showing {
    let (did, input) = match &step.act {
        Act::Dial(code) => ("dial", Some(code)),
        Act::Type(input) => ("type", Some(input)),
        Act::Repeat => ("repeat", None),
        Act::RepeatMany(_) => ("twice", None),
        _ => ("drop", None),
    };
    let input = input.map(|input| if step.secret && !secrets { dots(input) } else { input.clone() });
    let (screen, septets, ends, fault) = match &step.came {
        Came::Screen(shown) => (Some(shown.text.clone()), shown.septets(), shown.ends, None),
        Came::Fault(why) => (None, 0, true, Some(why.clone())),
        Came::Nothing => (None, 0, true, None),
    };
    Showing { did, input, secret: step.secret, twice: step.twice, screen, septets, ends, fault }
}

fn dots(secret: &str) -> String {
    "\u{2022}".repeat(secret.chars().count())
}
