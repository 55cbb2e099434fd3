//! The menus in use: the version that new sessions begin with, and every version that a live session may still be on.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use moka::future::Cache;

use super::Deps;
use crate::{
    menu::{
        Menus, check,
        definition::{Bundle, Complaint},
    },
    storage::{StoreError, menu_versions},
};

/// Why menus can't be served.
#[derive(Debug, thiserror::Error)]
pub enum MenusRefused {
    /// The folder can't be read.
    #[error("the menus can't be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The check found faults; what was served before stays.
    #[error("the menus are not served, because:\n{}", list(.0))]
    Faulty(Vec<Complaint>),
    /// The version could not be kept for other nodes.
    #[error("the menus could not be kept: {0}")]
    NotKept(#[from] StoreError),
    /// A live session's version is not in the database.
    #[error("the menus of version {0} are not in the database")]
    Unknown(String),
}

fn list(complaints: &[Complaint]) -> String {
    complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Menus that were proved: none other are served.
#[derive(Clone)]
pub struct Proved(Arc<Menus>);

impl Proved {
    /// Prove menus for screens of so many septets.
    pub fn of(bundle: Bundle, budget: usize) -> Result<Self, MenusRefused> {
        check::load(bundle, budget).map(Self).map_err(MenusRefused::Faulty)
    }
}

/// A version that does not hold, and why.
type Refused = (String, Vec<Complaint>);

/// The menus in use; clones share them.
#[derive(Clone)]
pub struct MenuBook {
    current: Arc<RwLock<Arc<Menus>>>,
    /// Versions of live sessions, compiled; a session lives ten minutes, so few are ever needed.
    versions: Cache<String, Arc<Menus>>,
    /// The version that was refused last, and why: a folder that stays as it is need not be proved again.
    refused: Arc<Mutex<Option<Refused>>>,
    deps: Deps,
}

impl MenuBook {
    /// Keep these menus in the database and begin new sessions with them.
    pub async fn open(deps: Deps, Proved(menus): Proved) -> Result<Self, MenusRefused> {
        keep(&deps, &menus).await?;
        let versions = Cache::new(32);
        versions.insert(menus.version.clone(), menus.clone()).await;
        Ok(Self { current: Arc::new(RwLock::new(menus)), versions, refused: Arc::default(), deps })
    }

    /// The menus that a new session begins with.
    pub fn current(&self) -> Arc<Menus> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begin new sessions with other menus. A broken version is refused and the old one stays; false when they are
    /// the ones in use already.
    pub async fn replace(&self, bundle: Bundle) -> Result<bool, MenusRefused> {
        if bundle.version() == self.current().version {
            return Ok(false);
        }
        let Proved(menus) = self.proved(bundle).await?;
        keep(&self.deps, &menus).await?;
        self.versions.insert(menus.version.clone(), menus.clone()).await;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = menus;
        Ok(true)
    }

    /// The menus if they hold; proving them takes a while, which no hop shall wait for.
    async fn proved(&self, bundle: Bundle) -> Result<Proved, MenusRefused> {
        let (version, budget) = (bundle.version(), self.deps.settings.screen_septets);
        let refused = || self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, why)) = refused().as_ref().filter(|(last, _)| *last == version) {
            return Err(MenusRefused::Faulty(why.clone()));
        }
        let proved = tokio::task::spawn_blocking(move || Proved::of(bundle, budget));
        let proved = proved.await.map_err(std::io::Error::other)?;
        if let Err(MenusRefused::Faulty(why)) = &proved {
            *refused() = Some((version, why.clone()));
        }
        proved
    }

    /// Read a folder and begin new sessions with what is in it.
    pub async fn reload(&self, dir: &Path) -> Result<bool, MenusRefused> {
        let dir = dir.to_owned();
        let bundle = tokio::task::spawn_blocking(move || Bundle::read(&dir))
            .await
            .map_err(std::io::Error::other)??;
        self.replace(bundle).await
    }

    /// The menus of a live session's version, from the database if another node or an earlier run served them.
    pub async fn version(&self, version: &str) -> Result<Arc<Menus>, MenusRefused> {
        let current = self.current();
        if current.version == version {
            return Ok(current);
        }
        // Boxed: hops on older menus are rare, and every hop would be moved about with room for this.
        Box::pin(self.older(version)).await
    }

    async fn older(&self, version: &str) -> Result<Arc<Menus>, MenusRefused> {
        if let Some(menus) = self.versions.get(version).await {
            return Ok(menus);
        }
        let mut tx = self.deps.store.read().await?;
        let kept = menu_versions::bundle(&mut tx, version).await?;
        let files: Option<BTreeMap<String, String>> = kept.and_then(|json| serde_json::from_str(&json).ok());
        let bundle = Bundle(files.ok_or_else(|| MenusRefused::Unknown(version.to_owned()))?);
        // It was proved when it was first served; the sessions on it must be able to end.
        let menus = Menus::compile(bundle).map_err(MenusRefused::Faulty)?;
        self.versions.insert(version.to_owned(), menus.clone()).await;
        Ok(menus)
    }
}

async fn keep(deps: &Deps, menus: &Menus) -> Result<(), StoreError> {
    let bundle = serde_json::to_string(&menus.bundle.0).map_err(|_| StoreError::Unreadable("a menu"))?;
    let mut tx = deps.store.begin().await?;
    menu_versions::keep(&mut tx, &menus.version, &bundle, deps.clock.now()).await?;
    tx.commit().await
}
