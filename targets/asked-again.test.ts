import { DatabaseError } from 'pg'
import { beforeEach, expect, test, vi } from 'vitest'
import { sql } from '../workload/workload.ts'
import { postgresAddress } from './address/postgres.ts'
import { answersOf } from './parity.ts'

/** What the database does with each question, in their order. */
const database = vi.hoisted(() => ({ does: [] as (number | Error)[], asked: 0 }))
vi.mock('./postgres/client.ts', () => ({
  withClient: async (_: unknown, work: (client: unknown) => unknown) =>
    work({
      query: async (given: string | { name?: string }) => {
        if (typeof given === 'string' || given.name === undefined) return { rows: [] }
        const does = database.does[database.asked++]
        if (does instanceof Error) throw does
        return { fields: [{ name: 'prediction', dataTypeID: 701 }], rows: [[String(does)]] }
      },
    }),
}))
beforeEach(() => {
  database.asked = 0
})

const failed = (code: string, message: string) =>
  Object.assign(new DatabaseError(message, message.length, 'error'), { severity: 'ERROR', code })
const stumbles = failed('XX000', 'called `Option::unwrap()` on a `None` value')

const side = sql({
  name: 'database',
  address: 'X',
  query: 'SELECT f($1)',
  parameters: (key) => [Number(key)],
})
const askedAgain = new Map<string, string>()
const answers = (...does: (number | Error)[]) => {
  database.does = does
  askedAgain.clear()
  return answersOf({ side, address: postgresAddress('postgres://database/x') }, [1, 2], {
    ...{ answer: 'number', texts: {}, variables: {}, askedAgain },
  })
}

test('a server that stumbles over its first question is asked it once again, and that is noted', async () => {
  expect(await answers(stumbles, 0.5, 1.5)).toEqual([0.5, 1.5])
  expect([...askedAgain]).toEqual([
    [
      'database',
      'its first question failed inside the server and was asked once again (SQLSTATE XX000: called `Option::unwrap()` on a `None` value)',
    ],
  ])
})

test('nothing is noted where the first answer comes at once', async () => {
  expect(await answers(0.5, 1.5)).toEqual([0.5, 1.5])
  expect(askedAgain.size).toBe(0)
})

test.each<[string, (number | Error)[], string]>([
  ['it fails twice', [stumbles, stumbles], 'key 1: SQLSTATE XX000: called'],
  ['a later question fails', [0.5, stumbles, 1.5], 'key 2: SQLSTATE XX000: called'],
  [
    'the question is at fault',
    [failed('42P01', 'no relation'), 0.5, 1.5],
    'key 1: SQLSTATE 42P01: no relation',
  ],
])('it stays a failure where %s', async (_, does, said) => {
  await expect(answers(...does)).rejects.toThrow(said)
})
