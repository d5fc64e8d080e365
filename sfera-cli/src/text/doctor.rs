//! What the doctor says.

use super::sentences;

sentences! {
    doctor_ok() { ru: "Всё в порядке: sfera talk.", en: "All is well: sfera talk." }
    doctor_warn() { ru: "Разговаривать можно.", en: "A conversation is possible." }
    doctor_fail() { ru: "Чего-то не хватает: сделайте то, что после «→».", en: "Something is missing: do what stands behind \"→\"." }

    config_from(file) { ru: "настройки: {file}", en: "settings: {file}" }
    config_default() { ru: "настройки: обычные (файла sfera.toml нет)", en: "settings: the defaults (there is no sfera.toml)" }
    fix_config() { ru: "исправьте эту строку", en: "correct this line" }
    fix_env() { ru: "исправьте имя", en: "correct the name" }
    key_fine(name) { ru: "{name}: похож на ключ", en: "{name}: looks like a key" }
    key_odd(name) { ru: "{name}: на ключ не похож", en: "{name}: does not look like a key" }
    fix_key() { ru: "скопируйте ключ целиком, без пробелов и кавычек", en: "copy the whole key, without spaces and quotes" }
    knowledge_folder(folder) { ru: "база знаний: папка {folder}", en: "knowledge base: the folder {folder}" }
    knowledge_by_words(passages, model) {
        ru: "база знаний: отрывков {passages}, поиск только по словам: модели {model} нет",
        en: "knowledge base: {passages} passages, searched by words only: the model {model} is not here",
    }
    fix_embedding() {
        ru: "sfera models pull e5-small, если это она; другую назовите в EMBEDDING_…",
        en: "sfera models pull e5-small, if it is that one; name another in EMBEDDING_…",
    }
    move_to_qdrant() { ru: "Задайте QDRANT_HOST и повторите sfera kb ingest.", en: "Set QDRANT_HOST and repeat sfera kb ingest." }
    knowledge_fine(passages, how) { ru: "база знаний: отрывков {passages}, {how}", en: "knowledge base: {passages} passages, {how}" }
    knowledge_none() { ru: "база знаний: своей нет (sfera kb ingest ПАПКА)", en: "knowledge base: none of your own (sfera kb ingest FOLDER)" }
    knowledge_empty() { ru: "база знаний: пусто", en: "knowledge base: empty" }
    ingest_knowledge() { ru: "sfera kb ingest ПАПКА", en: "sfera kb ingest FOLDER" }
    fix_knowledge_base() { ru: "или knowledge.enabled = false в sfera.toml", en: "or knowledge.enabled = false in sfera.toml" }
    memory_fine(host) { ru: "память о людях: сервер Qdrant {host} отвечает", en: "memory of people: the Qdrant server {host} answers" }
    fix_memory() { ru: "или memory.enabled = false в sfera.toml", en: "or memory.enabled = false in sfera.toml" }
    fix_knowledge() { ru: "исправьте knowledge.folder", en: "correct knowledge.folder" }

    llm_assistant() { ru: "отвечает: встроенный помощник (ключ не нужен)", en: "answers: the embedded assistant (no key needed)" }
    llm_reachable(url, model) { ru: "отвечает: {model}, {url} доступен", en: "answers: {model}, {url} can be reached" }
    llm_refused(url) { ru: "{url} не принимает ключ", en: "{url} refuses the key" }
    llm_odd(url, status) { ru: "{url} отвечает кодом {status}", en: "{url} answers with status {status}" }
    llm_unreachable(url) { ru: "{url} недоступен", en: "{url} cannot be reached" }
    fix_url() { ru: "проверьте адрес: он обычно кончается на /v1", en: "check the address: it usually ends in /v1" }
    fix_server() { ru: "пока отвечает встроенный помощник; запустите сервер или проверьте сеть", en: "the embedded assistant answers meanwhile; start the server or check the network" }

    model_absent(name) { ru: "{name}: не скачана", en: "{name}: not downloaded" }
    model_broken(name) { ru: "{name}: файл повреждён", en: "{name}: the file is damaged" }
    pull_model(name) { ru: "sfera models pull {name}", en: "sfera models pull {name}" }
    see_models() { ru: "sfera models list", en: "sfera models list" }
    fix_models_folder() { ru: "задайте SFERA_MODELS", en: "set SFERA_MODELS" }
    pip_absent() { ru: "pip не установлен: запасной источник моделей не работает", en: "pip is not installed: the second source of models does not work" }
    install_pip() { ru: "apt install python3-pip", en: "apt install python3-pip" }

    voice_found(name) { ru: "голос: {name}", en: "voice: {name}" }
    voice_none() { ru: "голоса нет", en: "there is no voice" }
    install_festival() { ru: "apt install festival festvox-ru", en: "apt install festival festvox-kallpc16k" }

    sound_fine(input, output) { ru: "звук: микрофон {input} Гц, динамики {output} Гц", en: "sound: microphone {input} Hz, speakers {output} Hz" }
    sound_none() { ru: "звук: устройств нет", en: "sound: there are no devices" }
    no_sound_advice() { ru: "подключите микрофон; без него: sfera talk --text, --wav или записанный разговор", en: "connect a microphone; without one: sfera talk --text, --wav or the recorded conversation" }

    livekit_fine(url) { ru: "LiveKit: {url} принимает ключ", en: "LiveKit: {url} takes the key" }
    livekit_refuses(url) { ru: "LiveKit: {url} не пускает", en: "LiveKit: {url} does not let in" }
    livekit_partly(names) { ru: "LiveKit: не задано {names}", en: "LiveKit: {names} not set" }
    fix_livekit_partly() { ru: "впишите в .env; без этого комнаты LiveKit недоступны", en: "put it into .env; LiveKit's rooms need it" }

    mcp_ready(name, tools) { ru: "инструменты {name}: {tools}", en: "tools of {name}: {tools}" }
    mcp_silent(name) { ru: "инструменты {name}: сервер молчит", en: "tools of {name}: the server is silent" }
    mcp_away(name, why) { ru: "инструменты {name}: недоступны ({why})", en: "tools of {name}: not available ({why})" }
    fix_mcp_server() { ru: "запустите его команду сами и прочтите, что она пишет", en: "run its command by hand and read what it writes" }
    fix_mcp_file() { ru: "исправьте файл, который назван в SFERA_MCP", en: "correct the file that SFERA_MCP names" }

    disk_fine(gigabytes, folder) { ru: "диск: свободно {gigabytes} ГБ ({folder})", en: "disk: {gigabytes} GB free ({folder})" }
    disk_low(megabytes, folder) { ru: "диск: свободно всего {megabytes} МБ ({folder})", en: "disk: only {megabytes} MB free ({folder})" }
    free_disk() { ru: "освободите место", en: "make room" }
}
