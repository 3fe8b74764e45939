/** A dataset made ready for both targets: one CSV that everything else is loaded from, its keys, its dictionaries. */
import path from 'node:path'
import { z } from 'zod'
import { readJson } from '../build/user-file.ts'
import type { Dataset } from '../workload/dataset.ts'
import { misfitsOfDatasetKeys } from '../workload/dataset-keys.ts'
import { misfitsOfKeys } from '../workload/keys.ts'

/** A key's values, in the order of the key's columns. */
export type DatasetKey = readonly (number | string)[]

export interface Prepared {
  dataset: Dataset
  /** What it is made of, in words; absent: the bundled flights. */
  about?: string
  /** Of a table of the user's own, which has as many rows as its files. */
  isOwn?: true
  /** Header, then a line a row in the source's order: numbers, nothing where a value is missing, texts in quotes. */
  csv: string
  /** Every distinct key in order of first appearance, and the place of its first row: Parquet. */
  everyKey: string
  /** JSON array of the keys, or of as many as k6 can hold, evenly drawn. */
  keys: string
  /** JSON object: what the codes of each column that was text stand for. */
  dictionaries: string
  /** The description as JSON, for Python. */
  description: string
}

export const preparedIn = (folder: string, dataset: Dataset): Prepared => ({
  dataset,
  csv: path.join(folder, `${dataset.name}.csv`),
  everyKey: path.join(folder, 'keys.parquet'),
  keys: path.join(folder, 'keys.json'),
  dictionaries: path.join(folder, 'dictionaries.json'),
  description: path.join(folder, 'dataset.json'),
})

export const filesOf = ({ csv, everyKey, keys, dictionaries, description }: Prepared): string[] => [
  ...[csv, everyKey, keys, dictionaries, description],
]

/** @throws {BadInput} naming the file and what in it does not fit */
export function readKeys({ dataset, keys }: Prepared): Promise<DatasetKey[]> {
  const misfitsOf = misfitsOfDatasetKeys(dataset)
  const schema = z.custom<DatasetKey[]>().superRefine((given, context) => {
    for (const { path, expected } of misfitsOfKeys(given, misfitsOf))
      context.addIssue({ code: 'custom', path, message: expected })
  })
  return readJson(schema, {
    file: keys,
    most: 1e9,
    hint: 'Delete its folder, so that it is written anew',
  })
}
