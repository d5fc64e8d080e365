//! One collection of the double: what is kept, filtered and ranked, by Qdrant's rules.

use ::qdrant_client::qdrant::{
    condition::ConditionOneOf, r#match::MatchValue, point_id::PointIdOptions, query::Variant,
    value::Kind, vector::Vector as AnyVector, vector_input, vectors::VectorsOptions,
    vectors_config::Config, with_payload_selector, with_vectors_selector, *,
};
use std::collections::{BTreeMap, HashMap};
use tonic::Status;
use uuid::Uuid;

pub fn invalid(text: &str) -> Status {
    Status::invalid_argument(format!("Wrong input: {text}"))
}

/// A point as it is kept.
pub struct Stored {
    pub payload: HashMap<String, Value>,
    pub dense: HashMap<String, Vec<f32>>,
    pub sparse: HashMap<String, SparseVector>,
}

pub struct Collection {
    made: CreateCollection,
    indexes: HashMap<String, i32>,
    pub points: BTreeMap<Uuid, Stored>,
}

impl Collection {
    pub fn new(made: CreateCollection) -> Self {
        Self {
            made,
            indexes: HashMap::new(),
            points: BTreeMap::new(),
        }
    }

    pub fn info(&self) -> CollectionInfo {
        let schema = |(path, kind): (&String, &i32)| {
            // What a field is and what it was asked to be count from 1 and from 0.
            let info = PayloadSchemaInfo {
                data_type: kind + 1,
                ..PayloadSchemaInfo::default()
            };
            (path.clone(), info)
        };
        CollectionInfo {
            status: CollectionStatus::Green.into(),
            points_count: Some(self.points.len() as u64),
            payload_schema: self.indexes.iter().map(schema).collect(),
            config: Some(CollectionConfig {
                params: Some(CollectionParams {
                    shard_number: 1,
                    vectors_config: self.made.vectors_config.clone(),
                    sparse_vectors_config: self.made.sparse_vectors_config.clone(),
                    ..CollectionParams::default()
                }),
                metadata: self.made.metadata.clone(),
                ..CollectionConfig::default()
            }),
            ..CollectionInfo::default()
        }
    }

    pub fn index(&mut self, path: String, kind: Option<i32>) -> Result<(), Status> {
        let kind = kind.ok_or_else(|| invalid("field type is missing"))?;
        self.indexes.insert(path, kind);
        Ok(())
    }

    /// All of them or none.
    pub fn upsert(&mut self, points: Vec<PointStruct>) -> Result<(), Status> {
        let points = points.into_iter().map(|point| self.stored(point));
        let points: Vec<(Uuid, Stored)> = points.collect::<Result<_, _>>()?;
        self.points.extend(points);
        Ok(())
    }

    fn stored(&self, point: PointStruct) -> Result<(Uuid, Stored), Status> {
        let id = uuid(point.id.as_ref())?;
        let vectors = point.vectors.and_then(|vectors| vectors.vectors_options);
        let Some(VectorsOptions::Vectors(named)) = vectors else {
            return Err(invalid("Not existing vector name error: "));
        };
        let (mut dense, mut sparse) = (HashMap::new(), HashMap::new());
        for (name, vector) in named.vectors {
            match vector.vector {
                Some(AnyVector::Dense(vector)) => {
                    dense.insert(name.clone(), self.unit(&name, vector.data)?);
                }
                Some(AnyVector::Sparse(vector)) => {
                    sparse.insert(name.clone(), self.checked(&name, vector)?);
                }
                _ => return Err(invalid("another kind of vector")),
            }
        }
        let payload = point.payload;
        Ok((
            id,
            Stored {
                payload,
                dense,
                sparse,
            },
        ))
    }

    /// As it is kept for the cosine.
    fn unit(&self, name: &str, vector: Vec<f32>) -> Result<Vec<f32>, Status> {
        let config = self
            .made
            .vectors_config
            .as_ref()
            .and_then(|c| c.config.as_ref());
        let Some(Config::ParamsMap(params)) = config else {
            return Err(unknown(name));
        };
        let params = params.map.get(name).ok_or_else(|| unknown(name))?;
        assert_eq!(params.distance, i32::from(Distance::Cosine));
        if vector.len() as u64 != params.size {
            let (size, got) = (params.size, vector.len());
            return Err(invalid(&format!(
                "Vector dimension error: expected dim: {size}, got {got}"
            )));
        }
        let length = vector.iter().map(|n| n * n).sum::<f32>().sqrt();
        let length = if length < f32::EPSILON { 1.0 } else { length };
        Ok(vector.iter().map(|n| n / length).collect())
    }

    fn checked(&self, name: &str, vector: SparseVector) -> Result<SparseVector, Status> {
        let config = self.made.sparse_vectors_config.as_ref();
        let params = config
            .and_then(|config| config.map.get(name))
            .ok_or_else(|| unknown(name))?;
        assert_eq!(params.modifier, Some(Modifier::Idf.into()));
        let mut indices = vector.indices.clone();
        indices.sort_unstable();
        indices.dedup();
        if indices.len() != vector.values.len() || indices.len() != vector.indices.len() {
            return Err(invalid("Validation error: indices: must be unique"));
        }
        Ok(vector)
    }

    pub fn delete(&mut self, filter: &Filter) -> Result<(), Status> {
        for id in self.meant(filter)? {
            self.points.remove(&id);
        }
        Ok(())
    }

    pub fn count(&self, filter: &Filter) -> Result<u64, Status> {
        Ok(self.meant(filter)?.len() as u64)
    }

    pub fn scroll(&self, request: ScrollPoints) -> Result<ScrollResponse, Status> {
        let limit = request.limit.unwrap_or(10) as usize;
        if limit == 0 {
            return Err(invalid("Limit cannot be 0"));
        }
        let from = match &request.offset {
            Some(offset) => uuid(Some(offset))?,
            None => Uuid::nil(),
        };
        let meant = self.meant(&request.filter.unwrap_or_default())?;
        let meant: Vec<Uuid> = meant.into_iter().filter(|id| *id >= from).collect();
        let next = meant.get(limit).map(|id| point_id(*id));
        let points = meant.iter().take(limit).map(|id| RetrievedPoint {
            id: Some(point_id(*id)),
            payload: self.payload(*id, request.with_payload.as_ref()),
            ..RetrievedPoint::default()
        });
        Ok(ScrollResponse {
            next_page_offset: next,
            result: points.collect(),
            ..ScrollResponse::default()
        })
    }

    pub fn query(&self, request: QueryPoints) -> Result<BatchResult, Status> {
        let name = request.using.clone().unwrap_or_default();
        let Some(Variant::Nearest(VectorInput {
            variant: Some(asked),
        })) = request.query.and_then(|query| query.variant)
        else {
            return Err(invalid("another kind of query"));
        };
        let meant = self.meant(&request.filter.unwrap_or_default())?;
        let mut scores = match asked {
            vector_input::Variant::Dense(asked) => self.by_meaning(&name, asked.data, &meant)?,
            vector_input::Variant::Sparse(asked) => self.by_words(&name, asked, &meant)?,
            _ => return Err(invalid("another kind of vector")),
        };
        scores.sort_by(|(a, left), (b, right)| right.total_cmp(left).then(a.cmp(b)));
        let best = scores
            .into_iter()
            .take(request.limit.unwrap_or(10) as usize);
        let best = best.map(|(id, score)| ScoredPoint {
            id: Some(point_id(id)),
            payload: self.payload(id, request.with_payload.as_ref()),
            vectors: self.vectors(id, request.with_vectors.as_ref()),
            score,
            ..ScoredPoint::default()
        });
        Ok(BatchResult {
            result: best.collect(),
        })
    }

    fn by_meaning(
        &self,
        name: &str,
        asked: Vec<f32>,
        meant: &[Uuid],
    ) -> Result<Vec<(Uuid, f32)>, Status> {
        let asked = self.unit(name, asked)?;
        let score = |id: &Uuid| {
            let vector = self.points[id].dense.get(name)?;
            let dot = vector.iter().zip(&asked).map(|(l, r)| l * r).sum();
            Some((*id, dot))
        };
        Ok(meant.iter().filter_map(score).collect())
    }

    /// The dot product, each word of the query weighed by how rare it is in the whole collection.
    fn by_words(
        &self,
        name: &str,
        asked: SparseVector,
        meant: &[Uuid],
    ) -> Result<Vec<(Uuid, f32)>, Status> {
        let asked = self.checked(name, asked)?;
        let all = self
            .points
            .values()
            .filter_map(|point| point.sparse.get(name));
        let all: Vec<&SparseVector> = all.collect();
        let count = all.len() as f32;
        let idf = |index: &u32| {
            let with = all
                .iter()
                .filter(|vector| vector.indices.contains(index))
                .count() as f32;
            ((count - with + 0.5) / (with + 0.5) + 1.0).ln()
        };
        let asked = asked.indices.iter().zip(&asked.values);
        let asked: HashMap<u32, f32> = asked
            .map(|(index, value)| (*index, value * idf(index)))
            .collect();
        let score = |id: &Uuid| {
            let vector = self.points[id].sparse.get(name)?;
            let common = vector.indices.iter().zip(&vector.values);
            let mut common = common
                .filter_map(|(index, value)| Some(asked.get(index)? * value))
                .peekable();
            common.peek()?;
            Some((*id, common.sum()))
        };
        Ok(meant.iter().filter_map(score).collect())
    }

    fn payload(&self, id: Uuid, selector: Option<&WithPayloadSelector>) -> HashMap<String, Value> {
        let all = &self.points[&id].payload;
        match selector.and_then(|selector| selector.selector_options.as_ref()) {
            Some(with_payload_selector::SelectorOptions::Include(include)) => {
                let kept = all.iter().filter(|(key, _)| include.fields.contains(key));
                kept.map(|(key, value)| (key.clone(), value.clone()))
                    .collect()
            }
            Some(with_payload_selector::SelectorOptions::Enable(true)) => all.clone(),
            _ => HashMap::new(),
        }
    }

    fn vectors(&self, id: Uuid, selector: Option<&WithVectorsSelector>) -> Option<VectorsOutput> {
        let options = selector?.selector_options.as_ref()?;
        let with_vectors_selector::SelectorOptions::Include(include) = options else {
            return None;
        };
        let dense = self.points[&id]
            .dense
            .iter()
            .filter(|(name, _)| include.names.contains(name));
        let dense = dense.map(|(name, data)| {
            let vector = vector_output::Vector::Dense(DenseVector { data: data.clone() });
            let output = VectorOutput {
                vector: Some(vector),
                ..VectorOutput::default()
            };
            (name.clone(), output)
        });
        Some(VectorsOutput {
            vectors_options: Some(vectors_output::VectorsOptions::Vectors(
                NamedVectorsOutput {
                    vectors: dense.collect(),
                },
            )),
        })
    }

    /// The points a filter means, in the order of their ids.
    fn meant(&self, filter: &Filter) -> Result<Vec<Uuid>, Status> {
        if !filter.should.is_empty() || !filter.must_not.is_empty() || filter.min_should.is_some() {
            return Err(invalid("only must is known here"));
        }
        let mut meant = Vec::new();
        for condition in &filter.must {
            self.check_index(condition)?;
        }
        'points: for (id, point) in &self.points {
            for condition in &filter.must {
                if !holds(condition, *id, &point.payload)? {
                    continue 'points;
                }
            }
            meant.push(*id);
        }
        Ok(meant)
    }

    fn check_index(&self, condition: &Condition) -> Result<(), Status> {
        let Some(ConditionOneOf::Field(field)) = &condition.condition_one_of else {
            return Ok(());
        };
        let wanted = if field.range.is_some() {
            FieldType::Integer
        } else {
            FieldType::Keyword
        };
        if self.indexes.get(&field.key) == Some(&i32::from(wanted)) {
            return Ok(());
        }
        let text = format!(
            "Bad request: Index required but not found for \"{}\"",
            field.key
        );
        Err(Status::invalid_argument(text))
    }
}

fn holds(
    condition: &Condition,
    id: Uuid,
    payload: &HashMap<String, Value>,
) -> Result<bool, Status> {
    match &condition.condition_one_of {
        Some(ConditionOneOf::HasId(ids)) => {
            let ids: Result<Vec<Uuid>, Status> =
                ids.has_id.iter().map(|id| uuid(Some(id))).collect();
            Ok(ids?.contains(&id))
        }
        Some(ConditionOneOf::Field(field)) => {
            let values = values(&field.key, payload);
            match (&field.r#match, &field.range) {
                (Some(matched), None) => match &matched.match_value {
                    Some(MatchValue::Keywords(words)) => Ok(values.iter().any(|value| {
                        matches!(&value.kind, Some(Kind::StringValue(text)) if words.strings.contains(text))
                    })),
                    _ => Err(invalid("another kind of match")),
                },
                (None, Some(range)) => Ok(values.iter().any(|value| {
                    let number = match value.kind {
                        Some(Kind::IntegerValue(number)) => number as f64,
                        Some(Kind::DoubleValue(number)) => number,
                        _ => return false,
                    };
                    range.gte.is_none_or(|from| number >= from) && range.lte.is_none_or(|to| number <= to)
                })),
                _ => Err(invalid("another kind of condition")),
            }
        }
        _ => Err(invalid("another kind of condition")),
    }
}

/// What is at a path of keys; a list is all that is in it.
fn values<'a>(path: &str, payload: &'a HashMap<String, Value>) -> Vec<&'a Value> {
    let (key, rest) = path
        .split_once('.')
        .map_or((path, None), |(key, rest)| (key, Some(rest)));
    let Some(value) = payload.get(key) else {
        return Vec::new();
    };
    match (rest, &value.kind) {
        (Some(rest), Some(Kind::StructValue(inner))) => values(rest, &inner.fields),
        (Some(_), _) => Vec::new(),
        (None, Some(Kind::ListValue(list))) => list.values.iter().collect(),
        (None, _) => vec![value],
    }
}

fn uuid(id: Option<&PointId>) -> Result<Uuid, Status> {
    match id.and_then(|id| id.point_id_options.as_ref()) {
        Some(PointIdOptions::Uuid(id)) => id.parse().map_err(|_| invalid("Unable to parse UUID")),
        _ => Err(invalid("an id that is no UUID")),
    }
}

fn point_id(id: Uuid) -> PointId {
    PointId::from(id.to_string())
}

fn unknown(name: &str) -> Status {
    invalid(&format!("Not existing vector name error: {name}"))
}
