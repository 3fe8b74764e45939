/*
 * pgml.h: what the files of pgml know of each other.
 */
#ifndef PGML_H
#define PGML_H

#include "postgres.h"

#include <signal.h>

#include "common/pg_prng.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "storage/itemptr.h"
#include "utils/array.h"
#include "utils/timestamp.h"
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

/* Which rows are held out to score the model. */
typedef enum Sampling
{
	SAMPLING_LAST,				/* the last ones */
	SAMPLING_RANDOM,			/* any, by the seed */
	SAMPLING_STRATIFIED			/* any, the same share of each class */
} Sampling;

/* Rows that are divided together: all of them, or those of one class. */
typedef struct Stratum
{
	int64		rows;
	int64		test;			/* how many of them are held out */
} Stratum;

typedef struct Split
{
	Sampling	sampling;
	uint64		seed;
	int			count;
	Stratum    *strata;			/* by class; one where the sampling is not stratified */
	int			classes;		/* 0: a regression */
} Split;

typedef struct RowStream
{
	char	   *query;			/* selects the features as real, then the target as double precision */
	int			columns;		/* features and target */
	Portal		portal;			/* open cursor, or NULL */
	const Split *split;
	bool		held_out;		/* whether those rows are wanted, or the others */
	int64		left;			/* wanted rows still to come */
	int64		position;		/* rows that have come */
	Stratum    *strata;			/* what is left of each */
	pg_prng_state random;
	int64		wanted;			/* rows that are not held out */
	int			capacity;		/* rows that a batch may have */
	MemoryContext context;		/* of the three below */
	float	   *features;		/* capacity x (columns - 1); NULL: there is no room */
	float	   *targets;		/* capacity, as XGBoost learns them */
	double	   *truths;			/* capacity, as the column holds them */
	int			batch;			/* rows in the current batch */
} RowStream;

extern RowStream *pgml_open_rows(const char *query, int columns, const Split *split, int capacity);
extern void pgml_start_rows(RowStream *rows, bool held_out);
extern bool pgml_next_batch(RowStream *rows);
extern void pgml_stop_rows(RowStream *rows);
extern void pgml_give_room_back(RowStream *rows);
extern char *pgml_array_interface(const float *data, int64 rows, int columns);

/* progress.c: tells the client how far a training is. */
typedef struct Progress
{
	TimestampTz began;
	TimestampTz told;
} Progress;

extern Progress pgml_begin_progress(void);
extern void pgml_tell_rows(Progress *progress, int64 rows, int64 of, int pass);
extern void pgml_tell_round(Progress *progress, int round, int of);

/* matrix.c: gives XGBoost the rows to train on. */
typedef struct Matrix Matrix;

extern int	pgml_batch_rows(int64 rows, int columns);
extern DMatrixHandle pgml_fill_matrix(RowStream *rows, int max_bin, int threads, Progress *progress);

/* source.c: which columns and rows of a relation a model is trained on. */
typedef struct Source
{
	char	   *query;
	char	   *target_query;	/* selects what is to be predicted alone, as "class" */
	int			features;
	Datum	   *names;			/* of the features, text */
} Source;

extern Source pgml_source(Oid relation_id, const char *target);
extern int64 pgml_count_rows(const char *query);
extern Split pgml_count_classes(const char *query);

/* parameters.c: hyperparameters as XGBoost takes them, names and values as text. */
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

extern Parameters pgml_read_parameters(Datum hyperparams, bool classification);
extern void pgml_refuse_parameter(const char *name, const char *value, const char *expected);

/* ubj.c: reads the format in which XGBoost writes a model. */
typedef struct Ubj
{
	const char *at;				/* where a value begins, its type marker first */
	const char *end;			/* of all bytes */
} Ubj;

extern void pgml_ubj_check(Ubj value);
extern bool pgml_ubj_member(Ubj object, const char *name, Ubj *member);
extern Ubj	pgml_ubj_get(Ubj object, const char *name);
extern char *pgml_ubj_string(Ubj value);
extern int64 pgml_ubj_parameter(Ubj object, const char *name);
extern double *pgml_ubj_numbers(Ubj array, int64 *count);
extern Ubj *pgml_ubj_values(Ubj array, int64 *count);

/* tables.c: what the extension's tables say of models, and that they may have changed. */

/* Which row of pgml.files, and which version of it. */
typedef struct FileVersion
{
	Oid			table;
	TransactionId xmin;
	CommandId	cmin;
	ItemPointerData place;
	bool		classification; /* the project's task, which says what a prediction is */
} FileVersion;

/* What a look-up found, as far as it got. */
typedef struct Found
{
	bool		project;
	bool		model;
	bool		file;
	int64		model_id;
	FileVersion version;
	Datum		data;			/* bytea, perhaps toasted; belongs to SPI */
	Datum		names;			/* of the features, text[]; 0 where nothing says them */
	Datum		sha256;			/* of the data, bytea; 0 where nobody has kept it */
} Found;

extern uint64 pgml_changes;		/* counts whatever may have changed a model */
extern void pgml_look_up_tables(void);
extern Oid	pgml_tables_owner(void);
extern Found pgml_look_up(text *project, int64 model_id);
extern bool pgml_same_version(const FileVersion *a, const FileVersion *b);

/* model.c: the models that this backend has loaded. */
typedef struct Forest Forest;

/* What pgml.predict() makes of what the model gives. */
typedef enum Answer
{
	ANSWER_VALUE,				/* nothing: a regression's number */
	ANSWER_CLASS,				/* nothing: it is the class already */
	ANSWER_LIKELIER,			/* the class 1 or 0, from the probability of 1 */
	ANSWER_LIKELIEST			/* the class with the highest of all probabilities */
} Answer;

typedef struct Model
{
	BoosterHandle booster;
	DMatrixHandle matrix;		/* says where the rows are that the booster is asked about */
	int			features;
	float	   *row;			/* one row; always at the same address, so that its description never changes */
	char	   *row_interface;	/* that description, JSON */
	int64		model_id;
	Answer		answer;
	char	  **names;			/* of the features; NULL where the snapshot does not say */
	MemoryContext context;		/* owns it all */
	Forest	   *forest;			/* NULL until the fast predictor is asked */
} Model;

extern Model *pgml_deployed_model(text *project_name);
extern Model *pgml_model_by_id(int64 model_id);

/* load.c: the bytes of a model are read, or refused. */
extern void pgml_load(const Found *found, Model *model, MemoryContext context);

/* features.c: what is asked about becomes floats, NaN where a value is missing. */
extern void pgml_read_features(ArrayType *array, float *to, int count);
extern void pgml_fill_row(Model *model, ArrayType *features);
extern void pgml_fill_row_from_record(Model *model, HeapTupleHeader record);

/* forest.c: the fast predictor. */
extern Forest *pgml_forest(Model *model, MemoryContext owner);
extern const float *pgml_forest_predict(Forest *forest, const float *row, int *outputs);

/* trees.c: reads a model's trees; forest.h has the rest of it. */
extern const char *pgml_check_trees(Ubj model);

/* library.c: the plain predictor, which the fast one is held against. */
extern const char *const pgml_predict_config;
extern const float *pgml_predict_rows(Model *model, const char *interface, int rows, int *outputs);
extern const float *pgml_library_predict(Model *model, int *outputs);

/* answer.c */
extern Answer pgml_answer_for(const char *objective, bool classification);
extern float pgml_class_of(Answer answer, const float *output, int count);

/* score.c: how well a model predicts the rows that are held out. */
typedef struct Tally
{
	int64		rows;
	/* of a regression */
	double		absolute,		/* sum of the errors' sizes */
				squared,		/* sum of their squares */
				mean,			/* of the target */
				squared_deviations; /* sum of the squares of what the target differs from its mean */
	/* of a classification */
	int			classes;
	bool		has_probabilities;
	int64	   *right;			/* of each class: predicted so, and it is so */
	int64	   *predicted;
	int64	   *actual;
	double		log_loss;
} Tally;

extern Tally pgml_new_tally(int classes, Answer answer);
extern void pgml_tally(Tally *tally, Answer answer, double truth, const float *output, int outputs);
extern double pgml_r2(const Tally *tally);
extern char *pgml_metrics(const Tally *tally);

/* pgml.c: the settings. */
typedef enum Predictor
{
	PREDICTOR_XGBOOST,
	PREDICTOR_FAST
} Predictor;

extern int	pgml_predictor;
extern int	pgml_progress_interval; /* milliseconds; -1: no notices */

#endif
