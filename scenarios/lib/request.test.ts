import { beforeEach, expect, test, vi } from 'vitest'
import { inScenario, keys } from '../in-node/scenario.ts'

let said: string[]
beforeEach(() => {
  said = []
  vi.spyOn(console, 'error').mockImplementation((text: string) => void said.push(text))
})

async function asker(answers: (number | Error)[], label?: () => string, isSilent?: () => void) {
  const world = await inScenario()
  const { WrongAnswer } = await import('./ask.ts')
  const { askerOf, wrongAnswers } = await import('./request.ts')
  const { default: recorder } = await import('k6/x/recorder')
  const wrong = new WrongAnswer('expected one row', 'no row')
  let turn = 0
  const ask = Object.assign(
    () => {
      world.time += 3
      const answer = answers[turn++] ?? wrong
      if (typeof answer === 'number') return answer
      throw answer
    },
    { close: () => {}, replaced: () => 0, isPrepared: () => true, ...(label && { label }) },
  )
  const once = askerOf(ask, recorder.series({ side: 'a', block: 'b' }), isSilent)
  return { world, once, wrongAnswers, store: () => world.series.get('["a","b"]') }
}

const failure = (kind: unknown, message: string) => Object.assign(new Error(message), { kind })

test('a right answer is a sample, from its start to the next one', async () => {
  const { world, once, store, wrongAnswers } = await asker([0, 7])
  const startedAt = world.time - 2
  expect(once(0, startedAt)).toBe(startedAt + 5)
  expect(once(0, world.time)).toBe(world.time)
  expect(store()?.ok).toEqual([5, 3])
  expect(store()?.labels).toEqual({})
  expect(wrongAnswers.read()).toBe(0)
})

test('who answered is recorded where the side says', async () => {
  const { world, once, store } = await asker([1, 1], () => '7')
  once(0, world.time)
  once(0, world.time)
  expect(store()?.labels).toEqual({ '7': 2 })
})

test('a failure is none, nor is a wrong answer, which alone counts as such', async () => {
  const { world, once, store, wrongAnswers } = await asker([failure('HTTP 503', 'HTTP 503: busy')], () => '7')
  expect(once(0, world.time)).toBe(0)
  expect(wrongAnswers.read()).toBe(0)
  expect(once(0, world.time)).toBe(0)
  expect(wrongAnswers.read()).toBe(1)
  expect(store()).toMatchObject({ ok: [], failed: [3, 3], labels: {} })
  expect([...(store()?.failures.values() ?? [])]).toEqual([
    { kind: 'HTTP 503', count: 1, message: 'HTTP 503: busy' },
    { kind: 'no row', count: 1, message: 'expected one row' },
  ])
})

test('a kind is said once, with its name where the message lacks it, and no more than eight kinds are', async () => {
  const kinds = Array.from({ length: 12 }, (_, index) => failure(`kind ${index + 10}`, 'no answer'))
  const { world, once } = await asker([
    failure('HTTP 503', 'HTTP 503: busy'),
    failure('HTTP 503', 'HTTP 503: again'),
    failure(7, 'of no kind'),
    ...kinds,
  ])
  for (let turn = 0; turn < 15; turn++) once(0, world.time)
  expect(said.slice(0, 3)).toEqual([
    'a request failed: HTTP 503: busy',
    'a request failed: other: of no kind',
    'a request failed: kind 10: no answer',
  ])
  expect(said).toHaveLength(8)
})

test.each([
  [new Error('lost'), { kind: 'other', message: 'lost' }],
  [failure('timeout', 'late'), { kind: 'timeout', message: 'late' }],
  ['a text', { kind: 'other', message: 'a text' }],
  [null, { kind: 'other', message: 'null' }],
  [undefined, { kind: 'other', message: 'undefined' }],
])('%s, thrown, is a failure', async (thrown, expected) => {
  const { failed } = await import('./failure.ts')
  expect(failed(thrown)).toEqual(expected)
})

test.each([
  ['on', 'postgres', { metric: 'sql' }],
  ['on', 'python', { metric: 'http' }],
  ['off', 'postgres', {}],
  ['off', 'python', {}],
] as const)('with samples %s, %s is given to k6 as %j', async (samples, name, expected) => {
  await inScenario({ SAMPLES: samples })
  const [side] = (await import('./workload.ts')).sidesOf('LIST', [name])
  expect(side && (await import('./sides.ts')).metricOf(side)).toEqual(expected)
})

test('keys are those of the file, drawn each about as often and alike for the same seed', async () => {
  await inScenario()
  const { draw, eachKey, keyCount } = await import('./keys.ts')
  expect(keyCount).toBe(3)
  expect(eachKey('postgres', (key) => key)).toEqual(keys)
  const [next, again] = [draw(1, 2, 3), draw(1, 2, 3)]
  const drawn = Array.from({ length: 300 }, next)
  expect(Array.from({ length: 300 }, again)).toEqual(drawn)
  for (const position of [0, 1, 2])
    expect(drawn.filter((each) => each === position).length).toBeGreaterThan(60)
})

test.each([
  ['[[1,2,3]]', 'KEYS_FILE: keys.json does not fit:\n  - [0] = [1,2,3]'],
  ['[', 'KEYS_FILE: keys.json: is not JSON: '],
  [undefined, 'KEYS_FILE: gone.json: open gone.json: no such file'],
])('keys that are %s end the test before it starts', async (text, expected) => {
  await inScenario(text ? {} : { KEYS_FILE: 'gone.json' }, text ? { 'keys.json': text } : {})
  await expect(import('./keys.ts')).rejects.toThrow(expected)
})

test("without a word files are the checkout's, seen from this folder", async () => {
  await inScenario(
    { KEYS_FILE: undefined },
    { '../../.cache/datasets/nycflights13/keys.json': '[[1,2,3,4]]' },
  )
  expect((await import('./keys.ts')).keyCount).toBe(1)
  const bounds = { maxLatencyMs: {}, minTps: 1, maxFailureRate: 0 }
  const gap = { minLatencyRatio: { p50: 1, p95: 1 }, minTpsRatio: 1, minTrainingMemoryRatio: 1 }
  const thresholds = { postgres: bounds, python: bounds, gap }
  await inScenario({ THRESHOLDS_FILE: undefined }, { '../../thresholds.json': JSON.stringify(thresholds) })
  expect((await import('./thresholds.ts')).readThresholds()).toEqual(thresholds)
})

test('a file to be written is tried once, by whoever is asked for the options, before anything is measured', async () => {
  const trying = async (user: number, file?: string) => {
    const world = await inScenario(file === undefined ? {} : { OUT: file }, {}, user)
    const { writable } = await import('./file.ts')
    return { seen: () => writable('OUT'), world }
  }
  const first = await trying(0, 'out.json')
  expect(first.seen()).toBe('out.json')
  expect(first.world.tried).toEqual(['out.json'])
  const later = await trying(3, '/no/out.json')
  expect(later.seen()).toBe('/no/out.json')
  expect(later.world.tried).toEqual([])
  const none = await trying(0)
  expect(none.seen()).toBe('')
  expect(none.world.tried).toEqual([])
  expect((await trying(0, '/no/out.json')).seen).toThrow('OUT: /no/out.json: no such folder')
})

test('the second answer for which one connection waits in vain tells that nobody answers there', async () => {
  let silences = 0
  const late = failure('time-out', 'no answer within 10 s')
  const { world, once } = await asker(
    [late, 1, failure('HTTP 503', 'busy'), late, late],
    undefined,
    () => silences++,
  )
  const seen = Array.from({ length: 5 }, () => {
    once(0, world.time)
    return silences
  })
  expect(seen).toEqual([0, 0, 0, 1, 1])
})

test('k6 has wrong answers under the name that its thresholds look for', async () => {
  const { world, once } = await asker([])
  once(0, world.time)
  expect(world.metrics).toEqual([{ name: 'wrong_answers', value: 1, tags: {} }])
})
