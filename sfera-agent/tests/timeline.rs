//! The timeline picture, drawn from a conversation with everything in it: an answer, a tool, a false
//! alarm, a barge-in and a typed line.

#![allow(clippy::unwrap_used)]

use sfera_agent::{
    Language,
    session::{
        recording::{Header, Recorder, Recording},
        replay, timeline,
    },
    tools::{ToolCall, ToolOutcome, Treatment},
    turn::{Effect, Input, Machine, PlayedTo, ReplyId, SegmentId, Time, TurnOptions},
};
use std::path::Path;

const SAMPLES_PER_MS: u64 = 48;

struct Studio {
    machine: Machine,
    recorder: Recorder,
    request: (ReplyId, u32),
    spoken: Vec<SegmentId>,
    playhead: Option<PlayedTo>,
}

impl Studio {
    fn new(language: Language) -> Self {
        let mut options = TurnOptions::for_language(language);
        options.interruption.echo_warmup = None;
        let started = "2026-01-02T03:04:05Z".parse().unwrap();
        Self {
            recorder: Recorder::in_memory(Header::new(started, options.clone()), 10_000),
            machine: Machine::new(options),
            request: (ReplyId(0), 0),
            spoken: Vec::new(),
            playhead: None,
        }
    }

    fn at(&mut self, ms: u64, input: Input) -> &mut Self {
        while let Some(due) = self
            .machine
            .deadline()
            .filter(|d| *d < Time::from_millis(ms))
        {
            self.tell(due, Input::Tick);
        }
        self.tell(Time::from_millis(ms), input);
        self
    }

    fn tell(&mut self, now: Time, input: Input) {
        self.recorder.record_input(now, &input);
        self.machine.handle(now, input);
        let mut cleared = false;
        while let Some(effect) = self.machine.poll_effect() {
            self.recorder.record_effect(now, &effect);
            match effect {
                Effect::Generate { reply, step, .. } => self.request = (reply, step),
                Effect::Speak { segment, .. } => self.spoken.push(segment),
                Effect::ClearPlayout => cleared = true,
                _ => {}
            }
        }
        if cleared {
            let at = self.playhead.take();
            self.tell(now, Input::PlayoutCleared { at });
        }
    }

    fn user(&mut self, from: u64, to: u64, text: &str) -> &mut Self {
        let text = text.to_owned();
        let interim = text
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned();
        self.at(
            from + 60,
            Input::SpeechStarted {
                since: Time::from_millis(from),
            },
        );
        if !interim.is_empty() {
            self.at(from + 500, Input::Interim { text: interim });
        }
        self.at(
            to + 250,
            Input::SpeechEnded {
                since: Time::from_millis(to),
            },
        );
        self.at(to + 330, Input::Final { text })
    }

    fn llm(&mut self, ms: u64, text: &str) -> &mut Self {
        let (reply, step) = self.request;
        let text = text.to_owned();
        self.at(ms, Input::LlmText { reply, step, text });
        self.at(ms + 40, Input::LlmDone { reply, step })
    }

    /// The newest segment is heard from `from` to `to`; its voice would speak until `end`.
    fn heard(&mut self, from: u64, to: u64, end: u64) -> &mut Self {
        let segment = *self.spoken.last().unwrap();
        let samples = (end - from) * SAMPLES_PER_MS;
        self.at(from, Input::TtsDone { segment, samples });
        self.at(from, Input::SegmentStarted { segment });
        self.playhead = Some(PlayedTo {
            segment,
            played: (to - from) * SAMPLES_PER_MS,
            synthesized: samples,
            complete: true,
        });
        self
    }

    fn played(&mut self, ms: u64) -> &mut Self {
        self.playhead = None;
        let segment = *self.spoken.last().unwrap();
        self.at(ms, Input::SegmentPlayed { segment })
    }

    fn tool(&mut self, from: u64, to: u64, outcome: ToolOutcome) -> &mut Self {
        let (reply, step) = self.request;
        let id = format!("{from}");
        let call = ToolCall {
            id: id.as_str().into(),
            name: "weather".into(),
            arguments: r#"{"city":"Москва"}"#.into(),
        };
        let treatment = Treatment::default();
        let call = Input::LlmToolCall {
            reply,
            step,
            call,
            treatment,
        };
        self.at(from, call);
        self.at(from + 10, Input::LlmDone { reply, step });
        let id = id.into();
        self.at(to, Input::ToolResult { id, outcome })
    }

    fn recording(&self) -> Recording {
        self.recorder.recording().unwrap()
    }
}

fn conversation() -> Recording {
    let mut studio = Studio::new(Language::Ru);
    studio
        .user(1_000, 1_700, "Привет!")
        .llm(2_450, "Здравствуйте! Я Сфера, голосовой помощник. ");
    studio.heard(2_600, 5_800, 5_800).played(5_800);
    studio.user(7_000, 8_600, "Какая погода в Москве?");
    studio.tool(9_300, 10_600, ToolOutcome::Ok("+3, дождь".into()));
    studio.llm(
        11_000,
        "В Москве плюс три градуса и небольшой дождь, так что возьмите зонт. ",
    );
    studio.heard(11_250, 16_400, 16_400);
    // A cough, and the agent goes on.
    studio.at(
        13_000,
        Input::SpeechStarted {
            since: Time::from_millis(12_940),
        },
    );
    studio.at(
        13_400,
        Input::SpeechEnded {
            since: Time::from_millis(13_200),
        },
    );
    studio.at(
        14_100,
        Input::Final {
            text: String::new(),
        },
    );
    // A backchannel word, and the agent goes on.
    studio.user(15_000, 15_400, "Ага.");
    studio.played(18_300);
    studio.user(
        19_000,
        21_800,
        "Расскажи о психологии трейдинга: \"страх\" & <жадность>.",
    );
    studio.llm(
        22_300,
        "Страх и жадность – два чувства, которые чаще всего мешают трейдеру следовать своему плану \
         и вовремя закрывать убыточные сделки. ",
    );
    studio.heard(22_700, 26_600, 33_000);
    studio.user(26_000, 27_300, "Стоп, а какой курс биткоина?");
    studio.tool(
        28_200,
        29_900,
        ToolOutcome::Failed("the source cannot be reached".into()),
    );
    studio.llm(
        30_100,
        "Не получается узнать курс: источник сейчас недоступен. ",
    );
    studio.heard(30_300, 34_000, 34_000).played(34_000);
    studio.at(
        38_000,
        Input::Typed {
            text: "Спасибо, пока".into(),
        },
    );
    studio
        .llm(38_300, "Всего доброго, до свидания! ")
        .heard(38_500, 40_300, 40_300)
        .played(40_300);
    studio.at(41_500, Input::Close { drain: true });
    studio.recording()
}

#[test]
fn the_picture_shows_who_said_what_and_how_long_the_stages_took() {
    let recording = conversation();
    replay::replay(&recording).unwrap();
    let picture = timeline::draw(&recording);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("timeline.svg");
    std::fs::write(&path, &picture).unwrap();
    println!("{}", path.display());
    recording.write(&path.with_extension("jsonl")).unwrap();
    for shown in [
        "Привет!",
        "&quot;страх&quot; &amp; &lt;жадность&gt;",
        "перебит",
        "продолжил",
        "Ага.",
        "weather",
        "⌨ Спасибо, пока",
        "0:30",
    ] {
        assert!(
            picture.contains(shown),
            "{shown} is missing in {}",
            path.display()
        );
    }
    assert!(!picture.contains("<жадность>"));
}

#[test]
fn a_sound_that_was_no_word_after_all_does_not_show_older_words() {
    let mut studio = Studio::new(Language::Ru);
    studio.user(1_000, 1_700, "Привет!");
    studio.llm(2_450, "Здравствуйте! Я Сфера, голосовой помощник. ");
    studio.heard(2_600, 6_800, 6_800);
    let quiet = timeline::draw(&studio.recording());
    let since = Time::from_millis(4_000);
    studio.at(4_060, Input::SpeechStarted { since });
    let text = "Ага".into();
    studio.at(4_300, Input::Interim { text });
    let since = Time::from_millis(4_400);
    studio.at(4_650, Input::SpeechEnded { since });
    let text = String::new();
    studio.at(4_900, Input::Final { text });
    let picture = timeline::draw(&studio.recording());
    assert!(picture.contains("продолжил"));
    let shown = |picture: &str| picture.matches("Привет!").count();
    assert_eq!(shown(&picture), shown(&quiet));
}

#[test]
fn the_labels_can_be_english() {
    let picture = timeline::draw_in(&conversation(), Language::En);
    assert!(picture.contains("interrupted") && picture.contains("end of turn"));
}

#[test]
fn an_empty_recording_says_that_it_is_empty() {
    let picture = timeline::draw(&Studio::new(Language::Ru).recording());
    assert!(picture.contains("никто ничего не сказал"));
    assert!(picture.ends_with("</svg>\n"));
}

#[test]
fn an_hour_of_talk_wraps_into_rows() {
    let mut studio = Studio::new(Language::En);
    for minute in 0..60 {
        studio.user(
            minute * 60_000 + 1_000,
            minute * 60_000 + 3_000,
            "And another thing.",
        );
    }
    let picture = timeline::draw(&studio.recording());
    assert!(picture.contains(">59:30<"));
}
