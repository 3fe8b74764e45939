/*
 * answer.c: what a model's output means.
 */
#include "pgml.h"

/* What is to be made of a model's output. An objective that says nothing of classes gives the class or a number itself. */
Answer
pgml_answer_for(const char *objective, bool classification)
{
	if (!classification)
		return ANSWER_VALUE;
	if (strcmp(objective, "binary:logistic") == 0)
		return ANSWER_LIKELIER;
	if (strcmp(objective, "multi:softprob") == 0)
		return ANSWER_LIKELIEST;
	return ANSWER_CLASS;
}

/* The prediction in what the model gave for one row: `count` numbers. */
float
pgml_class_of(Answer answer, const float *output, int count)
{
	int			best = 0;

	if (answer == ANSWER_LIKELIER)
		return output[0] > 0.5f ? 1 : 0;
	if (answer != ANSWER_LIKELIEST)
		return output[0];
	for (int i = 1; i < count; i++)
		if (output[i] > output[best])
			best = i;
	return (float) best;
}
