//! A hop: load, one step of the fold, save, answer. Two round trips to the session store; SQL only for the first hop,
//! for what has an effect, and when the state is gone and the history is folded again.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;

use super::{
    Deps, fate,
    menus::{MenuBook, MenusRefused},
    messaging::WaysLeft,
    portal,
    posts::{self, SpokenFor},
    recovery,
};
use crate::{
    gateways::{Answer, Hop},
    menu::{
        Engine, Flag, Menus, Say, Session, Var,
        registry::network_word,
        render::{self, Constants},
        session::Flags,
    },
    model::{Language, Network, challenge::Door, reference::reference},
    secrets::{HashingFailed, Mark, Purpose, Sealed, Unsealable},
    sessions::{Admission, Arrival, SessionKey, SessionStore, StateUnavailable, Stored},
    storage::{
        StoreError, challenges,
        journal::{self, Opening, SessionRef},
        lines::{self, Moving, Situation},
    },
    telemetry::metrics,
};

mod act;
mod history;
mod live;
mod walk;

use history::{History, Inputs};
use live::{LONGEST, Live, MOST_HOPS};
use walk::{Caller, Known, Walk};

/// A hop that takes longer is answered with "try again": the aggregator gives up after 10 s (`security.md` 26).
const LONGEST_HOP: Duration = Duration::from_millis(7_500);
/// How long a turned-away hop may look for its caller's language: with the hop before it well within 8 s.
const LONGEST_ASIDE: Duration = Duration::from_millis(250);
/// How long an ended session's last screen can be asked for again.
const REPEATABLE: Duration = Duration::from_mins(1);
/// Wrong PINs in a row that disable a PIN.
pub const MOST_FAILURES: i64 = 10;

/// Why a hop can't be answered from the menus.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The menus of the session can't be had.
    #[error(transparent)]
    Menus(#[from] MenusRefused),
    /// Something sealed can't be read.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
    /// A PIN can't be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingFailed),
    /// Another copy of the same hop is still at work.
    #[error("another copy of this hop is still at work")]
    Busy,
    /// It broke off.
    #[error("the hop broke off")]
    BrokeOff,
    /// It took too long.
    #[error("the hop took longer than {} ms", LONGEST_HOP.as_millis())]
    TooSlow,
    /// A list on the way could not be proved unchanged. Never reaches a caller.
    #[error("a list could not be proved unchanged")]
    Unproved,
    /// The session belongs to another number or service code: an alarm.
    #[error("the session is bound to another number or service code")]
    NotTheirs,
    /// The session has been open, idle or busy for too long.
    #[error("the session is over")]
    Over,
    /// Too many hops or sessions from this line.
    #[error("too many hops or sessions from this line")]
    TooMany,
}

impl Fault {
    fn says(&self) -> Say {
        match self {
            Self::NotTheirs => Say::DialAgain,
            Self::Over => Say::SessionOver,
            Self::TooMany => Say::TooMany,
            _ => Say::TryAgain,
        }
    }
}

/// The USSD service; clones share everything.
#[derive(Clone)]
pub struct Ussd {
    deps: Deps,
    sessions: Arc<SessionStore>,
    menus: MenuBook,
}

/// What was loaded for a hop, and where to save.
struct Place {
    key: SessionKey,
    /// What the seal of the state is bound to.
    bound_to: Vec<u8>,
    /// The version to replace; `None` when the store can't be reached.
    expected: Option<u64>,
}

impl Ussd {
    /// A service over these.
    pub fn new(deps: Deps, sessions: Arc<SessionStore>, menus: MenuBook) -> Self {
        Self { deps, sessions, menus }
    }

    /// Answer a hop. There is always an answer, also when something behind is broken: then a short sentence in the
    /// caller's language with a reference, and nothing half-done.
    pub async fn hop(&self, hop: &Hop) -> Answer {
        let spoken = OnceLock::new();
        // Pinned here, because whatever waits for it would move all of it about.
        let answer = pin!(self.answer(hop, &spoken));
        let answer = tokio::time::timeout(LONGEST_HOP, answer).await;
        match answer.unwrap_or(Err(Fault::TooSlow)) {
            Ok(answer) => answer,
            Err(fault) => {
                let language = match spoken.get() {
                    Some(language) => Some(*language),
                    None => Box::pin(self.language_of(hop, &fault)).await,
                };
                self.sorry(hop, &fault, language.unwrap_or_default())
            }
        }
    }

    /// The language of a line that is turned away before its session was looked at. Nothing is asked of a database
    /// that has just failed.
    async fn language_of(&self, hop: &Hop, fault: &Fault) -> Option<Language> {
        if !matches!(fault, Fault::NotTheirs | Fault::Over | Fault::TooMany) {
            return None;
        }
        let language = async {
            let mut tx = self.deps.store.read().await.ok()?;
            lines::language(&mut tx, &hop.msisdn).await.ok()?
        };
        tokio::time::timeout(LONGEST_ASIDE, language).await.ok()?
    }

    /// The answer to a hop that broke off.
    pub fn broken(&self, hop: &Hop) -> Answer {
        self.sorry(hop, &Fault::BrokeOff, Language::default())
    }

    fn sorry(&self, hop: &Hop, fault: &Fault, language: Language) -> Answer {
        let reference = reference(self.deps.chance.bytes());
        match fault {
            Fault::TooMany | Fault::Over => {
                tracing::info!(provider = hop.provider, caller = ?hop.msisdn, "A hop was turned away: {fault}");
            }
            Fault::NotTheirs => {
                tracing::warn!(provider = hop.provider, caller = ?hop.msisdn, %reference, "{fault}");
            }
            _ => tracing::error!(provider = hop.provider, %reference, "A hop failed: {fault}"),
        }
        let menus = self.menus.current();
        let constants = Constants { reference: &reference, ..self.constants(hop) };
        let values = render::Known { vars: &[], constants };
        let text = render::text(&menus, menus.say(fault.says()), language, &values);
        Answer { text, ends: true, metadata: None }
    }

    fn constants<'a>(&'a self, hop: &'a Hop) -> Constants<'a> {
        let settings = &self.deps.settings;
        Constants {
            username: hop.msisdn.username(),
            help_line: &settings.help_line,
            service_code: &settings.service_code,
            pin_digits: settings.pin_digits,
            post_pin_digits: settings.post_pin_digits,
            reference: "",
            portal: &settings.portal,
            web_code: "",
            network: network_word(hop.network.as_ref().or(Network::usual_of(&hop.msisdn).as_ref())),
        }
    }

    async fn answer(&self, hop: &Hop, spoken: &OnceLock<Language>) -> Result<Answer, Fault> {
        let now = self.deps.clock.now();
        let keys = self.deps.keys.current();
        let history = History::of(hop, &keys.marker());
        let (place, state, admission) = self.load(hop, &history).await;
        if let Some(live) = &state {
            let _ = spoken.set(live.session.language);
        }
        if admission != Admission::Admitted {
            return Err(Fault::TooMany);
        }
        // With state or without: each input costs a step of the fold, and perhaps a write.
        if history.inputs().len() > usize::from(MOST_HOPS) {
            return Err(Fault::Over);
        }
        match state {
            Some(live) if live.service_code != hop.service_code => Err(Fault::NotTheirs),
            Some(live) if live.is_over(now) => Err(Fault::Over),
            Some(live) => self.go_on(hop, &history, place, live, now).await,
            // Boxed: few hops come here, and all would be moved about with room for it.
            None => Box::pin(self.without_state(hop, &history, place, now, spoken)).await,
        }
    }

    /// One round trip: the state, and whether this line may go on.
    async fn load(&self, hop: &Hop, history: &History<'_>) -> (Place, Option<Live>, Admission) {
        let (key, arrival) = self.arrival(hop, history, history.opens());
        let bound_to =
            [hop.provider, "|", hop.msisdn.as_e164(), "|", hop.session.as_str()].concat().into_bytes();
        let (stored, expected, admission) = match self.sessions.load(&key, arrival).await {
            Ok(loaded) => {
                let version = loaded.state.as_ref().map_or(0, |stored| stored.version);
                (loaded.state, Some(version), loaded.admitted)
            }
            Err(StateUnavailable) => {
                metrics::state_error();
                (None, None, self.sessions.admit_locally(&key, arrival))
            }
        };
        let live = stored.and_then(|Stored { bytes, .. }| Live::open(&self.deps.keys, &bound_to, &bytes));
        (Place { key, bound_to, expected }, live, admission)
    }

    fn arrival(&self, hop: &Hop, history: &History<'_>, opens: bool) -> (SessionKey, Arrival) {
        let caller = self.deps.keys.current().marker().caller_tag(&hop.msisdn);
        (SessionKey { caller, session: history.start.0 }, Arrival { opens, hop: history.tell_apart() })
    }

    /// Count the session that a deep dial opens. Only SQL tells it from a session whose state was lost; the hop itself
    /// was counted when it was loaded, and is known again.
    async fn admit_deep(&self, hop: &Hop, history: &History<'_>) -> Result<(), Fault> {
        let (key, arrival) = self.arrival(hop, history, true);
        let admission = match self.sessions.load(&key, arrival).await {
            Ok(loaded) => loaded.admitted,
            Err(StateUnavailable) => self.sessions.admit_locally(&key, arrival),
        };
        if admission == Admission::Admitted { Ok(()) } else { Err(Fault::TooMany) }
    }

    /// The state is there: take what is new in the history.
    async fn go_on(
        &self,
        hop: &Hop,
        history: &History<'_>,
        place: Place,
        live: Live,
        now: DateTime<Utc>,
    ) -> Result<Answer, Fault> {
        let menus = self.menus.version(&live.menu_version).await?;
        let mark_key = live.mark_key.clone();
        self.as_caller((hop, history), &menus, &mark_key, now, async |caller| match &history.typed {
            Inputs::Whole(inputs) => {
                if !history.passes(&live, caller.marker, &caller.start) {
                    return Box::pin(self.aside(hop, history, now)).await;
                }
                let rest = inputs.get(usize::from(live.inputs)..).unwrap_or_default();
                let known = Known::default();
                let mut walk = Walk::from(caller, &known, live);
                for input in rest {
                    walk.take(*input).await?;
                }
                self.finish(caller, place, walk.live, rest.is_empty()).await
            }
            Inputs::Latest { input, sequence } => {
                let known = Known::default();
                let repeat = sequence.is_some() && *sequence <= live.sequence;
                let mut walk = Walk::from(caller, &known, live);
                match input {
                    Some(input) if !repeat => walk.take_latest(input, *sequence).await?,
                    _ => {}
                }
                self.finish(caller, place, walk.live, repeat || input.is_none()).await
            }
        })
        .await
    }

    /// A text that is late, out of order, or not what was folded: answered from its own prefix, and not kept.
    async fn aside(&self, hop: &Hop, history: &History<'_>, now: DateTime<Utc>) -> Result<Answer, Fault> {
        let told = self.opening(hop, history, now).await?;
        self.fold(hop, history, told, None, now).await
    }

    /// There is no state: the first hop, a lost state, or a deep dial.
    async fn without_state(
        &self,
        hop: &Hop,
        history: &History<'_>,
        place: Place,
        now: DateTime<Utc>,
        spoken: &OnceLock<Language>,
    ) -> Result<Answer, Fault> {
        let told = self.opening(hop, history, now).await?;
        let _ = spoken.set(told.opening.language);
        self.fold(hop, history, told, Some(place), now).await
    }

    /// The opening that stands for this session, written now if there is none; and what its journal holds.
    async fn opening(&self, hop: &Hop, history: &History<'_>, now: DateTime<Utc>) -> Result<Told, Fault> {
        let of = SessionRef { provider: hop.provider, session: &hop.session };
        let typed = history.inputs().len();
        if typed > 0 {
            let mut tx = self.deps.store.read().await?;
            if let Some(opening) = journal::find(&mut tx, of).await? {
                let outcomes = journal::outcomes(&mut tx, of).await?.into_iter().collect();
                return Ok(Told { opening: bound(hop, opening, now)?, outcomes });
            }
            drop(tx);
            self.admit_deep(hop, history).await?;
        }
        let mut tx = self.deps.store.begin().await?;
        let situation = lines::situation(&mut tx, &hop.msisdn, now).await?;
        let ways = fate::ways_left(&mut tx, &self.deps, situation.fate_due.as_ref()).await?;
        let spoken_for = if situation.posts > 0 {
            posts::spoken_for(&mut tx, &hop.msisdn, now).await?
        } else {
            SpokenFor::default()
        };
        let ours = self.new_opening(hop, (&situation, ways, &spoken_for), typed, now);
        let opening = bound(hop, journal::open(&mut tx, of, ours.clone()).await?, now)?;
        if let Some(network) = situation.moved_to(hop.network.as_ref()) {
            lines::set_network(&mut tx, &hop.msisdn, network).await?;
        }
        let passed = situation.code_due.is_some_and(|due| due.passed).then_some(Door::ResetPin);
        for door in passed.into_iter().chain(situation.officer_passed.then_some(Door::Officer)) {
            // The call in which the code was right is over: there is one call of a line at a time.
            let here = self.deps.keys.current().marker().start(hop.provider, &hop.session);
            challenges::take_back_pass(&mut tx, &hop.msisdn, door, here.0).await?;
        }
        tx.commit().await?;
        // A lost session that can't be folded starts afresh, from how things stand now.
        let afresh = matches!(history.typed, Inputs::Latest { input: Some(_), .. });
        let opening = if afresh { Opening { mark_key: opening.mark_key, ..ours } } else { opening };
        Ok(Told { opening, outcomes: HashMap::new() })
    }

    fn new_opening(
        &self,
        hop: &Hop,
        (situation, ways, spoken_for): (&Situation, Option<WaysLeft>, &SpokenFor),
        deep: usize,
        now: DateTime<Utc>,
    ) -> Opening {
        let menus = self.menus.current();
        let flags = flags(situation, ways, spoken_for);
        let entry = menus.entry.target(flags);
        let entry_screen = match entry {
            Some(crate::menu::compiled::Target::Screen(id)) => menus.screen(id).map(|s| s.name.clone()),
            _ => None,
        };
        Opening {
            msisdn: hop.msisdn.clone(),
            service_code: hop.service_code.clone(),
            network: hop.network.as_ref().map(|n| n.code().to_owned()),
            menu_version: menus.version.clone(),
            language: situation.language.unwrap_or_default(),
            flags: flags.bits(),
            facts: facts(situation, spoken_for),
            entry_screen: entry_screen.unwrap_or_default(),
            mark_key: self.deps.keys.current().marker().key_id().to_owned(),
            deep: i64::try_from(deep).unwrap_or(i64::MAX),
            opened_at: now,
        }
    }

    /// Fold a history from the session's opening; what comes of it is kept where a place is given.
    async fn fold(
        &self,
        hop: &Hop,
        history: &History<'_>,
        told: Told,
        place: Option<Place>,
        now: DateTime<Utc>,
    ) -> Result<Answer, Fault> {
        let menus = self.menus.version(&told.opening.menu_version).await?;
        let known = Known { outcomes: told.outcomes, deep: usize::try_from(told.opening.deep).unwrap_or(0) };
        let opening = told.opening;
        self.as_caller((hop, history), &menus, &opening.mark_key, now, async |caller| {
            let fresh = fresh(&opening, &caller.start, now);
            let echo = hop.metadata.as_deref();
            let mut live = walk::fold(caller, &known, &fresh, history.inputs(), echo).await?;
            if let Inputs::Latest { input, sequence } = history.typed {
                live.sequence = sequence;
                if input.is_some() {
                    // Its marks must not be those of the session's first inputs, which the journal may hold.
                    let again = format!("again {}", sequence.map_or(now.timestamp_micros(), i64::from));
                    live.mark = caller.marker.then(&live.mark, &again);
                }
            }
            match place {
                Some(place) => self.finish(caller, place, live, false).await,
                None => Ok(answer(caller, &live)),
            }
        })
        .await
    }

    /// Do something as this caller, with the engine and the marks of their session.
    async fn as_caller<T>(
        &self,
        (hop, history): (&Hop, &History<'_>),
        menus: &Menus,
        mark_key: &str,
        now: DateTime<Utc>,
        work: impl AsyncFnOnce(&Caller<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let keys = self.deps.keys.with(Purpose::Mark, mark_key);
        let marker = keys.marker_of(mark_key).ok_or_else(|| Unsealable::UnknownKey(mark_key.to_owned()))?;
        let (start, whole) = history.ends(hop, &marker);
        let digest = |digits: &str| marker.secret_digest(&start, "new pin", digits);
        let caller = Caller {
            deps: &self.deps,
            engine: Engine {
                menus,
                constants: self.constants(hop),
                budget: self.deps.settings.screen_septets,
                digest: &digest,
            },
            of: SessionRef { provider: hop.provider, session: &hop.session },
            msisdn: &hop.msisdn,
            network: hop.network.as_ref(),
            marker: &marker,
            start,
            whole,
            now,
        };
        work(&caller).await
    }

    /// Save what has changed and give the screen.
    async fn finish(
        &self,
        caller: &Caller<'_>,
        place: Place,
        mut live: Live,
        repeat: bool,
    ) -> Result<Answer, Fault> {
        let answer = answer(caller, &live);
        let Some(expected) = place.expected.filter(|_| !repeat) else { return Ok(answer) };
        live.last_at_ms = caller.now.timestamp_millis();
        let ttl = if live.session.ended { REPEATABLE } else { LONGEST.to_std().unwrap_or(REPEATABLE) };
        if let Some(sealed) = live.seal(&self.deps.keys, &place.bound_to, self.deps.chance.bytes()) {
            // A conflict means that another copy was faster, an error that the store is away: the history is folded
            // again when it is needed, so neither is worth waiting for.
            let _ = self.sessions.save(&place.key, expected, &sealed, ttl).await;
        }
        Ok(answer)
    }
}

/// What SQL tells of a session whose state is gone.
struct Told {
    opening: Opening,
    outcomes: HashMap<Mark, Sealed>,
}

/// Refuse an opening that belongs to another line or code, or to another time.
fn bound(hop: &Hop, opening: Opening, now: DateTime<Utc>) -> Result<Opening, Fault> {
    if opening.msisdn != hop.msisdn || opening.service_code != hop.service_code {
        return Err(Fault::NotTheirs);
    }
    if now - opening.opened_at > LONGEST {
        return Err(Fault::Over);
    }
    Ok(opening)
}

/// A session before its first screen.
fn fresh(opening: &Opening, start: &Mark, now: DateTime<Utc>) -> Live {
    Live {
        msisdn: opening.msisdn.username().to_owned(),
        service_code: opening.service_code.clone(),
        menu_version: opening.menu_version.clone(),
        mark_key: opening.mark_key.clone(),
        inputs: 0,
        mark: *start,
        sequence: None,
        opened_at_ms: opening.opened_at.timestamp_millis(),
        last_at_ms: now.timestamp_millis(),
        session: with_facts(
            Session::new(opening.language, Flags::from_bits(opening.flags)),
            opening.facts.as_deref(),
        ),
    }
}

/// `ways`: in which a code that did not arrive could come, where one did not.
fn flags(situation: &Situation, ways: Option<WaysLeft>, spoken_for: &SpokenFor) -> Flags {
    let mut flags = Flags::default();
    flags.set(Flag::LanguageKnown, situation.language.is_some());
    flags.set(Flag::HasAccount, situation.has_account);
    flags.set(Flag::HasDraft, situation.has_draft);
    flags.set(Flag::PinDisabled, situation.failures >= MOST_FAILURES);
    flags.set(Flag::CodeDue, situation.code_due.is_some());
    flags.set(Flag::MoveWaiting, situation.moving == Some(Moving::Here));
    flags.set(Flag::MovedAway, situation.moving == Some(Moving::Away));
    flags.set(Flag::FateDue, situation.fate_due.is_some());
    flags.set(Flag::CodeMissing, ways.is_some_and(WaysLeft::any));
    flags.set(Flag::CodeStuck, ways.is_some_and(|ways| !ways.any()));
    flags.set(Flag::OtherWay, ways.is_some_and(|ways| ways.next));
    flags.set(Flag::ByCall, ways.is_some_and(|ways| ways.call));
    flags.set(Flag::Deployed, situation.deployed > 0);
    flags.set(Flag::PostLine, spoken_for.posts > 0);
    flags.set(Flag::ManyPosts, spoken_for.posts > 1);
    flags
}

/// What the first screen may show of a code that is due, of a message that did not arrive, or of the line's post.
fn facts(situation: &Situation, spoken_for: &SpokenFor) -> Option<String> {
    let mut facts = situation.fate_due.as_ref().map(fate::facts).unwrap_or_default();
    facts.extend(spoken_for.facts.iter().map(|(var, text)| (var.name(), text.clone())));
    if let Some(due) = &situation.code_due {
        facts.insert(Var::CodeReference.name(), due.reference.clone());
        facts.insert(Var::CodeUntil.name(), recovery::clock_time(due.until));
    }
    if facts.is_empty() { None } else { serde_json::to_string(&facts).ok() }
}

/// A session that knows what its dial knew.
fn with_facts(mut session: Session, facts: Option<&str>) -> Session {
    let known: Option<HashMap<String, String>> = facts.and_then(|facts| serde_json::from_str(facts).ok());
    for (name, value) in known.unwrap_or_default() {
        if let Some(var) = Var::from_name(&name) {
            session.set(var, value.into());
        }
    }
    session
}

fn answer(caller: &Caller<'_>, live: &Live) -> Answer {
    let code = portal::screen_code::digits(caller.deps, &live.session);
    let constants = Constants { web_code: code.expose_secret(), ..caller.engine.constants };
    let page = Engine { constants, ..caller.engine }.page(&live.session);
    let text = page.map(|page| page.text).unwrap_or_default();
    Answer { text, ends: live.session.ended, metadata: Some(caller.note(live)) }
}
