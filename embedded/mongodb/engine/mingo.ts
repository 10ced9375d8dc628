/** No scripts from a client run in this process: $where and $function are refused. */
export const mingoOptions = { scriptEnabled: false } as const
