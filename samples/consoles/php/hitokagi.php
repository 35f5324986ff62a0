<?php

declare(strict_types=1);

/*
 * What joins a PHP console to the unified login, around the library jumbojett/openid-connect-php. Settings by environment: HITOKAGI_ISSUER, HITOKAGI_CLIENT_ID, HITOKAGI_CLIENT_SECRET,
 * CONSOLE_URL, and HITOKAGI_ENDED (a folder of its own, or put ended_sessions() into your database).
 */

require __DIR__ . '/vendor/autoload.php';

use Jumbojett\OpenIDConnectClient;

function setting(string $name): string
{
    $value = getenv($name);
    if ($value === false || $value === '') {
        throw new RuntimeException("$name is not set.");
    }
    return $value;
}

function console_url(): string
{
    return rtrim(setting('CONSOLE_URL'), '/');
}

function unified_login(): OpenIDConnectClient
{
    $client = new OpenIDConnectClient(setting('HITOKAGI_ISSUER'), setting('HITOKAGI_CLIENT_ID'), setting('HITOKAGI_CLIENT_SECRET'));
    $client->setRedirectURL(console_url() . '/auth/callback');
    $client->addScope(['email', 'profile']);
    $client->setCodeChallengeMethod('S256');
    // Plain http is for development on this machine alone.
    $client->setHttpUpgradeInsecureRequests(str_starts_with(console_url(), 'https:'));
    return $client;
}

/** The session of this console: its own cookie, its own time-outs. */
function begin_session(): void
{
    session_name(str_starts_with(console_url(), 'https:') ? '__Host-shop' : 'shop');
    session_set_cookie_params([
        'path' => '/', 'httponly' => true, 'samesite' => 'Lax', 'secure' => str_starts_with(console_url(), 'https:'),
    ]);
    session_start(['use_strict_mode' => 1]);
}

/** Who is signed in: null for nobody, and for a session that has been ended from outside (back-channel logout). */
function person(): ?array
{
    $person = $_SESSION['person'] ?? null;
    if ($person !== null && is_ended($person['sid'])) {
        $_SESSION = [];
        return null;
    }
    return $person;
}

/** GET /auth/start: begins a sign-in, also one that the unified login began (OpenID Connect Core, section 4). */
function start(): void
{
    $issuer = $_GET['iss'] ?? null;
    if ($issuer !== null && rtrim((string) $issuer, '/') !== rtrim(setting('HITOKAGI_ISSUER'), '/')) {
        refuse();
        return;
    }
    $_SESSION['target'] = path_here($_GET['target_link_uri'] ?? $_GET['return_path'] ?? null) ?? '/';
    $client = unified_login();
    if (is_string($_GET['login_hint'] ?? null) && strlen($_GET['login_hint']) <= 320) {
        $client->addAuthParam(['login_hint' => $_GET['login_hint']]);
    }
    $client->authenticate();
}

/** GET /auth/callback: ends it. */
function callback(): void
{
    $target = $_SESSION['target'] ?? '/';
    $client = unified_login();
    try {
        if (($_GET['iss'] ?? null) !== setting('HITOKAGI_ISSUER') || !isset($_GET['code'])) {
            throw new RuntimeException('not an answer of this login server');
        }
        $client->authenticate();
    } catch (Throwable $error) {
        error_log('sign-in: ' . $error->getMessage());
        refuse();
        return;
    }
    $claims = $client->getVerifiedClaims();
    // The console's own user id, never the address. Who has none is no user here.
    if (!isset($claims->console_user_id, $claims->sid)) {
        refuse();
        return;
    }
    session_regenerate_id(true);
    $_SESSION = ['person' => [
        'user' => $claims->console_user_id, 'email' => $claims->email ?? null, 'name' => $claims->name ?? null,
        'sub' => $claims->sub, 'sid' => $claims->sid, 'id_token' => $client->getIdToken(),
    ]];
    header('Location: ' . console_url() . $target, true, 303);
}

/** POST /logout: ends this session, then the unified one, and with it every console's. */
function leave(): void
{
    $person = person();
    $_SESSION = [];
    session_destroy();
    if ($person === null) {
        header('Location: ' . console_url() . '/', true, 303);
        return;
    }
    unified_login()->signOut($person['id_token'], console_url() . '/');
}

/** POST /auth/backchannel-logout: the unified login says that a session has ended. 200 when it is done, 400 for a token that is none. */
function backchannel_logout(): void
{
    header('Cache-Control: no-store');
    try {
        $client = unified_login();
        if (!$client->verifyLogoutToken() || $client->getSidFromBackChannel() === null) {
            throw new RuntimeException('not a logout token');
        }
        end_session($client->getSidFromBackChannel());
        http_response_code(200);
    } catch (Throwable $error) {
        error_log('back-channel logout: ' . $error->getMessage());
        http_response_code(400);
    }
}

/** Sessions of PHP lie under ids that nobody knows from outside, so what has ended is written down and asked for. Keep entries as long as sessions live at the longest. */
function end_session(string $sid): void
{
    if (file_put_contents(ended_file($sid), '', LOCK_EX) === false) {
        throw new RuntimeException('could not be written down');
    }
}

function is_ended(string $sid): bool
{
    clearstatcache(true, ended_file($sid));
    return file_exists(ended_file($sid));
}

function ended_file(string $sid): string
{
    return setting('HITOKAGI_ENDED') . '/' . hash('sha256', $sid);
}

/** The path of an address on this console; null if it could lead anywhere else. */
function path_here(mixed $address): ?string
{
    if (!is_string($address) || strlen($address) > 1000 || preg_match('/[\x00-\x20\x7f\\\\]/', $address)) {
        return null;
    }
    if (str_starts_with($address, console_url() . '/')) {
        $address = substr($address, strlen(console_url()));
    }
    return str_starts_with($address, '/') && !str_starts_with($address, '//') ? $address : null;
}

function refuse(): void
{
    http_response_code(400);
    header('Content-Type: text/html; charset=utf-8');
    echo '<!doctype html><html lang="ja"><title>ログインできませんでした</title><h1>ログインできませんでした</h1>'
        . '<p>ログインの手続きを完了できませんでした。<a href="/auth/start">もう一度ログインする</a></p>'
        . '<p lang="en">The sign-in could not be completed. <a href="/auth/start">Sign in again</a></p></html>';
}
