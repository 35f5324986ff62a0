<?php

declare(strict_types=1);

/*
 * What joins a PHP console to the unified login, with nothing but PHP's own curl and openssl. Settings by environment: HITOKAGI_ISSUER, HITOKAGI_CLIENT_ID, HITOKAGI_CLIENT_SECRET,
 * CONSOLE_URL, and HITOKAGI_STATE (a folder of its own for what has ended and which tokens were used; with several nodes a table of your database).
 */

const LONGEST_ADDRESS = 1000;
const CLOCKS_DIFFER = 30;

/** GET /auth/start: begins a sign-in (code flow, PKCE), also one that the unified login began (OpenID Connect Core, section 4). */
function start(): void
{
    $issuer = $_GET['iss'] ?? null;
    if ($issuer !== null && $issuer !== setting('HITOKAGI_ISSUER')) {
        refuse();
        return;
    }
    [$state, $nonce, $verifier] = [secret(), secret(), secret()];
    // Several tabs at once: each sign-in has a place of its own, the oldest goes first.
    $_SESSION['pending'] = array_slice($_SESSION['pending'] ?? [], -4, null, true) + [$state => [
        'nonce' => $nonce, 'verifier' => $verifier, 'at' => time(),
        'target' => path_here($_GET['target_link_uri'] ?? $_GET['return_path'] ?? null) ?? '/',
    ]];
    $hint = $_GET['login_hint'] ?? '';
    redirect(discovered('authorization_endpoint') . '?' . http_build_query([
        'client_id' => setting('HITOKAGI_CLIENT_ID'), 'response_type' => 'code', 'redirect_uri' => console_url() . '/auth/callback',
        'scope' => 'openid email profile', 'state' => $state, 'nonce' => $nonce,
        'code_challenge' => encoded(hash('sha256', $verifier, true)), 'code_challenge_method' => 'S256',
    ] + (is_string($hint) && $hint !== '' && strlen($hint) <= 320 ? ['login_hint' => $hint] : [])));
}

/** GET /auth/callback: ends it, with a session of a new id. */
function callback(): void
{
    $state = is_string($_GET['state'] ?? null) ? $_GET['state'] : '';
    $pending = $_SESSION['pending'][$state] ?? null;
    unset($_SESSION['pending'][$state]);
    try {
        if ($pending === null || time() - $pending['at'] > 3600) {
            throw new RuntimeException('no sign-in of this browser, or an old one');
        }
        if (($_GET['iss'] ?? null) !== setting('HITOKAGI_ISSUER') || !is_string($_GET['code'] ?? null)) {
            throw new RuntimeException('refused: ' . substr((string) json_encode($_GET['error'] ?? 'not our issuer'), 0, 100));
        }
        $tokens = http('POST', discovered('token_endpoint'), [
            'grant_type' => 'authorization_code', 'code' => $_GET['code'], 'code_verifier' => $pending['verifier'],
            'redirect_uri' => console_url() . '/auth/callback',
        ]);
        $claims = verified($tokens['id_token'] ?? '');
        if (!isset($claims['nonce']) || !hash_equals($pending['nonce'], (string) $claims['nonce'])) {
            throw new RuntimeException('another nonce');
        }
        // The console's own user id, never the address. Who has none is no user here.
        if (!isset($claims['console_user_id'], $claims['sid'])) {
            throw new RuntimeException('no user of this console');
        }
    } catch (RuntimeException $error) {
        error_log('sign-in: ' . $error->getMessage());
        refuse();
        return;
    }
    session_regenerate_id(true);
    $_SESSION['person'] = [
        'user' => $claims['console_user_id'], 'email' => $claims['email'] ?? null, 'name' => $claims['name'] ?? null,
        'sub' => $claims['sub'], 'sid' => $claims['sid'], 'id_token' => $tokens['id_token'],
    ];
    redirect(console_url() . $pending['target']);
}

/** Who is signed in: null for nobody, and for a session that was ended from outside. */
function person(): ?array
{
    $person = $_SESSION['person'] ?? null;
    if ($person !== null && file_exists(noted('ended', $person['sid']))) {
        $_SESSION = [];
        return null;
    }
    return $person;
}

/** POST /logout: ends this session, then the unified one, and with it every console's (RP-Initiated Logout). */
function leave(): void
{
    $person = person();
    $_SESSION = [];
    session_destroy();
    redirect($person === null ? console_url() . '/' : discovered('end_session_endpoint') . '?' . http_build_query([
        'id_token_hint' => $person['id_token'], 'client_id' => setting('HITOKAGI_CLIENT_ID'), 'post_logout_redirect_uri' => console_url() . '/',
    ]));
}

/** POST /auth/backchannel-logout: a session has ended. 200 when it is noted, 400 for a token that is none, and then nothing ends (Back-Channel Logout, sections 2.6 to 2.8). */
function backchannel_logout(): void
{
    header('Cache-Control: no-store');
    try {
        $claims = verified(is_string($_POST['logout_token'] ?? null) ? $_POST['logout_token'] : '', 'logout+jwt');
        $isLogout = is_array($claims['events']['http://schemas.openid.net/event/backchannel-logout'] ?? null);
        if (!$isLogout || isset($claims['nonce']) || !is_string($claims['sid'] ?? null) || !is_string($claims['jti'] ?? null)) {
            throw new RuntimeException('not a logout token');
        }
        if (time() - $claims['iat'] > 120 + CLOCKS_DIFFER) {
            throw new RuntimeException('too old');
        }
        // PHP finds sessions by their cookie only, so what has ended is written down and asked for. Keep the files as long as sessions live.
        if (@fopen(noted('used', $claims['jti']), 'x') === false) {
            throw new RuntimeException('used before');
        }
        touch(noted('ended', $claims['sid'])) || throw new RuntimeException('could not be written down');
    } catch (RuntimeException $error) {
        error_log('back-channel logout: ' . $error->getMessage());
        http_response_code(400);
    }
}

/** The session of this console: its own cookie, its own time-outs. */
function begin_session(): void
{
    $secure = str_starts_with(console_url(), 'https:');
    session_name($secure ? '__Host-shop' : 'shop');
    session_set_cookie_params(['path' => '/', 'httponly' => true, 'samesite' => 'Lax', 'secure' => $secure]);
    session_start(['use_strict_mode' => 1]);
}

/** The claims of a token that the unified login signed for this console with RS256, and for nobody else (OpenID Connect Core, section 3.1.3.7). */
function verified(string $token, ?string $type = null): array
{
    $parts = explode('.', $token);
    $header = json_decode(decoded($parts[0]), true);
    $claims = json_decode(decoded($parts[1] ?? ''), true);
    if (count($parts) !== 3 || !is_array($header) || !is_array($claims) || ($header['alg'] ?? null) !== 'RS256') {
        throw new RuntimeException('not a token, or not RS256');
    }
    if ($type !== null && strtolower($header['typ'] ?? $type) !== $type) {
        throw new RuntimeException('another type of token');
    }
    $key = signing_key($header['kid'] ?? '');
    if ($key === null || openssl_verify("$parts[0].$parts[1]", decoded($parts[2]), rsa_public_key($key), OPENSSL_ALGO_SHA256) !== 1) {
        throw new RuntimeException('not signed by the unified login');
    }
    [$iss, $aud, $exp, $iat] = [$claims['iss'] ?? null, $claims['aud'] ?? null, $claims['exp'] ?? 0, $claims['iat'] ?? PHP_INT_MAX];
    $isOurs = $iss === setting('HITOKAGI_ISSUER') && ($aud === setting('HITOKAGI_CLIENT_ID') || $aud === [setting('HITOKAGI_CLIENT_ID')]);
    if (!$isOurs || $exp < time() - CLOCKS_DIFFER || $iat > time() + CLOCKS_DIFFER || !is_string($claims['sub'] ?? null)) {
        throw new RuntimeException('for somebody else, or not at this time');
    }
    return $claims;
}

/** A signing key, from what was read in the last minutes; a key that is not among them is looked for once more. */
function signing_key(string $kid): ?array
{
    foreach ([300, 30] as $age) {
        foreach (kept('keys', $age, fn () => http('GET', discovered('jwks_uri')))['keys'] as $key) {
            if (($key['kid'] ?? null) === $kid && ($key['kty'] ?? null) === 'RSA') {
                return $key;
            }
        }
    }
    return null;
}

function discovered(string $name): string
{
    $document = kept('discovery', 300, fn () => http('GET', setting('HITOKAGI_ISSUER') . '/.well-known/openid-configuration'));
    if (($document['issuer'] ?? null) !== setting('HITOKAGI_ISSUER')) {
        throw new RuntimeException('the discovery document is of another issuer');
    }
    return $document[$name];
}

/** What was read at most so many seconds ago; when it cannot be read anew, what was read last. */
function kept(string $name, int $seconds, callable $read): array
{
    $file = setting('HITOKAGI_STATE') . "/$name.json";
    clearstatcache(true, $file);
    $known = file_exists($file) ? json_decode((string) file_get_contents($file), true) : null;
    if (is_array($known) && time() - filemtime($file) < $seconds) {
        return $known;
    }
    try {
        $value = $read();
    } catch (RuntimeException $error) {
        return is_array($known) ? $known : throw $error;
    }
    file_put_contents("$file." . getmypid(), json_encode($value));
    rename("$file." . getmypid(), $file);
    return $value;
}

function http(string $method, string $url, array $form = []): array
{
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 5, CURLOPT_FOLLOWLOCATION => false, CURLOPT_PROTOCOLS => CURLPROTO_HTTPS | CURLPROTO_HTTP,
    ]);
    if ($method === 'POST') {
        curl_setopt_array($curl, [
            CURLOPT_POSTFIELDS => http_build_query($form),
            CURLOPT_USERPWD => rawurlencode(setting('HITOKAGI_CLIENT_ID')) . ':' . rawurlencode(setting('HITOKAGI_CLIENT_SECRET')),
        ]);
    }
    $answer = curl_exec($curl);
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    $value = is_string($answer) ? json_decode($answer, true) : null;
    if ($status !== 200 || !is_array($value)) {
        throw new RuntimeException("$method " . parse_url($url, PHP_URL_PATH) . ": $status " . ($value['error'] ?? curl_error($curl)));
    }
    return $value;
}

/** RFC 7518, section 6.3.1, as PEM. */
function rsa_public_key(array $jwk): string
{
    $integer = fn (string $bytes): string => der("\x02", ord($bytes[0]) > 0x7f ? "\0$bytes" : $bytes);
    $key = der("\x30", $integer(decoded($jwk['n'])) . $integer(decoded($jwk['e'])));
    $info = der("\x30", "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00" . der("\x03", "\0$key"));
    return "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($info), 64) . "-----END PUBLIC KEY-----\n";
}

function der(string $tag, string $value): string
{
    $length = strlen($value);
    return $tag . ($length < 0x80 ? chr($length) : ($length < 0x100 ? "\x81" . chr($length) : "\x82" . pack('n', $length))) . $value;
}

/** The path of an address on this console; null if it could lead anywhere else. */
function path_here(mixed $address): ?string
{
    if (!is_string($address) || strlen($address) > LONGEST_ADDRESS || preg_match('/[\x00-\x20\x7f\\\\]/', $address)) {
        return null;
    }
    if (str_starts_with($address, console_url() . '/')) {
        $address = substr($address, strlen(console_url()));
    }
    return str_starts_with($address, '/') && !str_starts_with($address, '//') ? $address : null;
}

function noted(string $kind, string $id): string
{
    return setting('HITOKAGI_STATE') . "/$kind-" . hash('sha256', $id);
}

function secret(): string
{
    return encoded(random_bytes(32));
}

function encoded(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

function decoded(string $text): string
{
    return (string) base64_decode(strtr($text, '-_', '+/'), true);
}

function setting(string $name): string
{
    $value = getenv($name);
    return is_string($value) && $value !== '' ? $value : throw new RuntimeException("$name is not set.");
}

function console_url(): string
{
    return rtrim(setting('CONSOLE_URL'), '/');
}

function redirect(string $address): void
{
    header('Cache-Control: no-store');
    header("Location: $address", true, 303);
}

/** The unified login cannot be reached: who is signed in goes on, who is not tries again later. */
function unavailable(): void
{
    http_response_code(503);
    header('Content-Type: text/html; charset=utf-8');
    header('Cache-Control: no-store');
    header('Retry-After: 30');
    echo '<!doctype html><html lang="ja"><title>統合認証につながりません</title><h1>統合認証につながりません</h1>'
        . '<p>しばらく待ってから、もう一度お試しください。</p>'
        . '<p lang="en">The unified login cannot be reached. Please wait a little and try again.</p></html>';
}

function refuse(): void
{
    http_response_code(400);
    header('Content-Type: text/html; charset=utf-8');
    header('Cache-Control: no-store');
    echo '<!doctype html><html lang="ja"><title>ログインできませんでした</title><h1>ログインできませんでした</h1>'
        . '<p>ログインの手続きを完了できませんでした。<a href="/auth/start">もう一度ログインする</a></p>'
        . '<p lang="en">The sign-in could not be completed. <a href="/auth/start">Sign in again</a></p></html>';
}
