//! The table of models: what exists, where it comes from and what it must be.

use serde::Deserialize;

/// The manifest that ships with the library.
const BUILT_IN: &str = include_str!("manifest.toml");

/// Every model that is known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The models, in the order they are listed.
    #[serde(rename = "model")]
    pub models: Vec<Model>,
}

/// One model: one file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name here: `whisper-base`.
    pub name: String,
    /// Its file's name in the cache.
    pub file: String,
    /// The licence of the weights.
    pub licence: String,
    /// What it is for.
    pub about: About,
    /// Whether it is part of the offline default: pulled where no name is given.
    #[serde(default)]
    pub default: bool,
    /// Where it can be had, best first.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// What a model is for, in each language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
}

/// One place a model can be had from, and what comes out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Source {
    /// Bytes of the finished file.
    pub size: u64,
    /// Its sha256, lower-case hexadecimal.
    pub sha256: String,
    /// Where it is.
    #[serde(flatten)]
    pub origin: Origin,
    /// A second file of the same hub repository, without which the first is of no use.
    pub beside: Option<Beside>,
    /// Machine it is for, `arch-os`; any if absent.
    pub target: Option<String>,
}

/// A file that stands beside the model's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Its path in the repository, and its name in the cache.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// Its sha256, lower-case hexadecimal.
    pub sha256: String,
}

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Origin {
    /// A file on the model hub.
    Hub {
        /// The repository: `owner/name`.
        #[serde(rename = "hub")]
        repository: String,
        /// The file's path in it.
        path: String,
    },
    /// Files in Python packages.
    Packages(Packages),
}

/// Files in Python packages, joined and perhaps converted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Packages {
    /// The packages.
    pub packages: Vec<Package>,
    /// The files in them, in the order they are joined.
    pub parts: Vec<Member>,
    /// What is done with the joined file.
    pub convert: Option<Conversion>,
    /// The tokenizer that the conversion needs.
    pub tokenizer: Option<Member>,
}

/// A Python package of one version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version, exactly.
    pub version: String,
    /// Bytes to download.
    pub size: u64,
    /// The Python it is built for, where that matters.
    pub python: Option<String>,
    /// The platform it is built for, where that matters.
    pub platform: Option<String>,
}

/// A file in a package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Which of the packages, from 0.
    pub package: usize,
    /// The file's path in it.
    pub path: String,
    /// Its sha256, lower-case hexadecimal.
    pub sha256: String,
}

/// What is done with a downloaded file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// Whisper from CTranslate2 to ggml.
    WhisperGgml,
}

impl Manifest {
    /// The manifest that ships with the library. A test keeps it readable.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).unwrap_or(Self { models: Vec::new() })
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// What is wrong in the text and where.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The model of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }
}

impl Model {
    /// The sources that serve this machine.
    pub fn sources_here(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| {
            let here = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
            source.target.as_ref().is_none_or(|target| *target == here)
        })
    }

    /// Bytes of the file, as far as the manifest says.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.sources_here().next().map_or(0, Source::bytes)
    }
}

impl Source {
    /// Bytes of all its files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.size + self.beside.as_ref().map_or(0, |beside| beside.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_manifest_is_readable_and_complete() {
        let manifest = Manifest::parse(BUILT_IN).unwrap();
        assert_eq!(Manifest::built_in(), manifest);
        for model in &manifest.models {
            assert!(!model.sources.is_empty(), "{}", model.name);
            for source in &model.sources {
                assert_eq!(source.sha256.len(), 64, "{}", model.name);
                if let Some(beside) = &source.beside {
                    assert!(matches!(source.origin, Origin::Hub { .. }));
                    assert!(beside.sha256.len() == 64 && !beside.path.contains('/'));
                }
                if let Origin::Packages(from) = &source.origin {
                    let members = from.parts.iter().chain(&from.tokenizer);
                    assert!(members.clone().all(|m| m.package < from.packages.len()));
                    assert!(members.clone().all(|m| m.sha256.len() == 64));
                    assert_eq!(from.convert.is_some(), from.tokenizer.is_some());
                }
            }
        }
    }
}
