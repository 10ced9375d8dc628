/** By which `npm start` lets the API and the local issuer know each other. No secret: it is in everybody's copy. */
export const defaultClientId = 'counterfoil'
export const defaultClientSecret = 'counterfoil-on-this-machine'

/** The port that the documentation names. */
export const defaultPort = 9_010

/** The one of the issuer's people whom `npm start` makes an admin. */
export const ADMIN_ADDRESS = 'ada@people.example'
