import { expect, test } from 'vitest'
import type { ResolvedSide } from '../../workload/resolve.ts'
import { type Answer, type Compare, http, type Role, sql, workload } from '../../workload/workload.ts'
import { inScenario } from '../in-node/scenario.ts'

async function same(compare: Compare, ...them: (readonly Answer[] | [Role, readonly Answer[]])[]) {
  await inScenario()
  const { sameOf } = await import('./same.ts')
  const answered = them.map((each) => {
    const [role, answers] = (
      typeof each[0] === 'string' && Array.isArray(each[1]) ? each : ['predict', each]
    ) as [Role, readonly Answer[]]
    return { side: { role } as ResolvedSide, answers }
  })
  return sameOf(answered, compare)
}

test.each<[string, Compare, Answer, Answer, number]>([
  ['equal numbers', 'equal', 1.5, 1.5, 0],
  ['numbers that are not equal', 'equal', 1.5, 1.5000001, 1],
  ['numbers within a tolerance', { tolerance: 0.01 }, 100, 99, 0],
  ['numbers beyond it', { tolerance: 0.01 }, 100, 98.9, 1],
  ['no number and a number', { tolerance: 0.01 }, 0, 1e-9, 1],
  ['lists within a tolerance', { tolerance: 0.1 }, [1, 2], [1.05, 2], 0],
  ['lists of which one number is beyond it', { tolerance: 0.1 }, [1, 2], [1, 3], 1],
  ['lists of which one is longer', { tolerance: 1 }, [1, 2], [1, 2, 2], 1],
  ['equal texts', 'equal', 'churns', 'churns', 0],
  ['texts that are not equal', 'equal', 'churns', 'Churns', 1],
  ['equal truth values', 'equal', true, true, 0],
  ['truth values that are not equal', 'equal', true, false, 1],
  ['what a function takes for the same', (a: string, b: string) => a.trim() === b.trim(), 'a ', 'a', 0],
  ['what a function does not', (a: number, b: number) => Math.abs(a - b) < 1, 1, 2, 1],
])('%s', async (_, compare, first, second, different) => {
  expect(await same(compare, [first], [second])).toEqual([1, different])
})

test('several keys at once are compared with the first of as many, or of more', async () => {
  await inScenario()
  const { sameOf } = await import('./same.ts')
  const side = (answers: (Answer | Answer[])[], size?: number) => ({
    side: { role: 'predict', ...(size && { size }) } as ResolvedSide,
    answers,
  })
  const [single, two] = [
    side([1, 5]),
    side(
      [
        [1, 2],
        [5, 6],
      ],
      2,
    ),
  ]
  const three = (first: number[]) => side([first, [5, 6, 7]], 3)
  expect(sameOf([two, three([1, 2, 3])], 'equal')).toEqual([2, 0])
  expect(sameOf([single, two, three([1, 2, 3])], 'equal')).toEqual([2, 0])
  expect(sameOf([two, three([1, 9, 3])], 'equal')).toEqual([2, 1])
  expect(sameOf([single, two, three([1, 9, 3])], 'equal')).toEqual([2, 1])
  expect(sameOf([three([9, 2, 3]), single], 'equal')).toEqual([2, 1])
})

test('each question is compared with the same question, and counts once however many sides differ', async () => {
  expect(await same('equal', [1, 2, 3, 4], [1, 2, 3, 4], [1, 9, 3, 9])).toEqual([4, 2])
  expect(await same('equal', [1, 2, 3, 4], [9, 2, 3, 4], [8, 2, 3, 4])).toEqual([4, 1])
})

test('what a side failed to answer is not compared', async () => {
  expect(await same('equal', [1, 2, 3], [1], [1, 9, 9])).toEqual([1, 0])
  expect(await same('equal', [1, 2, 3], [])).toEqual([0, 0])
})

test('only predictions are compared', async () => {
  expect(await same('equal', [1], ['null', [7]], ['part', [8]], [1])).toEqual([1, 0])
  expect(await same('equal', [1], ['null', [7]])).toEqual([0, 0])
})

test('one side alone, none, and sides that cannot be compared say nothing', async () => {
  expect(await same('equal', [1, 2])).toEqual([0, 0])
  expect(await same('equal')).toEqual([0, 0])
  expect(await same(false, [1], [2])).toEqual([0, 0])
})

test('the workload says how', async () => {
  const sides = [
    sql({ name: 'a', address: 'A_URL', query: 'SELECT 1', parameters: () => [] }),
    http({ name: 'b', address: 'B_URL' }),
  ]
  const told = async (compare?: Compare) => {
    const own = workload({ name: 'x', keys: 'x', sides, ...(compare !== undefined && { compare }) })
    await inScenario({}, {}, 0, { workload: own })
    const { sameAnswers } = await import('./same.ts')
    return sameAnswers(
      [1, 1.000001].map((answer) => ({ side: { role: 'predict' } as ResolvedSide, answers: [answer] })),
    )
  }
  expect(await told()).toEqual([1, 0])
  expect(await told('equal')).toEqual([1, 1])
  expect(await told(false)).toEqual([0, 0])
})
