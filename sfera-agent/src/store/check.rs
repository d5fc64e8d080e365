//! What is refused before any store is asked.

use super::{CollectionSpec, DenseSpec, StoreError};
use std::fmt::Write as _;

const MAX_NAME_BYTES: usize = 64;
/// The longest vectors of known models have 4096 numbers.
const MAX_DIMENSION: usize = 8_192;
/// What rounding may do to a unit length.
const LENGTH_TOLERANCE: f32 = 0.01;

impl CollectionSpec {
    /// Whether a collection can be made so.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let fine = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
        let name = &self.name;
        if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.chars().all(fine) {
            return Err(StoreError::Invalid(format!(
                "{name:?} is no name of a collection: use a-z, 0-9, _ and -, at most {MAX_NAME_BYTES}"
            )));
        }
        match &self.dense {
            Some(DenseSpec { dimension, .. }) if !(1..=MAX_DIMENSION).contains(dimension) => {
                Err(StoreError::Invalid(format!(
                    "vectors of {dimension} numbers: between 1 and {MAX_DIMENSION} are possible"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Whether the collection that is there is the one that is wanted.
    pub(crate) fn check_against(&self, wanted: &Self) -> Result<(), StoreError> {
        if self == wanted {
            return Ok(());
        }
        Err(StoreError::Mismatch {
            collection: self.name.clone(),
            has: self.describe(),
            wants: wanted.describe(),
        })
    }

    fn describe(&self) -> String {
        let mut said = match &self.dense {
            Some(DenseSpec { model, dimension }) => {
                format!("vectors of {model} with {dimension} numbers")
            }
            None => "no vectors".to_owned(),
        };
        let language = self.language.map_or("any", |language| language.code());
        // Writing to a String cannot fail.
        let _ = write!(said, " and words of language {language}");
        said
    }

    /// Whether a vector belongs here.
    pub(crate) fn check_vector(&self, vector: &[f32]) -> Result<(), StoreError> {
        let name = &self.name;
        let Some(dense) = &self.dense else {
            return Err(StoreError::Invalid(format!(
                "the collection {name} holds no vectors"
            )));
        };
        if vector.len() != dense.dimension {
            return Err(StoreError::Invalid(format!(
                "the collection {name} holds vectors of {} numbers, this one has {}",
                dense.dimension,
                vector.len()
            )));
        }
        let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        if (length - 1.0).abs() <= LENGTH_TOLERANCE {
            return Ok(());
        }
        Err(StoreError::Invalid(format!(
            "the collection {name} holds vectors of length 1, this one has {length}"
        )))
    }
}
