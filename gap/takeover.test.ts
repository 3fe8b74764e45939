import { expect, test } from 'vitest'
import { everyKey, neither } from '../workload/changes.ts'
import type { Event, Stretch } from './changes.ts'
import { moments, takeoverRows } from './takeover.ts'

/**
 * Answers of 1 ms, one after the other for 3 s; a new model is ordered at 1,200 ms. Answers are old until `lastOldMs` after that, and one
 * that is asked for at the order takes `stallMs`.
 */
function round(number: number, { stallMs, lastOldMs }: { stallMs: number; lastOldMs: number }): Stretch {
  const answers: Event[] = []
  for (let at = 0; at < 3000; ) {
    const took = at === 1200 ? stallMs : 1
    answers.push({ sentMs: at, doneMs: at + took, key: 0, state: at + took <= 1200 + lastOldMs ? 1 : 0 })
    at += took
  }
  return {
    ...{ clients: 1, round: number, side: 'service', pace: 0, answers, before: [1], failures: [] },
    changes: [{ sentMs: 1200, doneMs: 1202, key: everyKey, state: 0 }],
  }
}

test('when the new model answers, and what clients notice', () => {
  const [row, ...others] = takeoverRows(
    [
      round(1, { stallMs: 10, lastOldMs: 50 }),
      round(2, { stallMs: 30, lastOldMs: 100 }),
      round(3, { stallMs: 20, lastOldMs: 70 }),
    ],
    1,
  )
  expect(others).toEqual([])
  expect(row).toMatchObject({
    ...{ key: 'service', clients: 1, rounds: 3, unseen: 0 },
    orderMs: { median: 2, least: 2, most: 2 },
    firstNewMs: { median: 71, least: 51, most: 101 },
    lastOldMs: { median: 70, least: 50, most: 100 },
    p50Ms: { median: 1 },
    longestMs: { median: 20, least: 10, most: 30 },
    // Of a thousand answers one was longer.
    p99AfterToBefore: { median: 1 },
    answers: { neither: 0, failed: 0 },
  })
  // 2,991, 2,971 and 2,981 answers.
  expect((row?.answers.old ?? 0) + (row?.answers.new ?? 0)).toBe(8943)
})

test('answers of no model, and failures, are counted; without an answer on one side of it there is no figure', () => {
  const silent = round(1, { stallMs: 1, lastOldMs: 9000 })
  silent.failures = [{ kind: 'HTTP 503', message: 'busy', count: 2 }]
  Object.assign(silent.answers[5] as Event, { state: neither })
  const [row] = takeoverRows([silent], 1)
  expect(row).toEqual({
    ...{ key: 'service', clients: 1, rounds: 1, unseen: 1 },
    answers: { old: 2999, new: 0, neither: 1, failed: 2 },
  })
})

test('a stall at the order that outlasts the second after it is what clients notice', () => {
  const stalls = [1500, 1300, 1800].map((stallMs, at) => round(at + 1, { stallMs, lastOldMs: 50 }))
  const [row] = takeoverRows(stalls, 1)
  expect(row).toMatchObject({ unseen: 0, longestMs: { median: 1500, least: 1300, most: 1800 } })
  // It is all that was waited for in that second.
  expect(row?.p99AfterToBefore?.median).toBeCloseTo(1500, 0)
})

test('the time around the order in parts of 50 ms', () => {
  const all = moments([
    round(1, { stallMs: 10, lastOldMs: 50 }),
    round(2, { stallMs: 30, lastOldMs: 100 }),
    { ...round(3, { stallMs: 1, lastOldMs: 1 }), changes: [] },
  ])
  expect(all).toHaveLength(40)
  expect(all.map(({ ms }) => ms)).toEqual(all.map((_, index) => -975 + 50 * index))
  const at = (ms: number) => all.find((each) => each.ms === ms)
  expect(at(-25)).toMatchObject({ key: 'service', clients: 1, p50Ms: 1, longestMs: 1, shareNew: 0 })
  expect(at(25)).toMatchObject({ longestMs: 30, shareNew: 0 })
  // One of two rounds answers by the new one, but for the first of its fifty answers.
  expect(at(75)?.shareNew).toBeCloseTo(0.49)
  expect(at(975)?.shareNew).toBe(1)
})
