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
#include "utils/fmgrprotos.h"

typedef struct RowReceiver
{
	DestReceiver receiver;
	RowStream  *rows;
} RowReceiver;

/*
 * Whether the next row is held out. Of the rows that are left, as many are still to be held out as make up the number
 * (selection sampling: Knuth, The Art of Computer Programming 3.4.2, algorithm S); so the share is exact, each pass
 * decides alike, and nothing has to be remembered for a row.
 */
static bool
is_held_out(RowStream *rows, double target)
{
	const Split *split = rows->split;
	Stratum    *stratum = rows->strata;
	bool		held_out;

	if (split->sampling == SAMPLING_LAST)
		return rows->position++ >= split->strata[0].rows - split->strata[0].test;
	if (split->sampling == SAMPLING_STRATIFIED)
		stratum += (int) target;	/* a class, checked before */
	held_out = stratum->rows > 0 && pg_prng_uint64_range(&rows->random, 0, stratum->rows - 1) < (uint64) stratum->test;
	stratum->rows--;
	if (held_out)
		stratum->test--;
	return held_out;
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowStream  *rows = ((RowReceiver *) self)->rows;
	int			features = rows->columns - 1;
	float	   *row = rows->features + (Size) rows->batch * features;
	double		target;

	slot_getallattrs(slot);
	if (slot->tts_isnull[features])
		ereport(ERROR,
				errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("the column to be predicted holds a NULL"),
				errhint("Train on a view that leaves such rows out."));
	target = DatumGetFloat8(slot->tts_values[features]);
	/* They were checked by a query before: a view that calls random() answers otherwise the second time. */
	if (rows->split->classes > 0 && !(target >= 0 && target < rows->split->classes && target == floor(target)))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("the relation gives other rows each time it is read"),
				errhint("Train on a table or a materialized view."));
	if (is_held_out(rows, target) != rows->held_out)
		return true;
	/* XGBoost refuses it among those that it learns from. */
	if (rows->held_out && !isfinite(target))
		ereport(ERROR,
				errcode(ERRCODE_DATA_EXCEPTION),
				errmsg("the column to be predicted holds %g in a row that is held out", target),
				errhint("Train on a view that leaves such rows out."));
	for (int i = 0; i < features; i++)
		row[i] = slot->tts_isnull[i] ? NAN : DatumGetFloat4(slot->tts_values[i]);
	/* The server's own conversion: a number that no real holds is an error. */
	rows->targets[rows->batch] = DatumGetFloat4(DirectFunctionCall1(dtof, slot->tts_values[features]));
	rows->truths[rows->batch++] = target;
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

/* The rows of a query, as `split` divides them, which must outlive the stream; so many of them in a batch. */
RowStream *
pgml_open_rows(const char *query, int columns, const Split *split, int capacity)
{
	RowStream  *rows = palloc0(sizeof(RowStream));

	rows->query = pstrdup(query);
	rows->columns = columns;
	rows->split = split;
	rows->capacity = capacity;
	for (int i = 0; i < split->count; i++)
		rows->wanted += split->strata[i].rows - split->strata[i].test;
	rows->strata = palloc(sizeof(Stratum) * split->count);
	rows->context = CurrentMemoryContext;
	return rows;
}

/* Room for a batch, which is given back where no rows are read for long. */
static void
make_room(RowStream *rows)
{
	if (rows->features != NULL)
		return;
	rows->features = MemoryContextAlloc(rows->context, sizeof(float) * rows->capacity * (rows->columns - 1));
	rows->targets = MemoryContextAlloc(rows->context, sizeof(float) * rows->capacity);
	rows->truths = MemoryContextAlloc(rows->context, sizeof(double) * rows->capacity);
}

void
pgml_give_room_back(RowStream *rows)
{
	if (rows->features == NULL)
		return;
	pfree(rows->features);
	pfree(rows->targets);
	pfree(rows->truths);
	rows->features = NULL;
}

/* Begins again, with the rows that are held out or with the others. */
void
pgml_start_rows(RowStream *rows, bool held_out)
{
	const Split *split = rows->split;
	SPIPlanPtr	plan;

	pgml_stop_rows(rows);
	make_room(rows);
	plan = SPI_prepare(rows->query, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "could not prepare the query for rows: %s", SPI_result_code_string(SPI_result));
	/* Read-only, so every pass has the snapshot of the calling statement, hence the same rows. */
	rows->portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	SPI_freeplan(plan);
	rows->held_out = held_out;
	rows->position = 0;
	rows->left = 0;
	for (int i = 0; i < split->count; i++)
		rows->left += held_out ? split->strata[i].test : split->strata[i].rows - split->strata[i].test;
	memcpy(rows->strata, split->strata, sizeof(Stratum) * split->count);
	pg_prng_seed(&rows->random, split->seed);
	if (held_out && split->sampling == SAMPLING_LAST)
	{
		/* What is held out comes last, so the rest need not even be looked at. */
		rows->position = split->strata[0].rows - split->strata[0].test;
		if (rows->position > 0)
			SPI_cursor_move(rows->portal, true, rows->position);
	}
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
	int			wanted = (int) Min(rows->left, rows->capacity);

	CHECK_FOR_INTERRUPTS();
	rows->batch = 0;
	if (wanted == 0 || rows->portal == NULL)
		return false;
	/* Rows of the other part leave room in the batch. */
	while (rows->batch < wanted &&
		   PortalRunFetch(rows->portal, FETCH_FORWARD, wanted - rows->batch, &receiver.receiver) > 0)
		CHECK_FOR_INTERRUPTS();
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
