//! How the reads find their rows when the season is as large as it is: 35,000 centres on 25 days. None of them looks at
//! a whole table. `cargo test --test ledger plans -- --nocapture` shows the plans.

use daftari::{
    services::register,
    storage::{Dialect, Tx, coverage, marks, waiting},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::ground::{Engine, Ground, PRACTICE, SERIES, at, day, on_both_engines};

/// Rows 0 to n-1 on either engine.
fn rows(n: u32) -> String {
    format!(
        "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {n}) SELECT i FROM n) r"
    )
}

/// The id of the `i`-th person or deployment.
fn id(ground: &Ground, kind: &str) -> String {
    match ground.engine() {
        Engine::Embedded => format!("unhex('{kind}' || printf('%030d', i))"),
        Engine::Postgres => format!("CAST('{kind}' || lpad(CAST(i AS TEXT), 30, '0') AS UUID)"),
    }
}

const DEPLOYED: &str = "01";
const PERSON: &str = "02";

/// 47 counties of 10 sub-counties each, 35,000 centres with two people, 25 days, a tenth of the centres unmarked each
/// day, and a seventh signed and not countersigned; half of the days belong to another series, so that neither stands alone in the tables.
async fn season(ground: &Ground) {
    let mut tx = ground.begin().await;
    let (text, date) = match tx.dialect() {
        Dialect::Sqlite => ("printf('%08d', i / 2)", "date('2026-11-01', '+' || d.i || ' days')"),
        Dialect::Postgres => {
            // Rows are made by the hundred thousand, and no foreign key has to be looked up for them.
            for set in ["SET LOCAL statement_timeout = 0", "SET LOCAL session_replication_role = replica"] {
                tx.query(set).execute().await.expect("a setting");
            }
            ("lpad(CAST(i / 2 AS TEXT), 8, '0')", "DATE '2026-11-01' + d.i")
        }
    };
    let (person, deployment) = (id(ground, PERSON), id(ground, DEPLOYED));
    let centre = text.replace("i / 2", "i");
    let code = |table: &str| {
        centre.replace('i', &format!("{table}.i")).replace(&format!("pr{table}.intf"), "printf")
    };
    let made = at(1, "12:00").to_rfc3339();
    let made =
        if tx.dialect() == Dialect::Sqlite { format!("'{made}'") } else { format!("TIMESTAMPTZ '{made}'") };
    let (places, twice, days) = (rows(35_000), rows(70_000), rows(25).replace(" r", " d"));
    let signer = if tx.dialect() == Dialect::Sqlite {
        "zeroblob(16)".to_owned()
    } else {
        format!("CAST('{}' AS UUID)", Uuid::nil())
    };
    let kept = if tx.dialect() == Dialect::Sqlite { "x''" } else { "'\\x'" };
    let statements = [
        format!(
            "INSERT INTO centres (code, name, county_code, county, sub_county)
             SELECT {centre}, 'School', CAST(100 + i % 47 AS TEXT), 'County', 'Sub-county ' || ((i / 47) % 10) FROM {places}"
        ),
        format!("INSERT INTO people (id, full_name) SELECT {person}, 'Somebody' FROM {twice}"),
        format!(
            "INSERT INTO deployments (id, series, centre, person, role, number, from_on, to_on, origin, created_at)
             SELECT {deployment}, '{SERIES}', {text}, {person}, 'invigilator', 1 + i % 2, '2026-11-01', '2026-11-30',
                'import', {made} FROM {twice}"
        ),
        format!(
            "INSERT INTO register_days (series, on_day, centre, state, shape, present, absent, added, reference)
             SELECT CASE WHEN d.i % 2 = 0 THEN '{PRACTICE}' ELSE '{SERIES}' END, {date}, {}, 'submitted', 'full', 2, 0, 0,
                'AAAAAA' FROM {places} CROSS JOIN {days} WHERE (r.i + d.i) % 10 <> 0",
            code("r")
        ),
        format!(
            "INSERT INTO marks (deployment, on_day, version, present, seq)
             SELECT {}, {date}, 1, 1 = 1, 1 + d.i FROM {places} CROSS JOIN {days} WHERE r.i % 5 = 0",
            deployment.replace("(i ", "(r.i ").replace(", i)", ", r.i)"),
        ),
        format!(
            "INSERT INTO register_entries (series, centre, seq, at, on_day, act, channel, commitment, marks, reference, hash)
             SELECT '{SERIES}', {}, 1 + d.i, {made}, {date}, 'submit', 'ussd', {kept}, {kept},
                'A' || r.i || 'D' || d.i, {kept} FROM {places} CROSS JOIN {days} WHERE r.i % 20 = 0",
            code("r")
        ),
        format!(
            "INSERT INTO register_drafts (series, centre, on_day, body, base_seq, changed_at)
             SELECT '{SERIES}', {}, {date}, '', 0, {made} FROM {places} CROSS JOIN {days}
             WHERE r.i % 200 = 0",
            code("r")
        ),
        format!(
            "INSERT INTO register_documents (code, series, centre, seq, digest, people, days, present, absent, signed_at,
                signed_by, signed_line, countersigned_at)
             SELECT {}, '{SERIES}', {}, 1, {kept}, 2, 25, 50, 0, {made}, {signer}, '', CASE WHEN r.i % 7 <> 0 THEN {made} END
             FROM {places}",
            code("r"),
            code("r")
        ),
    ];
    for sql in statements {
        tx.query(AssertSqlSafe(sql.clone())).execute().await.unwrap_or_else(|e| panic!("{e}: {sql}"));
    }
    // Postgres does that by itself; nobody does on SQLite.
    if tx.dialect() == Dialect::Postgres {
        tx.query("ANALYZE").execute().await.expect("statistics");
    }
    tx.commit().await.expect("it is kept");
}

/// The plan of a statement, a line a step; on Postgres as it was carried out.
async fn plan<'t>(
    tx: &'t mut Tx,
    sql: &str,
    bound: impl FnOnce(daftari::storage::engine::Query<'t>) -> daftari::storage::engine::Query<'t>,
) -> Vec<String> {
    let dialect = tx.dialect();
    let explain = match dialect {
        Dialect::Sqlite => "EXPLAIN QUERY PLAN",
        Dialect::Postgres => "EXPLAIN (ANALYZE, BUFFERS)",
    };
    let query = bound(tx.query(AssertSqlSafe(format!("{explain} {sql}"))));
    match dialect {
        Dialect::Sqlite => {
            let rows: Vec<(i64, i64, i64, String)> = query.all().await.expect("a plan");
            rows.into_iter().map(|(.., detail)| detail).collect()
        }
        Dialect::Postgres => {
            let rows: Vec<(String,)> = query.all().await.expect("a plan");
            rows.into_iter().map(|(line,)| line).collect()
        }
    }
}

fn looks_at_no_whole_table(what: &str, plan: &[String]) {
    println!("\n{what}\n{}", plan.join("\n"));
    let whole = |line: &&String| {
        // Series, and the days of one, are some dozens, on one page.
        (line.contains("Seq Scan") && !line.contains("Seq Scan on series"))
            || (line.contains("SCAN ") && !line.contains("CONSTANT ROW"))
    };
    assert_eq!(plan.iter().find(whole), None, "{what}");
    let searched = plan.iter().any(|line| line.contains("USING") || line.contains("Index"));
    assert!(searched, "{what}: {plan:?}");
}

on_both_engines! {
    async fn a_season_of_35_000_centres_is_read_by_indexes(ground) {
        season(&ground).await;
        assert_eq!(ground.count("SELECT COUNT(*) FROM register_days").await, 787_500);
        let mut tx = ground.read().await;
        let sql = coverage::sub_county_sql();
        let lines = plan(&mut tx, &sql, |q| q.bind(SERIES).bind(day(4)).bind("100").bind("Sub-county 1")).await;
        looks_at_no_whole_table("the centres of a sub-county", &lines);
        let sql = coverage::county_sql();
        let lines = plan(&mut tx, &sql, |q| q.bind(SERIES).bind(day(4)).bind("100")).await;
        looks_at_no_whole_table("a county's coverage", &lines);
        let lines = plan(&mut tx, marks::ROSTER, |q| q.bind(SERIES).bind("00017000").bind(day(4))).await;
        looks_at_no_whole_table("a roster", &lines);
        let one = |kind: &str, n: u32| Uuid::parse_str(&format!("{kind}{n:030}")).expect("an id");
        let lines = plan(&mut tx, marks::HISTORY, |q| q.bind(one(DEPLOYED, 17_000))).await;
        looks_at_no_whole_table("a person's history", &lines);
        let sql = marks::of_person_sql();
        let lines = plan(&mut tx, &sql, |q| q.bind(one(PERSON, 17_000)).bind(SERIES)).await;
        looks_at_no_whole_table("a person's days", &lines);

        let lines = plan(&mut tx, marks::PEOPLE, |q| q.bind(SERIES).bind(Uuid::nil()).bind(1000i64)).await;
        looks_at_no_whole_table("the first thousand people who are paid", &lines);
        assert!(lines.iter().any(|line| line.contains("deployments_by_")), "{lines:?}");
        let sql = marks::of_people_sql();
        let span = (one(PERSON, 17_000), one(PERSON, 17_999));
        let lines = plan(&mut tx, &sql, |q| q.bind(span.0).bind(span.1).bind(SERIES)).await;
        println!("\nwhat a thousand people are paid for\n{}", lines.join("\n"));
        // Postgres may read the days of the country once for a thousand people with 25 days each.
        assert!(lines.iter().any(|line| line.contains("deployments_by_")), "{lines:?}");
        let sql = waiting::of_place_sql();
        let lines = plan(&mut tx, &sql, |q| q.bind("100").bind("Sub-county 1")).await;
        looks_at_no_whole_table("registers that wait for a director", &lines);

        let due = register::unmarked(&mut tx, SERIES, ("100", "Sub-county 1"), day(4)).await.expect("a list");
        let expected = (0..35_000).filter(|i| i % 47 == 0 && (i / 47) % 10 == 1);
        let unmarked = expected.clone().filter(|i| (i + 3) % 10 == 0).count();
        assert_eq!((due.centres.len(), due.total), (unmarked, expected.count()));
        let county = register::coverage(&mut tx, SERIES, "100", day(4)).await.expect("totals");
        assert_eq!(county.iter().map(|place| place.centres).sum::<i64>(), 745);
    }
}
