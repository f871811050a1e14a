-- grain: one row a financial year, birthday that moves a child on, and when it falls
-- check: unique financial_year, birthday, falls
-- check: not_null financial_year, birthday, falls, children, full_year_pence
--
-- `falls` is in_year: children with support on any day of the year who have that birthday in it, and what a full year of their package cost on the
-- day before; or next_year: children with support on the year's last day who have it in the next, and what a full year of their package costs on
-- that last day, gross. Nobody is in the warehouse with a date of birth: the fact has counts alone.
SELECT financial_year, birthday, falls, children, full_year_pence
FROM fact_transitions
ORDER BY financial_year, birthday, falls
