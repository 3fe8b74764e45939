import { expect, test } from 'vitest'
import type { Dataset } from '../workload/dataset.ts'
import { flights } from '../workload/flights.ts'
import { datasetSchema } from './description.ts'

const customers: Dataset = {
  name: 'customers',
  columns: [
    { name: 'age', type: 'integer', nullable: true },
    { name: 'calls', type: 'double precision' },
    { name: 'left', type: 'smallint' },
    { name: 'Name', type: 'text' },
  ],
  features: ['age', 'calls'],
  target: 'left',
  key: ['Name', 'age'],
  task: 'classification',
  hyperparameters: { n_estimators: 5, booster: 'gbtree', validate_parameters: true },
  testSize: 0,
}

/** At the ends of what may be. */
const widest: Dataset = {
  ...customers,
  name: 'a-_9'.repeat(10),
  columns: [
    { name: 'a'.repeat(63), type: 'real' },
    { name: 'b', type: 'real' },
  ],
  features: ['a'.repeat(63)],
  ...{ target: 'b', key: ['a'.repeat(63)], hyperparameters: { n_estimators: 1 }, testSize: 0.99 },
}

test.each([flights, customers, widest])('$name fits', (dataset) => {
  expect(datasetSchema.parse(dataset)).toEqual(dataset)
})

const [age, calls, left, name] = customers.columns as [unknown, unknown, unknown, unknown]

test.each<[unknown, string, string]>([
  [{ name: 'Customers' }, 'name', 'small letters'],
  [{ name: 'c'.repeat(41) }, 'name', 'at most 40'],
  [{ columns: [age, calls, left, { ...(name as object), type: 'date' }] }, 'columns.3.type', 'text'],
  [{ columns: [age, calls, left, name, name] }, 'columns.4.name', 'each name once'],
  [
    { columns: [age, calls, left, name, { name: 'a<b', type: 'real' }] },
    'columns.4.name',
    'without [, ] and <',
  ],
  [{ columns: [age, calls, left, name, { name: 'a\nb', type: 'real' }] }, 'columns.4.name', 'of one line'],
  [
    { columns: [age, calls, left, name, { name: 'ä'.repeat(32), type: 'real' }] },
    'columns.4.name',
    '63 bytes',
  ],
  ...[']', '['].map((sign): [unknown, string, string] => [
    { columns: [age, calls, left, name, { name: `a${sign}b`, type: 'real' }] },
    ...(['columns.4.name', 'expected a name without [, ] and <, which XGBoost refuses'] as const),
  ]),
  [{ columns: [age, calls, left, name, { name: '', type: 'real' }] }, 'columns.4.name', ''],
  [{ columns: [age, calls, left, name, { name: 'more', type: 'real', size: 4 }] }, 'columns.4', 'size'],
  [{ columns: [age] }, 'columns', ''],
  [{ name: '' }, 'name', 'expected a name of at most 40 small letters, digits, - and _'],
  [{ name: 'cA' }, 'name', 'small letters'],
  [{ features: [] }, 'features', ''],
  [{ features: [''] }, 'features.0', 'expected a column'],
  [{ features: ['calls', 'age'] }, 'features', 'in the order of the columns'],
  [{ features: ['age', 'height'] }, 'features.1', 'there are age, calls, left, Name'],
  [{ features: ['age', 'age'] }, 'features.1', 'each column once'],
  [{ features: ['age', 'calls', 'left'] }, 'target', 'no feature'],
  [{ features: ['age', 'Name'] }, 'features.1', 'this column is a text'],
  [{ target: 'Name' }, 'target', 'this column is a text'],
  [{ target: 'gone' }, 'target', 'expected a column'],
  [{ key: [] }, 'key', ''],
  [{ key: ['Name', 'Name'] }, 'key.1', 'each column once'],
  [{ key: ['id'] }, 'key.0', 'expected a column'],
  [{ task: 'ranking' }, 'task', 'regression'],
  [{ hyperparameters: { n_estimators: 1.5 } }, 'hyperparameters', 'whole number of at least 1'],
  [{ hyperparameters: { n_estimators: 0 } }, 'hyperparameters', 'whole number of at least 1'],
  [
    { hyperparameters: { n_estimators: '5' } },
    'hyperparameters',
    'expected n_estimators to be a whole number',
  ],
  [{ hyperparameters: { '': 5 } }, 'hyperparameters.', ''],
  [{ testSize: -0.1 }, 'testSize', ''],
  [{ hyperparameters: { depth: null } }, 'hyperparameters.depth', ''],
  [{ testSize: 1 }, 'testSize', ''],
  [{ more: 1 }, '', 'more'],
])('%j is told at %s', (change, path, said) => {
  const parsed = datasetSchema.safeParse({ ...customers, ...(change as object) })
  const issues = parsed.error?.issues ?? []
  expect(issues.map((issue) => issue.path.join('.'))).toContain(path)
  expect(issues.map(({ message }) => message).join('; ')).toContain(said)
})
