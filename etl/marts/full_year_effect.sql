-- grain: one row a financial year and budget line, noughts where nothing is in force
-- check: unique financial_year, budget_line
-- check: not_null financial_year, budget_line, planned_pence, full_year_pence, effect_pence
-- check: every dim_financial_year, dim_budget_line
--
-- What package lines that somebody with the authority agreed are planned to cost in the year, whenever in it they began or ended; and what a full
-- year of those would cost that are in force on its last day. The effect is the second less the first: what the next year bears more, or less,
-- if nothing else changes. Expenditure is positive, income negative; health's share is not taken off.
WITH planned AS (
    SELECT source_key, financial_year, CAST(SUM(planned_pence) AS BIGINT) AS planned_pence
    FROM fact_planned_costs
    WHERE kind = 'package_line'
    GROUP BY source_key, financial_year
),
by_line AS (
    SELECT
        fact_line_years.financial_year,
        fact_line_years.budget_line,
        CAST(SUM(COALESCE(planned.planned_pence, 0)) AS BIGINT) AS planned_pence,
        CAST(SUM(CASE WHEN fact_line_years.is_at_end = 1 THEN fact_line_years.full_year_pence ELSE 0 END) AS BIGINT) AS full_year_pence
    FROM fact_line_years
    LEFT JOIN planned
        ON planned.source_key = fact_line_years.line_key AND planned.financial_year = fact_line_years.financial_year
    GROUP BY fact_line_years.financial_year, fact_line_years.budget_line
),
line_years AS (
    SELECT dim_financial_year.financial_year, dim_budget_line.budget_line
    FROM dim_financial_year
    CROSS JOIN dim_budget_line
)
SELECT
    line_years.financial_year,
    line_years.budget_line,
    COALESCE(by_line.planned_pence, 0) AS planned_pence,
    COALESCE(by_line.full_year_pence, 0) AS full_year_pence,
    COALESCE(by_line.full_year_pence, 0) - COALESCE(by_line.planned_pence, 0) AS effect_pence
FROM line_years
LEFT JOIN by_line ON by_line.financial_year = line_years.financial_year AND by_line.budget_line = line_years.budget_line
ORDER BY line_years.financial_year, line_years.budget_line
