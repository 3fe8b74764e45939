/**
 * An outside observer: a relay before a server that notes connections, questions and times by its own clock, and that can keep one
 * question waiting. It knows nothing of what is measured, so that a measurement can be held against it.
 */
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Hold {
  /** Of the connections, from 0. */
  connection: number
  /** Of that connection's messages, from 0. */
  message: number
  milliseconds: number
}

export interface Observer {
  port: number
  /** Milliseconds since 1970, of each connection's beginning. */
  opened: number[]
  /** What clients sent, a message each: nobody sends the next before the answer has come. */
  messages: number
  /** Milliseconds between a message and the first of its answer, of all together. */
  answeringMs: number
  /** The shortest of them. */
  leastMs: number
  /** Milliseconds for which it kept a message, by its own clock. */
  heldMs: number
  close(): Promise<void>
}

/** @param delay milliseconds for which each message is kept */
export async function observe(to: { host: string; port: number }, delay = 0, hold?: Hold): Promise<Observer> {
  const sockets = new Set<Socket>()
  const seen: Observer = {
    port: 0,
    opened: [],
    messages: 0,
    answeringMs: 0,
    leastMs: Number.POSITIVE_INFINITY,
    heldMs: 0,
    close: async () => {
      for (const each of sockets) each.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const server = createServer((client) => {
    const connection = seen.opened.push(Date.now()) - 1
    const upstream = createConnection(to)
    let message = 0
    let askedAt: number | undefined
    // In their order, however long one is kept.
    let before: Promise<void> = Promise.resolve()
    for (const each of [client, upstream]) {
      sockets.add(each)
      each.setNoDelay(true)
      // A client that goes away is part of what is observed.
      each.on('error', () => {})
      each.on('close', () => {
        sockets.delete(each)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (data) => {
      const isHeld = hold?.connection === connection && hold.message === message
      message++
      seen.messages++
      const at = performance.now()
      askedAt = at
      before = before.then(async () => {
        if (isHeld) await sleep(hold.milliseconds)
        else if (delay > 0) await sleep(delay)
        if (isHeld) seen.heldMs = performance.now() - at
        if (!upstream.destroyed) upstream.write(data)
      })
    })
    client.on('end', () => void before.then(() => upstream.end()))
    upstream.on('data', (data) => {
      if (askedAt !== undefined) {
        const took = performance.now() - askedAt
        seen.answeringMs += took
        seen.leastMs = Math.min(seen.leastMs, took)
      }
      askedAt = undefined
      client.write(data)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  seen.port = (server.address() as AddressInfo).port
  return seen
}
