//! Who a row of `deployments.csv` speaks of: somebody who is known, or somebody new. The same ID is the same person; else
//! the same ref and a name that shares a word; else the same phone and name; else the same name at the same centre.
//! Where that leaves two people who could be meant, the row is refused, with the remedy.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::names::share_a_word;
use crate::{
    model::{CentreCode, DeploymentId, PersonId},
    storage::season_import::{StandingDeployment, StandingPerson},
};

/// A centre in a series.
pub(super) type At = (String, CentreCode);

/// What a row says of a person.
pub(super) struct Clues<'a> {
    pub folded: &'a str,
    pub hash: Option<[u8; 32]>,
    pub line: Option<&'a str>,
    pub reference: Option<&'a str>,
    pub at: &'a At,
    pub from_on: NaiveDate,
    pub to_on: NaiveDate,
}

impl Clues<'_> {
    fn overlaps(&self, other: &StandingDeployment) -> bool {
        other.from_on <= self.to_on && self.from_on <= other.to_on
    }

    fn tells_apart(&self) -> bool {
        self.hash.is_some() || self.line.is_some() || self.reference.is_some()
    }

    /// Whether nothing that is known of a person speaks against it.
    fn agrees(&self, person: &StandingPerson) -> bool {
        differs(self.hash.as_ref(), person.hash.as_ref()).is_none()
            && differs(self.line, person.msisdn.as_deref()).is_none()
    }
}

fn differs<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<()> {
    one.zip(other).filter(|(one, other)| one != other).map(drop)
}

/// Why nobody can say who is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclear {
    /// The same name at the same time on this line of the file, and nothing that tells the two apart.
    SameName(u64),
    /// Several people who are deployed there already have this name.
    Several,
}

/// What stands and what the file has said of it so far, as far as a part of the file needs it.
#[derive(Default)]
pub(super) struct Known {
    pub people: HashMap<PersonId, StandingPerson>,
    pub deployments: HashMap<DeploymentId, StandingDeployment>,
    by_hash: HashMap<[u8; 32], PersonId>,
    by_line: HashMap<String, Vec<PersonId>>,
    by_ref: HashMap<(String, String), DeploymentId>,
    at: HashMap<At, Vec<DeploymentId>>,
}

impl Known {
    /// Take in a person, or what has changed of one.
    pub fn person(&mut self, person: StandingPerson) {
        if let Some(hash) = person.hash {
            self.by_hash.insert(hash, person.id);
        }
        if let Some(line) = &person.msisdn {
            let on_line = self.by_line.entry(line.clone()).or_default();
            if !on_line.contains(&person.id) {
                on_line.push(person.id);
            }
        }
        self.people.insert(person.id, person);
    }

    /// Take in a deployment, or what has changed of one.
    pub fn deployment(&mut self, new: StandingDeployment) {
        let old_ref = self.deployments.get(&new.id).and_then(|old| old.reference.clone());
        if let Some(reference) = old_ref.filter(|old| new.reference.as_ref() != Some(old)) {
            self.by_ref.remove(&(new.series.clone(), reference));
        }
        if let Some(reference) = &new.reference {
            self.by_ref.insert((new.series.clone(), reference.clone()), new.id);
        }
        let here = self.at.entry((new.series.clone(), new.centre.clone())).or_default();
        if !here.contains(&new.id) {
            here.push(new.id);
        }
        self.deployments.insert(new.id, new);
    }

    /// The deployment of a ref.
    pub fn of_ref(&self, series: &str, reference: Option<&str>) -> Option<&StandingDeployment> {
        let id = self.by_ref.get(&(series.to_owned(), reference?.to_owned()))?;
        self.deployments.get(id)
    }

    /// Everybody who is or was deployed at a centre.
    pub fn at(&self, at: &At) -> impl Iterator<Item = &StandingDeployment> {
        self.at.get(at).into_iter().flatten().filter_map(|id| self.deployments.get(id))
    }

    /// The highest number that was ever given at a centre.
    pub fn highest(&self, at: &At) -> i64 {
        self.at(at).map(|deployment| deployment.number).max().unwrap_or(0)
    }

    /// The person that is meant; `None` for somebody new. `seen` gives the line of the file that spoke of a deployment.
    pub fn who(
        &self,
        clues: &Clues<'_>,
        seen: impl Fn(DeploymentId) -> Option<u64>,
    ) -> Result<Option<PersonId>, Unclear> {
        if let Some(id) = clues.hash.and_then(|hash| self.by_hash.get(&hash)) {
            return Ok(Some(*id));
        }
        if let Some(id) = self.by_ref(clues) {
            return Ok(Some(id));
        }
        match self.by_line(clues).as_slice() {
            [] => self.by_name(clues, seen),
            [only] => Ok(Some(*only)),
            _ => Err(Unclear::Several),
        }
    }

    fn by_ref(&self, clues: &Clues<'_>) -> Option<PersonId> {
        let person = self.people.get(&self.of_ref(&clues.at.0, clues.reference)?.person)?;
        let same_id = differs(clues.hash.as_ref(), person.hash.as_ref()).is_none();
        (same_id && share_a_word(clues.folded, &person.folded)).then_some(person.id)
    }

    fn by_line(&self, clues: &Clues<'_>) -> Vec<PersonId> {
        let on_line = clues.line.and_then(|line| self.by_line.get(line)).into_iter().flatten();
        let people = on_line.filter_map(|id| self.people.get(id));
        let same = people.filter(|person| person.folded == clues.folded && clues.agrees(person));
        same.map(|person| person.id).collect()
    }

    fn by_name(
        &self,
        clues: &Clues<'_>,
        seen: impl Fn(DeploymentId) -> Option<u64>,
    ) -> Result<Option<PersonId>, Unclear> {
        let mut found: Vec<(PersonId, bool)> = vec![];
        for deployment in self.at(clues.at) {
            let Some(person) = self.people.get(&deployment.person) else { continue };
            if person.folded != clues.folded || !clues.agrees(person) {
                continue;
            }
            let theirs = deployment.reference.is_some() || person.hash.is_some() || person.msisdn.is_some();
            let line = seen(deployment.id).filter(|_| clues.overlaps(deployment));
            let other_ref = differs(clues.reference, deployment.reference.as_deref()).is_some();
            match line {
                Some(line) if !(clues.tells_apart() && theirs) => return Err(Unclear::SameName(line)),
                Some(_) => {}
                None if other_ref && clues.overlaps(deployment) => {}
                None => found.push((person.id, deployment.removed_at.is_none())),
            }
        }
        one_of(found)
    }
}

/// The one person of those found, where those who are still deployed come first.
fn one_of(mut found: Vec<(PersonId, bool)>) -> Result<Option<PersonId>, Unclear> {
    if found.iter().any(|(_, stands)| *stands) {
        found.retain(|(_, stands)| *stands);
    }
    let mut ids: Vec<PersonId> = found.into_iter().map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    match ids.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        _ => Err(Unclear::Several),
    }
}
