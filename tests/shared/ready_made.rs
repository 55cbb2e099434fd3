//! What every test needs and none is about, made once for a process of tests: a database with the schema in it, of
//! which each test gets a copy of its own, and the menus, proved.

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use daftari::{
    menu::definition::Bundle,
    services::menus::{MenusRefused, Proved},
    storage::{IfMissing, Store},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::sync::OnceCell;

/// A SQLite database of this test's own in a folder; its address.
pub async fn sqlite(folder: &Path) -> String {
    static SCHEMA: OnceCell<Vec<u8>> = OnceCell::const_new();
    let path = folder.join("town.db");
    fs::write(&path, SCHEMA.get_or_init(empty_sqlite).await).expect("a database is copied");
    format!("sqlite://{}", path.display())
}

async fn empty_sqlite() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("schema.db");
    migrate(&format!("sqlite://{}", path.display())).await;
    fs::read(path).expect("the file that was made")
}

/// A database of this test's own on the Postgres of the test run; its address.
pub async fn postgres(title: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    static SCHEMA: OnceCell<String> = OnceCell::const_new();
    let schema = SCHEMA.get_or_init(empty_postgres).await;
    let name = format!("{title}_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    create(format!("CREATE DATABASE {name} TEMPLATE {schema}")).await;
    address(&name)
}

async fn empty_postgres() -> String {
    let name = format!("schema_{}", std::process::id());
    create(format!("CREATE DATABASE {name}")).await;
    migrate(&address(&name)).await;
    name
}

async fn create(sql: String) {
    let mut admin = PgConnection::connect(&server()).await.expect("Postgres answers");
    admin.execute(AssertSqlSafe(sql)).await.expect("a database is made");
}

fn address(name: &str) -> String {
    let server = server();
    let (base, _) = server.rsplit_once('/').expect("the address names a database");
    format!("{base}/{name}")
}

fn server() -> String {
    let variable = "DAFTARI_TEST_POSTGRES";
    env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run tests/run, which brings the servers up"))
}

/// Make the schema, and leave nobody connected: only such a database can be copied.
async fn migrate(url: &str) {
    let store = Store::connect(url, 2, IfMissing::Create).await.expect("the database opens");
    store.migrate().await.expect("the schema is made");
    store.close().await;
}

/// The menus of a bundle, proved for screens of so many septets. Broken ones are refused every time.
pub fn proved(bundle: Bundle, budget: usize) -> Result<Proved, MenusRefused> {
    static PROVED: Mutex<BTreeMap<(String, usize), Proved>> = Mutex::new(BTreeMap::new());
    // Held while they are proved, so that the tests that begin at once do not all do it.
    let mut proved = PROVED.lock().unwrap_or_else(PoisonError::into_inner);
    let wanted = (bundle.version(), budget);
    if let Some(known) = proved.get(&wanted) {
        return Ok(known.clone());
    }
    let fresh = Proved::of(bundle, budget)?;
    proved.insert(wanted, fresh.clone());
    Ok(fresh)
}
