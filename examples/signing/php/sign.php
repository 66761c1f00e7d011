<?php
// php sign.php KEY SALT PATH

/** Path with its signature in front. Key and salt as in IMGPROXY_KEY and IMGPROXY_SALT; path begins with a slash. */
function sign_path(string $key, string $salt, string $path): string
{
    $digest = hash_hmac('sha256', hex2bin($salt) . $path, hex2bin($key), true);
    return '/' . rtrim(strtr(base64_encode($digest), '+/', '-_'), '=') . $path;
}

[, $key, $salt, $path] = $argv;
echo sign_path($key, $salt, $path), "\n";
