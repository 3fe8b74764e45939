/** Lets virtual users of the process meet and agree while the test runs. */
declare module 'k6/x/rendezvous' {
  export interface Meeting {
    /** When the last one came, in milliseconds of `k6/x/clock`. */
    at: number
    /** Of what each brought along, position by position. */
    sums: number[]
  }

  /**
   * Waits until `parties` virtual users have come to the meeting of this name; each name serves once.
   * @param values numbers to be added up, as many from each
   * @throws TypeError naming the argument, its value and what was expected; in the init context; when the users disagree
   * about the number of parties or of values; when the meeting is over. Ends the script when the test ends. Ends the test
   * (exit code 108) when for a minute nobody has come to any meeting or asked a side. In a part of a test
   * (`--execution-segment`) those of this process meet.
   */
  export function meet(name: string, parties: number, values?: number[]): Meeting
  /** All meetings that are over, by name; works in handleSummary, too. */
  export function meetings(): Record<string, Meeting>
  /**
   * 0 to the first virtual user that asks with this name, 1 to the next, …
   * @param by 0 to see who would be next without taking the turn
   */
  export function turn(name: string, by?: 0 | 1): number
  /**
   * When the next request of a Poisson process is due that all virtual users take theirs from: in mean gaps since its beginning.
   * @param seed the same one gives the same process, whatever its name
   * @param part of `parts`, from 0: of the process that several k6 share, this one has every `parts`-th request; absent: all
   * @throws TypeError naming the argument, its value and what was expected; when the users disagree about seed or part
   */
  export function arrival(name: string, seed: number, part?: number, parts?: number): number
  /**
   * Waits until the clock shows `at` milliseconds; returns at once when that is past.
   * @throws TypeError for anything but milliseconds, and in the init context
   */
  export function waitUntil(at: number): void
  const rendezvous: {
    meet: typeof meet
    meetings: typeof meetings
    turn: typeof turn
    arrival: typeof arrival
    waitUntil: typeof waitUntil
  }
  export default rendezvous
}
