#!/bin/sh
# Makes the secrets of deploy/compose.yml, each in a file of its own: `sh deploy/compose/make-secrets.sh [FOLDER]`. Without an
# argument the folder is deploy/compose/secrets. It keeps the files of an earlier run, and says where the token for people is.
set -eu

folder=${1:-$(dirname "$0")/secrets}
write() { printf '%s\n' "$2" >"$folder/$1"; }

# Only you enter the folder. The files in it are readable: the containers read them as users of their own.
mkdir -p "$folder"
chmod 700 "$folder"
umask 022
[ -e "$folder/webhooks.json" ] || write webhooks.json '{ "webhooks": [] }' # version 0.1.0 made none
if [ -e "$folder/redis.conf" ]; then
  printf 'The secrets are in %s already. Delete the folder to make new ones.\n' "$folder"
  exit 0
fi

random_hex() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
sha256() { printf %s "$1" | sha256sum | cut -d' ' -f1; }

redis_password=$(random_hex)
admin_token=$(random_hex)
grafana_token=$(random_hex)
write redis-url "redis://:$redis_password@redis:6379/0"
write metrics-token "$(random_hex)"
write victoria-metrics-key "$(random_hex)"
write admin-token "$admin_token"
write grafana-token "$grafana_token"
write grafana-password "$(random_hex)"
write api-tokens.yml "tokens:
  - name: admin
    sha256: $(sha256 "$admin_token")
    scopes: [metrics:read, tasks:read, tasks:write, queue:admin]
  - name: grafana
    sha256: $(sha256 "$grafana_token")
    scopes: [metrics:read]"
write redis.conf "requirepass $redis_password" # last: its presence says that all are there
printf 'The secrets are in %s. The token for the dashboard and the API is in admin-token there.\n' "$folder"
