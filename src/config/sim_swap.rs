//! `[sim_swap]`: who can tell when a line's SIM was swapped. Without the section nobody is asked.

use secrecy::SecretString;

use super::{
    http_url::api_url,
    reader::{Checked, Reader, Told, visible},
};

/// The look-up.
#[derive(Debug, Clone)]
pub enum SimSwap {
    /// Nobody is asked.
    None,
    /// The look-up of the demo and of tests.
    Simulator,
    /// Africa's Talking.
    AfricasTalking {
        /// Without a last slash, e.g. `https://insights.africastalking.com`.
        base_url: String,
        /// The application's username.
        username: String,
        /// Its API key.
        api_key: SecretString,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Simulator,
    AfricasTalking,
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<SimSwap, Told> {
    let kind = r.or("sim_swap.kind", Kind::None, kind)?;
    if kind == Kind::AfricasTalking {
        return africastalking(r);
    }
    for name in ["base_url", "username", "api_key"] {
        let key = format!("sim_swap.{name}");
        if r.has(&key) {
            return Err(r.fault(&key, "is only taken with sim_swap.kind = \"africastalking\""));
        }
    }
    Ok(if kind == Kind::Simulator { SimSwap::Simulator } else { SimSwap::None })
}

fn kind(text: &str) -> Checked<Kind> {
    match text {
        "none" => Ok(Kind::None),
        "simulator" => Ok(Kind::Simulator),
        "africastalking" => Ok(Kind::AfricasTalking),
        _ => Err("takes africastalking, simulator or none".to_owned()),
    }
}

fn africastalking(r: &mut Reader<'_>) -> Result<SimSwap, Told> {
    let usual = "https://insights.africastalking.com".to_owned();
    let base_url = r.or("sim_swap.base_url", usual, api_url);
    let username = r.required("sim_swap.username", "write the application's username", visible(64));
    let api_key = r.required("sim_swap.api_key", "write the application's API key", visible(256));
    Ok(SimSwap::AfricasTalking { base_url: base_url?, username: username?, api_key: api_key?.into() })
}
