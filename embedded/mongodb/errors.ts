/** MongoDB's own error codes that this node answers with, by their official names. */
const codes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  InvalidLength: 16,
  AuthenticationFailed: 18,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  NotSingleValueField: 54,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  NoReplicationEnabled: 76,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  OperationFailed: 96,
  NotAReplicaSet: 123,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  QueryPlanKilled: 175,
  InvalidIndexSpecificationOption: 197,
  IndexBuildAborted: 276,
  NoQueryExecutionPlans: 291,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  APIVersionError: 322,
  APIStrictError: 323,
  UnsupportedOpQueryCommand: 352,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  BackgroundOperationInProgressForNamespace: 12587,
  Interrupted: 11601,
  KeyTooLong: 17280,
  IDLFailedToParse: 40414,
  IDLUnknownField: 40415,
} as const

type NamedError = keyof typeof codes

/** MongoDB calls the errors that have no name of their own by the number of the place where they are raised. */
export type ErrorName = NamedError | `Location${number}`

/** A refusal that goes to the client as the server would word it: `code`, `codeName`, `errmsg` and extra fields. */
export class MongoError extends Error {
  readonly code: number
  readonly codeName: ErrorName
  readonly details: Readonly<Record<string, unknown>>

  constructor(codeName: ErrorName, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = 'MongoError'
    this.code = codeOf(codeName)
    this.codeName = codeName
    this.details = details
  }
}

function codeOf(name: ErrorName): number {
  return isNamed(name) ? codes[name] : Number(name.slice('Location'.length))
}

function isNamed(name: ErrorName): name is NamedError {
  return name in codes
}

/** Any thrown value as a MongoError: what we did not foresee is an InternalError, with its own words. */
export function asMongoError(error: unknown): MongoError {
  if (error instanceof MongoError) return error
  return new MongoError('InternalError', error instanceof Error ? error.message : String(error))
}
