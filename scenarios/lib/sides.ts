/** What a comparison sets side by side: sides of the workload, each by its protocol. The last one is what each other one is compared with. */
import type { ResolvedSide } from '../../workload/resolve.ts'
import type { Ask, Clock } from './ask.ts'
import { checkHttp, clockOfHttp, connectHttp } from './http.ts'
import { samples } from './settings.ts'
import { checkSql, clockOfSql, connectSql } from './sql.ts'

/** Checked in the init context, so that a wrong variable ends the test before it starts. */
export const checkSide = (side: ResolvedSide): void =>
  side.protocol === 'sql' ? checkSql(side) : checkHttp(side)

/** A new connection to the side. */
export const connectSide = (side: ResolvedSide): Ask =>
  side.protocol === 'sql' ? connectSql(side) : connectHttp(side)

/** The clock by which the side goes. */
export const clockOf = (side: ResolvedSide): Clock =>
  side.protocol === 'sql' ? clockOfSql(side) : clockOfHttp(side)

/** Whether the server must hold this side's statement prepared. */
export const isPrepared = (side: ResolvedSide): boolean =>
  side.protocol === 'sql' && side.role !== 'null' && side.mode === 'prepared'

/** Whose metrics a side's requests are given to k6 as, for a series' options; none where nobody looks at k6's samples. */
export const metricOf = ({ protocol }: ResolvedSide): { metric?: 'sql' | 'http' } =>
  samples() ? { metric: protocol } : {}
