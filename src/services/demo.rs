//! The people of the demo (`design.md` 4, "Demo data").

use super::{
    Deps, messaging,
    season::{self, demo::Holder},
    ussd::Fault,
};
use crate::{
    menu::Menus,
    model::{AccountId, Language, Msisdn, NamePart, PersonName, message::Purpose},
    storage::{
        StoreError,
        accounts::{self, NewAccount},
        lines,
    },
};

/// The account that is there at every start: line, PIN, name, national ID.
const LINE: &str = "+254700000001";
const PIN: &str = "135790";
const GIVEN_NAMES: &str = "Amani Baraka";
const SURNAME: &str = "Mfano";
const NATIONAL_ID: &str = "20000001";

/// A phone that the demo names, and what there is to try on it.
#[derive(Debug, Clone, Copy)]
pub struct DemoPhone {
    /// The number.
    pub number: &'static str,
    /// What the demo has put there, in a few words.
    pub holds: &'static str,
}

/// The phones that the demo's banner and the simulator offer.
pub const PHONES: [DemoPhone; 3] = [
    DemoPhone { number: "+254700000010", holds: "no account yet" },
    DemoPhone { number: LINE, holds: "in the demo: an account, PIN 135790" },
    DemoPhone { number: "+254700000011", holds: "no account yet" },
];

/// Put the demo's people into an empty database.
pub async fn fill(deps: &Deps, menus: &Menus) -> Result<(), Fault> {
    let (Some(msisdn), Ok(given), Ok(surname), Ok(pin)) = (
        Msisdn::from_network(LINE),
        NamePart::parse(GIVEN_NAMES),
        NamePart::parse(SURNAME),
        crate::model::Pin::parse(PIN, deps.settings.pin_digits),
    ) else {
        return Err(StoreError::Unreadable("the demo's data").into());
    };
    let now = deps.clock.now();
    let keys = deps.keys.current();
    let id = AccountId(deps.chance.id(now));
    let pin = deps.hasher.hash(&keys, &pin, deps.chance.bytes()).await?;
    let mut tx = deps.store.begin().await?;
    let account = NewAccount {
        id,
        msisdn: msisdn.clone(),
        name: PersonName { given, surname },
        national_id: keys.seal(accounts::id_place(&id), NATIONAL_ID.as_bytes(), deps.chance.bytes()),
        lookup: keys.lookup(accounts::ID_COLUMN, NATIONAL_ID),
        pin,
        opened_at: now,
    };
    accounts::insert(&mut tx, account).await?;
    lines::set_language(&mut tx, &msisdn, Language::En, None, now).await?;
    messaging::queue(deps, &mut tx, menus, Purpose::AccountOpened, &msisdn, Language::En).await?;
    let full_name = format!("{GIVEN_NAMES} {SURNAME}");
    let holder = Holder { account: id, full_name: &full_name, line: LINE, national_id: NATIONAL_ID };
    season::demo::fill(&mut tx, deps, holder, now).await?;
    tx.commit().await?;
    deps.outbox.notify_one();
    Ok(())
}
