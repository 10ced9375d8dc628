/** Keys for one's own machine, where they needn't be secret. */
export const defaultKey = 'sk_test_counterfoil'
export const defaultPublishableKey = 'pk_test_counterfoil'
export const defaultWebhookSecret = 'whsec_counterfoil'
