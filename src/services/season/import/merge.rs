//! Small files: what stands and what the file says, held against each other in memory.

use std::collections::BTreeMap;

use super::{Import, Report};

/// What the rows of a file say, each under its key with its line.
pub(super) struct Said<K, V> {
    rows: BTreeMap<K, (u64, V)>,
}

/// What has to be written.
pub(super) struct Change<K, V> {
    /// New or different things.
    pub write: Vec<(K, V)>,
    /// What stands and is not in the file.
    pub absent: Vec<K>,
}

impl<K: Ord + Clone, V: PartialEq + Clone> Said<K, V> {
    pub fn new() -> Self {
        Self { rows: BTreeMap::new() }
    }

    /// Take a row; the same key again is a fault of its line.
    pub fn take(&mut self, import: &mut Import<'_>, line: u64, column: &'static str, key: K, value: V) {
        if let Some((first, _)) = self.rows.get(&key) {
            let first = *first;
            import.report.told.fault(line, column, || format!("this stands on line {first} already"));
            return;
        }
        self.rows.insert(key, (line, value));
    }

    /// Every row, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&K, u64, &V)> {
        self.rows.iter().map(|(key, (line, value))| (key, *line, value))
    }

    /// What the file changes of what stands; counts it.
    pub fn against(&self, standing: &BTreeMap<K, V>, report: &mut Report) -> Change<K, V> {
        let mut write = vec![];
        for (key, (_, value)) in &self.rows {
            match standing.get(key) {
                Some(stands) if stands == value => report.same += 1,
                Some(_) => report.changed += 1,
                None => report.added += 1,
            }
            if standing.get(key) != Some(value) {
                write.push((key.clone(), value.clone()));
            }
        }
        let absent = standing.keys().filter(|key| !self.rows.contains_key(key)).cloned().collect();
        Change { write, absent }
    }
}
