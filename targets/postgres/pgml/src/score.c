/*
 * score.c: how well a model predicts the rows that are held out, row by row, so that none of them has to be kept.
 */
#include "pgml.h"

#include <float.h>
#include <math.h>

#include "common/shortest_dec.h"

/* @param classes 0 for a regression */
Tally
pgml_new_tally(int classes, Answer answer)
{
	Tally		tally = {.classes = classes,.has_probabilities = answer == ANSWER_LIKELIER || answer == ANSWER_LIKELIEST};

	if (classes > 0)
	{
		tally.right = palloc0(sizeof(int64) * classes);
		tally.predicted = palloc0(sizeof(int64) * classes);
		tally.actual = palloc0(sizeof(int64) * classes);
	}
	return tally;
}

static void
tally_number(Tally *tally, double truth, double prediction)
{
	double		error = truth - prediction;
	double		from_mean = truth - tally->mean;

	tally->absolute += fabs(error);
	tally->squared += error * error;
	/*
	 * Welford's way: from the mean so far, and from the mean with this row. The difference of two sums, of the squares and
	 * of the values, would have no digit left where the values are large beside what they differ by.
	 */
	tally->mean += from_mean / tally->rows;
	tally->squared_deviations += from_mean * (truth - tally->mean);
}

void
pgml_tally(Tally *tally, Answer answer, double truth, const float *output, int outputs)
{
	double		prediction = pgml_class_of(answer, output, outputs);
	double		probability;
	int			class;

	tally->rows++;
	if (tally->classes == 0)
	{
		tally_number(tally, truth, prediction);
		return;
	}
	class = (int) truth;
	tally->actual[class]++;
	/* With num_class given, a class may be predicted that no row has. */
	if (prediction >= 0 && prediction < tally->classes)
		tally->predicted[(int) prediction]++;
	if (prediction == truth)
		tally->right[class]++;
	if (!tally->has_probabilities)
		return;
	probability = answer == ANSWER_LIKELIEST ? output[class] : class == 1 ? output[0] : 1 - output[0];
	/* Kept from the ends by what a 32-bit float can tell from 1, as scikit-learn does. */
	tally->log_loss -= log(Min(Max(probability, FLT_EPSILON), 1 - FLT_EPSILON));
}

/* NaN where it is not defined: without rows, and where the target is the same in all of them. */
double
pgml_r2(const Tally *tally)
{
	return tally->squared_deviations > 0 ? 1 - tally->squared / tally->squared_deviations : NAN;
}

static void
append_metric(StringInfo json, const char *name, double value)
{
	/* What is not defined is left out: r2 where the rows do not vary, for instance. */
	if (isfinite(value))
	{
		char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

		double_to_shortest_decimal_buf(value, digits);
		appendStringInfo(json, "%s\"%s\": %s", json->len > 1 ? ", " : "", name, digits);
	}
}

/* The metrics as JSON, by PostgresML's names; {} where no row is held out. */
char *
pgml_metrics(const Tally *tally)
{
	StringInfoData json;
	double		n = tally->rows;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	if (tally->rows > 0 && tally->classes == 0)
	{
		append_metric(&json, "r2", pgml_r2(tally));
		append_metric(&json, "mean_absolute_error", tally->absolute / n);
		append_metric(&json, "mean_squared_error", tally->squared / n);
	}
	else if (tally->rows > 0)
	{
		double		right = 0,
					precision = 0,
					recall = 0,
					f1 = 0;
		int			classes = 0;

		/* Means over the classes that are there or were predicted, each counting alike ("macro"). */
		for (int i = 0; i < tally->classes; i++)
		{
			if (tally->actual[i] + tally->predicted[i] == 0)
				continue;
			classes++;
			right += tally->right[i];
			precision += tally->predicted[i] ? (double) tally->right[i] / tally->predicted[i] : 0;
			recall += tally->actual[i] ? (double) tally->right[i] / tally->actual[i] : 0;
			f1 += 2.0 * tally->right[i] / (tally->actual[i] + tally->predicted[i]);
		}
		append_metric(&json, "f1", f1 / classes);
		append_metric(&json, "precision", precision / classes);
		append_metric(&json, "recall", recall / classes);
		append_metric(&json, "accuracy", right / n);
		if (tally->has_probabilities)
			append_metric(&json, "log_loss", tally->log_loss / n);
	}
	appendStringInfoChar(&json, '}');
	return json.data;
}
