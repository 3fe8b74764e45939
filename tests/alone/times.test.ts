/** The times and counts of a run, held against observers outside it. */
import { expect, test } from 'vitest'
import { firstQuestions, observed, spentIn, sum, withNullServers } from '../observed.ts'

withNullServers()

test('what a run says of its times and counts is what was seen from outside', async () => {
  const { measured, http, sql, began, ended } = await observed({ CLIENTS: '1,3', PAIRS: '2' })
  const { time, startedAt, blocks } = measured
  const [session] = time?.sessions ?? []
  if (!time || !session) throw new Error('no time')

  // When it began and how long it took. Its clock and ours tick in milliseconds.
  const zero = Date.parse(startedAt)
  expect(session.startedAt).toBe(startedAt)
  expect(zero).toBeGreaterThanOrEqual(began - 2)
  expect(zero).toBeLessThanOrEqual(Math.min(...http.opened, ...sql.opened) + 2)
  const last = Math.max(...http.opened, ...sql.opened)
  expect(zero + session.lengthMs).toBeGreaterThan(last)
  expect(zero + session.lengthMs).toBeLessThanOrEqual(ended + 2)
  // The first connection is opened when the users have met, and nothing before.
  expect(zero + session.startupMs).toBeLessThanOrEqual(Math.min(...http.opened, ...sql.opened) + 2)
  for (const { turns } of blocks)
    for (const { endMs } of turns) {
      expect(endMs).toBeGreaterThan(0)
      expect(session.startupMs + endMs).toBeLessThanOrEqual(session.lengthMs)
    }

  // All of it is accounted for, but for a small rest that is shown.
  expect(session.accountedMs).toBeLessThanOrEqual(session.lengthMs * 1.001)
  expect(session.accountedMs / session.lengthMs).toBeGreaterThan(0.95)

  // Connections and questions, one by one.
  for (const [key, observer] of [
    ['python-null', http],
    ['postgres-null', sql],
  ] as const) {
    const opened = sum(spentIn(measured, key, 'opening'), 'count')
    expect(opened, key).toBe(observer.opened.length)
    expect(sum(spentIn(measured, key, 'settling'), 'count'), key).toBe(opened)
    expect(sum(spentIn(measured, key, 'closing'), 'count'), key).toBe(opened)
    for (const { key: side, clients, opened: asked, replaced } of measured.connections ?? []) {
      if (side !== key) continue
      const own = spentIn(measured, key, 'opening').filter(
        (each) => each.clients === clients && each.phase === 'measure',
      )
      expect(asked).toBe(sum(own, 'count'))
      expect(replaced).toBe(0)
    }
    const questions =
      opened * firstQuestions +
      sum(spentIn(measured, key, 'lead'), 'count') +
      sum(spentIn(measured, key, 'counted'), 'count')
    // A process asks for a database's settings and types once, on its first connection. What else the protocol says besides is the
    // same on each connection: of HTTP nothing.
    const once = key === 'postgres-null' ? 1 : 0
    const besides = (observer.messages - questions - once) / opened
    expect(Number.isInteger(besides), `${key}: ${observer.messages} messages, ${questions} questions`).toBe(
      true,
    )
    expect(besides).toBeGreaterThanOrEqual(0)
    expect(besides).toBeLessThan(key === 'python-null' ? 1 : 8)
    // The blocks hold those that count, once each.
    const own = blocks.filter((block) => block.key === key)
    const inBlocks = own.reduce((total, { ok, failed }) => total + ok.count + failed.count, 0)
    expect(inBlocks).toBe(
      sum(
        spentIn(measured, key, 'counted').filter(({ phase }) => phase === 'measure'),
        'count',
      ),
    )
    expect(inBlocks).toBe(
      own.reduce((total, { turns }) => total + turns.reduce((all, { requests }) => all + requests, 0), 0),
    )
    // No answer can come sooner than the observer saw one, nor a client be busy for less than its answers took.
    for (const { ok, windowMs, clients, tps, turns } of own) {
      expect(ok.minMs).toBeGreaterThanOrEqual(observer.leastMs)
      expect(ok.maxMs).toBeGreaterThanOrEqual(ok.p50Ms as number)
      expect(windowMs * clients).toBeGreaterThanOrEqual(ok.count * (ok.meanMs as number) * 0.999)
      expect(windowMs * clients).toBeCloseTo(
        turns.reduce((total, { busyMs }) => total + busyMs, 0),
        3,
      )
      expect(tps).toBeCloseTo((ok.count / windowMs) * 1000, 6)
    }
    // Whatever the observer saw a client wait for is in one of the stages, and not twice.
    const asking = (['opening', 'settling', 'lead', 'counted'] as const).reduce(
      (total, stage) => total + sum(spentIn(measured, key, stage), 'totalMs'),
      0,
    )
    expect(asking, key).toBeGreaterThanOrEqual(observer.answeringMs * 0.99)
  }
})
