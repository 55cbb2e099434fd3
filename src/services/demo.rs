//! The people of the demo (`design.md` 4, "Demo data"), and what is special about their lines.

use super::{
    Deps, messaging,
    posts::install,
    season::{self, demo::Holder},
    ussd::Fault,
};
use crate::{
    gateways::simulator::{Behaviour, Simulator},
    menu::Menus,
    model::{
        AccountId, CentreCode, Language, Msisdn, NamePart, Network, PersonName, Pin, Post,
        message::{Purpose, RefusalReason},
    },
    storage::{
        StoreError,
        accounts::{self, NewAccount},
        lines, officers,
    },
};

/// The PIN of every account that is there at the start.
const PIN: &str = "135790";
/// The PIN of the centre, and that of its director.
const CENTRE_PIN: &str = "24681357";
const DIRECTOR_PIN: &str = "86427531";
const SURNAME: &str = "Mfano";

/// A phone that the demo names, and what there is to try on it.
#[derive(Debug, Clone, Copy)]
pub struct DemoPhone {
    /// The number.
    pub number: &'static str,
    /// What the demo has put there, in a few words.
    pub holds: &'static str,
    /// The code of its network.
    pub network: &'static str,
    /// Whether its line refuses SMS from the start.
    pub refuses_sms: bool,
    /// Whether its owner is deployed at the demo's centre.
    deployed: bool,
    owner: Option<Owner>,
}

/// Whose account is there at every start.
#[derive(Debug, Clone, Copy)]
struct Owner {
    given_names: &'static str,
    national_id: &'static str,
}

const NOBODY_YET: DemoPhone = DemoPhone {
    number: "+254700000010",
    holds: "no account yet",
    network: "63902",
    refuses_sms: false,
    deployed: false,
    owner: None,
};

/// The phones that the demo's banner and the simulator offer.
pub const PHONES: [DemoPhone; 7] = [
    NOBODY_YET,
    DemoPhone {
        number: "+254700000001",
        holds: "in the demo: an account, PIN 135790",
        deployed: true,
        owner: Some(Owner { given_names: "Amani Baraka", national_id: "20000001" }),
        ..NOBODY_YET
    },
    DemoPhone {
        number: season::demo::MANAGER,
        holds: "in the demo: centre 12345001, PIN 24681357",
        ..NOBODY_YET
    },
    DemoPhone {
        number: season::demo::DIRECTOR,
        holds: "in the demo: its director, PIN 86427531",
        ..NOBODY_YET
    },
    DemoPhone {
        number: "+254700000004",
        holds: "in the demo: PIN 135790; it refuses our SMS, so codes come as calls",
        refuses_sms: true,
        owner: Some(Owner { given_names: "Imani Neema", national_id: "20000004" }),
        ..NOBODY_YET
    },
    DemoPhone {
        number: "+254700000005",
        holds: "in the demo: PIN 135790; no SMS is reported on, so codes come twice",
        network: "63903",
        owner: Some(Owner { given_names: "Rehema Zawadi", national_id: "20000005" }),
        ..NOBODY_YET
    },
    DemoPhone { number: "+254700000011", ..NOBODY_YET },
];

impl DemoPhone {
    /// The phone of this number, if the demo names it.
    pub fn of(msisdn: &Msisdn) -> Option<&'static Self> {
        PHONES.iter().find(|phone| phone.number == msisdn.as_e164())
    }
}

/// Let the lines of the demo's phones be as they are said to be.
pub fn set_lines(route: &Simulator) {
    for phone in PHONES.iter().filter(|phone| phone.refuses_sms) {
        if let Some(msisdn) = Msisdn::from_network(phone.number) {
            route.behave(&msisdn, Behaviour::Refuse(RefusalReason::LineBlocks));
        }
    }
}

/// Put the demo's people into an empty database.
pub async fn fill(deps: &Deps, menus: &Menus) -> Result<(), Fault> {
    for phone in &PHONES {
        if let Some(owner) = &phone.owner {
            open_account(deps, menus, phone, owner).await?;
        }
    }
    posts(deps).await?;
    deps.outbox.notify_one();
    Ok(())
}

/// The PINs of the centre and its director, chosen already, and their lines bound.
async fn posts(deps: &Deps) -> Result<(), Fault> {
    let unreadable = || StoreError::Unreadable("the demo's data");
    let mut tx = deps.store.read().await?;
    let director = Msisdn::from_network(season::demo::DIRECTOR).ok_or_else(unreadable)?;
    let officer = officers::by_msisdn(&mut tx, &director).await?.ok_or_else(unreadable)?;
    drop(tx);
    let manager = Msisdn::from_network(season::demo::MANAGER).ok_or_else(unreadable)?;
    let centre = CentreCode::parse(season::demo::CENTRE).ok_or_else(unreadable)?;
    let all =
        [(Post::Centre(centre), manager, CENTRE_PIN), (Post::Officer(officer.id), director, DIRECTOR_PIN)];
    for (post, line, pin) in all {
        let pin = Pin::parse(pin, deps.settings.post_pin_digits).map_err(|_| unreadable())?;
        let hash = deps.hasher.hash(&deps.keys.current(), &pin, deps.chance.bytes()).await?;
        let mut tx = deps.store.begin().await?;
        install::install(&mut tx, deps, (&post, &line), hash, deps.clock.now()).await?;
        lines::set_language(&mut tx, &line, Language::En, None, deps.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn open_account(deps: &Deps, menus: &Menus, phone: &DemoPhone, owner: &Owner) -> Result<(), Fault> {
    let (Some(msisdn), Ok(given), Ok(surname), Ok(pin)) = (
        Msisdn::from_network(phone.number),
        NamePart::parse(owner.given_names),
        NamePart::parse(SURNAME),
        Pin::parse(PIN, deps.settings.pin_digits),
    ) else {
        return Err(StoreError::Unreadable("the demo's data").into());
    };
    let now = deps.clock.now();
    let keys = deps.keys.current();
    let id = AccountId(deps.chance.id(now));
    let pin = deps.hasher.hash(&keys, &pin, deps.chance.bytes()).await?;
    let national_id = owner.national_id;
    let mut tx = deps.store.begin().await?;
    let account = NewAccount {
        id,
        msisdn: msisdn.clone(),
        name: PersonName { given, surname },
        national_id: keys.seal(accounts::id_place(&id), national_id.as_bytes(), deps.chance.bytes()),
        lookup: keys.lookup(accounts::ID_COLUMN, national_id),
        pin,
        opened_at: now,
    };
    accounts::insert(&mut tx, account).await?;
    let network = Network::from_code(phone.network);
    lines::set_language(&mut tx, &msisdn, Language::En, network.as_ref(), now).await?;
    messaging::queue(deps, &mut tx, menus, Purpose::AccountOpened, &msisdn, Language::En).await?;
    if phone.deployed {
        let full_name = format!("{} {SURNAME}", owner.given_names);
        let holder = Holder { account: id, full_name: &full_name, line: phone.number, national_id };
        season::demo::fill(&mut tx, deps, holder, now).await?;
    }
    Ok(tx.commit().await?)
}
