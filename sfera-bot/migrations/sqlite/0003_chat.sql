-- A dialogue is of a place (a private chat or a group) and a kind: what the psychologist is told is not
-- known in the chat.
CREATE TABLE dialogues (
    chat       BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    number     BIGINT NOT NULL,
    PRIMARY KEY (chat, kind)
);
INSERT INTO dialogues (chat, kind, number) SELECT id, 'chat', dialogue FROM users;
DROP INDEX turns_dialogue;
ALTER TABLE users DROP COLUMN dialogue;

ALTER TABLE turns ADD COLUMN kind TEXT NOT NULL DEFAULT 'chat';
ALTER TABLE turns ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
-- The question's message, and the topic it stands in, where the answer is a reply.
ALTER TABLE turns ADD COLUMN reply_to BIGINT;
ALTER TABLE turns ADD COLUMN thread BIGINT;
-- A voice message or a picture as JSON; a voice message until it was understood.
ALTER TABLE turns ADD COLUMN attachment TEXT;
-- The letter whose message becomes what was heard.
ALTER TABLE turns ADD COLUMN heard TEXT;
-- Whether the answer is still to be spoken.
ALTER TABLE turns ADD COLUMN speak BIGINT NOT NULL DEFAULT 0;
CREATE INDEX turns_dialogue ON turns (chat, kind, dialogue, id);
CREATE INDEX turns_speak ON turns (id) WHERE speak = 1;

-- What a person asked and what it cost, a day (UTC) at a time.
CREATE TABLE chat_usage (
    user_id    BIGINT NOT NULL,
    day        BIGINT NOT NULL,
    questions  BIGINT NOT NULL DEFAULT 0,
    tokens_in  BIGINT NOT NULL DEFAULT 0,
    tokens_out BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, day)
);
