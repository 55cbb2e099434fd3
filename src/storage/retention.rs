//! What is wiped when its time is over, a bounded batch at a time so that nothing waits long for a lock, and the jobs
//! that are begun once over all nodes. How long each thing is kept is decided in `services/retention`.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx};

/// What grows old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The bodies of messages we sent; what became of them stays.
    MessageBodies,
    /// The texts of SMS we got; that they came stays.
    InboundTexts,
    /// Outcomes of a session's actions.
    Journal,
    /// The first hops of sessions.
    Openings,
    /// The ends of sessions.
    SessionEnds,
    /// Delivery reports as they came.
    DeliveryReports,
    /// What somebody was in the middle of; each says itself when it ends.
    Drafts,
    /// How many messages each route was given a second; here the age is that of the second.
    RouteSeconds,
    /// Sessions of browsers; here the age is that of their id.
    WebSessions,
    /// What was counted of tries and requests over the web.
    WebGates,
    /// Challenges of codes; each says itself when it ends.
    Challenges,
    /// Who asked for codes.
    CodeRequests,
    /// The limits on asking that nobody has come to for as long.
    CodeGates,
    /// What was counted of codes.
    CodeCounts,
    /// Questions about SIM swaps.
    SwapQuestions,
    /// Answers to them.
    SwapAnswers,
    /// Holds; here the age counts from their end.
    Holds,
    /// Moves of accounts to other lines.
    Moves,
    /// Tickets that were answered and not written to since: they are closed.
    AnsweredTickets,
    /// Wrong codes of days; here the age is that of the day.
    DayCodeTries,
    /// What centres were in the middle of marking.
    RegisterDrafts,
    /// What was done once on a day: rosters, reminders, lists.
    Chases,
}

impl Kept {
    /// Everything there is.
    pub const ALL: [Self; 22] = [
        Self::MessageBodies,
        Self::InboundTexts,
        Self::Journal,
        Self::Openings,
        Self::SessionEnds,
        Self::DeliveryReports,
        Self::Drafts,
        Self::RouteSeconds,
        Self::WebSessions,
        Self::WebGates,
        Self::Challenges,
        Self::CodeRequests,
        Self::CodeGates,
        Self::CodeCounts,
        Self::SwapQuestions,
        Self::SwapAnswers,
        Self::Holds,
        Self::Moves,
        Self::AnsweredTickets,
        Self::DayCodeTries,
        Self::RegisterDrafts,
        Self::Chases,
    ];

    fn wipe(self) -> &'static str {
        match self {
            Self::MessageBodies => {
                "UPDATE messages SET body = NULL, body_key = NULL WHERE id IN
                    (SELECT id FROM messages WHERE body IS NOT NULL AND created_at < $1 LIMIT $2)"
            }
            Self::InboundTexts => {
                "UPDATE inbound_messages SET text = NULL, text_key = NULL WHERE (provider, provider_id) IN
                    (SELECT provider, provider_id FROM inbound_messages
                     WHERE text IS NOT NULL AND received_at < $1 LIMIT $2)"
            }
            Self::Journal => {
                "DELETE FROM journal WHERE (provider, session_id, mark) IN
                    (SELECT provider, session_id, mark FROM journal WHERE claimed_at < $1 LIMIT $2)"
            }
            Self::Openings => {
                "DELETE FROM openings WHERE (provider, session_id) IN
                    (SELECT provider, session_id FROM openings WHERE opened_at < $1 LIMIT $2)"
            }
            Self::SessionEnds => {
                "DELETE FROM session_ends WHERE (provider, session_id) IN
                    (SELECT provider, session_id FROM session_ends WHERE received_at < $1 LIMIT $2)"
            }
            Self::DeliveryReports => {
                "DELETE FROM delivery_reports WHERE (provider, provider_id, status) IN
                    (SELECT provider, provider_id, status FROM delivery_reports WHERE received_at < $1 LIMIT $2)"
            }
            Self::Drafts => {
                "DELETE FROM drafts WHERE (msisdn, kind) IN
                    (SELECT msisdn, kind FROM drafts WHERE expires_at < $1 LIMIT $2)"
            }
            Self::RouteSeconds => {
                "DELETE FROM route_seconds WHERE (route, second) IN
                    (SELECT route, second FROM route_seconds WHERE second < $1 LIMIT $2)"
            }
            Self::WebSessions => {
                "DELETE FROM web_sessions WHERE id IN
                    (SELECT id FROM web_sessions WHERE began_at < $1 LIMIT $2)"
            }
            Self::WebGates => {
                "DELETE FROM web_gates WHERE gate IN
                    (SELECT gate FROM web_gates WHERE since < $1 LIMIT $2)"
            }
            Self::Challenges => {
                "DELETE FROM challenges WHERE id IN (SELECT id FROM challenges WHERE expires_at < $1 LIMIT $2)"
            }
            Self::CodeRequests => {
                "DELETE FROM code_requests WHERE (gate, id) IN
                    (SELECT gate, id FROM code_requests WHERE requested_at < $1 LIMIT $2)"
            }
            Self::CodeGates => {
                "DELETE FROM code_gates WHERE gate IN (SELECT gate FROM code_gates WHERE passed_at < $1 LIMIT $2)"
            }
            Self::CodeCounts => {
                "DELETE FROM code_counts WHERE (what, since) IN
                    (SELECT what, since FROM code_counts WHERE since < $1 LIMIT $2)"
            }
            Self::SwapQuestions => {
                "DELETE FROM sim_swap_questions WHERE id IN
                    (SELECT id FROM sim_swap_questions WHERE wanted_at < $1 LIMIT $2)"
            }
            Self::SwapAnswers => {
                "DELETE FROM sim_swap_answers WHERE (provider, request_id) IN
                    (SELECT provider, request_id FROM sim_swap_answers WHERE answered_at < $1 LIMIT $2)"
            }
            Self::Holds => {
                "DELETE FROM holds WHERE id IN (SELECT id FROM holds WHERE until < $1 LIMIT $2)"
            }
            Self::Moves => {
                "DELETE FROM moves WHERE id IN (SELECT id FROM moves WHERE asked_at < $1 LIMIT $2)"
            }
            Self::AnsweredTickets => {
                "UPDATE support_tickets SET state = 'closed' WHERE id IN
                    (SELECT id FROM support_tickets WHERE state = 'answered' AND changed_at < $1 LIMIT $2)"
            }
            Self::DayCodeTries => {
                "DELETE FROM day_code_tries WHERE (msisdn, on_day) IN
                    (SELECT msisdn, on_day FROM day_code_tries WHERE on_day < $1 LIMIT $2)"
            }
            Self::RegisterDrafts => {
                "DELETE FROM register_drafts WHERE (series, centre, on_day) IN
                    (SELECT series, centre, on_day FROM register_drafts WHERE changed_at < $1 LIMIT $2)"
            }
            Self::Chases => {
                "DELETE FROM chases WHERE (series, on_day, step, whom) IN
                    (SELECT series, on_day, step, whom FROM chases WHERE done_at < $1 LIMIT $2)"
            }
        }
    }
}

/// Wipe at most `limit` things that are older than `before`; says how many there were.
pub async fn wipe(tx: &mut Tx, what: Kept, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    let query = tx.query(what.wipe());
    let query = match what {
        Kept::RouteSeconds => query.bind(before.timestamp()),
        Kept::DayCodeTries => query.bind(before.date_naive()),
        _ => query.bind(before),
    };
    query.bind(limit).execute().await
}

/// Begin a job if it was last begun before `not_since`: one node gets `true`, the others `false`.
pub async fn begin_job(
    tx: &mut Tx,
    name: &str,
    now: DateTime<Utc>,
    not_since: DateTime<Utc>,
) -> Result<bool> {
    let begun = tx
        .query(
            "INSERT INTO jobs (name, begun_at) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET begun_at = $2 WHERE jobs.begun_at <= $3",
        )
        .bind(name)
        .bind(now)
        .bind(not_since)
        .execute()
        .await?;
    Ok(begun == 1)
}
