//! What is refused before any store is asked.

use super::{CollectionSpec, Contents, DenseSpec, Invalid, StoreError};

const MAX_NAME_BYTES: usize = 64;
/// Of what stands behind the dot.
const MAX_PART_BYTES: usize = 16;
/// The longest vectors of known models have 4096 numbers.
const MAX_DIMENSION: usize = 8_192;
/// What rounding may do to a unit length.
const LENGTH_TOLERANCE: f32 = 0.01;

fn is_name(name: &str, bytes: usize) -> bool {
    let fine = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
    (1..=bytes).contains(&name.len()) && name.chars().all(fine)
}

impl CollectionSpec {
    /// Whether a collection can be made so.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let (name, part) = match self.name.split_once('.') {
            Some((name, part)) => (name, Some(part)),
            None => (self.name.as_str(), None),
        };
        let is_part = |part: &str| is_name(part, MAX_PART_BYTES);
        if !is_name(name, MAX_NAME_BYTES) || !part.is_none_or(is_part) {
            return Err(Invalid::Name(self.name.clone()).into());
        }
        match &self.dense {
            Some(DenseSpec { dimension, .. }) if !(1..=MAX_DIMENSION).contains(dimension) => {
                Err(Invalid::Dimension(*dimension).into())
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
            has: self.contents(),
            wants: wanted.contents(),
        })
    }

    fn contents(&self) -> Contents {
        Contents::Points {
            language: self.language,
            dense: self.dense.clone(),
        }
    }

    /// Whether a vector belongs here.
    pub(crate) fn check_vector(&self, vector: &[f32]) -> Result<(), StoreError> {
        let name = || self.name.clone();
        let Some(dense) = &self.dense else {
            return Err(Invalid::NoVectors(name()).into());
        };
        if vector.len() != dense.dimension {
            return Err(Invalid::Vector {
                collection: name(),
                holds: dense.dimension,
                has: vector.len(),
            }
            .into());
        }
        let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        if (length - 1.0).abs() <= LENGTH_TOLERANCE {
            return Ok(());
        }
        Err(Invalid::Length(name()).into())
    }
}
