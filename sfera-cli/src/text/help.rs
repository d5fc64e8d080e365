//! Help texts, looked up by the path of a command and the name of an argument.

use super::{Text, sentences};

sentences! {
    usual_value(value) { ru: "обычно {value}", en: "{value} by default" }
}

impl Text {
    /// Before the usage line.
    pub const fn usage_heading(self) -> &'static str {
        self.pick("Использование", "Usage")
    }

    /// Above the list of arguments.
    pub const fn options(self) -> &'static str {
        self.pick("Параметры", "Options")
    }

    /// Above the list of commands.
    pub const fn commands(self) -> &'static str {
        self.pick("Команды", "Commands")
    }

    /// What a command does, in a line.
    pub fn about(self, path: &str) -> Option<&'static str> {
        Some(match path {
            "sfera" => self.pick(
                "Голосовой собеседник в терминале: без ключей и без сети",
                "A voice conversation in the terminal: no keys, no network",
            ),
            "sfera talk" => self.pick(
                "Разговор: с микрофоном, из файла, с клавиатуры или по записанному сценарию",
                "A conversation: by microphone, from a file, by keyboard or from a recorded scenario",
            ),
            "sfera worker" => self.pick(
                "Разговоры в комнатах LiveKit, по вызову",
                "Conversations in LiveKit rooms, on call",
            ),
            "sfera worker start" => self.pick(
                "Принимать вызовы; по SIGTERM договорить начатое и закончить",
                "Take calls; on SIGTERM finish what has begun and end",
            ),
            "sfera worker dev" => self.pick(
                "То же для разработчика: журнал для чтения, Ctrl+C заканчивает сразу",
                "The same for a developer: a readable log, Ctrl+C ends at once",
            ),
            "sfera room" => self.pick(
                "Комната LiveKit: позвонить агенту или прийти агентом без вызова",
                "A LiveKit room: call an agent, or join as one without a dispatch",
            ),
            "sfera room call" => self.pick(
                "Позвонить агенту с микрофона или вопросом из файла",
                "Call an agent by microphone or with a question from a file",
            ),
            "sfera room join" => self.pick(
                "Прийти агентом в комнату, без вызова",
                "Join a room as an agent, without a dispatch",
            ),
            "sfera token" => self.pick(
                "Сделать токен для входа в комнату LiveKit",
                "Make a token that opens a LiveKit room",
            ),
            "sfera models" => self.pick("Файлы моделей", "Model files"),
            "sfera models list" => self.pick(
                "Показать модели и что из них уже на диске",
                "Show the models and which of them are on disk",
            ),
            "sfera models pull" => self.pick(
                "Скачать недостающее (с докачкой и проверкой sha256)",
                "Download what is missing (resumes, checks sha256)",
            ),
            "sfera models verify" => self.pick(
                "Перечитать файлы и сверить sha256",
                "Read the files again and compare sha256",
            ),
            "sfera kb" => self.pick(
                "База знаний: документы, из которых агент отвечает",
                "The knowledge base: documents the agent answers from",
            ),
            "sfera kb setup" => self.pick(
                "Сделать пустую базу знаний",
                "Make an empty knowledge base",
            ),
            "sfera kb ingest" => self.pick(
                "Взять документы в базу; во второй раз – только то, что изменилось",
                "Take documents in; the second time only what has changed",
            ),
            "sfera kb questions" => self.pick(
                "Написать вопросы, на которые отвечают отрывки, чтобы находить их и по вопросам",
                "Write the questions that passages answer, so that they are found by these too",
            ),
            "sfera kb search" => self.pick(
                "Найти в базе и показать источник",
                "Look something up and show its source",
            ),
            "sfera kb list" => self.pick("Показать документы базы", "Show the documents"),
            "sfera kb remove" => self.pick("Убрать документы из базы", "Take documents out"),
            "sfera kb stats" => self.pick(
                "Сколько в базе документов и отрывков и как в ней ищут",
                "How many documents and passages there are and how they are found",
            ),
            "sfera kb export" => self.pick(
                "Выписать всё в JSONL; его можно взять обратно",
                "Write everything down as JSONL, which can be ingested again",
            ),
            "sfera replay" => self.pick(
                "Прогнать записанный разговор ещё раз и сравнить, что сделал агент",
                "Run a recorded session again and compare what the agent did",
            ),
            "sfera doctor" => self.pick(
                "Проверить, всё ли есть на этой машине, и сказать, что сделать",
                "Check this machine and say what to do",
            ),
            "sfera completions" => self.pick(
                "Напечатать скрипт автодополнения для оболочки",
                "Print a completion script for a shell",
            ),
            _ => return None,
        })
    }

    /// A command's usage line.
    pub fn usage(self, path: &str) -> Option<&'static str> {
        Some(match path {
            "sfera" => self.pick("sfera [ПАРАМЕТРЫ] КОМАНДА", "sfera [OPTIONS] COMMAND"),
            "sfera talk" => self.pick("sfera talk [ПАРАМЕТРЫ]", "sfera talk [OPTIONS]"),
            "sfera worker" => self.pick("sfera worker КОМАНДА", "sfera worker COMMAND"),
            "sfera worker start" => self.pick(
                "sfera worker start [ПАРАМЕТРЫ]",
                "sfera worker start [OPTIONS]",
            ),
            "sfera worker dev" => {
                self.pick("sfera worker dev [ПАРАМЕТРЫ]", "sfera worker dev [OPTIONS]")
            }
            "sfera room" => self.pick("sfera room КОМАНДА", "sfera room COMMAND"),
            "sfera room call" => self.pick(
                "sfera room call [ПАРАМЕТРЫ] КОМНАТА",
                "sfera room call [OPTIONS] ROOM",
            ),
            "sfera room join" => self.pick(
                "sfera room join [ПАРАМЕТРЫ] КОМНАТА",
                "sfera room join [OPTIONS] ROOM",
            ),
            "sfera token" => self.pick(
                "sfera token --room КОМНАТА --identity ИМЯ [ПАРАМЕТРЫ]",
                "sfera token --room ROOM --identity NAME [OPTIONS]",
            ),
            "sfera models" => self.pick("sfera models КОМАНДА", "sfera models COMMAND"),
            "sfera models list" => self.pick(
                "sfera models list [ПАРАМЕТРЫ]",
                "sfera models list [OPTIONS]",
            ),
            "sfera models pull" => {
                self.pick("sfera models pull [МОДЕЛЬ]…", "sfera models pull [MODEL]…")
            }
            "sfera models verify" => self.pick(
                "sfera models verify [МОДЕЛЬ]…",
                "sfera models verify [MODEL]…",
            ),
            "sfera kb" => self.pick("sfera kb КОМАНДА", "sfera kb COMMAND"),
            "sfera kb setup" => self.pick("sfera kb setup [ПАРАМЕТРЫ]", "sfera kb setup [OPTIONS]"),
            "sfera kb ingest" => self.pick(
                "sfera kb ingest [ПАРАМЕТРЫ] ПУТЬ…",
                "sfera kb ingest [OPTIONS] PATH…",
            ),
            "sfera kb questions" => self.pick(
                "sfera kb questions [ПАРАМЕТРЫ]",
                "sfera kb questions [OPTIONS]",
            ),
            "sfera kb search" => self.pick(
                "sfera kb search [ПАРАМЕТРЫ] ВОПРОС",
                "sfera kb search [OPTIONS] QUERY",
            ),
            "sfera kb list" => self.pick("sfera kb list [ПАРАМЕТРЫ]", "sfera kb list [OPTIONS]"),
            "sfera kb remove" => self.pick("sfera kb remove ИСТОЧНИК…", "sfera kb remove SOURCE…"),
            "sfera kb stats" => self.pick("sfera kb stats [ПАРАМЕТРЫ]", "sfera kb stats [OPTIONS]"),
            "sfera kb export" => self.pick("sfera kb export [ФАЙЛ]", "sfera kb export [FILE]"),
            "sfera replay" => self.pick(
                "sfera replay [ПАРАМЕТРЫ] ФАЙЛ",
                "sfera replay [OPTIONS] FILE",
            ),
            "sfera doctor" => self.pick("sfera doctor [ПАРАМЕТРЫ]", "sfera doctor [OPTIONS]"),
            "sfera completions" => {
                self.pick("sfera completions ОБОЛОЧКА", "sfera completions SHELL")
            }
            _ => return None,
        })
    }

    /// Examples, and what else is worth knowing, under a command's help.
    pub fn examples(self, path: &str) -> Option<&'static str> {
        Some(match path {
            "sfera" => self.pick(SFERA_RU, SFERA_EN),
            "sfera talk" => self.pick(TALK_RU, TALK_EN),
            "sfera worker" | "sfera worker start" | "sfera worker dev" => {
                self.pick(WORKER_RU, WORKER_EN)
            }
            "sfera room" | "sfera room call" => self.pick(
                "Примеры:\n  sfera room call demo --dispatch sfera\n  sfera room call demo --dispatch sfera --wav вопрос.wav --out ответ.wav\n\nКод возврата 4, если агент не пришёл или не ответил.",
                "Examples:\n  sfera room call demo --dispatch sfera\n  sfera room call demo --dispatch sfera --wav question.wav --out answer.wav\n\nExits with 4 if no agent came or answered.",
            ),
            "sfera room join" => self.pick(
                "Примеры:\n  sfera room join demo\n  sfera room join demo --lang en",
                "Examples:\n  sfera room join demo\n  sfera room join demo --lang en",
            ),
            "sfera token" => self.pick(
                "Примеры:\n  sfera token --room demo --identity anna\n  sfera token --room demo --identity anna --agent sfera --json\n\nНужны LIVEKIT_URL, LIVEKIT_API_KEY и LIVEKIT_API_SECRET в .env.",
                "Examples:\n  sfera token --room demo --identity anna\n  sfera token --room demo --identity anna --agent sfera --json\n\nLIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are needed in .env.",
            ),
            "sfera models" | "sfera models list" => self.pick(
                "Примеры:\n  sfera models list\n  sfera models pull",
                "Examples:\n  sfera models list\n  sfera models pull",
            ),
            "sfera models pull" => self.pick(
                "Примеры:\n  sfera models pull               всё, что нужно для разговора\n  sfera models pull whisper-base  одну модель\n\nПрерванную загрузку можно продолжить той же командой.",
                "Examples:\n  sfera models pull               all that a conversation needs\n  sfera models pull whisper-base  one model\n\nAn interrupted download goes on with the same command.",
            ),
            "sfera models verify" => self.pick(
                "Примеры:\n  sfera models verify\n\nКод возврата 3, если файла нет или он повреждён.",
                "Examples:\n  sfera models verify\n\nExits with 3 if a file is missing or damaged.",
            ),
            "sfera kb" | "sfera kb ingest" => self.pick(
                "Примеры:\n  sfera kb ingest статьи            папка: md, txt, html, pdf, docx, jsonl\n  sfera kb ingest правила.pdf       один файл\n  sfera kb ingest --watch статьи    и снова, когда в ней что-то изменится\n\nПрервать можно когда угодно: та же команда продолжит. Код возврата 2, если какой-то файл\nне прочитан; остальные взяты. Если папки не стало или она опустела (диск не подключён?),\nвзятое из неё остаётся; убрать его: sfera kb remove ПАПКА.",
                "Examples:\n  sfera kb ingest articles          a folder: md, txt, html, pdf, docx, jsonl\n  sfera kb ingest rules.pdf         a file\n  sfera kb ingest --watch articles  and again when something in it changes\n\nIt may be interrupted at any time: the same command goes on. Exits with 2 if a file could\nnot be read; the others are in. What was taken from a folder that is gone or empty now\n(a disk that is not mounted?) stays; to remove it: sfera kb remove FOLDER.",
            ),
            "sfera kb setup" => self.pick(
                "Примеры:\n  sfera kb setup                    обычно не нужно: её сделает sfera kb ingest\n  sfera kb setup --texts ru         все тексты на русском\n  sfera kb setup --anew             выбросить всё, например ради другой модели",
                "Examples:\n  sfera kb setup                    seldom needed: sfera kb ingest does it\n  sfera kb setup --texts en         all texts are English\n  sfera kb setup --anew             throw everything away, say for another model",
            ),
            "sfera kb questions" => self.pick(
                "Примеры:\n  sfera kb questions                вопросы к отрывкам, у которых их ещё нет\n  sfera kb questions --anew         всё, что писала модель, заново\n\nПишет языковая модель из настроек, по запросу на отрывок; в разговоре она для поиска\nне нужна. Прервать можно когда угодно: sfera kb questions продолжит. Код возврата 4, если к\nкаким-то отрывкам модель вопросов не придумала.",
                "Examples:\n  sfera kb questions                for passages that have none yet\n  sfera kb questions --anew         all that the model wrote, once more\n\nThe language model of the settings writes, one request for each passage; conversations\nneed no model to search. It may be interrupted at any time: sfera kb questions goes on.\nExits with 4 if the model wrote nothing for some passages.",
            ),
            "sfera kb search" => self.pick(
                "Примеры:\n  sfera kb search сколько рисковать на сделку\n  sfera kb search --limit 1 --json ETF",
                "Examples:\n  sfera kb search how much to risk on a trade\n  sfera kb search --limit 1 --json ETF",
            ),
            "sfera kb list" | "sfera kb stats" => self.pick(
                "Примеры:\n  sfera kb list\n  sfera kb stats --json",
                "Examples:\n  sfera kb list\n  sfera kb stats --json",
            ),
            "sfera kb remove" => self.pick(
                "Примеры:\n  sfera kb remove статьи/старое.md\n  sfera kb remove статьи                     всё, что взято из папки\n  sfera kb remove https://example.org/faq\n\nФайл, который остался в папке, вернётся при следующем sfera kb ingest.",
                "Examples:\n  sfera kb remove articles/old.md\n  sfera kb remove articles                   all that was taken from a folder\n  sfera kb remove https://example.org/faq\n\nA file that is still in its folder comes back with the next sfera kb ingest.",
            ),
            "sfera kb export" => self.pick(
                "Примеры:\n  sfera kb export копия.jsonl\n  sfera kb export | head -1",
                "Examples:\n  sfera kb export copy.jsonl\n  sfera kb export | head -1",
            ),
            "sfera replay" => self.pick(
                "Примеры:\n  sfera replay sfera-talk/session-1.jsonl\n  sfera replay --svg картинка.svg запись.jsonl\n\nКод возврата 1, если агент поступил иначе, чем в записи.",
                "Examples:\n  sfera replay sfera-talk/session-1.jsonl\n  sfera replay --svg picture.svg recording.jsonl\n\nExits with 1 if the agent did something else than in the recording.",
            ),
            "sfera doctor" => self.pick(
                "Примеры:\n  sfera doctor\n  sfera doctor --json\n\nКод возврата 0, если разговор возможен, и 3, если чего-то не хватает.",
                "Examples:\n  sfera doctor\n  sfera doctor --json\n\nExits with 0 if a conversation is possible and with 3 if something is missing.",
            ),
            "sfera completions" => self.pick(
                "Оболочки: bash, zsh, fish, elvish, powershell.\n\nПримеры:\n  sfera completions bash > ~/.local/share/bash-completion/completions/sfera\n  sfera completions zsh > ~/.zfunc/_sfera",
                "Shells: bash, zsh, fish, elvish, powershell.\n\nExamples:\n  sfera completions bash > ~/.local/share/bash-completion/completions/sfera\n  sfera completions zsh > ~/.zfunc/_sfera",
            ),
            _ => return None,
        })
    }

    /// What the value of an option or an argument is called.
    pub fn value_name(self, name: &str) -> Option<&'static str> {
        Some(match name {
            "ru|en" => "ru|en",
            "FILE" => self.pick("ФАЙЛ", "FILE"),
            "DIR" => self.pick("ПАПКА", "DIR"),
            "PATH" => self.pick("ПУТЬ", "PATH"),
            "NAME" => self.pick("ИМЯ", "NAME"),
            "MODEL" => self.pick("МОДЕЛЬ", "MODEL"),
            "ROOM" => self.pick("КОМНАТА", "ROOM"),
            "QUERY" => self.pick("ВОПРОС", "QUERY"),
            "SOURCE" => self.pick("ИСТОЧНИК", "SOURCE"),
            "SHELL" => self.pick("ОБОЛОЧКА", "SHELL"),
            "N" => self.pick("ЧИСЛО", "N"),
            "PERCENT" => self.pick("ПРОЦЕНТ", "PERCENT"),
            "ADDRESS:PORT" => self.pick("АДРЕС:ПОРТ", "ADDRESS:PORT"),
            _ => return None,
        })
    }

    /// What an argument means. `sfera` holds those that every command has.
    pub fn argument_help(self, path: &str, id: &str) -> Option<&'static str> {
        let found = match (path, id) {
            (_, "help") => self.pick("Показать эту справку", "Show this help"),
            (_, "version") => self.pick("Показать версию", "Show the version"),
            (_, "lang") => self.pick(
                "Язык разговора и сообщений: ru или en",
                "Language of the conversation and of all messages: ru or en",
            ),
            (_, "config") => self.pick(
                "Файл настроек вместо ./sfera.toml и ~/.config/sfera/sfera.toml",
                "Settings instead of ./sfera.toml and ~/.config/sfera/sfera.toml",
            ),
            ("sfera talk", id) => return self.talk_argument(id),
            ("sfera worker start" | "sfera worker dev", id) => return self.worker_argument(id),
            ("sfera room call" | "sfera room join", id) => return self.room_argument(id),
            ("sfera token", id) => return self.token_argument(id),
            (
                "sfera models list" | "sfera doctor" | "sfera kb ingest" | "sfera kb questions"
                | "sfera kb search" | "sfera kb list" | "sfera kb stats",
                "json",
            ) => self.pick("Печатать JSON для программ", "Print JSON for programs"),
            ("sfera models pull" | "sfera models verify", "names") => self.pick(
                "Имена моделей; без них берутся нужные для разговора",
                "Names of models; those a conversation needs if none is named",
            ),
            ("sfera kb setup", "anew") => self.pick(
                "Сначала удалить всё, что в ней есть",
                "Delete all that is in it first",
            ),
            ("sfera kb setup", "texts") => self.pick(
                "На каком языке тексты: ru или en (обычно на обоих)",
                "Language of the texts: ru or en (both by default)",
            ),
            ("sfera kb ingest", "paths") => self.pick("Файлы и папки", "Files and folders"),
            ("sfera kb ingest", "watch") => self.pick(
                "Следить за ними и брать изменения сразу",
                "Watch them and take changes in at once",
            ),
            ("sfera kb questions", "anew") => self.pick(
                "Написать заново и то, что модель написала раньше",
                "Write anew what the model wrote before, too",
            ),
            ("sfera kb search", "query") => self.pick("Вопрос", "The question"),
            ("sfera kb search", "limit") => self.pick(
                "Сколько отрывков показать, не больше",
                "Passages to show, at most",
            ),
            ("sfera kb remove", "sources") => self.pick(
                "Папки, а также пути и адреса, как их показывает sfera kb list",
                "Folders, and paths or URLs as sfera kb list shows them",
            ),
            ("sfera kb export", "file") => self.pick(
                "Куда писать; без него – на экран",
                "Where it goes; to stdout without it",
            ),
            ("sfera replay", "file") => self.pick(
                "Запись разговора (.jsonl)",
                "Recording of a session (.jsonl)",
            ),
            ("sfera replay", "svg") => self.pick(
                "Куда нарисовать картинку; обычно рядом с записью",
                "Where the picture goes; beside the recording by default",
            ),
            ("sfera completions", "shell") => self.pick(
                "Оболочка: bash, zsh, fish, elvish или powershell",
                "Shell: bash, zsh, fish, elvish or powershell",
            ),
            _ => return None,
        };
        Some(found)
    }

    fn worker_argument(self, id: &str) -> Option<&'static str> {
        Some(match id {
            "agent_name" => self.pick(
                "Имя, по которому агента вызывают; программы с одним именем делят вызовы между собой",
                "The name the agent is called by; programs of one name share its calls",
            ),
            "max_jobs" => self.pick(
                "Разговоров одновременно, не больше (обычно 50)",
                "Conversations at a time, at most (50 by default)",
            ),
            "max_load" => self.pick(
                "Не брать новых разговоров, пока машина загружена сильнее, в процентах (обычно 70; 100 – брать всегда)",
                "Take no new conversations while the machine is busier than this, percent (70 by default; 100 always takes them)",
            ),
            "bench" => self.pick(
                "Замер: без моделей, отвечает тоном",
                "To measure: no models, answers with a tone",
            ),
            "health" => self.pick(
                "Отвечать о состоянии и показателях: без адреса на 127.0.0.1:8081",
                "Serve health and figures: without an address at 127.0.0.1:8081",
            ),
            _ => return None,
        })
    }

    fn room_argument(self, id: &str) -> Option<&'static str> {
        Some(match id {
            "room" => self.pick("Комната", "The room"),
            "identity" => self.pick("Кто звонит", "Who calls"),
            "dispatch" => self.pick("Какого агента вызвать", "The agent to ask for"),
            "wav" => self.pick(
                "Взять вопрос из WAV вместо микрофона",
                "Take the question from a WAV file instead of the microphone",
            ),
            "out" => self.pick(
                "Записать голос агента в WAV вместо динамиков",
                "Write the agent's voice into a WAV file instead of playing it",
            ),
            "device" => self.pick("Звуковое устройство по имени", "Sound device by its name"),
            "agent_name" => self.pick("Имя агента", "The agent's name"),
            _ => return None,
        })
    }

    fn token_argument(self, id: &str) -> Option<&'static str> {
        Some(match id {
            "room" => self.pick("Комната", "The room"),
            "identity" => self.pick(
                "Кто входит; в комнате имя одно на всех",
                "Who comes in; unique in the room",
            ),
            "name" => self.pick("Как его показывать", "How they are shown"),
            "agent" => self.pick(
                "Кого вызвать, если комната открывается этим токеном",
                "Whom to call if this token opens the room",
            ),
            "minutes" => self.pick("Сколько минут токен действует", "Minutes it is good for"),
            "json" => self.pick(
                "Печатать JSON с адресом и токеном",
                "Print JSON with the address and the token",
            ),
            _ => return None,
        })
    }

    fn talk_argument(self, id: &str) -> Option<&'static str> {
        Some(match id {
            "wav" => self.pick(
                "Взять вопрос из WAV вместо микрофона",
                "Take the question from a WAV file instead of the microphone",
            ),
            "out" => self.pick(
                "Записать ответ голосом в WAV (вместе с --wav)",
                "Write the spoken answer into a WAV file (with --wav)",
            ),
            "text" => self.pick(
                "Разговаривать с клавиатуры, без звука",
                "Talk by keyboard, without sound",
            ),
            "device" => self.pick(
                "Звуковое устройство по имени или части имени",
                "Sound device by its name or a part of it",
            ),
            "list_devices" => self.pick(
                "Показать звуковые устройства",
                "Show the sound devices",
            ),
            "scenario" => self.pick(
                "Провести записанный разговор из папки (examples/conversation); так же без звукового устройства",
                "Run the recorded conversation of a folder (examples/conversation); also done without a sound device",
            ),
            "record" => self.pick(
                "Папка для звука, событий и картинки разговора",
                "Folder for the sound, the events and the picture of the session",
            ),
            "json" => self.pick(
                "Печатать события строками JSON",
                "Print events as JSON lines",
            ),
            _ => return None,
        })
    }
}

const WORKER_RU: &str = "Примеры:
  sfera worker start --health 0.0.0.0:8081       под systemd или в контейнере
  sfera worker dev --agent-name sfera            при разработке

Нужны LIVEKIT_URL, LIVEKIT_API_KEY и LIVEKIT_API_SECRET в .env. Занятых имён не бывает:
сколько угодно программ с одним именем делят вызовы между собой.";

const WORKER_EN: &str = "Examples:
  sfera worker start --health 0.0.0.0:8081       under systemd or in a container
  sfera worker dev --agent-name sfera            while developing

LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are needed in .env. No name is ever
taken: any number of these programs under one name share the calls.";

const SFERA_RU: &str = "Примеры:
  sfera talk                 разговор с микрофоном
  sfera doctor               проверить эту машину
  sfera models pull          скачать модели

Коды возврата: 0 всё хорошо, 1 проверка не прошла, 2 ошибка в команде, настройках
или входном файле, 3 нет модели, устройства или программы, 4 сбой в работе,
130 прервано.";

const SFERA_EN: &str = "Examples:
  sfera talk                 a conversation by microphone
  sfera doctor               check this machine
  sfera models pull          download the models

Exit codes: 0 fine, 1 a check failed, 2 wrong command, settings or input file,
3 a model, device or program is missing, 4 failed while running, 130 interrupted.";

const TALK_RU: &str = "Примеры:
  sfera talk                                     микрофон и динамики, по-русски
  sfera talk --lang en                           по-английски
  sfera talk --text                              с клавиатуры
  sfera talk --wav вопрос.wav --out ответ.wav    вопрос и ответ файлами
  sfera talk --device USB --record запись        другое устройство, с записью
  sfera talk --json < /dev/null                  события для программ

В разговоре: Ctrl+T печатать вместо речи, Ctrl+C закончить. Агента можно перебить.
Без звукового устройства проводится записанный разговор из examples/conversation.";

const TALK_EN: &str = "Examples:
  sfera talk                                     microphone and speakers, in Russian
  sfera talk --lang en                           in English
  sfera talk --text                              by keyboard
  sfera talk --wav question.wav --out answer.wav question and answer as files
  sfera talk --device USB --record recording     another device, recorded
  sfera talk --json < /dev/null                  events for programs

While talking: Ctrl+T to type instead of speaking, Ctrl+C to end. The agent can be
interrupted. Without a sound device the recorded conversation of examples/conversation is run.";
