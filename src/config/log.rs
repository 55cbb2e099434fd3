//! `[log]`: how much is told and in which form. What may never be told is capped by `telemetry::logs`.

use tracing_subscriber::filter::{LevelFilter, Targets};

use super::reader::{Checked, Reader, Told};

/// How much is told and in which form.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// From which level, and from which level by target.
    pub level: Targets,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Log, Told> {
    let format = r.or("log.format", LogFormat::Text, format);
    let level = r.or("log.level", Targets::new().with_default(LevelFilter::INFO), level);
    Ok(Log { format: format?, level: level? })
}

fn format(text: &str) -> Checked<LogFormat> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("takes text or json".to_owned()),
    }
}

fn level(text: &str) -> Checked<Targets> {
    let wrong =
        || "takes error, warn, info, debug or trace, or by target such as info,daftari::web=debug".to_owned();
    // Alone, a misspelt level would be taken for a target whose every line is told.
    let alone = |part: &str| part.contains('=') || !part.is_empty() && part.parse::<LevelFilter>().is_ok();
    if !text.split(',').all(alone) {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_stands_alone_or_behind_a_target() {
        for good in ["info", "off", "warn,daftari=debug", "info,daftari::web=trace"] {
            assert!(level(good).is_ok(), "{good}");
        }
        for bad in ["", "verbose", "info,", "daftari", "daftari=loud"] {
            assert!(level(bad).is_err(), "{bad}");
        }
    }
}
