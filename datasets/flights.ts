/**
 * The flights as both targets know them: names, order and kind of every column.
 *
 * The names are those of the US Bureau of Transportation Statistics' on-time data (in lower case), which the published
 * benchmark used: https://www.kaggle.com/datasets/robikscube/flight-delay-dataset-20182022
 */

/** The model's inputs, in the order in which every row, array and CSV line gives them. */
export const features = [
  'year',
  'quarter',
  'month',
  'distance', // miles
  'dayofweek', // 1 Monday … 7 Sunday
  'dayofmonth',
  'flight_number_operating_airline',
  'originairportid', // code of the airport, see dictionary.ts
  'destairportid',
  'tail_number', // code of the aircraft
] as const

/** What the model predicts: minutes of delay at departure, early ones counted as 0 (as the Bureau defines it). */
export const target = 'depdelayminutes'

/** What a prediction is asked for by; many rows share a key, and the first one in file order answers. */
export const key = ['originairportid', 'year', 'month', 'dayofmonth'] as const

export const columns = [...features, target] as const
export type Column = (typeof columns)[number]

/** One flight: a whole number per column, in the order of {@link columns}. */
export type Row = readonly number[]

/** [originairportid, year, month, dayofmonth] */
export type Key = readonly [number, number, number, number]

const keyPositions = key.map((name) => features.indexOf(name))

export function keyOf(row: Row): Key {
  return keyPositions.map((position) => row[position]) as unknown as Key
}

/** Where Redis keeps the rows of a key. */
export const redisKey = (key: Key) => `flights:${key.join(':')}`

/** A row as Redis holds it: a JSON array of the features. */
export const redisRow = (row: Row) => JSON.stringify(row.slice(0, features.length))
