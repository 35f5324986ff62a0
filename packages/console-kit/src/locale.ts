/** Languages of the login server's pages and mails. */
export type Locale = 'ja' | 'en';
