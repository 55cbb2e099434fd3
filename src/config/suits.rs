//! Which messages a route is for: `networks`, `purposes` and `except` of a `[[sms.route]]`. Choosing among the routes is
//! delivery's.

use super::{
    reader::{Checked, Reader, Told},
    sms::key,
};
use crate::model::{
    Network,
    message::{Priority, Purpose},
};

/// What a route is for. Without any of its keys: for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suits {
    networks: Vec<Network>,
    only: Option<Vec<Sort>>,
    except: Vec<Sort>,
}

/// A sort of messages, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// All of a priority: `code`, `notice`, `bulk`.
    Priority(Priority),
    /// Those of one purpose, by its name in `menus/sms.toml`.
    Purpose(Purpose),
}

impl Suits {
    /// Whether it may carry messages of this purpose at all.
    pub fn takes(&self, purpose: Purpose) -> bool {
        let among = |sorts: &[Sort]| sorts.iter().any(|sort| sort.covers(purpose));
        self.only.as_deref().is_none_or(among) && !among(&self.except)
    }

    /// Whether it is meant for lines of this network: routes that are come before those that are not.
    ///
    /// One without networks is meant for every line. A line whose network nobody knows has no preference for others.
    pub fn prefers(&self, network: Option<&Network>) -> bool {
        self.networks.is_empty() || network.is_some_and(|network| self.networks.contains(network))
    }

    /// The networks it is meant for; empty: all.
    pub fn networks(&self) -> &[Network] {
        &self.networks
    }
}

impl Sort {
    fn covers(self, purpose: Purpose) -> bool {
        match self {
            Self::Priority(priority) => purpose.priority() == priority,
            Self::Purpose(one) => one == purpose,
        }
    }
}

pub(super) fn read(r: &mut Reader<'_>, index: usize) -> Result<Suits, Told> {
    let networks = r.list(&key(index, "networks"), network);
    let only = r.list(&key(index, "purposes"), sort);
    let except = r.list(&key(index, "except"), sort);
    let (networks, only, except) = (networks?.unwrap_or_default(), only?, except?.unwrap_or_default());
    if only.as_ref().is_some_and(|only| only.iter().all(|sort| except.contains(sort))) {
        return Err(r.fault(&key(index, "purposes"), "leaves no message for this route"));
    }
    Ok(Suits { networks, only, except })
}

fn network(text: &str) -> Checked<Network> {
    let code = Network::from_code(text).filter(|network| network.code().bytes().all(|b| b.is_ascii_digit()));
    code.ok_or_else(|| "takes codes of networks such as 63902 (Safaricom) or 63903 (Airtel)".to_owned())
}

fn sort(text: &str) -> Checked<Sort> {
    let purpose = || Purpose::ALL.iter().copied().find(|purpose| purpose.name() == text).map(Sort::Purpose);
    let priority = match text {
        "code" => Some(Sort::Priority(Priority::Code)),
        "notice" => Some(Sort::Priority(Priority::Notice)),
        "bulk" => Some(Sort::Priority(Priority::Bulk)),
        _ => None,
    };
    priority.or_else(purpose).ok_or_else(|| {
        let names: Vec<&str> = Purpose::ALL.iter().map(|purpose| purpose.name()).collect();
        format!("takes code, notice, bulk or {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suits(only: Option<&[&str]>, except: &[&str]) -> Suits {
        let sorts = |words: &[&str]| words.iter().map(|word| sort(word).unwrap()).collect::<Vec<_>>();
        Suits { networks: vec![], only: only.map(sorts), except: sorts(except) }
    }

    #[test]
    fn a_route_takes_what_it_names_and_not_what_it_excepts() {
        let all = Suits::default();
        assert!(Purpose::ALL.iter().copied().all(|purpose| all.takes(purpose)));
        let codes = suits(Some(&["code"]), &[]);
        assert!(!codes.takes(Purpose::HelpReply));
        let one = suits(Some(&["pin_changed"]), &[]);
        assert!(one.takes(Purpose::PinChanged) && !one.takes(Purpose::AccountOpened));
        let but_one = suits(Some(&["notice"]), &["pin_changed"]);
        assert!(!but_one.takes(Purpose::PinChanged) && but_one.takes(Purpose::AccountOpened));
    }

    #[test]
    fn a_route_prefers_its_networks_and_one_without_any_prefers_all() {
        let network = |code| Network::from_code(code);
        let (safaricom, airtel) = (network("63902"), network("63903"));
        assert!(Suits::default().prefers(safaricom.as_ref()) && Suits::default().prefers(None));
        let one = Suits { networks: safaricom.clone().into_iter().collect(), ..Suits::default() };
        assert!(one.prefers(safaricom.as_ref()));
        assert!(!one.prefers(airtel.as_ref()) && !one.prefers(None));
    }

    #[test]
    fn words_that_name_nothing_are_refused() {
        assert!(sort("codes").is_err_and(|says| says.contains("account_opened")));
        assert!(network("safaricom").is_err() && network("").is_err());
    }
}
