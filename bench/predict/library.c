/*
 * One row a call by the C interface of a libxgboost, timed in this process: bench:predict runs it once for each version.
 *
 * Arguments: the library, a model (JSON, which every version reads), a file of rows (32-bit floats, row after row), features a
 * row. Each line on standard input names a way, and gets a line of JSON back: {"seconds": of processor time for all rows,
 * "answers": a digest of the predictions' bits}. The first line that it writes is the library's version.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint64_t bst_ulong;

static const char *(*XGBGetLastError) (void);
static void (*XGBoostVersion) (int *, int *, int *);
static int	(*XGBoosterCreate) (void *const *, bst_ulong, void **);
static int	(*XGBoosterLoadModelFromBuffer) (void *, const void *, bst_ulong);
static int	(*XGBoosterSetParam) (void *, const char *, const char *);
static int	(*XGBoosterPredict) (void *, void *, int, unsigned, int, bst_ulong *, const float **);
static int	(*XGBoosterPredictFromDense) (void *, const char *, const char *, void *, const bst_ulong **, bst_ulong *,
										  const float **);
static int	(*XGProxyDMatrixCreate) (void **);
static int	(*XGDMatrixCreateFromMat) (const float *, bst_ulong, bst_ulong, float, void **);
static int	(*XGDMatrixFree) (void *);

static const char *const config =
"{\"type\":0,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":false,\"missing\":NaN}";
static void *booster;
static void *kept;				/* a matrix that only says where rows are */
static float *row;				/* each row in its turn, always at the same place */
static bst_ulong features;
static char interface[128];		/* that place, as libxgboost is told of it */

static void
check(int status)
{
	if (status != 0)
	{
		fprintf(stderr, "%s\n", XGBGetLastError());
		exit(1);
	}
}

/* As PostgresML's Rust binding does: the row is copied into a matrix of its own. */
static float
copied(void)
{
	void	   *matrix;
	bst_ulong	count;
	const float *answers;
	float		answer;

	check(XGDMatrixCreateFromMat(row, 1, features, NAN, &matrix));
	check(XGBoosterPredict(booster, matrix, 0, 0, 0, &count, &answers));
	answer = answers[0];
	check(XGDMatrixFree(matrix));
	return answer;
}

static float
in_place(void *matrix)
{
	const bst_ulong *shape;
	bst_ulong	dimensions;
	const float *answers;

	check(XGBoosterPredictFromDense(booster, interface, config, matrix, &shape, &dimensions, &answers));
	return answers[0];
}

/* The row where it lies, and nothing else kept: libxgboost makes what it needs in each call. */
static float
dense(void)
{
	return in_place(NULL);
}

/* As pgml does. */
static float
proxy(void)
{
	return in_place(kept);
}

static void *
contents(const char *path, size_t *length)
{
	FILE	   *file = fopen(path, "rb");
	char	   *bytes = NULL;
	size_t		room = 0;

	*length = 0;
	if (file == NULL)
	{
		perror(path);
		exit(1);
	}
	do
	{
		room = room * 2 + 65536;
		bytes = realloc(bytes, room);
		*length += fread(bytes + *length, 1, room - *length, file);
	} while (*length == room);
	fclose(file);
	return bytes;
}

static double
processor_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void
measure(float (*predict) (void), const float *rows, size_t count)
{
	double		began = processor_time();
	uint64_t	digest = 0;

	for (size_t i = 0; i < count; i++)
	{
		float		answer;
		uint32_t	bits;

		memcpy(row, rows + i * features, features * sizeof(float));
		answer = predict();
		memcpy(&bits, &answer, sizeof(bits));
		digest = digest * 31 + bits;
	}
	printf("{\"seconds\": %.9f, \"answers\": \"%016" PRIx64 "\"}\n", processor_time() - began, digest);
	fflush(stdout);
}

int
main(int count, char **arguments)
{
	static const struct
	{
		const char *name;
		float		(*predict) (void);
	}			ways[] = {{"copied", copied}, {"dense", dense}, {"proxy", proxy}};
	void	   *library;
	size_t		length;
	size_t		bytes;
	void	   *model;
	float	   *rows;
	int			major,
				minor,
				patch;
	char		line[64];

	if (count != 5)
		return 2;
	library = dlopen(arguments[1], RTLD_NOW);
	if (library == NULL)
	{
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
#define FIND(name) \
	if ((*(void **) &name = dlsym(library, #name)) == NULL) \
	{ \
		fprintf(stderr, "%s has no " #name "\n", arguments[1]); \
		return 1; \
	}
	FIND(XGBGetLastError);
	FIND(XGBoostVersion);
	FIND(XGBoosterCreate);
	FIND(XGBoosterLoadModelFromBuffer);
	FIND(XGBoosterSetParam);
	FIND(XGBoosterPredict);
	FIND(XGBoosterPredictFromDense);
	FIND(XGProxyDMatrixCreate);
	FIND(XGDMatrixCreateFromMat);
	FIND(XGDMatrixFree);
#undef FIND
	model = contents(arguments[2], &length);
	rows = contents(arguments[3], &bytes);
	features = strtoull(arguments[4], NULL, 10);
	row = malloc(features * sizeof(float));
	snprintf(interface, sizeof(interface),
			 "{\"data\":[%" PRIuPTR ",true],\"shape\":[1,%" PRIu64 "],\"typestr\":\"<f4\",\"version\":3}", (uintptr_t) row,
			 features);
	check(XGBoosterCreate(NULL, 0, &booster));
	check(XGBoosterLoadModelFromBuffer(booster, model, length));
	check(XGBoosterSetParam(booster, "nthread", "1"));
	check(XGProxyDMatrixCreate(&kept));
	XGBoostVersion(&major, &minor, &patch);
	printf("\"%d.%d.%d\"\n", major, minor, patch);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL)
	{
		line[strcspn(line, "\n")] = '\0';
		for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
			if (strcmp(line, ways[i].name) == 0)
				measure(ways[i].predict, rows, bytes / sizeof(float) / features);
	}
	return 0;
}
