use crate::store::{Invalid, StoreError};
use qdrant_client::QdrantError;
use tonic::{Code, Status};

/// What a refusal means for a call about this collection. What the server says about it may hold what
/// people wrote, so only the code is logged.
pub(super) fn outward(error: QdrantError, collection: &str) -> StoreError {
    let status = match error {
        QdrantError::ResponseError { status }
        | QdrantError::ResourceExhaustedError { status, .. } => status,
        _ => return StoreError::Unavailable,
    };
    tracing::debug!(code = ?status.code(), collection, "Qdrant refused");
    of_status(&status, collection)
}

fn of_status(status: &Status, collection: &str) -> StoreError {
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => StoreError::Refused,
        Code::NotFound => StoreError::NoCollection(collection.to_owned()),
        Code::DataLoss => StoreError::Damaged("Qdrant".to_owned()),
        Code::Unimplemented => Invalid::Server.into(),
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            Invalid::Request.into()
        }
        // A connection that cannot be made is told as "internal".
        _ => StoreError::Unavailable,
    }
}
