-- grain: one row a financial year, period, budget line and decision with at least one line decided on
-- check: unique financial_year, period, budget_line, decision
-- check: not_null financial_year, period, calendar_month, budget_line, decision, decisions, full_year_pence, this_year_pence
-- check: decisions full_year_pence, this_year_pence
--
-- The period is that of the day of the decision. `decision` is what it counts as: approved, approved_in_part, deferred, declined
-- (also what a post declined after the panel), signposted, waiting (for ratification or authority) or withdrawn while it waited.
-- A decision counts once on each budget line it has lines of, so counts do not add up over budget lines and money does. A request
-- decided on twice counts each time, as it came before the panel each time.
--
-- Days run from the authorisation of the assessment to the panel, and from the panel to the authority for what was approved; the
-- median is over the decisions that have both days, null where none has. Of an even number it may end in a half day: it is
-- rounded down to a whole one, so that every engine gives the same integer.
WITH by_budget_line AS (
    SELECT
        decision_key,
        budget_line,
        CAST(SUM(full_year_pence) AS BIGINT) AS full_year_pence,
        CAST(SUM(this_year_pence) AS BIGINT) AS this_year_pence
    FROM fact_decision_lines
    GROUP BY decision_key, budget_line
),
decided AS (
    SELECT
        fact_decisions.financial_year,
        fact_decisions.period,
        by_budget_line.budget_line,
        fact_decisions.decision,
        CAST(COUNT(*) AS BIGINT) AS decisions,
        CAST(SUM(by_budget_line.full_year_pence) AS BIGINT) AS full_year_pence,
        CAST(SUM(by_budget_line.this_year_pence) AS BIGINT) AS this_year_pence,
        CAST(FLOOR(MEDIAN(fact_decisions.days_assessment_to_panel)) AS BIGINT) AS median_days_assessment_to_panel,
        CAST(FLOOR(MEDIAN(fact_decisions.days_panel_to_authority)) AS BIGINT) AS median_days_panel_to_authority
    FROM by_budget_line
    JOIN fact_decisions ON fact_decisions.decision_key = by_budget_line.decision_key
    GROUP BY fact_decisions.financial_year, fact_decisions.period, by_budget_line.budget_line, fact_decisions.decision
)
SELECT
    decided.financial_year,
    decided.period,
    dim_month.calendar_month,
    decided.budget_line,
    decided.decision,
    decided.decisions,
    decided.full_year_pence,
    decided.this_year_pence,
    decided.median_days_assessment_to_panel,
    decided.median_days_panel_to_authority
FROM decided
JOIN dim_month ON dim_month.financial_year = decided.financial_year AND dim_month.period = decided.period
ORDER BY decided.financial_year, decided.period, decided.budget_line, decided.decision
