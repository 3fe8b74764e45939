/*
 * matrix.c: gives XGBoost the rows to train on, each feature in at most max_bin quantiles.
 *
 * XGBoost reads the rows three or four times. The query runs once: what it answers is kept in a temporary file, as floats.
 * A matrix that would not fit into maintenance_work_mem is kept in temporary files, too, page by page, and XGBoost maps
 * a few of its pages at a time.
 */
#include "pgml.h"

#include <math.h>

#include "commands/tablespace.h"
#include "common/file_utils.h"
#include "miscadmin.h"
#include "storage/buffile.h"
#include "storage/fd.h"

/* A batch, as floats: at most so much, and no more than a part of maintenance_work_mem. */
#define MOST_BATCH_BYTES (4 * 1024 * 1024)
#define MOST_BATCH_ROWS (256 * 1024)
#define PARTS_OF_MEMORY 16

/*
 * One that becomes a page of a matrix on disk is as large as so many others. XGBoost sorts the rows of each page by
 * itself, in pieces of 2,048 that belong to one node of the tree, and takes room for a whole piece where there are
 * fewer: the larger the pages, the less of that there is.
 */
#define BATCHES_PER_PAGE 3

/* What XGBoost's callbacks need; an error of ours waits here until XGBoost's frames are left. */
struct Matrix
{
	DMatrixHandle *handle;
	DMatrixHandle *proxy;
	RowStream  *rows;
	BufFile    *file;			/* the rows that the query gave */
	bool		is_complete;	/* whether it holds all of them */
	int64		left;			/* rows still to come in this pass; -1: a new pass begins */
	int			pass;
	Progress   *progress;
	MemoryContext context;
	ErrorData  *error;
	sigset_t	signals;		/* those of the backend, outside of XGBoost */
};

static void
write_batch(Matrix *matrix)
{
	RowStream  *rows = matrix->rows;

	BufFileWrite(matrix->file, rows->features, sizeof(float) * rows->batch * (rows->columns - 1));
	BufFileWrite(matrix->file, rows->targets, sizeof(float) * rows->batch);
}

static void
read_exactly(BufFile *file, void *to, size_t size)
{
	if (BufFileRead(file, to, size) != size)
		ereport(ERROR,
				errcode_for_file_access(),
				errmsg("could not read the rows back from a temporary file"));
}

/* The next batch, of the query or of what was kept of it. */
static bool
next_batch(Matrix *matrix)
{
	RowStream  *rows = matrix->rows;

	if (matrix->left < 0)
	{
		matrix->left = rows->wanted;
		matrix->pass++;
		if (matrix->is_complete)
		{
			if (BufFileSeek(matrix->file, 0, 0, SEEK_SET) != 0)
				ereport(ERROR, errcode_for_file_access(), errmsg("could not rewind a temporary file"));
		}
		else
		{
			pgml_start_rows(rows, false);
			matrix->file = BufFileCreateTemp(false);
		}
	}
	if (!matrix->is_complete)
	{
		if (pgml_next_batch(rows))
			write_batch(matrix);
		else
		{
			matrix->is_complete = true;
			pgml_stop_rows(rows);
			return false;
		}
	}
	else
	{
		CHECK_FOR_INTERRUPTS();
		rows->batch = (int) Min(matrix->left, rows->capacity);
		if (rows->batch == 0)
			return false;
		read_exactly(matrix->file, rows->features, sizeof(float) * rows->batch * (rows->columns - 1));
		read_exactly(matrix->file, rows->targets, sizeof(float) * rows->batch);
	}
	matrix->left -= rows->batch;
	pgml_tell_rows(matrix->progress, rows->wanted - matrix->left, rows->wanted, matrix->pass);
	return true;
}

static void
reset_rows(DataIterHandle iterator)
{
	Matrix	   *matrix = iterator;

	/* The pass is begun by the next batch: an error must not be raised from here. */
	matrix->left = -1;
}

/*
 * XGBoost calls this through C++ frames, which an error must not jump over: it is kept, and raised by pgml_fill_matrix().
 */
static int
next_rows(DataIterHandle iterator)
{
	Matrix	   *matrix = iterator;
	MemoryContext before = CurrentMemoryContext;
	volatile int more = 0;

	if (matrix->error != NULL)
		return 0;
	pgml_leave_threads(&matrix->signals);
	PG_TRY();
	{
		RowStream  *rows = matrix->rows;

		MemoryContextSwitchTo(matrix->context);
		if (next_batch(matrix))
		{
			char	   *features = pgml_array_interface(rows->features, rows->batch, rows->columns - 1);
			char	   *targets = pgml_array_interface(rows->targets, rows->batch, 1);

			pgml_check(XGProxyDMatrixSetDataDense(*matrix->proxy, features), ERRCODE_DATA_EXCEPTION, "read the features");
			pgml_check(XGDMatrixSetInfoFromInterface(*matrix->proxy, "label", targets), ERRCODE_DATA_EXCEPTION,
					   "read the column to be predicted");
			pfree(features);
			pfree(targets);
			more = 1;
		}
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(matrix->context);
		matrix->error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	pgml_enter_threads(&matrix->signals);
	MemoryContextSwitchTo(before);
	return more;
}

static void
delete_folder(void *folder)
{
	PathNameDeleteTemporaryDir(folder);
}

/*
 * A folder for the pages of a matrix, where this server keeps temporary files and looks for those of a crash. It goes with
 * the current context: XGBoost deletes its files with the matrix, but not those of a matrix that never was finished.
 */
static char *
temporary_folder(void)
{
	static int	count = 0;
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));
	char		base[MAXPGPATH];
	char	   *folder;
	Oid			tablespace;

	PrepareTempTablespaces();
	tablespace = GetNextTempTableSpace();
	TempTablespacePath(base, OidIsValid(tablespace) ? tablespace : MyDatabaseTableSpace);
	folder = psprintf("%s/%s%d.%d.pgml", base, PG_TEMP_FILE_PREFIX, MyProcPid, count++);
	callback->func = delete_folder;
	callback->arg = folder;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	PathNameCreateTemporaryDir(base, folder);
	return folder;
}

/* Bytes of a matrix in memory: a byte for each value by rows and one by columns, where a row begins, what is learned. */
static double
size_of(int64 rows, int columns)
{
	return rows * (2.0 * (columns - 1) + sizeof(size_t) + sizeof(float));
}

static bool
is_on_disk(int64 rows, int columns)
{
	return size_of(rows, columns) > maintenance_work_mem * 1024.0;
}

/* Rows in a batch of so many columns. @param rows to train on */
int
pgml_batch_rows(int64 rows, int columns)
{
	double		bytes = Min(maintenance_work_mem * 1024.0 / PARTS_OF_MEMORY, MOST_BATCH_BYTES);

	if (is_on_disk(rows, columns))
		bytes *= BATCHES_PER_PAGE;
	return Min(Max((int) (bytes / (sizeof(float) * columns)), PGML_BATCH_ROWS), MOST_BATCH_ROWS);
}

/* The rows of a stream that are not held out. Belongs to the current context. */
DMatrixHandle
pgml_fill_matrix(RowStream *rows, int max_bin, int threads, Progress *progress)
{
	Matrix	   *matrix = palloc0(sizeof(Matrix));
	StringInfoData config;
	bool		on_disk = is_on_disk(rows->wanted, rows->columns);
	int			status;

	initStringInfo(&config);
	appendStringInfo(&config, "{\"missing\":NaN,\"nthread\":%d,\"max_bin\":%d", threads, max_bin);
	if (on_disk)
		appendStringInfo(&config, ",\"cache_prefix\":\"%s/matrix\"", temporary_folder());
	appendStringInfoChar(&config, '}');
	matrix->rows = rows;
	matrix->left = -1;
	matrix->progress = progress;
	matrix->context = CurrentMemoryContext;
	matrix->proxy = pgml_owned(CurrentMemoryContext, XGDMatrixFree);
	matrix->handle = pgml_owned(CurrentMemoryContext, XGDMatrixFree);
	pgml_check(XGProxyDMatrixCreate(matrix->proxy), ERRCODE_OUT_OF_MEMORY, "create a matrix");
	pgml_enter_threads(&matrix->signals);
	status = (on_disk ? XGExtMemQuantileDMatrixCreateFromCallback : XGQuantileDMatrixCreateFromCallback)
		(matrix, *matrix->proxy, NULL, reset_rows, next_rows, config.data, matrix->handle);
	pgml_leave_threads(&matrix->signals);
	if (matrix->error != NULL)
		ReThrowError(matrix->error);
	pgml_check(status, ERRCODE_DATA_EXCEPTION, "read the rows");
	if (matrix->file != NULL)
		BufFileClose(matrix->file);
	pgml_give_room_back(rows);
	return *matrix->handle;
}
