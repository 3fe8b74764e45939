/*
 * rows.c: streams the rows of a relation through a cursor, so that neither the result nor a copy of it is ever whole in
 * memory.
 *
 * The cursor is SPI's; its rows are received by ourselves, from the executor's slot into the floats that XGBoost reads,
 * for SPI would first copy each row into a tuple of its own.
 */
#include "pgml.h"

#include <math.h>

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"

typedef struct RowReceiver
{
	DestReceiver receiver;
	RowStream  *rows;
} RowReceiver;

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowStream  *rows = ((RowReceiver *) self)->rows;
	int			features = rows->columns - 1;
	float	   *row = rows->features + (Size) rows->batch * features;

	slot_getallattrs(slot);
	for (int i = 0; i < features; i++)
		row[i] = slot->tts_isnull[i] ? NAN : DatumGetFloat4(slot->tts_values[i]);
	if (slot->tts_isnull[features])
		ereport(ERROR,
				errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("the column to be predicted holds a NULL"),
				errhint("Train on a view that leaves such rows out."));
	rows->targets[rows->batch++] = DatumGetFloat4(slot->tts_values[features]);
	return true;
}

static void
start_receiving(DestReceiver *self pg_attribute_unused(), int operation pg_attribute_unused(),
				TupleDesc description pg_attribute_unused())
{
}

static void
stop_receiving(DestReceiver *self pg_attribute_unused())
{
}

RowStream *
pgml_open_rows(const char *query, int columns)
{
	RowStream  *rows = palloc0(sizeof(RowStream));

	rows->query = pstrdup(query);
	rows->columns = columns;
	rows->features = palloc(sizeof(float) * PGML_BATCH_ROWS * (columns - 1));
	rows->targets = palloc(sizeof(float) * PGML_BATCH_ROWS);
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
	/* Read-only, so every pass has the snapshot of the calling statement, hence the same rows. */
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
	RowReceiver receiver = {
		.receiver = {
			.receiveSlot = receive_row,
			.rStartup = start_receiving,
			.rShutdown = stop_receiving,
			.rDestroy = stop_receiving,
			.mydest = DestNone,
		},
		.rows = rows,
	};
	int			wanted = (int) Min(rows->left, PGML_BATCH_ROWS);

	CHECK_FOR_INTERRUPTS();
	rows->batch = 0;
	if (wanted == 0 || rows->portal == NULL)
		return false;
	PortalRunFetch(rows->portal, FETCH_FORWARD, wanted, &receiver.receiver);
	rows->left -= rows->batch;
	return rows->batch > 0;
}

/* A matrix of floats as XGBoost wants it described (numpy's array interface, version 3). */
char *
pgml_array_interface(const float *data, int64 rows, int columns)
{
	return psprintf("{\"data\":[%llu,true],\"shape\":[%lld,%d],\"typestr\":\"<f4\",\"version\":3}",
					(unsigned long long) (uintptr_t) data, (long long) rows, columns);
}
