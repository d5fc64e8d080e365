//! A person at the official Python client who speaks recordings and whose ears are Whisper's.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sfera_agent::{
    audio::{Frame, Resampler, SampleRate},
    stt::{Recognizer, SttOptions},
};

use crate::{livekit_server::LiveKitServer, office::Office, official_client::OfficialClient};

pub const ROOM: &str = "spoken";
/// So much of the letters Whisper base hears right of festival's Russian; where words begin and end it
/// does not always hear, and an answer may be short.
const UNDERSTOOD: f64 = 0.75;
/// Letters of a word that may have been begun.
const LONGEST_WORD: usize = 14;

pub struct Visitor {
    pub client: OfficialClient,
    /// Where in what was seen the last question was.
    asked: usize,
    /// Samples of the agent's voice that were listened to already.
    listened: usize,
}

/// What was heard of an answer, and what was shown.
#[derive(Debug)]
pub struct Answer {
    pub heard: String,
    pub caption: String,
    /// The same in the form of earlier days.
    packet: String,
}

impl Answer {
    /// The words heard are the words shown, as far as Whisper understands the voice.
    pub fn is_what_was_captioned(&self) {
        assert!(!self.caption.is_empty(), "{self:?}");
        assert_eq!(self.caption, self.packet, "both forms say the same");
        let alike = alike(&letters(&self.caption), &letters(&self.heard));
        assert!(alike >= UNDERSTOOD, "{alike}: {self:#?}");
    }
}

/// These words were shown of an answer that was cut short, and these were heard: the same, and perhaps
/// a word that was begun.
pub fn ends_where_it_was_cut(shown: &str, heard: &str) {
    let (shown, heard) = (letters(shown), letters(heard));
    let ends = heard
        .char_indices()
        .map(|(at, letter)| at + letter.len_utf8());
    let best =
        ends.max_by(|a, b| alike(&shown, &heard[..*a]).total_cmp(&alike(&shown, &heard[..*b])));
    let (same, begun) = heard.split_at(best.unwrap_or(0));
    assert!(
        alike(&shown, same) >= UNDERSTOOD && begun.chars().count() <= LONGEST_WORD,
        "{shown:?} was shown, {same:?} heard, and {begun:?}"
    );
}

fn alike(shown: &str, heard: &str) -> f64 {
    strsim::normalized_levenshtein(shown, heard)
}

impl Visitor {
    pub async fn join(server: &LiveKitServer, identity: &str) -> Self {
        let mut client = OfficialClient::python();
        client
            .connect(&server.url(), &server.token(ROOM, identity))
            .await;
        client.run(json!({"do": "publish"})).await;
        Self {
            client,
            asked: 0,
            listened: 0,
        }
    }

    /// Says a recording, and is silent then.
    pub async fn say(&mut self, name: &str) {
        self.asked = self.client.seen.len();
        self.client
            .run(json!({"do": "play", "path": recording(name)}))
            .await;
    }

    /// Waits until so many letters of the agent's next words are shown; they follow its voice.
    pub async fn until_shown(&mut self, letters: usize) {
        let agent = self.agent().expect("an agent was seen");
        self.client
            .until("text", |event| {
                event["topic"] == "lk.transcription"
                    && event["identity"] == agent
                    && event["text"]
                        .as_str()
                        .is_some_and(|text| text.chars().count() >= letters)
            })
            .await;
    }

    /// Samples of the agent's voice that were heard so far, silence included.
    pub async fn heard_so_far(&mut self) -> usize {
        let agent = self.agent().expect("an agent was seen");
        self.client.heard(&agent).await.len()
    }

    /// Waits until the agent, after so many samples, is silent for a while. How many samples came
    /// before that, and what the last words were that nobody has listened to.
    pub async fn hear_end(&mut self, office: &Office, after: usize) -> (usize, String) {
        let end = |event: &Value| event["samples"].as_u64().unwrap_or(0) as usize;
        let ended = self
            .since_question("sound_ended", 0, |event| end(event) > after)
            .await;
        let heard = self.listen(office, Some(end(&ended))).await;
        (end(&ended), heard)
    }

    /// The event of this kind that comes after so many of them since the question: whichever order
    /// different kinds come in.
    async fn since_question(
        &mut self,
        name: &str,
        before: usize,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        loop {
            let mut known = self.client.seen[self.asked..]
                .iter()
                .filter(|event| event["event"] == name && wanted(event));
            if let Some(event) = known.nth(before) {
                return event.clone();
            }
            self.client.until(name, &wanted).await;
        }
    }

    /// Waits until an answer was given to its end and is shown.
    pub async fn hear_answer(&mut self, office: &Office) -> Answer {
        self.client.until("sound_began", |_| true).await;
        self.client
            .until("attributes_changed", |event| {
                event["attributes"]["lk.agent.state"] == "listening"
            })
            .await;
        let caption = self
            .caption("text", |event| {
                event["topic"] == "lk.transcription" && event["ended"] == true
            })
            .await;
        let packet = self
            .caption("transcription", |event| event["final"] == true)
            .await;
        Answer {
            heard: self.listen(office, None).await,
            caption,
            packet,
        }
    }

    /// What Whisper understands of the voice that nobody has listened to, as far as there.
    async fn listen(&mut self, office: &Office, end: Option<usize>) -> String {
        let voice = self.agent().expect("an agent was seen");
        let samples = self.client.heard(&voice).await;
        let end = end.unwrap_or(samples.len()).min(samples.len());
        let new = samples[self.listened.min(end)..end].to_vec();
        self.listened = end;
        let heard = office
            .whisper
            .recognize(at_16_khz(&new), &SttOptions::default())
            .await
            .unwrap();
        heard.text
    }

    /// All final words of the agent since the last question, in one form.
    async fn caption(&mut self, event: &str, is_final: impl Fn(&Value) -> bool) -> String {
        let agent = self.agent().expect("an agent was seen");
        let said = |client: &OfficialClient, asked: usize| {
            client.seen[asked..]
                .iter()
                .filter(|seen| {
                    seen["event"] == event && seen["identity"] == agent && is_final(seen)
                })
                .map(|seen| seen["text"].as_str().unwrap().trim().to_owned())
                .collect::<Vec<_>>()
                .join(" ")
        };
        // Words may come a little after the sound.
        if said(&self.client, self.asked).is_empty() {
            self.client
                .until(event, |seen| seen["identity"] == agent && is_final(seen))
                .await;
        }
        said(&self.client, self.asked)
    }

    /// Waits until words of the agent are shown whole, or as far as they were said: those after so many
    /// others since the question.
    pub async fn until_caption_is_final(&mut self, before: usize) -> String {
        let agent = self.agent().expect("an agent was seen");
        let said = self.since_question("text", before, |event| {
            event["topic"] == "lk.transcription"
                && event["ended"] == true
                && event["identity"] == agent
        });
        said.await["text"].as_str().unwrap().trim().to_owned()
    }

    /// Whether the caller's own words were shown with this one among them.
    pub fn was_understood(&self, word: &str) -> bool {
        let agent = self.agent();
        self.client.seen[self.asked..].iter().any(|seen| {
            seen["event"] == "text"
                && seen["topic"] == "lk.transcription"
                && seen["identity"].as_str() != agent.as_deref()
                && seen["text"]
                    .as_str()
                    .is_some_and(|text| text.to_lowercase().contains(word))
        })
    }

    /// Waits until the agent is said to do this, if it does not already.
    pub async fn until_state(&mut self, state: &str) {
        if self.states().last().is_some_and(|last| last == state) {
            return;
        }
        self.client
            .until("attributes_changed", |event| {
                event["attributes"]["lk.agent.state"] == state
            })
            .await;
    }

    /// What the agent did since the last question.
    pub fn states_since_question(&self) -> Vec<String> {
        states(&self.client.seen[self.asked..])
    }

    pub fn states(&self) -> Vec<String> {
        states(&self.client.seen)
    }

    fn agent(&self) -> Option<String> {
        let agent = self
            .client
            .seen
            .iter()
            .rev()
            .find(|seen| seen["event"] == "participant_connected" && seen["kind"] == "AGENT");
        agent.map(|seen| seen["identity"].as_str().unwrap().to_owned())
    }
}

/// Changes of the agent's state; the first ones come with the participant itself.
fn states(seen: &[Value]) -> Vec<String> {
    let mut states: Vec<String> = Vec::new();
    for event in seen {
        let told = ["participant_connected", "attributes_changed"]
            .iter()
            .any(|name| event["event"] == **name);
        if let Some(state) = event["attributes"]["lk.agent.state"].as_str()
            && told
            && states.last().is_none_or(|last| last != state)
        {
            states.push(state.to_owned());
        }
    }
    states
}

fn letters(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

pub fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../examples/conversation/ru/{name}.wav"))
}

fn at_16_khz(samples: &[i16]) -> Frame {
    let mut resampler = Resampler::new(SampleRate::HZ_48000, SampleRate::HZ_16000);
    let mut out = Vec::new();
    resampler.push(samples, &mut out);
    Frame::new(SampleRate::HZ_16000, out)
}
