//! A code of the portal on the screen of a signed-in call: what a known PIN opens needs no SMS (`security.md` 17).
//!
//! The digits are kept nowhere. What the session and the journal hold (sealed) is the seed: what the code is derived
//! from, useless without the code key. The digits are derived each time the screen is shown, a repeat and a fold
//! included (`digits`).

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::DOOR;
use crate::{
    menu::{Outcome, Reply, Session, Var},
    secrets::{CodeFor, CodeLength, Purpose as KeyPurpose},
    services::{
        Deps,
        actions::{Who, signed_out},
        recovery::{AskedOn, MOST_WRONG, Request, WRONG_WITHIN, clock_time, request},
        ussd::Fault,
    },
    storage::{
        StoreError, Tx, audit,
        challenges::{self, Challenge},
    },
};

/// What a code is derived from.
#[derive(Serialize, Deserialize)]
struct Seed {
    subject: Uuid,
    nonce: [u8; 16],
    code_key: String,
    digits: u8,
}

/// The code that counts for the caller's account, a new one if there is none.
pub(in crate::services) async fn show(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(proof) = who.proof(tx).await? else { return Ok(signed_out()) };
    let account = proof.account;
    if challenges::wrong_since(tx, account.0, who.now - WRONG_WITHIN).await? >= MOST_WRONG {
        return Ok(Reply::of(Outcome::OfficerOnly));
    }
    let request = Request {
        account: Some(account),
        door: DOOR,
        msisdn: who.msisdn,
        language: who.session.language,
        asked_on: AskedOn::Line,
        now: who.now,
    };
    let challenge = request::standing(tx, deps, &request, account).await?;
    let event = audit::Event {
        at: who.now,
        actor: "self",
        action: "web_code_shown",
        subject: account.0,
        channel: "ussd",
        detail: None,
    };
    audit::append(tx, event).await?;
    Ok(Reply::of(Outcome::Done)
        .set(Var::WebCode, seed(&challenge)?)
        .set(Var::CodeUntil, clock_time(challenge.expires_at)))
}

fn seed(challenge: &Challenge) -> Result<String, StoreError> {
    let seed = Seed {
        subject: challenge.subject,
        nonce: challenge.nonce,
        code_key: challenge.code_key.clone(),
        digits: u8::try_from(challenge.length.digits()).unwrap_or(0),
    };
    let bytes = postcard::to_stdvec(&seed).map_err(|_| StoreError::Unreadable("a code's seed"))?;
    Ok(STANDARD_NO_PAD.encode(bytes))
}

/// The digits that a session's screen may show; empty where there is no code.
pub(in crate::services) fn digits(deps: &Deps, session: &Session) -> SecretString {
    let derived = || {
        let bytes = STANDARD_NO_PAD.decode(session.text(Var::WebCode)?).ok()?;
        let seed: Seed = postcard::from_bytes(&bytes).ok()?;
        let length = CodeLength::of_digits(seed.digits.into())?;
        let what = CodeFor { purpose: DOOR.name(), subject: seed.subject.as_bytes() };
        let keys = deps.keys.with(KeyPurpose::Code, &seed.code_key);
        let code = keys.code(&seed.code_key, &seed.nonce, what, length)?;
        Some(SecretString::from(code.digits()))
    };
    derived().unwrap_or_default()
}
