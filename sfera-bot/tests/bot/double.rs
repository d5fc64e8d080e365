//! A double of the Bot API: records every call and answers as Telegram does, errors included.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{self, Path},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::Notify,
    task::JoinSet,
    time::{Instant, timeout},
};

pub const TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
/// What a loaded machine needs at most.
const LIMIT: Duration = Duration::from_secs(20);

/// A call that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    pub method: String,
    pub body: Value,
    /// Whether Telegram did it.
    pub done: bool,
    /// When.
    pub at: Instant,
}

#[derive(Clone)]
pub struct BotApi {
    inside: Arc<Inside>,
    pub address: SocketAddr,
    _server: Arc<JoinSet<()>>,
}

#[derive(Default)]
struct Inside {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    made: Vec<Made>,
    updates: Vec<Value>,
    last_update: i64,
    last_message: i64,
    /// What the next calls of a method get instead of what they asked for.
    refusals: VecDeque<(String, u16, Value)>,
    looked_at: usize,
    /// From this many calls on what chats get is done and never answered.
    swallow: Option<usize>,
    /// People in groups: (group, person).
    members: HashSet<(i64, i64)>,
    /// Who does not want to hear from the bot.
    blockers: HashSet<i64>,
    /// What people sent, by Telegram's id of it.
    files: HashMap<String, Vec<u8>>,
    /// Voice messages of the bot.
    voices: Vec<Vec<u8>>,
}

impl State {
    fn has_swallowed_message(&self) -> bool {
        let Some(from) = self.swallow else {
            return false;
        };
        let mut swallowed = self.made.iter().skip(from - 1);
        swallowed.any(|made| made.method == "SendMessage")
    }
}

impl BotApi {
    pub async fn start() -> Self {
        let inside = Arc::new(Inside::default());
        inside.lock().last_message = 100;
        let routes = Router::new()
            .route("/{bot}/{method}", post(answer))
            .route("/file/{bot}/{path}", get(file))
            .with_state(inside.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, routes).await.expect("it serves") });
        Self {
            inside,
            address,
            _server: Arc::new(server),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Somebody does something: `update` lacks its number, which is given back.
    pub fn happens(&self, mut update: Value) -> i64 {
        let mut state = self.inside.lock();
        state.last_update += 1;
        update["update_id"] = state.last_update.into();
        let id = state.last_update;
        state.updates.push(update);
        drop(state);
        self.inside.changed.notify_waiters();
        id
    }

    /// A person writes; the number of the message.
    pub fn writes(&self, person: i64, text: &str) -> i64 {
        let message = self.next_message();
        self.happens(
            json!({"message": message_of(person, person, message, json!({"text": text}))}),
        );
        message
    }

    /// A person taps a button of a message of the bot; the tap's name.
    pub fn taps(&self, chat: i64, person: i64, message: i64, data: &str) -> String {
        let tap = format!("tap-{}", self.next_message());
        let mut below = message_of(chat, person, message, json!({"text": "?"}));
        let from = below["from"].clone();
        below["from"] = json!({"id": 110_201_543, "is_bot": true, "first_name": "Sfera"});
        self.happens(json!({"callback_query": {
            "id": tap, "from": from, "chat_instance": "1", "data": data, "message": below,
        }}));
        tap
    }

    /// A person replies to a message of the bot; the number of the reply.
    pub fn replies(&self, chat: i64, person: i64, to: i64, text: &str) -> i64 {
        let mut answered = message_of(chat, person, to, json!({"text": "?"}));
        answered["from"] = json!({"id": 110_201_543, "is_bot": true, "first_name": "Sfera"});
        let message = self.next_message();
        let said = json!({"text": text, "reply_to_message": answered});
        self.happens(json!({"message": message_of(chat, person, message, said)}));
        message
    }

    /// A person is in a group from now on, or is not.
    pub fn member(&self, group: i64, person: i64, is_in: bool) {
        let mut state = self.inside.lock();
        match is_in {
            true => state.members.insert((group, person)),
            false => state.members.remove(&(group, person)),
        };
    }

    /// A person does not want to hear from the bot any more.
    pub fn blocked_by(&self, person: i64) {
        self.inside.lock().blockers.insert(person);
    }

    /// A person sends something that is no text; the number of the message.
    pub fn sends(&self, person: i64, what: Value) -> i64 {
        let message = self.next_message();
        self.happens(json!({"message": message_of(person, person, message, what)}));
        message
    }

    /// A file that somebody sends.
    pub fn holds(&self, id: &str, bytes: &[u8]) {
        self.inside
            .lock()
            .files
            .insert(id.to_owned(), bytes.to_vec());
    }

    /// The voice messages of the bot.
    pub fn voices(&self) -> Vec<Vec<u8>> {
        self.inside.lock().voices.clone()
    }

    pub fn next_message(&self) -> i64 {
        let mut state = self.inside.lock();
        state.last_message += 1;
        state.last_message
    }

    /// The next call of a method is refused.
    pub fn refuses(&self, method: &str, status: u16, description: &str, parameters: Value) {
        let mut said = json!({"ok": false, "error_code": status, "description": description});
        if !parameters.is_null() {
            said["parameters"] = parameters;
        }
        let refusal = (method.to_owned(), status, said);
        self.inside.lock().refusals.push_back(refusal);
    }

    /// What chats get is done and not answered any more once so many calls were made.
    pub fn swallow_answer_after(&self, made: usize) {
        self.inside.lock().swallow = Some(made);
    }

    /// They are answered again.
    pub fn answer_again(&self) {
        self.inside.lock().swallow = None;
    }

    /// Waits until a message was done whose sender will never know it.
    pub async fn until_message_swallowed(&self) {
        self.until_it_is(State::has_swallowed_message).await;
    }

    /// Waits until so many calls were made.
    pub async fn until_made(&self, count: usize) {
        self.until_it_is(|state| state.made.len() >= count).await;
    }

    async fn until_it_is(&self, wanted: impl Fn(&State) -> bool) {
        loop {
            let changed = self.inside.changed.notified();
            if wanted(&self.inside.lock()) {
                return;
            }
            changed.await;
        }
    }

    /// Everything so far.
    pub fn made(&self) -> Vec<Made> {
        self.inside.lock().made.clone()
    }

    /// Waits for a call like this. Each is found once, in order.
    pub async fn until(&self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let search = async {
            loop {
                let changed = self.inside.changed.notified();
                {
                    let mut state = self.inside.lock();
                    while state.looked_at < state.made.len() {
                        let made = state.made[state.looked_at].clone();
                        state.looked_at += 1;
                        if made.method == method && made.done && wanted(&made.body) {
                            return made.body;
                        }
                    }
                }
                changed.await;
            }
        };
        let found = timeout(LIMIT, search).await;
        found.unwrap_or_else(|_| panic!("no {method} like that, but {:#?}", self.made()))
    }

    /// How many calls like this were done.
    pub fn count(&self, method: &str, wanted: impl Fn(&Value) -> bool) -> usize {
        let state = self.inside.lock();
        let done = state.made.iter().filter(|made| made.done);
        done.filter(|made| made.method == method && wanted(&made.body))
            .count()
    }

    /// Waits until so many were.
    pub async fn until_count(&self, method: &str, wanted: impl Fn(&Value) -> bool, count: usize) {
        let wanted = |made: &Made| made.done && made.method == method && wanted(&made.body);
        self.until_calls(wanted, count).await;
    }

    /// Waits until so many calls like this were made.
    pub async fn until_calls(&self, wanted: impl Fn(&Made) -> bool, count: usize) {
        let search = self
            .until_it_is(|state| state.made.iter().filter(|made| wanted(made)).count() >= count);
        let found = timeout(LIMIT, search).await;
        found.unwrap_or_else(|_| panic!("no {count} calls like that, but {:#?}", self.made()));
    }

    /// Waits until a call was refused.
    pub async fn until_refused(&self, method: &str) {
        self.until_calls(|made| made.method == method && !made.done, 1)
            .await;
    }

    /// Waits for a message with these words in it.
    pub async fn says(&self, words: &str) -> Value {
        self.until("SendMessage", |body| text(body).contains(words))
            .await
    }
}

impl Inside {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody broke it")
    }
}

pub fn text(body: &Value) -> &str {
    body["text"].as_str().unwrap_or_default()
}

/// A message as Telegram tells of it.
pub fn message_of(chat: i64, person: i64, message: i64, more: Value) -> Value {
    let kind = if chat > 0 { "private" } else { "supergroup" };
    let username = match person {
        7001 => "alex".to_owned(),
        other => format!("user{other}"),
    };
    let mut told = json!({
        "message_id": message,
        "date": 1_764_000_000,
        "chat": {"id": chat, "type": kind, "first_name": "Алекс", "title": "Группа"},
        "from": {"id": person, "is_bot": false, "first_name": "Алекс", "username": username, "language_code": "ru"},
    });
    for (name, value) in more.as_object().expect("an object") {
        told[name] = value.clone();
    }
    told
}

async fn answer(
    extract::State(inside): extract::State<Arc<Inside>>,
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    if bot != format!("bot{TOKEN}") {
        let said = json!({"ok": false, "error_code": 401, "description": "Unauthorized"});
        return (StatusCode::UNAUTHORIZED, Json(said)).into_response();
    }
    let body = body_of(&headers, &bytes);
    if method == "SendVoice"
        && let Some(at) = bytes.windows(4).position(|four| four == b"OggS")
    {
        inside.lock().voices.push(bytes[at..].to_vec());
    }
    if method == "GetUpdates" {
        return Json(json!({"ok": true, "result": updates(&inside, &body).await})).into_response();
    }
    let refusal = {
        let mut state = inside.lock();
        let next = state.refusals.iter().position(|(name, ..)| *name == method);
        next.and_then(|at| state.refusals.remove(at))
    };
    let chat = body["chat_id"].as_i64().unwrap_or_default();
    let refusal = refusal.or_else(|| {
        let said = json!({"ok": false, "error_code": 403,
            "description": "Forbidden: bot was blocked by the user"});
        let blocked = inside.lock().blockers.contains(&chat);
        blocked.then(|| (method.clone(), 403, said))
    });
    let done = refusal.is_none();
    let mut body = body;
    let answer = match refusal {
        Some((_, status, said)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, Json(said)).into_response()
        }
        None => match result(&inside, &method, &body) {
            Ok(result) => {
                // What tests need to know of the answer.
                if let Some(message) = result.get("message_id") {
                    body["message_made"] = message.clone();
                }
                Json(json!({"ok": true, "result": result})).into_response()
            }
            Err(why) => {
                let said = json!({"ok": false, "error_code": 400, "description": why});
                (StatusCode::BAD_REQUEST, Json(said)).into_response()
            }
        },
    };
    let done = done && answer.status().is_success();
    // What a bot asks for when it begins is of no chat.
    let is_of_chat = !body["chat_id"].is_null();
    let swallowed = {
        let mut state = inside.lock();
        state.made.push(Made {
            method,
            body,
            done,
            at: Instant::now(),
        });
        is_of_chat && state.swallow.is_some_and(|from| state.made.len() >= from)
    };
    inside.changed.notify_waiters();
    if swallowed {
        std::future::pending::<()>().await;
    }
    answer
}

/// A file, as Telegram gives it to a bot.
async fn file(
    extract::State(inside): extract::State<Arc<Inside>>,
    Path((bot, path)): Path<(String, String)>,
) -> Response {
    let id = path.strip_prefix("files/").unwrap_or_default();
    let bytes = inside.lock().files.get(id).cloned();
    match bytes {
        Some(bytes) if bot == format!("bot{TOKEN}") => bytes.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// JSON as it is; of a form only the fields, which is all the tests look at.
fn body_of(headers: &HeaderMap, bytes: &[u8]) -> Value {
    let kind = headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("application/json") {
        return serde_json::from_slice(bytes).unwrap_or(Value::Null);
    }
    let text = String::from_utf8_lossy(bytes);
    let mut fields = json!({});
    for part in text.split("form-data; name=\"").skip(1) {
        if let Some((name, rest)) = part.split_once('"')
            && let Some((_, value)) = rest.split_once("\r\n\r\n")
        {
            fields[name] = value.split("\r\n--").next().unwrap_or_default().into();
        }
    }
    fields
}

async fn updates(inside: &Inside, body: &Value) -> Vec<Value> {
    let offset = body["offset"].as_i64().unwrap_or(0);
    let hold = Duration::from_secs(body["timeout"].as_u64().unwrap_or(0));
    let search = async {
        loop {
            let changed = inside.changed.notified();
            {
                let mut state = inside.lock();
                if offset > 0 {
                    state
                        .updates
                        .retain(|u| u["update_id"].as_i64() >= Some(offset));
                }
                if !state.updates.is_empty() {
                    return state.updates.iter().take(100).cloned().collect();
                }
            }
            changed.await;
        }
    };
    timeout(hold, search).await.unwrap_or_default()
}

fn result(inside: &Inside, method: &str, body: &Value) -> Result<Value, String> {
    check(method, body)?;
    let chat = body["chat_id"].as_i64().unwrap_or_default();
    let mut state = inside.lock();
    Ok(match method {
        "GetMe" => json!({
            "id": 110_201_543, "is_bot": true, "first_name": "Sfera", "username": "sfera_bot",
            "can_join_groups": true, "can_read_all_group_messages": false,
            "supports_inline_queries": false, "can_connect_to_business": false,
            "has_main_web_app": false,
        }),
        "SendMessage" | "SendVoice" | "SendPhoto" | "SendDocument" | "EditMessageText" => {
            let edited = body["message_id"].as_i64();
            if edited.is_none() {
                state.last_message += 1;
            }
            let id = edited.unwrap_or(state.last_message);
            let text = json!({"text": text(body)});
            let mut message = message_of(chat, 110_201_543, id, text);
            message["from"] = json!({"id": 110_201_543, "is_bot": true, "first_name": "Sfera"});
            message
        }
        "GetChatMember" => {
            let person = body["user_id"].as_i64().unwrap_or_default();
            let user = json!({"id": person, "is_bot": false, "first_name": "Алекс"});
            let status = match state.members.contains(&(chat, person)) {
                true => "member",
                false => "left",
            };
            json!({"status": status, "user": user})
        }
        "GetFile" => {
            let id = body["file_id"].as_str().unwrap_or_default();
            let wrong = "Bad Request: wrong file_id or the file is temporarily unavailable";
            let bytes = state.files.get(id).ok_or(wrong)?;
            json!({
                "file_id": id, "file_unique_id": id, "file_size": bytes.len(),
                "file_path": format!("files/{id}"),
            })
        }
        "CopyMessage" => {
            state.last_message += 1;
            json!({"message_id": state.last_message})
        }
        _ => json!(true),
    })
}

/// What Telegram refuses.
fn check(method: &str, body: &Value) -> Result<(), String> {
    let app = |body: &Value| -> Option<String> {
        let rows = body["reply_markup"]["inline_keyboard"].as_array()?;
        let mut buttons = rows.iter().filter_map(Value::as_array).flatten();
        buttons.find_map(|b| b["web_app"]["url"].as_str().map(str::to_owned))
    };
    if app(body).is_some_and(|url| !url.starts_with("https://")) {
        return Err("Bad Request: inline keyboard button Web App URL is invalid: Only HTTPS links are allowed".into());
    }
    if app(body).is_some() && body["chat_id"].as_i64() < Some(0) {
        return Err("Bad Request: BUTTON_TYPE_INVALID".into());
    }
    if matches!(method, "SendMessage" | "EditMessageText") {
        if text(body).trim().is_empty() {
            return Err("Bad Request: message text is empty".into());
        }
        if text(body).encode_utf16().count() > 3 * 4096 {
            return Err("Bad Request: message is too long".into());
        }
    }
    Ok(())
}
