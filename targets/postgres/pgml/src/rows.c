/*
 * rows.c: streams the rows of a relation through a cursor, so that neither the result nor a copy of it is ever whole in
 * memory.
 */
#include "pgml.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

RowStream *
pgml_open_rows(const char *query, int columns)
{
	RowStream  *rows = palloc0(sizeof(RowStream));

	rows->query = pstrdup(query);
	rows->columns = columns;
	rows->features = palloc(sizeof(float) * PGML_BATCH_ROWS * (columns - 1));
	rows->targets = palloc(sizeof(float) * PGML_BATCH_ROWS);
	rows->scratch = AllocSetContextCreate(CurrentMemoryContext, "pgml batch", ALLOCSET_DEFAULT_SIZES);
	return rows;
}

/* Begins again, after the first `skip` rows, with `count` rows to come. */
void
pgml_start_rows(RowStream *rows, int64 skip, int64 count)
{
	SPIPlanPtr	plan;

	pgml_stop_rows(rows);
	plan = SPI_prepare(rows->query, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "could not prepare the query for rows: %s", SPI_result_code_string(SPI_result));
	rows->portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	SPI_freeplan(plan);
	rows->left = count;
	if (skip > 0)
		SPI_cursor_move(rows->portal, true, skip);
}

void
pgml_stop_rows(RowStream *rows)
{
	if (rows->portal != NULL)
		SPI_cursor_close(rows->portal);
	rows->portal = NULL;
}

/* Reads the next batch. Answers false when no row is left. */
bool
pgml_next_batch(RowStream *rows)
{
	int			features = rows->columns - 1;
	int			wanted = (int) Min(rows->left, PGML_BATCH_ROWS);
	MemoryContext before;

	CHECK_FOR_INTERRUPTS();
	rows->batch = 0;
	if (wanted == 0 || rows->portal == NULL)
		return false;

	before = MemoryContextSwitchTo(rows->scratch);
	SPI_cursor_fetch(rows->portal, true, wanted);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	description = SPI_tuptable->tupdesc;
		bool		missing;
		Datum		value;

		for (int j = 0; j < features; j++)
		{
			value = SPI_getbinval(tuple, description, j + 1, &missing);
			rows->features[i * features + j] = missing ? NAN : DatumGetFloat4(value);
		}
		value = SPI_getbinval(tuple, description, rows->columns, &missing);
		if (missing)
			ereport(ERROR,
					errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("the column to be predicted holds a NULL"),
					errhint("Train on a view that leaves such rows out."));
		rows->targets[i] = DatumGetFloat4(value);
	}
	rows->batch = (int) SPI_processed;
	rows->left -= rows->batch;
	SPI_freetuptable(SPI_tuptable);
	MemoryContextSwitchTo(before);
	MemoryContextReset(rows->scratch);
	return rows->batch > 0;
}

/* A matrix of floats as XGBoost wants it described (numpy's array interface, version 3). */
char *
pgml_array_interface(const float *data, int64 rows, int columns)
{
	return psprintf("{\"data\":[%llu,true],\"shape\":[%lld,%d],\"typestr\":\"<f4\",\"version\":3}",
					(unsigned long long) (uintptr_t) data, (long long) rows, columns);
}
