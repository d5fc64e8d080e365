//! What is said about the knowledge base.

use super::{Text, sentences};
use crate::error::KnowledgeProblem;
use sfera_agent::{
    Language,
    embedding::EmbedError,
    knowledge::{
        DocumentError, DocumentProblem, Ingested, QuestionError, QuestionsWritten, Relevance,
    },
    store::{CollectionSpec, Contents, Invalid, StoreError},
};

sentences! {
    kb_set_up(name, how) { ru: "База знаний «{name}» готова: {how}.", en: "The knowledge base \"{name}\" is ready: {how}." }
    kb_by_words() {
        ru: "поиск по словам (чтобы и по смыслу: sfera models pull e5-small, sfera kb setup --anew)",
        en: "search by words (by meaning too: sfera models pull e5-small, sfera kb setup --anew)",
    }
    kb_thrown_away(passages) {
        ru: "Выброшено отрывков: {passages}. Взять документы снова: sfera kb ingest ПАПКА.",
        en: "Passages thrown away: {passages}. To take documents in again: sfera kb ingest FOLDER.",
    }
    kb_words_though() {
        ru: "Модель для поиска по смыслу есть, но в этой базе знаний ищут только по словам. Чтобы и по смыслу: sfera kb setup --anew, затем sfera kb ingest.",
        en: "There is a model for search by meaning, but this knowledge base is searched by words only. By meaning too: sfera kb setup --anew, then sfera kb ingest.",
    }
    kb_by_meaning(model) { ru: "поиск по словам и по смыслу ({model})", en: "search by words and by meaning ({model})" }
    kb_ingested_line(files, unchanged, written, deleted) {
        ru: "Файлов: {files}, без изменений: {unchanged}. Отрывков записано: {written}, удалено: {deleted}.",
        en: "Files: {files}, unchanged: {unchanged}. Passages written: {written}, deleted: {deleted}.",
    }
    kb_gone(files) { ru: "Файлов больше нет: {files}.", en: "Files that are gone: {files}." }
    kb_unread_files(files) { ru: "Не прочитано файлов и папок: {files}, остальное на месте.", en: "Files and folders not read: {files}; all else is in." }
    kb_unread_lines(lines) { ru: "Не прочитано строк: {lines}, остальное на месте.", en: "Lines not read: {lines}; all else is in." }
    kb_unread_both(files, lines) {
        ru: "Не прочитано файлов и папок: {files}, строк: {lines}; остальное на месте.",
        en: "Files and folders not read: {files}, lines: {lines}; all else is in.",
    }
    kb_interrupted() {
        ru: "Прервано. Что взято, то взято: та же команда продолжит с этого места.",
        en: "Interrupted. What is in is kept: the same command goes on from there.",
    }
    kb_questions_interrupted() {
        ru: "Прервано. Что написано, то написано: та же команда продолжит с этого места.",
        en: "Interrupted. What is written is kept: the same command goes on from there.",
    }
    kb_questions_anew_interrupted() {
        ru: "Прервано. Что написано, то написано; у остальных отрывков прежние вопросы.",
        en: "Interrupted. What is written is kept; the other passages have the questions they had.",
    }
    kb_questions_line(passages, questions, had) {
        ru: "Отрывков: {passages}, вопросов к ним написано: {questions}. Отрывков, у которых вопросы уже были: {had}.",
        en: "Passages: {passages}, questions written for them: {questions}. Passages that had questions already: {had}.",
    }
    kb_questions_all(had) {
        ru: "Писать нечего: вопросы есть ко всем отрывкам ({had}).",
        en: "Nothing to write: all passages have questions ({had}).",
    }
    kb_questions_without(passages) {
        ru: "Модель не придумала вопросов к отрывкам: {passages}. Повторите.",
        en: "Passages that the model wrote no questions for: {passages}. Repeat it.",
    }
    kb_watching() { ru: "Жду изменений. Закончить: Ctrl+C.", en: "Waiting for changes. To end: Ctrl+C." }
    kb_nothing_found() { ru: "Об этом в базе знаний ничего нет.", en: "The knowledge base has nothing about this." }
    kb_hardly_found() { ru: "Об этом в базе знаний, скорее всего, ничего нет. Ближе всего:", en: "The knowledge base most likely has nothing about this. The nearest:" }
    kb_empty() { ru: "В базе знаний пусто: sfera kb ingest ПАПКА.", en: "The knowledge base is empty: sfera kb ingest FOLDER." }
    kb_document(title, passages, source, note) { ru: "{title} · отрывков: {passages} · {source}{note}", en: "{title} · passages: {passages} · {source}{note}" }
    kb_incomplete() { ru: " · не целиком: повторите sfera kb ingest", en: " · incomplete: repeat sfera kb ingest" }
    kb_stats(name, documents, passages, characters, how, place) {
        ru: "База знаний «{name}»: документов {documents}, отрывков {passages}, знаков {characters}; {how}.\nМесто: {place}",
        en: "The knowledge base \"{name}\": {documents} documents, {passages} passages, {characters} characters; {how}.\nPlace: {place}",
    }
    kb_stats_questions(questions) { ru: "Вопросов к отрывкам: {questions}.", en: "Questions that passages answer: {questions}." }
    kb_stats_incomplete(count) {
        ru: "Не целиком: {count}. Повторите sfera kb ingest.",
        en: "Incomplete: {count}. Repeat sfera kb ingest.",
    }
    kb_crowded(points) {
        ru: "Отрывков и вопросов к ним {points}: для встроенного хранилища это много, поиск станет медленным. Возьмите сервер Qdrant: QDRANT_HOST.",
        en: "{points} passages and questions: that is a lot for the embedded store, and searches will be slow. Use a Qdrant server: QDRANT_HOST.",
    }
    kb_relevance_answers() { ru: "отвечает", en: "answers" }
    kb_relevance_near() { ru: "близко", en: "near" }
    kb_relevance_perhaps() { ru: "вряд ли", en: "unlikely" }
    kb_removed(source, passages) { ru: "{source}: удалено, отрывков {passages}.", en: "{source}: removed, {passages} passages." }
    kb_exported(passages, file) { ru: "Отрывков: {passages}, {file}", en: "Passages: {passages}, {file}" }
    kb_no_document(source) { ru: "Документа «{source}» в базе знаний нет. Список: sfera kb list.", en: "The knowledge base has no document \"{source}\". For a list, see sfera kb list." }
    kb_no_home() { ru: "Нет домашней папки: задайте knowledge.store в sfera.toml.", en: "There is no home folder: set knowledge.store in sfera.toml." }
    kb_unwatched(path) { ru: "За {path} не проследить: есть ли такая папка?", en: "{path} cannot be watched: does it exist?" }
    kb_not_set_up(name) {
        ru: "Базы знаний «{name}» ещё нет: sfera kb ingest ПАПКА.",
        en: "There is no knowledge base \"{name}\" yet: sfera kb ingest FOLDER.",
    }
    kb_mismatch(name, has, wants) {
        ru: "База знаний «{name}» сделана иначе ({has}, а не {wants}). Сделать заново: sfera kb setup --anew, затем sfera kb ingest.",
        en: "The knowledge base \"{name}\" was made in another way ({has}, not {wants}). To make it anew: sfera kb setup --anew, then sfera kb ingest.",
    }
    kb_model(model) {
        ru: "База знаний сделана моделью {model}, а её нет: задайте её в EMBEDDING_… (встроенная – sfera models pull e5-small). Или сделайте базу заново: sfera kb setup --anew, затем sfera kb ingest.",
        en: "The knowledge base was made by the model {model}, which is not here: name it in EMBEDDING_… (the embedded one: sfera models pull e5-small). Or make the base anew: sfera kb setup --anew, then sfera kb ingest.",
    }
    kb_unavailable() {
        ru: "База знаний занята или недоступна: повторите, сделанное не пропало.",
        en: "The knowledge base is busy or cannot be reached: try again, what was done is kept.",
    }
    kb_server_away(host) {
        ru: "Qdrant ({host}) не отвечает: проверьте QDRANT_HOST и запущен ли он. Сделанное не пропало.",
        en: "Qdrant ({host}) does not answer: check QDRANT_HOST, and that it runs. What was done is kept.",
    }
    kb_busy(file) {
        ru: "Хранилище {file} занято или недоступно: повторите, сделанное не пропало.",
        en: "The store {file} is busy or cannot be opened: try again, what was done is kept.",
    }
    kb_store_folder(path) {
        ru: "{path} – это папка, а хранилище базы знаний – файл: поправьте knowledge.store.",
        en: "{path} is a folder, and a knowledge base is stored in a file: correct knowledge.store.",
    }
    kb_foreign(file) {
        ru: "{file} – не хранилище Сферы: поправьте knowledge.store.",
        en: "{file} is no store of Sfera: correct knowledge.store.",
    }
    kb_words_do(model) {
        ru: "База знаний сделана моделью {model}, а её нет: ищу только по словам. Встроенная: sfera models pull e5-small; другую назовите в EMBEDDING_….",
        en: "The knowledge base was made by the model {model}, which is not here: I search by words only. The embedded one: sfera models pull e5-small; name another in EMBEDDING_….",
    }
    kb_folder_instead(folder) {
        ru: "Разговор ищет в папке {folder} (knowledge.folder), а sfera kb – в своём хранилище. Чтобы и он искал там, уберите knowledge.folder.",
        en: "Conversations look into the folder {folder} (knowledge.folder), sfera kb into its store. To have them use it too, remove knowledge.folder.",
    }
    kb_folder_unread(path, why) { ru: "База знаний: {path} не прочесть ({why}).", en: "Knowledge base: {path} cannot be read ({why})." }
    kb_refused() { ru: "Хранилище не принимает ключ: проверьте QDRANT_API_KEY.", en: "The store refuses the key: check QDRANT_API_KEY." }
    kb_damaged(what) {
        ru: "Хранилище {what} повреждено: восстановите его из копии или уберите и повторите sfera kb ingest.",
        en: "The store {what} is damaged: restore it, or move it away and repeat sfera kb ingest.",
    }
    kb_newer(what) {
        ru: "Хранилище {what} записано более новой Сферой: обновите эту.",
        en: "The store {what} was written by a newer Sfera: update this one.",
    }
    kb_bad_address() { ru: "QDRANT_HOST – не адрес: нужен хост, хост:порт или URL.", en: "QDRANT_HOST is no address: a host, host:port or URL is needed." }
    kb_bad_server() {
        ru: "По адресу QDRANT_HOST нет Qdrant 1.16 или новее: проверьте адрес и версию.",
        en: "There is no Qdrant 1.16 or newer at QDRANT_HOST: check the address and the version.",
    }
    kb_bad_name(name) {
        ru: "«{name}» – не имя базы знаний: в knowledge.collection годятся a-z, 0-9, _ и -, не больше 64.",
        en: "\"{name}\" is no name of a knowledge base: knowledge.collection takes a-z, 0-9, _ and -, at most 64.",
    }
    kb_bad_request() { ru: "Qdrant такого запроса не понимает", en: "Qdrant does not take this request" }
    kb_bad_dimension(numbers) { ru: "векторы из {numbers} чисел, а можно от 1 до 8192", en: "vectors of {numbers} numbers, and 1 to 8192 are possible" }
    kb_no_vectors(name) { ru: "в «{name}» нет векторов", en: "\"{name}\" holds no vectors" }
    kb_other_vector(name, holds, has) {
        ru: "в «{name}» векторы из {holds} чисел, а этот из {has}",
        en: "\"{name}\" holds vectors of {holds} numbers, this one has {has}",
    }
    kb_bad_length(name) { ru: "у вектора для «{name}» не единичная длина", en: "a vector for \"{name}\" is not of length 1" }
    kb_contents(vectors, words) { ru: "{vectors}, слова {words}", en: "{vectors}, {words} words" }
    kb_contents_dense(model, numbers) { ru: "векторы {model} по {numbers} чисел", en: "vectors of {model} with {numbers} numbers" }
    kb_contents_words(version) { ru: "слова указателя версии {version}", en: "words of the index of version {version}" }
    kb_invalid(why) { ru: "Хранилище не принимает данные: {why}.", en: "The store does not take the data: {why}." }
    kb_embedding_unavailable() {
        ru: "Модель для поиска по смыслу недоступна: повторите, сделанное не пропало.",
        en: "The model for search by meaning cannot be reached: try again, what was done is kept.",
    }
    kb_embedding_server(url) {
        ru: "Сервер {url}, который нужен для поиска по смыслу, не отвечает: проверьте EMBEDDING_BASE_URL. Сделанное не пропало.",
        en: "The server {url}, which search by meaning needs, does not answer: check EMBEDDING_BASE_URL. What was done is kept.",
    }
    kb_embedding_unset(name) {
        ru: "Модели для поиска по смыслу нужна переменная {name}, а она не задана.",
        en: "The model for search by meaning needs the variable {name}, which is not set.",
    }
    kb_embedding_no_number(name) { ru: "{name} – это число больше нуля.", en: "{name} is a number above zero." }
    kb_embedding_refused() { ru: "Сервер моделей не принимает ключ.", en: "The model server refuses the key." }
    kb_embedding_model(what) { ru: "Модель для поиска по смыслу не загрузить: {what}.", en: "The model for search by meaning cannot be loaded: {what}." }
    kb_reranking() {
        ru: "Тот, кто перечитывает найденное, не настроен: проверьте RERANK_BASE_URL, RERANK_MODEL и RERANK_API_KEY.",
        en: "The reranker is not set up: check RERANK_BASE_URL, RERANK_MODEL and RERANK_API_KEY.",
    }
    kb_no_writer() {
        ru: "Вопросы пишет языковая модель, а отвечает у вас встроенный помощник: задайте OPENAI_BASE_URL, OPENAI_API_KEY, OPENROUTER_API_KEY или GOOGLE_API_KEY (и не llm.provider = \"assistant\").",
        en: "It is a language model that writes questions, but the embedded assistant answers here: set OPENAI_BASE_URL, OPENAI_API_KEY, OPENROUTER_API_KEY or GOOGLE_API_KEY (and not llm.provider = \"assistant\").",
    }
    kb_questions_unavailable() {
        ru: "Языковая модель недоступна. Написанное не пропало: sfera kb questions продолжит с этого места.",
        en: "The language model cannot be reached. What was written is kept: sfera kb questions goes on from there.",
    }
    kb_questions_protocol() {
        ru: "Языковая модель не пишет вопросов: верно ли названа модель и её сервер? Написанное не пропало.",
        en: "The language model writes no questions: are the model and its server named rightly? What was written is kept.",
    }
    kb_questions_refused() {
        ru: "Сервер языковой модели не принимает ключ. Исправьте его: написанное не пропало, sfera kb questions продолжит с этого места.",
        en: "The language model's server refuses the key. Correct it: what was written is kept, sfera kb questions goes on from there.",
    }
    kb_embedding_protocol() { ru: "Сервер моделей ответил непонятное.", en: "The model server answered nonsense." }
}

impl Text {
    /// How passages of a collection are found.
    pub fn kb_found_by(self, spec: &CollectionSpec) -> String {
        match &spec.dense {
            Some(dense) => self.kb_by_meaning(&dense.model),
            None => self.kb_by_words(),
        }
    }

    /// What an ingest did.
    pub fn kb_ingested(self, done: &Ingested) -> String {
        let mut text =
            self.kb_ingested_line(done.files, done.unchanged, done.written, done.deleted);
        if done.gone > 0 {
            text = format!("{text} {}", self.kb_gone(done.gone));
        }
        if let Some(unread) = self.unread(&done.problems) {
            text = format!("{text} {unread}");
        }
        text
    }

    fn unread(self, problems: &[DocumentError]) -> Option<String> {
        let is_line =
            |error: &&DocumentError| matches!(error.problem, DocumentProblem::Line { .. });
        let lines = problems.iter().filter(is_line).count();
        match (problems.len() - lines, lines) {
            (0, 0) => None,
            (files, 0) => Some(self.kb_unread_files(files)),
            (0, lines) => Some(self.kb_unread_lines(lines)),
            (files, lines) => Some(self.kb_unread_both(files, lines)),
        }
    }

    /// What a model wrote.
    pub fn kb_questions(self, done: &QuestionsWritten) -> String {
        let nothing = done.passages == 0 && done.without == 0;
        let mut text = match done.had {
            0 if nothing => return self.kb_empty(),
            had if nothing => return self.kb_questions_all(had),
            had => self.kb_questions_line(done.passages, done.questions, had),
        };
        if done.without > 0 {
            text = format!("{text} {}", self.kb_questions_without(done.without));
        }
        text
    }

    /// A document and a section of it.
    pub fn source_of(self, title: &str, section: Option<&str>) -> String {
        match section {
            None => title.to_owned(),
            Some(section) => format!("{title} › {section}"),
        }
    }

    /// What a passage is to the question.
    pub fn relevance(self, relevance: Relevance) -> String {
        match relevance {
            Relevance::Answers => self.kb_relevance_answers(),
            Relevance::Near => self.kb_relevance_near(),
            Relevance::Perhaps => self.kb_relevance_perhaps(),
        }
    }

    /// What is wrong with the knowledge base.
    pub fn knowledge_problem(self, problem: &KnowledgeProblem) -> String {
        match problem {
            KnowledgeProblem::Store(error) => self.store_problem(error),
            KnowledgeProblem::Server(host) => self.kb_server_away(host),
            KnowledgeProblem::Busy(file) => self.kb_busy(file),
            KnowledgeProblem::StoreFolder(path) => self.kb_store_folder(path.display()),
            KnowledgeProblem::Embedding(error) => self.embedding_problem(error),
            KnowledgeProblem::EmbeddingServer(url) => self.kb_embedding_server(url),
            KnowledgeProblem::Unread(path, why) => {
                let unfit = self.pick("не UTF-8 или больше 4 МБ", "no UTF-8, or over 4 MB");
                let why = why.map_or_else(|| unfit.to_owned(), |kind| self.system(kind));
                self.kb_folder_unread(path.display(), why)
            }
            KnowledgeProblem::Questions(error) => match error {
                QuestionError::Unavailable => self.kb_questions_unavailable(),
                QuestionError::Unauthorized => self.kb_questions_refused(),
                QuestionError::Protocol => self.kb_questions_protocol(),
            },
            KnowledgeProblem::NoWriter => self.kb_no_writer(),
            KnowledgeProblem::Reranking(_) => self.kb_reranking(),
            KnowledgeProblem::Model(model) => self.kb_model(model),
            KnowledgeProblem::NoHome => self.kb_no_home(),
            KnowledgeProblem::Watch(path) => self.kb_unwatched(path.display()),
            KnowledgeProblem::NoDocument { source, suggestion } => {
                let hint = suggestion
                    .as_ref()
                    .map(|s| format!(" {}", self.did_you_mean(s)));
                format!(
                    "{}{}",
                    self.kb_no_document(source),
                    hint.unwrap_or_default()
                )
            }
        }
    }

    fn embedding_problem(self, error: &EmbedError) -> String {
        match error {
            EmbedError::Unavailable => self.kb_embedding_unavailable(),
            EmbedError::Refused => self.kb_embedding_refused(),
            EmbedError::Model(what) => self.kb_embedding_model(what),
            EmbedError::Unset(name) => self.kb_embedding_unset(name),
            EmbedError::NoNumber(name) => self.kb_embedding_no_number(name),
            EmbedError::Protocol => self.kb_embedding_protocol(),
        }
    }

    fn store_problem(self, error: &StoreError) -> String {
        match error {
            StoreError::Unavailable => self.kb_unavailable(),
            StoreError::Refused => self.kb_refused(),
            StoreError::NoCollection(name) => self.kb_not_set_up(name),
            StoreError::Mismatch {
                collection,
                has,
                wants,
            } => self.kb_mismatch(collection, self.contents(has), self.contents(wants)),
            StoreError::Invalid(why) => self.invalid(why),
            StoreError::Foreign(what) => self.kb_foreign(what),
            StoreError::Damaged(what) => self.kb_damaged(what),
            StoreError::Newer(what) => self.kb_newer(what),
        }
    }

    /// What a collection holds.
    fn contents(self, contents: &Contents) -> String {
        let said = match contents {
            Contents::Points { language, dense } => {
                let vectors = dense.as_ref().map_or_else(
                    || self.pick("без векторов", "no vectors").to_owned(),
                    |dense| self.kb_contents_dense(&dense.model, dense.dimension),
                );
                let words = match language {
                    Some(Language::Ru) => self.pick("русские", "Russian"),
                    Some(Language::En) => self.pick("английские", "English"),
                    None => self.pick("на обоих языках", "Russian and English"),
                };
                return self.kb_contents(vectors, words);
            }
            Contents::Words(version) => return self.kb_contents_words(version),
            Contents::Foreign => self.pick(
                "данные другой программы или сервера старше 1.16",
                "data of another program, or of a server older than 1.16",
            ),
            Contents::Own => self.pick("данные Сферы", "data of Sfera"),
        };
        said.to_owned()
    }

    /// Why the store does not take something.
    fn invalid(self, why: &Invalid) -> String {
        let why = match why {
            Invalid::Address => return self.kb_bad_address(),
            Invalid::Server => return self.kb_bad_server(),
            Invalid::Name(name) => return self.kb_bad_name(name),
            Invalid::Request => self.kb_bad_request(),
            Invalid::Dimension(numbers) => self.kb_bad_dimension(numbers),
            Invalid::NoVectors(name) => self.kb_no_vectors(name),
            Invalid::Vector {
                collection,
                holds,
                has,
            } => self.kb_other_vector(collection, holds, has),
            Invalid::Length(name) => self.kb_bad_length(name),
        };
        self.kb_invalid(why)
    }
}
