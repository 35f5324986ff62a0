export const EVIL = 'evil.example';
export const HOST = 'login.example.co.jp';

/** Request targets and headers by which a server may be told another name for itself; `PATH` stands for the path that is asked for. */
export type Poison = { target?: string; headers: readonly string[] };
export const POISONS: readonly Poison[] = [
  { headers: [`Host: ${EVIL}`] },
  { headers: [`Host: ${HOST}:80@${EVIL}`] },
  { headers: [`Host: ${HOST}.${EVIL}`] },
  { headers: [`Host: ${HOST}, ${EVIL}`] },
  { headers: [`Host: ${HOST}:${EVIL}`] },
  { headers: [`Host: ${HOST}`, `Host: ${EVIL}`] },
  { headers: [`Host: ${EVIL}`, `Host: ${HOST}`] },
  { headers: [`Host: ${HOST}`, `X-Forwarded-Host: ${EVIL}`] },
  { headers: [`Host: ${HOST}`, `X-Forwarded-Host: ${HOST}, ${EVIL}`] },
  {
    headers: [
      `Host: ${HOST}`,
      `X-Forwarded-Host: ${EVIL}`,
      'X-Forwarded-Proto: https',
      'X-Forwarded-Port: 444',
    ],
  },
  { headers: [`Host: ${HOST}`, `X-Forwarded-Proto: ${EVIL}://x`] },
  { headers: [`Host: ${HOST}`, 'X-Forwarded-Proto: javascript'] },
  { headers: [`Host: ${HOST}`, `X-Forwarded-For: ${EVIL}`, `X-Real-IP: ${EVIL}`] },
  {
    headers: [
      `Host: ${HOST}`,
      `X-Forwarded-Server: ${EVIL}`,
      `X-Host: ${EVIL}`,
      `X-HTTP-Host-Override: ${EVIL}`,
    ],
  },
  {
    headers: [
      `Host: ${HOST}`,
      `X-Forwarded-Prefix: //${EVIL}`,
      `X-Original-URL: //${EVIL}/`,
      `X-Rewrite-URL: //${EVIL}/`,
    ],
  },
  { headers: [`Host: ${HOST}`, `Forwarded: for=1.2.3.4;host=${EVIL};proto=https`] },
  { headers: [`Host: ${HOST}`, `Forwarded: host="${EVIL}"`, `Via: 1.1 ${EVIL}`] },
  { headers: [`Host: ${HOST}`, `Referer: https://${EVIL}/`] },
  { target: `http://${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `http://${EVIL}PATH`, headers: [`Host: ${EVIL}`] },
  { target: `https://${HOST}@${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `http://${HOST}@${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `http://${HOST}.${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `http://${HOST}PATH`, headers: [`Host: ${EVIL}`] },
  { target: `//${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `/\\${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `PATH@${EVIL}`, headers: [`Host: ${HOST}`] },
  { headers: [] },
];
