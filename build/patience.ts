/** How long whoever is asked for something may take to answer, in seconds; who did not is named, with this limit. */
export const patience = 10
