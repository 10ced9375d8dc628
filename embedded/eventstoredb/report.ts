/** Tells the people who run the node what they should know, in one line. */
export type Report = (what: string) => void

/** For who starts a node in a process of its own choosing and listens to nothing in particular. */
export const warn: Report = (what) => process.emitWarning(what, 'EventStoreDBNode')
