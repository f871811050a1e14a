-- grain: one row a decision
-- check: unique decision_key
-- check: not_null financial_year, period, calendar_month, decision_key, number, is_last, decided_on, route, kind, decision, outcome, total_pence, full_year_pence, this_year_pence, lines
-- check: every fact_decisions
-- check: decisions kind, full_year_pence, this_year_pence
--
-- The year, period and month are those of the day it was decided on. `kind` is what was decided; `decision` is what that counts
-- as now: an approval that a post declined counts as declined, another decision that was not ratified as deferred (it is heard
-- again), one that still waits for a post as waiting, and one whose request was withdrawn while it waited as withdrawn. `effective_on` is the day from which it has authority, null while it has none.
--
-- `days_panel_to_start` runs to the first day of the support that came of an approval, null while none is on record; it is below nought where
-- support was in force before the panel.
--
-- A request decided on more than once has a row for each decision, numbered; `is_last` tells the one that counts today.
WITH costed AS (
    SELECT decision_key, CAST(COUNT(*) AS BIGINT) AS line_count
    FROM fact_decision_lines
    GROUP BY decision_key
)
SELECT
    fact_decisions.financial_year,
    fact_decisions.period,
    dim_month.calendar_month,
    fact_decisions.decision_key,
    fact_decisions.number,
    fact_decisions.is_last,
    fact_decisions.panel_on,
    fact_decisions.decided_on,
    fact_decisions.route,
    fact_decisions.decided_as,
    fact_decisions.kind,
    fact_decisions.decision,
    fact_decisions.outcome,
    fact_decisions.waits_for,
    fact_decisions.effective_on,
    fact_decisions.decline_reason,
    fact_decisions.deferred_until,
    fact_decisions.needs_ratification,
    fact_decisions.needs_authority,
    fact_decisions.tier,
    fact_decisions.is_above_reporting_threshold,
    fact_decisions.total_pence,
    fact_decisions.full_year_pence,
    fact_decisions.this_year_pence,
    COALESCE(costed.line_count, 0) AS lines,
    fact_decisions.assessment_kind,
    fact_decisions.days_assessment_to_panel,
    fact_decisions.days_panel_to_authority,
    fact_decisions.days_panel_to_start,
    fact_decisions.appeal
FROM fact_decisions
JOIN dim_month ON dim_month.financial_year = fact_decisions.financial_year AND dim_month.period = fact_decisions.period
LEFT JOIN costed ON costed.decision_key = fact_decisions.decision_key
ORDER BY fact_decisions.decided_on, fact_decisions.decision_key
