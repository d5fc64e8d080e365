-- Times are milliseconds since 1970, flags 0 or 1. The same tables as for PostgreSQL.

-- Updates that were accepted. One is handled when its effects are in this database.
CREATE TABLE inbox (
    update_id  BIGINT PRIMARY KEY,
    lane       BIGINT NOT NULL,
    body       TEXT NOT NULL,
    received   BIGINT NOT NULL,
    attempts   BIGINT NOT NULL DEFAULT 0,
    done       BIGINT
);
CREATE INDEX inbox_waiting ON inbox (lane, update_id) WHERE done IS NULL;

-- What is to be sent, in the order of `id` within a lane.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT NOT NULL UNIQUE,
    lane       BIGINT NOT NULL,
    call       TEXT NOT NULL,
    state      TEXT NOT NULL DEFAULT 'waiting',
    attempts   BIGINT NOT NULL DEFAULT 0,
    not_before BIGINT NOT NULL,
    message_id BIGINT,
    problem    TEXT,
    created    BIGINT NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (lane, id) WHERE state IN ('waiting', 'sending');

CREATE TABLE users (
    id         BIGINT PRIMARY KEY,
    name       TEXT NOT NULL,
    username   TEXT,
    language   TEXT NOT NULL,
    chosen     BIGINT NOT NULL DEFAULT 0,
    room       TEXT NOT NULL DEFAULT 'menu',
    dialogue   BIGINT NOT NULL DEFAULT 1,
    blocked    BIGINT NOT NULL DEFAULT 0,
    banned     TEXT,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL
);

-- Files that the bot made, until they are sent.
CREATE TABLE files (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    bytes      BLOB NOT NULL,
    created    BIGINT NOT NULL
);

-- A question in chat and its answer; a dialogue is what an answer knows of.
CREATE TABLE turns (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id     BIGINT NOT NULL,
    chat        BIGINT NOT NULL,
    dialogue    BIGINT NOT NULL,
    question    TEXT NOT NULL,
    placeholder TEXT NOT NULL UNIQUE,
    state       TEXT NOT NULL DEFAULT 'waiting',
    stopping    BIGINT NOT NULL DEFAULT 0,
    messages    TEXT NOT NULL DEFAULT '[]',
    created     BIGINT NOT NULL,
    ended       BIGINT
);
CREATE INDEX turns_waiting ON turns (chat, id) WHERE state IN ('waiting', 'answering');
CREATE INDEX turns_dialogue ON turns (user_id, dialogue, id);

-- Which letter in the administrators' chat carries whose message.
CREATE TABLE support (
    letter   TEXT PRIMARY KEY,
    user_id  BIGINT NOT NULL,
    message  BIGINT NOT NULL
);
