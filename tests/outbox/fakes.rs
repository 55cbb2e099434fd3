//! Routes that do what a test tells them.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex},
};

use daftari::{
    gateways::{Outgoing, SmsGateway, Verdict},
    model::{Msisdn, message::RefusalReason},
};
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;

type Said<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// Says what it was told to, in this order, then accepts; keeps whom it was asked to send to.
#[derive(Default)]
pub struct Scripted {
    verdicts: Mutex<VecDeque<Verdict>>,
    asked: Mutex<Vec<Msisdn>>,
    bodies: Mutex<Vec<String>>,
}

impl Scripted {
    pub fn new(verdicts: impl IntoIterator<Item = Verdict>) -> Arc<Self> {
        Arc::new(Self { verdicts: Mutex::new(verdicts.into_iter().collect()), ..Self::default() })
    }

    /// What it was asked to send.
    pub fn bodies(&self) -> Vec<String> {
        self.bodies.lock().expect("no test panicked in it").clone()
    }

    pub fn asked(&self) -> Vec<Msisdn> {
        self.asked.lock().expect("no test panicked in it").clone()
    }
}

impl SmsGateway for Scripted {
    fn send<'a>(&'a self, sms: &'a Outgoing) -> Said<'a> {
        let mut asked = self.asked.lock().expect("no test panicked in it");
        asked.push(sms.to.clone());
        let body = sms.body.expose_secret().to_owned();
        self.bodies.lock().expect("no test panicked in it").push(body);
        let told = self.verdicts.lock().expect("no test panicked in it").pop_front();
        let verdict =
            told.unwrap_or_else(|| accepted(&format!("scripted-{}-{}", sms.id.0.simple(), sms.attempt)));
        Box::pin(async move { verdict })
    }
}

/// Takes messages and answers when the test opens it.
pub struct Gate {
    begun: Semaphore,
    open: Semaphore,
}

impl Gate {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { begun: Semaphore::new(0), open: Semaphore::new(0) })
    }

    /// Wait until so many messages were handed to it.
    pub async fn has_taken(&self, messages: u32) {
        self.begun.acquire_many(messages).await.expect("it is never closed").forget();
    }

    pub fn answer(&self, messages: usize) {
        self.open.add_permits(messages);
    }
}

impl SmsGateway for Gate {
    fn send<'a>(&'a self, sms: &'a Outgoing) -> Said<'a> {
        Box::pin(async move {
            self.begun.add_permits(1);
            self.open.acquire().await.expect("it is never closed").forget();
            accepted(&format!("gate-{}", sms.to.username()))
        })
    }
}

pub fn accepted(id: &str) -> Verdict {
    Verdict::Accepted { provider_id: id.to_owned(), cost_cents: None }
}

pub fn refused(reason: RefusalReason) -> Verdict {
    Verdict::Refused { reason, detail: "as told".to_owned() }
}

pub fn failed(retry: bool, unclear: bool) -> Verdict {
    Verdict::Failed { retry, unclear, alert: !retry, detail: "as told".to_owned() }
}
