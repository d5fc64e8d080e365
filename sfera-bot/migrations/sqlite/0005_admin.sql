-- Parts of the bot that were switched; what is not here is on.
CREATE TABLE switches (
    name       TEXT PRIMARY KEY,
    is_on      BIGINT NOT NULL
);

-- What administrators did.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    admin      BIGINT NOT NULL,
    action     TEXT NOT NULL,
    detail     TEXT NOT NULL,
    created    BIGINT NOT NULL
);

-- A message to everybody. `reached` is the last person to whom it was promised.
CREATE TABLE broadcasts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    admin      BIGINT NOT NULL,
    chat       BIGINT NOT NULL,
    message    BIGINT NOT NULL,
    state      TEXT NOT NULL DEFAULT 'draft',
    created    BIGINT NOT NULL,
    started    BIGINT,
    ended      BIGINT,
    people     BIGINT NOT NULL DEFAULT 0,
    reached    BIGINT NOT NULL DEFAULT -1,
    sent       BIGINT NOT NULL DEFAULT 0,
    blocked    BIGINT NOT NULL DEFAULT 0,
    refused    BIGINT NOT NULL DEFAULT 0,
    in_doubt   BIGINT NOT NULL DEFAULT 0,
    shown_in   BIGINT,
    shown_at   BIGINT,
    shows      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX broadcasts_going ON broadcasts (id) WHERE ended IS NULL AND started IS NOT NULL;

-- Letters of a broadcast that are not counted yet.
CREATE TABLE broadcast_letters (
    letter     TEXT PRIMARY KEY,
    broadcast  BIGINT NOT NULL,
    user_id    BIGINT NOT NULL
);

-- Who waits for the administrators.
CREATE TABLE requests (
    user_id    BIGINT PRIMARY KEY,
    opened     BIGINT NOT NULL,
    closed     BIGINT
);

-- Which letter carries which answer of the administrators to whom.
CREATE TABLE support_answers (
    letter     TEXT PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    chat       BIGINT NOT NULL,
    message    BIGINT NOT NULL
);

-- SQLite takes a partial index only where a statement repeats its condition word for word.
DROP INDEX outbox_waiting;
CREATE INDEX outbox_waiting ON outbox (lane, id) WHERE state = 'waiting';
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 'sending';
CREATE INDEX outbox_message ON outbox (lane, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX turns_asked ON turns (chat, id) WHERE state = 'waiting';
CREATE INDEX support_user ON support (user_id, message);
CREATE INDEX turns_created ON turns (created);
