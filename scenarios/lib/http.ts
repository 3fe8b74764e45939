/** One client of a service: requests on one connection that is kept. */

import request, { type RequestSets } from 'k6/x/request'
import { patience } from '../../build/patience.ts'
import { fitting, fittingInWords } from '../../workload/answers.ts'
import { setsName } from '../../workload/batch.ts'
import { hostsIn } from '../../workload/hosts.ts'
import { headersOf, methodOf, type Sent, sentOf, statusesOf } from '../../workload/http.ts'
import type { ResolvedHttp } from '../../workload/resolve.ts'
import { type Ask, type Clock, refusals, WrongAnswer } from './ask.ts'
import { nextHost } from './hosts.ts'
import { eachKey } from './keys.ts'
import { certificates, url, variables } from './settings.ts'
import { asked } from './workload.ts'

const address = ({ address }: ResolvedHttp) => url(address, ['http://', 'https://'])

/** What is sent for each key, kept once for all virtual users and by all sides that derive from one. */
const requestsOf = (side: ResolvedHttp): RequestSets =>
  request.requestSets(setsName(side.base, side.size), () =>
    eachKey(side.base, (key): Sent => sentOf(side, key), side.size),
  )

/** Checked in the init context, so that a wrong variable, or a key that does not fit, ends the test before it starts. */
export function checkHttp(side: ResolvedHttp): void {
  address(side)
  headersOf(side, variables)
  requestsOf(side)
}

/** @param to one host of the side's @param label the header of an answer that is looked at */
const opened = (side: ResolvedHttp, to: string, label: string | undefined) =>
  request.open(to, {
    method: methodOf(side),
    headers: headersOf(side, variables),
    timeout: `${patience}s`,
    ...(certificates() && { ca: certificates() }),
    answer: side.answerAs ?? 'json',
    statuses: statusesOf(side),
    ...(label !== undefined && { label }),
  })

const second = 1000

/** The service's, by the Date of its answers: it shows whole seconds, whose edges are found by asking often. */
export function clockOfHttp(side: ResolvedHttp): Clock {
  // As a database's: the first host's.
  const [first] = hostsIn(address(side))
  const service = opened(side, first?.address ?? address(side), 'Date')
  const requests = requestsOf(side)
  return {
    read: () => {
      service.sendOf(requests, 0)
      const at = Date.parse(service.label() ?? '')
      return Number.isNaN(at) ? undefined : [at, at + second]
    },
    everyMs: 5,
    close: () => service.close(),
  }
}

export function connectHttp(side: ResolvedHttp): Ask {
  const { address: to, host } = nextHost(address(side))
  const service = opened(side, to, side.worker)
  const { sendOf } = service
  const requests = requestsOf(side)
  const { wrong, threw } = refusals(side.role, {
    expected: `expected ${fittingInWords(asked.answer, side.size)}`,
    from: 'from',
    // A service may repeat what it was sent.
    covered: service.covered,
  })
  const read = side.value as ((body: unknown) => unknown) | undefined
  const isNumber = asked.answer === 'number' && side.size === undefined
  const fits = fitting(asked.answer, side.size)
  const ask = ((position) => {
    let body: unknown
    try {
      body = sendOf(requests, position)
    } catch (error) {
      throw error instanceof SyntaxError
        ? new WrongAnswer(`expected JSON: ${error.message}`, 'not JSON')
        : error
    }
    let answer = body
    if (read)
      try {
        answer = read(body)
      } catch (error) {
        return threw(error, body)
      }
    // As `isAnswer` says, which costs a call out of the script.
    if (isNumber && typeof answer === 'number' && answer - answer === 0) return answer
    if (fits(answer)) return answer
    return read ? wrong(answer, body) : wrong(answer)
  }) as Ask
  if (side.worker !== undefined) ask.label = service.label
  ask.host = host
  ask.close = service.close
  ask.replaced = service.replaced
  ask.isPrepared = () => true
  return ask
}
