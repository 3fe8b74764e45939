/*
 * parameters.c: reads the hyperparameters that pgml.train() is given, and refuses what XGBoost would misread.
 */
#include "pgml.h"

#include "catalog/pg_type.h"

static int
whole_number(const char *name, const char *value, int least)
{
	char	   *end;
	long		number = strtol(value, &end, 10);

	if (*end != '\0' || end == value || number < least || number > INT_MAX)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("hyperparameter %s is %s; expected a whole number of at least %d", name, value, least),
				errhint("Leave it out for its default."));
	return (int) number;
}

void
pgml_refuse_parameter(const char *name, const char *value, const char *expected)
{
	ereport(ERROR,
			errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			errmsg("hyperparameter %s is %s; expected %s", name, value, expected),
			errhint("Leave it out for its default."));
}

/* Those whose predictions the task can mean: one number, or a class. XGBoost says whether the rest exists. */
static bool
is_objective_for(const char *objective, bool classification)
{
	if (classification)
		return strcmp(objective, "binary:logistic") == 0 || strcmp(objective, "binary:hinge") == 0 ||
			strcmp(objective, "multi:softprob") == 0 || strcmp(objective, "multi:softmax") == 0;
	return strncmp(objective, "reg:", 4) == 0 || strncmp(objective, "count:", 6) == 0 ||
		strcmp(objective, "binary:logistic") == 0 || strcmp(objective, "binary:logitraw") == 0;
}

/* A list as XGBoost's parameters write it, (1,-1), of one as JSON writes it, [1, -1]. */
static char *
in_parentheses(char *list)
{
	size_t		length = strlen(list);

	if (length >= 2 && list[0] == '[' && list[length - 1] == ']')
	{
		list[0] = '(';
		list[length - 1] = ')';
	}
	return list;
}

Parameters
pgml_read_parameters(Datum hyperparams, bool classification)
{
	Parameters	parameters = {.rounds = 100, .max_bin = 256, .threads = 0};
	Oid			type = JSONBOID;

	SPI_execute_with_args("SELECT key, value FROM pg_catalog.jsonb_each_text($1) ORDER BY key", 1, &type, &hyperparams,
						  NULL, true, 0);
	parameters.names = palloc(sizeof(char *) * (SPI_processed + 1));
	parameters.values = palloc(sizeof(char *) * (SPI_processed + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *name = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		char	   *value = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);

		if (value == NULL)
			continue;			/* null: the default, as in Python */
		/* boost_rounds is PostgresML's other name for it. */
		if (strcmp(name, "n_estimators") == 0 || strcmp(name, "boost_rounds") == 0)
		{
			parameters.rounds = whole_number(name, value, 1);
			continue;
		}
		if (strcmp(name, "objective") == 0)
		{
			if (!is_objective_for(value, classification))
				pgml_refuse_parameter(name, value, classification
								 ? "binary:logistic, binary:hinge, multi:softprob or multi:softmax for a classification"
								 : "reg:..., count:poisson, binary:logistic or binary:logitraw for a regression");
			parameters.objective = value;
			continue;
		}
		if (strcmp(name, "booster") == 0 && strcmp(value, "gbtree") != 0 && strcmp(value, "dart") != 0)
			pgml_refuse_parameter(name, value, "gbtree or dart");
		/* A prediction is one number. */
		if (strcmp(name, "quantile_alpha") == 0 && strpbrk(value, "[(,") != NULL)
			pgml_refuse_parameter(name, value, "one number");
		if (strcmp(name, "multi_strategy") == 0)
			pgml_refuse_parameter(name, value, "none: one column is predicted");
		if (strcmp(name, "num_class") == 0)
		{
			if (!classification)
				pgml_refuse_parameter(name, value, "none for a regression");
			parameters.has_classes = true;
		}
		if (strcmp(name, "monotone_constraints") == 0)
			value = in_parentheses(value);
		/* These would silence XGBoost's word on names that it does not know. */
		if (strcmp(name, "verbosity") == 0 || strcmp(name, "validate_parameters") == 0)
			ereport(ERROR,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("hyperparameter %s has no meaning in pgml.train()", name),
					errhint("Leave it out."));
		if (strcmp(name, "max_bin") == 0)
			parameters.max_bin = whole_number(name, value, 2);
		/* scikit-learn's names for three of XGBoost's own */
		if (strcmp(name, "n_jobs") == 0)
			name = "nthread";
		else if (strcmp(name, "random_state") == 0)
			name = "seed";
		if (strcmp(name, "nthread") == 0)
			parameters.threads = whole_number(name, value, 0);
		if (strcmp(name, "seed") == 0)
			parameters.seed = whole_number(name, value, 0);
		parameters.names[parameters.count] = name;
		parameters.values[parameters.count++] = value;
	}
	return parameters;
}
