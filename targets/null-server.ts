/** The null server on free loopback ports: what a side would be that takes no time. */
import { mkdir } from 'node:fs/promises'
import { z } from 'zod'
import { CouldNotMeasure } from '../build/failure.ts'
import { inCache, nullServerBinary } from '../build/paths.ts'
import { nullVariable } from '../workload/resolve.ts'
import type { AnyKey } from '../workload/workload.ts'
import type { HttpAddress } from './address/http.ts'
import { postgresAddress } from './address/postgres.ts'
import { type Address, type Asked, withAsker } from './asker.ts'
import { WrongAnswer } from './http.ts'
import type { AskedSide } from './parity.ts'
import type { RealAnswer } from './real-answer.ts'
import { type Server, startTelling } from './server.ts'

export interface NullServer extends Server {
  /** Where the null operation of each side is asked, by the variable that scenarios name. */
  readonly addresses: readonly { address: string; to: Address }[]
}

const hosts = z.array(z.string()).nonempty()

/** The same question as to the side itself: what stands in its address and is sent with each request stays. */
const nullAddress = (address: Address, host: string): Address =>
  address.protocol === 'sql'
    ? postgresAddress(`postgres://null@${host}/null?sslmode=disable`)
    : (address as HttpAddress).onHost(host)

/** Each side is asked for this key, once, and the null server gives its answer to every question. */
export async function startNullServer(
  sides: readonly AskedSide[],
  key: AnyKey,
  asked: Asked,
): Promise<NullServer> {
  const answers: RealAnswer[] = []
  for (const { side, address } of sides)
    try {
      answers.push(await withAsker(side, address, asked, (asker) => asker.real(key)))
    } catch (error) {
      if (!(error instanceof WrongAnswer)) throw error
      throw new CouldNotMeasure(
        `${side.name} gave no answer that a null server could give: ${error.message}`,
        `See the log of ${side.name}; it answered when all sides were compared`,
        { cause: error },
      )
    }
  const home = inCache('null-server')
  await mkdir(home, { recursive: true })
  const { server, said } = await startTelling(hosts, {
    name: 'the null server',
    command: [nullServerBinary, '-answers'],
    input: JSON.stringify(answers),
    log: `${home}/server.log`,
    signal: asked.signal,
  })
  return {
    ...server,
    addresses: sides.map(({ side, address }, index) => ({
      address: nullVariable(side.name),
      to: nullAddress(address, said[index] as string),
    })),
  }
}
