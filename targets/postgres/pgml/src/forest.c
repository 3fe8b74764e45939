/*
 * forest.c: the fast predictor, a walk over the model's trees without XGBoost's set-up for each call.
 *
 * It answers bit for bit what libxgboost answers: the same comparisons and sums of 32-bit floats in the same order (the
 * base margin first, then each tree's leaf), and the same link functions from the same libm. What it cannot represent it
 * refuses by name; and each forest is compared with libxgboost on rows made from its own splits before it answers
 * anything, so that a libxgboost that computes differently is noticed and not imitated badly.
 */
#include "forest.h"

#include <math.h>

#include "common/pg_prng.h"
#include "utils/memutils.h"

static inline float
leaf_of(const TreeNode *tree, const float *row)
{
	const TreeNode *node = tree;

	while (node->left != 0)
	{
		float		value = row[node->feature];
		bool		left = isnan(value) ? node->missing_left : value < node->value;

		node = tree + node->left + !left;
	}
	return node->value;
}

/* XGBoost's own forms of the two functions, rounding included. */
static inline float
sigmoid(float margin)
{
	float		power = -margin;

	if (88.7f < power)
		power = 88.7f;
	return 1.0f / (expf(power) + 1.0f + 1e-16f);
}

static void
softmax(float *margins, int count)
{
	float		largest = margins[0];
	double		sum = 0;

	for (int i = 1; i < count; i++)
		largest = fmaxf(margins[i], largest);
	for (int i = 0; i < count; i++)
	{
		margins[i] = expf(margins[i] - largest);
		sum += margins[i];
	}
	for (int i = 0; i < count; i++)
		margins[i] /= (float) sum;
}

/* Predicts one row of `features` floats, NaN where a value is missing. The answer stays valid until the next call. */
const float *
pgml_forest_predict(Forest *forest, const float *row, int *outputs)
{
	float	   *margins = forest->margins;

	*outputs = forest->link == LINK_SOFTPROB ? forest->groups : 1;
	if (forest->groups == 1)
	{
		float		margin = forest->base[0];

		for (int64 i = 0; i < forest->trees; i++)
			margin += leaf_of(forest->roots[i], row);
		margins[0] = margin;
	}
	else
	{
		memcpy(margins, forest->base, sizeof(float) * forest->groups);
		for (int64 i = 0; i < forest->trees; i++)
			margins[forest->group[i]] += leaf_of(forest->roots[i], row);
	}
	switch (forest->link)
	{
		case LINK_IDENTITY:
			break;
		case LINK_LOGISTIC:
			margins[0] = sigmoid(margins[0]);
			break;
		case LINK_EXPONENTIAL:
			margins[0] = expf(margins[0]);
			break;
		case LINK_HINGE:
			margins[0] = margins[0] > 0 ? 1 : 0;
			break;
		case LINK_SOFTPROB:
			softmax(margins, forest->groups);
			break;
		case LINK_SOFTMAX:
			{
				int			best = 0;

				for (int i = 1; i < forest->groups; i++)
					if (margins[i] > margins[best])
						best = i;
				margins[0] = (float) best;
				break;
			}
	}
	return margins;
}

/* Bit for bit, but one NaN is as good as another. */
static bool
same_answer(const float *one, const float *other, int count)
{
	for (int i = 0; i < count; i++)
		if (memcmp(one + i, other + i, sizeof(float)) != 0 && !(isnan(one[i]) && isnan(other[i])))
			return false;
	return true;
}

#define PROBES 48

/*
 * Compares the forest with libxgboost on rows that are made to be hard: all missing, zero or infinite, then values equal
 * to splits of that feature or next to them, some missing. The row is the model's own.
 */
static void
compare(Model *model, Forest *forest)
{
	static const float plain[] = {NAN, 0, INFINITY, -INFINITY, -0.0f, 1e-42f};
	pg_prng_state random;

	pg_prng_seed(&random, 0x70676d6c); /* the same rows each time: a failure can be repeated */
	for (int probe = 0; probe < PROBES; probe++)
	{
		const float *theirs,
				   *ours;
		int			their_count,
					our_count;

		for (int i = 0; i < model->features; i++)
			model->row[i] = plain[probe % lengthof(plain)];
		if (probe >= (int) lengthof(plain))
			for (int i = 0; i < 4 * model->features + 64 && forest->count > 0; i++)
			{
				const TreeNode *node = forest->nodes + pg_prng_uint64_range(&random, 0, forest->count - 1);

				if (node->left != 0)
					switch (pg_prng_uint64_range(&random, 0, 3))
					{
						case 0:
							model->row[node->feature] = nextafterf(node->value, -INFINITY);
							break;
						case 1:
							model->row[node->feature] = nextafterf(node->value, INFINITY);
							break;
						default:
							model->row[node->feature] = node->value;
					}
			}
		ours = pgml_forest_predict(forest, model->row, &our_count);
		theirs = pgml_library_predict(model, &their_count);
		if (our_count != their_count || !same_answer(ours, theirs, our_count))
			pgml_refuse_trees(psprintf("it answers %.9g where libxgboost answers %.9g", ours[0], theirs[0]));
	}
}

/*
 * The model's trees, made for walking. They belong to `owner`, as does the booster.
 *
 * The booster writes itself anew: so whatever form the model was kept in, what is read here is the one that this
 * libxgboost writes.
 */
Forest *
pgml_forest(Model *model, MemoryContext owner)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext scratch = AllocSetContextCreate(caller, "pgml parsing", ALLOCSET_DEFAULT_SIZES);
	/* Below the caller's context until it is complete, so that an error frees it. */
	MemoryContext own = AllocSetContextCreate(caller, "pgml forest", ALLOCSET_SMALL_SIZES);
	Forest	   *forest;
	bst_ulong	length;
	const char *bytes;

	MemoryContextSwitchTo(scratch);
	pgml_check(XGBoosterSaveModelToBuffer(model->booster, "{\"format\":\"ubj\"}", &length, &bytes), ERRCODE_INTERNAL_ERROR,
			   "write the model");
	forest = pgml_read_trees((Ubj) {bytes, bytes + length}, own);
	compare(model, forest);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(scratch);
	MemoryContextSetParent(own, owner);
	return forest;
}
