/**
 * The published comparison: the delay of a flight, predicted by XGBoost inside Postgres and behind Flask.
 * It is the workload that comes with the project. Its rows come from datasets/; all else follows from the description here.
 */
import type { Dataset } from './dataset.ts'
import { embedded } from './embedded.ts'
import { published } from './published.ts'
import { workload } from './workload.ts'

/** [originairportid, year, month, dayofmonth] */
export type Key = readonly [number, number, number, number]

/**
 * The names are those of the US Bureau of Transportation Statistics' on-time data (in lower case), which the published
 * benchmark used: https://www.kaggle.com/datasets/robikscube/flight-delay-dataset-20182022
 */
const inputs = [
  { name: 'year', type: 'smallint' },
  { name: 'quarter', type: 'smallint' },
  { name: 'month', type: 'smallint' },
  { name: 'distance', type: 'integer' }, // miles
  { name: 'dayofweek', type: 'smallint' }, // 1 Monday … 7 Sunday
  { name: 'dayofmonth', type: 'smallint' },
  { name: 'flight_number_operating_airline', type: 'integer' },
  { name: 'originairportid', type: 'integer' }, // code of the airport, see datasets/coding.ts
  { name: 'destairportid', type: 'integer' },
  { name: 'tail_number', type: 'integer' }, // code of the aircraft
] as const

export const flights: Dataset = {
  name: 'flights',
  // Minutes of delay at departure, early ones counted as 0 (as the Bureau defines it).
  columns: [...inputs, { name: 'depdelayminutes', type: 'real' }],
  features: inputs.map(({ name }) => name),
  target: 'depdelayminutes',
  key: ['originairportid', 'year', 'month', 'dayofmonth'],
  task: 'regression',
  // The published benchmark's: 25 boosting rounds, the last quarter of the rows held out.
  hyperparameters: { n_estimators: 25 },
  testSize: 0.25,
}

export default workload<Key>((variables) => ({
  ...embedded(flights, variables),
  keys: '../.cache/datasets/nycflights13/keys.json',
  thresholds: '../thresholds.json',
  published,
}))
