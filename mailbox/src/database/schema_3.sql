-- From version 2 to 3: what a client has made and deleted is told as deleted where the server has got it meanwhile.

DROP TRIGGER change_pending;

CREATE TRIGGER change_pending AFTER INSERT ON change
WHEN new.by = 0 AND new.what BETWEEN 1 AND 6 AND new.kind < 2 AND (SELECT tracked FROM clock)
  -- No server knows of search folders.
  AND (new.kind = 1 OR (SELECT kind FROM folder WHERE id = new.id) <> 2)
BEGIN
  INSERT INTO pending (kind, id, last, bits, folder, server_id)
  VALUES (
    new.kind, new.id, new.seq,
    CASE new.what WHEN 1 THEN 1 WHEN 2 THEN 1 WHEN 3 THEN 2 WHEN 4 THEN 4 WHEN 5 THEN 8 ELSE 16 END,
    new.old_folder,
    (SELECT server_id FROM remote WHERE id = new.id)
  )
  ON CONFLICT (kind, id) DO UPDATE SET
    last = excluded.last,
    bits = bits | excluded.bits,
    folder = coalesce(folder, excluded.folder),
    server_id = coalesce(excluded.server_id, server_id);
  -- Created and deleted is nothing, unless the server has got it meanwhile.
  DELETE FROM pending WHERE kind = new.kind AND id = new.id AND bits & 17 = 17 AND server_id IS NULL;
END;
