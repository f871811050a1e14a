-- Since when all support of an account is agreed is worked out anew when the program starts: a rise that lifted it to another tier no longer
-- leaves it agreed.
UPDATE direct_payment_standings SET support_agreed_on = NULL;
