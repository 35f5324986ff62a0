import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type { CheckName, Finding } from './findings.ts';
import { NOT_CHECKED_SENTENCES, SIGN_IN_SENTENCES } from './sign-in-sentences.ts';

/** What was looked at. */
export function checkTitle(check: CheckName, locale: Locale): string {
  return texts[locale].titles[check];
}

/**
 * What is wrong and how to put it right, or why something was not looked at and what to do about that: the only place that says so, on pages, in the API and at the command line. Undefined where
 * nothing is wrong.
 */
export function findingWords(finding: Finding, locale: Locale): { fault: string; cure: string } | undefined {
  if (finding.result !== 'fault' && finding.result !== 'not-checked') return undefined;
  const { value, found = '' } = finding;
  const t =
    finding.result === 'fault'
      ? { ...texts[locale].codes, ...SIGN_IN_SENTENCES[locale] }[finding.code]
      : NOT_CHECKED_SENTENCES[locale][finding.code];
  const { check } = finding;
  const [meant, other] = [meantWords({ check, value }, locale), meantWords({ check, value: found }, locale)];
  return { fault: filled(t.fault, meant, other), cure: filled(t.cure, meant, other) };
}

/** What could not be looked at, told together where the reason is the same. */
export function uncheckedTogether(
  findings: readonly Finding[],
  locale: Locale,
): readonly { titles: readonly string[]; fault: string; cure: string }[] {
  const together = new Map<string, { titles: Set<string>; fault: string; cure: string }>();
  for (const finding of findings) {
    const words = finding.result === 'not-checked' ? findingWords(finding, locale) : undefined;
    if (!words) continue;
    const known = together.get(words.fault) ?? { titles: new Set<string>(), ...words };
    known.titles.add(checkTitle(finding.check, locale));
    together.set(words.fault, known);
  }
  return [...together.values()].map(({ titles, ...words }) => ({ titles: [...titles], ...words }));
}

/** What is meant, where it is not an address or a name: the phase in which the legacy page was looked at. */
export function meantWords({ check, value }: Pick<Finding, 'check' | 'value'>, locale: Locale): string {
  return check === 'legacy-phase' && value in PHASES[locale]
    ? PHASES[locale][value as keyof (typeof PHASES)['ja']]
    : value;
}

function filled(text: string, value: string, found: string): string {
  return text.replaceAll(/\{(value|found)\}/g, (_, name) => (name === 'value' ? value : found));
}

const PHASES = defineTexts({
  ja: { prepared: '移行前', parallel: '移行期間', unified: '切替後' },
  en: { prepared: 'before link time', parallel: 'parallel period', unified: 'after the cut-over' },
});

const texts = defineTexts({
  ja: {
    titles: {
      entrance: 'ログイン開始アドレスが統合認証へ導く',
      'entrance-request': 'ログインの要求の内容',
      'entrance-cookie': 'ログインをブラウザーに結び付けるCookie',
      home: 'トップページ',
      redirect: 'リダイレクトURI',
      'post-logout': 'ログアウト後のアドレス',
      'legacy-login': '既存ログインのページ',
      logout: 'ログアウト通知の受け口',
      events: 'イベントの受け口',
      certificate: 'サーバー証明書の期限',
      clock: '管理画面の時計',
      plan: '移行計画の問い合わせ',
      'ended-sessions': '終了したセッションの問い合わせ',
      deliveries: 'ログアウトとイベントの配信',
      'login-ids': 'ログインIDの一致',
      'sign-in': '点検用の利用者のログイン',
      'sign-in-parameters': 'ログインごとに新しい値',
      state: '始めたブラウザーだけでログインが終わる',
      'id-token': 'IDトークンの内容の検証',
      'id-token-signature': 'IDトークンの署名の検証',
      'response-issuer': '応答の発行者の検証',
      'target-link': 'よそへ導かない',
      'session-cookie': 'セッションのCookie',
      'session-renewal': 'ログインごとに新しいセッション',
      'session-length': 'セッションの長さ',
      encryption: '暗号化されたページの中身',
      'logout-tokens': '正しくないログアウト通知を断る',
      'logout-replay': '使ったログアウト通知を断る',
      'logout-end': 'ログアウト通知でセッションが終わる',
      'own-logout': '管理画面からのログアウト',
      'own-logout-request': 'ログアウトの要求の内容',
      'legacy-phase': '移行の段階ごとの既存ログイン',
      'login-id-event': 'ログインIDの変更の受け取り',
    },
    codes: {
      'name-unknown': {
        fault: '{value} のホスト名が見つかりません。',
        cure: 'アドレスの綴りと、DNSの登録を確かめてください。',
      },
      'connection-refused': {
        fault: '{value} が接続を受け付けません。',
        cure: '管理画面が動いているか、ポート番号とファイアウォールを確かめてください。',
      },
      'certificate-untrusted': {
        fault: '{value} の証明書を信頼できません ({found})。',
        cure: '期限、ホスト名、中間証明書を確かめ、公的な認証局の証明書を設定してください。',
      },
      'timed-out': {
        fault: '{value} が {found} 以内に答えません。',
        cure: '管理画面の負荷と、統合認証サーバーからの通信が途中で捨てられていないかを確かめてください。',
      },
      'address-not-allowed': {
        fault: '{value} は内部ネットワークのアドレスを指すので、接続しませんでした。',
        cure: '外から届くアドレスにするか、本当に内部にある場合はホスト名を HITOKAGI_ALLOWED_INTERNAL_HOSTS に加えてください。イベントの受け口は https である必要があります。',
      },
      unreachable: {
        fault: '{value} に届きません ({found})。',
        cure: 'ネットワークの経路とファイアウォールを確かめてください。',
      },
      'answers-error': {
        fault: '{value} がエラー ({found}) を返します。',
        cure: '管理画面のログで、この時刻のエラーを確かめてください。',
      },
      'not-found': {
        fault: '{value} にはページがありません ({found})。',
        cure: '登録したアドレスのパスと、管理画面の設定を見比べてください。',
      },
      'leads-nowhere': {
        fault: '{value} がリダイレクトせずに {found} を返します。',
        cure: 'このアドレスのGETで、統合認証の /authorize へのリダイレクト (302または303) を返すようにしてください (OpenID Connect Core 4章)。',
      },
      'leads-elsewhere': {
        fault: '{value} が統合認証ではなく {found} へ導きます。',
        cure: '管理画面に設定した発行者 (issuer) が、この統合認証のアドレスであるかを確かめてください。',
      },
      'client-id-wrong': {
        fault: '要求の client_id が「{found}」です。',
        cure: '管理画面の設定のクライアントIDを「{value}」にしてください。',
      },
      'redirect-uri-missing': {
        fault: '要求に redirect_uri がありません。',
        cure: '登録したリダイレクトURIを送るように、管理画面を設定してください。',
      },
      'redirect-uri-unregistered': {
        fault: '要求の redirect_uri {value} は登録されていません。',
        cure: '1文字まで一致する必要があります。正しければここに登録し、誤りであれば管理画面の設定を直してください。',
      },
      'response-type-wrong': {
        fault: '要求の response_type が「{found}」です。',
        cure: '認可コードフロー (response_type=code) を使うように設定してください。',
      },
      'scope-openid-missing': {
        fault: '要求の scope に openid がありません (「{found}」)。',
        cure: 'scope を「openid email profile」にしてください。',
      },
      'pkce-missing': {
        fault: '要求に PKCE の code_challenge がありません。',
        cure: '管理画面のライブラリーで PKCE (S256) を有効にしてください。できない場合だけ、登録の「PKCEを必須にする」を外します。',
      },
      'pkce-plain': {
        fault: 'PKCE の方式が S256 ではありません (「{found}」)。',
        cure: 'code_challenge_method を S256 にしてください。',
      },
      'state-missing': {
        fault: '要求に state がありません。',
        cure: 'ブラウザーごとの推測できない state を送り、戻ったときに比べるようにしてください。',
      },
      'nonce-missing': {
        fault: '要求に nonce がありません。',
        cure: '要求ごとの推測できない nonce を送り、IDトークンの nonce と比べるようにしてください。',
      },
      'cookie-missing': {
        fault: 'ログインを始めたブラウザーを覚えるCookieがありません。',
        cure: 'state をブラウザーのCookieと結び付けてください。なければ、他人のログインを押し付けられるおそれがあります。',
      },
      'cookie-not-http-only': {
        fault: 'Cookie「{value}」に HttpOnly がありません。',
        cure: 'スクリプトから読めないように、HttpOnly を付けてください。',
      },
      'cookie-not-secure': {
        fault: 'Cookie「{value}」に Secure がありません。',
        cure: '暗号化されない通信で送られないように、Secure を付けてください。',
      },
      'cookie-strict': {
        fault: 'Cookie「{value}」が SameSite=Strict です。',
        cure: '統合認証から戻るときに送られず、ログインが失敗します。SameSite=Lax にしてください。',
      },
      'takes-bad-token': {
        fault: '{value} が、でたらめなトークンを受け付けました ({found})。',
        cure: '署名、iss、aud を検証し、正しくないトークンには 400 を返すようにしてください。直るまで、誰でもこの管理画面の利用者をログアウトさせられます。',
      },
      'refuses-otherwise': {
        fault: '{value} が、正しくないトークンに 400 ではなく {found} を返します。',
        cure: 'ログインや別の認証を求めずにPOSTを受け、正しくないトークンには 400 を返すようにしてください。CSRF対策の対象からも外します。',
      },
      'certificate-ends': {
        fault: '{value} の証明書が {found} に切れます。',
        cure: 'それまでに証明書を更新してください。切れるとログアウトの通知が届きません。',
      },
      'clock-differs': {
        fault: '管理画面の時計が {found} 秒ずれています。',
        cure: '管理画面のサーバーで時刻同期 (NTP) を有効にしてください。ずれるとIDトークンが期限切れとして断られます。',
      },
      'never-asked': {
        fault: 'まだ一度も問い合わせがありません。',
        cure: 'クライアントIDとシークレットの設定と、管理画面から統合認証への通信を確かめてください。',
      },
      'not-asked-lately': {
        fault: '最後の問い合わせは {found} です。',
        cure: '管理画面が動いているか、シークレットが有効か、統合認証への通信が止まっていないかを確かめてください。',
      },
      'deliveries-failed': {
        fault: '届かずにあきらめた配信が {found} 件あります。',
        cure: '受け口の点検の結果を直してから、配信をもう一度送ってください。',
      },
      'deliveries-waiting': {
        fault: '5分より長く届いていない配信が {found} 件あります。',
        cure: '受け口の点検の結果を直してください。直れば自動で届きます。',
      },
      'login-ids-differ': {
        fault: '管理画面とログインIDが食い違う人が {found} 人います。',
        cure: '差異の一覧で、どちらが正しいかを決めてください。',
      },
    },
  },
  en: {
    titles: {
      entrance: 'The sign-in address leads to the unified login',
      'entrance-request': 'What the sign-in asks for',
      'entrance-cookie': 'The cookie that ties the sign-in to the browser',
      home: 'Home page',
      redirect: 'Redirect URIs',
      'post-logout': 'Addresses after logout',
      'legacy-login': 'Page of the legacy login',
      logout: 'Where logouts are told',
      events: 'Where events are told',
      certificate: 'How long the certificate lasts',
      clock: 'The clock of the console',
      plan: 'The console asks for the migration plan',
      'ended-sessions': 'The console asks for ended sessions',
      deliveries: 'Logouts and events arrive',
      'login-ids': 'Login IDs agree',
      'sign-in': 'The test user signs in',
      'sign-in-parameters': 'New values for each sign-in',
      state: 'A sign-in ends only in the browser that began it',
      'id-token': 'What the ID token says is checked',
      'id-token-signature': 'The signature of the ID token is checked',
      'response-issuer': 'The issuer of the answer is checked',
      'target-link': 'Nobody is led astray',
      'session-cookie': 'The session’s cookie',
      'session-renewal': 'A new session for each sign-in',
      'session-length': 'How long a session lasts',
      encryption: 'What encrypted pages use',
      'logout-tokens': 'Bad logout tokens are refused',
      'logout-replay': 'Used logout tokens are refused',
      'logout-end': 'A logout token ends the session',
      'own-logout': 'Signing out in the console',
      'own-logout-request': 'What the logout asks for',
      'legacy-phase': 'The legacy login in each phase',
      'login-id-event': 'A changed login ID is taken',
    },
    codes: {
      'name-unknown': {
        fault: 'The host name of {value} is not found.',
        cure: 'Check the spelling of the address and its DNS entry.',
      },
      'connection-refused': {
        fault: '{value} refuses connections.',
        cure: 'Check whether the console is running, its port and the firewall.',
      },
      'certificate-untrusted': {
        fault: 'The certificate of {value} is not trusted ({found}).',
        cure: 'Check its expiry, host name and intermediate certificates, and use one of a public authority.',
      },
      'timed-out': {
        fault: '{value} does not answer within {found}.',
        cure: 'Check the load of the console, and whether packets from the login server are dropped on the way.',
      },
      'address-not-allowed': {
        fault: '{value} leads into the internal network, so no connection was made.',
        cure: 'Use an address that is reached from outside, or name the host in HITOKAGI_ALLOWED_INTERNAL_HOSTS if it is meant. Events need https.',
      },
      unreachable: {
        fault: '{value} cannot be reached ({found}).',
        cure: 'Check the route of the network and the firewall.',
      },
      'answers-error': {
        fault: '{value} answers with an error ({found}).',
        cure: 'Look into the log of the console for the error of this moment.',
      },
      'not-found': {
        fault: 'There is no page at {value} ({found}).',
        cure: 'Compare the path of the registered address with the settings of the console.',
      },
      'leads-nowhere': {
        fault: '{value} answers {found} and does not redirect.',
        cure: 'Let a GET of this address redirect (302 or 303) to /authorize of the unified login (OpenID Connect Core, section 4).',
      },
      'leads-elsewhere': {
        fault: '{value} leads to {found}, not to the unified login.',
        cure: 'Check that the issuer in the settings of the console is the address of this unified login.',
      },
      'client-id-wrong': {
        fault: 'The request has the client_id “{found}”.',
        cure: 'Set the client ID in the settings of the console to “{value}”.',
      },
      'redirect-uri-missing': {
        fault: 'The request has no redirect_uri.',
        cure: 'Let the console send a redirect URI that is registered.',
      },
      'redirect-uri-unregistered': {
        fault: 'The redirect_uri {value} of the request is not registered.',
        cure: 'It is compared to the letter. Register it here if it is right, or correct the settings of the console.',
      },
      'response-type-wrong': {
        fault: 'The request has the response_type “{found}”.',
        cure: 'Set the console to the authorization code flow (response_type=code).',
      },
      'scope-openid-missing': {
        fault: 'The scope of the request lacks openid (“{found}”).',
        cure: 'Set the scope to “openid email profile”.',
      },
      'pkce-missing': {
        fault: 'The request has no code_challenge of PKCE.',
        cure: 'Switch on PKCE (S256) in the library of the console. Only if it cannot do that, take back “Require PKCE” in what is registered.',
      },
      'pkce-plain': {
        fault: 'The method of PKCE is not S256 (“{found}”).',
        cure: 'Set code_challenge_method to S256.',
      },
      'state-missing': {
        fault: 'The request has no state.',
        cure: 'Send a state that cannot be guessed, of this browser alone, and compare it on the way back.',
      },
      'nonce-missing': {
        fault: 'The request has no nonce.',
        cure: 'Send a nonce that cannot be guessed with each request and compare it with the one of the ID token.',
      },
      'cookie-missing': {
        fault: 'No cookie remembers the browser that began to sign in.',
        cure: 'Tie the state to a cookie of the browser. Without it somebody can be made to use a stranger’s sign-in.',
      },
      'cookie-not-http-only': {
        fault: 'The cookie “{value}” is not HttpOnly.',
        cure: 'Add HttpOnly, so that scripts cannot read it.',
      },
      'cookie-not-secure': {
        fault: 'The cookie “{value}” is not Secure.',
        cure: 'Add Secure, so that it never travels unencrypted.',
      },
      'cookie-strict': {
        fault: 'The cookie “{value}” is SameSite=Strict.',
        cure: 'It does not come along on the way back from the unified login, and sign-ins fail. Set SameSite=Lax.',
      },
      'takes-bad-token': {
        fault: '{value} took a token that is none ({found}).',
        cure: 'Verify signature, iss and aud, and answer 400 to what is not valid. Until then anybody can sign people out of this console.',
      },
      'refuses-otherwise': {
        fault: '{value} answers {found}, not 400, to a token that is not valid.',
        cure: 'Take the POST without a sign-in or any other authentication and outside the protection against CSRF, and answer 400 to what is not valid.',
      },
      'certificate-ends': {
        fault: 'The certificate of {value} ends on {found}.',
        cure: 'Renew it before that. After it no logout can be told.',
      },
      'clock-differs': {
        fault: 'The clock of the console is {found} seconds off.',
        cure: 'Switch on time synchronisation (NTP) on the server of the console. ID tokens are refused as expired otherwise.',
      },
      'never-asked': {
        fault: 'The console has never asked.',
        cure: 'Check client ID and secret in its settings, and the way from the console to the unified login.',
      },
      'not-asked-lately': {
        fault: 'The console last asked at {found}.',
        cure: 'Check whether the console is running, whether its secret is valid, and the way to the unified login.',
      },
      'deliveries-failed': {
        fault: '{found} deliveries were given up.',
        cure: 'Put right what the check of the address says, then send them again.',
      },
      'deliveries-waiting': {
        fault: '{found} deliveries have been waiting for more than 5 minutes.',
        cure: 'Put right what the check of the address says. They arrive by themselves then.',
      },
      'login-ids-differ': {
        fault: '{found} people have another address in the console than their login ID.',
        cure: 'Decide in the list of differences which one is right.',
      },
    },
  },
});
