-- The spine: lines, accounts, sessions with one effect, messages with a fate, the audit chains.
-- Instants are bound by the program in whole microseconds; no table takes its time from the database.

-- The menus that sessions began with, so that every node and every restart has them.
CREATE TABLE menu_versions (
    version TEXT PRIMARY KEY,
    bundle TEXT NOT NULL,
    first_used_at TIMESTAMPTZ NOT NULL
);

-- What a line has chosen before it has an account.
CREATE TABLE lines (
    msisdn TEXT PRIMARY KEY,
    language TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE accounts (
    id UUID PRIMARY KEY,
    msisdn TEXT NOT NULL UNIQUE,
    given_names TEXT NOT NULL,
    surname TEXT NOT NULL,
    -- Sealed; the key's id stands beside it for the rotation.
    national_id BYTEA NOT NULL,
    national_id_key TEXT NOT NULL,
    -- Keyed look-ups: one column for each key in use, both filled while keys rotate.
    national_id_a BYTEA UNIQUE,
    national_id_b BYTEA UNIQUE,
    -- Raised when every sign-in of the account must end.
    epoch BIGINT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE credentials (
    account_id UUID PRIMARY KEY REFERENCES accounts (id),
    phc TEXT NOT NULL,
    pepper_id TEXT NOT NULL,
    -- Wrong tries in a row, raised before each check.
    failures BIGINT NOT NULL,
    wait_until TIMESTAMPTZ,
    changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE consents (
    id UUID PRIMARY KEY,
    msisdn TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    channel TEXT NOT NULL,
    given_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX consents_by_line ON consents (msisdn, given_at);

-- What somebody was in the middle of when the call dropped.
CREATE TABLE drafts (
    msisdn TEXT NOT NULL,
    kind TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    sealed_key TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (msisdn, kind)
);

-- The first hop of every session: what its history is folded from when its state is lost.
CREATE TABLE openings (
    provider TEXT NOT NULL,
    session_id TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    service_code TEXT NOT NULL,
    network TEXT,
    menu_version TEXT NOT NULL,
    language TEXT NOT NULL,
    flags BIGINT NOT NULL,
    entry_screen TEXT NOT NULL,
    -- Which key the marks of this session's journal are made with.
    mark_key TEXT NOT NULL,
    -- How many inputs a deep dial brought along.
    deep BIGINT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider, session_id)
);
CREATE INDEX openings_by_time ON openings (opened_at);

-- What every action of a session came out as, in the transaction of its effect. A row without a reply is a try that
-- has been counted and is being worked on.
CREATE TABLE journal (
    provider TEXT NOT NULL,
    session_id TEXT NOT NULL,
    mark BYTEA NOT NULL,
    action TEXT NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL,
    reply BYTEA,
    reply_key TEXT,
    PRIMARY KEY (provider, session_id, mark)
);
CREATE INDEX journal_by_time ON journal (claimed_at);

CREATE TABLE session_ends (
    provider TEXT NOT NULL,
    session_id TEXT NOT NULL,
    msisdn TEXT,
    status TEXT NOT NULL,
    network TEXT,
    duration_ms BIGINT,
    hops BIGINT,
    cost_cents BIGINT,
    screens TEXT,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider, session_id)
);
CREATE INDEX session_ends_by_time ON session_ends (received_at);

-- The outbox: one row an SMS, written in the transaction that causes it.
CREATE TABLE messages (
    id UUID PRIMARY KEY,
    purpose TEXT NOT NULL,
    priority BIGINT NOT NULL,
    msisdn TEXT NOT NULL,
    -- Sealed; wiped by retention.
    body BYTEA,
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
    attempts BIGINT NOT NULL,
    attempted_at TIMESTAMPTZ,
    -- Since when an attempt may have got through without our learning its id.
    unclear_since TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    not_after TIMESTAMPTZ NOT NULL,
    claimed_by TEXT,
    claimed_until TIMESTAMPTZ,
    changed_at TIMESTAMPTZ NOT NULL,
    UNIQUE (provider, provider_id)
);
-- What a worker looks for: the waiting ones, most urgent first.
CREATE INDEX messages_waiting ON messages (priority, due_at) WHERE fate = 'queued';
CREATE INDEX messages_by_line ON messages (msisdn, created_at);
CREATE INDEX messages_by_age ON messages (not_after) WHERE fate = 'queued';
-- What retention looks for.
CREATE INDEX messages_with_body ON messages (created_at) WHERE body IS NOT NULL;

-- Everything that happened to a message.
CREATE TABLE message_events (
    message_id UUID NOT NULL REFERENCES messages (id),
    at TIMESTAMPTZ NOT NULL,
    event TEXT NOT NULL,
    route TEXT,
    detail TEXT
);
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
    matched BOOLEAN NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider, provider_id, status)
);
CREATE INDEX delivery_reports_stray ON delivery_reports (msisdn, received_at) WHERE NOT matched;
CREATE INDEX delivery_reports_by_time ON delivery_reports (received_at);

CREATE TABLE inbound_messages (
    provider TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    -- Sealed; wiped by retention.
    text BYTEA,
    text_key TEXT,
    text_digest BYTEA NOT NULL,
    network TEXT,
    sent_at TIMESTAMPTZ,
    received_at TIMESTAMPTZ NOT NULL,
    answered BOOLEAN NOT NULL,
    PRIMARY KEY (provider, provider_id)
);
CREATE INDEX inbound_messages_by_sender ON inbound_messages (sender, received_at);
CREATE INDEX inbound_messages_with_text ON inbound_messages (received_at) WHERE text IS NOT NULL;

CREATE TABLE opt_outs (
    msisdn TEXT NOT NULL,
    sender TEXT NOT NULL,
    opted_out_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (msisdn, sender)
);

-- How many messages a route has been given in each second, over all nodes.
CREATE TABLE route_seconds (
    route TEXT NOT NULL,
    second BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    PRIMARY KEY (route, second)
);

-- When work that is done once over all nodes was last begun.
CREATE TABLE jobs (
    name TEXT PRIMARY KEY,
    begun_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE audit_heads (
    chain TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

-- Append-only. The hash covers ids and a salted commitment, never personal fields, so that erasing salt and detail
-- leaves the chain whole.
CREATE TABLE audit_entries (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject UUID NOT NULL,
    channel TEXT NOT NULL,
    salt BYTEA,
    detail TEXT,
    commitment BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (chain, seq)
);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, at);

-- The latest instant the program has seen: a clock behind it has been set back.
CREATE TABLE high_water (
    id BIGINT PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL
);
