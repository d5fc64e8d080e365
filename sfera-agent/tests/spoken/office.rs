//! A worker whose conversations are the offline ones of `make talk`.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use sfera_agent::{
    Language,
    audio::SampleRate,
    io::room::{CallerInfo, RoomOptions},
    knowledge::{FileKnowledge, Knowledge},
    llm::{Assistant, Llm, LlmError, LlmRequest, LlmStream, Message},
    memory::{FileMemory, Memory, UserId},
    session::{Providers, Session, SessionOptions},
    stt::{VadCut, Whisper},
    tts::local,
    turn::TurnOptions,
    vad::Earshot,
    worker::{
        Conversation, Job, JobFailed, RoomJobs, Secret, Server, Worker, WorkerOptions, dispatch,
    },
};
use tempfile::TempDir;

use crate::{
    livekit_server::{KEY, LiveKitServer, SECRET},
    visitor::ROOM,
    whisper_ears::whisper,
};

const AGENT: &str = "sfera";
const WAIT: Duration = Duration::from_secs(30);
const RATE: SampleRate = SampleRate::HZ_24000;

pub struct Office {
    pub whisper: Arc<Whisper>,
    worker: Worker,
    noted: Noted,
    _memory: TempDir,
}

/// What the LLM was asked, request by request.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Vec<LlmRequest>>>);

/// The embedded assistant, with somebody who takes notes.
struct Noting {
    assistant: Assistant,
    noted: Noted,
}

#[async_trait]
impl Llm for Noting {
    fn name(&self) -> &str {
        self.assistant.name()
    }

    async fn generate(&self, request: LlmRequest) -> Result<LlmStream, LlmError> {
        self.noted.0.lock().unwrap().push(request.clone());
        self.assistant.generate(request).await
    }
}

impl Office {
    pub async fn open(server: &LiveKitServer) -> Self {
        let whisper = Arc::new(whisper(1).await);
        let noted = Noted::default();
        let providers = Providers {
            vad: Arc::new(Earshot),
            stt: Arc::new(VadCut::new(whisper.clone())),
            llm: Arc::new(Noting {
                assistant: Assistant::new().unwrap(),
                noted: noted.clone(),
            }),
            tts: local(Language::Ru).await.unwrap(),
        };
        let folder = tempfile::tempdir().unwrap();
        let memory: Arc<dyn Memory> = Arc::new(FileMemory::open(folder.path()).await.unwrap());
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/knowledge");
        let knowledge: Arc<dyn Knowledge> = Arc::new(FileKnowledge::open(examples).await.unwrap());
        let begin = move |_: &Job, caller: &CallerInfo| -> Result<Conversation, JobFailed> {
            let session = Session::builder(providers.clone())
                .options(options(caller))
                .memory(memory.clone())
                .knowledge(knowledge.clone());
            Ok(Conversation {
                session,
                greeting: Some("Здравствуйте! Я Сфера. Слушаю вас.".to_owned()),
            })
        };
        let room = RoomOptions {
            output_rate: RATE,
            ..RoomOptions::default()
        };
        let options = WorkerOptions {
            agent_name: AGENT.to_owned(),
            load_threshold: f32::INFINITY,
            ..WorkerOptions::default()
        };
        let jobs = RoomJobs::new(address(server), room, begin);
        let worker = Worker::start(address(server), options, jobs).await.unwrap();
        Self {
            whisper,
            worker,
            noted,
            _memory: folder,
        }
    }

    /// Calls the agent into the room.
    pub async fn call(&self, server: &LiveKitServer) {
        dispatch(&address(server), AGENT, ROOM, "", WAIT)
            .await
            .expect("an agent");
    }

    /// How many different questions the LLM was asked; one that was guessed early counts once.
    pub fn questions(&self) -> usize {
        let noted = self.noted.0.lock().unwrap();
        let mut asked: Vec<Vec<Message>> = Vec::new();
        for request in noted.iter() {
            if asked.last() != Some(&request.messages) {
                asked.push(request.messages.clone());
            }
        }
        asked.len()
    }

    /// The history as the LLM got it last.
    pub fn history(&self) -> Vec<Message> {
        let noted = self.noted.0.lock().unwrap();
        noted.last().expect("a question").messages.clone()
    }

    pub async fn close(self) {
        self.worker.control().stop();
        self.worker.ended().await.unwrap();
    }
}

fn options(caller: &CallerInfo) -> SessionOptions {
    let mut turn = TurnOptions::for_language(Language::Ru);
    turn.playout_rate = RATE;
    turn.user_away = None;
    turn.interruption.echo_warmup = None;
    SessionOptions {
        turn,
        user: Some(UserId::new(caller.identity.as_str())),
        ..SessionOptions::default()
    }
}

fn address(server: &LiveKitServer) -> Server {
    Server {
        url: server.url(),
        key: KEY.to_owned(),
        secret: Secret::new(SECRET),
    }
}
