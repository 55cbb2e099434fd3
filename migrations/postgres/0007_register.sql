-- The register: the season as data, centres and who may speak for them, the ledger of attendance, its end and its pay.
-- Days are Nairobi days. A register is one centre in one series; its entries are one hash chain.

CREATE TABLE series (
    code TEXT PRIMARY KEY,
    exam TEXT NOT NULL,
    year BIGINT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    -- For training: everything works, nothing is paid, and every screen says so.
    practice BOOLEAN NOT NULL,
    -- When the register closed for good; null while the season runs.
    closed_at TIMESTAMPTZ
);

-- The days on which a register is marked. A series without a row of its own has every weekday between its dates.
CREATE TABLE series_days (
    series TEXT NOT NULL REFERENCES series (code),
    on_day DATE NOT NULL,
    kind TEXT NOT NULL,
    opens TIME,
    closes TIME,
    PRIMARY KEY (series, on_day)
);

CREATE TABLE rates (
    series TEXT NOT NULL REFERENCES series (code),
    role TEXT NOT NULL,
    from_on DATE NOT NULL,
    ksh_per_day BIGINT NOT NULL,
    -- What of it a half day counts.
    half_percent BIGINT NOT NULL,
    PRIMARY KEY (series, role, from_on)
);

CREATE TABLE centres (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    county_code TEXT NOT NULL,
    county TEXT NOT NULL,
    sub_county TEXT NOT NULL,
    manager_msisdn TEXT,
    -- No longer in the lists of the season; what it has marked stays.
    removed_at TIMESTAMPTZ
);
CREATE INDEX centres_by_place ON centres (county_code, sub_county, code);
-- Where an officer's word counts is found by the name of the place.
CREATE INDEX centres_by_sub_county ON centres (sub_county, county_code);
CREATE INDEX centres_by_county ON centres (county, county_code);

-- Somebody who is deployed, with or without phone, ID and account.
CREATE TABLE people (
    id UUID PRIMARY KEY,
    full_name TEXT NOT NULL,
    msisdn TEXT,
    -- Sealed; the key's id stands beside it for the rotation.
    national_id BYTEA,
    national_id_key TEXT,
    national_id_a BYTEA UNIQUE,
    national_id_b BYTEA UNIQUE,
    -- The account that sees these deployments: number and ID agreed, or an officer said so.
    account UUID REFERENCES accounts (id),
    tied_at TIMESTAMPTZ,
    tied_by TEXT,
    -- Somebody says the tie is wrong: pay rests until an officer has looked.
    contested_at TIMESTAMPTZ,
    -- The account that one officer wants to tie by hand; another must say so too.
    tie_account UUID,
    tie_asked_by UUID,
    tie_asked_at TIMESTAMPTZ
);
CREATE INDEX people_by_line ON people (msisdn);
CREATE INDEX people_by_account ON people (account);

CREATE TABLE deployments (
    id UUID PRIMARY KEY,
    series TEXT NOT NULL REFERENCES series (code),
    centre TEXT NOT NULL REFERENCES centres (code),
    person UUID NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    ref TEXT,
    -- The number on the roster: given once in a centre and series, never to somebody else.
    number BIGINT NOT NULL,
    from_on DATE NOT NULL,
    to_on DATE NOT NULL,
    -- `import`, or `added` at the centre because somebody turned up.
    origin TEXT NOT NULL,
    -- What the director said of somebody who was added: null until then.
    accepted BOOLEAN,
    created_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ,
    UNIQUE (series, centre, number),
    UNIQUE (series, ref)
);
CREATE INDEX deployments_by_person ON deployments (person, series);

-- Who may speak for a centre or act as an officer: a PIN that belongs to the post, not to a person.
CREATE TABLE post_credentials (
    id UUID PRIMARY KEY,
    -- `centre` and its code, or `officer` and its id in 32 hexadecimal digits.
    post_kind TEXT NOT NULL,
    post TEXT NOT NULL,
    -- `holder`, or `deputy` until `expires_at`.
    part TEXT NOT NULL,
    -- The series it was issued for; null for officers.
    series TEXT,
    phc TEXT NOT NULL,
    pepper_id TEXT NOT NULL,
    -- The line the first PIN went to; until `chosen_at` it only opens "choose your own", and only from there.
    issued_to TEXT NOT NULL,
    issued_by TEXT NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    chosen_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    revoked_by TEXT,
    -- Raised when every sign-in that stands on it must end.
    epoch BIGINT NOT NULL
);
CREATE INDEX post_credentials_by_post ON post_credentials (post_kind, post, issued_at);
CREATE INDEX post_credentials_by_line ON post_credentials (issued_to) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX post_credentials_holder ON post_credentials (post_kind, post)
    WHERE part = 'holder' AND revoked_at IS NULL;

-- The lines a post is used from.
CREATE TABLE post_lines (
    post_kind TEXT NOT NULL,
    post TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    bound_at TIMESTAMPTZ NOT NULL,
    unbound_at TIMESTAMPTZ,
    PRIMARY KEY (post_kind, post, msisdn, bound_at)
);
CREATE UNIQUE INDEX post_lines_bound ON post_lines (post_kind, post, msisdn) WHERE unbound_at IS NULL;
CREATE INDEX post_lines_by_line ON post_lines (msisdn) WHERE unbound_at IS NULL;

-- Wrong PINs of a post, by line: no stranger locks the line that is bound. The line `unbound` counts all strangers.
CREATE TABLE post_tries (
    post_kind TEXT NOT NULL,
    post TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    failures BIGINT NOT NULL,
    wait_until TIMESTAMPTZ,
    -- The Nairobi day that the failures of a stranger belong to.
    on_day DATE NOT NULL,
    PRIMARY KEY (post_kind, post, msisdn)
);

-- A centre in a series: the head of its chain, and how far its closing document has come.
CREATE TABLE registers (
    series TEXT NOT NULL REFERENCES series (code),
    centre TEXT NOT NULL REFERENCES centres (code),
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    -- `open`, `signed`, `countersigned`.
    state TEXT NOT NULL,
    PRIMARY KEY (series, centre)
);

-- Append-only: one row an act, whatever number of people it marks. The hash covers ids and salted commitments.
CREATE TABLE register_entries (
    series TEXT NOT NULL,
    centre TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    on_day DATE NOT NULL,
    -- `submit`, `correct`, `unlock`, `lock`, `add`, `sign`, `countersign`, `reopen`, `accept`, `reject`.
    act TEXT NOT NULL,
    -- `ussd`, `sms`, `console`, `cli`.
    channel TEXT NOT NULL,
    -- The credential that acted, or the officer; null for a worker.
    actor UUID,
    -- Personal (the line, the reason): wiped by erasure, held by the commitment.
    salt BYTEA,
    line TEXT,
    reason TEXT,
    commitment BYTEA NOT NULL,
    -- A digest over the marks of this act, in the order of their deployments.
    marks BYTEA NOT NULL,
    -- What the person was told: `K7Q2M9`.
    reference TEXT NOT NULL,
    hash BYTEA NOT NULL,
    -- What the day was said to be: `full`, `half`, `closed`; null for acts that say nothing of it.
    shape TEXT,
    -- Until when an unlocked day stands open.
    opened_until TIMESTAMPTZ,
    -- Whom it is about: the deployment that was added, accepted or rejected.
    subject UUID,
    PRIMARY KEY (series, centre, seq)
);
CREATE UNIQUE INDEX register_entries_by_reference ON register_entries (reference);

-- Append-only: the state of one person on one day, its version one above the one before.
CREATE TABLE marks (
    deployment UUID NOT NULL REFERENCES deployments (id),
    on_day DATE NOT NULL,
    version BIGINT NOT NULL,
    present BOOLEAN NOT NULL,
    -- The act that made it.
    seq BIGINT NOT NULL,
    PRIMARY KEY (deployment, on_day, version)
);

-- A centre's day, once there is anything to say of it.
CREATE TABLE register_days (
    series TEXT NOT NULL,
    on_day DATE NOT NULL,
    centre TEXT NOT NULL,
    -- `open`, `submitted`.
    state TEXT NOT NULL,
    -- `full`, `half`, `closed`.
    shape TEXT NOT NULL,
    present BIGINT NOT NULL,
    absent BIGINT NOT NULL,
    submitted_at TIMESTAMPTZ,
    reference TEXT,
    -- Until when the director has opened it after its own time.
    unlocked_until TIMESTAMPTZ,
    -- Who is present but was added at the centre and waits for the director's word: not in `present`.
    added BIGINT NOT NULL,
    PRIMARY KEY (series, on_day, centre)
);

-- What a centre is in the middle of: survives every drop, on any node.
CREATE TABLE register_drafts (
    series TEXT NOT NULL,
    centre TEXT NOT NULL,
    on_day DATE NOT NULL,
    -- Ids of deployments, JSON; no names.
    body TEXT NOT NULL,
    -- The chain's length that it began from.
    base_seq BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (series, centre, on_day)
);

-- Wrong day codes by SMS, by line and day.
CREATE TABLE day_code_tries (
    msisdn TEXT NOT NULL,
    on_day DATE NOT NULL,
    wrong BIGINT NOT NULL,
    PRIMARY KEY (msisdn, on_day)
);

-- Work that is done once for a centre, a place or the whole on a day: rosters, reminders, lists.
CREATE TABLE chases (
    series TEXT NOT NULL,
    on_day DATE NOT NULL,
    step TEXT NOT NULL,
    -- A centre's code, a sub-county, or empty: all of it.
    whom TEXT NOT NULL,
    done_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (series, on_day, step, whom)
);

CREATE TABLE disputes (
    id UUID PRIMARY KEY,
    deployment UUID NOT NULL REFERENCES deployments (id),
    on_day DATE NOT NULL,
    account UUID NOT NULL REFERENCES accounts (id),
    -- `open`, `granted`, `refused`, `withdrawn`.
    state TEXT NOT NULL,
    -- Who has to answer while it is open: `centre`, `director`.
    stands_with TEXT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX disputes_open ON disputes (deployment, on_day) WHERE state = 'open';
CREATE INDEX disputes_by_account ON disputes (account, opened_at);

CREATE TABLE dispute_events (
    dispute UUID NOT NULL REFERENCES disputes (id),
    at TIMESTAMPTZ NOT NULL,
    -- `person`, `centre`, `director`.
    by_whom TEXT NOT NULL,
    actor UUID,
    what TEXT NOT NULL,
    reason TEXT
);
CREATE INDEX dispute_events_by_dispute ON dispute_events (dispute, at);

-- Closing documents: what was signed, and by which code anybody can check it.
CREATE TABLE register_documents (
    code TEXT PRIMARY KEY,
    series TEXT NOT NULL,
    centre TEXT NOT NULL,
    -- The entry it stands on, and the digest of what it said.
    seq BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    people BIGINT NOT NULL,
    days BIGINT NOT NULL,
    present BIGINT NOT NULL,
    absent BIGINT NOT NULL,
    signed_at TIMESTAMPTZ NOT NULL,
    signed_by UUID NOT NULL,
    signed_line TEXT NOT NULL,
    countersigned_at TIMESTAMPTZ,
    countersigned_by UUID,
    -- A later signature, or a reopened register, takes its place.
    replaced_at TIMESTAMPTZ
);
CREATE INDEX register_documents_by_register ON register_documents (series, centre, signed_at);
CREATE UNIQUE INDEX register_documents_standing ON register_documents (series, centre) WHERE replaced_at IS NULL;

-- What the payer was told and has told us; what is owed is counted from the marks.
CREATE TABLE payments (
    id UUID PRIMARY KEY,
    series TEXT NOT NULL,
    person UUID NOT NULL REFERENCES people (id),
    -- `approved` when it went to the payer, `paid`, `failed`.
    state TEXT NOT NULL,
    hundredths_of_days BIGINT NOT NULL,
    cents BIGINT NOT NULL,
    batch TEXT NOT NULL,
    -- The payer's own name for it.
    payer_ref TEXT,
    reason TEXT,
    approved_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    UNIQUE (series, person, batch)
);
CREATE INDEX payments_by_person ON payments (person, series);

-- When a file put an officer in office: only those leave with a file that does not hold them.
ALTER TABLE officers ADD COLUMN imported_at TIMESTAMPTZ;
