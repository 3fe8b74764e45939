/*
 * ubj.c: reads UBJSON (https://ubjson.org), the format in which XGBoost writes a model.
 *
 * Nothing is copied but what is asked for. A value is known by where it begins; whatever is read is first shown to lie
 * within the bytes, for they may come from a table that anybody with the right to train can write to.
 */
#include "pgml.h"

#include <math.h>

#include "port/pg_bswap.h"
#include "utils/memutils.h"

static void
malformed(void)
{
	ereport(ERROR,
			errcode(ERRCODE_DATA_CORRUPTED),
			errmsg("the model is not the UBJSON that XGBoost writes"),
			errhint("Train the project again, or deploy another of its models."));
}

static void
need(const Ubj *reader, int64 bytes)
{
	if (bytes < 0 || bytes > reader->end - reader->at)
		malformed();
}

static char
take_byte(Ubj *reader)
{
	need(reader, 1);
	return *reader->at++;
}

static char
peek_byte(const Ubj *reader)
{
	need(reader, 1);
	return *reader->at;
}

/* Bytes of one value of a type of fixed length; -1 for other types. */
static int
size_of(char type)
{
	switch (type)
	{
		case 'Z':
		case 'T':
		case 'F':
			return 0;
		case 'i':
		case 'U':
		case 'C':
			return 1;
		case 'I':
			return 2;
		case 'l':
		case 'd':
			return 4;
		case 'L':
		case 'D':
			return 8;
		default:
			return -1;
	}
}

/* The number behind a type marker, big-endian. A double holds every number that a model has (32 bits at most). */
static double
take_number(Ubj *reader, char type)
{
	uint16		two;
	uint32		four;
	uint64		eight;
	const char *from = reader->at;
	int			size = size_of(type);

	if (size < 0)
		malformed();
	need(reader, size);
	reader->at += size;
	switch (type)
	{
		case 'i':
			return (int8) *from;
		case 'U':
			return (uint8) *from;
		case 'I':
			memcpy(&two, from, sizeof(two));
			return (int16) pg_ntoh16(two);
		case 'l':
			memcpy(&four, from, sizeof(four));
			return (int32) pg_ntoh32(four);
		case 'L':
			memcpy(&eight, from, sizeof(eight));
			return (double) (int64) pg_ntoh64(eight);
		case 'd':
			{
				float		value;

				memcpy(&four, from, sizeof(four));
				four = pg_ntoh32(four);
				memcpy(&value, &four, sizeof(value));
				return value;
			}
		case 'D':
			{
				double		value;

				memcpy(&eight, from, sizeof(eight));
				eight = pg_ntoh64(eight);
				memcpy(&value, &eight, sizeof(value));
				return value;
			}
		case 'T':
			return 1;
		case 'F':
			return 0;
		default:
			malformed();
			return 0;
	}
}

static int64
take_length(Ubj *reader)
{
	double		length = take_number(reader, take_byte(reader));

	/* As many bytes as there are would be too many already; also keeps products of lengths and sizes from overflowing. */
	if (!(length >= 0 && length <= (double) MaxAllocHugeSize / 16))
		malformed();
	return (int64) length;
}

/* An array's elements: of one type that is told once, or each with its own marker; counted, or up to a bracket. */
typedef struct Elements
{
	Ubj			reader;
	char		type;			/* 0: each has its own */
	int64		left;			/* -1: up to the bracket */
} Elements;

static Elements
elements_of(Ubj array)
{
	Elements	elements = {.left = -1};

	if (take_byte(&array) != '[')
		malformed();
	if (peek_byte(&array) == '$')
	{
		take_byte(&array);
		elements.type = take_byte(&array);
		if (size_of(elements.type) < 0 || peek_byte(&array) != '#')
			malformed();
	}
	if (peek_byte(&array) == '#')
	{
		take_byte(&array);
		elements.left = take_length(&array);
		if (elements.type != 0)
			need(&array, elements.left * size_of(elements.type));
	}
	elements.reader = array;
	return elements;
}

/* Whether another element follows; the closing bracket of an uncounted array is taken. */
static bool
more(Elements *elements)
{
	if (elements->left == 0)
		return false;
	if (elements->left > 0)
		elements->left--;
	else if (peek_byte(&elements->reader) == ']')
	{
		take_byte(&elements->reader);
		return false;
	}
	return true;
}

/* Deeper than any model goes. XGBoost, too, reads what lies within by calling itself. */
#define DEEPEST 64

static void
skip_within(Ubj *reader, int depth)
{
	char		type = take_byte(reader);

	if (depth > DEEPEST)
		malformed();
	if (type == 'S' || type == 'H')
	{
		int64		length = take_length(reader);

		need(reader, length);
		reader->at += length;
	}
	else if (type == '{')
	{
		while (peek_byte(reader) != '}')
		{
			int64		length = take_length(reader);

			need(reader, length);
			reader->at += length;
			skip_within(reader, depth + 1);
		}
		take_byte(reader);
	}
	else if (type == '[')
	{
		Elements	elements = elements_of((Ubj) {reader->at - 1, reader->end});

		if (elements.type != 0)
			elements.reader.at += elements.left * size_of(elements.type);
		else
			while (more(&elements))
				skip_within(&elements.reader, depth + 1);
		*reader = elements.reader;
	}
	else
	{
		int			size = size_of(type);

		if (size < 0)
			malformed();
		need(reader, size);
		reader->at += size;
	}
}

static void
skip(Ubj *reader)
{
	skip_within(reader, 0);
}

/* Raises an error unless the bytes are one value from the first to the last. */
void
pgml_ubj_check(Ubj value)
{
	skip(&value);
	if (value.at != value.end)
		malformed();
}

/* Finds an object's member. Answers false when there is none of that name. */
bool
pgml_ubj_member(Ubj object, const char *name, Ubj *member)
{
	size_t		wanted = strlen(name);

	if (take_byte(&object) != '{')
		malformed();
	while (peek_byte(&object) != '}')
	{
		int64		length = take_length(&object);
		const char *found = object.at;

		need(&object, length);
		object.at += length;
		if ((size_t) length == wanted && memcmp(found, name, wanted) == 0)
		{
			*member = object;
			return true;
		}
		skip(&object);
	}
	return false;
}

/* The same for a member that each model has. */
Ubj
pgml_ubj_get(Ubj object, const char *name)
{
	Ubj			member;

	if (!pgml_ubj_member(object, name, &member))
		malformed();
	return member;
}

/* A string, copied. */
char *
pgml_ubj_string(Ubj value)
{
	int64		length;

	if (take_byte(&value) != 'S')
		malformed();
	length = take_length(&value);
	need(&value, length);
	return pnstrdup(value.at, length);
}

/* A whole number that XGBoost writes as a string, as it does with its parameters. */
int64
pgml_ubj_parameter(Ubj object, const char *name)
{
	char	   *text = pgml_ubj_string(pgml_ubj_get(object, name));
	char	   *end;
	long long	number = strtoll(text, &end, 10);

	if (end == text || *end != '\0')
		malformed();
	return number;
}

/* An array of numbers, copied; sets *count. */
double *
pgml_ubj_numbers(Ubj array, int64 *count)
{
	Elements	elements = elements_of(array);
	int64		room = elements.left >= 0 ? elements.left : 64;
	double	   *numbers;

	/* An element has a byte at least, so a count beyond the bytes is caught before memory is asked for. */
	if (elements.left >= 0)
		need(&elements.reader, elements.type != 0 ? elements.left * size_of(elements.type) : elements.left);
	numbers = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(double) * Max(room, 1));
	*count = 0;
	while (more(&elements))
	{
		if (*count == room)
			numbers = repalloc_huge(numbers, sizeof(double) * (room *= 2));
		numbers[(*count)++] = take_number(&elements.reader, elements.type ? elements.type : take_byte(&elements.reader));
	}
	return numbers;
}

/* The values of an array, where each begins; sets *count. */
Ubj *
pgml_ubj_values(Ubj array, int64 *count)
{
	Elements	elements = elements_of(array);
	int64		room = 64;
	Ubj		   *values = palloc(sizeof(Ubj) * room);

	if (elements.type != 0)
		malformed();
	*count = 0;
	while (more(&elements))
	{
		if (*count == room)
			values = repalloc_huge(values, sizeof(Ubj) * (room *= 2));
		values[(*count)++] = elements.reader;
		skip(&elements.reader);
	}
	return values;
}
