use super::OpenAiOptions;

/// The services whose API speaks like OpenAI's: the variable with the key, the address, the model
/// taken where none is named.
const SERVICES: &[(&str, &str, &str)] = &[
    (
        "OPENAI_API_KEY",
        "https://api.openai.com/v1",
        "gpt-4.1-mini",
    ),
    (
        "OPENROUTER_API_KEY",
        "https://openrouter.ai/api/v1",
        "openai/gpt-4.1-mini",
    ),
    (
        "GOOGLE_API_KEY",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "gemini-2.5-flash",
    ),
];

impl OpenAiOptions {
    /// The server that a host's environment names: one of its own (`OPENAI_BASE_URL`, with
    /// `OPENAI_API_KEY` where it wants a key), or else the first service whose key is set: OpenAI,
    /// OpenRouter, Gemini. `OPENAI_MODEL` names the model. Whether it sees pictures says `OPENAI_VISION`
    /// (`1` or `0`); without it only the services' usual models are shown any. None where nothing is set.
    pub fn of_environment<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let own = get("OPENAI_BASE_URL").map(|address| {
            let address = address.trim_end_matches('/');
            (address, get("OPENAI_API_KEY"), "default")
        });
        let service = || {
            let mut services = SERVICES.iter();
            services.find_map(|(name, address, model)| Some((*address, Some(get(name)?), *model)))
        };
        let is_service = own.is_none();
        let (address, key, usual) = own.or_else(service)?;
        let named = get("OPENAI_MODEL");
        let mut options = Self::new(address, named.unwrap_or(usual));
        options.key = key.map(Into::into);
        options.sees_images = match get("OPENAI_VISION") {
            Some(said) => said == "1",
            None => is_service && named.is_none(),
        };
        Some(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[(&str, &'static str)]) -> Option<(String, String, Option<String>)> {
        let get = |name: &str| {
            let found = values.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| *value)
        };
        let options = OpenAiOptions::of_environment(get)?;
        let key = options.key.map(|key| key.to_string());
        Some((options.base_url, options.model, key))
    }

    #[test]
    fn a_server_of_ones_own_comes_before_services_and_a_service_brings_its_model() {
        assert_eq!(found(&[]), None);
        let own = found(&[
            ("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1/"),
            ("GOOGLE_API_KEY", "g"),
        ]);
        let expected = ("http://127.0.0.1:8080/v1".into(), "default".into(), None);
        assert_eq!(own, Some(expected));
        let (address, model, key) = found(&[("GOOGLE_API_KEY", "g")]).unwrap();
        assert!(address.contains("googleapis"));
        assert_eq!(
            (model.as_str(), key.as_deref()),
            ("gemini-2.5-flash", Some("g"))
        );
        let named = found(&[("OPENAI_API_KEY", "k"), ("OPENAI_MODEL", "m")]).unwrap();
        assert_eq!(named.1, "m");
    }

    #[test]
    fn who_sees_is_said_or_known_of_a_services_usual_model() {
        for (values, sees) in [
            (&[("OPENAI_API_KEY", "k")][..], true),
            (&[("OPENAI_API_KEY", "k"), ("OPENAI_MODEL", "m")], false),
            (&[("OPENAI_API_KEY", "k"), ("OPENAI_VISION", "0")], false),
            (&[("OPENAI_BASE_URL", "http://a/v1")], false),
            (
                &[("OPENAI_BASE_URL", "http://a/v1"), ("OPENAI_VISION", "1")],
                true,
            ),
        ] {
            let get = |name: &str| {
                let found = values.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| *value)
            };
            let options = OpenAiOptions::of_environment(get).unwrap();
            assert_eq!(options.sees_images, sees, "{values:?}");
        }
    }
}
