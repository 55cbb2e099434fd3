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
    -- In which session the code was right, and since when: only that session may use it, once. A new dial of the line
    -- takes it back, so that a call which drops before the new PIN costs no more than typing the code again.
    passed_by BLOB,
    passed_at TEXT,
    -- Used, dead after wrong tries, or replaced by a later one.
    closed_as TEXT,
    closed_at TEXT
) STRICT;
-- One code counts at a time.
CREATE UNIQUE INDEX challenges_open ON challenges (subject, purpose) WHERE closed_at IS NULL;
CREATE INDEX challenges_by_subject ON challenges (subject, created_at);
CREATE INDEX challenges_by_time ON challenges (created_at);
CREATE INDEX challenges_by_end ON challenges (expires_at);

-- A message that carries a code has no body: its words are made when it is sent.
ALTER TABLE messages ADD COLUMN challenge BLOB;
CREATE INDEX messages_by_challenge ON messages (challenge) WHERE challenge IS NOT NULL;

-- What a dial knows of a code that is due, beside the flags: JSON, variable to value. Nothing of the code itself.
ALTER TABLE openings ADD COLUMN facts TEXT;

-- Who asked for codes and when, once for every limit it counts against: a line by itself, a line by the web, a web
-- source (hashed), a prefix of numbers.
CREATE TABLE code_requests (
    id BLOB NOT NULL,
    gate TEXT NOT NULL,
    requested_at TEXT NOT NULL,
    PRIMARY KEY (gate, id)
) STRICT;
CREATE INDEX code_requests_by_gate ON code_requests (gate, requested_at);
CREATE INDEX code_requests_by_time ON code_requests (requested_at);

-- A row for each limit, locked while somebody asks, so that parallel requests count one after the other.
CREATE TABLE code_gates (
    gate TEXT PRIMARY KEY,
    passed_at TEXT NOT NULL
) STRICT;
CREATE INDEX code_gates_by_time ON code_gates (passed_at);

-- What is counted over the whole service: codes an hour, cents a day, wrong codes a minute, alarms raised.
CREATE TABLE code_counts (
    what TEXT NOT NULL,
    since TEXT NOT NULL,
    counted INTEGER NOT NULL,
    -- How much of it was not for requests that a share is reserved for.
    unreserved INTEGER NOT NULL,
    PRIMARY KEY (what, since)
) STRICT;
CREATE INDEX code_counts_by_time ON code_counts (since);
