//! Whom the crowd may load: loopback, unless it was told otherwise in so many words; and whether anybody is there.

use std::{net::IpAddr, path::Path, time::Duration};

use anyhow::{Context as _, bail};
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    cli::menu::{DIAL_FILE, DialFile},
    gateways,
};

/// How long a gateway may take to say that it is there.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// A gateway to load.
pub struct Target {
    /// Its address, without a last slash.
    pub url: String,
    /// Part of every callback path.
    pub secret: SecretString,
    /// Whether the words were said that allow more than loopback and simulated SMS.
    pub allowed: bool,
}

impl Target {
    /// The gateway of the options, or the demo that is running.
    pub fn of(url: Option<&str>, secret: Option<&str>, allowed: bool) -> anyhow::Result<Self> {
        let (url, secret) = match (url, secret) {
            (Some(url), Some(secret)) => (url.to_owned(), secret.to_owned()),
            (Some(_), None) => bail!(
                "--url needs the gateway's callback secret: --secret, or DAFTARI_SERVER__CALLBACK_SECRET"
            ),
            (None, _) => {
                let demo = DialFile::read(Path::new(DIAL_FILE)).context(
                    "No demo is running here. Start one with `cargo run -- demo`, or name a gateway with --url and --secret",
                )?;
                (demo.url, demo.secret)
            }
        };
        let parsed = Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let Some(parsed) = parsed else { bail!("--url takes an address like http://127.0.0.1:8080") };
        if !allowed && !is_loopback(&parsed) {
            bail!(
                "{} is not this machine. simulate loads a gateway as hard as it can be loaded; if this host is yours \
                 to load, and its SMS go nowhere, say --i-may-load-this-host",
                parsed.host_str().unwrap_or("the host of --url")
            );
        }
        Ok(Self { url: url.trim_end_matches('/').to_owned(), secret: secret.into(), allowed })
    }

    /// The address of a callback.
    pub fn callback(&self, event: &str) -> String {
        format!("{}/callbacks/africastalking/{}/{event}", self.url, self.secret.expose_secret())
    }

    /// A callback asked for by GET is refused by its method if the secret is right, and is not there if it is wrong.
    pub async fn knows_the_secret(&self) -> anyhow::Result<()> {
        let client = gateways::http_client()?;
        let asked = client.get(self.callback("ussd")).timeout(FIRST_ANSWER).send().await;
        match asked.map(|answer| answer.status()) {
            Ok(StatusCode::NOT_FOUND) => bail!(
                "{} knows no such callback: the secret is wrong, or this is no daftari gateway",
                self.url
            ),
            Ok(_) => Ok(()),
            Err(_) => bail!("Nobody answers at {}. Is the gateway running?", self.url),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loaded_unless_allowed() {
        let of = |url: &str, allowed| Target::of(Some(url), Some("secret"), allowed).is_ok();
        for near in
            ["http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:8080", "http://127.9.9.9"]
        {
            assert!(of(near, false), "{near}");
        }
        for far in [
            "https://daftari.example",
            "http://192.0.2.1",
            "http://localhost.example",
            "http://127.0.0.1.example",
        ] {
            assert!(!of(far, false) && of(far, true), "{far}");
        }
        assert!(!of("ftp://127.0.0.1", true) && !of("127.0.0.1:8080", true));
        assert!(Target::of(Some("http://127.0.0.1"), None, true).is_err(), "a secret is needed");
    }
}
