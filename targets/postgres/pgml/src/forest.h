/*
 * forest.h: a model's trees in memory, for those who read them (trees.c) and walk over them (forest.c).
 */
#ifndef FOREST_H
#define FOREST_H

#include "pgml.h"

/* A node's children lie side by side, so one index says where both are. */
typedef struct TreeNode
{
	float		value;			/* smaller goes left; of a leaf: what it adds */
	uint32		feature:31;
	uint32		missing_left:1;
	uint32		left;			/* in the tree, whose root is 0; 0: a leaf */
} TreeNode;

/* What an objective makes of the sum of the leaves, and what it makes of base_score before. */
typedef enum Link
{
	LINK_IDENTITY,
	LINK_LOGISTIC,
	LINK_EXPONENTIAL,
	LINK_HINGE,
	LINK_SOFTPROB,
	LINK_SOFTMAX
} Link;

struct Forest
{
	int			features;
	int			groups;			/* sums a row: one for each class, else one */
	Link		link;
	float	   *base;			/* of each group, as a margin */
	float	   *margins;		/* room for one row's */
	int64		trees;
	TreeNode	  **roots;
	int		   *group;			/* of each tree */
	TreeNode   *nodes;			/* of all trees */
	int64		count;
};

/* trees.c: reads the trees of what XGBoost wrote. */
extern Forest *pgml_read_trees(Ubj model, MemoryContext owner);
extern void pgml_refuse_trees(const char *what);

#endif
