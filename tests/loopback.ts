/** Where servers of tests listen, and what a password may hold. */
import { networkInterfaces } from 'node:os'

/** Some containers have no IPv6 at all; what is of IPv6 has nothing to listen on there. */
const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1')
/** By IPv6 where there is any, as one listens on it and as it stands in a URL. */
export const loopback = hasIPv6 ? '::1' : '127.0.0.1'
export const host = hasIPv6 ? '[::1]' : '127.0.0.1'
export const canListen = ([name]: readonly [string, ...unknown[]]) => hasIPv6 || name !== 'IPv6'

export const reserved = ':/?#[]@!$&\'()*+,;=%"<>\\^`{|}~ ä'
