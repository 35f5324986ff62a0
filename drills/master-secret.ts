/** The master key of every login server of a drill. */
export const MASTER_SECRET = 'sample-master-secret-of-the-drill-0123456789';
