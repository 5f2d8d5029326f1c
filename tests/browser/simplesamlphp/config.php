<?php

// SimpleSAMLphp as an identity provider for tests. ../simplesamlphp.mjs sets the two variables.

$config = [
    'baseurlpath' => getenv('PROVIDER_URL') . '/',
    'certdir' => getenv('PROVIDER_FOLDER') . '/',
    'tempdir' => getenv('PROVIDER_FOLDER') . '/tmp',
    'session.phpsession.savepath' => getenv('PROVIDER_FOLDER') . '/sessions',
    'store.type' => 'phpsession',
    'secretsalt' => 'only for tests',
    'auth.adminpassword' => 'nobody signs in with this',
    'technicalcontact_name' => 'Tests',
    'technicalcontact_email' => 'tests@example.org',
    'timezone' => 'UTC',
    'language.default' => 'en',
    'logging.handler' => 'errorlog',
    'logging.level' => SimpleSAML\Logger::WARNING,
    'enable.saml20-idp' => true,
    'module.enable' => ['core' => true, 'saml' => true, 'exampleauth' => true],
    'metadata.sources' => [['type' => 'flatfile', 'directory' => __DIR__ . '/metadata']],
];
