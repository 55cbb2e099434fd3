//! Its SMS route: `GET /cgi-bin/sendsms`, one message a request.
//!
//! The address holds the number, the words and the password: no error of this file repeats it.

use std::{future::Future, pin::Pin};

use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};

use super::words;
use crate::{
    gateways::{Outgoing, SmsGateway, Verdict, exchange},
    text::gsm,
};

/// Which reports are asked for: delivered 1, failed 2, buffered 4, taken by the SMSC 8, refused by the SMSC 16.
const REPORTS: &str = "31";

/// The route through a Kannel.
pub struct KannelSms {
    url: String,
    username: String,
    password: SecretString,
    sender: String,
    report_url: SecretString,
    client: Client,
}

impl KannelSms {
    /// A route by the configuration; `report_url` is our callback's whole address, without a query and without `%`,
    /// which Kannel would replace.
    pub fn new(
        base_url: &str,
        username: String,
        password: SecretString,
        sender: String,
        report_url: SecretString,
        client: Client,
    ) -> Self {
        let url = format!("{}/cgi-bin/sendsms", base_url.trim_end_matches('/'));
        Self { url, username, password, sender, report_url, client }
    }

    fn request(&self, sms: &Outgoing, id: &str) -> RequestBuilder {
        let body = sms.body.expose_secret();
        // 0 is GSM-7, 2 is UCS-2: Kannel would cut a character that is in neither out of a GSM-7 message.
        let coding = if gsm::parts(body).gsm7 { "0" } else { "2" };
        self.client.get(&self.url).query(&[
            ("username", self.username.as_str()),
            ("password", self.password.expose_secret()),
            ("from", &self.sender),
            ("to", sms.to.as_e164()),
            ("text", body),
            ("charset", "UTF-8"),
            ("coding", coding),
            ("dlr-mask", REPORTS),
            ("dlr-url", &self.report_address(sms, id)),
        ])
    }

    /// Kannel puts the kind of the news for `%d` and the SMSC's own words for `%A`.
    fn report_address(&self, sms: &Outgoing, id: &str) -> String {
        let to = sms.to.as_e164().trim_start_matches('+');
        format!("{}?id={id}&to={to}&type=%d&reply=%A", self.report_url.expose_secret())
    }

    async fn verdict(&self, sms: &Outgoing) -> Verdict {
        let id = id_of(sms);
        match exchange::ask(self.request(sms, &id)).await {
            Ok(said) => words::verdict(&said, id),
            Err(verdict) => verdict,
        }
    }
}

impl SmsGateway for KannelSms {
    fn send<'a>(&'a self, sms: &'a Outgoing) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        Box::pin(self.verdict(sms))
    }
}

/// Each try has an id of its own: what becomes of an earlier one must not count for a later one.
fn id_of(sms: &Outgoing) -> String {
    format!("{}.{}", sms.id.0.simple(), sms.attempt)
}
