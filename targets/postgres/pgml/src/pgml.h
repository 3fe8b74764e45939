/*
 * pgml.h: what the files of pgml know of each other.
 */
#ifndef PGML_H
#define PGML_H

#include "postgres.h"

#include <signal.h>

#include "executor/spi.h"
#include "fmgr.h"
#include "xgboost.h"

/* errors.c: what XGBoost says becomes an error of PostgreSQL's. */
extern void pgml_check(int status, int sqlstate, const char *doing);
extern void pgml_forget_warnings(void);
extern const char *pgml_unused_parameters(void);
extern void pgml_register_log(void);

/* handles.c: XGBoost's objects belong to memory contexts. */
extern void **pgml_owned(MemoryContext owner, int (*free_handle) (void *));
extern void pgml_free_owned(void **handle);

/* threads.c: XGBoost's threads are kept away from the backend's signals. */
extern void pgml_enter_threads(sigset_t *before);
extern void pgml_leave_threads(const sigset_t *before);

#define PGML_BATCH_ROWS 10000

/* rows.c: streams a relation's rows in batches of floats, NaN where a value is missing. */
typedef struct RowStream
{
	char	   *query;			/* selects the features, then the target, all as real */
	int			columns;		/* features and target */
	Portal		portal;			/* open cursor, or NULL */
	int64		left;			/* rows still to come */
	float	   *features;		/* PGML_BATCH_ROWS x (columns - 1) */
	float	   *targets;		/* PGML_BATCH_ROWS */
	int			batch;			/* rows in the current batch */
} RowStream;

extern RowStream *pgml_open_rows(const char *query, int columns);
extern void pgml_start_rows(RowStream *rows, int64 skip, int64 count);
extern bool pgml_next_batch(RowStream *rows);
extern void pgml_stop_rows(RowStream *rows);
extern char *pgml_array_interface(const float *data, int64 rows, int columns);

/* ubj.c: reads the format in which XGBoost writes a model. */
typedef struct Ubj
{
	const char *at;				/* where a value begins, its type marker first */
	const char *end;			/* of all bytes */
} Ubj;

extern bool pgml_ubj_member(Ubj object, const char *name, Ubj *member);
extern Ubj	pgml_ubj_get(Ubj object, const char *name);
extern char *pgml_ubj_string(Ubj value);
extern int64 pgml_ubj_parameter(Ubj object, const char *name);
extern double *pgml_ubj_numbers(Ubj array, int64 *count);
extern Ubj *pgml_ubj_values(Ubj array, int64 *count);

/* model.c: the models that this backend has loaded. */
typedef struct Forest Forest;

typedef struct Model
{
	BoosterHandle booster;
	int			features;
	float	   *row;			/* one row; always at the same address, so that its description never changes */
	char	   *row_interface;	/* that description, JSON */
	int64		model_id;
	MemoryContext context;		/* owns it all */
	Forest	   *forest;			/* NULL until the fast predictor is asked */
} Model;

extern Model *pgml_deployed_model(text *project_name);
extern Model *pgml_model_by_id(int64 model_id);
extern const char *const pgml_predict_config;

/* forest.c: the fast predictor. */
extern Forest *pgml_forest(Model *model, MemoryContext owner);
extern const float *pgml_forest_predict(Forest *forest, const float *row, int *outputs);

/* predict.c */
extern const float *pgml_library_predict(Model *model, int *outputs);
extern void pgml_define_settings(void);

#endif
