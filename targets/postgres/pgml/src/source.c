/*
 * source.c: which columns and rows of a relation a model is trained on.
 */
#include "pgml.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* More of them would be numbers that were meant for a regression. */
#define MOST_CLASSES 1000

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

Source
pgml_source(Oid relation_id, const char *target)
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

int64
pgml_count_rows(const char *query)
{
	bool		isnull;
	int64		count;

	SPI_execute(psprintf("SELECT pg_catalog.count(*) FROM (%s) AS source", query), true, 1);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return count;
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
Split
pgml_count_classes(const char *query)
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
