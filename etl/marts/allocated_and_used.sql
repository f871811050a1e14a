-- grain: one row a financial year and unit that is allocated, or of which use is recorded
-- check: unique financial_year, unit
-- check: not_null financial_year, unit, allocated_thousandths, allocated_children
--
-- Allocated is what package lines planned up to the snapshot's day that somebody with the authority agreed, in thousandths of the unit, and
-- for how many children. Used is recorded of nights alone: those stayed, and by how many children. Of other units it is null: not known.
WITH allocated AS (
    SELECT
        fact_planned_units.financial_year,
        fact_planned_units.unit,
        CAST(SUM(fact_planned_units.planned_units_thousandths) AS BIGINT) AS allocated_thousandths,
        CAST(COUNT(DISTINCT fact_package_lines.child_key) AS BIGINT) AS allocated_children
    FROM fact_planned_units
    JOIN fact_package_lines ON fact_package_lines.line_key = fact_planned_units.line_key
    WHERE fact_package_lines.is_unconfirmed = 0
    GROUP BY fact_planned_units.financial_year, fact_planned_units.unit
),
used AS (
    SELECT
        financial_year,
        'night' AS unit,
        CAST(SUM(nights) AS BIGINT) * 1000 AS used_thousandths,
        CAST(COUNT(DISTINCT child_key) AS BIGINT) AS used_children
    FROM fact_nights
    WHERE state = 'stayed'
    GROUP BY financial_year
),
sides AS (
    SELECT financial_year, unit FROM allocated
    UNION ALL
    SELECT financial_year, unit FROM used
),
both_sides AS (
    SELECT financial_year, unit
    FROM sides
    GROUP BY financial_year, unit
)
SELECT
    both_sides.financial_year,
    both_sides.unit,
    COALESCE(allocated.allocated_thousandths, 0) AS allocated_thousandths,
    COALESCE(allocated.allocated_children, 0) AS allocated_children,
    used.used_thousandths,
    used.used_children
FROM both_sides
LEFT JOIN allocated ON allocated.financial_year = both_sides.financial_year AND allocated.unit = both_sides.unit
LEFT JOIN used ON used.financial_year = both_sides.financial_year AND used.unit = both_sides.unit
ORDER BY both_sides.financial_year, both_sides.unit
