//! Journeys as transcripts that anybody can read, on every back end.

use std::fs;

use daftari::{
    model::Msisdn,
    phones::{
        transcript::{self, CantDo, Stage},
        wire::Wire,
    },
};
use tokio::sync::Mutex;

use crate::town::{Backend, Town};

struct OnStage {
    town: Mutex<Town>,
    url: std::sync::Mutex<String>,
}

impl Stage for OnStage {
    fn base_url(&self) -> String {
        self.url.lock().expect("the address").clone()
    }

    async fn messages_to(&self, msisdn: &Msisdn) -> Result<Vec<String>, CantDo> {
        let town = self.town.lock().await;
        town.send_messages().await;
        // The node's own outbox may have taken some of them, and be about to record what became of them.
        let open = "SELECT COUNT(*) FROM messages WHERE fate IN ('queued', 'sent')";
        for _ in 0..200 {
            if town.count(open).await == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            town.send_messages().await;
        }
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

    async fn advance(&self, minutes: u32) -> Result<(), CantDo> {
        self.town.lock().await.pass(chrono::Duration::minutes(i64::from(minutes)));
        Ok(())
    }
}

async fn every_transcript_plays_on(backend: Backend) {
    let mut played = 0;
    let mut paths: Vec<_> =
        fs::read_dir("tests/transcripts").expect("transcripts").map(|e| e.expect("a file").path()).collect();
    paths.sort();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a transcript");
        let parsed = transcript::parse(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        let town = Town::with(backend, &[("DAFTARI_RECOVERY__FATE_WAIT_MS", "3000")]).await;
        town.start_outbox();
        let aggregator = town.aggregator(0, Wire::AfricasTalking);
        let url = std::sync::Mutex::new(town.nodes[0].url.clone());
        let stage = OnStage { town: Mutex::new(town), url };
        if let Err(mismatch) = transcript::run(&parsed, &aggregator, &stage).await {
            panic!("{} on {backend:?}:\n{mismatch}", path.display());
        }
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
