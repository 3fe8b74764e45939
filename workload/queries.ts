/** What the embedded database is asked, as it follows from a dataset's description. */
import { type ColumnType, columnOf, type Dataset, keyColumnsOf } from './dataset.ts'
import { freeName, identifier, literal } from './identifier.ts'

const listed = (names: readonly string[], prefix = '') =>
  names.map((name) => prefix + identifier(name)).join(', ')

/** The published benchmark's query: the features of the key's first row, predicted where they are. */
export const predictQuery = ({ name, features, key }: Dataset): string =>
  `SELECT pgml.predict(${literal(name)}, ARRAY[${listed(features)}]) AS prediction
  FROM ${identifier(name)} WHERE ${key.map((column, index) => `${identifier(column)} = $${index + 1}`).join(' AND ')} LIMIT 1`

/** What a parameter for a column is cast to. */
const castOf = (type: ColumnType) => (type === 'smallint' || type === 'integer' ? 'int' : type)

const castsOf = (dataset: Dataset, more = '') =>
  keyColumnsOf(dataset)
    .map(({ type }, index) => `$${index + 1}::${castOf(type)}${more}`)
    .join(', ')

/** An array of 64-bit floats becomes none of 32 bits by itself; of whole numbers it does. */
const asReal = (dataset: Dataset) =>
  dataset.features.some((name) => columnOf(dataset, name).type === 'double precision') ? '::real[]' : ''

/** The first row of each of several keys, whose columns come as arrays: a clause from FROM on, and the names in it. */
function firstRows(dataset: Dataset): { rows: string; first: string; position: string } {
  const { name, key } = dataset
  const table = identifier(name)
  const [asked, first, position] = [
    freeName('key', [name]),
    freeName('first', [name]),
    freeName('position', key),
  ]
  const same = key.map((column) => `${table}.${identifier(column)} = ${asked}.${identifier(column)}`)
  return {
    ...{ first, position },
    rows: `FROM unnest(${castsOf(dataset, '[]')}) WITH ORDINALITY AS ${asked} (${listed(key)}, ${position})
  CROSS JOIN LATERAL (SELECT * FROM ${table} WHERE ${same.join(' AND ')} LIMIT 1) AS ${first}
  ORDER BY ${position}`,
  }
}

/** The first row of each of several keys, as the table has it. */
export function firstRowsQuery(dataset: Dataset): string {
  const { first, rows } = firstRows(dataset)
  return `SELECT ${first}.* ${rows}`
}

/** As {@link predictQuery} for several keys, all of them predicted as one matrix. */
export function predictBatchQuery(dataset: Dataset): string {
  const { first, rows } = firstRows(dataset)
  return `SELECT ARRAY(SELECT pgml.predict_batch(${literal(dataset.name)}, ARRAY(
  SELECT ARRAY[${listed(dataset.features, `${first}.`)}]${asReal(dataset)}
  ${rows}))) AS predictions`
}

/** The same parameters, an answer of the same form, and neither a row to find nor a model to ask. */
export const constantQuery = (dataset: Dataset): string =>
  `SELECT 1::real AS prediction FROM (VALUES (${castsOf(dataset)})) AS key LIMIT 1`
