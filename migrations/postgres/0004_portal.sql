-- The portal: passwords, sessions of browsers, and what is counted of tries and requests.

-- A person who has never chosen a password has no row.
CREATE TABLE portal_passwords (
    account_id UUID PRIMARY KEY REFERENCES accounts (id),
    phc TEXT NOT NULL,
    pepper_id TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE web_sessions (
    -- The digest of the id in the cookie: a dump opens no session.
    id BYTEA PRIMARY KEY,
    -- Sealed.
    data BYTEA NOT NULL,
    data_key TEXT NOT NULL,
    -- When it got its id, and when it was last used (to the minute).
    began_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX web_sessions_by_time ON web_sessions (began_at);

-- Counts by source, by what was named, by both. What is named is counted whether it exists or not, so that a limit
-- tells nothing; rows are known by a keyed digest.
CREATE TABLE web_gates (
    gate BYTEA PRIMARY KEY,
    counted BIGINT NOT NULL,
    -- Since when it counts.
    since TIMESTAMPTZ NOT NULL,
    -- Nothing is looked at before then.
    wait_until TIMESTAMPTZ
);
CREATE INDEX web_gates_by_time ON web_gates (since);
