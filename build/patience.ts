/**
 * How long whoever is asked for something may take to answer, in seconds: by the command line as by k6's scenarios. Who did not
 * is named, with this limit.
 */
export const patience = 10
