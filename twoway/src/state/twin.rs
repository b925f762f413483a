//! Which of what the sides have told may be the same item: by content, or by identity.

use rusqlite::params;

use super::pair::{self, Pair};
use super::told::{LOCAL_IS_NEW, REMOTE, REMOTE_IS_NEW, ToldLocal, ToldRemote, read_remote};
use super::{FolderId, Intent, Result, State};
use crate::item::{Fingerprint, ItemKey, LocalKey};

/// Items of the server that failed: few, among as many as a limit leaves out.
const FAILED_REMOTES: &str = "twoway_failure f CROSS JOIN twoway_told_remote r
    WHERE f.subject >= 'r' AND f.subject < 's' AND r.feed = CAST(substr(f.subject, 2) AS INTEGER)
    AND r.item = substr(f.subject, instr(f.subject, '/') + 1)";

impl State {
    /// An item that only the local side has, in this folder and with this content.
    pub(crate) fn twin(&self, folder: FolderId, print: &Fingerprint) -> Result<Option<ToldLocal>> {
        let twins = self.locals(
            &format!("{LOCAL_IS_NEW} AND l.folder = ?1 AND l.print = ?2 ORDER BY l.local LIMIT 1"),
            params![folder, print.0],
        )?;
        Ok(twins.into_iter().next())
    }

    /// The same in any folder, if it was on both sides until its key became another one (TWOWAY-05).
    pub(crate) fn twin_without_key(&self, print: &Fingerprint) -> Result<Option<ToldLocal>> {
        let twins = self.locals(
            &format!("{LOCAL_IS_NEW} AND l.is_kept = 1 AND l.print = ?1 ORDER BY l.local LIMIT 1"),
            [print.0],
        )?;
        Ok(twins.into_iter().next())
    }

    /// A pair that had this content, and whose item is gone at the server.
    pub(crate) fn gone_with_print(&self, print: &Fingerprint) -> Result<Option<Pair>> {
        let sql = format!(
            "SELECT {} FROM twoway_pair p
             JOIN twoway_told_remote r ON r.feed = p.feed AND r.item = p.item AND r.is_gone = 1
             WHERE p.print = ?1 AND p.header_only = 0 ORDER BY p.id LIMIT 1",
            pair::COLUMNS
        );
        let mut statement = self.db().prepare_cached(&sql)?;
        let mut rows = statement.query_map([print.0], pair::read)?;
        Ok(rows.next().transpose()?)
    }

    /// Whether something that is new at the server may be known already, by its content alone: what was sent or moved without
    /// an answer, what is gone where it was, or what is new here in the same folder.
    pub(crate) fn looks_for_contents(&self, folder: FolderId) -> Result<bool> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM twoway_journal WHERE kind IN ({}, {}))
             OR EXISTS (SELECT 1 FROM twoway_pair p JOIN twoway_told_remote r ON r.feed = p.feed AND r.item = p.item
                 WHERE r.is_gone = 1)
             OR EXISTS (SELECT 1 FROM twoway_told_local l WHERE {LOCAL_IS_NEW} AND (l.folder = ?1 OR l.is_kept = 1))",
            Intent::Put as i64,
            Intent::Move as i64
        );
        Ok(self.count(&sql, [folder])? > 0)
    }

    /// The feeds in which pairs with this content, or of this identity, are.
    pub(crate) fn feeds_with(
        &self,
        print: &Fingerprint,
        identity: Option<&str>,
    ) -> Result<Vec<FolderId>> {
        let mut statement = self.db().prepare_cached(
            "SELECT feed FROM twoway_pair WHERE print = ?1
             UNION SELECT feed FROM twoway_pair WHERE identity = ?2",
        )?;
        let feeds = statement.query_map(params![print.0, identity], |row| row.get(0))?;
        Ok(feeds.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether something is new at the server that could not be looked at, and may be of this identity.
    pub(crate) fn has_unseen_remotes(&self, identity: Option<&str>) -> Result<bool> {
        let sql = format!(
            "SELECT count(*) FROM {FAILED_REMOTES} AND {REMOTE_IS_NEW} AND (r.identity = ?1 OR r.identity IS NULL OR ?1 IS NULL)"
        );
        Ok(self.count(&sql, [identity])? > 0)
    }

    /// Whether something is new at the server that could not be looked at, and may be this new item: in the same folder, or
    /// in any if it was on both sides until its key became another one.
    pub(crate) fn has_unseen_twin(&self, local: &LocalKey) -> Result<bool> {
        let sql = format!(
            "SELECT count(*) FROM twoway_told_local l CROSS JOIN {FAILED_REMOTES}
             AND l.local = ?1 AND {REMOTE_IS_NEW}
             AND (r.identity = l.identity OR r.identity IS NULL OR l.identity IS NULL)
             AND (l.is_kept = 1 OR instr(r.folders, ',' || l.folder || ',') > 0)"
        );
        Ok(self.count(&sql, [local.as_str()])? > 0)
    }

    /// Whether it was on both sides until its key became another one.
    pub(crate) fn has_lost_key(&self, local: &LocalKey) -> Result<bool> {
        let sql = "SELECT count(*) FROM twoway_told_local WHERE local = ?1 AND is_gone = 0 AND is_kept = 1";
        Ok(self.count(sql, [local.as_str()])? > 0)
    }

    /// Of a pair with this content that is gone here, and that the server has told of: whether it is gone there too. What is
    /// new here may be this one, moved.
    pub(crate) fn is_gone_there_too(&self, print: &Fingerprint) -> Result<Option<bool>> {
        let sql = "SELECT max(r.is_gone) FROM twoway_pair p
             JOIN twoway_told_local l ON l.local = p.local AND l.is_gone = 1
             JOIN twoway_told_remote r ON r.feed = p.feed AND r.item = p.item
             WHERE p.print = ?1 AND (r.is_gone = 1 OR r.flags <> p.flags OR r.version IS NOT p.version
                 OR instr(r.folders, ',' || p.folder || ',') = 0)";
        let mut statement = self.db().prepare_cached(sql)?;
        Ok(statement.query_row([print.0], |row| row.get(0))?)
    }

    /// The date and the rest of an item that one identity names on both sides, once each: pairs to be made without
    /// sending anything.
    pub(crate) fn same_identities(&self) -> Result<Vec<(ToldRemote, ToldLocal)>> {
        let sql = format!(
            "SELECT {REMOTE}, l.local FROM twoway_told_remote r JOIN twoway_told_local l ON l.identity = r.identity
             WHERE {REMOTE_IS_NEW} AND {LOCAL_IS_NEW} AND instr(r.folders, ',' || l.folder || ',') > 0
             AND (SELECT count(*) FROM twoway_told_local o WHERE o.identity = l.identity AND o.folder = l.folder) = 1
             AND (SELECT count(*) FROM twoway_told_remote o WHERE o.identity = r.identity AND o.is_gone = 0
                  AND instr(o.folders, ',' || l.folder || ',') > 0) = 1"
        );
        let mut found = Vec::new();
        let mut statement = self.db().prepare(&sql)?;
        let rows = statement.query_map([], |row| {
            Ok((read_remote(row)?, LocalKey::new(row.get::<_, String>(11)?)))
        })?;
        for row in rows {
            let (remote, key) = row?;
            if let Some(local) = self.told_local(&key)? {
                found.push((remote, local));
            }
        }
        Ok(found)
    }

    /// Pairs whose item is gone under its key, while one of the same identity is new, once each: somebody has moved them.
    /// Unless the new one is where we have sent an edit that keeps the identity: its content says which it is.
    pub(crate) fn moved_by_identity(&self) -> Result<Vec<(i64, FolderId, ItemKey)>> {
        let sql = format!(
            "SELECT p.id, r.feed, r.item FROM twoway_pair p
             JOIN twoway_told_remote g ON g.feed = p.feed AND g.item = p.item AND g.is_gone = 1
             JOIN twoway_told_remote r ON r.identity = p.identity
             WHERE {}
             AND (SELECT count(*) FROM twoway_told_remote o WHERE o.identity = p.identity AND o.is_gone = 0) = 1
             AND (SELECT count(*) FROM twoway_pair o WHERE o.identity = p.identity) = 1
             AND NOT EXISTS (SELECT 1 FROM twoway_journal j
                 WHERE j.kind = {} AND j.replaces = p.id AND j.folder = r.feed)",
            REMOTE_IS_NEW.replace("twoway_pair p ", "twoway_pair q ").replace("p.feed", "q.feed").replace("p.item", "q.item"),
            Intent::Put as i64
        );
        let mut statement = self.db().prepare(&sql)?;
        let rows = statement.query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                ItemKey::new(row.get::<_, String>(2)?),
            ))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
