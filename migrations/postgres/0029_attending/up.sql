-- Senior managers attend a panel for their post and are no members of it.
ALTER TABLE panel_attendances DROP CONSTRAINT panel_attendances_attendance_check;
ALTER TABLE panel_attendances ADD CONSTRAINT panel_attendances_attendance_check
    CHECK (attendance IN ('chair', 'deputy_chair', 'member', 'attending', 'absent'));
