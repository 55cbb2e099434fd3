//! `deployments.csv`: who is deployed where, from when to when. A file may have hundreds of thousands of rows: it is taken
//! a part at a time, each part with what stands of its people and centres, and written as it goes; one transaction holds
//! all of it. Only the ids of what was seen are kept to the end (about 60 bytes a row).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    io::Read,
};

use chrono::NaiveDate;

use super::{
    Import, ImportFailed,
    cells::{Cells, or_nearest},
    names::{folded, share_a_word},
    table::{Column, Table},
    taken::{Taken, refuse_marked},
    who::{At, Clues, Known, Unclear},
};
use crate::{
    model::{CentreCode, DeploymentId, PersonId, RosterNumber, season::DeployedAs},
    secrets::{Keys, Lookup, Sealed},
    services::register,
    storage::{
        people::{ID_COLUMN, id_place},
        season::Series,
        season_import::{self, StandingDeployment, StandingPerson, Wanted},
    },
};

pub(super) const COLUMNS: [Column; 9] = [
    Column::new("series", "KCSE2026"),
    Column::new("centre", "12345001"),
    Column::new("role", "invigilator"),
    Column::new("full_name", "Asha Njeri Wanjiku"),
    Column::new("msisdn", "+254700000010"),
    Column::new("national_id", "20000001"),
    Column::new("from_on", "2026-10-16"),
    Column::new("to_on", "2026-11-20"),
    Column::optional("ref", "D-000001"),
];

/// How many rows are looked up and written together.
const PART: usize = 1000;

/// A row that makes sense by itself.
struct Said {
    line: u64,
    at: At,
    role: DeployedAs,
    full_name: String,
    folded: String,
    msisdn: Option<String>,
    id: Option<(String, Lookup)>,
    reference: Option<String>,
    from_on: NaiveDate,
    to_on: NaiveDate,
}

impl Said {
    fn of_somebody_new(&self, id: PersonId) -> StandingPerson {
        StandingPerson {
            id,
            full_name: self.full_name.clone(),
            folded: self.folded.clone(),
            msisdn: self.msisdn.clone(),
            hash: self.hash(),
            tied: false,
        }
    }

    /// Somebody who is known, as this row has them: a person's first row of a file says name and phone, the others only
    /// what is not known yet.
    fn of_standing(&self, standing: &StandingPerson, first: bool) -> StandingPerson {
        let mut new = standing.clone();
        if first {
            new.full_name.clone_from(&self.full_name);
            new.folded.clone_from(&self.folded);
        }
        if first || new.msisdn.is_none() {
            new.msisdn = self.msisdn.clone().or(new.msisdn);
        }
        new.hash = new.hash.or_else(|| self.hash());
        new
    }

    fn hash(&self) -> Option<[u8; 32]> {
        self.id.as_ref().map(|(_, lookup)| lookup.value)
    }
}

/// The series and centres that rows may name.
struct Places {
    series: BTreeMap<String, Series>,
    centres: BTreeMap<CentreCode, bool>,
}

pub(super) async fn import(
    import: &mut Import<'_>,
    table: &mut Table<impl Read>,
) -> Result<(), ImportFailed> {
    let centres = season_import::centre_codes(import.tx).await?;
    let places = Places { series: season_import::all_series(import.tx).await?, centres };
    let mut file = File { seen: HashMap::new(), spoken: HashMap::new(), series: BTreeSet::new() };
    let mut part = Vec::with_capacity(PART);
    let mut looked_over = 0;
    while let Some(row) = table.next(&mut import.report.told)? {
        let mut cells = Cells { row: &row, told: &mut import.report.told };
        part.extend(read(&mut cells, &places, &import.keys));
        if part.len() == PART {
            file.take(import, std::mem::take(&mut part)).await?;
            (import.progress)(table.position());
            // Plans made for small tables would look through large ones: once for each time they have doubled.
            let rows = table.rows();
            if rows >= 2 * looked_over {
                season_import::look_over(import.tx).await?;
                looked_over = rows;
            }
        }
    }
    file.take(import, part).await?;
    (import.progress)(table.position());
    if import.options.replace {
        file.replace(import).await?;
    }
    file.look_over(import).await
}

fn read(cells: &mut Cells<'_>, places: &Places, keys: &Keys) -> Option<Said> {
    let series = cells.series("series", &places.series);
    let centre = centre(cells, places);
    let role = cells.role("role");
    let full_name = cells.full_name("full_name");
    let msisdn = cells.line("msisdn");
    let id = cells.national_id("national_id");
    let reference = if cells.text("ref").is_empty() { Some(None) } else { cells.code("ref", 40).map(Some) };
    let (from_on, to_on) = (cells.date("from_on"), cells.date("to_on"));
    let series = series?;
    let from_on = from_on.and_then(|day| cells.within("from_on", day, series));
    let to_on = to_on.and_then(|day| cells.within("to_on", day, series));
    if let Some((from, to)) = from_on.zip(to_on)
        && to < from
    {
        return cells.fault("to_on", || format!("{to} is before from_on"));
    }
    let full_name = full_name?;
    Some(Said {
        line: cells.row.line,
        at: (series.code.clone(), centre?),
        role: role?,
        folded: folded(&full_name),
        full_name,
        msisdn: msisdn?.map(|line| line.as_e164().to_owned()),
        id: id?.map(|id| (id.digits().to_owned(), keys.lookup(ID_COLUMN, id.digits()))),
        reference: reference?,
        from_on: from_on?,
        to_on: to_on?,
    })
}

fn centre(cells: &mut Cells<'_>, places: &Places) -> Option<CentreCode> {
    let code = cells.centre_code("centre")?;
    match places.centres.get(&code) {
        Some(true) => Some(code),
        Some(false) => cells.fault("centre", || format!("centre {code} was removed from the lists")),
        None => cells.fault("centre", || {
            let known = places.centres.keys().map(CentreCode::as_str);
            format!("there is no centre {code}{}", or_nearest(code.as_str(), known))
        }),
    }
}

/// What must be remembered of a file from its first row to its last.
struct File {
    /// On which line a deployment stands.
    seen: HashMap<DeploymentId, u64>,
    /// On which line a person stands first: that line says the name and the phone.
    spoken: HashMap<PersonId, u64>,
    /// The series that it speaks of.
    series: BTreeSet<String>,
}

/// What a part of a file changes, each thing once.
#[derive(Default)]
struct Writes {
    people: HashSet<PersonId>,
    ids: HashMap<PersonId, (Sealed, Lookup)>,
    deployments: HashSet<DeploymentId>,
    /// Deployments whose ref somebody else has now.
    released: HashSet<DeploymentId>,
    /// Deployments that were made at a centre and that the file now holds.
    adopted: HashSet<DeploymentId>,
    /// Deployments that are another person's now.
    taken: Vec<Taken>,
}

impl File {
    async fn take(&mut self, import: &mut Import<'_>, part: Vec<Said>) -> Result<(), ImportFailed> {
        let mut known = self.known(import, &part).await?;
        let mut writes = Writes::default();
        for said in part {
            self.series.insert(said.at.0.clone());
            self.row(import, &mut known, &mut writes, said);
        }
        let Writes { people, mut ids, deployments, released, adopted, taken } = writes;
        refuse_marked(import, taken).await?;
        season_import::release(import.tx, &released.into_iter().collect::<Vec<_>>(), import.now).await?;
        let people: Vec<_> = people
            .iter()
            .filter_map(|id| known.people.get(id))
            .map(|person| (person, ids.remove(&person.id)))
            .collect();
        season_import::put_people(import.tx, people).await?;
        let deployments: Vec<_> = deployments.iter().filter_map(|id| known.deployments.get(id)).collect();
        season_import::put_deployments(import.tx, &deployments, import.now).await?;
        // In one order, because each locks its register.
        let mut adopted: Vec<_> = deployments.into_iter().filter(|one| adopted.contains(&one.id)).collect();
        adopted.sort_by(|one, other| (&one.series, &one.centre).cmp(&(&other.series, &other.centre)));
        for one in adopted {
            register::adopted(import.tx, import.deps, (&one.series, &one.centre), one.id, import.now).await?;
        }
        Ok(())
    }

    /// What stands of everything that these rows name.
    async fn known(&self, import: &mut Import<'_>, part: &[Said]) -> Result<Known, ImportFailed> {
        let set = |of: fn(&Said) -> Option<String>| -> Vec<String> {
            part.iter().filter_map(of).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let hashes: BTreeSet<[u8; 32]> =
            part.iter().filter_map(|said| Some(said.id.as_ref()?.1.value)).collect();
        let wanted = Wanted {
            series: set(|said| Some(said.at.0.clone())),
            centres: set(|said| Some(said.at.1.as_str().to_owned())),
            refs: set(|said| said.reference.clone()),
            lines: set(|said| said.msisdn.clone()),
            hashes: hashes.into_iter().collect(),
            slot: import.keys.lookup(ID_COLUMN, "").slot,
        };
        let mut known = Known::default();
        let standing = season_import::standing(import.tx, &wanted).await?;
        for mut person in standing.people {
            person.folded = folded(&person.full_name);
            known.person(person);
        }
        for deployment in standing.deployments {
            known.deployment(deployment);
        }
        Ok(known)
    }

    fn row(&mut self, import: &mut Import<'_>, known: &mut Known, writes: &mut Writes, said: Said) {
        let told = &mut import.report.told;
        let by_ref = known.of_ref(&said.at.0, said.reference.as_deref()).cloned();
        if let Some(line) = by_ref.as_ref().and_then(|standing| self.seen.get(&standing.id)) {
            return told.fault(said.line, "ref", || format!("this ref stands on line {line} already"));
        }
        let clues = Clues {
            folded: &said.folded,
            hash: said.hash(),
            line: said.msisdn.as_deref(),
            reference: said.reference.as_deref(),
            at: &said.at,
            from_on: said.from_on,
            to_on: said.to_on,
        };
        let who = match known.who(&clues, |id| self.seen.get(&id).copied()) {
            Ok(who) => who,
            Err(unclear) => return told.fault(said.line, "full_name", || remedy(unclear)),
        };
        if let Some(line) = who.and_then(|who| self.doubled(known, &said, who)) {
            return told.fault(said.line, "", || {
                format!("this person is deployed here on the same days by line {line} already")
            });
        }
        let person = self.person(import, known, writes, &said, who);
        self.deploy(import, known, writes, said, person, by_ref);
    }

    /// The person of a row, as the row has them: empty cells leave what is known.
    fn person(
        &mut self,
        import: &mut Import<'_>,
        known: &mut Known,
        writes: &mut Writes,
        said: &Said,
        who: Option<PersonId>,
    ) -> PersonId {
        let standing = who.and_then(|id| known.people.get(&id)).cloned();
        let id =
            standing.as_ref().map_or_else(|| PersonId(import.deps.chance.id(import.now)), |person| person.id);
        let first = *self.spoken.entry(id).or_insert(said.line);
        let new = match &standing {
            Some(standing) => said.of_standing(standing, first == said.line),
            None => said.of_somebody_new(id),
        };
        if standing.as_ref() == Some(&new) {
            return id;
        }
        if let Some(standing) = &standing
            && !share_a_word(&new.folded, &standing.folded)
        {
            let line = said.line;
            import.report.told.warning(|| {
                format!("line {line}: this person was known by another name; the name of this line is taken")
            });
        }
        if let Some((digits, lookup)) = &said.id
            && standing.is_none_or(|person| person.hash.is_none())
        {
            let nonce = import.deps.chance.bytes();
            let sealed = import.keys.seal(id_place(&id), digits.as_bytes(), nonce);
            writes.ids.insert(id, (sealed, lookup.clone()));
        }
        writes.people.insert(id);
        known.person(new);
        id
    }

    /// The line on which the same person is deployed at the same centre on the same days.
    fn doubled(&self, known: &Known, said: &Said, who: PersonId) -> Option<u64> {
        let theirs = known.at(&said.at).filter(|standing| standing.person == who && overlap(said, standing));
        theirs.filter_map(|standing| self.seen.get(&standing.id).copied()).min()
    }

    fn deploy(
        &mut self,
        import: &mut Import<'_>,
        known: &mut Known,
        writes: &mut Writes,
        said: Said,
        person: PersonId,
        by_ref: Option<StandingDeployment>,
    ) {
        let standing = match by_ref {
            Some(standing) if may_take_over(known, &said, &standing, person) => Some(standing),
            Some(other) => {
                release(import, known, writes, other);
                self.standing(known, &said, person)
            }
            None => self.standing(known, &said, person),
        };
        let id = match &standing {
            Some(standing) => standing.id,
            None => DeploymentId(import.deps.chance.id(import.now)),
        };
        let given = standing.as_ref().map(|standing| standing.number);
        let number = given.or_else(|| RosterNumber::next(known.highest(&said.at)).map(RosterNumber::get));
        let Some(number) = number else {
            return import
                .report
                .told
                .fault(said.line, "centre", || "all 997 numbers of this roster are given".to_owned());
        };
        self.seen.insert(id, said.line);
        if standing.as_ref().is_some_and(|standing| standing.added) {
            writes.adopted.insert(id);
        }
        if let Some(standing) = standing.as_ref().filter(|standing| standing.person != person) {
            let StandingDeployment { id, series, centre, number, .. } = standing.clone();
            writes.taken.push(Taken { line: said.line, id, series, centre, number });
        }
        let kept_ref = standing.as_ref().and_then(|standing| standing.reference.clone());
        if kept_ref.is_some() && said.reference.is_some() && kept_ref != said.reference {
            // Somebody else of this part may get the old one: it must be free before anything is written.
            writes.released.insert(id);
        }
        let new = StandingDeployment {
            id,
            series: said.at.0,
            centre: said.at.1,
            person,
            role: said.role,
            reference: said.reference.or(kept_ref),
            number,
            from_on: said.from_on,
            to_on: said.to_on,
            added: false,
            removed_at: None,
        };
        let changed_person = writes.people.contains(&person);
        match standing {
            None => import.report.added += 1,
            Some(standing) if standing == new && !changed_person => import.report.same += 1,
            Some(_) => import.report.changed += 1,
        }
        if known.deployments.get(&id) != Some(&new) {
            writes.deployments.insert(id);
            known.deployment(new);
        }
    }

    /// What stands of this person at this centre and is meant by the row: from the same day on, else on some of the same
    /// days; what was removed comes back with its number.
    fn standing(&self, known: &Known, said: &Said, person: PersonId) -> Option<StandingDeployment> {
        let theirs = known.at(&said.at).filter(|standing| {
            standing.person == person
                && !self.seen.contains_key(&standing.id)
                && (standing.from_on == said.from_on || overlap(said, standing))
        });
        theirs
            .min_by_key(|standing| (standing.removed_at.is_some(), standing.from_on != said.from_on))
            .cloned()
    }

    /// Remove what the file does not hold of its series; who was added at a centre stays.
    async fn replace(&mut self, import: &mut Import<'_>) -> Result<(), ImportFailed> {
        for series in &self.series {
            let imported = season_import::imported(import.tx, series).await?;
            let absent: Vec<DeploymentId> =
                imported.into_iter().filter(|id| !self.seen.contains_key(id)).collect();
            import.report.removed += absent.len() as u64;
            season_import::remove_deployments(import.tx, &absent, import.now).await?;
        }
        Ok(())
    }

    /// Nobody stands on a roster twice; who is at two centres on the same days is worth a look.
    async fn look_over(&self, import: &mut Import<'_>) -> Result<(), ImportFailed> {
        for series in &self.series {
            let found = season_import::overlaps(import.tx, series).await?;
            for (one, other, here, there) in found {
                let line = self.seen.get(&one).max(self.seen.get(&other)).copied();
                let told = &mut import.report.told;
                match line {
                    Some(line) if here == there => told.fault(line, "", || {
                        "this person is deployed here on some of these days already, by what was imported before; \
                         give all of the person's days in one file, or import with --replace"
                            .to_owned()
                    }),
                    Some(line) => told.warning(|| {
                        format!("line {line}: this person is deployed at {here} and at {there} on the same days")
                    }),
                    None => {}
                }
            }
        }
        Ok(())
    }
}

fn remedy(unclear: Unclear) -> String {
    match unclear {
        Unclear::SameName(line) => format!(
            "line {line} has the same name at this centre on the same days: if these are two people, give each a ref, \
             an ID or a phone; if it is one person, delete a row"
        ),
        Unclear::Several => {
            "several people of this name are known here: give a ref, an ID or a phone that tells who is meant"
                .to_owned()
        }
    }
}

fn overlap(said: &Said, standing: &StandingDeployment) -> bool {
    standing.from_on <= said.to_on && said.from_on <= standing.to_on
}

/// Whether a row of a ref speaks of what stands under it: the same person at the same centre. Somebody of whom no more
/// than a name was known may turn out to be a person who is known otherwise.
fn may_take_over(known: &Known, said: &Said, standing: &StandingDeployment, person: PersonId) -> bool {
    let same_place = standing.series == said.at.0 && standing.centre == said.at.1;
    let nameless = known.people.get(&standing.person).is_some_and(|before| {
        before.hash.is_none() && !before.tied && share_a_word(&said.folded, &before.folded)
    });
    same_place && (standing.person == person || nameless)
}

/// A ref is somebody else's now, or of another centre: what stood under it ends, and its number is never given again.
fn release(import: &mut Import<'_>, known: &mut Known, writes: &mut Writes, other: StandingDeployment) {
    if other.removed_at.is_none() {
        import.report.removed += 1;
    }
    writes.released.insert(other.id);
    let removed_at = other.removed_at.or(Some(import.now));
    known.deployment(StandingDeployment { reference: None, removed_at, ..other });
}
