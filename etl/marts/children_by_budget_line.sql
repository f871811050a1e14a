-- grain: one row a financial year and budget line, and one a financial year with a null budget line for all of them together
-- check: unique financial_year, budget_line
-- check: not_null financial_year, children
--
-- Children with a package line in force on any day of the year, each once a row, however many lines they have: so the budget lines may
-- add up to more than all of them together, and never to less. A line that nobody with the authority has agreed counts for no child, as in
-- the statement's figures.
WITH in_force AS (
    SELECT dim_financial_year.financial_year, fact_package_lines.budget_line, fact_package_lines.child_key
    FROM fact_package_lines
    CROSS JOIN dim_financial_year
    WHERE fact_package_lines.is_unconfirmed = 0
        AND fact_package_lines.valid_from <= dim_financial_year.ends_on
        AND (fact_package_lines.valid_to IS NULL OR fact_package_lines.valid_to > dim_financial_year.starts_on)
),
of_lines AS (
    SELECT financial_year, budget_line, CAST(COUNT(DISTINCT child_key) AS BIGINT) AS children
    FROM in_force
    GROUP BY financial_year, budget_line
),
of_years AS (
    SELECT financial_year, CAST(COUNT(DISTINCT child_key) AS BIGINT) AS children
    FROM in_force
    GROUP BY financial_year
),
line_years AS (
    SELECT dim_financial_year.financial_year, dim_budget_line.budget_line
    FROM dim_financial_year
    CROSS JOIN dim_budget_line
),
together AS (
    SELECT line_years.financial_year, line_years.budget_line, COALESCE(of_lines.children, 0) AS children
    FROM line_years
    LEFT JOIN of_lines ON of_lines.financial_year = line_years.financial_year AND of_lines.budget_line = line_years.budget_line
    UNION ALL
    SELECT dim_financial_year.financial_year, CAST(NULL AS VARCHAR) AS budget_line, COALESCE(of_years.children, 0) AS children
    FROM dim_financial_year
    LEFT JOIN of_years ON of_years.financial_year = dim_financial_year.financial_year
)
SELECT financial_year, budget_line, children
FROM together
ORDER BY financial_year, budget_line
