/*
 * features.c: what is asked about becomes the floats that XGBoost reads, NaN where a value is missing.
 */
#include "pgml.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

/* As the cast from double precision to real, which training uses: what does not fit is an error. */
static float
narrow(double value)
{
	float		narrowed = (float) value;

	if (isinf(narrowed) && !isinf(value))
		float_overflow_error();
	if (narrowed == 0 && value != 0)
		float_underflow_error();
	return narrowed;
}

/* One value as the float that XGBoost reads. Raises an error for a type that is no number. */
static float
number_of(Datum value, Oid type, const char *what)
{
	switch (getBaseType(type))
	{
		case FLOAT4OID:
			return DatumGetFloat4(value);
		case FLOAT8OID:
			return narrow(DatumGetFloat8(value));
		case INT2OID:
			return (float) DatumGetInt16(value);
		case INT4OID:
			return (float) DatumGetInt32(value);
		case INT8OID:
			return (float) DatumGetInt64(value);
		case BOOLOID:
			return DatumGetBool(value) ? 1 : 0;
		case NUMERICOID:
			return DatumGetFloat4(DirectFunctionCall1(numeric_float4, value));
		default:
			ereport(ERROR,
					errcode(ERRCODE_DATATYPE_MISMATCH),
					errmsg("%s has the type %s; expected a number or a boolean", what, format_type_be(type)),
					errhint("A model predicts from what it was trained on: numbers and booleans."));
			return 0;
	}
}

/* The elements of an array as floats, NaN for NULL. */
void
pgml_read_features(ArrayType *array, float *to, int count)
{
	const char *data = ARR_DATA_PTR(array);
	const bits8 *present = ARR_NULLBITMAP(array);

#define READ_ELEMENTS(type, converted) \
	for (int i = 0; i < count; i++) \
	{ \
		type		value; \
\
		if (present != NULL && !(present[i / 8] & (1 << (i % 8)))) \
		{ \
			to[i] = NAN; \
			continue; \
		} \
		memcpy(&value, data, sizeof(value)); \
		data += sizeof(value); \
		to[i] = (converted); \
	}

	switch (ARR_ELEMTYPE(array))
	{
		case FLOAT4OID:
			if (present == NULL)
				memcpy(to, data, sizeof(float) * count);
			else
				READ_ELEMENTS(float, value);
			break;
		case FLOAT8OID:
			READ_ELEMENTS(double, narrow(value));
			break;
		case INT2OID:
			READ_ELEMENTS(int16, (float) value);
			break;
		case INT4OID:
			READ_ELEMENTS(int32, (float) value);
			break;
		case INT8OID:
			READ_ELEMENTS(int64, (float) value);
			break;
		case BOOLOID:
			READ_ELEMENTS(bool, value ? 1 : 0);
			break;
		default:
			{
				Oid			type = ARR_ELEMTYPE(array);
				int16		length;
				bool		by_value;
				char		align;
				Datum	   *values;
				bool	   *nulls;
				int			elements;

				get_typlenbyvalalign(type, &length, &by_value, &align);
				deconstruct_array(array, type, length, by_value, align, &values, &nulls, &elements);
				for (int i = 0; i < elements; i++)
					to[i] = nulls[i] ? NAN : number_of(values[i], type, "features");
			}
	}
#undef READ_ELEMENTS
}

/* Copies one row's array into the model's row. */
void
pgml_fill_row(Model *model, ArrayType *features)
{
	int			count;

	if (ARR_NDIM(features) > 1)
		ereport(ERROR,
				errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				errmsg("features has %d dimensions; expected one row, an array of one dimension", ARR_NDIM(features)),
				errhint("pgml.predict_batch() takes many rows at once."));
	count = ARR_NDIM(features) == 0 ? 0 : ARR_DIMS(features)[0];
	if (count != model->features)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("features has %d elements; the model was trained on %d", count, model->features),
				errhint("Give the relation's columns in their order, without the one that is predicted."));
	pgml_read_features(features, model->row, count);
}

/* Whether the columns have the names that ROW(…) gives them, so that only their order can say what they are. */
static bool
is_nameless(TupleDesc row)
{
	for (int i = 0; i < row->natts; i++)
		if (strcmp(NameStr(TupleDescAttr(row, i)->attname), psprintf("f%d", i + 1)) != 0)
			return false;
	return true;
}

static int
column_named(TupleDesc row, const char *name)
{
	for (int i = 0; i < row->natts; i++)
		if (!TupleDescAttr(row, i)->attisdropped && strcmp(NameStr(TupleDescAttr(row, i)->attname), name) == 0)
			return i;
	return -1;
}

/*
 * Copies a row of a relation, or ROW(…), into the model's row: by the names that the features had in training, so that
 * neither the order nor further columns (the one that is predicted, for instance) matter; a nameless row by position.
 */
void
pgml_fill_row_from_record(Model *model, HeapTupleHeader record)
{
	TupleDesc	row = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(record), HeapTupleHeaderGetTypMod(record));
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(record), .t_data = record};
	Datum	   *values = palloc(sizeof(Datum) * Max(row->natts, 1));
	bool	   *nulls = palloc(sizeof(bool) * Max(row->natts, 1));
	bool		by_position = is_nameless(row);

	if (by_position && row->natts != model->features)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("the row has %d columns without names; the model was trained on %d", row->natts, model->features),
				errhint("Give the relation's columns in their order, without the one that is predicted."));
	if (!by_position && model->names == NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("nothing says what the features of model " INT64_FORMAT " are called", model->model_id),
				errdetail("Its row in pgml.snapshots is gone or lists other columns."),
				errhint("Give an array, or ROW(...) with the features in their order."));
	heap_deform_tuple(&tuple, row, values, nulls);
	for (int i = 0; i < model->features; i++)
	{
		int			place = by_position ? i : column_named(row, model->names[i]);

		if (place < 0)
			ereport(ERROR,
					errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("the row has no column \"%s\", which the model was trained on", model->names[i]),
					errhint("pgml.snapshots says in \"columns\" which ones it needs."));
		model->row[i] = nulls[place] ? NAN
			: number_of(values[place], TupleDescAttr(row, place)->atttypid,
						psprintf("column \"%s\"", NameStr(TupleDescAttr(row, place)->attname)));
	}
	ReleaseTupleDesc(row);
}
