//! What is asked of whoever answers, in any kind of dialogue: what may be asked, and what is promised.

use crate::{
    handling::{Desk, Incoming, LARGEST, What},
    state::{Attachment, DAY, Dialogue, Question, StateError, User},
    text::Text,
};

/// Characters of a question, at most: two of Telegram's messages.
const LONGEST: usize = 8_000;
/// Minutes of a voice message, at most: it is recognised on this machine.
const LONGEST_VOICE: u64 = 3;

/// A question as it came.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// In which kind of dialogue.
    pub kind: Dialogue,
    /// What; nothing where it is still to be heard.
    pub text: &'a str,
    /// What came with it.
    pub attachment: Option<&'a Attachment>,
}

/// Whatever somebody says: words, a voice message, a picture.
pub async fn take(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    kind: Dialogue,
) -> Result<(), StateError> {
    match &incoming.what {
        What::Text(text) => {
            let asked = Asked {
                kind,
                text,
                attachment: None,
            };
            ask(desk, user, incoming, asked).await
        }
        What::Voice {
            attachment,
            seconds,
        } => {
            let voice = (attachment.as_ref(), *seconds);
            by_voice(desk, user, incoming, kind, voice).await
        }
        What::Picture {
            attachment,
            caption,
        } => {
            let picture = (attachment.as_ref(), caption.as_str());
            by_picture(desk, user, incoming, kind, picture).await
        }
        _ => {
            let text = desk.text(user).not_understood();
            desk.answer(incoming, text).await.map(drop)
        }
    }
}

/// Promises an answer, or says why there will be none.
async fn ask(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    asked: Asked<'_>,
) -> Result<(), StateError> {
    let text = desk.text(user);
    if asked.text.chars().count() > LONGEST {
        let refusal = text.too_long(LONGEST);
        return desk.answer(incoming, refusal).await.map(drop);
    }
    if let Some(refusal) = spent(desk, user, incoming).await? {
        return desk.answer(incoming, refusal).await.map(drop);
    }
    desk.work.count_question(user.id).await?;
    let heard = match asked.attachment {
        Some(Attachment::Voice { .. }) => Some(desk.answer(incoming, text.listening()).await?),
        Some(Attachment::Picture { .. }) | None => None,
    };
    let placeholder = desk.answer(incoming, text.thinking()).await?;
    let question = question(user, incoming, asked, &placeholder);
    let question = Question {
        heard: heard.as_deref(),
        ..question
    };
    desk.work.ask(&question).await
}

/// A question as it is stored.
pub fn question<'a>(
    user: &User,
    incoming: &Incoming,
    asked: Asked<'a>,
    placeholder: &'a str,
) -> Question<'a> {
    Question {
        user: user.id,
        chat: incoming.chat,
        kind: asked.kind,
        text: asked.text,
        attachment: asked.attachment,
        placeholder,
        heard: None,
        reply_to: incoming.message.filter(|_| !incoming.is_private),
        thread: incoming.thread,
    }
}

/// A voice message.
async fn by_voice(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    kind: Dialogue,
    (attachment, seconds): (Option<&Attachment>, u32),
) -> Result<(), StateError> {
    let text = desk.text(user);
    let refusal = if !desk.house.senses.hears {
        Some(text.no_ears().to_owned())
    } else if u64::from(seconds) > LONGEST_VOICE * 60 {
        Some(text.voice_too_long(LONGEST_VOICE))
    } else {
        too_large(text, attachment)
    };
    let asked = Asked {
        kind,
        text: "",
        attachment,
    };
    match refusal {
        Some(refusal) => desk.answer(incoming, refusal).await.map(drop),
        None => ask(desk, user, incoming, asked).await,
    }
}

/// A picture, with a question or without.
async fn by_picture(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    kind: Dialogue,
    (attachment, caption): (Option<&Attachment>, &str),
) -> Result<(), StateError> {
    let text = desk.text(user);
    let refusal = match desk.house.senses.sees {
        true => too_large(text, attachment),
        false => Some(text.no_eyes().to_owned()),
    };
    let asked = Asked {
        kind,
        text: match caption.is_empty() {
            true => text.what_is_there(),
            false => caption,
        },
        attachment,
    };
    match refusal {
        Some(refusal) => desk.answer(incoming, refusal).await.map(drop),
        None => ask(desk, user, incoming, asked).await,
    }
}

fn too_large(text: Text, attachment: Option<&Attachment>) -> Option<String> {
    match attachment {
        Some(_) => None,
        None => Some(text.file_too_large(LARGEST >> 20)),
    }
}

/// The last question once more; not while it is being answered, as that would be the one before it.
pub async fn again(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    kind: Dialogue,
) -> Result<(), StateError> {
    if let Some(refusal) = spent(desk, user, incoming).await? {
        return desk.answer(incoming, refusal).await.map(drop);
    }
    if desk.work.is_answering(incoming.chat, kind).await? {
        let text = desk.text(user).still_answering();
        return desk.answer(incoming, text).await.map(drop);
    }
    let Some(repeated) = desk.work.take_back_question(incoming.chat, kind).await? else {
        let text = desk.text(user).nothing_to_retry();
        return desk.answer(incoming, text).await.map(drop);
    };
    let asked = Asked {
        kind,
        text: &repeated.text,
        attachment: repeated.attachment.as_ref(),
    };
    ask(desk, user, incoming, asked).await
}

/// Why a person may ask nothing more today. Administrators may.
async fn spent(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<Option<String>, StateError> {
    let settings = &desk.house.settings;
    if settings
        .admin
        .is_some_and(|admin| [user.id, incoming.chat].contains(&admin))
    {
        return Ok(None);
    }
    let usage = desk.work.usage(user.id).await?;
    let minute = 60 * 1_000;
    let left = (DAY - desk.work.now % DAY + minute - 1) / minute;
    let text = desk.text(user);
    let refusal = if usage.questions >= settings.daily {
        Some(text.questions_spent(settings.daily, left))
    } else if usage.tokens >= settings.daily_tokens {
        Some(text.tokens_spent(left))
    } else {
        None
    };
    Ok(refusal)
}
