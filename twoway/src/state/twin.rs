//! Which of what the sides have told may be the same item: by content, or by identity.

use rusqlite::params;

use super::pair::{self, Pair};
use super::told::{LOCAL_IS_NEW, REMOTE, REMOTE_IS_NEW, ToldLocal, ToldRemote, read_remote};
use super::{FolderId, Result, State};
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

    /// Whether a pair with this content is gone on both sides, as far as they tell.
    pub(crate) fn is_gone_with_print(&self, print: &Fingerprint) -> Result<bool> {
        let sql = "SELECT count(*) FROM twoway_pair p
             JOIN twoway_told_remote r ON r.feed = p.feed AND r.item = p.item AND r.is_gone = 1
             JOIN twoway_told_local l ON l.local = p.local AND l.is_gone = 1
             WHERE p.print = ?1";
        Ok(self.count(sql, [print.0])? > 0)
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
    pub(crate) fn moved_by_identity(&self) -> Result<Vec<(i64, FolderId, ItemKey)>> {
        let sql = format!(
            "SELECT p.id, r.feed, r.item FROM twoway_pair p
             JOIN twoway_told_remote g ON g.feed = p.feed AND g.item = p.item AND g.is_gone = 1
             JOIN twoway_told_remote r ON r.identity = p.identity
             WHERE {}
             AND (SELECT count(*) FROM twoway_told_remote o WHERE o.identity = p.identity AND o.is_gone = 0) = 1
             AND (SELECT count(*) FROM twoway_pair o WHERE o.identity = p.identity) = 1",
            REMOTE_IS_NEW.replace("twoway_pair p ", "twoway_pair q ").replace("p.feed", "q.feed").replace("p.item", "q.item")
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
