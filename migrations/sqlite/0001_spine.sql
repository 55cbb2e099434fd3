-- The spine: lines, accounts, sessions with one effect, messages with a fate, the audit chains.
-- Instants are bound by the program in whole microseconds; no table takes its time from the database.

-- The menus that sessions began with, so that every node and every restart has them.
CREATE TABLE menu_versions (
    version TEXT PRIMARY KEY,
    bundle TEXT NOT NULL,
    first_used_at TEXT NOT NULL
) STRICT;

-- What a line has chosen before it has an account.
CREATE TABLE lines (
    msisdn TEXT PRIMARY KEY,
    language TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
    id BLOB PRIMARY KEY,
    msisdn TEXT NOT NULL UNIQUE,
    given_names TEXT NOT NULL,
    surname TEXT NOT NULL,
    -- Sealed; the key's id stands beside it for the rotation.
    national_id BLOB NOT NULL,
    national_id_key TEXT NOT NULL,
    -- Keyed look-ups: one column for each key in use, both filled while keys rotate.
    national_id_a BLOB UNIQUE,
    national_id_b BLOB UNIQUE,
    -- Raised when every sign-in of the account must end.
    epoch INTEGER NOT NULL,
    opened_at TEXT NOT NULL
) STRICT;

CREATE TABLE credentials (
    account_id BLOB PRIMARY KEY REFERENCES accounts (id),
    phc TEXT NOT NULL,
    pepper_id TEXT NOT NULL,
    -- Wrong tries in a row, raised before each check.
    failures INTEGER NOT NULL,
    wait_until TEXT,
    changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE consents (
    id BLOB PRIMARY KEY,
    msisdn TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    channel TEXT NOT NULL,
    given_at TEXT NOT NULL
) STRICT;
CREATE INDEX consents_by_line ON consents (msisdn, given_at);

-- What somebody was in the middle of when the call dropped.
CREATE TABLE drafts (
    msisdn TEXT NOT NULL,
    kind TEXT NOT NULL,
    sealed BLOB NOT NULL,
    sealed_key TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (msisdn, kind)
) STRICT;

-- The first hop of every session: what its history is folded from when its state is lost.
CREATE TABLE openings (
    provider TEXT NOT NULL,
    session_id TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    service_code TEXT NOT NULL,
    network TEXT,
    menu_version TEXT NOT NULL,
    language TEXT NOT NULL,
    flags INTEGER NOT NULL,
    entry_screen TEXT NOT NULL,
    -- Which key the marks of this session's journal are made with.
    mark_key TEXT NOT NULL,
    -- How many inputs a deep dial brought along.
    deep INTEGER NOT NULL,
    opened_at TEXT NOT NULL,
    PRIMARY KEY (provider, session_id)
) STRICT;
CREATE INDEX openings_by_time ON openings (opened_at);

-- What every action of a session came out as, in the transaction of its effect. A row without a reply is a try that
-- has been counted and is being worked on.
CREATE TABLE journal (
    provider TEXT NOT NULL,
    session_id TEXT NOT NULL,
    mark BLOB NOT NULL,
    action TEXT NOT NULL,
    claimed_at TEXT NOT NULL,
    reply BLOB,
    reply_key TEXT,
    PRIMARY KEY (provider, session_id, mark)
) STRICT;
CREATE INDEX journal_by_time ON journal (claimed_at);

CREATE TABLE session_ends (
    provider TEXT NOT NULL,
    session_id TEXT NOT NULL,
    msisdn TEXT,
    status TEXT NOT NULL,
    network TEXT,
    duration_ms INTEGER,
    hops INTEGER,
    cost_cents INTEGER,
    screens TEXT,
    received_at TEXT NOT NULL,
    PRIMARY KEY (provider, session_id)
) STRICT;
CREATE INDEX session_ends_by_time ON session_ends (received_at);

-- The outbox: one row an SMS, written in the transaction that causes it.
CREATE TABLE messages (
    id BLOB PRIMARY KEY,
    purpose TEXT NOT NULL,
    priority INTEGER NOT NULL,
    msisdn TEXT NOT NULL,
    -- Sealed; wiped by retention.
    body BLOB,
    body_key TEXT,
    fate TEXT NOT NULL,
    reason TEXT,
    -- The route it went by, or is tried on next.
    route TEXT,
    -- The aggregator behind the route of the last attempt, and its id of the message once it has told one.
    provider TEXT,
    provider_id TEXT,
    -- The names of routes that will not take it, separated by blanks.
    given_up TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    attempted_at TEXT,
    -- Since when an attempt may have got through without our learning its id.
    unclear_since TEXT,
    created_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    not_after TEXT NOT NULL,
    claimed_by TEXT,
    claimed_until TEXT,
    changed_at TEXT NOT NULL,
    UNIQUE (provider, provider_id)
) STRICT;
-- What a worker looks for: the waiting ones, most urgent first.
CREATE INDEX messages_waiting ON messages (priority, due_at) WHERE fate = 'queued';
CREATE INDEX messages_by_line ON messages (msisdn, created_at);
CREATE INDEX messages_by_age ON messages (not_after) WHERE fate = 'queued';
-- What retention looks for.
CREATE INDEX messages_with_body ON messages (created_at) WHERE body IS NOT NULL;

-- Everything that happened to a message.
CREATE TABLE message_events (
    message_id BLOB NOT NULL REFERENCES messages (id),
    at TEXT NOT NULL,
    event TEXT NOT NULL,
    route TEXT,
    detail TEXT
) STRICT;
CREATE INDEX message_events_by_message ON message_events (message_id, at);

-- Reports as they came; one may come before the send call has returned, twice, or out of order.
CREATE TABLE delivery_reports (
    provider TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    status TEXT NOT NULL,
    news TEXT,
    reason TEXT,
    detail TEXT,
    msisdn TEXT,
    matched INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (provider, provider_id, status)
) STRICT;
CREATE INDEX delivery_reports_stray ON delivery_reports (msisdn, received_at) WHERE NOT matched;
CREATE INDEX delivery_reports_by_time ON delivery_reports (received_at);

CREATE TABLE inbound_messages (
    provider TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    -- Sealed; wiped by retention.
    text BLOB,
    text_key TEXT,
    text_digest BLOB NOT NULL,
    network TEXT,
    sent_at TEXT,
    received_at TEXT NOT NULL,
    answered INTEGER NOT NULL,
    PRIMARY KEY (provider, provider_id)
) STRICT;
CREATE INDEX inbound_messages_by_sender ON inbound_messages (sender, received_at);
CREATE INDEX inbound_messages_with_text ON inbound_messages (received_at) WHERE text IS NOT NULL;

CREATE TABLE opt_outs (
    msisdn TEXT NOT NULL,
    sender TEXT NOT NULL,
    opted_out_at TEXT NOT NULL,
    PRIMARY KEY (msisdn, sender)
) STRICT;

-- How many messages a route has been given in each second, over all nodes.
CREATE TABLE route_seconds (
    route TEXT NOT NULL,
    second INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY (route, second)
) STRICT;

-- When work that is done once over all nodes was last begun.
CREATE TABLE jobs (
    name TEXT PRIMARY KEY,
    begun_at TEXT NOT NULL
) STRICT;

CREATE TABLE audit_heads (
    chain TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- Append-only. The hash covers ids and a salted commitment, never personal fields, so that erasing salt and detail
-- leaves the chain whole.
CREATE TABLE audit_entries (
    chain TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject BLOB NOT NULL,
    channel TEXT NOT NULL,
    salt BLOB,
    detail TEXT,
    commitment BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (chain, seq)
) STRICT;
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, at);

-- The latest instant the program has seen: a clock behind it has been set back.
CREATE TABLE high_water (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL
) STRICT;
