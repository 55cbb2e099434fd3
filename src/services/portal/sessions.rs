//! Sessions of browsers in our SQL, for tower-sessions: the id is kept as a digest, what they hold is sealed, and they
//! end by our clock: 30 minutes after the last page, 12 hours after they got their id (`security.md` 36).

use std::{collections::HashMap, fmt};

use async_trait::async_trait;
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};
use tower_sessions::{
    SessionStore,
    cookie::time::{Duration, OffsetDateTime},
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::Fault;
use crate::{
    services::Deps,
    storage::web_sessions::{self, Digest, WebSession, place},
};

/// How long a session lives without a page.
pub const IDLE: TimeDelta = TimeDelta::minutes(30);
/// How long it lives whatever happens.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);
/// That a session was used is written no oftener.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The store of sessions of browsers; clones share it.
#[derive(Clone)]
pub struct Sessions(Deps);

impl Sessions {
    /// A store over these.
    pub fn new(deps: Deps) -> Self {
        Self(deps)
    }

    async fn insert(&self, record: &mut Record) -> std::result::Result<(), Fault> {
        let deps = &self.0;
        loop {
            record.id = Id(i128::from_be_bytes(deps.chance.bytes()));
            let id = digest(&record.id);
            let mut tx = deps.store.begin().await?;
            let sealed = deps.keys.current().seal(place(&id), &plain(record), deps.chance.bytes());
            if web_sessions::insert(&mut tx, id, sealed, deps.clock.now()).await? {
                return Ok(tx.commit().await?);
            }
        }
    }

    async fn update(&self, record: &Record) -> std::result::Result<(), Fault> {
        let deps = &self.0;
        let id = digest(&record.id);
        let mut tx = deps.store.begin().await?;
        let sealed = deps.keys.current().seal(place(&id), &plain(record), deps.chance.bytes());
        web_sessions::save(&mut tx, id, sealed).await?;
        Ok(tx.commit().await?)
    }

    async fn find(&self, id: &Id) -> std::result::Result<Option<Record>, Fault> {
        let (deps, key) = (&self.0, digest(id));
        let now = deps.clock.now();
        let mut tx = deps.store.read().await?;
        let found = web_sessions::find(&mut tx, key).await?;
        drop(tx);
        let lives = |s: &WebSession| now - s.seen_at < IDLE && now - s.began_at < LONGEST;
        let Some(session) = found.filter(lives) else { return Ok(None) };
        if now - session.seen_at >= SEEN_EVERY {
            let mut tx = deps.store.begin().await?;
            web_sessions::touch(&mut tx, key, now).await?;
            tx.commit().await?;
        }
        let plain = deps.keys.open(place(&key), &session.data)?;
        let data = serde_json::from_slice(&plain).unwrap_or_default();
        Ok(Some(Record { id: *id, data, expiry_date: far_off() }))
    }

    async fn remove(&self, id: &Id) -> std::result::Result<(), Fault> {
        let mut tx = self.0.store.begin().await?;
        web_sessions::remove(&mut tx, digest(id)).await?;
        Ok(tx.commit().await?)
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.insert(record).await.map_err(failed)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.update(record).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.find(id).await.map_err(failed)
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.remove(id).await.map_err(failed)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

fn digest(id: &Id) -> Digest {
    Sha256::digest(id.0.to_be_bytes()).into()
}

fn plain(record: &Record) -> Vec<u8> {
    let data: &HashMap<String, serde_json::Value> = &record.data;
    serde_json::to_vec(data).unwrap_or_default()
}

/// When a session ends is ours to say, not that of its record.
fn far_off() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::days(365 * 1000)
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn failed(fault: Fault) -> Error {
    Error::Backend(fault.to_string())
}
