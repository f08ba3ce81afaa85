#!/bin/sh
# Runs tests that start real servers, four files at once: each mostly waits. The services that they start a few hundred
# times keep their compiled code in the cache.
NODE_COMPILE_CACHE=$PWD/node_modules/.cache/compiled exec node --test --test-timeout=240000 --test-concurrency=4 "$@"
