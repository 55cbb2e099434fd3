//! What the page asks for: how to begin, how its phones stand, and what is to be done on them.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    Simulated,
    exchange::{SHORT_CODE, TooManyPhones},
    handset::View,
    inbox::{self, Entry},
    switches::Switches,
};
use crate::{
    model::{Msisdn, Network},
    phones::{PhoneFault, wire::SCREEN_SEPTETS},
    services::demo,
    storage::StoreError,
    web::problem,
};

/// The most characters that a phone takes for an answer or an SMS.
const LONGEST_INPUT: usize = 459;

/// Why something is not done on a phone. The sentence goes to the page.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Not a number to simulate.
    #[error("write a Kenyan mobile number like 0700 000 010")]
    Number,
    /// Not what a phone can dial.
    #[error("dial a code like *384*2547#")]
    Code,
    /// Not what a phone can type.
    #[error("a phone types at most {LONGEST_INPUT} characters in one line")]
    Input,
    /// Not a network.
    #[error("there is no such network")]
    Network,
    /// Nothing to do it with.
    #[error(transparent)]
    Phone(#[from] PhoneFault),
    /// Too many phones.
    #[error(transparent)]
    TooMany(#[from] TooManyPhones),
    /// There is no such session, or it is not kept any more.
    #[error("this session is not kept any more")]
    NoSession,
    /// The messages can't be read.
    #[error("the messages can't be read: {0}")]
    Store(#[from] StoreError),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Number | Self::Code | Self::Input | Self::Network => StatusCode::BAD_REQUEST,
            Self::Phone(_) | Self::TooMany(_) => StatusCode::CONFLICT,
            Self::NoSession => StatusCode::NOT_FOUND,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        problem::refusal(status, self.to_string())
    }
}

/// What the page needs to begin.
#[derive(Serialize)]
pub struct Start {
    service_code: String,
    short_code: &'static str,
    screen_septets: usize,
    phones: Vec<Offered>,
    networks: Vec<(&'static str, &'static str)>,
}

/// A phone that is offered.
#[derive(Serialize)]
struct Offered {
    number: &'static str,
    holds: &'static str,
}

/// What the page needs to begin.
pub async fn start(State(simulated): State<Simulated>) -> Json<Start> {
    let phones = demo::PHONES.iter().map(|phone| Offered { number: phone.number, holds: phone.holds });
    Json(Start {
        service_code: simulated.app.config.ussd.service_code.clone(),
        short_code: SHORT_CODE,
        screen_septets: SCREEN_SEPTETS,
        phones: phones.collect(),
        networks: vec![
            ("63902", "Safaricom"),
            ("63903", "Airtel"),
            ("63907", "Telkom"),
            ("63999", "Equitel"),
        ],
    })
}

/// Which phones, joined by commas.
#[derive(Deserialize)]
pub struct Of {
    of: String,
}

/// A phone and its messages.
#[derive(Serialize)]
pub struct WithInbox {
    #[serde(flatten)]
    view: View,
    inbox: Vec<Entry>,
}

/// How these phones stand.
pub async fn phones(
    State(simulated): State<Simulated>,
    Query(Of { of }): Query<Of>,
) -> Result<Json<Vec<WithInbox>>, Refused> {
    let mut phones = vec![];
    for number in of.split(',').filter(|number| !number.is_empty()) {
        let handset = simulated.exchange.phone(&msisdn(number)?)?;
        let inbox = inbox::of(&simulated.app, &handset).await?;
        phones.push(WithInbox { view: handset.view(), inbox });
    }
    Ok(Json(phones))
}

/// What is to be done on a phone. It may hold a PIN: it has no `Debug`.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wish {
    /// The green key without an open call.
    Dial { code: String },
    /// The green key while a call is open.
    Type { input: String },
    /// The aggregator sends the last request again.
    Repeat {},
    /// It sends it twice more, at once.
    Twice {},
    /// The red key, the network or a timer ends the call.
    Drop { why: Why },
    /// An SMS to the short code.
    Write { words: String },
    /// To another network.
    Roam { network: String },
    /// Other switches.
    Switch { switches: Switches },
}

/// Why a call drops.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The red key.
    RedKey,
    /// The network.
    Network,
    /// The caller thought for too long.
    Thinking,
    /// The session has lived long enough.
    Session,
}

impl Why {
    fn told(self) -> &'static str {
        match self {
            Self::RedKey => "You hung up.",
            Self::Network => "The network dropped the call.",
            Self::Thinking => "No answer in time: the network dropped the call.",
            Self::Session => "A session lives 180 s: the network dropped the call.",
        }
    }
}

/// Do something on a phone. It is done to its end, also when the page does not wait for it.
pub async fn act(
    State(simulated): State<Simulated>,
    Path(number): Path<String>,
    Json(wish): Json<Wish>,
) -> Result<Json<View>, Refused> {
    let msisdn = msisdn(&number)?;
    let done = tokio::spawn(async move { carry_out(&simulated, &msisdn, wish).await }).await;
    // A task ends without a result only by a panic, which is in the log.
    done.unwrap_or(Err(Refused::Phone(PhoneFault::NoCall)))
}

async fn carry_out(simulated: &Simulated, msisdn: &Msisdn, wish: Wish) -> Result<Json<View>, Refused> {
    let exchange = &simulated.exchange;
    let handset = exchange.phone(msisdn)?;
    match wish {
        Wish::Dial { code } => exchange.dial(&handset, code_of(&code)?).await,
        Wish::Type { input } => exchange.answer(&handset, input_of(&input)?).await?,
        Wish::Repeat {} => exchange.repeat(&handset, 1).await?,
        Wish::Twice {} => exchange.repeat(&handset, 2).await?,
        Wish::Drop { why } => exchange.drop_call(&handset, why.told()).await,
        Wish::Write { words } => exchange.write(&handset, input_of(&words)?).await,
        Wish::Roam { network } => handset.roam(Network::from_code(&network).ok_or(Refused::Network)?),
        Wish::Switch { switches } => exchange.switch(&handset, switches),
    }
    Ok(Json(handset.view()))
}

fn msisdn(number: &str) -> Result<Msisdn, Refused> {
    Msisdn::from_typed(number).map_err(|_| Refused::Number)
}

fn code_of(code: &str) -> Result<&str, Refused> {
    let code = code.trim();
    let keys = code.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'#'));
    let fits = keys && code.starts_with('*') && code.ends_with('#') && (3..=160).contains(&code.len());
    if fits { Ok(code) } else { Err(Refused::Code) }
}

fn input_of(input: &str) -> Result<&str, Refused> {
    let fits = input.chars().count() <= LONGEST_INPUT && !input.chars().any(char::is_control);
    if fits { Ok(input) } else { Err(Refused::Input) }
}
