import { expect, test } from 'vitest'
import { inScenario } from '../in-node/scenario.ts'

/** Asks that take the given times, one after the other; the last one's again and again. */
async function takeTurn(leadMs: number[], countedMs: number[], length: number, wrong: number[] = []) {
  const world = await inScenario()
  const { closedTurn } = await import('./turn.ts')
  const at = world.time
  let counted = 0
  const taking = (times: number[]) => {
    let turn = 0
    return () => {
      world.time += times[Math.min(turn++, times.length - 1)] as number
      return world.time
    }
  }
  const [lead, count] = [taking(leadMs), taking(countedMs)]
  const asked: number[] = []
  const figures = closedTurn(
    {
      askLead: (position) => {
        asked.push(-position)
        return lead()
      },
      askCounted: (position) => {
        asked.push(position)
        const now = count()
        return wrong.includes(counted++) ? 0 : now
      },
      next: () => asked.length + 1,
    },
    at,
    length,
  )
  return { figures, asked, took: world.time - at }
}

// A turn of 100 ms has a lead of 20, and its later part begins at 50: what is worked out by hand below begins there.
test('requests that fit exactly: eight of 10 ms in 80 ms, five of them in the later 50', async () => {
  const { figures, asked, took } = await takeTurn([10], [10], 100)
  expect(figures).toEqual([8, 80, 5, 50, 5, 50, 20, 100])
  expect(took).toBe(100)
  expect(asked).toEqual([-1, -2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('on the edges requests are in the later part in part', async () => {
  // From 24 on each takes 18: one from 42 to 60 has 10 of them after the middle, the last from 96 to 114 has 4.
  const { figures } = await takeTurn([12], [18], 100)
  const [requests, busyMs, began, beganMs, inPart, partMs] = figures
  expect([requests, busyMs, began, beganMs, partMs]).toEqual([5, 90, 3, 54, 50])
  expect(inPart).toBeCloseTo(10 / 18 + 2 + 4 / 18, 12)
})

test('slow requests of the lead are no part of it', async () => {
  // The first two take longer than those that count, as where a side finds the caches full of another's.
  const { figures } = await takeTurn([15, 17], [2], 100)
  expect(figures).toEqual([34, 68, 25, 50, 25, 50, 32, 100])
})

test('a request that outlasts the turn counts in full, and so does its time', async () => {
  // From 60 to 140, which is less than half a turn too long.
  expect((await takeTurn([10], [40, 80], 100)).figures).toEqual([
    2,
    120,
    1,
    80,
    10 / 40 + 40 / 80,
    50,
    20,
    140,
  ])
  expect((await takeTurn([10], [40, 90], 100)).figures).toEqual([
    2,
    130,
    1,
    90,
    10 / 40 + 40 / 90,
    50,
    20,
    150,
  ])
  // By half a turn and more there is no part that says anything of its clients.
  expect((await takeTurn([10], [40, 90.5], 100)).figures).toEqual([2, 130.5, 0, 0, 0, 0, 20, 150.5])
})

test('a request that spans the later part is in it for what it is of it', async () => {
  expect((await takeTurn([10], [100], 100)).figures).toEqual([1, 100, 0, 0, 50 / 100, 50, 20, 120])
})

test('a lead that takes the whole turn leaves one request that counts, and no part to look at', async () => {
  expect((await takeTurn([100], [10], 100)).figures).toEqual([1, 10, 0, 0, 0, 0, 100, 110])
  expect((await takeTurn([51], [49], 100)).figures).toEqual([1, 49, 0, 0, 0, 0, 51, 100])
  // It ends in the middle: all after it counts.
  expect((await takeTurn([50], [25], 100)).figures).toEqual([2, 50, 1, 25, 2, 50, 50, 100])
})

test('a turn that others held up begins when it does', async () => {
  const world = await inScenario()
  const { closedTurn } = await import('./turn.ts')
  const at = world.time
  world.time += 40
  const ask = () => {
    world.time += 10
    return world.time
  }
  // From 40 on: no lead is left to settle in, six requests to its end, five of them in the later part.
  expect(closedTurn({ askLead: ask, askCounted: ask, next: () => 0 }, at, 100)).toEqual([
    6, 60, 5, 50, 5, 50, 0, 60,
  ])
})

test('after a wrong answer the next one counts from the clock', async () => {
  const { figures } = await takeTurn([10], [10], 100, [0, 3])
  expect(figures).toEqual([8, 80, 5, 50, 5, 50, 20, 100])
})

/** The open model: arrivals each 10 ms if not told otherwise, of which the given ones take long. */
async function openTurn(times: number[], behindMs = 0, patience = 1000, leadMs = 0, rate = 100) {
  const world = await inScenario()
  const { openTurn: take } = await import('./turn-open.ts')
  const { default: recorder } = await import('k6/x/recorder')
  const at = world.time
  world.time += behindMs
  const [counted, alone, late] = ['counted', 'alone', 'late'].map((block) =>
    recorder.series({ side: 'a', block }),
  ) as [
    ReturnType<typeof recorder.series>,
    ReturnType<typeof recorder.series>,
    ReturnType<typeof recorder.series>,
  ]
  let turn = 0
  let dropped = 0
  const ask = (_: number, due: number) => {
    const ms = times[turn++] ?? 1
    world.time += Math.abs(ms)
    return ms < 0 ? counted.record(due, false) * 0 : counted.lap(due, true)
  }
  const figures = take(
    { askCounted: ask, askLead: ask, next: () => 0, counted, alone, late },
    { rate, part: { index: 0, of: 1 }, leadMs, patience, dropped: () => dropped++ },
    'turn',
    at,
    50,
  )
  const of = (block: string) => {
    const { ok, failed, failures } = world.series.get(JSON.stringify(['a', block])) ?? {
      ok: [],
      failed: [],
      failures: new Map(),
    }
    return { ok, failed, kinds: [...failures.values()] }
  }
  return { figures, dropped, counted: of('counted'), alone: of('alone'), late: of('late') }
}

test('arrivals come at their moments, whoever is quick waits for them', async () => {
  const { figures, counted, alone, late, dropped } = await openTurn([1, 2, 3, 4, 5])
  expect(figures.slice(0, 10)).toEqual([5, 50, 0, 0, 0, 0, 0, 45, 0, 0])
  expect(counted.ok).toEqual([1, 2, 3, 4, 5])
  expect(alone.ok).toEqual([1, 2, 3, 4, 5])
  expect(late.ok).toEqual([0, 0, 0, 0, 0])
  expect(dropped).toBe(0)
})

test('latency counts from when a request was due: a stall of 35 ms shows in all that waited for it', async () => {
  const { counted, late, figures } = await openTurn([1, 35, 1, 1, 1])
  // Due at 20, 30 and 40; sent at 45, 46 and 47.
  expect(counted.ok).toEqual([1, 35, 26, 17, 8])
  // The side kept the client; that it is not late by itself.
  expect(late.ok).toEqual([0, 0, 0, 0, 0])
  expect(figures.slice(8, 10)).toEqual([3, 0])
})

test('who came too late to be sent within the patience failed, though nothing was sent', async () => {
  const { figures, counted, dropped, late } = await openTurn([1], 25, 10)
  // Due at 0 and 10 with the first client free at 25: 25 and 15 late. That of 20 is 5 late.
  expect(figures[0]).toBe(5)
  expect(dropped).toBe(2)
  expect(counted.failed).toEqual([25, 15])
  expect(counted.kinds).toEqual([{ kind: 'not sent', count: 2, message: 'no client was free within 0.01 s' }])
  expect(late.ok[0]).toBe(5)
})

test('a line through latencies that grow by 2 ms each 10 ms rises by 0.2 s a second', async () => {
  const { figures } = await openTurn([1, 3, 5, 7, 9])
  const [answered, due, dueDue, latency, dueLatency] = figures.slice(10) as [
    number,
    number,
    number,
    number,
    number,
  ]
  expect(answered).toBe(5)
  expect(latency).toBeCloseTo(0.025, 12)
  expect((answered * dueLatency - due * latency) / (answered * dueDue - due * due)).toBeCloseTo(0.2, 12)
})

test('what is due in the lead is asked and does not count', async () => {
  const { figures, counted, alone, late } = await openTurn([1, 2, 3, 4, 5], 0, 1000, 20)
  expect(figures.slice(0, 8)).toEqual([3, 30, 0, 0, 0, 0, 20, 45])
  expect(counted.ok.slice(-3)).toEqual([3, 4, 5])
  expect(alone.ok).toEqual([3, 4, 5])
  expect(late.ok).toHaveLength(3)
})

test('who finds nothing more that is due leaves, and was in the lead for no longer than it was there', async () => {
  const { figures } = await openTurn([1], 0, 1000, 20, 0.1)
  expect(figures.slice(0, 8)).toEqual([0, 30, 0, 0, 0, 0, 1, 1])
})

test('exactly as late as patience allows is sent', async () => {
  expect((await openTurn([1], 10, 10)).dropped).toBe(0)
})

test('a wrong answer is none that was seen alone, but a failure there', async () => {
  const { alone } = await openTurn([1, -2, 1, 1, 1])
  expect(alone.ok).toEqual([1, 1, 1, 1])
  expect(alone.failed).toEqual([2])
})

test('whoever finds another on its way is not alone', async () => {
  const world = await inScenario()
  const { openTurn: take } = await import('./turn-open.ts')
  const { default: rendezvous } = await import('k6/x/rendezvous')
  const { default: recorder } = await import('k6/x/recorder')
  const series = (block: string) => recorder.series({ side: 'a', block })
  // Another client has sent one that is not answered yet.
  rendezvous.turn('turn/started')
  const [counted, alone, late] = [series('counted'), series('alone'), series('late')]
  const ask = (_: number, due: number) => counted.lap(due, true)
  take(
    { askCounted: ask, askLead: ask, next: () => 0, counted, alone, late },
    { rate: 100, part: { index: 0, of: 1 }, leadMs: 0, patience: 10, dropped: () => {} },
    'turn',
    world.time,
    50,
  )
  expect(world.series.get('["a","counted"]')?.ok).toHaveLength(5)
  expect(world.series.get('["a","alone"]')?.ok).toEqual([])
})
