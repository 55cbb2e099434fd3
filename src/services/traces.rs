//! What became of the messages to a line, step by step and with their words: for whoever plays its phone. Nobody else
//! may see them; a person sees `my_messages`.

use secrecy::SecretString;

use super::Deps;
use crate::{
    model::Msisdn,
    storage::{
        StoreError, messages,
        traces::{self, Traced},
    },
};

/// A message with its words, as long as they are kept and can be read.
#[derive(Debug)]
pub struct Followed {
    /// What is known of it.
    pub traced: Traced,
    /// The words.
    pub words: Option<SecretString>,
}

/// The latest messages to a line, newest first.
pub async fn to_line(deps: &Deps, msisdn: &Msisdn, most: i64) -> Result<Vec<Followed>, StoreError> {
    let mut tx = deps.store.read().await?;
    let traced = traces::to_line(&mut tx, msisdn, most).await?;
    Ok(traced.into_iter().map(|traced| Followed { words: words(deps, &traced), traced }).collect())
}

fn words(deps: &Deps, traced: &Traced) -> Option<SecretString> {
    let sealed = traced.body.as_ref()?;
    let plain = deps.keys.open(messages::body_place(&traced.id), sealed).ok()?;
    std::str::from_utf8(&plain).ok().map(SecretString::from)
}
