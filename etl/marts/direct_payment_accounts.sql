-- grain: one row a direct payment account and financial year in which it was in force, was paid, or is owed something
-- check: unique account_key, financial_year
-- check: not_null account_key, child_key, financial_year, state, paid_pence, planned_pence, evidenced_pence, audited_pence, required_pence, repaid_pence, owed_pence
-- check: direct_payments paid_pence, repaid_pence
--
-- Paid and planned are of the days that are paid for: paid is what was paid for days of the year, a payment over the year's end in parts
-- by its days, less what the bank returned; planned is what is still to be paid for days of the year, with what earlier payments for them
-- should have been more or less. Evidenced is what families' returns say was spent in periods that begin in the year, audited what audits of the year found was spent, required what audits and breaches of the year ask back.
-- Owed is what is asked back and not paid back at the year's end or the snapshot's day, so it does not add up over years. Weeks in
-- hand are of the balance at the year's end or the snapshot's day, null where a week costs nothing.
WITH paid AS (
    SELECT account_key, financial_year, CAST(SUM(amount_pence) AS BIGINT) AS paid_pence
    FROM fact_direct_payments
    WHERE kind <> 'recovery'
    GROUP BY account_key, financial_year
),
moved AS (
    SELECT
        account_key,
        financial_year,
        CAST(SUM(CASE WHEN kind = 'returned' THEN amount_pence ELSE 0 END) AS BIGINT) AS evidenced_pence,
        CAST(SUM(CASE WHEN kind = 'audited' THEN amount_pence ELSE 0 END) AS BIGINT) AS audited_pence,
        CAST(SUM(CASE WHEN kind = 'required' THEN amount_pence ELSE 0 END) AS BIGINT) AS required_pence,
        CAST(SUM(CASE WHEN kind = 'repaid' THEN amount_pence ELSE 0 END) AS BIGINT) AS repaid_pence
    FROM fact_direct_payment_movements
    GROUP BY account_key, financial_year
)
SELECT
    fact_direct_payment_years.account_key,
    fact_direct_payment_years.child_key,
    fact_direct_payment_years.financial_year,
    fact_direct_payment_years.state,
    COALESCE(paid.paid_pence, 0) AS paid_pence,
    fact_direct_payment_years.planned_pence,
    COALESCE(moved.evidenced_pence, 0) AS evidenced_pence,
    COALESCE(moved.audited_pence, 0) AS audited_pence,
    COALESCE(moved.required_pence, 0) AS required_pence,
    COALESCE(moved.repaid_pence, 0) AS repaid_pence,
    fact_direct_payment_years.owed_pence,
    fact_direct_payment_years.weeks_in_hand_thousandths
FROM fact_direct_payment_years
LEFT JOIN paid ON paid.account_key = fact_direct_payment_years.account_key
    AND paid.financial_year = fact_direct_payment_years.financial_year
LEFT JOIN moved ON moved.account_key = fact_direct_payment_years.account_key
    AND moved.financial_year = fact_direct_payment_years.financial_year
ORDER BY fact_direct_payment_years.financial_year, fact_direct_payment_years.account_key
