-- grain: one row a financial year, budget line and band of age with a child, and one a financial year and band with a null budget line for
-- all budget lines together
-- check: unique financial_year, budget_line, age_band
-- check: not_null financial_year, age_band, children
--
-- Children with a package line in force on any day of the year that somebody with the authority agreed, each once a row, in the band of their
-- age on the year's last day. So the bands of a row add up to the children of `children_by_budget_line`.
WITH in_force AS (
    SELECT dim_financial_year.financial_year, fact_package_lines.budget_line, fact_package_lines.child_key
    FROM fact_package_lines
    CROSS JOIN dim_financial_year
    WHERE fact_package_lines.is_unconfirmed = 0
        AND fact_package_lines.valid_from <= dim_financial_year.ends_on
        AND (fact_package_lines.valid_to IS NULL OR fact_package_lines.valid_to > dim_financial_year.starts_on)
),
aged AS (
    SELECT in_force.financial_year, in_force.budget_line, in_force.child_key, fact_child_ages.age_band
    FROM in_force
    JOIN fact_child_ages
        ON fact_child_ages.child_key = in_force.child_key AND fact_child_ages.financial_year = in_force.financial_year
),
together AS (
    SELECT financial_year, budget_line, age_band, CAST(COUNT(DISTINCT child_key) AS BIGINT) AS children
    FROM aged
    GROUP BY financial_year, budget_line, age_band
    UNION ALL
    SELECT financial_year, CAST(NULL AS VARCHAR) AS budget_line, age_band, CAST(COUNT(DISTINCT child_key) AS BIGINT) AS children
    FROM aged
    GROUP BY financial_year, age_band
)
SELECT financial_year, budget_line, age_band, children
FROM together
ORDER BY financial_year, budget_line, age_band
