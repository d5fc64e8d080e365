use super::*;
use ratatui::{Terminal, backend::TestBackend};
use sfera_agent::{
    Language,
    session::{SessionEvent, SessionEventKind},
    turn::{Event, ReplyEnd, ReplyId, Time, TurnId},
};

fn conversation() -> Conversation {
    let mut conversation = Conversation::default();
    let events = [
        Event::TurnCommitted {
            turn: TurnId(1),
            text: "Расскажи о психологии трейдинга".into(),
        },
        Event::AgentTranscript {
            reply: ReplyId(1),
            delta: String::new(),
        },
        Event::InterruptionConfirmed,
        Event::ReplyEnded {
            reply: ReplyId(1),
            turn: Some(TurnId(1)),
            end: ReplyEnd::Interrupted,
            user: "".into(),
            heard: "Главный враг трейдера – он сам: страх и жадность заставляют его закрывать прибыль рано, а убыток поздно.".into(),
        },
        Event::UserTranscript {
            text: "Подожди, а что".into(),
            is_final: false,
        },
        Event::AgentState {
            state: AgentState::Listening,
        },
    ];
    for event in events {
        conversation.observe(&SessionEvent {
            at: Time::from_millis(1_000),
            kind: SessionEventKind::Turn(event),
        });
    }
    conversation.level = -20.0;
    conversation
}

fn screen(typing: Option<&str>) -> Screen {
    Screen {
        text: Text(Language::Ru),
        title: "Whisper · помощник · festival".into(),
        elapsed: Duration::from_secs(83),
        typing: typing.map(str::to_owned),
        microphone: true,
        scrolled: 0,
    }
}

fn drawn(screen: &mut Screen, conversation: &Conversation, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| screen.draw(frame, conversation))
        .unwrap();
    terminal.backend().to_string()
}

#[test]
fn both_sides_the_state_and_the_level_are_on_the_screen() {
    insta::assert_snapshot!(drawn(&mut screen(None), &conversation(), 60, 12));
}

#[test]
fn an_empty_conversation_says_what_to_do() {
    let empty = Conversation::default();
    insta::assert_snapshot!(drawn(&mut screen(None), &empty, 60, 6));
}

#[test]
fn the_end_of_a_long_typed_line_stays_in_sight() {
    let mut typing = screen(Some("Сколько стоит биткоин в рублях сегодня утром?"));
    insta::assert_snapshot!(drawn(&mut typing, &conversation(), 30, 8));
}

#[test]
fn a_terminal_of_any_size_is_drawn_without_harm() {
    for width in 1..50 {
        for height in 1..10 {
            for typing in [None, Some("Привет")] {
                let mut screen = screen(typing);
                screen.scrolled = 7;
                drawn(&mut screen, &conversation(), width, height);
            }
        }
    }
}

#[test]
fn scrolling_back_shows_the_beginning_and_stops_there() {
    let mut screen = screen(None);
    screen.scrolled = 999;
    let seen = drawn(&mut screen, &conversation(), 30, 7);
    assert!(seen.contains("Вы: Расскажи"), "{seen}");
    assert!(screen.scrolled < 20);
}
