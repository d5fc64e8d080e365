use super::{
    Knowledge, KnowledgeError, Passage, Relevance,
    bm25::Index,
    chunking::{Chunking, chunks},
    document::markdown,
    relevance::Said,
};
use crate::language::terms::{terms, wanted};
use async_trait::async_trait;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How often the words of a title and of a heading count, compared with those of the text.
const TITLE_WEIGHT: f32 = 2.0;
/// Nothing is said twice: a passage is found by its own words.
const CHUNKING: Chunking = Chunking {
    tokens: 200,
    overlap: 0,
};
/// A file beyond this is no article.
const MAX_FILE_BYTES: u64 = 4 << 20;
/// Folders within folders beyond this are not read.
const MAX_DEPTH: usize = 8;

/// A folder of Markdown files, read once and searched in memory by BM25 over stemmed words, Russian
/// and English.
///
/// Each file is a document: its first top-level heading is the title, its other headings name the
/// sections. Sections are cut into passages of whole sentences, of some 200 tokens. Reading and
/// indexing the ten articles under `examples/knowledge` is quick enough that nothing is kept on disk.
///
/// ```
/// # use sfera_agent::knowledge::{FileKnowledge, Knowledge};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("fear.md"), "# Страх\n\nСтрах заставляет закрывать сделку рано.")?;
/// let knowledge = FileKnowledge::open(folder.path()).await?;
/// let passages = knowledge.search("что делать со страхом", 3).await?;
/// assert_eq!(passages[0].title, "Страх");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FileKnowledge {
    passages: Vec<Passage>,
    index: Index,
}

impl FileKnowledge {
    /// Reads all `*.md` files of a folder and of the folders in it. A folder without any gives an
    /// empty knowledge base. Dropping the future leaves the reading to end by itself.
    ///
    /// # Errors
    /// [`KnowledgeError::Document`] names the file (or the folder) that cannot be read: it is
    /// missing, not UTF-8 or larger than 4 MiB.
    pub async fn open(folder: impl Into<PathBuf>) -> Result<Self, KnowledgeError> {
        let folder = folder.into();
        let reading = tokio::task::spawn_blocking(move || Self::read(&folder));
        reading.await.unwrap_or(Err(KnowledgeError::Unavailable))
    }

    /// How many passages there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.passages.len()
    }

    /// Whether there is nothing to find.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.passages.is_empty()
    }

    fn read(folder: &Path) -> Result<Self, KnowledgeError> {
        let mut files = Vec::new();
        list(folder, MAX_DEPTH, &mut files)?;
        files.sort();
        let mut knowledge = Self {
            passages: Vec::new(),
            index: Index::default(),
        };
        for file in files {
            knowledge.add(&file)?;
        }
        Ok(knowledge)
    }

    fn add(&mut self, file: &Path) -> Result<(), KnowledgeError> {
        let unreadable = |_: io::Error| document(file);
        if fs::metadata(file).map_err(unreadable)?.len() > MAX_FILE_BYTES {
            return Err(document(file));
        }
        let text = fs::read_to_string(file).map_err(unreadable)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let document = markdown::document(&name, &text);
        for chunk in chunks(&document.sections, CHUNKING) {
            let section = chunk.path.last().cloned();
            self.index.add(&[
                (&document.title, TITLE_WEIGHT),
                (section.as_deref().unwrap_or_default(), TITLE_WEIGHT),
                (&chunk.text, 1.0),
            ]);
            self.passages.push(Passage {
                title: document.title.clone(),
                section,
                text: chunk.text,
                score: 0.0,
                relevance: Relevance::default(),
            });
        }
        Ok(())
    }
}

fn document(path: &Path) -> KnowledgeError {
    KnowledgeError::Document(path.display().to_string())
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), KnowledgeError> {
    let unreadable = |_: io::Error| document(folder);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            if depth > 0 {
                list(&path, depth - 1, files)?;
            }
        } else if path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("md"))
        {
            files.push(path);
        }
    }
    Ok(())
}

#[async_trait]
impl Knowledge for FileKnowledge {
    async fn search(&self, query: &str, limit: usize) -> Result<Vec<Passage>, KnowledgeError> {
        let hits = self.index.search(query, limit);
        let wanted = wanted(query, None);
        let passage = |hit: super::bm25::Hit| {
            let passage = self.passages.get(hit.chunk)?.clone();
            let section = passage.section.as_deref().unwrap_or_default();
            let text = format!("{} {section} {}", passage.title, passage.text);
            let relevance = match Said::of(&wanted, &terms(&text, None)).answers() {
                true => Relevance::Answers,
                false => Relevance::Near,
            };
            Some(Passage {
                score: hit.score,
                relevance,
                ..passage
            })
        };
        Ok(hits.into_iter().filter_map(passage).collect())
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::testing::knowledge_conformance;

    async fn articles() -> FileKnowledge {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/knowledge");
        FileKnowledge::open(folder).await.unwrap()
    }

    async fn best(question: &str) -> String {
        let found = articles().await.search(question, 3).await.unwrap();
        found.first().map(|p| p.title.clone()).unwrap_or_default()
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.md"), "# Страх\n\nСтрах мешает ждать.").unwrap();
        fs::write(
            folder.path().join("b.md"),
            "# Diary\n\nWrite down each trade.",
        )
        .unwrap();
        let knowledge = FileKnowledge::open(folder.path()).await.unwrap();
        knowledge_conformance(&knowledge, "страх", "рецепт борща").await;
        knowledge_conformance(&knowledge, "a trade diary", "weather in Paris").await;
    }

    #[tokio::test]
    async fn spoken_questions_find_their_article() {
        for (question, title) in [
            ("Расскажи о психологии трейдинга", "Психология трейдинга"),
            ("расскажи о психологии трединга", "Психология трейдинга"),
            ("Что такое тильт?", "Тильт"),
            (
                "Я боюсь потерять деньги, как справиться со страхом?",
                "Страх и жадность",
            ),
            ("зачем вести дневник сделок", "Дневник сделок"),
            ("сколько рисковать на одну сделку", "Риск на сделку"),
            ("Слушай, а как пережить просадку?", "Просадка"),
            (
                "что делать, если хочется запрыгнуть в уходящий рынок",
                "Страх упустить",
            ),
            ("How do I stay calm after a losing trade?", "Staying calm"),
        ] {
            let found = best(question).await;
            assert!(found.starts_with(title), "{question}: {found}");
        }
    }

    #[tokio::test]
    async fn questions_about_other_things_find_nothing() {
        for question in [
            "Какая погода в Москве?",
            "Меня зовут Алекс",
            "Как меня зовут?",
            "Как варить борщ?",
            "Кто написал Войну и мир?",
            "Какой курс биткоина?",
            "Привет!",
            "Сколько будет два плюс два",
            "What is the weather in London?",
            "Who painted the Mona Lisa?",
        ] {
            assert_eq!(best(question).await, "", "{question}");
        }
    }

    #[tokio::test]
    async fn an_unreadable_file_is_named_and_an_empty_folder_is_fine() {
        let folder = tempfile::tempdir().unwrap();
        assert!(FileKnowledge::open(folder.path()).await.unwrap().is_empty());
        let broken = folder.path().join("broken.md");
        fs::write(&broken, [0xff, 0xfe, 0x00]).unwrap();
        let error = FileKnowledge::open(folder.path()).await.unwrap_err();
        assert_eq!(error, document(&broken));
        let missing = folder.path().join("missing");
        let error = FileKnowledge::open(&missing).await.unwrap_err();
        assert_eq!(error, document(&missing));
    }
}
