/**
 * Runs in the sandbox, in the work tree. Everything is computed from the files and the commit `$start` in the mounted repository
 * `$base`, with a new git directory: the one of the agent, its configuration and its index are not used.
 *
 * `list` reads requested paths and prints records that end with a NUL byte: a letter, a space and a path. `bundle` reads records
 * with the paths to add (A) or remove (D) and prints `P`, a NUL byte and the bundle, or `N` if nothing differs from the commit. An
 * error that the content of the work tree causes is a record with the letter E.
 */
export const WORK_TREE_SCRIPT = `
set -u -o pipefail
mode=$1 base=$2 start=$3
fail() { printf 'E %s\\0' "$1"; exit 0; }
reason() { tail -n 3 "$dir/errors" | head -c 500; }
dir=$(mktemp -d "$TMPDIR/teko.XXXXXXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
cat > "$dir/input" || exit 1
work=$PWD
git init -q --bare --template= "$dir/git" || exit 1
cat > "$dir/git/config" <<'END' || exit 1
[core]
	repositoryFormatVersion = 0
	bare = true
	hooksPath = /dev/null
	fileMode = true
	symlinks = true
	ignoreCase = false
	safecrlf = false
	quotePath = false
	compression = 1
[gc]
	auto = 0
[pack]
	threads = 1
END
mkdir -p "$dir/git/objects/info" && printf '%s\\n' "$base/objects" > "$dir/git/objects/info/alternates" || exit 1
[ ! -f "$base/shallow" ] || cp "$base/shallow" "$dir/git/shallow" || exit 1
export GIT_DIR=$dir/git GIT_WORK_TREE=$work GIT_LITERAL_PATHSPECS=1
git read-tree "$start" || exit 1
tagged() { sed -z "s/^/$1 /"; }

list() {
  # Files and folders that the agent made unreadable.
  find . -xdev -path ./.git -prune -o \\( -type d ! -perm -u=rwx -exec chmod u+rwx {} \\; \\) \\
    -o \\( -type f ! -perm -u=r -exec chmod u+r {} \\; \\) 2>/dev/null
  git update-index -q --refresh --ignore-submodules >/dev/null 2>&1
  git diff-files -z --name-status --no-renames --ignore-submodules=all > "$dir/status" || exit 1
  : > "$dir/changed"; : > "$dir/deleted"; : > "$dir/real"
  while IFS= read -r -d '' status && IFS= read -r -d '' path; do
    if [ "$status" != D ] && { [ -L "$path" ] || [ -f "$path" ]; }; then printf '%s\\0' "$path" >> "$dir/changed"
    else printf '%s\\0' "$path" >> "$dir/deleted"; fi
  done < "$dir/status"
  if [ -s "$dir/deleted" ]; then skip_unchecked; fi
  if [ -s "$dir/changed" ] && git ls-files -z | grep -zqE '(^|/)\\.gitattributes$'; then skip_unchanged; fi
  tagged M < "$dir/changed"
  tagged D < "$dir/deleted"
  untracked --directory --no-empty-directory | head -c 2000000 > "$dir/folders"
  untracked -x node_modules/ -x venv/ -x .venv/ -x target/ -x __pycache__/ -x dist/ -x coverage/ -x .tox/ | head -c 2000000 > "$dir/files"
  for file in folders files; do complete "$dir/$file"; done
  tagged U < "$dir/folders"
  tagged U < "$dir/files"
  grep -z '/$' "$dir/files" | tagged N
  through_links
  xargs -0 -r git ls-files -o -z -- < "$dir/real" 2>/dev/null | head -c 4000000 | sort -zu > "$dir/requested"
  xargs -0 -r git ls-files -o -z --exclude-per-directory=.gitignore -- < "$dir/real" 2>/dev/null | head -c 4000000 | sort -zu > "$dir/allowed"
  comm -z -12 "$dir/requested" "$dir/allowed" | tagged R
  comm -z -23 "$dir/requested" "$dir/allowed" | tagged I
  if [ -s "$dir/deleted" ] && [ -s "$dir/files" ]; then renames; fi
  printf 'Z \\0'
}

untracked() { git ls-files -o -z --exclude-per-directory=.gitignore "$@"; }

# Finds the files that were requested by a path through a folder that is a link.
through_links() {
  while IFS= read -r -d '' path; do
    real=$path
    part=\${path%/*}
    while [ "$part" != "$path" ] && [ -n "$part" ]; do
      if [ -L "$part" ]; then
        real=$(realpath -m --relative-to=. -- "$path" 2>/dev/null; printf x)
        real=\${real%?x}
        printf 'L %s\\0K %s\\0' "$path" "$real"
        break
      fi
      case $part in */*) part=\${part%/*} ;; *) break ;; esac
    done
    case $real in ..|../*) ;; *) printf '%s\\0' "$real" >> "$dir/real" ;; esac
  done < "$dir/input"
}

# Cuts an incomplete record at the end.
complete() {
  if [ -s "$1" ] && [ "$(tail -c 1 "$1" | od -An -tx1 | tr -d ' ')" != 00 ]; then
    sed -z -i '$d' "$1"
  fi
}

# Takes back the deletion of submodules, and of files that a sparse checkout of the agent left out.
skip_unchecked() {
  git ls-files -s -z | sed -z -n 's/^160000 [0-9a-f]* 0\\t//p' > "$dir/kept"
  if [ ! -L .git ] && [ ! -L .git/index ] && [ -f .git/index ]; then
    head -c 100000000 .git/index > "$dir/agent-index"
    GIT_INDEX_FILE=$dir/agent-index timeout 20 git ls-files -t -z 2>/dev/null | sed -z -n 's/^S //p' >> "$dir/kept"
  fi
  sort -zu "$dir/kept" -o "$dir/kept"
  sort -zu "$dir/deleted" -o "$dir/deleted"
  comm -z -23 "$dir/deleted" "$dir/kept" > "$dir/rest" && mv "$dir/rest" "$dir/deleted"
}

# Takes back changes that only the conversion of line ends or encodings makes: the file is as git checks it out.
skip_unchanged() {
  git checkout-index -z --stdin --prefix="$dir/pristine/" < "$dir/changed" 2>/dev/null
  while IFS= read -r -d '' path; do
    same=0
    if [ ! -L "$path" ] && [ -f "$dir/pristine/$path" ] && cmp -s "$path" "$dir/pristine/$path"; then
      if [ -x "$path" ]; then [ ! -x "$dir/pristine/$path" ] || same=1; else [ -x "$dir/pristine/$path" ] || same=1; fi
    fi
    [ $same = 1 ] || printf '%s\\0' "$path"
  done < "$dir/changed" > "$dir/rest"
  mv "$dir/rest" "$dir/changed"
  rm -rf "$dir/pristine"
}

# Finds deleted files whose content is now in an untracked file, among a bounded number of small files.
renames() {
  cp "$GIT_DIR/index" "$dir/renames"
  count=0 total=0
  while IFS= read -r -d '' size && IFS= read -r -d '' path; do
    [ "$size" -gt 0 ] && [ "$size" -le 1000000 ] && [ ! -L "$path" ] && [ -f "$path" ] || continue
    count=$((count + 1)) total=$((total + size))
    [ $count -le 2000 ] && [ $total -le 50000000 ] || break
    printf '%s\\0' "$path"
  done < <(grep -zv '/$' "$dir/files" | head -z -n 5000 | xargs -0 -r stat --printf='%s\\0%n\\0' -- 2>/dev/null) > "$dir/candidates"
  GIT_INDEX_FILE=$dir/renames git update-index --force-remove -z --stdin < "$dir/deleted" 2>/dev/null || return 0
  GIT_INDEX_FILE=$dir/renames git update-index --add --replace -z --stdin < "$dir/candidates" 2>/dev/null || return 0
  GIT_INDEX_FILE=$dir/renames git diff-index --cached -z --name-status -M60% -l2000 --diff-filter=R "$start" 2>/dev/null |
    while IFS= read -r -d '' score && IFS= read -r -d '' from && IFS= read -r -d '' to; do
      printf 'F %s\\0T %s\\0' "$from" "$to"
    done
}

bundle() {
  sed -z -n 's/^A //p' "$dir/input" > "$dir/add"
  sed -z -n 's/^D //p' "$dir/input" > "$dir/remove"
  total=0
  while IFS= read -r -d '' size && IFS= read -r -d '' path; do
    [ "$size" -le 52428800 ] || fail "$path is larger than 50 MB"
    total=$((total + size))
  done < <(xargs -0 -r stat --printf='%s\\0%n\\0' -- < "$dir/add" 2>/dev/null)
  [ "$total" -le 209715200 ] || fail 'it is larger than 200 MB'
  git update-index --force-remove -z --stdin < "$dir/remove" 2> "$dir/errors" || fail "$(reason)"
  git update-index --add --remove --replace -z --stdin < "$dir/add" 2> "$dir/errors" || fail "$(reason)"
  tree=$(git write-tree 2> "$dir/errors") || fail "$(reason)"
  if [ "$tree" = "$(git rev-parse "$start^{tree}")" ]; then printf 'N\\0'; exit 0; fi
  commit=$(git commit-tree -p "$start" -m result "$tree") || exit 1
  git update-ref refs/heads/teko-result "$commit" || exit 1
  printf 'P\\0'
  git bundle create -q - refs/heads/teko-result "^$start" || exit 1
}

"$mode"
`;
