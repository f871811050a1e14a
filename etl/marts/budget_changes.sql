-- grain: one row a financial year and budget line, noughts where nothing happened
-- check: unique financial_year, budget_line
-- check: not_null financial_year, budget_line, original_pence, virement_pence, adjustment_pence, carried_forward_pence, reversed_pence, budget_pence
-- check: every dim_financial_year, dim_budget_line
-- check: budget budget_pence
--
-- How a year's budget came about: what the council set, what was transferred between lines, what was added or taken off during the year, what a
-- closed year passed on, and what took an earlier movement back. Expenditure is positive, income negative. The parts add up to the budget.
WITH moved AS (
    SELECT
        financial_year,
        budget_line,
        CAST(SUM(CASE WHEN kind = 'original' THEN amount_pence ELSE 0 END) AS BIGINT) AS original_pence,
        CAST(SUM(CASE WHEN kind = 'virement' THEN amount_pence ELSE 0 END) AS BIGINT) AS virement_pence,
        CAST(SUM(CASE WHEN kind = 'adjustment' THEN amount_pence ELSE 0 END) AS BIGINT) AS adjustment_pence,
        CAST(SUM(CASE WHEN kind = 'carry_forward' THEN amount_pence ELSE 0 END) AS BIGINT) AS carried_forward_pence,
        CAST(SUM(CASE WHEN kind = 'reversal' THEN amount_pence ELSE 0 END) AS BIGINT) AS reversed_pence,
        CAST(SUM(amount_pence) AS BIGINT) AS budget_pence
    FROM fact_budget_movements
    GROUP BY financial_year, budget_line
),
line_years AS (
    SELECT dim_financial_year.financial_year, dim_budget_line.budget_line
    FROM dim_financial_year
    CROSS JOIN dim_budget_line
)
SELECT
    line_years.financial_year,
    line_years.budget_line,
    COALESCE(moved.original_pence, 0) AS original_pence,
    COALESCE(moved.virement_pence, 0) AS virement_pence,
    COALESCE(moved.adjustment_pence, 0) AS adjustment_pence,
    COALESCE(moved.carried_forward_pence, 0) AS carried_forward_pence,
    COALESCE(moved.reversed_pence, 0) AS reversed_pence,
    COALESCE(moved.budget_pence, 0) AS budget_pence
FROM line_years
LEFT JOIN moved ON moved.financial_year = line_years.financial_year AND moved.budget_line = line_years.budget_line
ORDER BY line_years.financial_year, line_years.budget_line
