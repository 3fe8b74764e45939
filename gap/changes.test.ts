import { expect, test } from 'vitest'
import { everyKey, notOwn, type ToldStretch } from '../workload/changes.ts'
import { agesOf, failuresOfChanges, type Stretch, stretchesOf } from './changes.ts'

const of = { clients: 2, round: 1, side: 'database', pace: 0 }
const line = (told: Partial<ToldStretch>) => JSON.stringify({ ...of, what: 'answers', log: [], ...told })

test('what several users tell of a stretch is one, in the order of time', () => {
  const sides = ['database', 'service']
  const [only, ...others] = stretchesOf(
    [
      // Asked at 1 ms and answered at 3 ms; asked at 3.5 ms and answered at 10 ms.
      line({ log: [1000, 2000, 7, 0, 500, 6500, 8, 1] }),
      line({ log: [4000, 1000, 9, 2], failures: [{ kind: 'HTTP 503', message: 'busy', count: 3 }] }),
      line({ what: 'changes', log: [2000, 250, everyKey, 1], before: [0, 0] }),
    ],
    sides,
  )
  expect(others).toEqual([])
  expect(only).toEqual({
    ...of,
    answers: [
      { sentMs: 1, doneMs: 3, key: 7, state: 0 },
      { sentMs: 4, doneMs: 5, key: 9, state: 2 },
      { sentMs: 3.5, doneMs: 10, key: 8, state: 1 },
    ],
    changes: [{ sentMs: 2, doneMs: 2.25, key: everyKey, state: 1 }],
    before: [0, 0],
    failures: [{ kind: 'HTTP 503', message: 'busy', count: 3 }],
  })
  expect(failuresOfChanges([only as Stretch, only as Stretch])).toEqual(['database: HTTP 503: busy'])
  const several = [
    line({ side: 'service' }),
    line({ round: 2 }),
    line({}),
    line({ clients: 1, side: 'service' }),
  ]
  expect(stretchesOf(several, sides).map(({ clients, side, round }) => [clients, side, round])).toEqual([
    [1, 'service', 1],
    [2, 'database', 1],
    [2, 'database', 2],
    [2, 'service', 1],
  ])
})

test('what k6 hands over is looked at', () => {
  expect(() => stretchesOf(['{'], [])).toThrow('cannot be read')
  expect(() => stretchesOf([line({ log: [0.5] })], [])).toThrow('another form')
})

/** Key 0 is in state 0, in state 1 from about 10 ms on, and in state 0 again from about 20 ms on. */
const stretch = (answer: [sentMs: number, doneMs: number, state: number, key?: number]): Stretch => ({
  ...of,
  before: [0, 0],
  failures: [],
  changes: [
    { sentMs: 10, doneMs: 11, key: 0, state: 1 },
    { sentMs: 20, doneMs: 21, key: 0, state: 0 },
  ],
  answers: [{ sentMs: answer[0], doneMs: answer[1], state: answer[2], key: answer[3] ?? 0 }],
})

test.each([
  ['of now', [5, 6, 0], 0, 0],
  ['of what was so while it was asked', [9, 12, 0], 1, 0],
  ['of what may not have been confirmed yet', [10.5, 10.6, 0], 0, 0],
  ['of before a change that was confirmed', [13, 15, 0], 4, 2],
  ['of what came again', [20.5, 22, 0], 0, 0],
  ['of what was replaced while it was on its way', [19, 24, 1], 3, 0],
  ['of a key that nobody changed', [30, 31, 0, 1], 0, 0],
] as const)('an answer %s', (_, answer, atArrivalMs, whenAskedMs) => {
  expect(agesOf(stretch([...answer]))).toEqual([{ atArrivalMs, whenAskedMs }])
})

test.each([
  ['was not yet', [5, 6, 1]],
  ['never was', [5, 6, 2]],
  ['never was of its key', [30, 31, 1, 1]],
] as const)('an answer of what %s has no age', (_, answer) => {
  expect(agesOf(stretch([...answer]))).toEqual([undefined])
})

test('a change of everything is one of each key', () => {
  const all = stretch([30, 33, 0, 1])
  all.changes = [{ sentMs: 10, doneMs: 11, key: everyKey, state: 1 }]
  expect(agesOf(all)).toEqual([{ atArrivalMs: 22, whenAskedMs: 19 }])
})

test('of several writers each tells of its own keys', () => {
  const [only] = stretchesOf(
    [
      line({ what: 'changes', log: [1000, 500, 1, 0], before: [notOwn, 1, notOwn] }),
      line({ what: 'changes', log: [500, 250, 2, 1], before: [0, notOwn, 0] }),
    ],
    [],
  )
  expect(only?.before).toEqual([0, 1, 0])
  expect(only?.changes.map(({ key, state, sentMs }) => [key, state, sentMs])).toEqual([
    [2, 1, 0.5],
    [1, 0, 1],
  ])
})
