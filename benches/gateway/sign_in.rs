//! Sign-ins by PIN over HTTP, against bare Argon2id on the same cores, in turns. The hop that is measured is the one
//! that brings the PIN; it has a screen of its own to come back with, so a wrong one would be seen.

use std::{
    thread::{self, available_parallelism},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use argon2::{Algorithm, Argon2, Params, Version};

use crate::{
    Plan, back_end,
    load::{self, Input, Measured, Work},
    script::Session,
    servers::{Daftari, Server},
    shared::{self, median},
    table::{Goal, Row},
};

const PIN: &str = "907318";
/// From the language to the account.
const SIGN_UP: [(Input, &str); 10] = [
    (Input::Dial, "CON Examination"),
    (Input::Typed("1"), "CON This line has no account"),
    (Input::Typed("1"), "CON We keep"),
    (Input::Typed("1"), "CON Type your first"),
    (Input::Typed("Asha+Njeri"), "CON Type your surname"),
    (Input::Typed("Wanjiku"), "CON Type your national ID"),
    (Input::NationalId, "CON Is this right?"),
    (Input::Typed("1"), "CON Choose a secret PIN"),
    (Input::Typed(PIN), "CON Type the same PIN"),
    (Input::Typed(PIN), "END Your account is open."),
];
/// As many as wait for an answer at once. More would wait for a core anyway.
const CALLERS: usize = 8;
/// Turns: with the sign-up a number stays under its 30 hops a minute.
const TURNS: usize = 3;

/// The table's part about signing in.
pub async fn table(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let daftari = Daftari::new(Some(&back_end::own_database().await?), &back_end::redis()?)?;
    let server = daftari.serve().await?;
    let mut people: Vec<_> = (0..plan.accounts).map(|_| Session::new()).collect();
    for (input, begins) in SIGN_UP {
        people = all(&server, people, input, begins).await?.1;
    }
    let (mut bare, mut signed_in, mut p99) = (vec![], vec![], vec![]);
    for _ in 0..TURNS {
        bare.push(argon2id(plan.window)?);
        let dialling = people.iter().map(Session::again).collect();
        let (_, dialled) = all(&server, dialling, Input::Dial, "CON Type your PIN").await?;
        let (measured, _) = all(&server, dialled, Input::Typed(PIN), "CON Hello Asha").await?;
        signed_in.push(measured.rate());
        p99.push(measured.micros(0.99) / 1e3);
    }
    let ratio = signed_in.iter().zip(&bare).map(|(signed_in, bare)| signed_in / bare).collect();
    Ok(vec![
        Row::new("bare Argon2id", median(bare), "/s"),
        Row::new("sign-ins", median(signed_in), "/s"),
        Row::new("sign-ins: p99", median(p99), "ms"),
        Row::new("sign-ins against bare Argon2id", median(ratio), "times").goal(Goal::AtLeast(0.9)),
    ])
}

async fn all(
    server: &Server,
    people: Vec<Session>,
    input: Input,
    begins: &'static str,
) -> anyhow::Result<(Measured, Vec<Session>)> {
    load::drive(server.port, CALLERS, people, Work::Once(input, begins), Duration::from_mins(5)).await
}

/// Hashes a second on all cores, at the cost that PINs have (`src/secrets/pins.rs`).
fn argon2id(window: Duration) -> anyhow::Result<f64> {
    let params = Params::new(19_456, 2, 1, None).ok().context("the cost is within its limits")?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let began = Instant::now();
    let hash = || {
        let mut hashes = 0;
        while began.elapsed() < window {
            argon2.hash_password_into(&[7; 32], &[7; 16], &mut [0; 32]).ok()?;
            hashes += 1;
        }
        Some(hashes)
    };
    let hashes: Option<u64> = thread::scope(|scope| {
        let cores = available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(hash)).collect();
        threads.into_iter().map(|thread| thread.join().ok().flatten()).sum()
    });
    Ok(shared::figure(hashes.context("hashing failed")?) / began.elapsed().as_secs_f64())
}
