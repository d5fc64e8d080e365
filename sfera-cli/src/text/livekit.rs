//! LiveKit: the worker, rooms, tokens.

use super::{Text, sentences};
use crate::error::LiveKitProblem;
use sfera_agent::{
    io::room::{JoinError, RoomEnd},
    worker::DispatchError,
};

sentences! {
    worker_ready(name, url, jobs) {
        ru: "Сфера готова: агент «{name}» ждёт вызовов от {url}, разговоров одновременно не больше {jobs}.",
        en: "Sfera is ready: the agent \"{name}\" waits for calls from {url}, {jobs} conversations at a time.",
    }
    worker_health(address) {
        ru: "Состояние: http://{address}/, показатели: http://{address}/metrics",
        en: "Health: http://{address}/, figures: http://{address}/metrics",
    }
    worker_bench(silence, speech) {
        ru: "Замер: без моделей, ответ – три секунды тона; тишина до ответа {silence} мс, умолкает через {speech} мс чужой речи.",
        en: "Measuring: no models, each answer is three seconds of a tone; silence before it {silence} ms; falls silent after {speech} ms of the caller's speech.",
    }
    worker_drains() {
        ru: "Новых разговоров не беру, начатые договариваю. Ещё раз Ctrl+C: закончить сразу.",
        en: "No new conversations; those that began go on to their end. Ctrl+C again ends them at once.",
    }
    call_agent_came(who) { ru: "Агент здесь: {who}", en: "The agent is here: {who}" }
    call_agent_left() { ru: "Агент ушёл.", en: "The agent left." }
    call_reconnecting() { ru: "Связь прервалась, восстанавливаю…", en: "The connection broke, repairing it…" }
    call_reconnected() { ru: "Связь снова есть.", en: "The connection is back." }
    call_agent_said(words) { ru: "Агент: {words}", en: "Agent: {words}" }
    call_i_said(words) { ru: "Вы: {words}", en: "You: {words}" }
    call_ended() { ru: "Разговор окончен.", en: "The call is over." }
    call_reception(lost, all, delay, concealed) {
        ru: "Связь: потеряно пакетов {lost} из {all}, задержка буфера {delay} мс, додумано звука {concealed} мс.",
        en: "Connection: {lost} of {all} packets lost, {delay} ms of buffering, {concealed} ms of sound made up.",
    }
    room_joined(room) {
        ru: "Агент в комнате «{room}» и ждёт собеседника.",
        en: "The agent is in the room \"{room}\" and waits for a caller.",
    }
    livekit_unset(name) {
        ru: "Не задано {name}: впишите его в .env (пример – .env.example).",
        en: "{name} is not set: put it into .env (see .env.example).",
    }
    room_drains() {
        ru: "Договариваю и ухожу. Ещё раз Ctrl+C: уйти сразу.",
        en: "Finishing the sentence and leaving. Ctrl+C again leaves at once.",
    }
    livekit_not_ready() {
        ru: "Агент не готов: какая-то его часть не запускается. Проверьте: sfera doctor, подробности с SFERA_LOG=warn.",
        en: "The agent is not ready: a part of it does not start. Check with sfera doctor; SFERA_LOG=warn tells more.",
    }
    livekit_nobody_came() { ru: "В комнату никто не пришёл.", en: "Nobody came into the room." }
    livekit_gone() {
        ru: "Агент не пришёл: комнату закрыли или вызов отменили.",
        en: "The agent did not come: there is no such room any more, or the dispatch was taken back.",
    }
    livekit_health(address) {
        ru: "Адрес {address} для проверки состояния занят или недоступен: назовите другой в --health.",
        en: "{address} is taken or cannot be used for health: name another with --health.",
    }
    livekit_no_agent(agent, seconds) {
        ru: "Агент «{agent}» не пришёл за {seconds} с: запущен ли sfera worker и есть ли у него место?",
        en: "The agent \"{agent}\" did not come within {seconds} s: does sfera worker run, and has it room?",
    }
    livekit_api(why) { ru: "Сервер LiveKit не отвечает как надо: {why}.", en: "The LiveKit server does not answer as it should: {why}." }
    livekit_refused(status) { ru: "Сервер LiveKit отказывает: HTTP {status}.", en: "The LiveKit server refuses: HTTP {status}." }
    livekit_trouble(status) {
        ru: "У сервера LiveKit неполадки: HTTP {status}. Попробуйте позже.",
        en: "The LiveKit server is in trouble: HTTP {status}. Try again later.",
    }
}

impl Text {
    /// What an agent says first in a room.
    pub const fn worker_greeting(self) -> &'static str {
        self.pick(
            "Здравствуйте! Я Сфера. Слушаю вас.",
            "Hello! I am Sfera. I am listening.",
        )
    }

    /// What is wrong with LiveKit.
    pub fn livekit_problem(self, problem: &LiveKitProblem) -> String {
        match problem {
            LiveKitProblem::Unset(name) => self.livekit_unset(name),
            LiveKitProblem::Refused(error) => self.join_problem(*error),
            LiveKitProblem::NotReady => self.livekit_not_ready(),
            LiveKitProblem::Health(address) => self.livekit_health(address),
            LiveKitProblem::Dispatch(DispatchError::NoAgent { agent, waited }) => {
                self.livekit_no_agent(agent, waited.as_secs())
            }
            LiveKitProblem::Dispatch(DispatchError::Gone) => self.livekit_gone(),
            LiveKitProblem::Dispatch(DispatchError::Refused(error)) => self.join_problem(*error),
            LiveKitProblem::Dispatch(DispatchError::Server(why)) => self.livekit_api(why),
            LiveKitProblem::NobodyCame => self.livekit_nobody_came(),
            LiveKitProblem::BrokeOff(end) => self.broke_off(*end).to_owned(),
        }
    }

    /// Why a call or a conversation ended before it was over.
    const fn broke_off(self, end: RoomEnd) -> &'static str {
        match end {
            RoomEnd::RoomClosed => self.pick(
                "Комнату закрыли раньше, чем разговор закончился.",
                "The room was closed before the conversation was over.",
            ),
            RoomEnd::Removed => self.pick(
                "Этого участника удалили из комнаты.",
                "Somebody removed this participant from the room.",
            ),
            RoomEnd::DuplicateIdentity => self.pick(
                "Под этим же именем пришёл другой участник, и сервер отключил этого: назовите другое имя.",
                "Another participant came under the same name, and the server disconnected this one: choose another name.",
            ),
            RoomEnd::ServerShutdown => self.pick(
                "Сервер LiveKit остановился и не вернулся.",
                "The LiveKit server shut down and did not come back.",
            ),
            RoomEnd::ConnectionLost => self.pick(
                "Связь с комнатой потеряна, восстановить её не удалось.",
                "The connection to the room was lost and could not be repaired.",
            ),
            RoomEnd::SessionBroke => self.pick(
                "Разговор оборвался из-за ошибки в самой Сфере: пожалуйста, сообщите о ней.",
                "The conversation broke off by a mistake in Sfera itself: please report it.",
            ),
            RoomEnd::AlreadyServed => self.pick(
                "В комнате уже есть агент с этим именем.",
                "An agent of this name is in the room already.",
            ),
            RoomEnd::Stopped | RoomEnd::Session(_) | RoomEnd::CallerLeft => self.pick(
                "Разговор прервался.",
                "The conversation broke off.",
            ),
        }
    }

    /// Why a room or a server lets nobody in.
    pub fn join_problem(self, error: JoinError) -> String {
        let said = match error {
            JoinError::Refused(status) => return self.livekit_refused(status),
            JoinError::Trouble(status) => return self.livekit_trouble(status),
            JoinError::Url => self.pick(
                "LIVEKIT_URL – не адрес LiveKit: он начинается с wss:// или ws://.",
                "LIVEKIT_URL is no LiveKit address: it begins with wss:// or ws://.",
            ),
            JoinError::Unreachable => self.pick(
                "По адресу LIVEKIT_URL никто не отвечает: проверьте адрес и запущен ли сервер.",
                "Nothing answers at LIVEKIT_URL: check the address, and that the server runs.",
            ),
            JoinError::NotLiveKit => self.pick(
                "По адресу LIVEKIT_URL отвечает не LiveKit: проверьте адрес.",
                "What answers at LIVEKIT_URL is no LiveKit server: check the address.",
            ),
            JoinError::TokenMalformed => self.pick(
                "Токен испорчен: сделайте новый (sfera token).",
                "The token is malformed: make a new one (sfera token).",
            ),
            JoinError::TokenExpired => self.pick(
                "Срок токена вышел: сделайте новый (sfera token).",
                "The token has expired: make a new one (sfera token).",
            ),
            JoinError::ClockSkew => self.pick(
                "По часам сервера LiveKit токен сейчас не действует: сверьте часы этой машины, сервера и той, где сделан токен.",
                "By the LiveKit server's clock the token is not valid now: set the clocks of this machine, of the server and of the one that made the token.",
            ),
            JoinError::UnknownKey => self.pick(
                "Сервер LiveKit не знает такого LIVEKIT_API_KEY: проверьте его.",
                "The LiveKit server does not know this LIVEKIT_API_KEY: check it.",
            ),
            JoinError::WrongSecret => self.pick(
                "LIVEKIT_API_SECRET не подходит к LIVEKIT_API_KEY: проверьте его.",
                "LIVEKIT_API_SECRET does not fit LIVEKIT_API_KEY: check it.",
            ),
            JoinError::Forbidden => self.pick(
                "Токен не пускает в эту комнату.",
                "The token does not allow to join this room.",
            ),
            JoinError::MayNotPublish => self.pick(
                "С этим токеном нельзя говорить: нужно право canPublish.",
                "The token does not allow to publish sound: it needs the grant canPublish.",
            ),
            JoinError::NoMedia => self.pick(
                "Сервер LiveKit отвечает, но звуку не пройти: откройте в брандмауэре его порты UDP и TCP или настройте TURN.",
                "The LiveKit server answers, but sound finds no way: open its UDP and TCP ports in the firewall, or set up TURN.",
            ),
            JoinError::Timeout => self.pick(
                "Сервер LiveKit не ответил вовремя или ответил не по протоколу: попробуйте ещё раз и проверьте его версию.",
                "The LiveKit server did not answer in time, or not in its protocol: try again, and check its version.",
            ),
            JoinError::Publish => self.pick(
                "Сервер LiveKit не принял звук: попробуйте ещё раз.",
                "The LiveKit server did not accept the sound: try again.",
            ),
            JoinError::Protocol => self.pick(
                "Сервер LiveKit говорит на другом протоколе: нужна версия 1.8.0 или новее.",
                "The LiveKit server speaks another protocol: use version 1.8.0 or newer.",
            ),
            JoinError::NoWorkers => self.pick(
                "Для sfera worker нужен сервер LiveKit 1.7.2 или новее: этот старше, или прокси перед ним не пропускает /agent.",
                "sfera worker needs LiveKit server 1.7.2 or newer: this one is older, or a proxy before it does not pass /agent on.",
            ),
        };
        said.to_owned()
    }
}
