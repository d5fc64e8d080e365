//! Proptest strategies for conversations. Simple things come first, so failures shrink to them.

use super::plan::{
    Act, Answer, AnswerEnd, Care, Content, Conversation, Finals, Hearing, Part, Speech, ToolEnd,
    ToolRun, Voice, VoiceEnd, What, When,
};
use super::playout::playout_rate;
use crate::{
    Language,
    turn::{
        Endpointing, EndpointingMode, Failure, FalseInterruption, Interruption, Preemptive, Stage,
        TurnOptions, Watchdog,
    },
};
use proptest::{collection::vec, option, prelude::*};
use std::{ops::RangeInclusive, time::Duration};

/// A history that is never trimmed.
pub(super) const EVERYTHING: usize = 100_000;

/// Any conversation.
pub fn conversation() -> impl Strategy<Value = Conversation> {
    (
        options(),
        vec(act(), 1..10),
        vec(answer(), 1..6),
        vec(voice(), 1..5),
        vec(tool_run(), 1..4),
        prop_oneof![3 => Just(0_u16), 1 => 1..30_u16],
        prop_oneof![3 => Just(0_u16), 1 => 1..60_u16],
    )
        .prop_map(
            |(options, acts, answers, voices, tools, tick_lag, report_lag)| Conversation {
                options,
                acts,
                answers,
                voices,
                tools,
                tick_lag,
                report_lag,
            },
        )
}

fn act() -> impl Strategy<Value = Act> {
    let when = prop_oneof![
        3 => Just(When::Next),
        2 => Just(When::Speaking),
        1 => Just(When::Thinking),
        2 => Just(When::Listening),
    ];
    let after = prop_oneof![3 => 0..1_500_u16, 1 => 0..20_000_u16];
    (when, after, what()).prop_map(|(when, after, what)| Act { when, after, what })
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        16 => speech().prop_map(What::Speak),
        3 => (1..12_u8).prop_map(|words| What::Type { words }),
        3 => any::<bool>().prop_map(|yes| What::Decide { yes }),
        2 => (1..25_u8, any::<bool>())
            .prop_map(|(words, interruptible)| What::Say { words, interruptible }),
        1 => Just(What::Interrupt),
        1 => Just(What::UserInterrupt),
        1 => prop_oneof![Just(Stage::Stt), Just(Stage::Vad)].prop_map(What::Deafness),
        1 => any::<bool>().prop_map(|drain| What::Close { drain }),
    ]
}

fn speech() -> impl Strategy<Value = Speech> {
    let content = prop_oneof![
        8 => (1..15_u8).prop_map(Content::Words),
        2 => Just(Content::Backchannel),
        5 => any::<bool>().prop_map(Content::Decision),
        2 => Just(Content::Cough),
        1 => any::<u8>().prop_map(Content::Garbage),
    ];
    let vad = prop_oneof![
        12 => Just(Hearing::Whole),
        2 => Just(Hearing::Halves),
        1 => Just(Hearing::NoEnd),
        1 => Just(Hearing::TwoStarts),
        1 => Just(Hearing::Deaf),
        1 => Just(Hearing::OnlyEnd),
    ];
    let finals = prop_oneof![
        10 => Just(Finals::One),
        1 => Just(Finals::Twice),
        2 => Just(Finals::Pieces),
        1 => Just(Finals::Never),
        2 => Just(Finals::Early),
        2 => Just(Finals::Corrected),
    ];
    let length = prop_oneof![1 => 60..600_u16, 3 => 300..4_000_u16];
    let delay = prop_oneof![4 => 0..900_u16, 1 => 0..9_000_u16];
    (content, vad, finals, length, delay, 0..5_u8).prop_map(
        |(content, vad, finals, length, delay, interims)| Speech {
            length,
            content,
            vad,
            interims,
            finals,
            delay,
        },
    )
}

fn answer() -> impl Strategy<Value = Answer> {
    let part = prop_oneof![
        5 => (1..12_u8).prop_map(Part::Sentence),
        5 => (1..4_u8).prop_map(Part::Words),
        2 => Just(Part::Call),
        3 => care().prop_map(Part::Careful),
        1 => Just(Part::SameCall),
        1 => Just(Part::Blank),
        1 => Just(Part::Stray),
    ];
    let end = prop_oneof![
        10 => Just(AnswerEnd::Done),
        1 => Just(AnswerEnd::DoneTwice),
        2 => failure().prop_map(AnswerEnd::Fails),
        1 => Just(AnswerEnd::Hangs),
        1 => Just(AnswerEnd::Babbles),
    ];
    let first = prop_oneof![4 => 0..1_500_u16, 1 => 0..6_000_u16];
    let gap = prop_oneof![4 => 1..100_u16, 1 => 1..2_000_u16];
    (first, gap, vec(part, 0..8), end, any::<bool>()).prop_map(|(first, gap, parts, end, deaf)| {
        Answer {
            first,
            gap,
            parts,
            end,
            deaf,
        }
    })
}

fn care() -> impl Strategy<Value = Care> {
    prop_oneof![
        5 => Just(Care::Order),
        1 => Just(Care::Transfer),
        1 => Just(Care::Route),
        2 => Just(Care::Alarm),
        1 => Just(Care::Page),
    ]
}

fn voice() -> impl Strategy<Value = Voice> {
    let end = prop_oneof![
        12 => Just(VoiceEnd::Done),
        1 => Just(VoiceEnd::Silent),
        1 => (0..4_u8).prop_map(VoiceEnd::Fails),
        1 => (0..4_u8).prop_map(VoiceEnd::Hangs),
    ];
    let first = prop_oneof![4 => 0..400_u16, 1 => 0..4_000_u16];
    let gap = prop_oneof![3 => 0..20_u16, 1 => 0..1_500_u16];
    (first, 30..90_u8, 20..2_000_u16, gap, end).prop_map(|(first, per_char, piece, gap, end)| {
        Voice {
            first,
            per_char,
            piece,
            gap,
            end,
        }
    })
}

fn tool_run() -> impl Strategy<Value = ToolRun> {
    let end = prop_oneof![
        5 => Just(ToolEnd::Ok),
        1 => Just(ToolEnd::Failed),
        1 => Just(ToolEnd::Unknown),
        1 => Just(ToolEnd::Twice),
        1 => Just(ToolEnd::Hangs),
    ];
    let delay = prop_oneof![4 => 0..2_000_u16, 1 => 0..20_000_u16];
    (delay, end, any::<bool>()).prop_map(|(delay, end, stubborn)| ToolRun {
        delay,
        end,
        stubborn,
    })
}

fn failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        Just(Failure::Timeout),
        Just(Failure::Unavailable),
        Just(Failure::Refused),
        Just(Failure::Nonsense),
    ]
}

fn options() -> impl Strategy<Value = TurnOptions> {
    let limits = (
        0..4_u32,
        20..800_usize,
        option::of(ms(1_000..=20_000)),
        ms(500..=15_000),
    );
    let max_history = prop_oneof![5 => Just(EVERYTHING), 1 => 4..40_usize];
    let failures = (option::of(1..4_u32), max_history);
    let parts = (endpointing(), interruption(), preemptive(), watchdog());
    (any::<bool>(), limits, failures, parts).prop_map(|(russian, limits, failures, parts)| {
        let language = if russian { Language::Ru } else { Language::En };
        let mut options = TurnOptions::for_language(language);
        let backchannel = options.interruption.backchannel;
        (
            options.max_tool_steps,
            options.max_reply_chars,
            options.user_away,
            options.consent,
        ) = limits;
        (options.max_failures, options.max_history) = failures;
        options.playout_rate = playout_rate();
        (
            options.endpointing,
            options.interruption,
            options.preemptive,
            options.watchdog,
        ) = parts;
        options.interruption.backchannel = backchannel;
        options
    })
}

fn endpointing() -> impl Strategy<Value = Endpointing> {
    let mode = prop_oneof![Just(EndpointingMode::Fixed), Just(EndpointingMode::Dynamic)];
    (ms(0..=800), ms(0..=3_000), mode, ms(200..=5_000)).prop_map(
        |(min_delay, more, mode, final_timeout)| Endpointing {
            min_delay,
            max_delay: min_delay + more,
            mode,
            final_timeout,
        },
    )
}

fn interruption() -> impl Strategy<Value = Interruption> {
    let false_alarm = prop_oneof![
        4 => ms(0..=3_000).prop_map(FalseInterruption::ResumeAfter),
        1 => Just(FalseInterruption::Never),
    ];
    let enabled = prop_oneof![9 => Just(true), 1 => Just(false)];
    let warmup = prop_oneof![2 => Just(None), 1 => ms(0..=3_000).prop_map(Some)];
    (enabled, ms(0..=800), 0..3_usize, false_alarm, warmup).prop_map(
        |(enabled, min_speech, min_words, false_alarm, echo_warmup)| Interruption {
            enabled,
            min_speech,
            min_words,
            false_alarm,
            echo_warmup,
            ..Interruption::default()
        },
    )
}

fn preemptive() -> impl Strategy<Value = Preemptive> {
    (any::<bool>(), ms(0..=10_000), 0..4_u32).prop_map(|(enabled, max_speech, max_starts)| {
        Preemptive {
            enabled,
            max_speech,
            max_starts,
        }
    })
}

fn watchdog() -> impl Strategy<Value = Watchdog> {
    (
        ms(500..=20_000),
        ms(500..=30_000),
        ms(500..=15_000),
        ms(2_000..=60_000),
    )
        .prop_map(|(llm, tool, playout, speech)| Watchdog {
            llm,
            tool,
            playout,
            speech,
        })
}

fn ms(range: RangeInclusive<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_millis)
}
