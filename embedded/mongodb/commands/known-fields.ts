/** Fields that any command may carry: what the driver, a session or the stable API adds. */
export const genericFields: ReadonlySet<string> = new Set(
  (
    '$audit $client $clusterTime $configServerState $db $oplogQueryData $queryOptions $readPreference $replData ' +
    'apiDeprecationErrors apiStrict apiVersion autocommit clientOperationKey comment coordinator databaseVersion ' +
    'help lsid maxTimeMS maxTimeMSOpOnly mayBypassWriteBlocking readConcern rawData serialization_context ' +
    'shardVersion startTransaction stmtId stmtIds tracking_info txnNumber txnRetryCounter writeConcern'
  ).split(' '),
)

const strict: Readonly<Record<string, string>> = {
  aggregate:
    'pipeline explain cursor allowDiskUse bypassDocumentValidation collation hint let needsMerge fromMongos ' +
    'collectionUUID isMapReduceCommand includeQueryStatsMetrics passthroughToShard exchange',
  bulkWrite: 'ops nsInfo ordered bypassDocumentValidation let errorsOnly cursor',
  collStats: 'scale waitForLock queryExecStats clusterTime',
  count: 'query limit skip hint collation fields collectionUUID queryUUID includeQueryStatsMetrics',
  create:
    'capped size max autoIndexId idIndex validator validationLevel validationAction storageEngine ' +
    'indexOptionDefaults viewOn pipeline collation timeseries expireAfterSeconds clusteredIndex ' +
    'changeStreamPreAndPostImages recordPreImages encryptedFields temp flags',
  createIndexes: 'indexes commitQuorum ignoreUnknownIndexOptions v',
  delete: 'deletes ordered let bypassEmptyTsReplacement',
  distinct: 'key query collation hint collectionUUID includeQueryStatsMetrics',
  drop: 'collectionUUID',
  dropIndexes: 'index collectionUUID',
  endSessions: '',
  explain: 'verbosity',
  find:
    'filter projection sort hint collation skip limit batchSize singleBatch allowDiskUse max min returnKey ' +
    'showRecordId tailable oplogReplay noCursorTimeout awaitData allowPartialResults let options ' +
    'collectionUUID includeQueryStatsMetrics term readOnce allowSpeculativeMajorityRead requestResumeToken ' +
    'resumeAfter startAt ntoreturn',
  findAndModify:
    'query fields sort hint collation arrayFilters remove update upsert new let bypassDocumentValidation ' +
    'runtimeConstants sampleId',
  getMore: 'collection batchSize term lastKnownCommittedOpTime includeQueryStatsMetrics',
  insert: 'documents ordered bypassDocumentValidation collectionUUID',
  killCursors: 'cursors',
  listCollections: 'filter cursor nameOnly authorizedCollections',
  listDatabases: 'filter nameOnly authorizedDatabases',
  listIndexes: 'cursor includeBuildUUIDs includeIndexBuildInfo',
  update: 'updates ordered let bypassDocumentValidation',
}

const strictSets = new Map(
  Object.entries(strict).map(([command, fields]) => [
    command,
    new Set([command, ...fields.split(' '), ...genericFields]),
  ]),
)

/** The fields of a command that refuses all others; undefined for one that ignores what it doesn't know. */
export function knownFieldsOf(command: string): ReadonlySet<string> | undefined {
  return strictSets.get(command)
}

/** The fields of one operation in a list of them. */
export const operationFields = {
  update: fields('q u multi upsert arrayFilters hint collation c sort upsertSupplied'),
  delete: fields('q limit hint collation'),
  bulkInsert: fields('insert document'),
  bulkUpdate: fields(
    'update filter updateMods multi upsert arrayFilters hint collation constants sort upsertSupplied',
  ),
  bulkDelete: fields('delete filter multi hint collation'),
  namespace: fields(
    'ns collectionUUID encryptionInformation shardVersion databaseVersion isTimeseriesNamespace',
  ),
}

function fields(names: string): ReadonlySet<string> {
  return new Set(names.split(' '))
}
