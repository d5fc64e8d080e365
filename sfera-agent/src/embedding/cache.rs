use super::{EmbedError, Embedder, TextKind};
use async_trait::async_trait;
use lru::LruCache;
use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

/// Queries kept: 384 numbers each, 1.5 MB in all.
const QUERIES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1_023);

/// Remembers the vectors of the last 1,024 queries: what was asked while somebody was still speaking, and
/// what many people ask, costs nothing the second time. Passages are not kept.
///
/// Two who ask the same at once may both ask the embedder.
pub struct CacheEmbedder {
    inner: Arc<dyn Embedder>,
    queries: Mutex<LruCache<String, Vec<f32>>>,
}

impl CacheEmbedder {
    /// Puts an empty cache before an embedder.
    #[must_use]
    pub fn new(inner: Arc<dyn Embedder>) -> Self {
        Self {
            inner,
            queries: Mutex::new(LruCache::new(QUERIES)),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut LruCache<String, Vec<f32>>) -> T) -> T {
        act(&mut self.queries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Embedder for CacheEmbedder {
    fn model(&self) -> &str {
        self.inner.model()
    }

    fn dimension(&self) -> usize {
        self.inner.dimension()
    }

    async fn embed(&self, kind: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        if kind == TextKind::Passage {
            return self.inner.embed(kind, texts).await;
        }
        let known = |text: &String| self.with(|queries| queries.get(text).cloned());
        let mut vectors: Vec<Option<Vec<f32>>> = texts.iter().map(known).collect();
        let missing = texts
            .iter()
            .zip(&vectors)
            .filter(|(_, vector)| vector.is_none());
        let missing: Vec<String> = missing.map(|(text, _)| text.clone()).collect();
        if !missing.is_empty() {
            let found = self.inner.embed(kind, &missing).await?;
            if found.len() != missing.len() {
                return Err(EmbedError::Protocol);
            }
            let holes = vectors.iter_mut().filter(|vector| vector.is_none());
            for ((hole, vector), text) in holes.zip(found).zip(missing) {
                self.with(|queries| queries.put(text, vector.clone()));
                *hole = Some(vector);
            }
        }
        Ok(vectors.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts what it is asked; a text's vector is its length.
    #[derive(Default)]
    struct Counting(AtomicUsize);

    #[async_trait]
    impl Embedder for Counting {
        fn model(&self) -> &str {
            "counting"
        }

        fn dimension(&self) -> usize {
            1
        }

        async fn embed(&self, _: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
            if texts.iter().any(|text| text == "broken") {
                return Err(EmbedError::Unavailable);
            }
            self.0.fetch_add(texts.len(), Ordering::Relaxed);
            Ok(texts.iter().map(|text| vec![text.len() as f32]).collect())
        }
    }

    async fn check(cache: &CacheEmbedder, kind: TextKind, texts: &[&str]) {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        let vectors = cache.embed(kind, &texts).await.unwrap();
        let lengths: Vec<f32> = texts.iter().map(|text| text.len() as f32).collect();
        assert_eq!(vectors.concat(), lengths);
    }

    #[tokio::test]
    async fn a_query_is_computed_once_and_passages_are_not_kept() {
        let counting = Arc::new(Counting::default());
        let cache = CacheEmbedder::new(counting.clone());
        let asked = || counting.0.load(Ordering::Relaxed);
        check(&cache, TextKind::Query, &["a", "bb"]).await;
        check(&cache, TextKind::Query, &["bb", "ccc", "a"]).await;
        assert_eq!(asked(), 3);
        check(&cache, TextKind::Passage, &["a"]).await;
        check(&cache, TextKind::Passage, &["a"]).await;
        assert_eq!(asked(), 5);
        let broken = ["broken".to_owned()];
        assert!(cache.embed(TextKind::Query, &broken).await.is_err());
        check(&cache, TextKind::Query, &[]).await;
        assert_eq!(asked(), 5);
    }

    #[tokio::test]
    async fn the_oldest_queries_are_forgotten() {
        let counting = Arc::new(Counting::default());
        let cache = CacheEmbedder::new(counting.clone());
        for n in 0..2_000 {
            check(&cache, TextKind::Query, &[&n.to_string()]).await;
        }
        assert_eq!(cache.with(|queries| queries.len()), QUERIES.get());
        check(&cache, TextKind::Query, &["1999"]).await;
        assert_eq!(counting.0.load(Ordering::Relaxed), 2_000);
    }
}
