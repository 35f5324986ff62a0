// One small console for each library: `node parties.mjs <library>`. GET /login signs in, GET /me says who is there, GET /leave signs out.
import { createServer } from 'node:http';
import { ExpressAuth, getSession } from '@auth/express';
import express from 'express';
import expressOpenidConnect from 'express-openid-connect';
import session from 'express-session';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import passport from 'passport';
import OpenIDConnectStrategy from 'passport-openidconnect';

const { ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, PORT: port } = process.env;
const origin = `http://localhost:${port}`;
const scope = 'openid email profile';
const secret = 'sample-secret-of-a-foreign-console-0123456789';

const parties = {
  async 'openid-client'() {
    const config = await openid.discovery(
      new URL(issuer),
      clientId,
      clientSecret,
      openid.ClientSecretBasic(clientSecret),
      {
        execute: [openid.allowInsecureRequests],
      },
    );
    return bare({
      async start() {
        const verifier = openid.randomPKCECodeVerifier();
        const [state, nonce] = [openid.randomState(), openid.randomNonce()];
        const code_challenge = await openid.calculatePKCECodeChallenge(verifier);
        const query = {
          redirect_uri: `${origin}/callback`,
          scope,
          state,
          nonce,
          code_challenge,
          code_challenge_method: 'S256',
        };
        return { url: openid.buildAuthorizationUrl(config, query).href, pending: { verifier, state, nonce } };
      },
      async finish(url, { verifier, state, nonce }) {
        const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
        const tokens = await openid.authorizationCodeGrant(config, url, checks);
        const info = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
        return { sub: info.sub, email: info.email, idToken: tokens.id_token };
      },
      leave: (idToken) =>
        openid.buildEndSessionUrl(config, { id_token_hint: idToken, post_logout_redirect_uri: `${origin}/` })
          .href,
    });
  },

  async oauth4webapi() {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const as = await oauth.processDiscoveryResponse(
      new URL(issuer),
      await oauth.discoveryRequest(new URL(issuer), insecure),
    );
    const client = { client_id: clientId };
    return bare({
      async start() {
        const verifier = oauth.generateRandomCodeVerifier();
        const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
        const query = new URLSearchParams({
          ...{
            client_id: clientId,
            response_type: 'code',
            redirect_uri: `${origin}/callback`,
            scope,
            state,
            nonce,
          },
          ...{
            code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
            code_challenge_method: 'S256',
          },
        });
        return { url: `${as.authorization_endpoint}?${query}`, pending: { verifier, state, nonce } };
      },
      async finish(url, { verifier, state, nonce }) {
        const parameters = oauth.validateAuthResponse(as, client, url, state);
        const auth = oauth.ClientSecretPost(clientSecret);
        const redirect = `${origin}/callback`;
        const answer = await oauth.authorizationCodeGrantRequest(
          as,
          client,
          auth,
          parameters,
          redirect,
          verifier,
          insecure,
        );
        const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, {
          expectedNonce: nonce,
          requireIdToken: true,
        });
        await oauth.validateApplicationLevelSignature(as, answer, insecure);
        const { sub, email } = oauth.getValidatedIdTokenClaims(tokens);
        return { sub, email, idToken: tokens.id_token };
      },
      leave: (idToken) =>
        `${as.end_session_endpoint}?${new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: `${origin}/` })}`,
    });
  },

  async 'express-openid-connect'() {
    const app = express();
    const store = new session.MemoryStore();
    app.use(
      expressOpenidConnect.auth({
        ...{ issuerBaseURL: issuer, baseURL: origin, clientID: clientId, clientSecret, secret },
        ...{ authRequired: false, idpLogout: true, backchannelLogout: true, session: { store } },
        clientAuthMethod: 'client_secret_basic',
        authorizationParams: { response_type: 'code', scope },
      }),
    );
    app.get('/me', ({ oidc }, response) =>
      oidc.isAuthenticated()
        ? response.json({ sub: oidc.user.sub, email: oidc.user.email })
        : response.sendStatus(401),
    );
    app.get('/leave', (_request, response) => response.redirect('/logout'));
    app.get('/', (_request, response) => response.send('home'));
    return app;
  },

  async 'passport-openidconnect'() {
    const app = express();
    const verify = (_issuer, profile, _context, idToken, done) =>
      done(null, { sub: profile.id, email: profile.emails?.[0]?.value, idToken });
    passport.use(
      new OpenIDConnectStrategy(
        {
          ...{
            issuer,
            clientID: clientId,
            clientSecret,
            callbackURL: `${origin}/callback`,
            scope: ['email', 'profile'],
          },
          ...{
            authorizationURL: `${issuer}/authorize`,
            tokenURL: `${issuer}/token`,
            userInfoURL: `${issuer}/userinfo`,
          },
        },
        verify,
      ),
    );
    passport.serializeUser((user, done) => done(null, user));
    passport.deserializeUser((user, done) => done(null, user));
    app.use(session({ secret, resave: false, saveUninitialized: false, name: `passport-${port}` }));
    app.use(passport.session());
    app.get('/login', passport.authenticate('openidconnect'));
    app.get('/callback', passport.authenticate('openidconnect'), (_request, response) =>
      response.redirect('/me'),
    );
    app.get('/me', ({ user }, response) =>
      user ? response.json({ sub: user.sub, email: user.email }) : response.sendStatus(401),
    );
    app.get('/leave', (request, response) => {
      const query = new URLSearchParams({
        id_token_hint: request.user.idToken,
        post_logout_redirect_uri: `${origin}/`,
      });
      request.logout(() => response.redirect(`${issuer}/logout?${query}`));
    });
    app.get('/', (_request, response) => response.send('home'));
    return app;
  },

  async '@auth/express'() {
    const app = express();
    const config = {
      ...{ secret, trustHost: true, basePath: '/auth' },
      providers: [{ id: 'hitokagi', name: 'Hitokagi', type: 'oidc', issuer, clientId, clientSecret }],
      callbacks: {
        session: ({ session: own, token }) => ({ ...own, sub: token.sub }),
        jwt: ({ token, profile }) => (profile ? { ...token, sub: profile.sub } : token),
      },
    };
    app.get('/me', async (request, response) => {
      const own = await getSession(request, config);
      return own ? response.json({ sub: own.sub, email: own.user.email }) : response.sendStatus(401);
    });
    app.use('/auth', ExpressAuth(config));
    app.get('/', (_request, response) => response.send('home'));
    return app;
  },
};

/** A console without a framework around a library's functions. */
function bare({ start, finish, leave }) {
  const [pending, sessions] = [new Map(), new Map()];
  return async (request, response) => {
    const url = new URL(request.url, origin);
    const id = new RegExp(`bare-${port}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
    const goTo = (location, cookie) =>
      response
        .writeHead(
          302,
          cookie ? { location, 'set-cookie': `bare-${port}=${cookie}; Path=/; HttpOnly` } : { location },
        )
        .end();
    try {
      if (url.pathname === '/login') {
        const begun = await start();
        const browser = crypto.randomUUID();
        pending.set(browser, begun.pending);
        return goTo(begun.url, browser);
      }
      if (url.pathname === '/callback') {
        const session = crypto.randomUUID();
        sessions.set(session, await finish(url, pending.get(id)));
        return goTo('/me', session);
      }
      const person = sessions.get(id);
      if (url.pathname === '/leave') {
        sessions.delete(id);
        return goTo(leave(person.idToken));
      }
      if (url.pathname !== '/me') return response.end('home');
      if (!person) return response.writeHead(401).end();
      return response.end(JSON.stringify({ sub: person.sub, email: person.email }));
    } catch (error) {
      return response.writeHead(500).end(String(error?.stack ?? error));
    }
  };
}

const app = await parties[process.argv[2]]();
createServer(app).listen(Number(port), 'localhost', () => console.log('ready'));
