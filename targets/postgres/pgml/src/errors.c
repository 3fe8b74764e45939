/*
 * errors.c: what XGBoost says becomes an error of PostgreSQL's.
 */
#include "pgml.h"

/* The last warning about parameters that XGBoost does not know; it only logs them. */
static char unused_parameters[1024];

/*
 * Called by XGBoost from within its own frames, so it must not raise an error; it only keeps what train.c asks for.
 */
static void
keep_warning(const char *message)
{
	if (strstr(message, "are not used") != NULL)
		strlcpy(unused_parameters, message, sizeof(unused_parameters));
}

void
pgml_register_log(void)
{
	XGBRegisterLogCallback(keep_warning);
}

void
pgml_forget_warnings(void)
{
	unused_parameters[0] = '\0';
}

/* The names of parameters that nothing read, as XGBoost wrote them, or NULL. */
const char *
pgml_unused_parameters(void)
{
	char	   *start = strchr(unused_parameters, '{');
	char	   *end = start ? strchr(start, '}') : NULL;

	if (unused_parameters[0] == '\0')
		return NULL;
	return start && end ? pnstrdup(start, end - start + 1) : unused_parameters;
}

/*
 * XGBoost's messages begin with time and source line ("[12:00:00] /src/data/file.cc:99: Check failed: valid: ") and end
 * with a stack trace; the sentence between them is for users.
 */
static char *
sentence_of(const char *message)
{
	const char *start = message[0] == '[' ? strstr(message, "] ") : NULL;
	const char *source;
	const char *end;

	start = start ? start + 2 : message;
	source = strstr(start, ": ");
	if (start[0] == '/' && source != NULL)
		start = source + 2;
	if (strncmp(start, "Check failed: valid: ", 21) == 0)
		start += 21;
	end = strstr(start, "\nStack trace");
	return end ? pnstrdup(start, end - start) : pstrdup(start);
}

/* What the caller of pgml.train() or pgml.predict() can do about it. */
static const char *
hint_for(int sqlstate)
{
	if (sqlstate == ERRCODE_INVALID_PARAMETER_VALUE)
		return "https://xgboost.readthedocs.io/en/stable/parameter.html lists the hyperparameters and their values.";
	if (sqlstate == ERRCODE_DATA_EXCEPTION)
		return "Numbers must be finite as 32-bit floats; NULL and NaN are missing values, for features only.";
	return NULL;
}

/* Raises an error with the given SQLSTATE unless the call succeeded. */
void
pgml_check(int status, int sqlstate, const char *doing)
{
	const char *hint = hint_for(sqlstate);

	if (status != 0)
		ereport(ERROR,
				errcode(sqlstate),
				errmsg("XGBoost could not %s", doing),
				errdetail("%s", sentence_of(XGBGetLastError())),
				hint ? errhint("%s", hint) : 0);
}
