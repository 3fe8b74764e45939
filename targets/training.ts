/** What both targets are trained with, and what each training cost. */

/** The published benchmark's: 25 boosting rounds, the last quarter of the rows held out. */
export const hyperparameters = { rounds: 25, testSize: 0.25 } as const

export interface TrainingReport {
  /** Seconds from the beginning of the read to the stored model. */
  seconds: number
  peakBytes: number
  /** How the peak was measured. */
  peakMethod: 'VmHWM' | 'sampled' | 'ru_maxrss'
  /** ISO time at which it was trained; a later run that changes nothing keeps the model and these figures. */
  trainedAt: string
}
