/** MongoDB's own error codes that this node answers with, by their official names. */
const codes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CannotIndexParallelArrays: 171,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  KeyTooLong: 17280,
  IDLFailedToParse: 40414,
  Location31253: 31253,
  Location31254: 31254,
  Location40323: 40323,
  Location40324: 40324,
  Location51024: 51024,
} as const

export type ErrorName = keyof typeof codes

/** A refusal that goes to the client as the server would word it: `code`, `codeName`, `errmsg` and extra fields. */
export class MongoError extends Error {
  readonly code: number
  readonly codeName: ErrorName
  readonly details: Readonly<Record<string, unknown>>

  constructor(codeName: ErrorName, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = 'MongoError'
    this.code = codes[codeName]
    this.codeName = codeName
    this.details = details
  }
}

/** Any thrown value as a MongoError: what we did not foresee is an InternalError, with its own words. */
export function asMongoError(error: unknown): MongoError {
  if (error instanceof MongoError) return error
  return new MongoError('InternalError', error instanceof Error ? error.message : String(error))
}
