// Node-RED as its documentation has a sign-in by passport: https://nodered.org/docs/user-guide/runtime/securing-node-red
const { Strategy } = require('passport-openidconnect');

const {
  ISSUER: issuer,
  CLIENT_ID: clientID,
  CLIENT_SECRET: clientSecret,
  PORT: port,
  USER_DIR: userDir,
} = process.env;

module.exports = {
  uiPort: Number(port),
  uiHost: 'localhost',
  userDir,
  credentialSecret: 'sample-secret-of-node-red',
  logging: { console: { level: 'error', metrics: false, audit: false } },
  telemetry: { enabled: false, updateNotification: false },
  adminAuth: {
    type: 'strategy',
    strategy: {
      name: 'openidconnect',
      label: '統合認証でログイン',
      icon: 'fa-key',
      strategy: Strategy,
      options: {
        issuer,
        authorizationURL: `${issuer}/authorize`,
        tokenURL: `${issuer}/token`,
        userInfoURL: `${issuer}/userinfo`,
        clientID,
        clientSecret,
        callbackURL: `http://localhost:${port}/auth/strategy/callback`,
        scope: ['email', 'profile'],
        verify: (_issuer, profile, done) => done(null, { username: profile.emails?.[0]?.value }),
      },
    },
    // Whom the company lets into the editor.
    users: async (username) => (username === 'taro@example.co.jp' ? { username, permissions: '*' } : null),
  },
};
