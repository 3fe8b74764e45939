/*
 * train.c: fits a booster to the rows of a relation.
 *
 * pgml._fit() is the part of pgml.train() that needs C; projects, snapshots and deployments are kept in SQL.
 */
#include "pgml.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(pgml_fit);
PG_FUNCTION_INFO_V1(pgml_fit_model);

/* More of them would be numbers that were meant for a regression. */
#define MOST_CLASSES 1000

/* What is read of the relation. */
typedef struct Source
{
	char	   *query;
	char	   *target_query;	/* selects what is to be predicted alone, as "class" */
	int			features;
	Datum	   *names;			/* of the features, text */
} Source;

/* What XGBoost's callbacks need; an error of ours waits here until XGBoost's frames are left. */
typedef struct TrainingRows
{
	RowStream  *rows;
	DMatrixHandle *proxy;
	MemoryContext context;
	ErrorData  *error;
	sigset_t	signals;		/* those of the backend, outside of XGBoost */
} TrainingRows;

/* The expression that reads a column as a number of that type; NULL where its own type is none that XGBoost can use. */
static const char *
as_number(Oid type, const char *column, const char *number)
{
	switch (getBaseType(type))
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return psprintf("%s::pg_catalog.%s", column, number);
		case BOOLOID:
			return psprintf("%s::pg_catalog.int4::pg_catalog.%s", column, number);
		default:
			return NULL;
	}
}

static Source
describe(Oid relation_id, const char *target)
{
	Source		source = {0};
	StringInfoData query;
	Relation	relation = relation_open(relation_id, AccessShareLock);
	TupleDesc	description = RelationGetDescr(relation);
	const char *target_expression = NULL;
	const char *relation_name;

	if (strchr("rpvmf", relation->rd_rel->relkind) == NULL) /* RELKIND_… of what SELECT reads */
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("\"%s\" holds no rows to train on: it is neither a table nor a view", RelationGetRelationName(relation)),
				errhint("relation_name takes a table, a partitioned or foreign one, a view or a materialized view."));
	source.names = palloc(sizeof(Datum) * description->natts);
	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT ");
	for (int i = 0; i < description->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(description, i);
		const char *name = NameStr(attribute->attname);
		bool		is_target = strcmp(name, target) == 0;
		const char *expression;

		if (attribute->attisdropped)
			continue;
		/* XGBoost learns from 32-bit floats, but what it predicts is scored against the numbers that the column holds. */
		expression = as_number(attribute->atttypid, quote_identifier(name), is_target ? "float8" : "float4");
		if (expression == NULL)
			ereport(ERROR,
					errcode(ERRCODE_DATATYPE_MISMATCH),
					errmsg("column \"%s\" of \"%s\" has the type %s; expected a number or a boolean",
						   name, RelationGetRelationName(relation), format_type_be(attribute->atttypid)),
					errhint("Train on a view that leaves it out or turns it into a number."));
		if (is_target)
		{
			target_expression = expression;
			continue;
		}
		appendStringInfo(&query, "%s, ", expression);
		source.names[source.features++] = CStringGetTextDatum(name);
	}
	if (target_expression == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_COLUMN),
				errmsg("\"%s\" has no column \"%s\" to be predicted", RelationGetRelationName(relation), target),
				errhint("y_column_name takes the column's exact name, without quotes."));
	if (source.features == 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("\"%s\" has no column besides \"%s\" to predict it from", RelationGetRelationName(relation), target));
	relation_name = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)),
											   RelationGetRelationName(relation));
	appendStringInfo(&query, "%s FROM %s", target_expression, relation_name);
	source.target_query = psprintf("SELECT %s AS class FROM %s", target_expression, relation_name);
	relation_close(relation, NoLock);
	source.query = query.data;
	return source;
}

static int64
count_rows(const char *query)
{
	bool		isnull;
	int64		count;

	SPI_execute(psprintf("SELECT pg_catalog.count(*) FROM (%s) AS source", query), true, 1);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return count;
}

static void
reset_rows(DataIterHandle iterator)
{
	TrainingRows *training = iterator;

	/* The cursor is opened by the next batch: an error must not be raised from here. */
	training->rows->left = -1;
}

/*
 * XGBoost calls this through C++ frames, which an error must not jump over: it is kept, and raised by fit().
 */
static int
next_rows(DataIterHandle iterator)
{
	TrainingRows *training = iterator;
	MemoryContext before = CurrentMemoryContext;
	volatile int more = 0;

	if (training->error != NULL)
		return 0;
	pgml_leave_threads(&training->signals);
	PG_TRY();
	{
		RowStream  *rows = training->rows;

		if (rows->left < 0)
			pgml_start_rows(rows, false);
		if (pgml_next_batch(rows))
		{
			char	   *features = pgml_array_interface(rows->features, rows->batch, rows->columns - 1);
			char	   *targets = pgml_array_interface(rows->targets, rows->batch, 1);

			pgml_check(XGProxyDMatrixSetDataDense(*training->proxy, features), ERRCODE_DATA_EXCEPTION, "read the features");
			pgml_check(XGDMatrixSetInfoFromInterface(*training->proxy, "label", targets), ERRCODE_DATA_EXCEPTION,
					   "read the column to be predicted");
			pfree(features);
			pfree(targets);
			more = 1;
		}
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(training->context);
		training->error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	pgml_enter_threads(&training->signals);
	MemoryContextSwitchTo(before);
	return more;
}

/* The rows to train on, as XGBoost keeps them: each feature in at most max_bin quantiles. Belongs to the current context. */
static DMatrixHandle
quantile_matrix(TrainingRows *training, int max_bin, int threads)
{
	DMatrixHandle *matrix = pgml_owned(CurrentMemoryContext, XGDMatrixFree);
	char	   *config = psprintf("{\"missing\":NaN,\"nthread\":%d,\"max_bin\":%d}", threads, max_bin);
	int			status;

	training->proxy = pgml_owned(CurrentMemoryContext, XGDMatrixFree);
	pgml_check(XGProxyDMatrixCreate(training->proxy), ERRCODE_OUT_OF_MEMORY, "create a matrix");
	training->rows->left = -1;
	pgml_enter_threads(&training->signals);
	status = XGQuantileDMatrixCreateFromCallback(training, *training->proxy, NULL, reset_rows, next_rows, config, matrix);
	pgml_leave_threads(&training->signals);
	if (training->error != NULL)
		ReThrowError(training->error);
	pgml_check(status, ERRCODE_DATA_EXCEPTION, "read the rows");
	pgml_free_owned(training->proxy);
	pgml_stop_rows(training->rows);
	return *matrix;
}

/* Hyperparameters as XGBoost takes them: names and values as text. */
typedef struct Parameters
{
	int			count;
	char	  **names;
	char	  **values;
	const char *objective;		/* NULL: not given */
	bool		has_classes;	/* whether num_class is given */
	int			rounds;
	int			max_bin;
	int			threads;
	int			seed;
} Parameters;

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

static void
refuse_parameter(const char *name, const char *value, const char *expected)
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

static Parameters
read_parameters(Datum hyperparams, bool classification)
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
				refuse_parameter(name, value, classification
								 ? "binary:logistic, binary:hinge, multi:softprob or multi:softmax for a classification"
								 : "reg:..., count:poisson, binary:logistic or binary:logitraw for a regression");
			parameters.objective = value;
			continue;
		}
		if (strcmp(name, "booster") == 0 && strcmp(value, "gbtree") != 0 && strcmp(value, "dart") != 0)
			refuse_parameter(name, value, "gbtree or dart");
		/* A prediction is one number. */
		if (strcmp(name, "quantile_alpha") == 0 && strpbrk(value, "[(,") != NULL)
			refuse_parameter(name, value, "one number");
		if (strcmp(name, "multi_strategy") == 0)
			refuse_parameter(name, value, "none: one column is predicted");
		if (strcmp(name, "num_class") == 0)
		{
			if (!classification)
				refuse_parameter(name, value, "none for a regression");
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

/* Tells the client how far the training is, no more often than pgml.progress_interval. */
static void
tell_progress(int round, int rounds, TimestampTz began, TimestampTz *told)
{
	TimestampTz now;

	if (pgml_progress_interval < 0)
		return;
	now = GetCurrentTimestamp();
	if (!TimestampDifferenceExceeds(*told, now, pgml_progress_interval))
		return;
	*told = now;
	ereport(NOTICE,
			errmsg("round %d of %d after %.1f s", round, rounds, (double) (now - began) / USECS_PER_SEC));
}

static void
set_parameter(BoosterHandle booster, const char *name, const char *value)
{
	pgml_check(XGBoosterSetParam(booster, name, value), ERRCODE_INVALID_PARAMETER_VALUE,
			   psprintf("take the hyperparameter %s", name));
}

/* @param classes 0 for a regression */
static void
boost(BoosterHandle booster, DMatrixHandle matrix, const Parameters *parameters, int classes)
{
	TimestampTz began = GetCurrentTimestamp();
	TimestampTz told = began;
	const char *objective = parameters->objective;

	/* As Python's XGBRegressor and XGBClassifier choose. */
	if (objective == NULL)
		objective = classes == 0 ? "reg:squarederror" : classes == 2 ? "binary:logistic" : "multi:softprob";
	set_parameter(booster, "objective", objective);
	if (strncmp(objective, "multi:", 6) == 0 && !parameters->has_classes)
		set_parameter(booster, "num_class", psprintf("%d", classes));
	set_parameter(booster, "validate_parameters", "1");
	for (int i = 0; i < parameters->count; i++)
		set_parameter(booster, parameters->names[i], parameters->values[i]);
	pgml_forget_warnings();
	for (int round = 0; round < parameters->rounds; round++)
	{
		sigset_t	signals;
		int			status;

		CHECK_FOR_INTERRUPTS();
		pgml_enter_threads(&signals);
		status = XGBoosterUpdateOneIter(booster, round, matrix);
		pgml_leave_threads(&signals);
		pgml_check(status, ERRCODE_INVALID_PARAMETER_VALUE, "train");
		if (round == 0 && pgml_unused_parameters() != NULL)
			ereport(ERROR,
					errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("hyperparams has names that XGBoost does not know: %s", pgml_unused_parameters()),
					errhint("https://xgboost.readthedocs.io/en/stable/parameter.html lists them."));
		tell_progress(round + 1, parameters->rounds, began, &told);
	}
}

/* Predicts the rows that are held out. @param classes 0 for a regression */
static Tally
score(BoosterHandle booster, RowStream *rows, int classes, Answer answer)
{
	Tally		tally = pgml_new_tally(classes, answer);

	pgml_start_rows(rows, true);
	while (pgml_next_batch(rows))
	{
		char	   *interface = pgml_array_interface(rows->features, rows->batch, rows->columns - 1);
		const bst_ulong *shape;
		bst_ulong	dimensions;
		const float *predictions;
		sigset_t	signals;
		int			status;
		int			outputs = 1;

		pgml_enter_threads(&signals);
		status = XGBoosterPredictFromDense(booster, interface, pgml_predict_config, NULL, &shape, &dimensions, &predictions);
		pgml_leave_threads(&signals);
		pgml_check(status, ERRCODE_DATA_EXCEPTION, "predict the held-out rows");
		pfree(interface);
		for (bst_ulong i = 1; i < dimensions; i++)
			outputs *= (int) shape[i];
		for (int i = 0; i < rows->batch; i++)
			pgml_tally(&tally, answer, rows->truths[i], predictions + (Size) i * outputs, outputs);
	}
	pgml_stop_rows(rows);
	return tally;
}

/* A model that has no r2 for what is held out does not vary: who trains it is told, since nothing else shows why. */
static void
tell_without_variance(const Tally *tally, const char *target)
{
	if (tally->rows == 1)
		ereport(NOTICE,
				errmsg("the model has no r2: only one row is held out"),
				errhint("A larger test_size holds out more."));
	else if (tally->rows > 1 && tally->squared_deviations == 0)
		ereport(NOTICE,
				errmsg("the model has no r2: \"%s\" is the same in all " INT64_FORMAT " rows that are held out", target,
					   tally->rows),
				errhint("test_sampling => 'random' holds out rows from everywhere."));
}

static bytea *
serialize(BoosterHandle booster)
{
	bst_ulong	length;
	const char *buffer;
	bytea	   *model;

	pgml_check(XGBoosterSaveModelToBuffer(booster, "{\"format\":\"ubj\"}", &length, &buffer), ERRCODE_INTERNAL_ERROR,
			   "save the model");
	model = palloc(VARHDRSZ + length);
	SET_VARSIZE(model, VARHDRSZ + length);
	memcpy(VARDATA(model), buffer, length);
	return model;
}

static void
refuse_classes(const char *problem, const char *hint)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("the column to be predicted does not hold classes: %s", problem),
			errhint("%s", hint));
}

/* How many rows each class has. Classes are the whole numbers from 0 on, each with a row, two at least. */
static Split
count_classes(const char *query)
{
	Split		split = {0};
	uint64		found;

	SPI_execute(psprintf("SELECT class, pg_catalog.count(*) FROM (%s) AS source GROUP BY 1 ORDER BY 1 LIMIT %d", query,
						 MOST_CLASSES + 1), true, 0);
	found = SPI_processed;
	if (found > MOST_CLASSES)
		refuse_classes(psprintf("it has more than %d values", MOST_CLASSES), "Numbers without bounds are for the task regression.");
	split.strata = palloc(sizeof(Stratum) * Max(found, 1));
	for (uint64 i = 0; i < found; i++)
	{
		bool		isnull;
		double		class = DatumGetFloat8(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));

		if (isnull)
			ereport(ERROR,
					errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("the column to be predicted holds a NULL"),
					errhint("Train on a view that leaves such rows out."));
		if (class != (double) i)
			refuse_classes(psprintf("its value number " UINT64_FORMAT " is %g, not " UINT64_FORMAT, i + 1, class, i),
						   "Classes are 0, 1, 2 and so on; dense_rank() - 1 makes them of other values.");
		split.strata[split.count++] = (Stratum) {
			.rows = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull)),
		};
	}
	SPI_freetuptable(SPI_tuptable);
	if (found == 1)
		refuse_classes("all rows have the same", "A classification needs two classes at least.");
	return split;
}

/* What was fitted, in the memory of whoever called fit(). */
typedef struct Fitted
{
	bytea	   *model;
	ArrayType  *features;
	int64		train_rows;
	int64		test_rows;
	Tally		tally;
	char	   *metrics;
} Fitted;

static Fitted
fit(Oid relation_id, const char *target, bool classification, Sampling sampling, Datum hyperparams, double test_size)
{
	TrainingRows training = {0};
	Fitted		fitted = {0};
	DMatrixHandle matrix;
	BoosterHandle *booster;
	Source		source;
	Parameters	parameters;
	Split		split = {0};
	Answer		answer;
	int			classes = 0;
	int64		total = 0;
	MemoryContext caller = CurrentMemoryContext;

	if (!(test_size >= 0 && test_size < 1))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("test_size is %g; expected a number from 0 to below 1", test_size),
				errhint("It is the share of the rows that is held out to score the model."));

	SPI_connect();
	parameters = read_parameters(hyperparams, classification);
	source = describe(relation_id, target);
	if (classification)
	{
		split = count_classes(source.target_query);
		split.classes = classes = split.count;
		for (int i = 0; i < split.count; i++)
			total += split.strata[i].rows;
		if (classes > 2 && parameters.objective != NULL && strncmp(parameters.objective, "binary:", 7) == 0)
			refuse_parameter("objective", parameters.objective, psprintf("multi:softprob or multi:softmax for %d classes", classes));
	}
	else
		total = count_rows(source.query);
	if (sampling != SAMPLING_STRATIFIED)
	{
		split.strata = palloc(sizeof(Stratum));
		split.strata[0].rows = total;
		split.count = 1;
	}
	split.sampling = sampling;
	split.seed = (uint64) parameters.seed;
	/* Half a row is rounded up, in each class where each is divided. */
	for (int i = 0; i < split.count; i++)
	{
		split.strata[i].test = (int64) floor(split.strata[i].rows * test_size + 0.5);
		fitted.test_rows += split.strata[i].test;
	}
	fitted.train_rows = total - fitted.test_rows;
	if (fitted.train_rows < 1)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				total == 0 ? errmsg("\"%s\" holds no rows to train on", get_rel_name(relation_id))
				: errmsg("test_size %g leaves none of the " INT64_FORMAT " rows to train on", test_size, total),
				errhint("A model needs at least one row that is not held out."));

	training.rows = pgml_open_rows(source.query, source.features + 1, &split);
	training.context = CurrentMemoryContext;

	/* Both belong to SPI's context, which ends with SPI_finish() or with the transaction. */
	matrix = quantile_matrix(&training, parameters.max_bin, parameters.threads);
	booster = pgml_owned(CurrentMemoryContext, XGBoosterFree);
	pgml_check(XGBoosterCreate(&matrix, 1, booster), ERRCODE_OUT_OF_MEMORY, "create a model");
	boost(*booster, matrix, &parameters, classes);
	answer = pgml_answer_for(parameters.objective != NULL ? parameters.objective : classes > 2 ? "multi:softprob" : "binary:logistic",
							 classification);
	fitted.tally = score(*booster, training.rows, classes, answer);
	if (!classification)
		tell_without_variance(&fitted.tally, target);

	MemoryContextSwitchTo(caller);
	fitted.metrics = pgml_metrics(&fitted.tally);
	fitted.model = serialize(*booster);
	fitted.features = construct_array(source.names, source.features, TEXTOID, -1, false, TYPALIGN_INT);
	SPI_finish();
	return fitted;
}

static Sampling
sampling_of(const char *name)
{
	/* The names are pgml.sampling's, so there is no other. */
	return strcmp(name, "last") == 0 ? SAMPLING_LAST : strcmp(name, "random") == 0 ? SAMPLING_RANDOM : SAMPLING_STRATIFIED;
}

/*
 * pgml._fit(relation regclass, y_column_name text, classification boolean, hyperparams jsonb, test_size real,
 *           test_sampling text)
 * returns (model bytea, features text[], train_rows bigint, test_rows bigint, metrics jsonb)
 */
Datum
pgml_fit_model(PG_FUNCTION_ARGS)
{
	TupleDesc	description;
	Fitted		fitted;
	Datum		values[5];
	bool		nulls[5] = {0};

	if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "pgml._fit must return a row");
	fitted = fit(PG_GETARG_OID(0), text_to_cstring(PG_GETARG_TEXT_PP(1)), PG_GETARG_BOOL(2),
				 sampling_of(text_to_cstring(PG_GETARG_TEXT_PP(5))), PG_GETARG_DATUM(3), PG_GETARG_FLOAT4(4));
	values[0] = PointerGetDatum(fitted.model);
	values[1] = PointerGetDatum(fitted.features);
	values[2] = Int64GetDatum(fitted.train_rows);
	values[3] = Int64GetDatum(fitted.test_rows);
	values[4] = DirectFunctionCall1(jsonb_in, CStringGetDatum(fitted.metrics));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls)));
}

/*
 * The same for the SQL of version 0.1.0, which a server has until ALTER EXTENSION pgml UPDATE:
 *
 * pgml._fit(relation regclass, y_column_name text, hyperparams jsonb, test_size real)
 * returns (model bytea, features text[], train_rows bigint, test_rows bigint, r2, mean_absolute_error, mean_squared_error)
 */
Datum
pgml_fit(PG_FUNCTION_ARGS)
{
	TupleDesc	description;
	Fitted		fitted;
	Tally	   *tally = &fitted.tally;
	double		n,
				r2;
	Datum		values[7];
	bool		nulls[7] = {0};

	if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "pgml._fit must return a row");
	fitted = fit(PG_GETARG_OID(0), text_to_cstring(PG_GETARG_TEXT_PP(1)), false, SAMPLING_LAST, PG_GETARG_DATUM(2),
				 PG_GETARG_FLOAT4(3));
	n = (double) tally->rows;
	r2 = pgml_r2(tally);
	values[0] = PointerGetDatum(fitted.model);
	values[1] = PointerGetDatum(fitted.features);
	values[2] = Int64GetDatum(fitted.train_rows);
	values[3] = Int64GetDatum(fitted.test_rows);
	values[4] = Float8GetDatum(r2);
	values[5] = Float8GetDatum(tally->absolute / n);
	values[6] = Float8GetDatum(tally->squared / n);
	/* Undefined without held-out rows, and r2 too where those rows do not vary. */
	nulls[4] = !isfinite(r2);
	nulls[5] = nulls[6] = tally->rows == 0;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls)));
}
