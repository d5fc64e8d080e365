use super::OpenAiEmbedderOptions;
use crate::embedding::EmbedError;

const OPENAI: &str = "https://api.openai.com/v1";
const USUAL: &str = "text-embedding-3-small";
const DIMENSION: &str = "EMBEDDING_DIMENSION";

/// OpenAI's models and the numbers in their vectors.
const MODELS: &[(&str, usize)] = &[
    ("text-embedding-3-small", 1_536),
    ("text-embedding-3-large", 3_072),
    ("text-embedding-ada-002", 1_536),
];

impl OpenAiEmbedderOptions {
    /// The model that a host's environment names; none where it names none.
    ///
    /// `EMBEDDING_BASE_URL` is a server of one's own, with `EMBEDDING_API_KEY` where it wants a key;
    /// `EMBEDDING_MODEL` alone is a model of OpenAI's with `OPENAI_API_KEY`, which no other server gets to
    /// see. `EMBEDDING_DIMENSION` is needed for models that are not OpenAI's. E5 models get their
    /// prefixes.
    ///
    /// # Errors
    /// [`EmbedError::Unset`] or [`EmbedError::NoNumber`] names the variable.
    pub fn of_environment<'a>(
        get: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<Self>, EmbedError> {
        let (address, model) = (get("EMBEDDING_BASE_URL"), get("EMBEDDING_MODEL"));
        if address.is_none() && model.is_none() {
            return Ok(None);
        }
        let key = match address {
            Some(_) => get("EMBEDDING_API_KEY"),
            None => get("EMBEDDING_API_KEY").or_else(|| get("OPENAI_API_KEY")),
        };
        let model = model.unwrap_or(USUAL);
        let dimension = match get(DIMENSION) {
            Some(number) => number.parse().ok().filter(|n| *n > 0),
            None => {
                let known = MODELS.iter().find(|(name, _)| *name == model);
                let (_, dimension) = known.ok_or(EmbedError::Unset(DIMENSION))?;
                Some(*dimension)
            }
        };
        let dimension = dimension.ok_or(EmbedError::NoNumber(DIMENSION))?;
        let mut options = Self::new(address.unwrap_or(OPENAI), model, dimension);
        options.key = key.map(Into::into);
        if model.to_lowercase().contains("e5-") {
            options.query_prefix = "query: ".into();
            options.passage_prefix = "passage: ".into();
            options.max_chars = 1_000;
        }
        Ok(Some(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[(&str, &'static str)]) -> Result<Option<OpenAiEmbedderOptions>, EmbedError> {
        OpenAiEmbedderOptions::of_environment(|name| {
            let found = values.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| *value)
        })
    }

    #[test]
    fn the_environment_names_a_model_or_none() {
        assert!(found(&[("OPENAI_API_KEY", "sk")]).unwrap().is_none());
        let cloud = found(&[
            ("EMBEDDING_MODEL", "text-embedding-3-large"),
            ("OPENAI_API_KEY", "sk"),
        ]);
        let cloud = cloud.unwrap().unwrap();
        assert_eq!((cloud.base_url.as_str(), cloud.dimension), (OPENAI, 3_072));
        assert_eq!(cloud.key.as_deref(), Some("sk"));
        let own = found(&[
            ("EMBEDDING_BASE_URL", "http://localhost:8080/v1"),
            ("EMBEDDING_MODEL", "multilingual-e5-large"),
            ("EMBEDDING_DIMENSION", "1024"),
            ("OPENAI_API_KEY", "sk"),
        ]);
        let own = own.unwrap().unwrap();
        assert_eq!(own.key, None, "another server does not see OpenAI's key");
        assert_eq!(
            (own.query_prefix.as_str(), own.dimension),
            ("query: ", 1_024)
        );
    }

    #[test]
    fn a_dimension_that_is_missing_or_none_is_named() {
        for (values, said) in [
            (
                &[("EMBEDDING_MODEL", "bge-m3")][..],
                EmbedError::Unset(DIMENSION),
            ),
            (
                &[
                    ("EMBEDDING_MODEL", "bge-m3"),
                    ("EMBEDDING_DIMENSION", "many"),
                ],
                EmbedError::NoNumber(DIMENSION),
            ),
            (
                &[("EMBEDDING_MODEL", "bge-m3"), ("EMBEDDING_DIMENSION", "0")],
                EmbedError::NoNumber(DIMENSION),
            ),
        ] {
            assert_eq!(found(values).unwrap_err(), said);
        }
    }
}
