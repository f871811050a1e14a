-- The birthday that ends a line, since its child is too old for it from then on; none where something else ends it, or nothing does. And why
-- a line starts before the first age of its budget line, or goes on after the last. Lines of before say neither.
ALTER TABLE package_lines ADD COLUMN ends_by_age_on DATE;
ALTER TABLE package_lines ADD COLUMN beyond_age_reason TEXT;
ALTER TABLE request_lines ADD COLUMN ends_by_age_on DATE;
ALTER TABLE request_lines ADD COLUMN beyond_age_reason TEXT;
ALTER TABLE package_variations ADD COLUMN ends_by_age_on DATE;
ALTER TABLE package_variations ADD COLUMN beyond_age_reason TEXT;
