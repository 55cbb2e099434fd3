//! What is known of a line before anybody has signed in: its language, and what a dial needs to open.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Result, Tx};
use crate::model::{
    ChallengeId, Language, MessageId, Msisdn, Network,
    challenge::{Door, MOST_SKEW, MOST_TRIES},
    message::{Fate, RefusalReason},
};

/// How long a change of number can be taken back (`security.md` 20).
pub const CANCELLABLE: TimeDelta = TimeDelta::hours(72);

/// The facts that choose the first screen of a dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// The line's language, once it has been chosen.
    pub language: Option<Language>,
    /// Whether it has an account.
    pub has_account: bool,
    /// Wrong PINs in a row on that account.
    pub failures: i64,
    /// Whether an earlier call left a draft that still lives.
    pub has_draft: bool,
    /// The code for a new PIN that is due, if one is.
    pub code_due: Option<CodeDue>,
    /// How many posts the line may speak for; which ones `posts::of_line` tells.
    pub posts: i64,
    /// How many people's deployments the account sees.
    pub deployed: i64,
    /// Whether an officer's code was right in a call that has not used it yet.
    pub officer_passed: bool,
    /// What a line without an account has to do with a move.
    pub moving: Option<Moving>,
    /// The latest message that did not arrive and was not told yet.
    pub fate_due: Option<FateDue>,
    /// The network that a callback last told.
    pub network: Option<String>,
}

impl Situation {
    /// The network that the line is on now, if that is to be kept.
    pub fn moved_to<'a>(&self, network: Option<&'a Network>) -> Option<&'a Network> {
        let known = self.language.is_some();
        network.filter(|network| known && self.network.as_deref() != Some(network.code()))
    }
}

/// What a line without an account has to do with a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moving {
    /// An account waits for this line to take it over.
    Here,
    /// The line's account went to another line and can still be taken back.
    Away,
}

/// A message of the last day that did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FateDue {
    /// The message.
    pub message: MessageId,
    /// When it was promised.
    pub created_at: DateTime<Utc>,
    /// Refused or expired.
    pub fate: Fate,
    /// Why it was refused.
    pub reason: Option<RefusalReason>,
    /// The challenge whose code for a new PIN it carries, where that still counts.
    pub code: Option<ChallengeId>,
}

/// How far back a dial looks for messages that did not arrive: what happened before is no news.
const NEWS: TimeDelta = TimeDelta::hours(24);

/// A code that went to the line and still counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeDue {
    /// What its message and the screen both show.
    pub reference: String,
    /// Until when it counts.
    pub until: DateTime<Utc>,
    /// Whether it was right in a call that has not used it yet.
    pub passed: bool,
}

#[derive(FromRow)]
struct SituationRow {
    language: Option<String>,
    accounts: i64,
    failures: i64,
    drafts: i64,
    reference: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    passed_at: Option<DateTime<Utc>>,
    network: Option<String>,
    message: Option<Uuid>,
    message_at: Option<DateTime<Utc>>,
    message_fate: Option<Fate>,
    message_reason: Option<String>,
    message_code: Option<Uuid>,
    officer_passed: i64,
    moves_here: i64,
    moves_away: i64,
    posts: i64,
    deployed: i64,
}

/// Everything the first hop asks, in one statement.
pub async fn situation(tx: &mut Tx, line: &Msisdn, now: DateTime<Utc>) -> Result<Situation> {
    let row: SituationRow = tx
        .query(
            "SELECT l.language, COALESCE(a.accounts, 0) AS accounts, COALESCE(a.failures, 0) AS failures,
                    (SELECT COUNT(*) FROM drafts WHERE msisdn = $1 AND kind = 'sign_up' AND expires_at > $2) AS drafts,
                    d.reference, d.expires_at, d.passed_at, l.network, m.id AS message,
                    m.created_at AS message_at, m.fate AS message_fate, m.reason AS message_reason,
                    CASE WHEN m.challenge = d.id THEN d.id END AS message_code,
                    (SELECT COUNT(*) FROM challenges WHERE subject = a.id AND purpose = $7 AND closed_at IS NULL
                     AND passed_at IS NOT NULL) AS officer_passed,
                    (SELECT COUNT(*) FROM moves WHERE new_msisdn = $1 AND confirmed_at IS NOT NULL
                     AND done_at IS NULL AND cancelled_at IS NULL AND expires_at > $2) AS moves_here,
                    (SELECT COUNT(*) FROM moves WHERE old_msisdn = $1 AND done_at > $8
                     AND cancelled_at IS NULL) AS moves_away,
                    (SELECT COUNT(*) FROM post_lines WHERE msisdn = $1 AND unbound_at IS NULL)
                    + (SELECT COUNT(*) FROM post_credentials WHERE issued_to = $1 AND revoked_at IS NULL
                       AND (chosen_at IS NULL OR part = 'deputy') AND expires_at > $2) AS posts,
                    (SELECT COUNT(*) FROM people WHERE account = a.id) AS deployed
             FROM (SELECT 1 AS one) o
             LEFT JOIN lines l ON l.msisdn = $1
             LEFT JOIN (SELECT a.id, CAST(1 AS BIGINT) AS accounts, c.failures
                        FROM accounts a LEFT JOIN credentials c ON c.account_id = a.id
                        WHERE a.msisdn = $1) a ON TRUE
             LEFT JOIN challenges d ON d.subject = a.id AND d.purpose = $3 AND d.closed_at IS NULL
                                   AND d.expires_at > $2 AND d.created_at <= $4 AND d.tries < $5
             LEFT JOIN messages m ON m.id = (
                 SELECT id FROM messages m WHERE msisdn = $1 AND created_at > $6 AND fate IN ('refused', 'expired')
                 -- Who wanted no more knows why none came.
                 AND told_at IS NULL AND COALESCE(reason, '') <> 'stopped'
                 -- A code that was used or replaced is no news, nor one that was sent once more or is there.
                 AND NOT EXISTS (SELECT 1 FROM challenges WHERE id = m.challenge AND closed_at IS NOT NULL)
                 AND NOT EXISTS (SELECT 1 FROM messages n WHERE n.challenge = m.challenge
                                 AND (n.created_at > m.created_at OR n.fate = 'delivered'))
                 -- The code that is due before everything else.
                 ORDER BY CASE WHEN EXISTS (SELECT 1 FROM challenges WHERE id = m.challenge AND purpose = $3
                                            AND expires_at > $2) THEN 0 ELSE 1 END, created_at DESC LIMIT 1)",
        )
        .bind(line.as_e164().to_owned())
        .bind(now)
        .bind(Door::ResetPin)
        .bind(now + MOST_SKEW)
        .bind(MOST_TRIES)
        .bind(now - NEWS)
        .bind(Door::Officer)
        .bind(now - CANCELLABLE)
        .one()
        .await?;
    let code_due = row.reference.zip(row.expires_at);
    let fate_due = row.message.zip(row.message_at).zip(row.message_fate);
    Ok(Situation {
        language: row.language.as_deref().and_then(Language::from_code),
        has_account: row.accounts > 0,
        failures: row.failures,
        has_draft: row.drafts > 0,
        posts: row.posts,
        deployed: row.deployed,
        officer_passed: row.officer_passed > 0,
        moving: match (row.accounts, row.moves_here, row.moves_away) {
            (0, 1.., _) => Some(Moving::Here),
            (0, _, 1..) => Some(Moving::Away),
            _ => None,
        },
        code_due: code_due.map(|(reference, until)| CodeDue {
            reference,
            until,
            passed: row.passed_at.is_some(),
        }),
        fate_due: fate_due.map(|((message, created_at), fate)| FateDue {
            message: MessageId(message),
            created_at,
            fate,
            reason: row.message_reason.as_deref().and_then(RefusalReason::from_name),
            code: row.message_code.map(ChallengeId),
        }),
        network: row.network,
    })
}

/// The language of a line, once it has been chosen.
pub async fn language(tx: &mut Tx, line: &Msisdn) -> Result<Option<Language>> {
    let row: Option<(String,)> = tx
        .query("SELECT language FROM lines WHERE msisdn = $1")
        .bind(line.as_e164().to_owned())
        .optional()
        .await?;
    Ok(row.and_then(|(code,)| Language::from_code(&code)))
}

/// Remember the language of a line, and its network where that is told.
pub async fn set_language(
    tx: &mut Tx,
    line: &Msisdn,
    language: Language,
    network: Option<&Network>,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.query(
        "INSERT INTO lines (msisdn, language, network, changed_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (msisdn) DO UPDATE SET language = excluded.language, changed_at = excluded.changed_at,
            network = COALESCE(excluded.network, lines.network)",
    )
    .bind(line.as_e164().to_owned())
    .bind(language.code())
    .bind(network.map(|network| network.code().to_owned()))
    .bind(now)
    .execute_exactly(1)
    .await
}

/// Remember the network that a line is on now, if the line is known.
pub async fn set_network(tx: &mut Tx, line: &Msisdn, network: &Network) -> Result<()> {
    tx.query("UPDATE lines SET network = $1 WHERE msisdn = $2")
        .bind(network.code().to_owned())
        .bind(line.as_e164().to_owned())
        .execute()
        .await?;
    Ok(())
}
