//! The schema: the same on both engines, of one version with the program, and never made by mistake.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use daftari::storage::{Dialect, IfMissing, OpenError, Store};

use crate::{
    binary::daftari,
    town::{Backend, SECRET, Town},
};

/// What a table is, in words that both engines share.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    /// Name to type and whether it may be NULL.
    columns: BTreeMap<String, (String, bool)>,
    primary_key: Vec<String>,
    unique: BTreeSet<Vec<String>>,
    /// Name to columns, whether it covers only some rows, and whether those are unique.
    indexes: BTreeMap<String, (Vec<String>, bool, bool)>,
    /// Column to table and column.
    references: BTreeMap<String, (String, String)>,
}

type Tables = BTreeMap<String, Table>;

/// Table, column, type, NULL allowed, place in the primary key or 0.
type ColumnRow = (String, String, String, bool, i64);
/// Table, index, unique, partial, column; in the order of the columns.
type IndexRow = (String, String, bool, bool, String);
/// Table, column, table and column referred to.
type ReferenceRow = (String, String, String, String);

const SQLITE: [&str; 3] = [
    "SELECT t.name, c.name, c.type, c.\"notnull\" = 0 AND c.pk = 0, c.pk
     FROM pragma_table_list t JOIN pragma_table_info(t.name) c
     WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    "SELECT t.name, i.name, i.\"unique\", i.partial, c.name
     FROM pragma_table_list t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
     WHERE t.schema = 'main' AND t.type = 'table' AND i.origin <> 'pk' ORDER BY i.name, c.seqno",
    "SELECT t.name, f.\"from\", f.\"table\", f.\"to\"
     FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) f WHERE t.schema = 'main'",
];

const POSTGRES: [&str; 3] = [
    "SELECT c.table_name::text, c.column_name::text, c.data_type::text, c.is_nullable = 'YES',
            COALESCE((SELECT k.ordinal_position::bigint
                      FROM information_schema.key_column_usage k
                      JOIN information_schema.table_constraints p USING (constraint_schema, constraint_name)
                      WHERE p.constraint_type = 'PRIMARY KEY' AND k.table_schema = c.table_schema
                        AND k.table_name = c.table_name AND k.column_name = c.column_name), 0)
     FROM information_schema.columns c WHERE c.table_schema = 'public'",
    "SELECT t.relname::text, i.relname::text, x.indisunique, x.indpred IS NOT NULL, a.attname::text
     FROM pg_index x
     JOIN pg_class t ON t.oid = x.indrelid
     JOIN pg_class i ON i.oid = x.indexrelid
     JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public'
     CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY k (attnum, place)
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
     WHERE NOT x.indisprimary ORDER BY i.relname, k.place",
    "SELECT t.relname::text, a.attname::text, r.relname::text, b.attname::text
     FROM pg_constraint c
     JOIN pg_class t ON t.oid = c.conrelid
     JOIN pg_class r ON r.oid = c.confrelid
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
     JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = c.confkey[1]
     WHERE c.contype = 'f'",
];

async fn tables(store: &Store) -> Tables {
    let [columns, indexes, references] = match store.dialect() {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
    };
    let mut tx = store.read().await.expect("a read");
    let mut tables = Tables::new();
    add_columns(&mut tables, tx.query(columns).all().await.expect("columns"));
    add_indexes(&mut tables, tx.query(indexes).all().await.expect("indexes"));
    let rows: Vec<ReferenceRow> = tx.query(references).all().await.expect("references");
    for (table, column, to_table, to_column) in rows {
        tables.entry(table).or_default().references.insert(column, (to_table, to_column));
    }
    tables.remove("_sqlx_migrations").expect("the table that says which migrations there were");
    tables
}

fn add_columns(tables: &mut Tables, mut rows: Vec<ColumnRow>) {
    rows.sort_by_key(|row| row.4);
    for (table, column, kind, may_be_null, place) in rows {
        let table = tables.entry(table).or_default();
        if place > 0 {
            table.primary_key.push(column.clone());
        }
        table.columns.insert(column, (kind, may_be_null));
    }
}

fn add_indexes(tables: &mut Tables, rows: Vec<IndexRow>) {
    let mut unique: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (table, index, is_unique, partial, column) in rows {
        if is_unique && !partial {
            unique.entry((table, index)).or_default().push(column);
        } else {
            let indexes = &mut tables.entry(table).or_default().indexes;
            indexes.entry(index).or_insert_with(|| (vec![], partial, is_unique)).0.push(column);
        }
    }
    for ((table, _), columns) in unique {
        tables.entry(table).or_default().unique.insert(columns);
    }
}

/// The type that SQLite has for one of Postgres; there are no others.
fn in_sqlite(kind: &str) -> &'static str {
    match kind {
        "text" | "timestamp with time zone" | "date" | "time without time zone" => "TEXT",
        "bytea" | "uuid" => "BLOB",
        "boolean" | "bigint" => "INTEGER",
        other => panic!("{other} is not one of the types we use"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_engines_have_the_same_tables() {
    let (embedded, production) = (Town::open(Backend::Embedded).await, Town::open(Backend::Production).await);
    let sqlite = tables(&embedded.app().deps.store).await;
    let mut postgres = tables(&production.app().deps.store).await;
    for table in postgres.values_mut() {
        for (kind, _) in table.columns.values_mut() {
            *kind = in_sqlite(kind).to_owned();
        }
    }
    let names = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&sqlite), names(&postgres));
    assert!(sqlite.len() >= 15, "only {:?}", names(&sqlite));
    for (name, table) in &sqlite {
        assert_eq!(Some(table), postgres.get(name), "{name} in SQLite, and in Postgres");
    }
    assert!(
        !sqlite["accounts"].unique.is_empty() && sqlite["drafts"].primary_key.len() == 2,
        "it looks closely"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_of_sqlite_is_strict() {
    let town = Town::open(Backend::Embedded).await;
    let mut tx = town.app().deps.store.read().await.expect("a read");
    let lax: Vec<(String,)> = tx
        .query("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0")
        .all()
        .await
        .expect("tables");
    let ours = |name: &String| !name.starts_with("sqlite_") && name != "_sqlx_migrations";
    let lax: Vec<String> = lax.into_iter().map(|(name,)| name).filter(ours).collect();
    assert!(lax.is_empty(), "not STRICT: {}", lax.join(", "));
}

#[test]
fn both_engines_have_the_same_migrations() {
    assert_eq!(migrations("sqlite"), migrations("postgres"));
}

fn migrations(engine: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let files = fs::read_dir(folder).expect("migrations").map(|file| file.expect("a file").file_name());
    files.map(|name| name.into_string().expect("a name")).collect()
}

/// The numbers of the migrations, in order.
fn numbers() -> Vec<i64> {
    let numbers = migrations("sqlite").into_iter().map(|name| {
        let (number, _) = name.split_once('_').expect("a number and a name");
        number.parse().expect("a number")
    });
    numbers.collect()
}

/// The number of the newest migration.
fn newest() -> i64 {
    numbers().pop().expect("a migration")
}

/// Makes the newest migration one that this program doesn't have.
const NEWER: &str =
    "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";

async fn change(store: &Store, sql: &'static str) {
    let mut tx = store.begin().await.expect("a transaction");
    tx.query(sql).execute().await.expect("the change");
    tx.commit().await.expect("the change is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_of_another_version_is_refused() {
    for backend in [Backend::Embedded, Backend::Production] {
        let town = Town::open(backend).await;
        let store = &town.app().deps.store;
        store.require_version().await.expect("a fresh database is of this version");
        for (made, found) in [
            (NEWER, 9999),
            ("UPDATE _sqlx_migrations SET success = FALSE", 0),
            ("DELETE FROM _sqlx_migrations", 0),
            ("DROP TABLE _sqlx_migrations", 0),
        ] {
            change(store, made).await;
            let refused = store.require_version().await.expect_err("another version");
            assert_eq!(
                refused.to_string(),
                format!(
                    "the database is at version {found}, this program needs {}: run `daftari migrate` (or a newer \
                     program)",
                    newest()
                ),
                "{backend:?} after {made}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_is_never_migrated() {
    for backend in [Backend::Embedded, Backend::Production] {
        let town = Town::open(backend).await;
        let store = &town.app().deps.store;
        change(store, NEWER).await;
        let refused = store.migrate().await.expect_err("a newer database");
        assert!(matches!(refused, OpenError::Migration(_)), "{backend:?}: {refused}");
        let mut tx = store.read().await.expect("a read");
        let versions: Vec<(i64,)> =
            tx.query("SELECT version FROM _sqlx_migrations ORDER BY version").all().await.expect("versions");
        let versions: Vec<i64> = versions.into_iter().map(|(version,)| version).collect();
        assert_eq!(
            versions,
            numbers().into_iter().filter(|n| *n < newest()).chain([9999]).collect::<Vec<_>>(),
            "{backend:?}"
        );
    }
}

/// A configuration file for one SQLite database; with a file, nothing is made by itself but the keys.
fn configured(folder: &Path, database: &str) -> String {
    let file = folder.join("daftari.toml");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\ncallback_secret = \"{SECRET}\"\n\
         [database]\nurl = \"sqlite://{}\"\n\
         [[sms.route]]\nname = \"simulator\"\nkind = \"simulator\"\n",
        folder.join(database).display()
    );
    fs::write(&file, text).expect("a configuration");
    file.display().to_string()
}

fn files(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").file_name());
    files.map(|name| name.into_string().expect("a name")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_database_is_refused_and_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mistyped/town.db").display().to_string();
    let refused = Store::connect(&format!("sqlite://{path}"), 2, IfMissing::Refuse).await;
    assert!(matches!(refused, Err(OpenError::Missing(missing)) if missing == path));

    let file = configured(folder.path(), "mistyped/town.db");
    let said = daftari(&["serve", "--config", &file], &[]).await;
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(
        said.err.contains(&format!("there is no database at {path}; `daftari migrate` makes it")),
        "{}",
        said.err
    );
    assert_eq!(files(folder.path()), ["daftari.toml"], "nothing was made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serving_refuses_a_database_of_another_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = configured(folder.path(), "town.db");
    let migrated = daftari(&["migrate", "--config", &file], &[]).await;
    assert_eq!((migrated.code, migrated.out.as_str()), (0, "The database is at this program's version.\n"));

    let url = format!("sqlite://{}", folder.path().join("town.db").display());
    for (made, found) in [(NEWER, 9999), ("DELETE FROM _sqlx_migrations", 0)] {
        let store = Store::connect(&url, 2, IfMissing::Refuse).await.expect("the database is there");
        change(&store, made).await;
        store.close().await;
        let said = daftari(&["serve", "--config", &file], &[]).await;
        assert_eq!(said.code, 1, "{}", said.err);
        let sentence = format!("the database is at version {found}, this program needs {}", newest());
        assert!(said.err.contains(&sentence), "{}", said.err);
    }
}
