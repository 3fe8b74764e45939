/** A new model goes live: in Postgres it is deployed, in a service its file takes the place of the old one. */
import { writeFile } from 'node:fs/promises'
import { inCache } from '../../build/paths.ts'
import type { Dataset } from '../../workload/dataset.ts'
import { postgresAddress } from '../address/postgres.ts'
import type { Change, Changes } from '../changes.ts'
import { closeClient, openClient } from '../postgres/client.ts'
import { firstModelOf, onlyFirstModel, trainAnother } from '../postgres/training.ts'
import type { PythonService } from '../python/service.ts'
import { modelFileOf } from '../python/training.ts'
import type { Stack } from '../stack.ts'

/** Boosting rounds that the new model has more: as large a model, about, and another answer to nearly every key. */
const roundsMore = 1
/** XGBoost's own, where none are given. */
const usualRounds = 100

const grown = (dataset: Dataset): Dataset => ({
  ...dataset,
  hyperparameters: {
    ...dataset.hyperparameters,
    n_estimators: Number(dataset.hyperparameters.n_estimators ?? usualRounds) + roundsMore,
  },
})

const ofService = (service: PythonService, files: readonly [string, string]): Change => ({
  how: 'its file is written beside the old one and renamed; each worker looks for another every 0.1 s',
  to: (state) => service.deploy(files[state]),
})

/** The database trains it, and the services serve the same file. */
export async function newModel(stack: Stack): Promise<Changes> {
  const { dataset } = stack.prepared
  const { postgres, service, fastService } = stack.running()
  const client = await openClient(postgresAddress(postgres.url))
  try {
    const another = await trainAnother(client, grown(dataset))
    const models = [await firstModelOf(client, dataset), another.model] as const
    const files = [modelFileOf(dataset), inCache('python-target', 'another.ubj')] as const
    await writeFile(files[1], another.file)
    return {
      by: {
        POSTGRES_URL: {
          how: 'pgml.deploy',
          to: async (state) => void (await client.query('SELECT pgml.deploy($1::bigint)', [models[state]])),
        },
        PYTHON_URL: ofService(service, files),
        PYTHON_FAST_URL: ofService(fastService, files),
      },
      addresses: {},
      undo: async () => {
        await onlyFirstModel(client, dataset).catch(() => {}) // done again at the next start
        await closeClient(client)
      },
    }
  } catch (error) {
    await closeClient(client)
    throw error
  }
}
