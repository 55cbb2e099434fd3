//! A post with a PIN that somebody has chosen already and a line that is bound: how the demo and the tests begin.

use chrono::{DateTime, Utc};

use crate::{
    model::{CredentialId, Msisdn, Post},
    secrets::PinHash,
    services::Deps,
    storage::{
        StoreError, Tx,
        posts::{self, Credential, Part},
    },
};

/// Put a holder's PIN and bind the line.
pub async fn install(
    tx: &mut Tx,
    deps: &Deps,
    (post, line): (&Post, &Msisdn),
    pin: PinHash,
    now: DateTime<Utc>,
) -> Result<CredentialId, StoreError> {
    let credential = Credential {
        id: CredentialId(deps.chance.id(now)),
        post: post.clone(),
        part: Part::Holder,
        pin: None,
        issued_to: line.clone(),
        issued_by: "setup".to_owned(),
        issued_at: now,
        expires_at: None,
        chosen_at: None,
        epoch: 0,
    };
    let series = super::series_of(tx, post, now).await?;
    posts::revoke(tx, post, Some(Part::Holder), "setup", now).await?;
    posts::insert(tx, &credential, series.as_deref()).await?;
    posts::choose(tx, &credential, pin, None, now).await?;
    posts::bind(tx, post, line, now).await?;
    Ok(credential.id)
}
