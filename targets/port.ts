/** TCP ports on the loopback interface, as the kernel gives or refuses them. */
import { createServer } from 'node:net'
import { BadInput, reasonOf } from '../build/failure.ts'

/** A free one; or a given one, to see that it is. */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

/** How often a free port is looked for where others take what was free. */
const attempts = 5

/**
 * Starts what listens on a port: on a given one, or a free one. Between the moment when that is seen to be free and the one when it is
 * listened on anybody may take it: then the next one is tried.
 * @param start throws where it could not listen, and has left nothing behind then
 */
export async function onPort<T>(given: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  if (given !== undefined) return start(given)
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return await start(port)
    } catch (error) {
      const isTaken = await freePort(port).then(
        () => false,
        () => true,
      )
      if (!isTaken || attempt === attempts) throw error
    }
  }
}

/**
 * Ports that the user has asked for: tried before anything is started, for who holds one may be silent.
 * @param wanted by flag
 * @throws {BadInput} naming flag and port
 */
export async function refuseTaken(wanted: Record<string, number | undefined>): Promise<void> {
  const seen = new Map<number, string>()
  for (const [flag, port] of Object.entries(wanted)) {
    if (port === undefined) continue
    const other = seen.get(port)
    if (other !== undefined)
      throw new BadInput(`${flag} ${port}: ${other} has the same port; each needs one of its own`)
    seen.set(port, flag)
    try {
      await freePort(port)
    } catch (error) {
      const why =
        (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
          ? 'another program listens on it'
          : reasonOf(error)
      throw new BadInput(
        `${flag} ${port}: the port cannot be used, ${why}; expected a free one`,
        'Leave the flag out for a free port, or end that program',
      )
    }
  }
}
