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
