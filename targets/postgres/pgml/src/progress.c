/*
 * progress.c: tells the client how far a training is, by notices, no more often than pgml.progress_interval.
 */
#include "pgml.h"

Progress
pgml_begin_progress(void)
{
	TimestampTz now = GetCurrentTimestamp();

	return (Progress) {.began = now,.told = now};
}

/* Whether it is time for a notice; if so, the seconds since the training began. */
static bool
is_due(Progress *progress, double *seconds)
{
	TimestampTz now;

	if (pgml_progress_interval < 0)
		return false;
	now = GetCurrentTimestamp();
	if (!TimestampDifferenceExceeds(progress->told, now, pgml_progress_interval))
		return false;
	progress->told = now;
	*seconds = (double) (now - progress->began) / USECS_PER_SEC;
	return true;
}

/* XGBoost reads the rows several times. */
void
pgml_tell_rows(Progress *progress, int64 rows, int64 of, int pass)
{
	double		seconds;

	if (is_due(progress, &seconds))
		ereport(NOTICE,
				errmsg("pass %d: " INT64_FORMAT " of " INT64_FORMAT " rows after %.1f s", pass, rows, of, seconds));
}

void
pgml_tell_round(Progress *progress, int round, int of)
{
	double		seconds;

	if (is_due(progress, &seconds))
		ereport(NOTICE,
				errmsg("round %d of %d after %.1f s", round, of, seconds));
}
