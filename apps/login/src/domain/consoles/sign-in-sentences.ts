import { defineTexts } from '#support/primitives/locale.ts';
import type { LeavingCode, NotCheckedCode, SignInCode } from './findings.ts';

type Words = Readonly<Record<SignInCode | LeavingCode, { fault: string; cure: string }>>;

/** What is found by signing in and out, and how to put it right; `{value}` and `{found}` as in finding-sentence.ts. */
export const SIGN_IN_SENTENCES = defineTexts<Words>({
  ja: {
    'request-refused': {
      fault: '統合認証が、管理画面のログインの要求を断りました ({found})。',
      cure: '「テストログイン」で断った理由を確かめ、client_id、redirect_uri、scope、PKCE を登録に合わせてください。',
    },
    'redirect-circle': {
      fault: '{value} のあと、リダイレクトが終わりません。',
      cure: 'ログインのあとにセッションのCookieが保存され、着いたページで読めるかを確かめてください。Cookieの Path、Domain、SameSite の誤りが多い原因です。',
    },
    'code-not-redeemed': {
      fault: '{value} に認可コードが届きましたが、管理画面はトークンに交換しませんでした (応答 {found})。',
      cure: '管理画面のログを確かめてください。統合認証への通信、クライアントIDとシークレット、code_verifier、redirect_uri の誤りが多い原因です。',
    },
    'sign-in-failed': {
      fault: 'ログインの手続きは終わりましたが、{value} ではログインしていません ({found})。',
      cure: '/auth/callback で新しいセッションを作り、そのCookieを返しているかを確かめてください。利用者は console_user_id で探します。',
    },
    'state-constant': {
      fault: 'state が毎回同じです。',
      cure: 'ログインのたびに、推測できない新しい state を作ってください。',
    },
    'nonce-constant': {
      fault: 'nonce が毎回同じです。',
      cure: 'ログインのたびに、推測できない新しい nonce を作ってください。',
    },
    'challenge-constant': {
      fault: 'PKCE の code_challenge が毎回同じです。',
      cure: 'ログインのたびに、新しい code_verifier を作ってください。',
    },
    'state-unchecked': {
      fault: '書き換えた state で戻っても、ログインできました。',
      cure: '戻ったときの state を、始めたときにブラウザーに覚えさせた値と比べ、違えば断ってください。他人のログインを押し付けられるおそれがあります。',
    },
    'browser-unchecked': {
      fault: 'ログインを始めたのとは別のブラウザーで戻っても、ログインできました。',
      cure: 'state をブラウザーのCookieと結び付け、Cookieのないブラウザーでは断ってください。他人のログインを押し付けられるおそれがあります。',
    },
    'nonce-unchecked': {
      fault: 'nonce の違うIDトークンでログインできました。',
      cure: 'IDトークンの nonce を、要求で送った値と比べてください (OpenID Connect Core 3.1.3.7)。',
    },
    'issuer-unchecked': {
      fault: '発行者 (iss) の違うIDトークンでログインできました。',
      cure: 'IDトークンの iss が、設定した発行者と1文字まで同じかを確かめてください。',
    },
    'audience-unchecked': {
      fault: '別の管理画面あて (aud) のIDトークンでログインできました。',
      cure: 'IDトークンの aud が、自分のクライアントIDであるかを確かめてください。',
    },
    'expiry-unchecked': {
      fault: '期限切れのIDトークンでログインできました。',
      cure: 'IDトークンの exp が過ぎていないかを確かめてください。',
    },
    'signature-unchecked': {
      fault: '署名が正しくないIDトークンでログインできました。',
      cure: '統合認証の公開鍵 (jwks_uri) で署名を検証してください。openid-client では enableNonRepudiationChecks です。',
    },
    'unsigned-taken': {
      fault: '署名のない (alg: none) IDトークンでログインできました。',
      cure: '受け付ける署名の方式を、登録した方式 (ES256 または RS256) だけにしてください。',
    },
    'response-issuer-unchecked': {
      fault: '別の発行者を名乗る応答 (iss) でログインできました。',
      cure: '戻ったときの iss を、設定した発行者と比べてください (RFC 9207)。新しい版のOpenID Connectライブラリーは自動で行います。',
    },
    'open-redirect': {
      fault: 'ログインのあと、{value} に書かれたよそのサイトへ導きます。',
      cure: 'target_link_uri が自分の管理画面のアドレスであるかを確かめ、違えばトップページへ導いてください。',
    },
    'foreign-issuer-followed': {
      fault: 'ログイン開始アドレスの {value} に書かれた、知らない発行者へ導きます。',
      cure: 'iss が設定した発行者と同じかを確かめ、違えば断ってください (OpenID Connect Core 4章)。',
    },
    'cookie-no-same-site': {
      fault: 'セッションのCookie「{value}」に SameSite がありません。',
      cure: 'SameSite=Lax を付けてください。扱いがブラウザーによって違います。',
    },
    'cookie-same-site-none': {
      fault: 'セッションのCookie「{value}」が SameSite=None です。',
      cure: 'よそのサイトからの要求にも送られます。SameSite=Lax にしてください。',
    },
    'session-id-kept': {
      fault: 'ログインしても、セッションのCookie「{value}」の値が変わりません。',
      cure: 'ログインのたびに新しいセッションIDを作ってください。前から知られている値で入られるおそれがあります (セッション固定)。',
    },
    'cookie-outlives': {
      fault: 'セッションのCookie「{value}」は {found} 分残り、登録した最長の時間より長く使えます。',
      cure: '登録した時間か、管理画面のセッションの長さを直してください。時間切れそのものは待って確かめていません。',
    },
    'unencrypted-link': {
      fault: '暗号化されたページが、暗号化されていない {value} を使います。',
      cure: 'http:// で始まるアドレスを https:// にしてください。ブラウザーが止めるか、警告します。',
    },
    'bad-signature-taken': {
      fault: '{value} が、署名の正しくないログアウトトークンを受け付けました ({found})。',
      cure: '統合認証の公開鍵 (jwks_uri) で署名を検証し、正しくなければ 400 を返してください。',
    },
    'unsigned-logout-taken': {
      fault: '{value} が、署名のない (alg: none) ログアウトトークンを受け付けました ({found})。',
      cure: '受け付ける署名の方式を、登録した方式だけにし、それ以外には 400 を返してください。',
    },
    'wrong-issuer-taken': {
      fault: '{value} が、別の発行者 (iss) のログアウトトークンを受け付けました ({found})。',
      cure: 'iss を設定した発行者と比べ、違えば 400 を返してください。',
    },
    'wrong-audience-taken': {
      fault: '{value} が、別の管理画面あて (aud) のログアウトトークンを受け付けました ({found})。',
      cure: 'aud が自分のクライアントIDであるかを確かめ、違えば 400 を返してください。',
    },
    'old-token-taken': {
      fault: '{value} が、1時間前のログアウトトークンを受け付けました ({found})。',
      cure: 'iat と exp を確かめ、古ければ 400 を返してください。',
    },
    'no-event-taken': {
      fault: '{value} が、events のないトークンでログアウトさせました ({found})。',
      cure: 'events に http://schemas.openid.net/event/backchannel-logout があるかを確かめ、なければ 400 を返してください。',
    },
    'nonce-token-taken': {
      fault: '{value} が、nonce のあるトークンでログアウトさせました ({found})。',
      cure: 'nonce があれば 400 を返してください。IDトークンをログアウトトークンとして使わせないためです。',
    },
    'no-subject-taken': {
      fault: '{value} が、sub も sid もないログアウトトークンを受け付けました ({found})。',
      cure: 'どちらもなければ 400 を返してください。',
    },
    'refused-but-ended': {
      fault: '{value} は正しくないトークンを断りましたが、セッションは終わりました。',
      cure: 'トークンの検証がすべて済んでから、セッションを終えてください。',
    },
    'other-session-ended': {
      fault: '{value} が、別の sid のログアウトで、このセッションも終えました。',
      cure: 'ログインのときに sid をセッションとともに保存し、sid があるときは、その sid のセッションだけを終えてください。',
    },
    'replay-taken': {
      fault: '{value} が、一度使ったログアウトトークンをもう一度受け付けました ({found})。',
      cure: '使った jti を数分覚え、二度目には 400 を返してください。',
    },
    'good-token-refused': {
      fault: '{value} が、正しいログアウトトークンを断りました ({found})。',
      cure: '管理画面のログで理由を確かめてください。署名の方式、発行者、クライアントID、時計の誤りが多い原因です。成功には 200 を返します。',
    },
    'session-lives-on': {
      fault: '{value} はログアウトを受け付けましたが ({found})、セッションが続いています。',
      cure: 'ログインのときに sid をセッションとともに保存し、ログアウトトークンの sid でそのセッションを終えてください。',
    },
    'logout-stays': {
      fault: '{value} は管理画面だけをログアウトし、統合認証へ導きません (着いたところ {found})。',
      cure: '統合認証でログインしたセッションでは、end_session_endpoint へ id_token_hint と client_id を付けて導いてください。',
    },
    'logout-refused': {
      fault: '{value} から統合認証へ導かれましたが、ログアウトできませんでした ({found})。',
      cure: 'ログインのときのIDトークンを、そのまま id_token_hint に付けてください。',
    },
    'id-token-hint-missing': {
      fault: 'ログアウトの要求に id_token_hint がありません。',
      cure: 'ログインのときのIDトークンをセッションとともに保存し、id_token_hint に付けてください。ないと、ログアウトするかどうかをもう一度聞くことになります。',
    },
    'logout-client-missing': {
      fault: 'ログアウトの要求に client_id がありません。',
      cure: 'client_id={value} を付けてください。IDトークンの期限が切れたあとでも、戻り先を確かめられます。',
    },
    'post-logout-unregistered': {
      fault: 'ログアウトの要求の戻り先 {value} は登録されていません。',
      cure: '1文字まで一致する必要があります。正しければ「ログアウト後のアドレス」に登録し、誤りであれば管理画面の設定を直してください。',
    },
    'session-survives': {
      fault: '{value} でログアウトしても、管理画面のセッションが続いています。',
      cure: '統合認証へ導く前に、管理画面自身のセッションを終え、Cookieを消してください。',
    },
    'legacy-link-missing': {
      fault: '移行期間ですが、{value} に「統合認証画面はこちら」のリンクがありません。',
      cure: 'リンクを表示する日時から切替まで、ログイン開始アドレスへのリンクを表示してください。管理画面が移行計画を読めているかも確かめてください。',
    },
    'legacy-link-early': {
      fault: 'リンクを表示する日時の前ですが、{value} に統合認証へのリンクがあります。',
      cure: '移行計画の日時に従って、リンクを表示してください。',
    },
    'legacy-closed-early': {
      fault: '切替の前ですが、{value} で既存ログインができません (段階 {found})。',
      cure: '切替までは、既存ログインをそのまま使えるようにしてください。',
    },
    'legacy-still-open': {
      fault: '切替のあとですが、{value} の既存ログインが開いています。',
      cure: '切替からは、既存ログインのページをログイン開始アドレスへ導き、既存のパスワードでのログインはサーバーで断ってください。',
    },
    'event-refused': {
      fault: '{value} が、正しいイベント (ログインIDの変更) を受け付けません ({found})。',
      cure: '管理画面のログで理由を確かめてください。知らない利用者のイベントにも 202 を返します。',
    },
  },
  en: {
    'request-refused': {
      fault: 'The unified login refused what the console asked for ({found}).',
      cure: 'Look at a test sign-in for the reason, and set client_id, redirect_uri, scope and PKCE as they are registered.',
    },
    'redirect-circle': {
      fault: 'After {value} the redirects do not end.',
      cure: 'See whether the session’s cookie is kept and read where the sign-in ends. A wrong Path, Domain or SameSite is what it often is.',
    },
    'code-not-redeemed': {
      fault: 'A code came to {value}, and the console did not redeem it (answer {found}).',
      cure: 'Look into the log of the console. The way to the unified login, client ID and secret, code_verifier or redirect_uri are what it often is.',
    },
    'sign-in-failed': {
      fault: 'The sign-in went through, and at {value} nobody is signed in ({found}).',
      cure: 'See whether the callback makes a new session and sends its cookie. The person is found by console_user_id.',
    },
    'state-constant': {
      fault: 'The state is the same each time.',
      cure: 'Make a new state that cannot be guessed for each sign-in.',
    },
    'nonce-constant': {
      fault: 'The nonce is the same each time.',
      cure: 'Make a new nonce that cannot be guessed for each sign-in.',
    },
    'challenge-constant': {
      fault: 'The code_challenge of PKCE is the same each time.',
      cure: 'Make a new code_verifier for each sign-in.',
    },
    'state-unchecked': {
      fault: 'With an altered state the sign-in went through.',
      cure: 'Compare the state with the one that the browser was given, and refuse another. Somebody can be made to use a stranger’s sign-in otherwise.',
    },
    'browser-unchecked': {
      fault: 'The sign-in went through in another browser than the one that began it.',
      cure: 'Tie the state to a cookie of the browser, and refuse a browser without it. Somebody can be made to use a stranger’s sign-in otherwise.',
    },
    'nonce-unchecked': {
      fault: 'An ID token with another nonce was taken.',
      cure: 'Compare the nonce of the ID token with the one that was sent (OpenID Connect Core, section 3.1.3.7).',
    },
    'issuer-unchecked': {
      fault: 'An ID token of another issuer (iss) was taken.',
      cure: 'Compare iss with the issuer in the settings, to the letter.',
    },
    'audience-unchecked': {
      fault: 'An ID token for another console (aud) was taken.',
      cure: 'Check that aud is your client ID.',
    },
    'expiry-unchecked': {
      fault: 'An ID token that has expired was taken.',
      cure: 'Check exp.',
    },
    'signature-unchecked': {
      fault: 'An ID token with a wrong signature was taken.',
      cure: 'Verify the signature by the keys at jwks_uri. In openid-client that is enableNonRepudiationChecks.',
    },
    'unsigned-taken': {
      fault: 'An ID token without signature (alg: none) was taken.',
      cure: 'Take only the algorithm that is registered (ES256 or RS256).',
    },
    'response-issuer-unchecked': {
      fault: 'An answer that names another issuer (iss) was taken.',
      cure: 'Compare the iss of the answer with the issuer in the settings (RFC 9207). Recent OpenID Connect libraries do so by themselves.',
    },
    'open-redirect': {
      fault: 'After the sign-in the console leads to the foreign site that stands in {value}.',
      cure: 'Check that target_link_uri is an address of the console, and lead to the start page otherwise.',
    },
    'foreign-issuer-followed': {
      fault: 'The sign-in address leads to an unknown issuer that stands in {value}.',
      cure: 'Compare iss with the issuer in the settings and refuse another (OpenID Connect Core, section 4).',
    },
    'cookie-no-same-site': {
      fault: 'The session’s cookie “{value}” has no SameSite.',
      cure: 'Set SameSite=Lax. Without it browsers differ.',
    },
    'cookie-same-site-none': {
      fault: 'The session’s cookie “{value}” is SameSite=None.',
      cure: 'It is sent with requests of other sites too. Set SameSite=Lax.',
    },
    'session-id-kept': {
      fault: 'The session’s cookie “{value}” has the same value after a sign-in.',
      cure: 'Make a new session id at each sign-in. A value that somebody knew before lets them in otherwise (session fixation).',
    },
    'cookie-outlives': {
      fault:
        'The session’s cookie “{value}” is kept for {found} minutes, longer than the longest session that is registered.',
      cure: 'Correct what is registered or the length of the session. The time-out itself was not waited for.',
    },
    'unencrypted-link': {
      fault: 'An encrypted page uses {value}, which is not.',
      cure: 'Write https:// in place of http://. Browsers block it or warn.',
    },
    'bad-signature-taken': {
      fault: '{value} took a logout token with a wrong signature ({found}).',
      cure: 'Verify the signature by the keys at jwks_uri, and answer 400 to a wrong one.',
    },
    'unsigned-logout-taken': {
      fault: '{value} took a logout token without signature (alg: none; {found}).',
      cure: 'Take only the algorithm that is registered, and answer 400 to any other.',
    },
    'wrong-issuer-taken': {
      fault: '{value} took a logout token of another issuer (iss; {found}).',
      cure: 'Compare iss with the issuer in the settings, and answer 400 to another.',
    },
    'wrong-audience-taken': {
      fault: '{value} took a logout token for another console (aud; {found}).',
      cure: 'Check that aud is your client ID, and answer 400 to another.',
    },
    'old-token-taken': {
      fault: '{value} took a logout token of an hour ago ({found}).',
      cure: 'Check iat and exp, and answer 400 to an old one.',
    },
    'no-event-taken': {
      fault: '{value} took a token without events for a logout ({found}).',
      cure: 'Check that events has http://schemas.openid.net/event/backchannel-logout, and answer 400 otherwise.',
    },
    'nonce-token-taken': {
      fault: '{value} took a token with a nonce for a logout ({found}).',
      cure: 'Answer 400 to a nonce, so that no ID token can be used as a logout token.',
    },
    'no-subject-taken': {
      fault: '{value} took a logout token with neither sub nor sid ({found}).',
      cure: 'Answer 400 when both are missing.',
    },
    'refused-but-ended': {
      fault: '{value} refused a bad token, and the session ended all the same.',
      cure: 'End a session only when all of the token is verified.',
    },
    'other-session-ended': {
      fault: '{value} ended this session at the logout of another sid.',
      cure: 'Store the sid with the session at sign-in, and where a token has a sid end only that session.',
    },
    'replay-taken': {
      fault: '{value} took a logout token for the second time ({found}).',
      cure: 'Remember a used jti for some minutes, and answer 400 to the second use.',
    },
    'good-token-refused': {
      fault: '{value} refused a good logout token ({found}).',
      cure: 'Look into the log of the console. The algorithm, issuer, client ID or clock are what it often is. Success is 200.',
    },
    'session-lives-on': {
      fault: '{value} took the logout ({found}), and the session goes on.',
      cure: 'Store the sid with the session at sign-in, and end the session of that sid.',
    },
    'logout-stays': {
      fault:
        '{value} signs out of the console alone and does not lead to the unified login (it ends at {found}).',
      cure: 'Lead sessions that came from the unified login to the end_session_endpoint, with id_token_hint and client_id.',
    },
    'logout-refused': {
      fault: 'From {value} the browser came to the unified login, and nobody was signed out ({found}).',
      cure: 'Send the ID token of the sign-in as it came as id_token_hint.',
    },
    'id-token-hint-missing': {
      fault: 'The request to sign out has no id_token_hint.',
      cure: 'Store the ID token with the session and send it as id_token_hint. Without it people are asked once more whether they mean it.',
    },
    'logout-client-missing': {
      fault: 'The request to sign out has no client_id.',
      cure: 'Add client_id={value}, so that the way back can be checked.',
    },
    'post-logout-unregistered': {
      fault: 'The way back {value} of the request to sign out is not registered.',
      cure: 'It is compared to the letter. Register it as an address after logout if it is right, or correct the settings of the console.',
    },
    'session-survives': {
      fault: 'After signing out at {value} the console’s session goes on.',
      cure: 'End the console’s own session and take its cookie away before leading to the unified login.',
    },
    'legacy-link-missing': {
      fault: 'In the parallel period {value} has no link 「統合認証画面はこちら」.',
      cure: 'Show a link to the sign-in address from link time to cut-over, and see whether the console reads its migration plan.',
    },
    'legacy-link-early': {
      fault: 'Before link time {value} has a link to the unified login.',
      cure: 'Show the link by the times of the migration plan.',
    },
    'legacy-closed-early': {
      fault: 'Before the cut-over the legacy login at {value} does not work (phase {found}).',
      cure: 'Leave the legacy login as it is until the cut-over.',
    },
    'legacy-still-open': {
      fault: 'After the cut-over the legacy login at {value} is still open.',
      cure: 'From the cut-over on lead its page to the sign-in address, and refuse legacy passwords on the server.',
    },
    'event-refused': {
      fault: '{value} does not take a good event, a changed login ID ({found}).',
      cure: 'Look into the log of the console. Events of users that it does not know are answered 202 too.',
    },
  },
});

/** Why something was not looked at, and what to do so that it can be. */
export const NOT_CHECKED_SENTENCES = defineTexts<
  Readonly<Record<NotCheckedCode, { fault: string; cure: string }>>
>({
  ja: {
    'check-under-way': {
      fault: 'この管理画面は、今ほかの担当者が点検しています。',
      cure: '1分ほど待って、もう一度点検してください。',
    },
    'test-user-is-a-person': {
      fault: '点検用の利用者のIDが、実際の利用者と結び付いています。',
      cure: '点検だけに使う利用者を管理画面に作り、そのIDを「点検用の利用者のID」に登録してください。',
    },
    'entrance-first': {
      fault: 'ログイン開始アドレスが使えないため、確かめていません。',
      cure: '先に、ログイン開始アドレスの問題を直してください。',
    },
    'sign-in-first': {
      fault: '点検用の利用者がログインできないため、確かめていません。',
      cure: '先に、「点検用の利用者のログイン」を直してください。',
    },
    'always-asks': {
      fault: '管理画面が毎回パスワードを求めるため (prompt={found})、ログインできませんでした。',
      cure: 'prompt=login や短い max_age を、点検の間は外してください。',
    },
    'answer-by-form': {
      fault: '管理画面が応答をフォーム (form_post) で受け取るため、確かめられません。',
      cure: 'response_mode=form_post を外せる場合は、外して点検してください。',
    },
    'test-user-unknown': {
      fault: '管理画面が、利用者「{value}」を断りました ({found})。',
      cure: '点検だけに使う利用者を、このIDで管理画面に作ってください。別のIDにした場合は「点検用の利用者のID」に登録します。',
    },
    'page-says-nothing': {
      fault: '{value} はログインしていなくても同じに見えるため、ログインしたかどうかが分かりません。',
      cure: 'ログインしている人だけに見えるページ (APIでもよい) を「ログイン中だけ見えるページ」に登録してください。',
    },
    'token-not-asked': {
      fault: '確かめるためのIDトークンを、管理画面が受け取りに来ませんでした ({value})。',
      cure: 'もう一度点検してください。続くときは、管理画面のログを確かめてください。',
    },
    'no-way-out-found': {
      fault: '{value} に、ログアウトのボタンやリンクが見つかりません。',
      cure: 'ログアウトのフォームかリンクのあるページを「ログイン中だけ見えるページ」に登録してください。アドレスに logout を含むと見つかります。',
    },
    'no-dry-run': {
      fault: '段階「{value}」での既存ログインのページは、試せませんでした。',
      cure: 'console-kit の今の版では自動で試せます。ほかの言語では、署名された Hitokagi-Dry-Run ヘッダーに対応すると試せます。',
    },
    'out-of-time': {
      fault: '時間が足りず、確かめていません。',
      cure: '管理画面の応答が遅い原因を除いてから、もう一度点検してください。',
    },
  },
  en: {
    'check-under-way': {
      fault: 'Somebody else checks this console at this moment.',
      cure: 'Wait a minute and check again.',
    },
    'test-user-is-a-person': {
      fault: 'The user ID of the test user belongs to a real user.',
      cure: 'Make a user for checks alone in the console, and register its ID as the user ID of the test user.',
    },
    'entrance-first': {
      fault: 'Not looked at, because the sign-in address cannot be used.',
      cure: 'Put the sign-in address right first.',
    },
    'sign-in-first': {
      fault: 'Not looked at, because the test user cannot sign in.',
      cure: 'Put “The test user signs in” right first.',
    },
    'always-asks': {
      fault: 'The console asks for the password each time (prompt={found}), so nobody could be signed in.',
      cure: 'Leave out prompt=login or a short max_age while it is checked.',
    },
    'answer-by-form': {
      fault: 'The console takes the answer by a form (form_post), which cannot be looked at.',
      cure: 'Leave out response_mode=form_post while it is checked, if that can be done.',
    },
    'test-user-unknown': {
      fault: 'The console refused the user “{value}” ({found}).',
      cure: 'Make a user with this ID in the console, for checks alone, or register the ID of the one that there is.',
    },
    'page-says-nothing': {
      fault: '{value} looks the same to strangers, so that one cannot see whether somebody is signed in.',
      cure: 'Register a page, or an address of an API, that only signed-in people see.',
    },
    'token-not-asked': {
      fault: 'The console did not come for the ID token that it was to be tried with ({value}).',
      cure: 'Check again. If it stays so, look into the log of the console.',
    },
    'no-way-out-found': {
      fault: 'No button or link to sign out was found at {value}.',
      cure: 'Register a page that has one as the page for signed-in people. It is found by “logout” in its address.',
    },
    'no-dry-run': {
      fault: 'The legacy page as it would be in the phase “{value}” could not be tried.',
      cure: 'The present console kit does it by itself. In other languages, answer the signed header Hitokagi-Dry-Run.',
    },
    'out-of-time': {
      fault: 'Not looked at, because there was no time left.',
      cure: 'Find out why the console answers slowly, and check again.',
    },
  },
});
