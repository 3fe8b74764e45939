/*
 * load.c: the bytes of pgml.files become a model, or are refused.
 */
#include "pgml.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

static void
refuse_file(int64 model_id, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_DATA_CORRUPTED),
			errmsg("model " INT64_FORMAT " cannot be read from pgml.files", model_id),
			errdetail("%s", why),
			errhint("Train the project again, or deploy another of its models."));
}

/*
 * What XGBoost wrote into files before UBJSON, and PostgresML 2 keeps. XGBoost 3.1 and later refuse it, and nothing here could
 * look at it before an earlier one reads it.
 */
static void
refuse_legacy(int64 model_id, const char *bytes, Size length)
{
	static const char begins[] = "binf";
	static const Size places[] = {0, 16};	/* PostgresML 2.0.0 had 16 bytes of its own before it */

	for (size_t i = 0; i < lengthof(places); i++)
		if (length > places[i] + strlen(begins) && memcmp(bytes + places[i], begins, strlen(begins)) == 0)
			ereport(ERROR,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("model " INT64_FORMAT " is kept in XGBoost's legacy binary form, which XGBoost 3.1 and later cannot read",
						   model_id),
					errdetail("PostgresML 2 keeps its models so; here they are UBJSON."),
					errhint("Write its bytes to a file, save it anew by Python with XGBoost 3.0 or older, "
							"xgboost.Booster(model_file='model.bin').save_model('model.ubj'), and put those bytes into pgml.files."));
}

/*
 * XGBoost trusts what it reads: of models with a few wrong bytes one in five ended the process, some while they were
 * loaded and some while they predicted. So damage has to be found before XGBoost sees it: by the digest that was kept
 * with the bytes, and where there is none (a model from elsewhere) at least by whether they are trees at all.
 */
static void
check_file(const Found *found, bytea *data)
{
	if (VARSIZE_ANY_EXHDR(data) < 2)
		refuse_file(found->model_id, psprintf("It has %zu bytes.", (size_t) VARSIZE_ANY_EXHDR(data)));
	refuse_legacy(found->model_id, VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data));
	if (found->sha256 != (Datum) 0)
	{
		bytea	   *kept = DatumGetByteaPP(found->sha256);
		bytea	   *now = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, PointerGetDatum(data)));

		if (VARSIZE_ANY_EXHDR(kept) != VARSIZE_ANY_EXHDR(now) ||
			memcmp(VARDATA_ANY(kept), VARDATA_ANY(now), VARSIZE_ANY_EXHDR(now)) != 0)
			refuse_file(found->model_id, "Its bytes are not those that were kept: their SHA-256 is another.");
	}
	else
	{
		const char *why = pgml_check_trees((Ubj) {VARDATA_ANY(data), VARDATA_ANY(data) + VARSIZE_ANY_EXHDR(data)});

		if (why != NULL)
			refuse_file(found->model_id, why);
	}
}

/* The objective that the model was trained for, as XGBoost's own description of it says. */
static char *
objective_of(BoosterHandle booster)
{
	static const char *const keys[] = {"learner", "objective", "name"};
	Datum		path[lengthof(keys)];
	bst_ulong	length;
	const char *json;
	LOCAL_FCINFO(call, 2);
	Datum		name;

	pgml_check(XGBoosterSaveJsonConfig(booster, &length, &json), ERRCODE_DATA_CORRUPTED, "describe the model");
	for (size_t i = 0; i < lengthof(keys); i++)
		path[i] = CStringGetTextDatum(keys[i]);
	InitFunctionCallInfoData(*call, NULL, 2, InvalidOid, NULL, NULL);
	call->args[0].value = DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(json, length)));
	call->args[0].isnull = false;
	call->args[1].value = PointerGetDatum(construct_array(path, lengthof(keys), TEXTOID, -1, false, TYPALIGN_INT));
	call->args[1].isnull = false;
	name = jsonb_extract_path_text(call);
	return call->isnull ? "" : TextDatumGetCString(name);
}

/* The names of the features, or NULL unless there is one for each. In the current context. */
static char **
names_of(const Found *found, int features)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	char	  **names;

	if (found->names == (Datum) 0)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(found->names), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if (count != features)
		return NULL;
	names = palloc(sizeof(char *) * count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			return NULL;
		names[i] = TextDatumGetCString(elements[i]);
	}
	return names;
}

/* Parses the bytes into a model that lives in `context`. */
void
pgml_load(const Found *found, Model *model, MemoryContext context)
{
	MemoryContext before;
	BoosterHandle *booster = pgml_owned(context, XGBoosterFree);
	DMatrixHandle *matrix = pgml_owned(context, XGDMatrixFree);
	bytea	   *data = DatumGetByteaPP(found->data);
	Size		length = VARSIZE_ANY_EXHDR(data);
	bst_ulong	features = 0;

	check_file(found, data);
	pgml_check(XGBoosterCreate(NULL, 0, booster), ERRCODE_OUT_OF_MEMORY, "create a model");
	pgml_check(XGProxyDMatrixCreate(matrix), ERRCODE_OUT_OF_MEMORY, "create a matrix");
	if (XGBoosterLoadModelFromBuffer(*booster, VARDATA_ANY(data), length) != 0)
		refuse_file(found->model_id, psprintf("XGBoost refuses its %zu bytes.", length));
	/* One row has nothing to share between threads; waking them costs more than the prediction. */
	pgml_check(XGBoosterSetParam(*booster, "nthread", "1"), ERRCODE_INTERNAL_ERROR, "set the number of threads");
	pgml_check(XGBoosterGetNumFeature(*booster, &features), ERRCODE_DATA_CORRUPTED, "read the model");
	if (features < 1 || features > MaxAllocSize / sizeof(float))
		refuse_file(found->model_id, "It has no countable features.");
	model->answer = pgml_answer_for(objective_of(*booster), found->version.classification);
	before = MemoryContextSwitchTo(context);
	model->context = context;
	model->model_id = found->model_id;
	model->booster = *booster;
	model->matrix = *matrix;
	model->features = (int) features;
	model->row = palloc(sizeof(float) * features);
	model->row_interface = pgml_array_interface(model->row, 1, model->features);
	model->names = names_of(found, model->features);
	MemoryContextSwitchTo(before);
}
