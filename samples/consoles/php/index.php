<?php

declare(strict_types=1);

require __DIR__ . '/hitokagi.php';

/* The console itself: here it only says who is there. */
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/auth/backchannel-logout' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    backchannel_logout();
    return;
}
begin_session();
try {
    switch ($_SERVER['REQUEST_METHOD'] . ' ' . $path) {
        case 'GET /auth/start':
            start();
            break;
        case 'GET /auth/callback':
            callback();
            break;
        case 'POST /logout':
            leave();
            break;
        default:
            page();
    }
} catch (RuntimeException $error) {
    error_log($error->getMessage());
    unavailable();
}

function page(): void
{
    $person = person();
    if ($person === null) {
        redirect('/auth/start?return_path=' . rawurlencode($_SERVER['REQUEST_URI']));
        return;
    }
    header('Content-Type: application/json');
    unset($person['id_token']);
    echo json_encode(['path' => $_SERVER['REQUEST_URI']] + $person, JSON_UNESCAPED_UNICODE);
}
