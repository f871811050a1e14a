-- grain: one row a financial year and figure of the statement, noughts where nothing counts
-- check: unique financial_year, figure
-- check: not_null financial_year, figure, label, sort_order, value
-- check: every dim_financial_year, dim_figure
--
-- A child counts once a figure and year, however many lines it has. A line counts in every year in which it has a day, also
-- when that day is still to come: a line whose first day lies in the future already counts in its year.
WITH children AS (
    SELECT
        fact_line_years.financial_year,
        bridge_figure_line.figure,
        CAST(COUNT(DISTINCT fact_line_years.child_key) AS BIGINT) AS children
    FROM fact_line_years
    JOIN bridge_figure_line ON bridge_figure_line.line_key = fact_line_years.line_key
    GROUP BY fact_line_years.financial_year, bridge_figure_line.figure
),
grants AS (
    SELECT financial_year, CAST(SUM(children_and_families_reached) AS BIGINT) AS reached
    FROM fact_grant_returns
    GROUP BY financial_year
),
activity AS (
    SELECT financial_year, CAST(SUM(sessions) AS BIGINT) AS sessions
    FROM fact_activity_returns
    GROUP BY financial_year
),
figure_years AS (
    SELECT dim_financial_year.financial_year, dim_figure.figure, dim_figure.label, dim_figure.sort_order, dim_figure.counts
    FROM dim_financial_year
    CROSS JOIN dim_figure
)
SELECT
    figure_years.financial_year,
    figure_years.figure,
    figure_years.label,
    figure_years.sort_order,
    COALESCE(
        CASE figure_years.counts
            WHEN 'children' THEN children.children
            WHEN 'grant_reach' THEN grants.reached
            WHEN 'sessions' THEN activity.sessions
        END,
        0
    ) AS value
FROM figure_years
LEFT JOIN children ON children.financial_year = figure_years.financial_year AND children.figure = figure_years.figure
LEFT JOIN grants ON grants.financial_year = figure_years.financial_year
LEFT JOIN activity ON activity.financial_year = figure_years.financial_year
ORDER BY figure_years.financial_year, figure_years.sort_order
