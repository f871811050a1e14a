-- grain: one row a financial year and figure of the statement
-- check: unique financial_year, figure
-- check: not_null financial_year, figure, label, sort_order, standing, missing_returns, uncategorised_lines, unconfirmed_lines
-- check: every dim_financial_year, dim_figure
--
-- A child counts once a figure and year, however many lines it has. What makes it count is the figure's evidence: a line in force on any
-- day of the year, or on the figure's day; a direct payment in the year; a night stayed in it. By the first of these a line counts in
-- every year in which it has a day, also when that day is still to come.
--
-- Reach and sessions are what was returned. `value` is null where nothing was: that is not known, and not nought. `missing_returns` are a
-- figure's returns that have not come, of sessions the months of which a day was not returned; while there are some the value is what is
-- known so far. `uncategorised_lines` pass a figure's filters but for the category that the statement tells apart, which they do not name.
-- `unconfirmed_lines` would count, and nobody with the authority has agreed them: of a figure whose evidence is a line in force.
WITH children AS (
    SELECT financial_year, figure, CAST(COUNT(DISTINCT child_key) AS BIGINT) AS children
    FROM fact_figure_lines
    WHERE standing = 'counted'
    GROUP BY financial_year, figure
),
uncategorised AS (
    SELECT financial_year, figure, CAST(COUNT(DISTINCT line_key) AS BIGINT) AS uncategorised_lines
    FROM fact_figure_lines
    WHERE standing = 'no_category'
    GROUP BY financial_year, figure
),
unconfirmed AS (
    SELECT financial_year, figure, CAST(COUNT(DISTINCT line_key) AS BIGINT) AS unconfirmed_lines
    FROM fact_figure_lines
    WHERE standing = 'unconfirmed'
    GROUP BY financial_year, figure
),
returned AS (
    SELECT
        financial_year,
        figure,
        CAST(COUNT(*) AS BIGINT) AS sources,
        CAST(COUNT(value) AS BIGINT) AS sources_returned,
        CAST(SUM(COALESCE(value, 0)) AS BIGINT) AS returned,
        CAST(SUM(missing_returns) AS BIGINT) AS missing_returns
    FROM fact_figure_returns
    GROUP BY financial_year, figure
),
figure_years AS (
    SELECT dim_financial_year.financial_year, dim_figure.figure, dim_figure.label, dim_figure.sort_order, dim_figure.counts
    FROM dim_financial_year
    CROSS JOIN dim_figure
),
counted AS (
    SELECT
        figure_years.financial_year,
        figure_years.figure,
        figure_years.label,
        figure_years.sort_order,
        CASE
            WHEN figure_years.counts = 'children' THEN COALESCE(children.children, 0)
            WHEN COALESCE(returned.sources_returned, 0) > 0 THEN returned.returned
            WHEN COALESCE(returned.sources, 0) > 0 THEN NULL
            ELSE 0
        END AS value,
        COALESCE(returned.missing_returns, 0) AS missing_returns,
        COALESCE(uncategorised.uncategorised_lines, 0) AS uncategorised_lines,
        COALESCE(unconfirmed.unconfirmed_lines, 0) AS unconfirmed_lines
    FROM figure_years
    LEFT JOIN children ON children.financial_year = figure_years.financial_year AND children.figure = figure_years.figure
    LEFT JOIN uncategorised
        ON uncategorised.financial_year = figure_years.financial_year AND uncategorised.figure = figure_years.figure
    LEFT JOIN unconfirmed
        ON unconfirmed.financial_year = figure_years.financial_year AND unconfirmed.figure = figure_years.figure
    LEFT JOIN returned ON returned.financial_year = figure_years.financial_year AND returned.figure = figure_years.figure
)
SELECT
    financial_year,
    figure,
    label,
    sort_order,
    value,
    CASE WHEN value IS NULL THEN 'not_yet_known' WHEN missing_returns > 0 THEN 'so_far' ELSE 'known' END AS standing,
    missing_returns,
    uncategorised_lines,
    unconfirmed_lines
FROM counted
ORDER BY financial_year, sort_order
