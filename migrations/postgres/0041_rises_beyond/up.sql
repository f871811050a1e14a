-- A rise of rates goes untested up to a bound of the profile. A line that rises further, without the authority of the post that agrees the
-- rise over the child's new total, waits for a confirmation; the bound stands here. Null: it went no further, or the post may agree that.
ALTER TABLE package_variations ADD COLUMN beyond_percent BIGINT CHECK (beyond_percent >= 0);
