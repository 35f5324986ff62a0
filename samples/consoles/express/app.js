// A console with users and sessions of its own (express-session) that has joined the unified login. What joining added is marked with +.
import { scryptSync } from 'node:crypto';
import express from 'express';
import session from 'express-session';
import { createConsoleKit, memoryStores } from '@hitokagi/console-kit'; // +
import { consoleKit } from '@hitokagi/console-kit/express'; // +

const { PORT, CONSOLE_URL, HITOKAGI_ISSUER, HITOKAGI_CLIENT_ID, HITOKAGI_CLIENT_SECRET, SESSION_SECRET } = process.env;
const hash = (password) => scryptSync(password, 'sample-salt', 32).toString('hex');
const users = new Map([
  ['u-1', { email: 'taro@example.co.jp', name: '見本 太郎', password: hash('old-Password-1') }],
  ['hitokagi-check', { email: 'check@example.co.jp', name: '確認', password: '-' }], // + for `hitokagi console check` alone
]);

const clock = () => new Date(); // +
const stores = memoryStores(clock); // + in production: postgresStores(pool, clock)
const kit = createConsoleKit({
  ...{ issuer: HITOKAGI_ISSUER, clientId: HITOKAGI_CLIENT_ID, clientSecret: HITOKAGI_CLIENT_SECRET, consoleUrl: CONSOLE_URL },
  ...{ cookieKey: SESSION_SECRET, ...stores, clock, log: console },
}); // +
await kit.start(); // +

const app = express();
const cookie = { httpOnly: true, sameSite: 'lax', secure: CONSOLE_URL.startsWith('https:'), maxAge: 30 * 60_000 };
app.use(session({ secret: SESSION_SECRET, resave: false, saveUninitialized: false, rolling: true, cookie }));
const begin = (request, userId) =>
  new Promise((done, failed) => {
    request.session.regenerate((error) => {
      if (error) return failed(error);
      request.session.userId = userId;
      return done();
    });
  });

// + Behind the session, before body parsers.
const onSignedIn = async (request, response, identity) => {
  if (!users.has(identity.consoleUserId)) return response.status(403).send('この管理画面の利用者ではありません。');
  await begin(request, identity.consoleUserId);
  return stores.sessions.bind(request.sessionID, identity);
};
app.use(consoleKit({ kit, onSignedIn }));
app.use(express.urlencoded({ extended: false }));

app.get('/login', (_request, response) => {
  const gate = kit.gate(clock()); // +
  if (!gate.legacySignIn) return response.redirect('/auth/start'); // +
  const link = '<p>統合認証のパスワードは、この画面のものとは別です。<a href="/auth/start">統合認証画面はこちら</a></p>'; // +
  const form = '<form method="post"><input name="email"><input name="password" type="password"><button>ログイン</button></form>';
  return response.send(`<h1>ログイン</h1>${form}${gate.legacyLink ? link : ''}`);
});
app.post('/login', async (request, response) => {
  if (!kit.gate(clock()).legacySignIn) return response.redirect(303, '/auth/start'); // + whatever is sent
  const { email, password = '' } = request.body;
  const [id] = [...users].find(([, user]) => user.email === email && user.password === hash(password)) ?? [];
  if (id === undefined) return response.status(401).send('メールアドレスかパスワードが違います。');
  await begin(request, id);
  return response.redirect(303, '/');
});

// + Whose unified session has ended is out; whose own session ran out asks again, and is back without typing while the unified one lives.
app.use(async (request, response, next) => {
  const unified = await stores.sessions.find(request.sessionID);
  if (unified?.endedAt) return request.session.destroy(() => response.redirect('/login'));
  return request.session.userId ? next() : response.redirect('/login');
});
app.get('/', (request, response) =>
  response.send(`${users.get(request.session.userId).name}<form method="post" action="/logout"><button>ログアウト</button></form>`),
);
app.post('/logout', async (request, response) => {
  const unified = await stores.sessions.release(request.sessionID); // + null for a legacy session
  const out = unified && (await kit.signOutUrl(unified)); // +
  request.session.destroy(() => response.redirect(303, out?.ok ? out.redirectTo : '/login'));
});
app.listen(Number(PORT), 'localhost', () => console.log('ready'));
