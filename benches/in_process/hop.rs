//! A hop without HTTP: everything between the adapter and the session store, with its state in memory. Then the same
//! with many sessions held, and what each of them takes.

use std::hint::black_box;

use anyhow::{Context as _, ensure};
use daftari::{
    app::App,
    clock::{Chance, Clock},
    config::{Config, Environment},
    gateways::{Hop, Typed},
    model::{Msisdn, Network, SessionId},
    sessions::{Arrival, SessionKey},
};
use tokio::runtime::{Builder, Runtime};

use crate::{cost, print, shared};

/// Sessions of a batch.
const SESSIONS: u32 = 50;
/// Menu hops of a session: with the dial and the language it stays under the 30 hops a minute of one number.
const HOPS: usize = 24;

struct Gateway {
    runtime: Runtime,
    app: App,
    next: u32,
    _folder: tempfile::TempDir,
}

/// Print what a hop costs with few and with `held` sessions in memory, and what a session takes.
pub fn measure(batches: u32, held: u32) -> anyhow::Result<()> {
    let mut gateway = Gateway::start()?;
    let few = gateway.cost(batches)?;
    few.print("a menu hop in process");
    let (bytes, before) = (gateway.state_bytes()?, shared::resident("self")?);
    let sessions = gateway.app.sessions.clone();
    gateway.runtime.block_on(async {
        shared::fill_counters(&sessions, 0..u64::from(held)).await?;
        shared::fill_states(&sessions, 0..u64::from(held), bytes).await
    })?;
    let grown = shared::resident("self")?.saturating_sub(before);
    print(&format!("a session in memory, of {held}"), shared::figure(grown) / f64::from(held), "bytes");
    let many = gateway.cost(batches)?;
    print(&format!("a menu hop with {held} sessions, against few"), many.nanos / few.nanos, "times");
    Ok(())
}

impl Gateway {
    fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let chance = Chance::from_system();
        let database = format!("sqlite://{}", folder.path().join("gateway.db").display());
        let environment: Environment = [("DAFTARI_DATABASE__URL", database)].into_iter().collect();
        let config = Config::load(None, &environment, &mut |bytes| chance.fill(bytes)).ok();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let config = config.context("a configuration that is right")?;
        let app = runtime.block_on(App::start(config, Clock::System, chance))?;
        Ok(Self { runtime, app, next: 0, _folder: folder })
    }

    /// Dials and languages need SQL, so they are made before anything is measured.
    fn cost(&mut self, batches: u32) -> anyhow::Result<crate::Cost> {
        let mut ready: Vec<Vec<Hop>> = vec![];
        for _ in 0..=batches {
            ready.push(self.sessions()?);
        }
        let (runtime, ussd) = (&self.runtime, &self.app.ussd);
        let mut wrong = 0;
        let measured = cost(batches, || {
            let hops = ready.pop().unwrap_or_default();
            for hop in &hops {
                wrong += u32::from(black_box(runtime.block_on(ussd.hop(hop))).ends);
            }
            // What was built beforehand is not given back while it is measured.
            let count = u32::try_from(hops.len()).unwrap_or(0);
            std::mem::forget(hops);
            count
        });
        ensure!(wrong == 0, "{wrong} hops were turned away");
        Ok(measured)
    }

    /// The menu hops of fresh sessions that have chosen their language.
    fn sessions(&mut self) -> anyhow::Result<Vec<Hop>> {
        let mut hops = vec![];
        for _ in 0..SESSIONS {
            self.next += 1;
            for text in ["", "1"] {
                let answer = self.runtime.block_on(self.app.ussd.hop(&hop(self.next, text)?));
                ensure!(!answer.ends, "a session did not begin");
            }
            let mut text = "1".to_owned();
            for input in ["3", "0", "2", "0"].into_iter().cycle().take(HOPS) {
                text = format!("{text}*{input}");
                hops.push(hop(self.next, &text)?);
            }
        }
        Ok(hops)
    }

    /// How long the state of the last session is.
    fn state_bytes(&self) -> anyhow::Result<usize> {
        let hop = hop(self.next, "")?;
        let keys = self.app.deps.keys.current();
        let caller = keys.marker().caller_tag(&hop.msisdn);
        let session = keys.marker().start(hop.provider, &hop.session).0;
        let key = SessionKey { caller, session };
        let arrival = Arrival { opens: false, hop: None };
        let loaded = self.runtime.block_on(self.app.sessions.load(&key, arrival))?;
        Ok(loaded.state.context("the session is there")?.bytes.len())
    }
}

fn hop(number: u32, text: &str) -> anyhow::Result<Hop> {
    Ok(Hop {
        provider: "africastalking",
        session: SessionId::parse(&format!("ATUid_{number:032x}")).context("an id")?,
        msisdn: Msisdn::from_network(&format!("+2547{number:08}")).context("a number")?,
        service_code: "*384*2547#".to_owned(),
        network: Network::from_code("63902"),
        typed: Typed::Cumulative(text.to_owned().into()),
        metadata: None,
    })
}
