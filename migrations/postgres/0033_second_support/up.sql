-- Why a child has the same support twice on the same days: of a package line, and of a line that is asked for.
ALTER TABLE package_lines ADD COLUMN second_support_reason TEXT;
ALTER TABLE request_lines ADD COLUMN second_support_reason TEXT;
