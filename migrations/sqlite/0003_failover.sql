-- Failover: each try of a message on a route stands for itself, so that a late report finds it; and what is known of a
-- message that did not arrive is told at the next dial.

-- The caller's network as a callback told it: numbers move between networks, prefixes don't tell.
ALTER TABLE lines ADD COLUMN network TEXT;

ALTER TABLE messages ADD COLUMN network TEXT;
-- Whether the route that stands in the row was chosen with all that is known; a worker chooses for the others.
ALTER TABLE messages ADD COLUMN placed INTEGER NOT NULL DEFAULT 0;
-- It goes by a call, which must not ring into the session that asked for it: due at once when that has ended.
ALTER TABLE messages ADD COLUMN after_session INTEGER NOT NULL DEFAULT 0;
-- When a worker looks whether another route could do better: silence, or a bad report.
ALTER TABLE messages ADD COLUMN reconsider_at TEXT;
-- When the person was told that it did not arrive.
ALTER TABLE messages ADD COLUMN told_at TEXT;
CREATE INDEX messages_unplaced ON messages (priority, due_at) WHERE fate = 'queued' AND NOT placed;
CREATE INDEX messages_to_reconsider ON messages (reconsider_at) WHERE reconsider_at IS NOT NULL;

-- Here stand the ids that aggregators give; messages.provider_id is no longer filled.
CREATE TABLE message_attempts (
    message_id BLOB NOT NULL REFERENCES messages (id),
    attempt INTEGER NOT NULL,
    route TEXT NOT NULL,
    provider TEXT NOT NULL,
    provider_id TEXT,
    -- Empty where nobody knows it.
    network TEXT NOT NULL,
    -- The number without its last four digits; only of codes, for their conversion.
    prefix TEXT,
    fate TEXT NOT NULL,
    reason TEXT,
    begun_at TEXT NOT NULL,
    ended_at TEXT,
    -- From the beginning to the report of its delivery.
    took_ms INTEGER,
    PRIMARY KEY (message_id, attempt),
    UNIQUE (provider, provider_id)
) STRICT;
CREATE INDEX message_attempts_by_time ON message_attempts (begun_at);
CREATE INDEX message_attempts_by_prefix ON message_attempts (prefix, begun_at) WHERE prefix IS NOT NULL;

INSERT INTO message_attempts (message_id, attempt, route, provider, provider_id, network, fate, reason, begun_at)
SELECT id, attempts, COALESCE(route, ''), provider, provider_id, '', fate, reason, COALESCE(attempted_at, created_at)
FROM messages WHERE provider_id IS NOT NULL;
