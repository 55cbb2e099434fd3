-- Lines that changed hands: what networks tell of swapped SIMs, officers and their help, accounts that move to another
-- line.

-- A question about a line, wanted in the transaction in which a recovery begins and asked by a worker after it.
CREATE TABLE sim_swap_questions (
    id UUID PRIMARY KEY,
    account UUID NOT NULL,
    msisdn TEXT NOT NULL,
    wanted_at TIMESTAMPTZ NOT NULL,
    -- When a worker may next try; moved on before each try, so that one worker asks at a time.
    due_at TIMESTAMPTZ NOT NULL,
    attempts BIGINT NOT NULL,
    -- Taken, under this id of the provider's.
    asked_at TIMESTAMPTZ,
    provider TEXT,
    request_id TEXT,
    UNIQUE (provider, request_id)
);
CREATE INDEX sim_swap_questions_by_line ON sim_swap_questions (msisdn, wanted_at);
CREATE INDEX sim_swap_questions_waiting ON sim_swap_questions (due_at) WHERE asked_at IS NULL;
CREATE INDEX sim_swap_questions_by_time ON sim_swap_questions (wanted_at);

-- Answers by themselves: one may come before the question is known to be taken.
CREATE TABLE sim_swap_answers (
    provider TEXT NOT NULL,
    request_id TEXT NOT NULL,
    finding TEXT NOT NULL,
    -- The day of the last swap, YYYY-MM-DD by the network's calendar.
    swapped_on TEXT,
    answered_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider, request_id)
);
CREATE INDEX sim_swap_answers_by_time ON sim_swap_answers (answered_at);

-- What of an account must rest for a while.
CREATE TABLE holds (
    id UUID PRIMARY KEY,
    account UUID NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    until TIMESTAMPTZ NOT NULL
);
CREATE INDEX holds_by_account ON holds (account, kind, until);
CREATE INDEX holds_by_time ON holds (until);

CREATE TABLE officers (
    id UUID PRIMARY KEY,
    full_name TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    role TEXT NOT NULL,
    -- A sub-county, a county, or empty: everywhere.
    scope TEXT NOT NULL,
    added_at TIMESTAMPTZ NOT NULL,
    left_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX officers_in_office ON officers (msisdn) WHERE left_at IS NULL;

-- An account on its way to another line.
CREATE TABLE moves (
    id UUID PRIMARY KEY,
    account UUID NOT NULL,
    -- What officers call it by.
    reference TEXT NOT NULL,
    old_msisdn TEXT NOT NULL,
    new_msisdn TEXT NOT NULL,
    -- The officer who asked for it; none where the person did on the old line, signed in.
    asked_by UUID,
    asked_at TIMESTAMPTZ NOT NULL,
    -- Until when it can be confirmed and carried out.
    expires_at TIMESTAMPTZ NOT NULL,
    -- The second officer; none where a code to the old line confirmed it.
    confirmed_by UUID,
    confirmed_at TIMESTAMPTZ,
    -- When the account went over to the new line.
    done_at TIMESTAMPTZ,
    -- When somebody on the old line proved by a code to object to what officers did.
    objected_at TIMESTAMPTZ,
    -- The officer who cancelled it; none where the old line took the account back, or a later move stands in its place.
    cancelled_by UUID,
    cancelled_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX moves_open ON moves (account) WHERE done_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX moves_by_account ON moves (account, asked_at);
CREATE INDEX moves_by_old_line ON moves (old_msisdn, done_at);
CREATE INDEX moves_by_new_line ON moves (new_msisdn, asked_at);
CREATE INDEX moves_by_reference ON moves (reference, asked_at);
CREATE INDEX moves_by_time ON moves (asked_at);
