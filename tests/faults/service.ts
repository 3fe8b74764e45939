/** A service that answers by hand, byte by byte, so that it can do what no server does: rightly at first, and then as it is told. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Trigger } from './trigger.ts'

export interface Question {
  socket: Socket
  /** What would be the right answer. */
  answer: string
  /** Since it is faulty, from 0. */
  number: number
}

/** How a question is answered. */
export type Manner = (question: Question) => void

/** An answer as it goes over the line. */
export const message = (
  body: string,
  { status = '200 OK', headers = [] as string[], version = '1.1' } = {},
) =>
  [
    `HTTP/${version} ${status}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ].join('\r\n')

export const rightly: Manner = ({ socket, answer }) => void socket.write(message(answer))

export interface Service {
  port: number
  url: string
  close(): Promise<void>
}

/** Whole requests of a connection: heads, and what Content-Length says of their bodies. */
function* requests(pending: { text: string }): Generator<string> {
  for (;;) {
    const end = pending.text.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(pending.text.slice(0, end))?.[1] ?? 0)
    const whole = end + 4 + length
    if (pending.text.length < whole) return
    yield pending.text.slice(end + 4, whole)
    pending.text = pending.text.slice(whole)
  }
}

/** @param answerTo the right answer to a body */
export async function serve(
  answerTo: (body: string) => string,
  trigger: Trigger,
  faulty: Manner,
): Promise<Service> {
  const sockets = new Set<Socket>()
  let number = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    trigger.opened()
    const pending = { text: '' }
    socket.on('data', (part) => {
      pending.text += part.toString('latin1')
      for (const body of requests(pending)) {
        const question = { socket, answer: answerTo(body), number: 0 }
        if (trigger.hasBegun) faulty({ ...question, number: number++ })
        else rightly(question)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
