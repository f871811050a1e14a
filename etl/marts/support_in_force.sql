-- grain: one row a financial year and budget line with support in force on the year's last day, or while it runs on the snapshot's day
-- check: unique financial_year, budget_line
-- check: not_null financial_year, budget_line, children, full_year_pence
--
-- Children, each once a row, and what a whole year of that support costs. What nobody with the authority agreed does not count.
SELECT
    financial_year,
    budget_line,
    CAST(COUNT(DISTINCT child_key) AS BIGINT) AS children,
    CAST(SUM(full_year_pence) AS BIGINT) AS full_year_pence
FROM fact_support_in_force
GROUP BY financial_year, budget_line
ORDER BY financial_year, budget_line
