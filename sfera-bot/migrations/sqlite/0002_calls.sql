-- Voice calls. A user has one room that lives at most; `issued` is when somebody was let into it last,
-- `alone` since when the user waits in it for an agent, `asked` when one was asked for last.
CREATE TABLE calls (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    BIGINT NOT NULL,
    room       TEXT NOT NULL UNIQUE,
    state      TEXT NOT NULL DEFAULT 'waiting',
    issued     BIGINT NOT NULL,
    alone      BIGINT,
    asked      BIGINT,
    seen       BIGINT,
    created    BIGINT NOT NULL,
    ended      BIGINT
);
CREATE INDEX calls_user ON calls (user_id, id);
CREATE INDEX calls_open ON calls (id) WHERE ended IS NULL;

-- What was said in a call: the user's words, and as much of the answer as was heard.
CREATE TABLE call_lines (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    call       BIGINT NOT NULL,
    question   TEXT NOT NULL,
    answer     TEXT NOT NULL,
    said       BIGINT NOT NULL
);
CREATE INDEX call_lines_call ON call_lines (call, id);

-- Milliseconds of voice a user had on a day, in days since 1970.
CREATE TABLE voice_use (
    user_id    BIGINT NOT NULL,
    day        BIGINT NOT NULL,
    ms         BIGINT NOT NULL,
    PRIMARY KEY (user_id, day)
);

-- How often a user asked to be let in since a moment.
CREATE TABLE passes (
    user_id    BIGINT PRIMARY KEY,
    since      BIGINT NOT NULL,
    asked      BIGINT NOT NULL
);
