-- A store that can be put back alone has the mark of the last run that did something, and so has its state. `next_mark` is the
-- one that the store is about to get.
ALTER TABLE twoway_meta ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE twoway_meta ADD COLUMN next_mark TEXT NOT NULL DEFAULT '';

-- Flags that the folder keeps at the server; none: any.
ALTER TABLE twoway_folder ADD COLUMN kept_flags TEXT;
