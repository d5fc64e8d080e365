-- Where somebody is in a course; completed is when they were through for the first time.
CREATE TABLE course_places (
    user_id   BIGINT NOT NULL,
    course    TEXT NOT NULL,
    step      TEXT NOT NULL,
    completed BIGINT,
    PRIMARY KEY (user_id, course)
);

-- Steps that somebody is done with, by name: they may move, or go and come back.
CREATE TABLE course_passed (
    user_id   BIGINT NOT NULL,
    course    TEXT NOT NULL,
    step      TEXT NOT NULL,
    passed    BIGINT NOT NULL,
    PRIMARY KEY (user_id, course, step)
);

-- What somebody is being asked, and what they answered so far (JSON).
CREATE TABLE forms (
    user_id   BIGINT PRIMARY KEY,
    form      TEXT NOT NULL,
    answers   TEXT NOT NULL
);

-- What is to be looked up elsewhere. One that is here is still to be done.
CREATE TABLE errands (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id   BIGINT NOT NULL,
    chat      BIGINT NOT NULL,
    kind      TEXT NOT NULL,
    subject   TEXT NOT NULL,
    created   BIGINT NOT NULL
);

-- What was found last, for when it cannot be looked up.
CREATE TABLE findings (
    kind      TEXT NOT NULL,
    subject   TEXT NOT NULL,
    language  TEXT NOT NULL,
    said      TEXT NOT NULL,
    found     BIGINT NOT NULL,
    PRIMARY KEY (kind, subject, language)
);

-- A rule makes it come again. The source is what made it: nothing makes two.
CREATE TABLE reminders (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id   BIGINT NOT NULL,
    chat      BIGINT NOT NULL,
    text      TEXT NOT NULL,
    rule      TEXT,
    zone      TEXT NOT NULL,
    due       BIGINT NOT NULL,
    state     TEXT NOT NULL DEFAULT 'waiting',
    source    TEXT NOT NULL UNIQUE,
    created   BIGINT NOT NULL
);
CREATE INDEX reminders_waiting ON reminders (due) WHERE state = 'waiting';
CREATE INDEX reminders_of ON reminders (user_id, due);

CREATE TABLE zones (
    user_id   BIGINT PRIMARY KEY,
    zone      TEXT NOT NULL
);
