//! A language's rules as they stand in their file.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesFile {
    pub(super) cut: String,
    pub(super) never: Vec<String>,
    pub(super) never_names: Vec<String>,
    pub(super) negators: Vec<String>,
    pub(super) unkept: String,
    pub(super) checks: String,
    pub(super) rule: Vec<RuleLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleLine {
    pub(super) kind: String,
    pub(super) shape: Shape,
    #[serde(default)]
    pub(super) says: Says,
    #[serde(default)]
    pub(super) not_after: Vec<String>,
    pub(super) only_after: Option<String>,
    pub(super) not_before: Option<String>,
    pub(super) cut: Option<String>,
    pub(super) may_begin: Option<String>,
    pub(super) unfit: Option<String>,
    pub(super) pattern: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    Name,
    BareName,
    City,
    ListedCity,
    Text,
    SpokenAge,
    Instruments,
    Opinion,
    None,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Says {
    #[default]
    Is,
    Also,
    Not,
}
