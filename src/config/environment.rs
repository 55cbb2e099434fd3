//! The environment variables that are configuration: `DAFTARI_` and the path of a key, joined by `__`. Whether there
//! is such a key is `settings.rs`'s to say.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

const PREFIX: &str = "DAFTARI_";
const FILE: &str = "DAFTARI_CONFIG";
const TESTS: &str = "DAFTARI_TEST_";

/// What the environment sets, by the path of the key. It holds secrets: it has no `Debug`.
#[derive(Clone, Default)]
pub struct Environment {
    file: Option<PathBuf>,
    values: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process. What is not Unicode is kept with replacement characters, which no key takes.
    pub fn of_process() -> Self {
        let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))).collect()
    }

    /// The file that `DAFTARI_CONFIG` names.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Paths and values, sorted by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(path, value)| (path.as_str(), value.as_str()))
    }

    /// Whether this key is set by the environment.
    pub(super) fn sets(&self, path: &str) -> bool {
        self.values.contains_key(path)
    }
}

/// The variable that sets a key.
pub(super) fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.to_uppercase().replace('.', "__"))
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    /// Names and values as in an environment; what is not `DAFTARI_…` is left out. An empty value counts as not set:
    /// otherwise a variable that a script failed to fill would, say, open `allowed_sources` to everybody.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            let (name, value) = (name.into(), value.into());
            if value.is_empty() || name.starts_with(TESTS) {
            } else if name == FILE {
                environment.file = Some(value.into());
            } else if let Some(rest) = name.strip_prefix(PREFIX) {
                environment.values.insert(rest.to_lowercase().replace("__", "."), value);
            }
        }
        environment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_names_a_path() {
        let environment: Environment =
            [("DAFTARI_SMS__ROUTE__0__API_KEY", "k"), ("HOME", "/"), ("DAFTARI_LOG__LEVEL", "")]
                .into_iter()
                .collect();
        assert_eq!(environment.iter().collect::<Vec<_>>(), [("sms.route.0.api_key", "k")]);
        assert_eq!(variable("sms.route.0.api_key"), "DAFTARI_SMS__ROUTE__0__API_KEY");
    }

    #[test]
    fn the_file_and_the_tests_own_variables_are_no_keys() {
        let environment: Environment =
            [("DAFTARI_CONFIG", "a.toml"), ("DAFTARI_TEST_REDIS_URL", "redis://127.0.0.1")]
                .into_iter()
                .collect();
        assert_eq!(environment.file(), Some(Path::new("a.toml")));
        assert_eq!(environment.iter().count(), 0);
    }
}
