//! Seals of format 2 covered the values themselves, so that none could ever be erased. When a
//! database comes to format 3 its seals are verified a last time as they were made, and made anew
//! over digests. Had the history been changed before, that is remembered and found by every check.

use super::seal::{self, Hash, Seal};
use crate::{
    Finding, StoreError,
    engine::{Connection, Dialect, SqlValue},
    migrate::meta,
};

/// What `pw_meta` keeps a finding of the last verification under.
const FINDING: &str = "history_before_format_3";

/// Gives every entry a salt, verifies the seals, and makes them anew.
pub(crate) fn with_digests(connection: &mut dyn Connection) -> Result<(), StoreError> {
    connection.batch(match connection.dialect() {
        Dialect::Sqlite => "UPDATE pw_feed SET salt = randomblob(16) WHERE salt IS NULL",
        Dialect::Postgres => "UPDATE pw_feed SET salt = gen_random_uuid() WHERE salt IS NULL",
    })?;
    let update = connection.dialect().numbered("UPDATE pw_seal SET hash = ?1 WHERE number = ?2").into_owned();
    let mut before = (Seal::none(), Vec::new());
    for seal in seal::all(connection)? {
        let entries = seal::entries(connection, &before.0, &seal)?;
        let is_sound = seal.number == before.0.number + 1
            && seal.hash == former_hash(&before.0.hash, &entries)
            && seal.entries == entries.len() as i64;
        if !is_sound && meta::get(connection, FINDING)?.is_none() {
            let finding = format!(
                "the history was changed after it had been sealed, which was found when it was sealed anew for \
                 format 3: seal number {} up to entry {} did not fit",
                seal.number, seal.last
            );
            tracing::warn!(finding, "the history is not as it was sealed");
            meta::set(connection, FINDING, &finding)?;
        }
        let hash = seal::hash_of(&before.1, &entries);
        connection.execute(&update, &[hash.clone().into(), seal.number.into()])?;
        before = (seal, hash);
    }
    if before.0.number > 0 {
        let (former, now) = (seal::hexadecimal(&before.0.hash), seal::hexadecimal(&before.1));
        tracing::warn!(former, now, "the seals of the history were verified and made anew; keep the new last one");
    }
    Ok(())
}

/// What was wrong with the seals when they were made anew.
pub(super) fn earlier_finding(connection: &mut dyn Connection) -> Result<Option<Finding>, StoreError> {
    Ok(meta::get(connection, FINDING)?.map(seal::finding))
}

/// Into another database.
pub(crate) fn carry_over(source: &mut dyn Connection, target: &mut dyn Connection) -> Result<(), StoreError> {
    meta::get(source, FINDING)?.map_or(Ok(()), |finding| meta::set(target, FINDING, &finding))
}

/// A seal's hash as format 2 made it: over the values, which there stood last.
fn former_hash(before: &[u8], entries: &[Vec<SqlValue>]) -> Vec<u8> {
    let mut hash = Hash::behind(before);
    for entry in entries {
        let [sealed @ .., _salt, _erased] = entry.as_slice() else { continue };
        hash.add_values(sealed);
    }
    hash.end()
}
