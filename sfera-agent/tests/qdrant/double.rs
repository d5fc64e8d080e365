//! A Qdrant server on the loopback: the part of its public protobuf that Sfera uses, exactly, in memory.
//! Like a server in strict mode it refuses filters on what has no index.

use super::points::{Collection, invalid};
use ::qdrant_client::qdrant::{
    collections_server::{Collections, CollectionsServer},
    points_server::{Points, PointsServer},
    *,
};
use async_trait::async_trait;
use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::{net::TcpListener, task::JoinSet};
use tonic::{
    Code, Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    Code(Code),
    Hang,
}

/// The server's data and its temper.
#[derive(Clone, Default)]
pub struct Double {
    key: Option<&'static str>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    collections: BTreeMap<String, Collection>,
    faults: VecDeque<Fault>,
    /// What the next call of one name does.
    fault_of: Option<(&'static str, Fault)>,
    /// The last batch that was asked.
    batch: Vec<QueryPoints>,
    /// Names of the calls, in order.
    asked: Vec<&'static str>,
}

/// A running server.
pub struct Served {
    pub host: String,
    pub double: Double,
    _task: JoinSet<()>,
}

impl Double {
    pub fn with_key(key: &'static str) -> Self {
        Self {
            key: Some(key),
            ..Self::default()
        }
    }

    pub async fn serve(self) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (collections, points) = (self.clone(), self.clone());
        let mut task = JoinSet::new();
        task.spawn(async move {
            let server = Server::builder()
                .add_service(CollectionsServer::new(collections))
                .add_service(PointsServer::new(points));
            server
                .serve_with_incoming(TcpIncoming::from(listener))
                .await
                .unwrap();
        });
        Served {
            host,
            double: self,
            _task: task,
        }
    }

    /// The next requests fail so, each by one.
    pub fn fail(&self, faults: &[Fault]) {
        self.state().faults.extend(faults);
    }

    /// The next call of this name fails so.
    pub fn fail_call(&self, name: &'static str, fault: Fault) {
        self.state().fault_of = Some((name, fault));
    }

    /// What the last search asked for.
    pub fn batch(&self) -> Vec<QueryPoints> {
        self.state().batch.clone()
    }

    /// The names of the calls since the last time this was asked.
    pub fn asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state().asked)
    }

    /// Makes a collection as another program would.
    pub fn make_foreign(&self, name: &str) {
        let request = CreateCollection {
            collection_name: name.to_owned(),
            ..CreateCollection::default()
        };
        self.state()
            .collections
            .insert(name.to_owned(), Collection::new(request));
    }

    /// Looks at a collection.
    pub fn look<T>(&self, name: &str, look: impl FnOnce(&Collection) -> T) -> T {
        look(&self.state().collections[name])
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Every request comes through here first.
    async fn admit<T>(&self, name: &'static str, request: Request<T>) -> Result<T, Status> {
        let given = request
            .metadata()
            .get("api-key")
            .map(|key| key.to_str().unwrap().to_owned());
        if self.key.map(str::to_owned) != given {
            return Err(Status::unauthenticated("Invalid API key or JWT"));
        }
        let fault = {
            let mut state = self.state();
            state.asked.push(name);
            let own = state.fault_of.take_if(|(call, _)| *call == name);
            own.map(|(_, fault)| fault)
                .or_else(|| state.faults.pop_front())
        };
        match fault {
            None => Ok(request.into_inner()),
            Some(Fault::Code(code)) => Err(Status::new(code, "a fault of the test")),
            Some(Fault::Hang) => std::future::pending().await,
        }
    }

    fn with<T>(
        &self,
        name: &str,
        act: impl FnOnce(&mut Collection) -> Result<T, Status>,
    ) -> Result<T, Status> {
        let mut state = self.state();
        let collection = state.collections.get_mut(name);
        act(collection.ok_or_else(|| {
            Status::not_found(format!("Not found: Collection `{name}` doesn't exist!"))
        })?)
    }
}

fn done() -> Response<PointsOperationResponse> {
    Response::new(PointsOperationResponse {
        result: Some(UpdateResult {
            operation_id: Some(0),
            status: UpdateStatus::Completed.into(),
        }),
        ..PointsOperationResponse::default()
    })
}

fn made(result: bool) -> Response<CollectionOperationResponse> {
    Response::new(CollectionOperationResponse { result, time: 0.0 })
}

type Refusal<'a, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'a>>;

/// What Sfera does not use.
macro_rules! unused {
    ($($name:ident($request:ty) -> $response:ty;)*) => {$(
        fn $name<'life0, 'async_trait>(
            &'life0 self,
            _: Request<$request>,
        ) -> Refusal<'async_trait, $response>
        where
            'life0: 'async_trait,
            Self: 'async_trait,
        {
            Box::pin(async { Err(Status::unimplemented(stringify!($name))) })
        }
    )*};
}

#[async_trait]
impl Collections for Double {
    async fn get(
        &self,
        request: Request<GetCollectionInfoRequest>,
    ) -> Result<Response<GetCollectionInfoResponse>, Status> {
        let request = self.admit("get_collection", request).await?;
        let result = self.with(&request.collection_name, |collection| Ok(collection.info()))?;
        let result = Some(result);
        Ok(Response::new(GetCollectionInfoResponse {
            result,
            time: 0.0,
        }))
    }

    async fn list(
        &self,
        request: Request<ListCollectionsRequest>,
    ) -> Result<Response<ListCollectionsResponse>, Status> {
        self.admit("list", request).await?;
        let names = self.state().collections.keys().cloned().collect::<Vec<_>>();
        // A server gives them in no order.
        let collections = names
            .into_iter()
            .rev()
            .map(|name| CollectionDescription { name });
        Ok(Response::new(ListCollectionsResponse {
            collections: collections.collect(),
            time: 0.0,
        }))
    }

    async fn create(
        &self,
        request: Request<CreateCollection>,
    ) -> Result<Response<CollectionOperationResponse>, Status> {
        let request = self.admit("create", request).await?;
        let name = request.collection_name.clone();
        let mut state = self.state();
        if state.collections.contains_key(&name) {
            let text = format!("Wrong input: Collection `{name}` already exists!");
            return Err(Status::already_exists(text));
        }
        state.collections.insert(name, Collection::new(request));
        Ok(made(true))
    }

    async fn delete(
        &self,
        request: Request<DeleteCollection>,
    ) -> Result<Response<CollectionOperationResponse>, Status> {
        let request = self.admit("delete_collection", request).await?;
        let dropped = self.state().collections.remove(&request.collection_name);
        Ok(made(dropped.is_some()))
    }

    unused! {
        update(UpdateCollection) -> CollectionOperationResponse;
        update_aliases(ChangeAliases) -> CollectionOperationResponse;
        list_collection_aliases(ListCollectionAliasesRequest) -> ListAliasesResponse;
        list_aliases(ListAliasesRequest) -> ListAliasesResponse;
        collection_cluster_info(CollectionClusterInfoRequest) -> CollectionClusterInfoResponse;
        collection_exists(CollectionExistsRequest) -> CollectionExistsResponse;
        update_collection_cluster_setup(UpdateCollectionClusterSetupRequest) -> UpdateCollectionClusterSetupResponse;
        create_shard_key(CreateShardKeyRequest) -> CreateShardKeyResponse;
        delete_shard_key(DeleteShardKeyRequest) -> DeleteShardKeyResponse;
        list_shard_keys(ListShardKeysRequest) -> ListShardKeysResponse;
    }
}

#[async_trait]
impl Points for Double {
    async fn upsert(
        &self,
        request: Request<UpsertPoints>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = self.admit("upsert", request).await?;
        self.with(&request.collection_name, |collection| {
            collection.upsert(request.points)
        })?;
        Ok(done())
    }

    async fn delete(
        &self,
        request: Request<DeletePoints>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = self.admit("delete", request).await?;
        let selector = request
            .points
            .and_then(|points| points.points_selector_one_of);
        let Some(points_selector::PointsSelectorOneOf::Filter(filter)) = selector else {
            return Err(invalid("PointSelector is missing"));
        };
        self.with(&request.collection_name, |collection| {
            collection.delete(&filter)
        })?;
        Ok(done())
    }

    async fn create_field_index(
        &self,
        request: Request<CreateFieldIndexCollection>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = self.admit("create_field_index", request).await?;
        self.with(&request.collection_name, |collection| {
            collection.index(request.field_name, request.field_type)
        })?;
        Ok(done())
    }

    async fn scroll(
        &self,
        request: Request<ScrollPoints>,
    ) -> Result<Response<ScrollResponse>, Status> {
        let request = self.admit("scroll", request).await?;
        let name = request.collection_name.clone();
        let page = self.with(&name, |collection| collection.scroll(request))?;
        Ok(Response::new(page))
    }

    async fn count(
        &self,
        request: Request<CountPoints>,
    ) -> Result<Response<CountResponse>, Status> {
        let request = self.admit("count", request).await?;
        let filter = request.filter.unwrap_or_default();
        let count = self.with(&request.collection_name, |collection| {
            collection.count(&filter)
        })?;
        Ok(Response::new(CountResponse {
            result: Some(CountResult { count }),
            ..CountResponse::default()
        }))
    }

    async fn query_batch(
        &self,
        request: Request<QueryBatchPoints>,
    ) -> Result<Response<QueryBatchResponse>, Status> {
        let request = self.admit("query_batch", request).await?;
        self.state().batch = request.query_points.clone();
        let result = self.with(&request.collection_name, |collection| {
            let queries = request.query_points.into_iter();
            queries.map(|query| collection.query(query)).collect()
        })?;
        Ok(Response::new(QueryBatchResponse {
            result,
            ..QueryBatchResponse::default()
        }))
    }

    unused! {
        get(GetPoints) -> GetResponse;
        update_vectors(UpdatePointVectors) -> PointsOperationResponse;
        delete_vectors(DeletePointVectors) -> PointsOperationResponse;
        set_payload(SetPayloadPoints) -> PointsOperationResponse;
        overwrite_payload(SetPayloadPoints) -> PointsOperationResponse;
        delete_payload(DeletePayloadPoints) -> PointsOperationResponse;
        clear_payload(ClearPayloadPoints) -> PointsOperationResponse;
        delete_field_index(DeleteFieldIndexCollection) -> PointsOperationResponse;
        create_vector_name(CreateVectorNameRequest) -> PointsOperationResponse;
        delete_vector_name(DeleteVectorNameRequest) -> PointsOperationResponse;
        search(SearchPoints) -> SearchResponse;
        search_batch(SearchBatchPoints) -> SearchBatchResponse;
        search_groups(SearchPointGroups) -> SearchGroupsResponse;
        recommend(RecommendPoints) -> RecommendResponse;
        recommend_batch(RecommendBatchPoints) -> RecommendBatchResponse;
        recommend_groups(RecommendPointGroups) -> RecommendGroupsResponse;
        discover(DiscoverPoints) -> DiscoverResponse;
        discover_batch(DiscoverBatchPoints) -> DiscoverBatchResponse;
        update_batch(UpdateBatchPoints) -> UpdateBatchResponse;
        query(QueryPoints) -> QueryResponse;
        query_groups(QueryPointGroups) -> QueryGroupsResponse;
        facet(FacetCounts) -> FacetResponse;
        search_matrix_pairs(SearchMatrixPoints) -> SearchMatrixPairsResponse;
        search_matrix_offsets(SearchMatrixPoints) -> SearchMatrixOffsetsResponse;
    }
}
