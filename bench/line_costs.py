"""What package lines cost, whole columns at a time and in integers.

A whole week, fortnight, four weeks or month costs what was agreed for it, and part of one its days. Weeks run on from a line's own first
day; months are calendar months; what is bought by the year, and term-time and holiday weeks, are spread over the days of a financial year.
"""

import numpy

PER_PENNY = 100_000
WEEKS = {"weekly": 7, "fortnightly": 14, "four_weekly": 28}


def half_away(numerator, denominator):
    """Whole pence of amounts that are not below nought, half a penny rounded up."""
    return (2 * numerator + denominator) // (2 * denominator)


def whole_days(lengths: numpy.ndarray) -> numpy.ndarray:
    return lengths.astype("timedelta64[D]").astype("int64")


def by_weeks(parts, length, first, day) -> numpy.ndarray:
    days = whole_days(day - first)
    return days // length * half_away(parts, PER_PENNY) + half_away(parts * (days % length), PER_PENNY * length)


def by_months(parts, first, day) -> numpy.ndarray:
    """Each month by itself: of the first what is left of it, of the last what has gone by."""
    month, own = day.astype("datetime64[M]"), first.astype("datetime64[M]")
    between = (month - own).astype("int64")

    def part(month, days):
        return half_away(parts * days, PER_PENNY * whole_days((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")))

    same = part(month, whole_days(day - first))
    others = (
        part(own, whole_days((own + 1).astype("datetime64[D]") - first))
        + (between - 1) * half_away(parts, PER_PENNY)
        + part(month, whole_days(day - month.astype("datetime64[D]")))
    )
    return numpy.where(between == 0, same, others)


def cost_in_year(lines, four_times_a_year: dict, starts, day) -> numpy.ndarray:
    """What falls from a financial year's first day to the day before `day`, by line and, where there are several, by day. `lines` has
    `first` and `last`, the days in force, as `datetime64[D]`; `day` lies in the year or just after it."""
    first, last = (lines[column].values.astype("datetime64[D]")[:, None] for column in ("first", "last"))
    frequency = lines.frequency.values[:, None]
    parts = (lines.quantity * lines.rate).values[:, None]
    times = lines.frequency.map(four_times_a_year).values[:, None]
    length = lines.frequency.map(WEEKS).fillna(1).astype("int64").values[:, None]
    ends = numpy.datetime64(f"{starts.astype(object).year + 1}-04-01")
    in_year = numpy.maximum(first, starts)
    # Up to the day before any of it, nothing.
    day = numpy.maximum(numpy.minimum(last, numpy.asarray(day)[None, :]), in_year)
    weekly = by_weeks(parts, length, first, day) - by_weeks(parts, length, first, in_year)
    monthly = by_months(parts, first, day) - by_months(parts, first, in_year)
    spread = half_away(parts * times * whole_days(day - in_year), 4 * PER_PENNY * int(whole_days(ends - starts)))
    once = numpy.where((first >= starts) & (day > in_year), half_away(parts, PER_PENNY), 0)
    return numpy.select([numpy.isin(frequency, list(WEEKS)), frequency == "monthly", frequency == "one_off"], [weekly, monthly, once], spread)
