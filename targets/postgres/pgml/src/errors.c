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
 * XGBoost's messages begin with time and source line and end with a stack trace; the sentence between them is for users.
 */
static char *
sentence_of(const char *message)
{
	const char *start = strstr(message, "] ");
	const char *source = start ? strstr(start, ": ") : NULL;
	const char *end;

	if (start && source && source - start < 200 && strstr(start, ".cc:") && strstr(start, ".cc:") < source)
		start = source + 2;
	else if (start)
		start += 2;
	else
		start = message;
	end = strstr(start, "\nStack trace");
	return end ? pnstrdup(start, end - start) : pstrdup(start);
}

/* Raises an error with the given SQLSTATE unless the call succeeded. */
void
pgml_check(int status, int sqlstate, const char *doing)
{
	if (status != 0)
		ereport(ERROR,
				errcode(sqlstate),
				errmsg("XGBoost could not %s", doing),
				errdetail("%s", sentence_of(XGBGetLastError())));
}
