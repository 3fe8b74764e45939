/*
 * xgboost.h: the part of XGBoost's C interface that pgml calls.
 *
 * The wheel carries the library without its header. Declared after the documentation,
 * https://xgboost.readthedocs.io/en/stable/c.html. Every function answers 0, or -1 with XGBGetLastError(); no C++
 * exception leaves it.
 */
#ifndef PGML_XGBOOST_H
#define PGML_XGBOOST_H

#include <stddef.h>
#include <stdint.h>

typedef void *DMatrixHandle;
typedef void *BoosterHandle;
typedef void *DataIterHandle;
typedef uint64_t bst_ulong;

/* Answers 1 after it has put a batch into the proxy matrix, 0 when there is none left. */
typedef int XGDMatrixCallbackNext(DataIterHandle iterator);
typedef void DataIterResetCallback(DataIterHandle iterator);

extern const char *XGBGetLastError(void);
extern void XGBoostVersion(int *major, int *minor, int *patch);
extern int	XGBRegisterLogCallback(void (*callback) (const char *));

extern int	XGProxyDMatrixCreate(DMatrixHandle *out);
extern int	XGProxyDMatrixSetDataDense(DMatrixHandle handle, const char *array_interface);
extern int	XGDMatrixSetInfoFromInterface(DMatrixHandle handle, const char *field, const char *array_interface);
extern int	XGQuantileDMatrixCreateFromCallback(DataIterHandle iterator, DMatrixHandle proxy, DMatrixHandle reference,
												DataIterResetCallback *reset, XGDMatrixCallbackNext *next,
												const char *config, DMatrixHandle *out);
extern int	XGExtMemQuantileDMatrixCreateFromCallback(DataIterHandle iterator, DMatrixHandle proxy, DMatrixHandle reference,
													  DataIterResetCallback *reset, XGDMatrixCallbackNext *next,
													  const char *config, DMatrixHandle *out);
extern int	XGDMatrixFree(DMatrixHandle handle);

extern int	XGBoosterCreate(const DMatrixHandle matrices[], bst_ulong count, BoosterHandle *out);
extern int	XGBoosterFree(BoosterHandle handle);
extern int	XGBoosterSetParam(BoosterHandle handle, const char *name, const char *value);
extern int	XGBoosterUpdateOneIter(BoosterHandle handle, int iteration, DMatrixHandle train);
extern int	XGBoosterGetNumFeature(BoosterHandle handle, bst_ulong *out);
extern int	XGBoosterLoadModelFromBuffer(BoosterHandle handle, const void *buffer, bst_ulong length);
extern int	XGBoosterSaveModelToBuffer(BoosterHandle handle, const char *config, bst_ulong *length,
									   const char **buffer);
extern int	XGBoosterSaveJsonConfig(BoosterHandle handle, bst_ulong *length, const char **json);
extern int	XGBoosterPredictFromDense(BoosterHandle handle, const char *array_interface, const char *config,
									  DMatrixHandle meta, bst_ulong const **shape, bst_ulong *dimensions,
									  const float **result);

#endif
