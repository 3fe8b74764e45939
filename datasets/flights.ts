/**
 * The flights as both targets know them: names, order and kind of every column.
 *
 * The names are those of the US Bureau of Transportation Statistics' on-time data (in lower case), which the published
 * benchmark used: https://www.kaggle.com/datasets/robikscube/flight-delay-dataset-20182022
 */
import { features, type Key, keyColumns } from '../workload/flights.ts'

/** What the model predicts: minutes of delay at departure, early ones counted as 0 (as the Bureau defines it). */
export const label = 'depdelayminutes'

export const columns = [...features, label] as const
export type Column = (typeof columns)[number]

/** One flight: a whole number per column, in the order of {@link columns}. */
export type Row = readonly number[]

const keyPositions = keyColumns.map((name) => features.indexOf(name))

export function keyOf(row: Row): Key {
  return keyPositions.map((position) => row[position]) as unknown as Key
}

/** Where Redis keeps the rows of a key. */
export const redisKey = (key: Key) => `flights:${key.join(':')}`

/** A row as Redis holds it: a JSON array of the features. */
export const redisRow = (row: Row) => JSON.stringify(row.slice(0, features.length))
