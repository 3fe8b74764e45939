/**
 * A dataset, described: which columns it has and what each is for. All that the two embedded targets are asked and made of follows
 * from it: the table and its index, the lists in the feature store, the training, the query, the service's settings.
 */

/** As Postgres names them; `text` is for keys alone. */
export const columnTypes = ['smallint', 'integer', 'bigint', 'real', 'double precision', 'text'] as const
export type ColumnType = (typeof columnTypes)[number]

export interface Column {
  name: string
  type: ColumnType
  /** Values may be missing. */
  nullable?: boolean | undefined
}

export const tasks = ['regression', 'classification'] as const
export type Task = (typeof tasks)[number]

export interface Dataset {
  /** Of the table, the model and the workload. */
  name: string
  /** In the order of every row, table and CSV. */
  columns: readonly Column[]
  /** Names of the model's inputs, in the order of the columns. */
  features: readonly string[]
  /** Name of the column that is predicted. */
  target: string
  /** Names of the columns that a prediction is asked for by; many rows may share a key, and the first one in file order answers. */
  key: readonly string[]
  /** A classification predicts one of the whole numbers 0, 1, 2 … */
  task: Task
  /** As XGBoost names them, with `n_estimators` for the number of rounds. */
  hyperparameters: Readonly<Record<string, string | number | boolean>>
  /** Share of the rows that is held out: the last ones. */
  testSize: number
}

/** @throws {Error} where the description does not fit itself, which its schema finds out before */
export function columnOf({ columns }: Pick<Dataset, 'columns'>, name: string): Column {
  const found = columns.find((column) => column.name === name)
  if (!found) throw new Error(`there is no column ${name}`)
  return found
}

/** Columns of the key, in its order. */
export const keyColumnsOf = (dataset: Dataset): Column[] => dataset.key.map((name) => columnOf(dataset, name))
