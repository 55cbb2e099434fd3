-- The portal: passwords, sessions of browsers, and what is counted of tries and requests.

-- A person who has never chosen a password has no row.
CREATE TABLE portal_passwords (
    account_id BLOB PRIMARY KEY REFERENCES accounts (id),
    phc TEXT NOT NULL,
    pepper_id TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE web_sessions (
    -- The digest of the id in the cookie: a dump opens no session.
    id BLOB PRIMARY KEY,
    -- Sealed.
    data BLOB NOT NULL,
    data_key TEXT NOT NULL,
    -- When it got its id, and when it was last used (to the minute).
    began_at TEXT NOT NULL,
    seen_at TEXT NOT NULL
) STRICT;
CREATE INDEX web_sessions_by_time ON web_sessions (began_at);

-- Counts by source, by what was named, by both. What is named is counted whether it exists or not, so that a limit
-- tells nothing; rows are known by a keyed digest.
CREATE TABLE web_gates (
    gate BLOB PRIMARY KEY,
    counted INTEGER NOT NULL,
    -- Since when it counts.
    since TEXT NOT NULL,
    -- Nothing is looked at before then.
    wait_until TEXT
) STRICT;
CREATE INDEX web_gates_by_time ON web_gates (since);
