//! `[database]`: which engine keeps what must not be lost. Opening it is `storage`'s.

use std::{
    path::{Path, PathBuf},
    str::FromStr as _,
};

use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;

use super::reader::{Checked, Reader, Told, whole};

/// The SQL database.
#[derive(Debug, Clone)]
pub struct Database {
    /// The URL as written; it may hold a password.
    pub url: SecretString,
    /// Which of the two engines it names.
    pub engine: Engine,
    /// Connections that a node may hold.
    pub max_connections: u32,
}

/// The two engines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// A file, relative to the working directory unless absolute.
    Sqlite(PathBuf),
    /// A server.
    Postgres,
}

impl Database {
    /// The file of an SQLite database.
    pub fn sqlite_file(&self) -> Option<&Path> {
        match &self.engine {
            Engine::Sqlite(file) => Some(file),
            Engine::Postgres => None,
        }
    }
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Database, Told> {
    let hint = "write sqlite://var/daftari.db or postgres://user:password@host/database";
    let url = r.required("database.url", hint, |text| Ok((SecretString::from(text), engine(text)?)));
    let max_connections = r.or("database.max_connections", 16, whole(1..=1000));
    let (url, engine) = url?;
    Ok(Database { url, engine, max_connections: max_connections? })
}

/// A mistyped URL is refused here: SQLite would otherwise make a new empty database of whatever name it finds.
fn engine(text: &str) -> Checked<Engine> {
    if text.contains('…') {
        return Err("still holds the placeholder …; write your own".to_owned());
    }
    match text.split_once("://") {
        Some(("sqlite", file)) => sqlite(file),
        Some(("postgres" | "postgresql", _)) => postgres(text),
        _ => Err("takes sqlite://relative, sqlite:///absolute or postgres://user:password@host/database"
            .to_owned()),
    }
}

fn sqlite(file: &str) -> Checked<Engine> {
    if file.contains(['?', '#', '%', '\0']) {
        return Err("takes sqlite:// and a plain path, nothing after it".to_owned());
    }
    if file.is_empty() || file.ends_with('/') || file.contains(":memory:") {
        return Err("names no file; write sqlite://var/daftari.db".to_owned());
    }
    Ok(Engine::Sqlite(file.into()))
}

fn postgres(text: &str) -> Checked<Engine> {
    let wrong =
        "takes postgres://user:password@host:5432/database; escape other characters in the password by %";
    let options = PgConnectOptions::from_str(text).map_err(|_| wrong.to_owned())?;
    match options.get_database() {
        Some(name) if !name.is_empty() => Ok(Engine::Postgres),
        _ => Err("names no database; write postgres://user:password@host/database".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_its_engine() {
        assert_eq!(engine("sqlite://var/daftari.db"), Ok(Engine::Sqlite("var/daftari.db".into())));
        assert_eq!(engine("sqlite:///srv/d.db"), Ok(Engine::Sqlite("/srv/d.db".into())));
        for url in ["postgres://u:p@h:5432/d", "postgresql://h/d", "postgres:///d?host=/run/postgresql"] {
            assert_eq!(engine(url), Ok(Engine::Postgres), "{url}");
        }
    }

    #[test]
    fn a_mistyped_url_is_refused_and_not_repeated() {
        for url in [
            "",
            "var/daftari.db",
            "sqlite:var/daftari.db",
            "sqlite://",
            "sqlite://:memory:",
            "sqlite://var/",
            "sqlite://a.db?mode=rwc",
            "mysql://u:hunter2@h/d",
            "postgres://u:hunter2@h",
            "postgres://u:hunter2@h:port/d",
            "postgress://u:hunter2@h/d",
            "postgres://u:…@h/d",
        ] {
            let fault = engine(url).expect_err(url);
            assert!(!fault.contains("hunter2"), "{fault}");
        }
    }
}
