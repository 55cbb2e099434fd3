//! Journeys as transcripts that anybody can read, on every back end.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
};

use chrono::NaiveTime;
use daftari::{
    gateways::simulator::Behaviour,
    model::Msisdn,
    phones::{
        transcript::{self, Act, CantDo, Entry, Lot, Stage, Step, Transcript},
        wire::Wire,
    },
    services::{chasing, demo, officers, pay, season::calendar},
    storage::officers::Role,
};
use secrecy::ExposeSecret as _;
use tokio::sync::Mutex;

use crate::town::{Backend, Town, msisdn};
use crate::{closing, marking};

const OFFICER: &str = "+254700000090";

struct OnStage {
    town: Mutex<Town>,
    /// Whether a route loses what it takes: nothing is heard of that again, so nobody need wait for it.
    loses: AtomicBool,
    url: std::sync::Mutex<String>,
}

/// Let the outbox work until there is no such message, or it takes too long.
async fn until_none(town: &Town, open: &'static str) {
    for _ in 0..200 {
        if town.count(open).await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        town.send_messages().await;
    }
}

impl Stage for OnStage {
    fn base_url(&self) -> String {
        self.url.lock().expect("the address").clone()
    }

    async fn messages_to(&self, msisdn: &Msisdn) -> Result<Vec<String>, CantDo> {
        let town = self.town.lock().await;
        town.send_messages().await;
        // The node's own outbox may have taken some of them, and be about to record what became of them.
        let open = if self.loses.load(Ordering::Relaxed) {
            "SELECT COUNT(*) FROM messages WHERE fate = 'queued'"
        } else {
            "SELECT COUNT(*) FROM messages WHERE fate IN ('queued', 'sent')"
        };
        until_none(&town, open).await;
        Ok(town.messages_to(msisdn.as_e164()))
    }

    async fn flush_sessions(&self) -> Result<(), CantDo> {
        let mut town = self.town.lock().await;
        let numbers: Vec<String> = (1..100).map(|n| format!("+2547000000{n:02}")).collect();
        town.flush(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
        if town.backend == Backend::Embedded {
            // Its state goes with a restart.
            town.start_outbox();
        }
        self.url.lock().expect("the address").clone_from(&town.nodes[0].url);
        Ok(())
    }

    async fn restart(&self) -> Result<(), CantDo> {
        let mut town = self.town.lock().await;
        town.restart().await;
        town.start_outbox();
        self.url.lock().expect("the address").clone_from(&town.nodes[0].url);
        Ok(())
    }

    async fn officer_code(&self, line: &Msisdn) -> Result<String, CantDo> {
        let town = self.town.lock().await;
        let app = town.app();
        let (deps, officer) = (&app.deps, msisdn(OFFICER));
        // In office since the first time.
        let _ = officers::add(deps, "Jane Atieno", officer.clone(), Role::Support, "").await;
        let issued = officers::issue_code(deps, &app.menus.current(), &officer, line).await;
        Ok(issued.map_err(|why| CantDo(why.to_string()))?.code.expose_secret().to_owned())
    }

    async fn route(&self, name: &str, lot: Lot) -> Result<(), CantDo> {
        let behaviour = match lot {
            // In the settings since before the gateway was started.
            Lot::Words | Lot::Calls => return Ok(()),
            Lot::Refuses(reason) => Some(Behaviour::Refuse(reason)),
            Lot::Loses => {
                self.loses.store(true, Ordering::Relaxed);
                Some(Behaviour::Lose)
            }
            Lot::Works => None,
        };
        let town = self.town.lock().await;
        town.app().simulator.as_ref().expect("simulated routes").behave_on(name, behaviour);
        Ok(())
    }

    async fn demo_data(&self) -> Result<(), CantDo> {
        let town = self.town.lock().await;
        tomorrow(&town, 7);
        let app = town.app();
        demo::fill(&app.deps, &app.menus.current()).await.map_err(|why| CantDo(why.to_string()))
    }

    async fn register_to_sign(&self) -> Result<(), CantDo> {
        let town = self.town.lock().await;
        tomorrow(&town, 10);
        closing::to_sign(&town).await;
        Ok(())
    }

    async fn register_to_mark(&self) -> Result<(), CantDo> {
        marking::to_mark(&*self.town.lock().await).await;
        Ok(())
    }

    async fn payer(&self, refuses: Option<&str>) -> Result<(), CantDo> {
        let town = self.town.lock().await;
        let (deps, why) = (&town.app().deps, |why: String| CantDo(format!("payer: {why}")));
        let batch = pay::begin_batch(deps, closing::SERIES, true).await.map_err(|no| why(no.to_string()))?;
        let lines = pay::lines(deps, closing::SERIES, &batch.name).await.map_err(|no| why(no.to_string()))?;
        let outcome = refuses.map_or("paid,TKX71HAQ2M,".to_owned(), |reason| format!("failed,,{reason}"));
        let said: Vec<String> = lines.iter().map(|line| format!("{},{outcome}\n", line.claim)).collect();
        let said = format!("claim,outcome,payer_ref,reason\n{}", said.concat());
        let report = pay::take_in(deps, said.as_bytes(), false).await.map_err(|no| why(no.to_string()))?;
        report.told.first_faults().first().map_or(Ok(()), |fault| Err(why(fault.to_string())))
    }

    async fn advance(&self, minutes: u32) -> Result<(), CantDo> {
        let town = self.town.lock().await;
        // A message that the node's own outbox has in hand would be taken for one that a dead node left behind.
        until_none(&town, "SELECT COUNT(*) FROM messages WHERE fate = 'queued' AND claimed_by IS NOT NULL")
            .await;
        town.pass(chrono::Duration::minutes(i64::from(minutes)));
        let app = town.app();
        let promised = chasing::turn(&app.deps, &app.menus.current()).await;
        promised.map(drop).map_err(|why| CantDo(why.to_string()))
    }
}

/// Let it be this hour of tomorrow: what is sent at night differs.
pub fn tomorrow(town: &Town, hour: u32) {
    let now = town.clock.now();
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    let tomorrow = calendar::day_of(now) + chrono::Days::new(1);
    town.pass(calendar::instant(tomorrow, time) - now);
}

/// The settings of a transcript: the routes that it names.
fn settings(transcript: &Transcript) -> Vec<(String, String)> {
    let routes = transcript.entries.iter().filter_map(|entry| match entry {
        Entry::Step(Step { act: Act::Route(name, Lot::Words), .. }) => Some((name, "simulator")),
        Entry::Step(Step { act: Act::Route(name, Lot::Calls), .. }) => Some((name, "simulator-voice")),
        _ => None,
    });
    let set = |(n, (name, kind)): (usize, (&String, &str))| {
        let key = |key: &str| format!("DAFTARI_SMS__ROUTE__{n}__{key}");
        [(key("NAME"), name.clone()), (key("KIND"), kind.to_owned())]
    };
    let wait = ("DAFTARI_RECOVERY__FATE_WAIT_MS".to_owned(), "3000".to_owned());
    routes.enumerate().flat_map(set).chain([wait]).collect()
}

async fn every_transcript_plays_on(backend: Backend) {
    let mut played = 0;
    let mut paths: Vec<_> =
        fs::read_dir("tests/transcripts").expect("transcripts").map(|e| e.expect("a file").path()).collect();
    paths.sort();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a transcript");
        let parsed = transcript::parse(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        let settings = settings(&parsed);
        let settings: Vec<_> = settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let town = Town::with(backend, &settings).await;
        town.start_outbox();
        let aggregator = town.aggregator(0, Wire::AfricasTalking);
        let url = std::sync::Mutex::new(town.nodes[0].url.clone());
        let stage = OnStage { town: Mutex::new(town), loses: AtomicBool::new(false), url };
        if let Err(mismatch) = transcript::run(&parsed, &aggregator, &stage).await {
            panic!("{} on {backend:?}:\n{mismatch}", path.display());
        }
        stage.town.into_inner().close().await;
        played += 1;
    }
    assert!(played >= 8, "only {played} transcripts were found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transcript_plays_on_the_embedded_default() {
    every_transcript_plays_on(Backend::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transcript_plays_on_postgres_and_redis() {
    every_transcript_plays_on(Backend::Production).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transcript_plays_on_postgres_and_redis_cluster() {
    every_transcript_plays_on(Backend::Cluster).await;
}
