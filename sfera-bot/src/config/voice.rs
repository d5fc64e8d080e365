//! What voice and the web page need.

use super::{Problem, Secret, Unusable, wrong};
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Minutes of voice a day for each user, where nobody says how many.
const MINUTES: u32 = 60;
/// How old initData may be, in hours: clients keep theirs for up to a day.
const HOURS: u32 = 24;
/// Where the built page is, seen from the folder the bot is started in.
const MINI_APP: &str = "frontend/out";

/// Where LiveKit is, and who asks.
#[derive(Clone, Debug)]
pub struct LiveKit {
    /// `LIVEKIT_URL`: `wss://…` or `ws://…`; pages connect there too.
    pub url: String,
    /// `LIVEKIT_API_KEY`
    pub key: String,
    /// `LIVEKIT_API_SECRET`
    pub secret: Secret,
}

/// Settings of voice and of the web page.
#[derive(Clone, Debug)]
pub struct VoiceSettings {
    /// All three of `LIVEKIT_…`; without them there is no voice.
    pub livekit: Option<LiveKit>,
    /// `SFERA_VOICE`: whether this process holds the conversations itself; `off` leaves them to
    /// `sfera worker`.
    pub in_process: bool,
    /// `SFERA_VOICE_MINUTES`: a day, for each user; 0 is without end.
    pub minutes: u32,
    /// `SFERA_VOICE_MAX_LOAD`: at which load of the machine no further call is taken, in percent; the
    /// library's own limit without it, none at 100.
    pub max_load: Option<u32>,
    /// `SFERA_DEVELOPER`: Telegram's number of whom a page on this machine may be outside of Telegram;
    /// never where the bot is public.
    pub developer: Option<i64>,
    /// `SFERA_INIT_DATA_HOURS`: how old initData may be.
    pub init_data_age: Duration,
    /// `SFERA_MINI_APP`: the folder of the built page.
    pub mini_app: PathBuf,
    /// `SFERA_METRICS_LISTEN`: where figures for Prometheus are served; nowhere without.
    pub metrics: Option<SocketAddr>,
    /// `SFERA_BEHIND_PROXY`: whether a proxy tells who asks (`X-Forwarded-For`).
    pub behind_proxy: bool,
}

impl VoiceSettings {
    pub(super) fn of<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Unusable> {
        let number = |name: &'static str, usual| -> Result<u32, Unusable> {
            let number = super::parsed(get(name), name, Problem::Number)?;
            Ok(number.unwrap_or(usual))
        };
        let hours = number("SFERA_INIT_DATA_HOURS", HOURS)?;
        Ok(Self {
            livekit: livekit(&get)?,
            in_process: switch(get("SFERA_VOICE"), "SFERA_VOICE", true)?,
            minutes: number("SFERA_VOICE_MINUTES", MINUTES)?,
            max_load: super::parsed(
                get("SFERA_VOICE_MAX_LOAD"),
                "SFERA_VOICE_MAX_LOAD",
                Problem::Number,
            )?,
            developer: developer(&get)?,
            init_data_age: Duration::from_secs(u64::from(hours) * 3_600),
            mini_app: get("SFERA_MINI_APP").unwrap_or(MINI_APP).into(),
            metrics: super::parsed(
                get("SFERA_METRICS_LISTEN"),
                "SFERA_METRICS_LISTEN",
                Problem::Address,
            )?,
            behind_proxy: switch(get("SFERA_BEHIND_PROXY"), "SFERA_BEHIND_PROXY", false)?,
        })
    }
}

/// A page that anybody reaches must know by Telegram who opened it.
fn developer<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Option<i64>, Unusable> {
    const NAME: &str = "SFERA_DEVELOPER";
    let id: Option<i64> = super::parsed(get(NAME), NAME, Problem::Number)?;
    match id {
        Some(..=0) => Err(wrong(NAME, Problem::Number)),
        Some(_) if get("WEBHOOK_URL").is_some() => Err(wrong(NAME, Problem::Public)),
        id => Ok(id),
    }
}

/// All three or none: with one or two of them somebody forgot the rest.
fn livekit<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Option<LiveKit>, Unusable> {
    const NAMES: [&str; 3] = ["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"];
    let values = NAMES.map(&get);
    let [Some(url), Some(key), Some(secret)] = values else {
        let forgotten = NAMES
            .into_iter()
            .zip(values)
            .find(|(_, value)| value.is_none());
        return match forgotten {
            Some((name, _)) if values.iter().any(Option::is_some) => {
                Err(wrong(name, Problem::LiveKit))
            }
            _ => Ok(None),
        };
    };
    let parsed = reqwest::Url::parse(url).map_err(|_| wrong(NAMES[0], Problem::Address))?;
    if !matches!(parsed.scheme(), "ws" | "wss" | "http" | "https") {
        return Err(wrong(NAMES[0], Problem::Address));
    }
    Ok(Some(LiveKit {
        url: url.to_owned(),
        key: key.to_owned(),
        secret: Secret::new(secret),
    }))
}

fn switch(value: Option<&str>, name: &'static str, usual: bool) -> Result<bool, Unusable> {
    match value.map(str::to_lowercase).as_deref() {
        None => Ok(usual),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(_) => Err(wrong(name, Problem::Switch)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(values: &[(&str, &'static str)]) -> Result<VoiceSettings, Unusable> {
        VoiceSettings::of(|name| {
            let found = values.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| *value)
        })
    }

    #[test]
    fn nothing_is_needed() {
        let settings = settings(&[]).unwrap();
        assert!(settings.livekit.is_none() && settings.in_process && !settings.behind_proxy);
        assert_eq!(settings.minutes, 60);
        assert_eq!(settings.init_data_age, Duration::from_secs(86_400));
    }

    #[test]
    fn livekit_is_there_as_a_whole_or_not_at_all() {
        let url = ("LIVEKIT_URL", "wss://a.example");
        let key = ("LIVEKIT_API_KEY", "key");
        let secret = ("LIVEKIT_API_SECRET", "secret");
        let whole = settings(&[url, key, secret]).unwrap();
        assert!(!format!("{whole:?}").contains("\"secret\""), "never shown");
        let problem = |values: &[_]| settings(values).unwrap_err();
        assert_eq!(
            problem(&[url, key]),
            wrong("LIVEKIT_API_SECRET", Problem::LiveKit)
        );
        assert_eq!(problem(&[secret]), wrong("LIVEKIT_URL", Problem::LiveKit));
        let nonsense = [("LIVEKIT_URL", "livekit"), key, secret];
        assert_eq!(problem(&nonsense), wrong("LIVEKIT_URL", Problem::Address));
    }

    #[test]
    fn whoever_develops_does_so_where_nobody_else_comes() {
        let id = ("SFERA_DEVELOPER", "42");
        assert_eq!(settings(&[id]).unwrap().developer, Some(42));
        let public = settings(&[id, ("WEBHOOK_URL", "https://a.example")]).unwrap_err();
        assert_eq!(public, wrong("SFERA_DEVELOPER", Problem::Public));
        let group = settings(&[("SFERA_DEVELOPER", "-100500")]).unwrap_err();
        assert_eq!(group, wrong("SFERA_DEVELOPER", Problem::Number));
    }

    #[test]
    fn switches_are_on_or_off() {
        assert!(!settings(&[("SFERA_VOICE", "Off")]).unwrap().in_process);
        let unclear = settings(&[("SFERA_VOICE", "maybe")]).unwrap_err();
        assert_eq!(unclear, wrong("SFERA_VOICE", Problem::Switch));
    }
}
