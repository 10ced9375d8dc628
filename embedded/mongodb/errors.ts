/** MongoDB's own error codes that this node answers with, by their official names. */
const codes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
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
  DottedFieldName: 57,
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
  CannotIndexParallelArrays: 171,
  QueryPlanKilled: 175,
  NoQueryExecutionPlans: 291,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  APIVersionError: 322,
  APIStrictError: 323,
  UnsupportedOpQueryCommand: 352,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  Interrupted: 11601,
  Location13111: 13111,
  Location15952: 15952,
  Location15955: 15955,
  Location15956: 15956,
  Location15957: 15957,
  Location15958: 15958,
  Location15959: 15959,
  Location15972: 15972,
  Location15973: 15973,
  Location15974: 15974,
  Location15975: 15975,
  Location15976: 15976,
  Location15981: 15981,
  Location16979: 16979,
  Location16020: 16020,
  Location16410: 16410,
  Location16872: 16872,
  KeyTooLong: 17280,
  Location17053: 17053,
  Location17276: 17276,
  Location17312: 17312,
  Location28745: 28745,
  Location28746: 28746,
  Location28747: 28747,
  Location28808: 28808,
  Location28809: 28809,
  Location28810: 28810,
  Location28811: 28811,
  Location28812: 28812,
  Location28818: 28818,
  Location28822: 28822,
  Location31002: 31002,
  Location31119: 31119,
  Location31120: 31120,
  Location31249: 31249,
  Location31250: 31250,
  Location31253: 31253,
  Location31254: 31254,
  Location31394: 31394,
  Location40156: 40156,
  Location40157: 40157,
  Location40158: 40158,
  Location40160: 40160,
  Location40169: 40169,
  Location40170: 40170,
  Location40171: 40171,
  Location40228: 40228,
  Location40229: 40229,
  Location40231: 40231,
  Location40234: 40234,
  Location40237: 40237,
  Location40238: 40238,
  Location40272: 40272,
  Location40323: 40323,
  Location40324: 40324,
  Location40413: 40413,
  IDLFailedToParse: 40414,
  IDLUnknownField: 40415,
  Location40600: 40600,
  Location40602: 40602,
  Location51024: 51024,
  Location51075: 51075,
  Location51091: 51091,
  Location51108: 51108,
  Location51247: 51247,
  Location51270: 51270,
  Location51272: 51272,
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
