/** How the scenario of new connections names what it records. */

/** Of a new connection: its first answer, from before it was opened, and its second. */
export const moments = ['first', 'second'] as const
export type Moment = (typeof moments)[number]

/** Name of a series: a moment in a round at a number of clients. */
export const momentBlock = (clients: number, round: number, moment: Moment) => `${clients}/${round}/${moment}`
