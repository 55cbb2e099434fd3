//! Posts: whoever manages a centre and whoever is an officer act with a PIN that belongs to the post, not to a person, from
//! lines that are bound to it. Here is what is read of them; `issue` makes first PINs, `sign_in` checks, `choose` sets.

use chrono::{DateTime, Utc};

use super::{
    Deps,
    actions::Who,
    season::calendar::{day_of, kind},
    ussd::Fault,
};
use crate::{
    menu::{Menus, Outcome, Reply, Row, Value, Var},
    model::{CentreCode, CredentialId, Msisdn, Post, message::Purpose},
    storage::{
        StoreError, Tx, calendar, lines,
        officers::{self, Officer},
        posts, register_days, season,
    },
};

pub mod choose;
pub mod deputies;
pub mod desk;
pub mod install;
pub mod issue;
pub mod sign_in;

/// A signed-in centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtCentre {
    /// The credential that acts.
    pub credential: CredentialId,
    /// The centre.
    pub centre: CentreCode,
    /// The series whose register it is at.
    pub series: String,
    /// Whether it is a deputy's PIN.
    pub deputy: bool,
    /// When the PIN was typed.
    pub at: DateTime<Utc>,
}

/// A signed-in officer.
#[derive(Debug, Clone)]
pub struct AtOffice {
    /// The credential that acts.
    pub credential: CredentialId,
    /// The officer, as in office now.
    pub officer: Officer,
    /// The series whose registers they look at; empty when none is open.
    pub series: String,
    /// When the PIN was typed.
    pub at: DateTime<Utc>,
}

impl Who<'_> {
    /// The centre this session is signed in as; `None` when the sign-in is over. One statement.
    pub async fn centre(&self, tx: &mut Tx) -> Result<Option<AtCentre>, StoreError> {
        let Some(at) = &self.session.post else { return Ok(None) };
        let Post::Centre(centre) = &at.post else { return Ok(None) };
        let stands = posts::is_epoch(tx, at.credential, at.epoch, self.now).await?;
        Ok(stands.then(|| AtCentre {
            credential: at.credential,
            centre: centre.clone(),
            series: at.series.clone(),
            deputy: at.deputy,
            at: at.at,
        }))
    }

    /// The officer this session is signed in as; `None` when the sign-in is over or the officer has left. Two statements.
    pub async fn officer(&self, tx: &mut Tx) -> Result<Option<AtOffice>, StoreError> {
        let Some(at) = &self.session.post else { return Ok(None) };
        let Post::Officer(id) = at.post else { return Ok(None) };
        if !posts::is_epoch(tx, at.credential, at.epoch, self.now).await? {
            return Ok(None);
        }
        let officer = officers::by_msisdn(tx, self.msisdn).await?.filter(|officer| officer.id == id);
        Ok(officer.map(|officer| AtOffice {
            credential: at.credential,
            officer,
            series: at.series.clone(),
            at: at.at,
        }))
    }
}

/// The post of its name in sessions: a centre's code, or an officer's id.
pub fn named(name: &str) -> Option<Post> {
    CentreCode::parse(name).map(Post::Centre).or_else(|| Post::of("officer", name))
}

/// The posts that the line speaks for, as a dial and a list show them.
pub async fn rows(tx: &mut Tx, who: &Who<'_>) -> Result<Vec<Row>, StoreError> {
    let mut rows = vec![];
    for post in posts::of_line(tx, who.msisdn, who.now).await? {
        rows.push(Row { id: post.name(), values: shown(tx, &post, who.msisdn, who.now).await? });
    }
    Ok(rows)
}

/// What is shown of a post before its PIN was typed, on a line of its own.
pub async fn shown(
    tx: &mut Tx,
    post: &Post,
    line: &Msisdn,
    now: DateTime<Utc>,
) -> Result<Vec<(Var, Value)>, StoreError> {
    let state = state(tx, post, line, now).await?;
    Ok(vec![
        (Var::PostKind, post.kind().into()),
        (Var::PostName, name(tx, post, line).await?.into()),
        (Var::PostState, state.into()),
    ])
}

/// What a dial knows of the posts that the line speaks for.
#[derive(Debug, Default)]
pub struct SpokenFor {
    /// How many.
    pub posts: usize,
    /// What the first screen shows of the first of them; from several one is chosen.
    pub facts: Vec<(Var, String)>,
}

/// What a dial from a line needs to know of its posts.
pub async fn spoken_for(tx: &mut Tx, line: &Msisdn, now: DateTime<Utc>) -> Result<SpokenFor, StoreError> {
    let own = posts::of_line(tx, line, now).await?;
    let mut facts = vec![];
    if let Some(post) = own.first() {
        facts.push((Var::Post, post.name()));
        for (var, value) in shown(tx, post, line, now).await? {
            if let Value::Text(text) = value {
                facts.push((var, text));
            }
        }
    }
    Ok(SpokenFor { posts: own.len(), facts })
}

/// Look up the post that was chosen from the list.
pub async fn show(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let chosen = who.session.text(Var::Post).and_then(named);
    let own = posts::of_line(tx, who.msisdn, who.now).await?;
    let Some(post) = chosen.filter(|post| own.contains(post)) else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    let mut reply = Reply::of(Outcome::Done);
    reply.sets = shown(tx, &post, who.msisdn, who.now).await?;
    Ok(reply)
}

/// How people call a post: a centre by its code, an officer by the place.
pub(super) async fn name(tx: &mut Tx, post: &Post, line: &Msisdn) -> Result<String, StoreError> {
    Ok(match post {
        Post::Centre(code) => code.to_string(),
        Post::Officer(_) => {
            let officer = officers::by_msisdn(tx, line).await?;
            officer.map(|officer| officer.scope).filter(|scope| !scope.is_empty()).unwrap_or("HQ".to_owned())
        }
    })
}

async fn state(
    tx: &mut Tx,
    post: &Post,
    line: &Msisdn,
    now: DateTime<Utc>,
) -> Result<&'static str, StoreError> {
    let standing = posts::that_count(tx, post, now).await?;
    if standing.iter().any(|one| one.chosen_at.is_none() && one.issued_to == *line) {
        return Ok("first_pin");
    }
    let Post::Centre(centre) = post else { return Ok("office") };
    let Some(series) = series_of(tx, post, now).await? else { return Ok("no_day") };
    let today = day_of(now);
    let facts = calendar::day_facts(tx, &series, today).await?;
    let Some(facts) = facts.filter(|facts| kind(facts, today).is_some()) else { return Ok("no_day") };
    let marked = !register_days::marked(tx, &series, centre, &[today]).await?.is_empty();
    Ok(match (facts.practice, marked) {
        (false, false) => "due",
        (false, true) => "marked",
        (true, false) => "practice_due",
        (true, true) => "practice_marked",
    })
}

/// The series that a post is at when it signs in: one that counts before one for practice, one that runs before one that
/// is over and not closed yet. `None` when none is open for it.
pub async fn series_of(tx: &mut Tx, post: &Post, now: DateTime<Utc>) -> Result<Option<String>, StoreError> {
    let centre = match post {
        Post::Centre(code) => Some(code),
        Post::Officer(_) => None,
    };
    let open = season::open_for(tx, centre, day_of(now)).await?;
    Ok(open.into_iter().next().map(|series| series.code))
}

/// Promise a message about a post to a line, in that line's language.
pub(super) async fn tell(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    (purpose, line): (Purpose, &Msisdn),
    vars: &[(Var, Value)],
) -> Result<(), StoreError> {
    let language = lines::language(tx, line).await?.unwrap_or_default();
    super::messaging::queue_with(deps, tx, menus, purpose, line, language, vars).await?;
    Ok(())
}
