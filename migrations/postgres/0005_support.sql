-- The support desk: lines that want no more reminders and notices, and what people wrote that nobody understood.

-- A line that asked us to stop, by SMS or through its network.
CREATE TABLE stopped_lines (
    msisdn TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    stopped_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE support_tickets (
    id UUID PRIMARY KEY,
    -- What the person and the desk call it.
    reference TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    language TEXT NOT NULL,
    -- open, answered, closed
    state TEXT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
-- One at a time for a line: it gathers what its owner writes.
CREATE UNIQUE INDEX support_tickets_of_line ON support_tickets (msisdn) WHERE state <> 'closed';
-- A reference is given again only when nobody speaks of it any more.
CREATE UNIQUE INDEX support_tickets_named ON support_tickets (reference) WHERE state <> 'closed';
CREATE INDEX support_tickets_by_reference ON support_tickets (reference, opened_at);
CREATE INDEX support_tickets_by_state ON support_tickets (state, changed_at);

-- What was written on a ticket, by its person (an inbound SMS) or by the desk (a message). The words stay where they
-- are sealed and wiped already.
CREATE TABLE support_notes (
    id UUID PRIMARY KEY,
    ticket UUID NOT NULL REFERENCES support_tickets (id),
    at TIMESTAMPTZ NOT NULL,
    provider TEXT,
    provider_id TEXT,
    message UUID,
    -- Who at the desk.
    written_by TEXT
);
CREATE INDEX support_notes_by_ticket ON support_notes (ticket, at);
