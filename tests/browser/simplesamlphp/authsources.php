<?php

$config = [
    'people' => [
        'exampleauth:UserPass',
        'grace:eniac-and-univac' => [
            'uid' => ['grace'],
            'mail' => ['grace@example.org'],
            'givenName' => ['Grace'],
            'sn' => ['Hopper'],
            'displayName' => ['Grace Hopper'],
        ],
        'radia:spanning-tree' => [
            'uid' => ['radia'],
            'mail' => ['radia@example.org'],
            'displayName' => ['Radia Perlman'],
        ],
    ],
];
