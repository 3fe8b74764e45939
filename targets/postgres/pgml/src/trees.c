/*
 * trees.c: reads the trees of a model, for the fast predictor; so it also tells bytes that are no trees.
 *
 * What the fast predictor cannot represent is refused by name. What no model of XGBoost's holds is damage.
 */
#include "forest.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

static const struct
{
	const char *objective;
	Link		link;
}			links[] = {
	{"reg:squarederror", LINK_IDENTITY},
	{"reg:squaredlogerror", LINK_IDENTITY},
	{"reg:pseudohubererror", LINK_IDENTITY},
	{"reg:absoluteerror", LINK_IDENTITY},
	{"reg:quantileerror", LINK_IDENTITY},
	{"reg:logistic", LINK_LOGISTIC},
	{"reg:gamma", LINK_EXPONENTIAL},
	{"reg:tweedie", LINK_EXPONENTIAL},
	{"count:poisson", LINK_EXPONENTIAL},
	{"binary:logistic", LINK_LOGISTIC},
	{"binary:hinge", LINK_HINGE},
	{"multi:softprob", LINK_SOFTPROB},
	{"multi:softmax", LINK_SOFTMAX},
};

void
pgml_refuse_trees(const char *what)
{
	ereport(ERROR,
			errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			errmsg("the fast predictor cannot use this model: %s", what),
			errhint("SET pgml.predictor = 'xgboost' predicts with libxgboost itself, which can."));
}

/* What no model of XGBoost's holds. */
static void
damaged(const char *what)
{
	ereport(ERROR,
			errcode(ERRCODE_DATA_CORRUPTED),
			errmsg("the model is damaged: %s", what),
			errhint("Train the project again, or deploy another of its models."));
}

static Link
link_of(const char *objective)
{
	for (size_t i = 0; i < lengthof(links); i++)
		if (strcmp(links[i].objective, objective) == 0)
			return links[i].link;
	pgml_refuse_trees(psprintf("its objective is %s", objective));
	return LINK_IDENTITY;
}

/* base_score is in the scale of predictions; XGBoost keeps it so and applies the link's inverse when it loads. */
static float
margin_of_base_score(Link link, float base_score)
{
	const float epsilon = 1e-6f;

	switch (link)
	{
		case LINK_LOGISTIC:
			if (base_score < epsilon)
				base_score = epsilon;
			if (base_score > 1.0f - epsilon)
				base_score = 1.0f - epsilon;
			return -logf(1.0f / base_score - 1.0f);
		case LINK_EXPONENTIAL:
			return logf(base_score);
		default:
			return base_score;
	}
}

/* Text with one number, as XGBoost wrote it up to 3.0, or a list of them: "5E-1", "[5E-1,2E-1]". */
static void
read_base_score(Forest *forest, const char *text)
{
	int			count = 0;
	const char *at = text;
	float		base = 0;

	for (; *at != '\0'; at++)
	{
		char	   *end;

		if (strchr("[], ", *at) != NULL)
			continue;
		base = margin_of_base_score(forest->link, strtof(at, &end));
		if (end == at || count == forest->groups)
			pgml_refuse_trees(psprintf("its base_score is %s", text));
		forest->base[count++] = base;
		at = end - 1;
	}
	if (count == 1)
		for (; count < forest->groups; count++)
			forest->base[count] = base;
	if (count != forest->groups)
		pgml_refuse_trees(psprintf("its base_score is %s", text));
}

/* Whether an array is there and not empty. */
static bool
has_elements(Ubj object, const char *name)
{
	Ubj			member;
	int64		count = 0;

	if (pgml_ubj_member(object, name, &member))
		pgml_ubj_numbers(member, &count);
	return count > 0;
}

static double *
numbers(Ubj tree, const char *name, int64 expected)
{
	int64		count;
	double	   *values = pgml_ubj_numbers(pgml_ubj_get(tree, name), &count);

	if (count != expected)
		damaged(psprintf("a tree has " INT64_FORMAT " %s for " INT64_FORMAT " nodes", count, name, expected));
	return values;
}

/* What XGBoost writes for a root. */
#define NO_PARENT 2147483647

/* Copies a tree's nodes, level by level, to `nodes`; returns how many it has. */
static int64
read_tree(Forest *forest, Ubj tree, TreeNode *nodes, int64 room)
{
	Ubj			parameters = pgml_ubj_get(tree, "tree_param");
	int64		count = pgml_ubj_parameter(parameters, "num_nodes");
	double	   *left,
			   *right,
			   *feature,
			   *value,
			   *missing_left,
			   *parent;
	int64	   *original;		/* where each copied node was */
	int64		copied = 1;
	static const char *const also_by_node[] = {"base_weights", "loss_changes", "sum_hessian"};

	if (pgml_ubj_parameter(parameters, "size_leaf_vector") > 1)
		pgml_refuse_trees("its leaves hold vectors (multi_output_tree)");
	if (has_elements(tree, "categories") || has_elements(tree, "categories_nodes"))
		pgml_refuse_trees("it splits by categories");
	if (count < 1 || count > room)
		damaged(psprintf("a tree says that it has " INT64_FORMAT " nodes", count));
	left = numbers(tree, "left_children", count);
	right = numbers(tree, "right_children", count);
	feature = numbers(tree, "split_indices", count);
	value = numbers(tree, "split_conditions", count);
	missing_left = numbers(tree, "default_left", count);
	/* Not needed here, but XGBoost reads one for each node, whether it is there or not. */
	for (size_t i = 0; i < lengthof(also_by_node); i++)
		numbers(tree, also_by_node[i], count);
	parent = numbers(tree, "parents", count);
	for (int64 i = 0; i < count; i++)
		if (!(parent[i] >= 0 && parent[i] < count) && parent[i] != NO_PARENT && parent[i] != -1)
			damaged("a node's parent is none of its tree");
	original = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * count);
	original[0] = 0;
	if (parent[0] != NO_PARENT)
		damaged("its root has a parent");
	for (int64 i = 0; i < copied; i++)
	{
		int64		from = original[i];
		TreeNode	   *node = nodes + i;

		node->value = (float) value[from];
		if (left[from] == -1 && right[from] == -1)
		{
			node->feature = 0;
			node->missing_left = 0;
			node->left = 0;
			continue;
		}
		/* More nodes than there are: one is its own parent, and a walk would not end. */
		if (!(left[from] >= 1 && left[from] < count - 1) || !(right[from] >= 1 && right[from] < count) || copied + 2 > count)
			damaged("a node's children are none of its tree");
		if (parent[(int64) left[from]] != from || parent[(int64) right[from]] != from)
			damaged("a node has another parent than the one whose child it is");
		/* XGBoost's walk takes the right child to follow the left one. */
		if (right[from] != left[from] + 1)
			pgml_refuse_trees("the nodes of a tree are not in XGBoost's order");
		if (!(feature[from] >= 0 && feature[from] < forest->features))
			damaged("a tree asks for a feature that the model does not have");
		node->feature = (uint32) feature[from];
		node->missing_left = missing_left[from] != 0;
		node->left = (uint32) copied;
		original[copied++] = (int64) left[from];
		original[copied++] = (int64) right[from];
	}
	return copied;
}

/* The most nodes that the trees can have together. */
static int64
count_nodes(const Ubj *trees, int64 count)
{
	int64		total = 0;

	for (int64 i = 0; i < count; i++)
	{
		int64		nodes = pgml_ubj_parameter(pgml_ubj_get(trees[i], "tree_param"), "num_nodes");

		if (nodes < 1 || nodes > INT_MAX || (total += nodes) > (int64) (MaxAllocHugeSize / sizeof(TreeNode)))
			damaged("a tree has no countable nodes");
	}
	return total;
}

/* Parses a model. The forest lives in `owner`; everything else is for the caller's context to free. */
Forest *
pgml_read_trees(Ubj model, MemoryContext owner)
{
	Forest	   *forest = MemoryContextAllocZero(owner, sizeof(Forest));
	Ubj			learner = pgml_ubj_get(model, "learner");
	Ubj			parameters = pgml_ubj_get(learner, "learner_model_param");
	Ubj			booster = pgml_ubj_get(learner, "gradient_booster");
	char	   *name = pgml_ubj_string(pgml_ubj_get(booster, "name"));
	Ubj			content;
	Ubj			targets;
	Ubj		   *trees;
	double	   *groups;
	int64		features,
				group_count,
				count,
				used = 0;

	if (strcmp(name, "gbtree") != 0)
		pgml_refuse_trees(psprintf("its booster is %s", name));
	content = pgml_ubj_get(booster, "model");
	forest->link = link_of(pgml_ubj_string(pgml_ubj_get(pgml_ubj_get(learner, "objective"), "name")));
	if (pgml_ubj_member(parameters, "num_target", &targets) && pgml_ubj_parameter(parameters, "num_target") > 1)
		pgml_refuse_trees("it predicts several targets");
	group_count = Max(pgml_ubj_parameter(parameters, "num_class"), 1);
	features = pgml_ubj_parameter(parameters, "num_feature");
	if (group_count > (int64) (MaxAllocSize / sizeof(float)) || features < 1 || features > INT_MAX)
		damaged("its numbers of classes and features make no sense");
	if ((group_count > 1) != (forest->link == LINK_SOFTPROB || forest->link == LINK_SOFTMAX))
		pgml_refuse_trees(psprintf("it has " INT64_FORMAT " classes", group_count));
	forest->groups = (int) group_count;
	forest->features = (int) features;
	forest->base = MemoryContextAlloc(owner, sizeof(float) * group_count);
	forest->margins = MemoryContextAlloc(owner, sizeof(float) * group_count);
	read_base_score(forest, pgml_ubj_string(pgml_ubj_get(parameters, "base_score")));

	trees = pgml_ubj_values(pgml_ubj_get(content, "trees"), &forest->trees);
	groups = pgml_ubj_numbers(pgml_ubj_get(content, "tree_info"), &count);
	if (count != forest->trees)
		damaged("it does not say to which class each tree belongs");
	forest->roots = MemoryContextAllocHuge(owner, sizeof(TreeNode *) * Max(count, 1));
	forest->group = MemoryContextAllocHuge(owner, sizeof(int) * Max(count, 1));
	forest->count = count_nodes(trees, forest->trees);
	forest->nodes = MemoryContextAllocHuge(owner, sizeof(TreeNode) * Max(forest->count, 1));
	for (int64 i = 0; i < forest->trees; i++)
	{
		MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "pgml tree", ALLOCSET_DEFAULT_SIZES);
		MemoryContext before = MemoryContextSwitchTo(scratch);

		CHECK_FOR_INTERRUPTS();
		if (!(groups[i] >= 0 && groups[i] < group_count))
			damaged("a tree belongs to a class that the model does not have");
		forest->group[i] = (int) groups[i];
		forest->roots[i] = forest->nodes + used;
		used += read_tree(forest, trees[i], forest->nodes + used, forest->count - used);
		MemoryContextSwitchTo(before);
		MemoryContextDelete(scratch);
	}
	forest->count = used;
	return forest;
}

/*
 * Whether bytes that nobody vouches for are trees that can be walked: what is wrong with them, or NULL. Of a model that
 * has no such trees (linear ones), or that is not UBJSON, nothing is said here; XGBoost is to say it.
 */
const char *
pgml_check_trees(Ubj model)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext scratch = AllocSetContextCreate(caller, "pgml checking", ALLOCSET_DEFAULT_SIZES);
	const char *volatile damage = NULL;

	/* JSON's text begins with {" (perhaps with a space between), UBJSON with {L: a length. */
	if (model.end - model.at < 2 || model.at[0] != '{' || strchr("LlIUi", model.at[1]) == NULL)
		return NULL;
	MemoryContextSwitchTo(scratch);
	PG_TRY();
	{
		pgml_ubj_check(model);
		pgml_read_trees(model, scratch);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		/* What the fast predictor cannot do may still be sound; a cancel, for instance, is to go on. */
		if (error->sqlerrcode == ERRCODE_DATA_CORRUPTED)
			damage = error->message;
		else if (error->sqlerrcode != ERRCODE_FEATURE_NOT_SUPPORTED)
			PG_RE_THROW();
		FlushErrorState();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(scratch);
	return damage;
}
