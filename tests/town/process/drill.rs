//! The drill: nodes are killed with `kill -9` at seeded instants while phones mark registers. Whatever reference a phone
//! was shown or a receipt said is in the ledger once, nothing is there that nobody asked for, and the chains hold.
//!
//! A short form runs with the other tests; `tests/drill` runs the whole: `DAFTARI_DRILL_KILLS`, `DAFTARI_DRILL_SEED`.

use std::{
    env,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use daftari::{
    clock::Chance,
    model::{CentreCode, Language, Pin, Post},
    phones::{crowd::Person, wire::Aggregator},
    services::{accounts::NAIROBI, posts::install, season::import::Kind},
    storage::lines,
};
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::Program;
use crate::{
    binary::daftari,
    faults::eventually,
    season::import,
    town::{Backend, CODE, SECRET, Town},
};

mod ledger;
mod phone;
mod sms;

use ledger::Count;
use phone::{Asked, Phone};
use sms::Sms;

const SERIES: &str = "DRILL";
/// People of a centre.
const PEOPLE: usize = 8;
/// Kills of the short form: a node that is not optimised takes seconds to prove its menus at each start.
const SHORT: u64 = 3;
/// Phones that are on a call at once: few, because the nodes that are left must leave a core to the one that starts.
const AT_ONCE: usize = 6;
/// Hops between a node's start and the next kill at most, and hops that a register takes at least.
const HOPS_BETWEEN: usize = 25;
const HOPS_AT_LEAST: usize = 4;
/// Registers that are begun for a kill: enough to come to it, and no more, or the node that is left would mark all of them
/// while the other starts.
const FOR_A_KILL: usize = HOPS_BETWEEN.div_ceil(HOPS_AT_LEAST);

/// A number from the environment, for the whole drill.
fn number(name: &str, short: u64) -> u64 {
    env::var(name).ok().map_or(short, |text| text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}

/// Something from 0 to below `n`.
fn below(chance: &Chance, n: usize) -> usize {
    usize::from(u16::from_be_bytes(chance.bytes())) % n
}

/// What the phones of a drill want: nobody absent, some absent, and of every third one more is absent, as turns out later.
fn asked(seed: u64, n: usize) -> Asked {
    let person = u32::try_from(n).ok().and_then(|n| Person::new(seed, n, 0.0, CODE)).expect("somebody");
    let (number, centre, pin) = (person.line.msisdn.as_e164().to_owned(), person.centre, person.post_pin);
    let absent: &[usize] = [&[][..], &[3], &[3, 7], &[]][n % 4];
    Asked { centre, number, pin, absent, later: n.is_multiple_of(3).then_some(5) }
}

/// A series that is open all day, with everybody's centre in it, its PIN and its line.
async fn settle(town: &Town, all: &[Asked]) {
    let today = town.clock.now().with_timezone(&NAIROBI).date_naive();
    let tomorrow = today.succ_opt().expect("a day");
    let series = format!("code,exam,year,starts_on,ends_on\n{SERIES},KCSE,2026,{today},{tomorrow}\n");
    import(town, Kind::Series, &series).await;
    let day = |on| format!("{SERIES},{on},exam,00:00,23:59\n");
    import(town, Kind::Days, &format!("series,on,kind,opens,closes\n{}{}", day(today), day(tomorrow))).await;
    let centre = |asked: &Asked| format!("{},Mfano,022,Kiambu,Ruiru,{}\n", asked.centre, asked.number);
    let centres: String = all.iter().map(centre).collect();
    import(
        town,
        Kind::Centres,
        &format!("code,name,county_code,county,sub_county,manager_msisdn\n{centres}"),
    )
    .await;
    let mut people = "series,centre,role,full_name,msisdn,national_id,from_on,to_on,ref\n".to_owned();
    for Asked { centre, .. } in all {
        for letter in ('A'..).take(PEOPLE) {
            let row =
                format!("{SERIES},{centre},invigilator,Mtu {letter}li,,,{today},{tomorrow},{centre}{letter}");
            people.extend([row.as_str(), "\n"]);
        }
    }
    import(town, Kind::Deployments, &people).await;
    let deps = &town.app().deps;
    let pin = Pin::parse(&all[0].pin, 8).expect("a PIN");
    let hash = deps.hasher.hash(&deps.keys.current(), &pin, deps.chance.bytes()).await.expect("a hash");
    let mut tx = deps.store.begin().await.expect("a write");
    for Asked { centre, number, .. } in all {
        let (post, line) =
            (Post::Centre(CentreCode::parse(centre).expect("a centre")), crate::town::msisdn(number));
        let now = deps.clock.now();
        install::install(&mut tx, deps, (&post, &line), hash.clone(), now).await.expect("installed");
        lines::set_language(&mut tx, &line, Language::En, None, now).await.expect("kept");
    }
    tx.commit().await.expect("committed");
}

/// Kill one node after another, each some hops after all were there again, and start it anew.
async fn kill(
    nodes: &mut [Program],
    kills: usize,
    chance: &Chance,
    (begin, answered): (&Semaphore, &AtomicUsize),
) {
    for _ in 0..kills {
        begin.add_permits(FOR_A_KILL);
        let instant = answered.load(Ordering::Relaxed) + 1 + below(chance, HOPS_BETWEEN);
        let (node, within) = (below(chance, nodes.len()), below(chance, 40));
        eventually("hops are answered", async || answered.load(Ordering::Relaxed) >= instant).await;
        // Somewhere within the hops that are under way.
        tokio::time::sleep(Duration::from_millis(within.try_into().expect("few"))).await;
        nodes[node].kill();
        nodes[node].serve().await;
    }
}

/// Take centres from the list as they may be begun, and mark their registers.
async fn mark(
    all: &Mutex<std::vec::IntoIter<Asked>>,
    nodes: &Arc<Vec<Aggregator>>,
    begin: &Semaphore,
    answered: &AtomicUsize,
) -> Vec<(Asked, Vec<String>)> {
    let mut marked: Vec<(Asked, Vec<String>)> = vec![];
    // It is closed when the last node was killed.
    while let Ok(may) = begin.acquire().await {
        may.forget();
        let asked = all.lock().expect("centres").next().expect("a centre for whoever may begin");
        let repeats = marked.len().is_multiple_of(2);
        let told = Phone::new(asked.clone(), nodes.clone(), repeats).mark(answered).await;
        assert!(!repeats || told.len() == asked.acts(), "whoever's hops are repeated sees each reference");
        marked.push((asked, told));
    }
    marked
}

async fn drill(backend: Backend, nodes: usize) {
    let (kills, seed) = (number("DAFTARI_DRILL_KILLS", SHORT), number("DAFTARI_DRILL_SEED", 20_261_129));
    println!("drill on {backend:?}: {kills} kills of {nodes} node(s), DAFTARI_DRILL_SEED={seed}");
    let kills = usize::try_from(kills).expect("a count");
    let (sms, route) = Sms::listen().await;
    let route: Vec<(&str, &str)> = route.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let town = Town::with(backend, &route).await;
    let all: Vec<Asked> = (0..kills * FOR_A_KILL).map(|n| asked(seed, n)).collect();
    settle(&town, &all).await;
    let mut nodes: Vec<Program> = (0..nodes).map(|_| Program::beside(&town.environment)).collect();
    join_all(nodes.iter_mut().map(Program::serve)).await;
    let aggregators = Arc::new(nodes.iter().map(|node| node.aggregator(SECRET)).collect::<Vec<_>>());
    let (begin, answered, all) = (Semaphore::new(0), AtomicUsize::new(0), Mutex::new(all.into_iter()));
    let calling = join_all((0..AT_ONCE).map(|_| mark(&all, &aggregators, &begin, &answered)));
    let killing = async {
        kill(&mut nodes, kills, &Chance::seeded(seed), (&begin, &answered)).await;
        begin.close();
    };
    let (marked, ()) = tokio::join!(calling, killing);
    eventually("a receipt comes", async || !sms.sent().is_empty()).await;
    for node in &mut nodes {
        assert!(node.terminate().await.success());
    }
    let marked: Vec<(Asked, Vec<String>)> = marked.into_iter().flatten().collect();
    let hops = answered.load(Ordering::Relaxed);
    let count = Count { kills, hops, ..Count::of(&town, &marked, &sms.sent()).await };
    println!("{count}");
    let verified = daftari(&["audit", "verify"], &town.environment).await;
    assert_eq!(verified.code, 0, "{}", verified.err);
    println!("  {}", verified.out.trim_end());
    assert!(count.is_right() && count.on_screens > 0 && count.in_receipts > 0, "seed {seed}\n{count}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_confirmed_reference_is_lost_and_nothing_is_doubled_on_the_embedded_default() {
    drill(Backend::Embedded, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_confirmed_reference_is_lost_and_nothing_is_doubled_on_two_nodes_of_production() {
    drill(Backend::Production, 2).await;
}
