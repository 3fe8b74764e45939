/** A line to a server that works at first, and then as it is told: cut, slow, narrow, or with other bytes on it. */
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import type { Trigger } from './trigger.ts'

/** One connection through the relay. */
export interface Line {
  client: Socket
  server: Socket
}

/** What becomes of what a server says, once the fault has begun. */
export type OnAnswer = (line: Line, part: Buffer, number: number) => void

export const passOn: OnAnswer = ({ client }, part) => void client.write(part)

export interface Relay {
  port: number
  /** Connections that are open. */
  readonly lines: ReadonlySet<Line>
  close(): Promise<void>
}

/**
 * @param onConnection what becomes of a connection that is opened after the fault began
 * @param onAnswer what becomes of answers then
 */
export async function relay(
  to: { host: string; port: number },
  trigger: Trigger,
  {
    onAnswer = passOn,
    onConnection = () => {},
  }: { onAnswer?: OnAnswer; onConnection?: (line: Line) => void } = {},
): Promise<Relay> {
  const lines = new Set<Line>()
  let number = 0
  const listener = createServer((client) => {
    const line: Line = { client, server: createConnection(to) }
    lines.add(line)
    for (const each of [line.client, line.server]) {
      each.setNoDelay(true)
      each.on('error', () => {})
      each.on('close', () => {
        lines.delete(line)
        line.client.destroy()
        line.server.destroy()
      })
    }
    trigger.opened()
    if (trigger.hasBegun) onConnection(line)
    client.on('data', (part) => void line.server.write(part))
    line.server.on('data', (part) => {
      if (trigger.hasBegun) onAnswer(line, part, number++)
      else client.write(part)
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return {
    port: (listener.address() as AddressInfo).port,
    lines,
    close: async () => {
      for (const { client, server } of lines) {
        client.destroy()
        server.destroy()
      }
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
