-- Recovery: one-time codes as challenges (a code is derived from its nonce and never stored), and the messages that
-- carry them.

CREATE TABLE challenges (
    id BLOB PRIMARY KEY,
    -- The account whose door it opens.
    subject BLOB NOT NULL,
    purpose TEXT NOT NULL,
    -- The line that the code goes to.
    msisdn TEXT NOT NULL,
    language TEXT NOT NULL,
    nonce BLOB NOT NULL,
    -- Which code key its digits are derived with.
    code_key TEXT NOT NULL,
    digits INTEGER NOT NULL,
    -- What the message and the screen both show, so that people know which code is meant.
    reference TEXT NOT NULL,
    -- Tries that were looked at; raised before the look.
    tries INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    -- Used, dead after wrong tries, or replaced by a later one.
    closed_as TEXT,
    closed_at TEXT
) STRICT;
-- One code counts at a time.
CREATE UNIQUE INDEX challenges_open ON challenges (subject, purpose) WHERE closed_at IS NULL;
CREATE INDEX challenges_by_subject ON challenges (subject, created_at);
CREATE INDEX challenges_by_time ON challenges (created_at);

-- A message that carries a code has no body: its words are made when it is sent.
ALTER TABLE messages ADD COLUMN challenge BLOB;
CREATE INDEX messages_by_challenge ON messages (challenge) WHERE challenge IS NOT NULL;
