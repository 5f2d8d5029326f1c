<?php

// The service provider and what is signed for it, written by a test that changes it from one sign-in to the next.

$file = getenv('PROVIDER_FOLDER') . '/service-provider.json';
if (file_exists($file)) {
    $provider = json_decode(file_get_contents($file), true, 512, JSON_THROW_ON_ERROR);
    $metadata[$provider['entityid']] = $provider;
}
